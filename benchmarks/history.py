"""A self-organizing map learned in batches, side by side with other libraries; and how long Hopfield's network recalls.

All maps have 20 by 20 units and start from the same units, laid in the plane of the first two principal components.
All see the same 5,000 examples of 64 features (the book's ``strokes``, averaged to 8 by 8 pixels) for 10 epochs, with
Gaussian neighborhoods of the same radii: radius / (1 + 2 t / 10) in epoch t, both peers' default decay. Only learning
is timed. The errors are those of the last units on those examples, by gennb's measures:

- ``gennb``, `gennb.history.SelfOrganizingMap.fit`: all examples at once, a pass for each radius;
- ``torchsom`` by stochastic steps on batches: of 5 at a rate from 0.5, its defaults; of 100 and of all examples at a
  rate from 0.95, which its authors' benchmark uses with the latter. It also measures its errors on each batch; that
  cannot be turned off;
- ``MiniSom`` by ``train``, example after example in random order at a rate from 0.5, its default; and by
  ``train_batch_offline`` at a constant rate of 1, which is gennb's algorithm.

Then Hopfield's network of 1,000 units that stores 100 patterns: the seconds of one sweep of 1,000 states, recalled
together from patterns with a tenth of the signs flipped.

The peers are torchsom 1.3.1 and MiniSom 2.3.6 (``pip install torchsom==1.3.1 minisom==2.3.6``).

    python benchmarks/history.py [--runs 5] [--radius 5] [--threads 2]
"""

from __future__ import annotations

import argparse
import importlib.util
import statistics
from collections.abc import Callable

import torch
from side_by_side import alternate, report
from threadpoolctl import threadpool_limits
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

from gennb.data import load
from gennb.history import Hopfield, SelfOrganizingMap

EXAMPLES, EPOCHS = 5_000, 10
SHAPE = ROWS, COLUMNS, FEATURES = 20, 20, 64
N, PATTERNS, STATES, FLIPPED = 1_000, 100, 1_000, 0.1


def machine(W: Tensor) -> SelfOrganizingMap:
    som = SelfOrganizingMap(*SHAPE)
    som.W = W.reshape(-1, FEATURES).float().clone()
    return som


def learn_gennb(x: Tensor, start: Tensor, radii: list[float]) -> Tensor:
    som = machine(start)
    som.fit(x, radii)
    return som.W


def learn_torchsom(x: Tensor, start: Tensor, radius: float, batch_size: int, rate: float) -> Tensor:
    from torchsom.core import SOM

    peer = SOM(
        *SHAPE,
        epochs=EPOCHS,
        batch_size=batch_size,
        sigma=radius,
        learning_rate=rate,
        device="cpu",
    )
    weights: Tensor = peer.weights.data.copy_(start.reshape(SHAPE))
    peer.fit(x, verbose=False)
    return weights


def learn_minisom(x: Tensor, start: Tensor, radius: float, offline: bool) -> Tensor:
    from minisom import MiniSom

    options = {"learning_rate": 1.0, "decay_function": lambda rate, *_: rate} if offline else {}
    peer = MiniSom(*SHAPE, sigma=radius, random_seed=0, **options)
    peer.get_weights()[:] = start.reshape(SHAPE)
    data = x.double().numpy()  # its weights are doubles
    if offline:
        peer.train_batch_offline(data, EPOCHS)
    else:
        peer.train(data, EPOCHS, random_order=True, use_epochs=True)
    return torch.from_numpy(peer.get_weights())


def milliseconds(seconds: list[float]) -> str:
    low, middle, high = (1000 * f(seconds) for f in (min, statistics.median, max))
    return f"{middle:.1f} ms ({low:.1f}-{high:.1f})"


def maps(runs: int, radius: float) -> None:
    x = adaptive_avg_pool2d(load("strokes", n=EXAMPLES).x, 8).flatten(1)
    flat = SelfOrganizingMap(*SHAPE)
    flat.spread(x)
    start = flat.W
    radii = [radius / (1 + 2 * t / EPOCHS) for t in range(EPOCHS)]
    calls: dict[str, Callable[[], Tensor]] = {"gennb": lambda: learn_gennb(x, start, radii)}
    if importlib.util.find_spec("torchsom"):
        calls |= {
            "torchsom, batches of 5": lambda: learn_torchsom(x, start, radius, 5, 0.5),
            "torchsom, batches of 100": lambda: learn_torchsom(x, start, radius, 100, 0.95),
            "torchsom, all at once": lambda: learn_torchsom(x, start, radius, EXAMPLES, 0.95),
        }
    if importlib.util.find_spec("minisom"):
        calls |= {
            "MiniSom, one by one": lambda: learn_minisom(x, start, radius, offline=False),
            "MiniSom, all at once": lambda: learn_minisom(x, start, radius, offline=True),
        }
    for call in calls.values():
        call()  # imports, and memory that is touched for the first time
    seconds, units = alternate(runs, **calls)

    def errors(W: Tensor) -> str:
        som = machine(W)
        return f"  quantization {som.quantization_error(x):.4f}, topographic {som.topographic_error(x):.4f}"

    quality = {name: errors(W) for name, W in units.items()}
    quality["gennb"] += f"; {milliseconds(seconds['gennb'])}"
    title = (
        f"Map of {ROWS} x {COLUMNS}, {EXAMPLES:,} examples of {FEATURES} features, {EPOCHS} epochs"
    )
    report(
        f"{title}, radii {radii[0]:.2f} to {radii[-1]:.2f}; before{errors(start)}", seconds, quality
    )


def hopfield(runs: int) -> None:
    g = torch.Generator().manual_seed(0)
    patterns = torch.randint(2, (PATTERNS, N), generator=g) * 2.0 - 1
    flips = torch.rand(STATES, N, generator=g) < FLIPPED
    states = patterns.repeat(STATES // PATTERNS, 1) * torch.where(flips, -1.0, 1.0)
    network = Hopfield(N)
    network.store(patterns)
    print(
        f"Hopfield's network of {N:,} units, {PATTERNS} patterns stored, {STATES:,} states recalled"
    )
    seconds, recalls = alternate(
        runs,
        asynchronous=lambda: network.recall(states, generator=torch.Generator().manual_seed(0)),
        synchronous=lambda: network.recall(states, "synchronous"),
    )
    for mode, recall in recalls.items():
        sweeps = len(recall.energies) - 1
        per_sweep = milliseconds([s / sweeps for s in seconds[mode]])
        overlap = (recall.states * patterns.repeat(STATES // PATTERNS, 1)).mean()
        print(
            f"  {mode:14s}{per_sweep:>28s} a sweep, {sweeps} sweeps; "
            f"{recall.settled.float().mean():.0%} settled, mean overlap {overlap:.3f}"
        )


def main() -> None:
    """Print each contender's time, how many times ours that is, and the errors of what it learned."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--radius", type=float, default=5.0)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    for peer, version in (("torchsom", "1.3.1"), ("minisom", "2.3.6")):
        if importlib.util.find_spec(peer) is None:
            print(f"{peer} is not installed: pip install {peer}=={version} adds its rows.")
    print(f"{args.threads} threads, torch {torch.__version__}; medians of {args.runs} runs")
    with threadpool_limits(args.threads):
        maps(args.runs, args.radius)
        hopfield(args.runs)


if __name__ == "__main__":
    main()
