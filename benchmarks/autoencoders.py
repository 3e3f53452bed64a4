"""Training throughput of one autoencoder, side by side, with the reconstruction error that each run reached.

All train 784-400-20-400-784 by half the squared error of each image, from the same weights on the same images, in
batches of 100, with Adam at 1e-3 and for the same number of epochs, of which the first is not timed:

- ``bare``, a hand-written loop;
- ``gennb``, `gennb.train.fit` on `gennb.autoencoders.Autoencoder`: what readers run;
- ``pythae``, its ``AE`` in its training pipeline as documented (``pip install "gennb[bench]"``), by the squared error
  without the half: Adam does not see multiples of a gradient.

All but the bare loop show a progress bar, on the standard error.

    python benchmarks/autoencoders.py [--runs 5] [--epochs 5] [--threads 2] [--device cpu] 2> /dev/null
"""

from __future__ import annotations

import importlib.util
import logging

import torch
from side_by_side import BATCH_SIZE, LEARNING_RATE, Tick, throughput, train_by_pythae, train_fit
from torch import Tensor

from gennb.autoencoders import Autoencoder
from gennb.data import Dataset, load

SHAPE = (1, 28, 28)
HELD_OUT = 2_000


def train_bare(model: Autoencoder, x: Tensor, epochs: int, tick: Tick) -> None:
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE, fused=True)
    for _ in range(epochs):
        for index in torch.randperm(len(x)).to(x.device).split(BATCH_SIZE):
            v = x.index_select(0, index)
            optimizer.zero_grad()
            loss = 0.5 * (model.decoder(model.encoder(v)) - v).square().sum() / len(v)
            loss.backward()
            optimizer.step()
        tick()


def train_pythae(model: Autoencoder, x: Tensor, epochs: int, tick: Tick) -> None:
    from pythae import models
    from pythae.models.base.base_utils import ModelOutput
    from pythae.models.nn import BaseDecoder, BaseEncoder

    class Encoder(BaseEncoder):
        def __init__(self) -> None:
            super().__init__()
            self.layers = model.encoder

        def forward(self, x: Tensor) -> ModelOutput:
            return ModelOutput(embedding=self.layers(x))

    class Decoder(BaseDecoder):
        def __init__(self) -> None:
            super().__init__()
            self.layers = model.decoder

        def forward(self, z: Tensor) -> ModelOutput:
            return ModelOutput(reconstruction=self.layers(z))

    settings = models.AEConfig(input_dim=SHAPE, latent_dim=20)
    peer = models.AE(settings, Encoder(), Decoder())
    train_by_pythae(peer, x, epochs, tick)


CONTENDERS = {"bare": train_bare, "gennb": train_fit, "pythae": train_pythae}


def train(name: str, data: Dataset, epochs: int, tick: Tick) -> float:
    """Train one contender; return the held-out squared error, the mean over images."""
    model = Autoencoder(SHAPE, 20, "gaussian", hidden=(400,)).to(data.x.device)
    CONTENDERS[name](model, data.x, epochs, tick)
    test = load(data.name, "test", n=HELD_OUT).x.to(data.x.device)
    with torch.no_grad():
        return model.squared_error(test).mean().item()


if __name__ == "__main__":
    logging.disable(logging.INFO)
    names = list(CONTENDERS)
    if importlib.util.find_spec("pythae") is None:
        names.remove("pythae")
        print('pythae is not installed: pip install "gennb[bench]" adds its row.')
    reached = "squared error per image"
    throughput(__doc__, names, train, against=("bare", "pythae"), reached=reached, epochs=5)
