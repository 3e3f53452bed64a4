"""The measures of `gennb.evaluate` side by side with those of other libraries, and how far the results differ.

- ``Fréchet distance`` of 2,048 features, with torch-fidelity's formulas in NumPy (``pip install "gennb[test]"``): from
  the features, from their means and covariances alone, and from features of few examples.
- ``Parzen windows``: the log-likelihood of images under windows on images, with ``sklearn.neighbors.KernelDensity``.
  Its default trees are fast and, in 784 dimensions, wrong; with all samples in one leaf it is right.

Runs alternate, so that a change in the machine's load hits both. Times are medians, ratios medians over the runs.
``--test`` takes fewer test images; both times are in proportion to their number.

    python benchmarks/evaluate.py [--runs 3] [--samples 10000] [--test 10000] [--threads 2]
"""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from side_by_side import alternate, report
from sklearn.neighbors import KernelDensity
from threadpoolctl import threadpool_limits
from torch import Tensor
from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric

from gennb.data import load
from gennb.evaluate import frechet_distance, frechet_gaussian, parzen_log_likelihood

FEATURES = 2048
SIGMA = 0.2


def features(n: int, seed: int) -> Tensor:
    """Correlated features, none negative, with variances over two decades: like those of a network."""
    g = torch.Generator().manual_seed(0)
    mix = torch.randn(FEATURES, FEATURES, generator=g) / math.sqrt(FEATURES)
    mix *= torch.logspace(0, -1, FEATURES)[:, None]
    g.manual_seed(seed)
    return (torch.randn(n, FEATURES, generator=g) @ mix + 0.1 * seed).relu()


def frechet(runs: int, n: int, from_moments: bool) -> None:
    sets = features(n, 0), features(n, 1)
    stats = [fid_features_to_statistics(x) for x in sets]
    moments = [torch.from_numpy(s[k]) for s in stats for k in ("mu", "sigma")]
    known = {True: lambda: stats, False: lambda: [fid_features_to_statistics(x) for x in sets]}

    def peer() -> float:
        return fid_statistics_to_metric(*known[from_moments](), verbose=False)[
            "frechet_inception_distance"
        ]

    def ours() -> float:
        distance = frechet_gaussian(*moments) if from_moments else frechet_distance(*sets)
        return distance.item()

    seconds, results = alternate(runs, gennb=ours, **{"torch-fidelity 0.4.0": peer})
    mine, theirs = results.values()
    quality = {
        "gennb": f"  distance {mine:.6f}",
        "torch-fidelity 0.4.0": f"  differs by {abs(mine / theirs - 1):.1e} of it",
    }
    source = "from the moments" if from_moments else "from the features"
    report(f"Fréchet distance, {FEATURES} features of {n:,} examples, {source}", seconds, quality)


def peak_memory(call: Callable[[], object]) -> str:
    """Tell by how much the memory of this process grows at most during a call; Linux only."""
    about = Path("/proc/self")
    if not (about / "clear_refs").exists():
        return "unknown"

    def mebibytes(name: str) -> float:
        return int(re.search(rf"{name}:\s+(\d+)", (about / "status").read_text())[1]) / 1024

    (about / "clear_refs").write_text("5")  # forget the peak so far
    before = mebibytes("VmRSS")
    call()
    return f"{mebibytes('VmHWM') - before:.0f} MiB"


def parzen(runs: int, n: int, tests: int) -> None:
    data = load("mnist", n=n, fallback="strokes")
    test = load(data.name, "test", n=tests).x
    parzen_log_likelihood(data.x[:10], test[:10], SIGMA)
    grown = peak_memory(lambda: parzen_log_likelihood(data.x, test, SIGMA))

    def peer(**options: int) -> np.ndarray:
        tree = KernelDensity(bandwidth=SIGMA, **options).fit(data.x.flatten(1).double().numpy())
        return tree.score_samples(test.flatten(1).double().numpy())

    seconds, results = alternate(
        runs,
        gennb=lambda: parzen_log_likelihood(data.x, test, SIGMA).numpy(),
        **{"scikit-learn, one leaf": lambda: peer(leaf_size=n), "scikit-learn, default": peer},
    )
    ours = results["gennb"]
    quality = {
        name: f"  mean {np.mean(logs):.4f} nats, differs by up to {np.abs(logs - ours).max():.1e}"
        for name, logs in results.items()
    }
    quality["gennb"] = f"  mean {ours.mean():.4f} nats; peak memory above the inputs {grown}"
    title = f"Parzen windows on {n:,} images of {data.name}, {tests:,} test images, sigma {SIGMA}"
    report(title, seconds, quality)


def main() -> None:
    """Print each contender's time, how many times ours that is, and what it found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--samples", type=int, default=10_000)
    parser.add_argument("--test", type=int, default=10_000)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    print(f"{args.threads} threads, torch {torch.__version__}; medians of {args.runs} runs")
    with threadpool_limits(args.threads):
        parzen(args.runs, args.samples, args.test)
        frechet(args.runs, args.samples, from_moments=False)
        frechet(args.runs, args.samples, from_moments=True)
        frechet(args.runs, 1000, from_moments=False)


if __name__ == "__main__":
    main()
