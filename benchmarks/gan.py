"""Training throughput of one adversarial pair, side by side, with the value of the game that each run reached.

All train `gennb.gan.mlp_generator` against `gennb.gan.mlp_discriminator` from the same weights on the same images, in
batches of 100, with Adam at 2e-4 and the non-saturating loss, k = 1, for the same number of epochs, of which the
first is not timed:

- ``bare``, a hand-written loop over a tensor;
- ``gennb``, `gennb.train.fit` on `gennb.gan.GAN`: what readers run;
- ``script``, the same algorithm as scripts have it: a shuffled ``DataLoader`` over a ``TensorDataset``, Adam as it
  comes, gradients of the generator's turn that reach the discriminator, too, and are thrown away;
- ``sharing``, that script where it draws noise once for both turns, as many do, and so generates half as much.

No contender reads a loss while it trains.

    python benchmarks/gan.py [--runs 5] [--epochs 3] [--threads 2] [--device cpu]
"""

from __future__ import annotations

import torch
from side_by_side import BATCH_SIZE, Tick, throughput
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, softplus
from torch.utils.data import DataLoader, TensorDataset

from gennb.data import Dataset
from gennb.gan import GAN, mlp_discriminator, mlp_generator
from gennb.train import fit

LEARNING_RATE = 2e-4
BETAS = (0.5, 0.999)
NOISE = 64


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


def train(name: str, data: Dataset, epochs: int, tick: Tick) -> float:
    """Train one contender; return the value of the game at the end."""
    model = GAN(
        mlp_generator(NOISE, (1, 28, 28)),
        mlp_discriminator((1, 28, 28)),
        lr=(LEARNING_RATE, LEARNING_RATE),
        betas=BETAS,
    ).to(data.x.device)
    CONTENDERS[name](model, data.x, epochs, tick)
    with torch.no_grad():
        return model.value(data.x[:5000]).item()


if __name__ == "__main__":
    throughput(
        __doc__,
        list(CONTENDERS),
        train,
        against=("bare", "script"),
        reached="value of the game, nats",
        epochs=3,
    )
