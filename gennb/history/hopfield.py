"""Hopfield's network: memories as valleys of an energy, found by units that look at each other."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from gennb._validate import check_choice, check_count, check_tensor, checked

from ._signs import check_signs


@dataclass(frozen=True)
class Recall:
    """Where states went, and how their energy fell.

    Attributes
    ----------
    states
        (batch, n): the last states.
    energies
        (sweeps + 1, batch): before the first sweep and after each.
    settled
        (batch,), bool: whether the last sweep changed nothing.
    """

    states: Tensor
    energies: Tensor
    settled: Tensor


TIE = 1e-6  # of the sum of |W| of a unit: net inputs that rounding cannot tell from zero


class Hopfield(nn.Module):
    """Units of −1 and +1, each joined with each, E(s) = −sᵀWs / 2.

    Parameters
    ----------
    n
        Units.

    Attributes
    ----------
    W
        (n, n), symmetric, zeros on the diagonal.

    References
    ----------
    Hopfield, Neural Networks and Physical Systems with Emergent Collective Computational Abilities, 1982. Book:
    eq-hopfield-energy, eq-hopfield-store, thm-hopfield.
    """

    W: Tensor

    def __init__(self, n: int) -> None:
        super().__init__()
        self.n = check_count(n, "n", least=2)
        self.register_buffer("W", torch.zeros(n, n))

    @checked
    def store(self, patterns: Float[Tensor, "patterns units"]) -> None:
        """Add patterns (P, n) of −1 and +1 by Hebb's rule: W gains ξξᵀ/n of each, off the diagonal."""
        xi = check_signs(patterns, "patterns", ("patterns", self.n)).to(self.W)
        self.W += xi.mT @ xi / self.n
        self.W.fill_diagonal_(0)

    @checked
    def energy(self, s: Float[Tensor, "batch units"]) -> Float[Tensor, " batch"]:
        """Return −sᵀWs / 2."""
        return -0.5 * ((s @ self.W) * s).sum(1)

    @checked
    def recall(
        self,
        s: Float[Tensor, "batch units"],
        mode: Literal["asynchronous", "synchronous"] = "asynchronous",
        *,
        sweeps: int = 20,
        generator: torch.Generator | None = None,
    ) -> Recall:
        """Let states run until none changes, or for so many sweeps.

        A unit takes the sign of its net input, and stays as it is where that is zero or so small that rounding could
        have made it: a millionth of what it would be if all spoke with one voice. Asynchronously one unit at a time
        moves, in a new random order each sweep, and the energy never rises; synchronously all move at once, and a state
        may come back every other sweep.
        """
        s = check_signs(s, "s", ("batch", self.n)).to(self.W)
        check_choice(mode, "mode", ("asynchronous", "synchronous"))
        check_count(sweeps, "sweeps")
        tie = TIE * self.W.abs().sum(1)
        energies, settled = [self.energy(s)], torch.zeros(len(s), dtype=torch.bool)
        for _ in range(sweeps):
            before = s
            if mode == "synchronous":
                s = _follow(s @ self.W.mT, s, tie)
            else:
                by_unit = s.mT.clone(memory_format=torch.contiguous_format)
                for i in torch.randperm(self.n, generator=generator).tolist():
                    by_unit[i] = _follow(self.W[i] @ by_unit, by_unit[i], tie[i])
                s = by_unit.mT.contiguous()
            energies.append(self.energy(s))
            settled = (s == before).all(1)
            if settled.all():
                break
        return Recall(s, torch.stack(energies), settled)


def _follow(net: Tensor, s: Tensor, tie: Tensor) -> Tensor:
    return torch.where(net.abs() <= tie, s, net.sign())


@checked
def retrieval_overlap(y: Float[Tensor, " points"]) -> tuple[Tensor, Tensor]:
    """Return the load α = P/N and the overlap m = erf(y) of the states near a stored pattern, for many units.

    y > 0 is the mean net input of a pattern's units in units of √2 times its spread, which the other patterns cause.
    Along y, α rises to the capacity, near 0.138, and falls again; the states before that summit are unstable.

    References
    ----------
    Amit, Gutfreund and Sompolinsky, Storing Infinite Numbers of Patterns in a Spin-Glass Model of Neural Networks,
    1985. Book: eq-hopfield-capacity.
    """
    check_tensor(y, "y", low=1e-6)
    m = torch.erf(y)
    root = m / y - 2 / math.pi**0.5 * torch.exp(-(y**2))
    return root.square() / 2, m
