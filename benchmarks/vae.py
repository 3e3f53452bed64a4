"""Training throughput of one variational autoencoder, side by side, with the bound that each run reached.

All train 784-400-20-400-784 from the same weights on the same images, in batches of 100, with Adam at
1e-3 and for the same number of epochs, of which the first is not timed:

- ``bare``, a hand-written loop;
- ``fit``, `gennb.train.fit` on that same module: what the loop costs;
- ``gennb``, `gennb.train.fit` on `gennb.vae.VAE`: what readers run;
- ``pythae``, its training pipeline as documented (``pip install "gennb[bench]"``).

All but the bare loop show a progress bar, on the standard error.

    python benchmarks/vae.py [--runs 5] [--epochs 5] [--threads 2] [--device cpu] 2> /dev/null
"""

from __future__ import annotations

import importlib.util
import logging

import torch
from side_by_side import BATCH_SIZE, LEARNING_RATE, Tick, throughput, train_by_pythae, train_fit
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from gennb.data import Dataset, load
from gennb.train import Player
from gennb.vae import VAE

HELD_OUT = 2_000


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

    settings = models.VAEConfig(input_dim=(1, 28, 28), latent_dim=20, reconstruction_loss="bce")
    peer = models.VAE(settings, Encoder(), Decoder())
    train_by_pythae(peer, x, epochs, tick)
    return as_vae(model)


CONTENDERS = {
    "bare": train_bare,
    "fit": train_plain,
    "gennb": train_gennb,
    "pythae": train_pythae,
}


def train(name: str, data: Dataset, epochs: int, tick: Tick) -> float:
    """Train one contender; return the held-out bound."""
    vae = CONTENDERS[name](Autoencoder().to(data.x.device), data.x, epochs, tick)
    test = load(data.name, "test", n=HELD_OUT).x.to(data.x.device)
    generator = torch.Generator(test.device).manual_seed(0)
    with torch.no_grad():
        return vae.elbo(test, samples=10, generator=generator).mean().item()


if __name__ == "__main__":
    logging.disable(logging.INFO)
    names = list(CONTENDERS)
    if importlib.util.find_spec("pythae") is None:
        names.remove("pythae")
        print('pythae is not installed: pip install "gennb[bench]" adds its row.')
    throughput(
        __doc__, names, train, against=("bare", "pythae"), reached="test ELBO, nats", epochs=5
    )
