"""The original protocols, for a machine with an accelerator: ``python -m gennb.paper`` with the name of one.

A run writes one JSON file that says what was run, where and when: for ``vae`` that is ``results/vae.json`` in the
working directory, or where ``--out`` says. A page of the book reads the file beside it; without one it shows no number.
"""

from __future__ import annotations

import argparse
import datetime
import itertools
import json
import math
import shlex
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from gennb import data, train
from gennb.autoencoders import Autoencoder, StackedAutoencoder, principal_components
from gennb.boltzmann import DBN, ContrastiveDivergence, draw
from gennb.evaluate import parzen_bandwidth, parzen_log_likelihood
from gennb.gan import (
    GAN,
    discriminator_loss,
    mlp_discriminator,
    mlp_generator,
    non_saturating_loss,
)
from gennb.networks import glorot_uniform_, he_normal_, mlp
from gennb.vae import VAE, binarize

N_HELD_OUT = 10_000  # of MNIST's training images, the last: for validation, in 2014


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


def dbn_labels(
    *, seeds: int, epochs: int, steps: int, n_train: int | None, n_test: int | None
) -> dict[str, Any]:
    """Fine-tune a deep belief network on few labels and on many, against the same network from random weights.

    Parameters
    ----------
    seeds
        Independent runs, each with labels of its own.
    epochs
        Passes over the training images at each layer of the greedy pretraining, without labels.
    steps
        Minibatches of 100 in fine-tuning, for each number of labels.
    n_train, n_test
        How many images; None for all of them.

    Returns
    -------
    dict
        For each run and number of labels, the shares of test images that both networks get wrong.

    References
    ----------
    Hinton and Salakhutdinov, Reducing the Dimensionality of Data with Neural Networks, 2006.
    """
    device = train.device()
    images = data.load("mnist", "train", n=n_train).to(device)
    others = data.load("mnist", "test", n=n_test).to(device)
    assert images.y is not None
    assert others.y is not None
    sizes = (784, 500, 500, 2000)
    gray = images.x.flatten(1)
    counts = [n for n in (100, 1000) if n < len(gray)] + [len(gray)]
    runs = []
    for seed in range(seeds):
        train.seed(seed)
        dbn = DBN(sizes, learning=ContrastiveDivergence(1)).to(device)
        dbn.pretrain(draw(gray), epochs=epochs, lr=0.05, seed=seed, device=device)
        order = torch.randperm(len(gray)).to(device)
        wrong = []
        for labels in counts:
            labeled = order[:labels]
            networks = {
                "random": mlp((*sizes, 10), nn.Sigmoid).to(device),
                "pretrained": dbn.classifier(10),
            }
            shares = {}
            for name, network in networks.items():
                _fine_tune(network, gray[labeled], images.y[labeled], steps)
                shares[name] = _share_wrong(network, others.x.flatten(1), others.y)
            wrong.append({"labels": labels, **shares})
        runs.append({"seed": seed, "wrong": wrong})
    return {
        "model": "784-500-500-2000-10, sigmoid units, CD-1 at 0.05, then Adam at 1e-3, batch 100",
        "n_train": len(gray),
        "n_test": len(others),
        "epochs": epochs,
        "steps": steps,
        "runs": runs,
    }


def _fine_tune(network: nn.Module, x: Tensor, y: Tensor, steps: int) -> None:
    adam = torch.optim.Adam(network.parameters(), lr=1e-3, fused=True)
    for _ in range(steps):
        batch = torch.randint(len(x), (100,), device=x.device)
        adam.zero_grad()
        nn.functional.cross_entropy(network(x[batch]), y[batch]).backward()
        adam.step()


@torch.no_grad()
def _share_wrong(network: nn.Module, x: Tensor, y: Tensor) -> float:
    guesses = torch.cat([network(part).argmax(1) for part in x.split(1000)])
    return (guesses != y).to(torch.float64).mean().item()


