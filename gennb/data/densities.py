"""Densities in the plane that are known exactly: to sample from, and to hold a model's density against."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from gennb._validate import check_choice, check_count, check_kind, check_tensor, checked
from gennb.data._factors import F32, F64, I64, normals


@dataclass(frozen=True, eq=False)
class Mixture:
    """An equal-weight mixture of round Gaussians in the plane.

    Attributes
    ----------
    name
        What it is called in ``gennb.data.density``.
    centers
        Means of the components, shape (K, 2), float64.
    std
        Standard deviation of every component.
    labels
        The mode or curve that each component belongs to, shape (K,).
    """

    name: str
    centers: Float[Tensor, "components 2"]
    std: float
    labels: Int[Tensor, " components"]

    def sample(self, n: int, generator: torch.Generator | None = None) -> Float[Tensor, "n 2"]:
        """Draw n points, float32, on the generator's device."""
        if generator is not None:
            check_kind(generator, "generator", torch.Generator)
        device = generator.device if generator is not None else "cpu"
        n = check_count(n, "n")
        u = torch.rand(n, 3, dtype=torch.float64, generator=generator, device=device)
        return self.place(u)[0]

    @checked
    def place(self, u: Float[Tensor, "n 3"]) -> tuple[Float[Tensor, "n 2"], Int[Tensor, " n"]]:
        """Carry uniform numbers in [0, 1) to points of the mixture and their labels."""
        u = check_tensor(u, "u", low=0.0, high=1.0).double()
        component = (u[:, 0] * len(self.centers)).long().clamp_max(len(self.centers) - 1)
        points = self.centers.to(u.device)[component] + self.std * normals(u[:, 1:])
        return points.float(), self.labels.to(u.device)[component]

    @checked
    def log_prob(self, x: Float[Tensor, "n 2"]) -> Float[Tensor, " n"]:
        """Exact log-density in nats, in the dtype of ``x``.

        Raises
        ------
        TypeError, ValueError
            ``x`` is not a finite floating-point tensor of shape (n, 2).
        """
        check_tensor(x, "x")
        offset = x[:, None, :] - self.centers.to(x)
        exponent = -0.5 * offset.square().sum(-1) / self.std**2
        constant = math.log(2 * math.pi * self.std**2 * len(self.centers))
        return torch.logsumexp(exponent, dim=1) - constant


def _curves(name: str, std: float, *curves: Tensor) -> Mixture:
    labels = torch.cat([torch.full((len(c),), i, **I64) for i, c in enumerate(curves)])
    return Mixture(name, torch.cat(curves), std, labels)


def _circle(angle: Tensor) -> Tensor:
    return torch.stack([torch.cos(angle), torch.sin(angle)], -1)


def _ring() -> Mixture:
    angle = 2 * math.pi / 8 * torch.arange(8, **F64)
    return Mixture("ring", _circle(angle), 0.1, torch.arange(8, **I64))


def _grid() -> Mixture:
    side = torch.arange(5, **F64) / 2 - 1
    return Mixture("grid", torch.cartesian_prod(side, side), 0.05, torch.arange(25, **I64))


def _two() -> Mixture:
    centers = torch.tensor([[-0.6, 0.0], [0.6, 0.0]], **F64)
    return Mixture("two", centers, 0.2, torch.arange(2, **I64))


def _moons() -> Mixture:
    # 48 components an arc stand 0.055 apart, so close against their width that the density runs smooth along it.
    half = math.pi / 48 * (torch.arange(48, **F64) + 0.5)
    upper = 0.8 * _circle(half) + torch.tensor([-0.4, -0.2], **F32)
    lower = -0.8 * _circle(half) + torch.tensor([0.4, 0.2], **F32)
    return _curves("moons", 0.09, upper, lower)


def _spiral() -> Mixture:
    # Equal steps along t**2 are about equal steps along the arm.
    turn = ((torch.arange(96, **F64) + 0.5) / 96).sqrt()
    arm = (0.15 + 0.95 * turn)[:, None] * _circle(1.5 * 2 * math.pi * turn)
    return _curves("spiral", 0.05, arm, -arm)


_MAKERS = {"ring": _ring, "grid": _grid, "moons": _moons, "spiral": _spiral, "two": _two}

DENSITIES = tuple(_MAKERS)
"""Names of the densities: ``ring`` (8 modes on the unit circle), ``grid`` (5 x 5 modes), ``moons`` (two interleaved
half circles), ``spiral`` (two arms), ``two`` (a left and a right mode)."""


def density(name: str) -> Mixture:
    """Return the density of this name, one of ``DENSITIES``."""
    return _MAKERS[check_choice(name, "name", DENSITIES)]()
