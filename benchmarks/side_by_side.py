"""What the benchmarks share: a clock, runs that alternate, and tables of rates or times, with ratios.

Runs alternate, so that a change in the machine's load hits all contenders. The first epoch of a training is not timed.
Rates and times are medians over the runs; a ratio is the median of the ratios within each round.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from gennb.data import Dataset, load
from gennb.train import fit

BATCH_SIZE = 100
IMAGES = 20_000
LEARNING_RATE = 1e-3  # of Adam

Tick = Callable[[], None]
Train = Callable[[str, Dataset, int, Tick], float]


def train_fit(model: nn.Module, x: Tensor, epochs: int, tick: Tick) -> None:
    """Train by `gennb.train.fit`, Adam at the benchmarks' rate."""
    fit(
        model,
        x,
        epochs=epochs,
        batch_size=BATCH_SIZE,
        lr=LEARNING_RATE,
        evaluate=lambda: tick() or {},
        device=x.device,
    )


def train_by_pythae(peer: nn.Module, x: Tensor, epochs: int, tick: Tick) -> None:
    """Train a model of pythae by its pipeline as documented, with the same Adam."""
    from pythae.pipelines import TrainingPipeline
    from pythae.trainers import BaseTrainerConfig
    from pythae.trainers.training_callbacks import TrainingCallback

    class Clock(TrainingCallback):
        def on_epoch_end(self, training_config: BaseTrainerConfig, **_: object) -> None:
            tick()

    with tempfile.TemporaryDirectory() as folder:
        config = BaseTrainerConfig(
            output_dir=folder,
            num_epochs=epochs,
            per_device_train_batch_size=BATCH_SIZE,
            optimizer_cls="Adam",
            learning_rate=LEARNING_RATE,
            no_cuda=not x.is_cuda,
        )
        TrainingPipeline(training_config=config, model=peer)(train_data=x, callbacks=[Clock()])


def throughput(
    description: str,
    names: Sequence[str],
    train: Train,
    *,
    against: Sequence[str],
    reached: str,
    epochs: int,
) -> argparse.Namespace:
    """Print each contender's images per second, the ratio of that to others', and what its runs reached.

    ``train(name, data, epochs, tick)`` trains one contender from the seed that stands, ticks after each epoch, and
    returns what it ``reached``. Returns the options that were given.
    """
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=epochs)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--device", default="cpu")
    args = parser.parse_args()
    if args.epochs < 2:
        parser.error("--epochs: the first one is not timed, so take at least two")
    torch.set_num_threads(args.threads)
    data = load("mnist", n=IMAGES, fallback="strokes").to(args.device)

    def run(name: str, seed: int) -> tuple[float, float]:
        ends = []

        def tick() -> None:
            if data.x.is_cuda:
                torch.cuda.synchronize()
            ends.append(time.perf_counter())

        torch.manual_seed(seed)
        end = train(name, data, args.epochs, tick)
        return IMAGES * (args.epochs - 1) / (ends[-1] - ends[0]), end

    results: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    for seed in range(args.runs):
        for name in names:
            results[name].append(run(name, seed))

    def ratio(name: str, to: str) -> str:
        if to not in results:
            return "-"
        pairs = zip(results[name], results[to], strict=True)
        ratios = sorted(mine / theirs for (mine, _), (theirs, _) in pairs)
        return f"{statistics.median(ratios):.2f} ({ratios[0]:.2f}-{ratios[-1]:.2f})"

    print(
        f"{IMAGES:,} images of {data.name}, {args.epochs} epochs, {args.threads} threads, "
        f"{args.device}, torch {torch.__version__}; medians of {args.runs} runs, ratios (lowest-highest)"
    )
    columns = "".join(f"{'of ' + other:>20s}" for other in against)
    print(f"{'':8s}{'images/s':>10s}{columns}{reached:>32s}")
    for name in names:
        rates, ends = zip(*results[name], strict=True)
        ratios = "".join(f"{ratio(name, other):>20s}" for other in against)
        spread = f"{statistics.median(ends):.2f} ({min(ends):.2f} to {max(ends):.2f})"
        print(f"{name:8s}{statistics.median(rates):10,.0f}{ratios}{spread:>32s}")
    return args


def alternate(runs: int, **calls: Callable[[], object]) -> tuple[dict[str, list[float]], dict]:
    """Call each in turn, so many times; return the seconds, and the last results."""
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    results = {}
    for _ in range(runs):
        for name, call in calls.items():
            start = time.perf_counter()
            results[name] = call()
            seconds[name].append(time.perf_counter() - start)
    return seconds, results


def report(what: str, seconds: dict[str, list[float]], quality: dict[str, str]) -> None:
    ours, *peers = seconds
    print(what)
    print(f"  {ours:28s}{statistics.median(seconds[ours]):9.2f} s{'':26s}{quality[ours]}")
    for peer in peers:
        pairs = zip(seconds[peer], seconds[ours], strict=True)
        ratios = sorted(theirs / mine for theirs, mine in pairs)
        ratio = f"{statistics.median(ratios):6.1f} x ({ratios[0]:.1f}-{ratios[-1]:.1f})"
        print(f"  {peer:28s}{statistics.median(seconds[peer]):9.2f} s{ratio:>26s}{quality[peer]}")
