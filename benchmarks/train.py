"""What ``gennb.train.fit`` costs over a bare hand-written loop.

Both train the same 784-400-20 variational autoencoder on the same random images in memory, with the
same batches and the same fused Adam. Runs alternate, so that a change in the machine's load hits
both; the answer is the median of the ratios.

    python benchmarks/train.py [--pairs 9] [--examples 6000] [--threads 1] [--device cpu]
"""

from __future__ import annotations

import argparse
import statistics
import time

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from gennb.train import Player, fit

BATCH_SIZE = 100


class Autoencoder(nn.Module):
    """The smallest variational autoencoder, with nothing of ``gennb.vae`` in it."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(784, 400), nn.ReLU(), nn.Linear(400, 40))
        self.decoder = nn.Sequential(nn.Linear(20, 400), nn.ReLU(), nn.Linear(400, 784))

    def loss(self, x: Tensor) -> Tensor:
        """Return the negative lower bound, the mean over a batch (N, 784), in nats."""
        mean, log_variance = self.encoder(x).chunk(2, dim=1)
        z = mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)
        misfit = binary_cross_entropy_with_logits(self.decoder(z), x, reduction="sum")
        divergence = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum()
        return (misfit + divergence) / len(x)

    def players(self) -> list[Player]:
        """Return the one player."""
        return [Player("vae", list(self.parameters()), self.loss)]


def bare(model: Autoencoder, x: Tensor) -> None:
    """Train for an epoch as one would by hand."""
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
    for index in torch.randperm(len(x)).to(x.device).split(BATCH_SIZE):
        optimizer.zero_grad()
        model.loss(x.index_select(0, index)).backward()
        optimizer.step()


def seconds(train: str, x: Tensor) -> float:
    """Return the time of one epoch of one of the two loops, from a fresh model."""
    model = Autoencoder().to(x.device)
    start = time.perf_counter()
    if train == "fit":
        fit(model, x, epochs=1, batch_size=BATCH_SIZE, progress=False, device=x.device)
    else:
        bare(model, x)
    if x.is_cuda:
        torch.cuda.synchronize()
    return time.perf_counter() - start


def main() -> None:
    """Print both rates and the median ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=9)
    parser.add_argument("--examples", type=int, default=6000)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    x = torch.rand(args.examples, 784, device=args.device)
    for train in ("fit", "bare"):
        seconds(train, x)  # warm up
    pairs = [(seconds("fit", x), seconds("bare", x)) for _ in range(args.pairs)]
    for name, times in zip(("fit", "bare"), zip(*pairs, strict=True), strict=True):
        print(f"{name:5s} {args.examples / statistics.median(times):9.0f} examples/s")
    ratios = sorted(a / b for a, b in pairs)
    print(
        f"fit / bare: median {statistics.median(ratios):.3f}, from {ratios[0]:.3f} to {ratios[-1]:.3f}"
    )


if __name__ == "__main__":
    main()
