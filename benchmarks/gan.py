"""Training throughput of one adversarial pair, side by side, with the value of the game that each run reached.

All train `gennb.gan.mlp_generator` against `gennb.gan.mlp_discriminator` from the same weights on the same images, in
batches of 100, with Adam at 2e-4 and the non-saturating loss, k = 1, for the same number of epochs, of which the
first is not timed:

- ``bare``, a hand-written loop over a tensor;
- ``gennb``, `gennb.train.fit` on `gennb.gan.GAN`: what readers run;
- ``script``, the same algorithm as scripts have it: a shuffled ``DataLoader`` over a ``TensorDataset``, Adam as it
  comes, gradients of the generator's turn that reach the discriminator, too, and are thrown away;
- ``sharing``, that script where it draws noise once for both turns, as many do, and so generates half as much.

No contender reads a loss while it trains. Runs alternate, so that a change in the machine's load hits all of them.
Ratios are medians over the rounds.

    python benchmarks/gan.py [--runs 5] [--epochs 3] [--threads 2] [--device cpu]
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, softplus
from torch.utils.data import DataLoader, TensorDataset

from gennb.data import load
from gennb.gan import GAN, mlp_discriminator, mlp_generator
from gennb.train import fit

BATCH_SIZE = 100
LEARNING_RATE = 2e-4
BETAS = (0.5, 0.999)
IMAGES = 20_000
NOISE = 64

Tick = Callable[[], None]


def adam(network: nn.Module, **options: bool) -> torch.optim.Adam:
    return torch.optim.Adam(network.parameters(), lr=LEARNING_RATE, betas=BETAS, **options)


def train_bare(model: GAN, x: Tensor, epochs: int, tick: Tick) -> None:
    G, D = model.generator, model.discriminator
    adam_g, adam_d = adam(G, fused=True), adam(D, fused=True)
    of_d, of_g = list(D.parameters()), list(G.parameters())
    for _ in range(epochs):
        for index in torch.randperm(len(x)).to(x.device).split(BATCH_SIZE):
            real = x.index_select(0, index)
            with torch.no_grad():
                fake = G(torch.randn(len(real), NOISE, device=x.device))
            adam_d.zero_grad()
            loss = softplus(-D(real)).mean() + softplus(D(fake)).mean()
            loss.backward(inputs=of_d)
            adam_d.step()
            adam_g.zero_grad()
            loss = softplus(-D(G(torch.randn(len(real), NOISE, device=x.device)))).mean()
            loss.backward(inputs=of_g)
            adam_g.step()
        tick()


def train_gennb(model: GAN, x: Tensor, epochs: int, tick: Tick) -> None:
    def evaluate() -> dict[str, float]:
        tick()
        return {}

    fit(
        model,
        x,
        epochs=epochs,
        batch_size=BATCH_SIZE,
        evaluate=evaluate,
        progress=False,
        device=x.device,
    )


def train_script(model: GAN, x: Tensor, epochs: int, tick: Tick, *, sharing: bool = False) -> None:
    G, D = model.generator, model.discriminator
    adam_g, adam_d = adam(G), adam(D)
    loader = DataLoader(TensorDataset(x.cpu()), batch_size=BATCH_SIZE, shuffle=True)
    for _ in range(epochs):
        for (batch,) in loader:
            real = batch.to(x.device)
            ones = torch.ones(len(real), 1, device=x.device)
            zeros = torch.zeros(len(real), 1, device=x.device)
            fake = G(torch.randn(len(real), NOISE, device=x.device))
            adam_d.zero_grad()
            loss = binary_cross_entropy_with_logits(D(real), ones)
            loss = loss + binary_cross_entropy_with_logits(D(fake.detach()), zeros)
            loss.backward()
            adam_d.step()
            if not sharing:
                fake = G(torch.randn(len(real), NOISE, device=x.device))
            adam_g.zero_grad()
            binary_cross_entropy_with_logits(D(fake), ones).backward()
            adam_g.step()
        tick()


def train_sharing(model: GAN, x: Tensor, epochs: int, tick: Tick) -> None:
    train_script(model, x, epochs, tick, sharing=True)


CONTENDERS = {
    "bare": train_bare,
    "gennb": train_gennb,
    "script": train_script,
    "sharing": train_sharing,
}


def run(name: str, seed: int, x: Tensor, epochs: int) -> tuple[float, float]:
    """Train once; return seconds for an epoch, without the first, and the value of the game at the end."""
    ends = []

    def tick() -> None:
        if x.is_cuda:
            torch.cuda.synchronize()
        ends.append(time.perf_counter())

    torch.manual_seed(seed)
    model = GAN(
        mlp_generator(NOISE, (1, 28, 28)),
        mlp_discriminator((1, 28, 28)),
        lr=(LEARNING_RATE, LEARNING_RATE),
        betas=BETAS,
    ).to(x.device)
    CONTENDERS[name](model, x, epochs, tick)
    with torch.no_grad():
        value = model.value(x[:5000]).item()
    return (ends[-1] - ends[0]) / (epochs - 1), value


def main() -> None:
    """Print each contender's time for an epoch, its ratio to the others, and the value it reached."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--device", default="cpu")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    data = load("mnist", n=IMAGES, fallback="strokes").to(args.device)

    results: dict[str, list[tuple[float, float]]] = {name: [] for name in CONTENDERS}
    for seed in range(args.runs):
        for name in CONTENDERS:
            results[name].append(run(name, seed, data.x, args.epochs))

    def ratio(name: str, to: str) -> str:
        pairs = zip(results[name], results[to], strict=True)
        ratios = sorted(theirs / mine for (mine, _), (theirs, _) in pairs)
        return f"{statistics.median(ratios):.2f} ({ratios[0]:.2f}-{ratios[-1]:.2f})"

    print(
        f"{IMAGES:,} images of {data.name}, {args.epochs} epochs, {args.threads} threads, "
        f"{args.device}, torch {torch.__version__}; medians of {args.runs} runs, "
        "speeds as ratios (lowest-highest)"
    )
    print(f"{'':8s}{'s/epoch':>9s}{'of bare':>20s}{'of script':>20s}{'value, nats':>26s}")
    for name in CONTENDERS:
        seconds, values = zip(*results[name], strict=True)
        spread = f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"
        print(
            f"{name:8s}{statistics.median(seconds):9.2f}{ratio(name, 'bare'):>20s}"
            f"{ratio(name, 'script'):>20s}{spread:>26s}"
        )


if __name__ == "__main__":
    main()