def deep_autoencoder(
    *, seeds: int, pretraining: int, epochs: int, n_train: int | None, n_test: int | None
) -> dict[str, Any]:
    """Train autoencoders of the size of 2006, greedily and together, and compare them with principal components.

    Parameters
    ----------
    seeds
        Independent runs.
    pretraining
        Passes over the training images at each layer of the greedy stack; networks that learn together get as many
        more epochs instead.
    epochs
        Passes of fine-tuning, in minibatches of 100, Adam at 1e-3, at 1e-4 for the last quarter.
    n_train, n_test
        How many images; None for all of them.

    Returns
    -------
    dict
        Squared error of the test images with 30 numbers, the mean over images: for principal components, and for each
        run and way of training: "greedy" and then "tuned"; all layers together, "logistic" from small weights, "scaled"
        from larger ones, or "rectified".

    References
    ----------
    Hinton and Salakhutdinov, Reducing the Dimensionality of Data with Neural Networks, 2006. Book:
    alg-greedy-autoencoders.
    """
    device = train.device()
    sizes = (784, 1000, 500, 250, 30)
    images = data.load("mnist", "train", n=n_train).x.flatten(1).to(device)
    test = data.load("mnist", "test", n=n_test).x.flatten(1).to(device)
    late = math.ceil(epochs / 4)

    def error(model: Autoencoder) -> float:
        with torch.no_grad():
            return torch.cat([model.squared_error(part) for part in test.split(1000)]).mean().item()

    def tuned(model: Autoencoder, seed: int, turns: int) -> float:
        for lr, passes in ((1e-3, turns - late), (1e-4, late)):
            if passes:
                train.fit(model, images, epochs=passes, lr=lr, seed=seed, device=device)
        return error(model)

    starts: dict[str, Callable[[], Autoencoder]] = {
        "logistic": lambda: StackedAutoencoder(sizes, linear_code=True),
        "scaled": lambda: glorot_uniform_(StackedAutoencoder(sizes, linear_code=True), 4),
        "rectified": lambda: he_normal_(Autoencoder((784,), 30, hidden=sizes[1:-1])),
    }
    runs = []
    for seed in range(seeds):
        train.seed(seed)
        stack = StackedAutoencoder(sizes, linear_code=True).to(device)
        stack.pretrain(images, epochs=pretraining, lr=1e-3, seed=seed, device=device)
        found = {"greedy": error(stack), "tuned": tuned(stack, seed, epochs)}
        for name, make in starts.items():
            train.seed(seed)
            found[name] = tuned(make().to(device), seed, epochs + pretraining)
        runs.append({"seed": seed, "squared_error": found})
    mean, axes = principal_components(images, sizes[-1])
    flat = mean + (test - mean) @ axes @ axes.mT
    return {
        "model": "784-1000-500-250-30 and back, Bernoulli, Adam at 1e-3 and 1e-4, batch 100",
        "n_train": len(images),
        "n_test": len(test),
        "pretraining": pretraining,
        "epochs": epochs,
        "principal_components": (test - flat).square().sum(1).mean().item(),
        "runs": runs,
    }


def gan_parzen(
    *, seeds: int, epochs: int, every: int, samples: int, n_train: int | None, n_test: int | None
) -> dict[str, Any]:
    """Train the adversarial nets of 2014 on MNIST and put Parzen windows on what they draw.

    Networks, initial weights, dropout, costs and stochastic gradients with momentum are those of the authors' released
    code. So are the updates: both networks move at once, by gradients at the same weights with the same noise and
    dropout, and not in turns as in Algorithm 1. With these rates turns go worse: after four epochs nine in ten pixels
    of the generator are zero or one, and the discriminator all but sure. Neither paper nor code says when to stop: of
    the checkpoints the one counts under whose windows the validation images are likeliest.

    Parameters
    ----------
    seeds
        Independent runs.
    epochs
        Passes over the training images, in minibatches of 100.
    every
        Epochs from one checkpoint to the next.
    samples
        Windows of each Parzen estimate; their width is the best of ten on the first 1,000 validation images.
    n_train, n_test
        How many images; None for all of them, 50,000 and 10,000.

    Returns
    -------
    dict
        For each run and checkpoint, the window's width, the mean log-likelihood of the 1,000 validation images and of
        the test images, in nats, and the standard error of the latter; also for training images in place of samples.

    References
    ----------
    Goodfellow et al., Generative Adversarial Nets, 2014, table 1. Book: tab-gan-1.
    """
    device = train.device()
    images = data.load("mnist", "train", n=None).x.to(device)
    training, validation = images[:-N_HELD_OUT][:n_train], images[-N_HELD_OUT:][:1000]
    test = data.load("mnist", "test", n=n_test).x.to(device)

    def parzen(windows: Tensor) -> dict[str, float]:
        width = parzen_bandwidth(windows, validation)
        likelihood = parzen_log_likelihood(windows, test, width.sigma)
        return {
            "sigma": width.sigma,
            "validation": width.log_likelihood.max().item(),
            "test": likelihood.mean().item(),
            "standard_error": likelihood.std().item() / len(test) ** 0.5,
        }

    runs = []
    for seed in range(seeds):
        train.seed(seed)
        started = time.perf_counter()

        def score(model: GAN, seed: int = seed) -> dict[str, float]:
            return parzen(model.sample(samples, torch.Generator(device).manual_seed(seed)))

        checkpoints = _train_as_in_2014(training, epochs, every, seed, score)
        runs.append(
            {
                "seed": seed,
                "chosen": max(checkpoints, key=lambda checkpoint: checkpoint["validation"]),
                "checkpoints": checkpoints,
                "seconds": time.perf_counter() - started,
            }
        )
    shuffled = torch.randperm(len(training), generator=torch.Generator().manual_seed(0))
    some = shuffled[:samples].to(device)
    return {
        "model": "100-1200-1200-784 against 784-240x5-240x5-1 maxout with dropout, batch 100, SGD with momentum, "
        "non-saturating",
        "updates": "simultaneous, from the same noise and dropout, as in the released code",
        "choice": "checkpoint and width by the first 1,000 validation images",
        "n_train": len(training),
        "n_validation": len(validation),
        "n_test": len(test),
        "epochs": epochs,
        "samples": samples,
        "training_images": parzen(training[some]),
        "runs": runs,
    }


