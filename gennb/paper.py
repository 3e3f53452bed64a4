"""The original protocols, for a machine with an accelerator: ``python -m gennb.paper vae``.

A run writes one JSON file that says what was run, where and when. The book's pages read these files; where there is
none, a page shows no number.
"""

from __future__ import annotations

import argparse
import datetime
import json
import shlex
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from gennb import data, train
from gennb.vae import VAE, binarize

RESULTS = Path(__file__).resolve().parent.parent / "book" / "vae" / "results" / "mnist.json"


def vae(
    *, seeds: int, epochs: int, samples: int, n_train: int | None, n_test: int | None
) -> dict[str, Any]:
    """Train a 784-400-20 VAE on dynamically binarized MNIST and estimate log p(x) of the test images.

    Parameters
    ----------
    seeds
        Independent runs.
    epochs
        Passes over the training images, in minibatches of 100, Adam at 1e-3.
    samples
        Importance samples for each test image.
    n_train, n_test
        How many images; None for all of them.

    Returns
    -------
    dict
        For each run, the mean ELBO and log p(x) of the test images, binarized once, in nats.
    """
    device = train.device()
    images = data.load("mnist", "train", n=n_train)
    test = data.load("mnist", "test", n=n_test).x
    test = binarize(test, torch.Generator().manual_seed(0)).to(device)
    runs = []
    for seed in range(seeds):
        train.seed(seed)
        model = VAE((1, 28, 28), 20, hidden=(400,), binarize=True)
        history = train.fit(model, images, epochs=epochs, seed=seed, device=device)
        elbo = torch.cat([_elbo(model, batch) for batch in test.split(500)])
        started = time.perf_counter()
        likelihood = torch.cat([model.log_likelihood(batch, samples) for batch in test.split(500)])
        runs.append(
            {
                "seed": seed,
                "elbo": elbo.mean().item(),
                "log_likelihood": likelihood.mean().item(),
                "training_seconds": sum(history.seconds),
                "evaluation_seconds": time.perf_counter() - started,
            }
        )
    return {
        "model": "784-400-20, Bernoulli, dynamic binarization, Adam 1e-3, batch 100",
        "n_train": len(images),
        "n_test": len(test),
        "epochs": epochs,
        "importance_samples": samples,
        "runs": runs,
    }


@torch.no_grad()
def _elbo(model: VAE, x: Tensor) -> Tensor:
    return model.elbo(x, samples=10)


def main(arguments: Sequence[str] | None = None) -> Path:
    """Run one protocol from the command line and return the file that it wrote."""
    parser = argparse.ArgumentParser(prog="python -m gennb.paper", description=__doc__)
    protocols = parser.add_subparsers(dest="protocol", required=True)
    options = protocols.add_parser("vae", help="784-400-20 VAE on binarized MNIST")
    options.add_argument("--seeds", type=_count, default=3)
    options.add_argument("--epochs", type=_count, default=500)
    options.add_argument("--samples", type=_count, default=5000)
    options.add_argument("--n-train", type=_count, default=None)
    options.add_argument("--n-test", type=_count, default=None)
    options.add_argument("--out", type=Path, default=RESULTS)
    chosen = vars(parser.parse_args(arguments))
    out: Path = chosen.pop("out")
    del chosen["protocol"]
    device = train.device()
    given = sys.argv[1:] if arguments is None else arguments
    result = {
        "command": shlex.join(["python", "-m", "gennb.paper", *given]),
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "device": torch.cuda.get_device_name() if device.type == "cuda" else device.type,
        "torch": torch.__version__,
        **vae(**chosen),
    }
    out.parent.mkdir(parents=True, exist_ok=True)
    unfinished = out.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(result, indent=1) + "\n")
    unfinished.replace(out)
    print(f"wrote {out}")
    return out


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"expected at least 1, got {value}")
    return value


if __name__ == "__main__":
    main()
