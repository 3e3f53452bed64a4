"""Keys of the exercises of the part on Boltzmann machines."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import torch
from torch import Tensor

from gennb.exercises import key


@key(
    "ex-warm-unit",
    tolerance=2e-3,
    hint="The input is the bias, and the weight times the other unit.",
)
def warm_unit() -> list[Tensor]:
    """Probability of a unit with input -1 + 2 at the temperatures 1 and 2, from the odds of its two states."""
    gap = torch.tensor(-1.0 + 2.0, dtype=torch.float64)
    return [(gap / t).exp() / (1 + (gap / t).exp()) for t in (1.0, 2.0)]


@key(
    "ex-counted-twice",
    tolerance=2e-3,
    hint="List the four states with their energies, and normalize.",
)
def counted_twice() -> list[Tensor]:
    """Probability that both of two units are on, with the energy -1 or -2 for that state and 0 for the others."""
    return [
        torch.tensor([0.0, 0.0, 0.0, count], dtype=torch.float64).softmax(0)[3]
        for count in (1.0, 2.0)
    ]


def _machines() -> list[tuple[Tensor, Tensor]]:
    generator = torch.Generator().manual_seed(0)
    machines = []
    for n in range(1, 7):
        upper = torch.randn(n, n, generator=generator, dtype=torch.float64).triu(1)
        machines.append(
            (upper + upper.mT, torch.randn(n, generator=generator, dtype=torch.float64))
        )
    return machines


def _measured(averages: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    return torch.cat([torch.as_tensor(averages(W, b)).flatten() for W, b in _machines()])


@key(
    "ex-negative-phase",
    tolerance=1e-6,
    measured=_measured,
    hint="Sum over all states s with their probability p(s); the energy counts each pair once.",
)
def negative_phase() -> Tensor:
    """Averages of products by plain sums, state by state and pair by pair."""
    found = []
    for W, b in _machines():
        n = len(b)
        total, products = torch.zeros(()).double(), torch.zeros(n, n, dtype=torch.float64)
        for bits in itertools.product([0.0, 1.0], repeat=n):
            s = torch.tensor(bits, dtype=torch.float64)
            pairs = itertools.combinations(range(n), 2)
            weight = ((s * b).sum() + sum(W[i, j] * s[i] * s[j] for i, j in pairs)).exp()
            total = total + weight
            products += weight * torch.outer(s, s)
        found.append((products / total).flatten())
    return torch.cat(found)
