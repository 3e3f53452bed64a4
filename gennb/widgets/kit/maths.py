"""Densities, for numbers and for tensors, and random numbers."""

from __future__ import annotations

import math
from typing import TypeVar

import torch
from torch import Tensor

T = TypeVar("T", float, Tensor)


def grid(low: float, high: float, count: int) -> Tensor:
    """Numbers at equal distances, both ends among them, in double precision on the CPU."""
    return torch.linspace(low, high, count, dtype=torch.float64, device="cpu")


def log_normal(x: T, mean: float = 0.0, std: float = 1.0) -> T:
    """Log density of N(mean, std²)."""
    return -(((x - mean) / std) ** 2) / 2 - math.log(std * math.sqrt(2 * math.pi))


def normal(x: Tensor, mean: float = 0.0, std: float = 1.0) -> Tensor:
    """Density of N(mean, std²)."""
    return log_normal(x, mean, std).exp()


def uniform(seed: int, count: int) -> Tensor:
    """Return numbers in [0, 1), those that ``random(seed).uniform`` of ``maths.js`` draws, in double precision."""
    a, b, c, word, drawn = 0, 0, seed, 2**32 - 1, []
    for counter in range(1, 16 + count):
        total = (a + b + counter) & word
        a, b, c = b ^ b >> 9, (c + (c << 3)) & word, ((c << 21 | c >> 11) + total) & word
        drawn.append(total / 2**32)
    return torch.tensor(drawn[15:], dtype=torch.float64, device="cpu")
