"""One of each explorable, small enough for a test, and the networks that they are made of."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from gennb.widgets import (
    Duel,
    ElboGap,
    Explorable,
    FaceSliders,
    LatentPad,
    LossGradients,
    OptimalDiscriminator,
    RingScrubber,
    Scrubber,
)

NAMES = (
    "LatentPad",
    "FaceSliders",
    "Scrubber",
    "ElboGap",
    "OptimalDiscriminator",
    "RingScrubber",
    "LossGradients",
    "Duel",
)
ROUNDS = [0, 10, 30, 100, 300, 1000, 3000, 9000]
ANGLES = torch.arange(8) * math.pi / 4
CENTERS = torch.stack([ANGLES.cos(), ANGLES.sin()], dim=1)


def dense(latent: int, hidden: int, shape: tuple[int, int, int]) -> nn.Sequential:
    size = torch.Size(shape).numel()
    layers = nn.Sequential(
        nn.Linear(latent, hidden), nn.Tanh(), nn.Linear(hidden, size), nn.Sigmoid()
    )
    with torch.no_grad():
        layers[2].weight.mul_(8)
    return layers


def conv_decoder(latent: int = 16) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(latent, 64 * 16),
        nn.Unflatten(1, (64, 4, 4)),
        nn.ReLU(),
        nn.ConvTranspose2d(64, 32, 4, 2, 1),
        nn.ReLU(),
        nn.ConvTranspose2d(32, 16, 4, 2, 1),
        nn.LeakyReLU(0.1),
        nn.ConvTranspose2d(16, 3, 4, 2, 1),
        nn.Sigmoid(),
    )


def conv_encoder(latent: int = 16) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(3, 16, 4, 2, 1),
        nn.SiLU(),
        nn.Conv2d(16, 32, 3, 2, 1, bias=False),
        nn.Softplus(),
        nn.Flatten(),
        nn.Linear(32 * 64, latent + latent * (latent + 1) // 2),
    )


def player(kind: type[nn.Module] = nn.Tanh, width: int = 16) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(1, width), kind(), nn.Linear(width, width), kind(), nn.Linear(width, 1)
    )


def latent_pad() -> LatentPad:
    return LatentPad(
        dense(2, 400, (1, 28, 28)),
        image_shape=(1, 28, 28),
        codes=torch.randn(200, 2),
        labels=torch.arange(200) % 10,
    )


def face_sliders() -> FaceSliders:
    cover = torch.zeros(32, 32, 4, dtype=torch.uint8)
    cover[18:28, 8:24] = torch.tensor([220, 160, 120, 255], dtype=torch.uint8)
    mask = torch.zeros(32, 32)
    mask[16:30, 6:26] = 1
    return FaceSliders(
        conv_encoder(),
        conv_decoder(),
        image_shape=(3, 32, 32),
        directions={n: torch.randn(16) for n in ("smile", "turn", "tilt", "brow")},
        origin=torch.zeros(16),
        cover=cover,
        mask=mask,
    )


def scrubber() -> Scrubber:
    steps, betas = [0, 10, 100, 1000], [0.5, 1.0, 4.0]
    return Scrubber(
        [[dense(2, 32, (1, 14, 14)) for _ in steps] for _ in betas],
        codes=torch.randn(3, 4, 200, 2),
        labels=torch.arange(200) % 10,
        steps=steps,
        betas=betas,
        reconstruction=torch.rand(3, 4) * 90,
        kl=torch.rand(3, 4) * 9,
        image_shape=(1, 14, 14),
    )


def ring_runs() -> dict[str, Tensor]:
    """A run that ends on three of eight modes, and one that ends on all."""
    start = torch.randn(256, 2)
    runs = {}
    for name, modes in (("plain", 3), ("packed", 8)):
        goal = CENTERS[torch.arange(256) % modes] + 0.12 * start
        runs[name] = torch.stack([torch.lerp(0.2 * start, goal, t / 7) for t in range(8)])
    return runs


def make_explorables() -> dict[str, Explorable]:
    """Each of the book's explorables, in the order of ``NAMES``."""
    torch.manual_seed(0)
    explorables = (
        latent_pad(),
        face_sliders(),
        scrubber(),
        ElboGap(),
        OptimalDiscriminator(),
        RingScrubber(ring_runs(), CENTERS, 0.1, rounds=ROUNDS),
        LossGradients(),
        Duel(player(), player()),
    )
    return dict(zip(NAMES, explorables, strict=True))
