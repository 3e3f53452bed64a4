"""How machines learn: three ways to the average over the model, and what may be done with the gradient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from gennb._validate import check_count, check_kind, check_number

if TYPE_CHECKING:
    from .energy import EnergyModel

Moments = dict[str, Tensor]
"""Averages of −∂E/∂θ by the names of the parameters θ: of products of units, and of units."""

Phase = tuple[Tensor, ...]
"""What a machine knows of its units while the data hold the visible ones, or in the states of chains."""


@dataclass(frozen=True, kw_only=True)
class Learning:
    """A rule for the direction in which the parameters go: averages under the data less averages under the model.

    Attributes
    ----------
    momentum
        Share of the last step that is taken again.
    weight_decay
        The direction of each weight loses this share of the weight; biases are spared.
    centered
        Whether products are taken of units less their means in the data. The direction then does not depend on which
        state of a unit is called one, and is better conditioned.

    References
    ----------
    Hinton, A Practical Guide to Training Restricted Boltzmann Machines, 2012. Montavon and Müller, Deep Boltzmann
    Machines and the Centering Trick, 2012. Melchior, Fischer and Wiskott, How to Center Deep Boltzmann Machines, 2016.
    """

    momentum: float = 0.5
    weight_decay: float = 0.0
    centered: bool = False

    def __post_init__(self) -> None:
        if check_number(self.momentum, "momentum", at_least=0.0) >= 1:
            raise ValueError(f"momentum: expected a number in [0, 1), got {self.momentum!r}.")
        check_number(self.weight_decay, "weight_decay", at_least=0.0)
        check_kind(self.centered, "centered", bool)

    def _fantasies(self, machine: EnergyModel, held: Phase) -> Moments:
        """Averages under the model, or what stands for them; ``held`` is the phase in which the data hold it."""
        raise NotImplementedError

    @torch.no_grad()
    def _direction(self, machine: EnergyModel, v: Tensor) -> Moments:
        """Where a minibatch v (N, visible) says that the parameters should go, uphill."""
        held = machine._held(v)
        data, model = machine._averages(held), self._fantasies(machine, held)
        direction = {name: torch.sub(data[name], m, out=m) for name, m in model.items()}
        if self.centered:
            center(direction, data, machine)
        if self.weight_decay:
            for name in machine.pairs:
                direction[name] -= self.weight_decay * machine.get_parameter(name)
        return direction


@dataclass(frozen=True, kw_only=True)
class ExactGradient(Learning):
    """Averages under the model by enumeration: the gradient of the log-likelihood, for small machines."""

    def _fantasies(self, machine: EnergyModel, held: Phase) -> Moments:
        """Sum over all states."""
        return machine._model_moments()


@dataclass(frozen=True)
class ContrastiveDivergence(Learning):
    """CD-k: averages over the states that k steps of Gibbs sampling reach from the data.

    Attributes
    ----------
    k
        Steps of the chain.

    References
    ----------
    Hinton, Training Products of Experts by Minimizing Contrastive Divergence, 2002. Book: eq-cd.
    """

    k: int = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        check_count(self.k, "k")

    def _fantasies(self, machine: EnergyModel, held: Phase) -> Moments:
        """Start at the data, and forget where the chains have come to."""
        return machine._averages(machine._free(machine._go_on(held, self.k)))


@dataclass(frozen=True)
class PersistentContrastiveDivergence(ContrastiveDivergence):
    """PCD-k: averages over chains that go on from one update to the next.

    They move by the weights of the moment, and then are looked at.

    Attributes
    ----------
    k
        Steps of the chains for each update.
    chains
        How many. They are a buffer of the machine, its ``particles``.

    References
    ----------
    Younes, Estimation and Annealing for Gibbsian Fields, 1988. Tieleman, Training Restricted Boltzmann Machines Using
    Approximations to the Likelihood Gradient, 2008.
    """

    chains: int = 100

    def __post_init__(self) -> None:
        super().__post_init__()
        check_count(self.chains, "chains")

    def _fantasies(self, machine: EnergyModel, held: Phase) -> Moments:
        """Take up the chains where they stood, and leave them where they get to."""
        machine.particles.copy_(machine._run(machine.particles, self.k))
        return machine._averages(machine._free(machine.particles))


def center(direction: Moments, data: Moments, machine: EnergyModel) -> None:
    """Turn a difference of averages into that of centered units, in place.

    With μ and λ the means of the units at both ends of W: ΔW − μ Δcᵀ − Δb λᵀ for the weights, and for the biases what
    makes up for the centers, Δb − ΔW λ and Δc − ΔWᵀ μ.
    """
    for weight, (low, high) in machine.pairs.items():
        slope = direction[weight]
        slope -= torch.outer(data[low], direction[high]) + torch.outer(direction[low], data[high])
        if low == high:
            slope *= machine.get_buffer("connections")
    for weight, (low, high) in machine.pairs.items():
        direction[low] = direction[low] - direction[weight] @ data[high]
        if low != high:
            direction[high] = direction[high] - direction[weight].mT @ data[low]
