"""What good calls are made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from matplotlib import pyplot as plt
from torch import Tensor, nn

Call = tuple[Callable[..., Any], dict[str, Any]]

SHAPE = (1, 4, 4)


def images(n: int = 5) -> Tensor:
    return torch.linspace(0, 1, n * 16).reshape(n, *SHAPE)


def points(n: int = 3, latent: int = 2) -> Tensor:
    return torch.linspace(-1, 1, n * latent).reshape(n, latent)


def decoder(latent: int = 2) -> nn.Module:
    return nn.Sequential(nn.Linear(latent, 16), nn.Unflatten(1, SHAPE), nn.Sigmoid())


def encoder() -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(16, 4))


def axes() -> Any:
    return plt.figure().add_subplot()


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)
