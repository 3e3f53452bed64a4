"""Corruptions C(x̃ | x): what spoils an example, as laws that can be drawn from."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from gennb._validate import check_number, check_tensor, check_within, checked


class Corruption:
    """A law C(x̃ | x) that spoils examples, each of their values on its own."""

    @checked
    def sample(
        self, x: Float[Tensor, "*shape"], generator: torch.Generator | None = None
    ) -> Float[Tensor, "*shape"]:
        """Draw a corrupted copy of ``x``, of any shape; without a generator from PyTorch's global random numbers."""
        return self._sample(check_tensor(x, "x"), generator)

    def _sample(self, x: Tensor, generator: torch.Generator | None = None) -> Tensor:
        raise NotImplementedError


@dataclass(frozen=True)
class GaussianNoise(Corruption):
    """x̃ = x + σ ε, with ε ~ N(0, I). Its mean is x.

    Attributes
    ----------
    std
        σ, in the unit of the data.
    """

    std: float

    def __post_init__(self) -> None:
        check_number(self.std, "std", above=0.0)

    def _sample(self, x: Tensor, generator: torch.Generator | None = None) -> Tensor:
        noise = torch.randn(x.shape, generator=generator, dtype=x.dtype, device=x.device)
        return x + self.std * noise


@dataclass(frozen=True)
class _Replacement(Corruption):
    """A share of the values, chosen at random, gives way to something else."""

    share: float

    def __post_init__(self) -> None:
        check_within(self.share, "share", 0.0, 1.0)


class Masking(_Replacement):
    """Each value becomes zero with some probability p. Its mean is (1 − p) x.

    Attributes
    ----------
    share
        p, the share of values that are lost.
    """

    def _sample(self, x: Tensor, generator: torch.Generator | None = None) -> Tensor:
        return x * (_uniform(x, generator) >= self.share)


class SaltAndPepper(_Replacement):
    """Each value becomes, with some probability p, zero or one by the toss of a coin. Its mean is (1 − p) x + p / 2.

    Attributes
    ----------
    share
        p, the share of values that are replaced.
    """

    def _sample(self, x: Tensor, generator: torch.Generator | None = None) -> Tensor:
        u = _uniform(x, generator)
        return torch.where(u < self.share, (u < self.share / 2).to(x.dtype), x)


def _uniform(x: Tensor, generator: torch.Generator | None) -> Tensor:
    return torch.rand(x.shape, generator=generator, dtype=x.dtype, device=x.device)
