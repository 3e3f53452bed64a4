"""Training throughput of one variational autoencoder, side by side, with the bound that each run reached.

All train 784-400-20-400-784 from the same weights on the same images, in batches of 100, with Adam at
1e-3 and for the same number of epochs, of which the first is not timed:

- ``bare``, a hand-written loop;
- ``fit``, `gennb.train.fit` on that same module: what the loop costs;
- ``gennb``, `gennb.train.fit` on `gennb.vae.VAE`: what readers run;
- ``pythae``, its training pipeline as documented (``pip install "gennb[bench]"``).

Runs alternate, so that a change in the machine's load hits all of them. Ratios are medians over the rounds.
All but the bare loop show a progress bar, on the standard error.

    python benchmarks/vae.py [--runs 5] [--epochs 5] [--threads 2] [--device cpu] 2> /dev/null
"""

from __future__ import annotations

import argparse
import importlib.util
import logging
import statistics
import tempfile
import time
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from gennb.data import load
from gennb.train import Player, fit
from gennb.vae import VAE

BATCH_SIZE = 100
LEARNING_RATE = 1e-3
IMAGES = 20_000
HELD_OUT = 2_000

Tick = Callable[[], None]


class Autoencoder(nn.Module):
    """The smallest variational autoencoder, with nothing of ``gennb.vae`` in it."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Flatten(), nn.Linear(784, 400), nn.ReLU(), nn.Linear(400, 40)
        )
        self.decoder = nn.Sequential(nn.Linear(20, 400), nn.ReLU(), nn.Linear(400, 784))

    def loss(self, x: Tensor) -> Tensor:
        """Return the negative lower bound, the mean over a batch of images, in nats."""
        mean, log_variance = self.encoder(x).chunk(2, dim=1)
        z = mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)
        misfit = binary_cross_entropy_with_logits(self.decoder(z), x.flatten(1), reduction="sum")
        divergence = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum()
        return (misfit + divergence) / len(x)

    def players(self) -> list[Player]:
        """Return the one player."""
        return [Player("vae", list(self.parameters()), self.loss)]


def as_vae(model: Autoencoder) -> VAE:
    """Return the same function of the same weights as a ``gennb.vae.VAE``."""
    vae = VAE((1, 28, 28), 20, hidden=(400,)).to(next(model.parameters()).device)
    linear = [
        [m for m in both.modules() if isinstance(m, nn.Linear)]
        for both in (model.encoder, model.decoder, vae.encoder, vae.decoder)
    ]
    for theirs, ours in zip(linear[0] + linear[1], linear[2] + linear[3], strict=True):
        ours.load_state_dict(theirs.state_dict())
    with torch.no_grad():  # the VAE's encoder gives log σ, not log σ²
        for parameter in linear[2][-1].parameters():
            parameter[20:] /= 2
    return vae


def train_bare(model: Autoencoder, x: Tensor, epochs: int, tick: Tick) -> VAE:
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE, fused=True)
    for _ in range(epochs):
        for index in torch.randperm(len(x)).to(x.device).split(BATCH_SIZE):
            optimizer.zero_grad()
            model.loss(x.index_select(0, index)).backward()
            optimizer.step()
        tick()
    return as_vae(model)


def train_fit(model: nn.Module, x: Tensor, epochs: int, tick: Tick) -> None:
    fit(
        model,
        x,
        epochs=epochs,
        batch_size=BATCH_SIZE,
        lr=LEARNING_RATE,
        evaluate=lambda: tick() or {},
        device=x.device,
    )


def train_plain(model: Autoencoder, x: Tensor, epochs: int, tick: Tick) -> VAE:
    train_fit(model, x, epochs, tick)
    return as_vae(model)


def train_gennb(model: Autoencoder, x: Tensor, epochs: int, tick: Tick) -> VAE:
    vae = as_vae(model)
    train_fit(vae, x, epochs, tick)
    return vae


def train_pythae(model: Autoencoder, x: Tensor, epochs: int, tick: Tick) -> VAE:
    from pythae import models
    from pythae.models.base.base_utils import ModelOutput
    from pythae.models.nn import BaseDecoder, BaseEncoder
    from pythae.pipelines import TrainingPipeline
    from pythae.trainers import BaseTrainerConfig
    from pythae.trainers.training_callbacks import TrainingCallback

    class Encoder(BaseEncoder):
        def __init__(self) -> None:
            super().__init__()
            self.layers = model.encoder

        def forward(self, x: Tensor) -> ModelOutput:
            mean, log_variance = self.layers(x).chunk(2, dim=1)
            return ModelOutput(embedding=mean, log_covariance=log_variance)

    class Decoder(BaseDecoder):
        def __init__(self) -> None:
            super().__init__()
            self.layers = model.decoder

        def forward(self, z: Tensor) -> ModelOutput:
            return ModelOutput(reconstruction=self.layers(z).sigmoid().reshape(-1, 1, 28, 28))

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
        settings = models.VAEConfig(input_dim=(1, 28, 28), latent_dim=20, reconstruction_loss="bce")
        peer = models.VAE(settings, Encoder(), Decoder())
        TrainingPipeline(training_config=config, model=peer)(train_data=x, callbacks=[Clock()])
    return as_vae(model)


CONTENDERS = {
    "bare": train_bare,
    "fit": train_plain,
    "gennb": train_gennb,
    "pythae": train_pythae,
}


def run(name: str, seed: int, x: Tensor, test: Tensor, epochs: int) -> tuple[float, float]:
    """Train once; return images per second, without the first epoch, and the held-out ELBO."""
    ends = []

    def tick() -> None:
        if x.is_cuda:
            torch.cuda.synchronize()
        ends.append(time.perf_counter())

    torch.manual_seed(seed)
    vae = CONTENDERS[name](Autoencoder().to(x.device), x, epochs, tick)
    rate = len(x) * (epochs - 1) / (ends[-1] - ends[0])
    generator = torch.Generator(x.device).manual_seed(0)
    with torch.no_grad():
        bound = vae.elbo(test, samples=10, generator=generator).mean().item()
    return rate, bound


def main() -> None:
    """Print each contender's rate, its ratio to the bare loop and to pythae, and its bound."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--device", default="cpu")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    logging.disable(logging.INFO)
    names = [*CONTENDERS]
    if importlib.util.find_spec("pythae") is None:
        names.remove("pythae")
        print('pythae is not installed: pip install "gennb[bench]" adds its row.')
    data = load("mnist", n=IMAGES, fallback="strokes").to(args.device)
    test = load(data.name, "test", n=HELD_OUT).x.to(args.device)

    results: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    for seed in range(args.runs):
        for name in names:
            results[name].append(run(name, seed, data.x, test, args.epochs))

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
    print(f"{'':8s}{'images/s':>10s}{'of bare':>20s}{'of pythae':>20s}{'test ELBO, nats':>32s}")
    for name in names:
        rates, bounds = zip(*results[name], strict=True)
        spread = f"{statistics.median(bounds):.2f} ({min(bounds):.2f} to {max(bounds):.2f})"
        print(
            f"{name:8s}{statistics.median(rates):10,.0f}{ratio(name, 'bare'):>20s}"
            f"{ratio(name, 'pythae'):>20s}{spread:>32s}"
        )


if __name__ == "__main__":
    main()