def _nets_of_2014(images: Tensor) -> GAN:
    """Return both networks as they started: uniform weights, biases zero but those of the generator's pixels."""
    generator = mlp_generator(100, (1, 28, 28), (1200, 1200), batch_norm=False)
    discriminator = mlp_discriminator((1, 28, 28), (240, 240), pieces=5, dropout=(0.2, 0.5))
    for network, bound in ((generator, 0.05), (discriminator, 0.005)):
        for layer in network.modules():
            if isinstance(layer, nn.Linear):
                nn.init.uniform_(layer.weight, -bound, bound)
                nn.init.zeros_(layer.bias)
    pixels = [layer for layer in generator if isinstance(layer, nn.Linear)][-1]
    with torch.no_grad():
        pixels.bias.copy_(images.mean(0).flatten().logit(1e-7))
    return GAN(generator, discriminator, loss="non-saturating", k=1, prior="uniform")


def _train_as_in_2014(
    images: Tensor, epochs: int, every: int, seed: int, score: Callable[[GAN], dict[str, float]]
) -> list[dict[str, Any]]:
    """Train both networks at once, and return their scores after each so many epochs and after the last."""
    model = _nets_of_2014(images)
    ends = itertools.count(1)

    def evaluate() -> dict[str, float]:
        epoch = next(ends)
        return score(model) if epoch % every == 0 or epoch == epochs else {}

    history = train.fit(
        model,
        images,
        epochs=epochs,
        seed=seed,
        players=_players_of_2014(model, updates=math.ceil(len(images) / 100)),
        simultaneous=True,
        evaluate=evaluate,
        device=images.device,
    )
    scores = enumerate(history.evaluations, 1)
    return [{"epoch": epoch, **numbers} for epoch, numbers in scores if numbers]


def _players_of_2014(model: GAN, updates: int) -> list[train.Player]:
    """Return both sides with their costs, rates and momenta of 2014; ``updates`` make an epoch.

    Both draw their fakes first: from the same random numbers come the same noise and the same dropout.
    """
    D, G = model.discriminator, model.generator

    def discriminator_cost(x: Tensor) -> Tensor:
        with torch.no_grad():
            drawn = G(model.noise(len(x)))
        fake = D(drawn)
        return discriminator_loss(D(x), fake) / 2

    def generator_cost(x: Tensor) -> Tensor:
        return non_saturating_loss(D(G(model.noise(len(x)))))

    def schedule(update: int) -> dict[str, float]:
        rate = max(0.1 / 1.000004**update, 1e-6)
        return {"lr": rate, "momentum": 0.5 + 0.2 * min(1.0, update // updates / 249)}

    return [
        train.Player(
            name,
            list(module.parameters()),
            cost,
            optimizer=torch.optim.SGD,
            options={"momentum": 0.5},
            schedule=schedule,
        )
        for name, module, cost in (
            ("discriminator", D, discriminator_cost),
            ("generator", G, generator_cost),
        )
    ]


def main(arguments: Sequence[str] | None = None) -> Path:
    """Run one protocol from the command line and return the file that it wrote."""
    parser = argparse.ArgumentParser(prog="python -m gennb.paper", description=__doc__)
    protocols = parser.add_subparsers(required=True)

    def protocol(name: str, run: Callable[..., dict[str, Any]], about: str, **counts: int) -> None:
        options = protocols.add_parser(name, help=about)
        for count, default in counts.items():
            options.add_argument(f"--{count}", type=_count, default=default)
        options.add_argument("--n-train", type=_count, default=None)
        options.add_argument("--n-test", type=_count, default=None)
        options.add_argument("--out", type=Path, default=Path("results", f"{name}.json"))
        options.set_defaults(run=run)

    about = "784-400-20 VAE on binarized MNIST"
    protocol("vae", vae, about, seeds=3, epochs=500, samples=5000)
    about = "784-500-500-2000 deep belief network, fine-tuned on few labels and on many"
    protocol("dbn-labels", dbn_labels, about, seeds=3, epochs=30, steps=20_000)
    about = "784-1000-500-250-30 autoencoder, greedily and together, against principal components"
    protocol("deep-autoencoder", deep_autoencoder, about, seeds=3, pretraining=20, epochs=200)
    about = "adversarial nets of 2014 on MNIST, by Parzen windows"
    protocol("gan-parzen", gan_parzen, about, seeds=3, epochs=500, every=25, samples=10_000)
    chosen = vars(parser.parse_args(arguments))
    out: Path = chosen.pop("out")
    run: Callable[..., dict[str, Any]] = chosen.pop("run")
    device = train.device()
    given = sys.argv[1:] if arguments is None else arguments
    result = {
        "command": shlex.join(["python", "-m", "gennb.paper", *given]),
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "device": torch.cuda.get_device_name() if device.type == "cuda" else device.type,
        "torch": torch.__version__,
        **run(**chosen),
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
