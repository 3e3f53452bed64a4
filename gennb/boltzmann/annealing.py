"""Partition functions by annealed importance sampling, forwards and in reverse."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any, NamedTuple, Protocol

import torch
from jaxtyping import Float
from torch import Tensor

from gennb._validate import check_count, check_tensor, checked

State = tuple[Tensor, ...]


class Estimate(NamedTuple):
    """A number and how far it may be off.

    Attributes
    ----------
    value
        In nats.
    standard_error
        Of the value, in nats, from the spread of independent chains; zero for what is exact.
    """

    value: Float[Tensor, ""]
    standard_error: Float[Tensor, ""]


class Path(Protocol):
    """Distributions p_β, known up to their constants, from a base (β = 0) to a model (β = 1).

    ``log_base`` is the base's log Z, and a state holds many chains, first axis first.
    """

    log_base: Tensor

    def start(self, chains: int, generator: torch.Generator | None) -> State:
        """Draw chains from the base."""
        ...

    def at(self, particles: Tensor) -> State:
        """Take up chains that stand where they are told."""
        ...

    def log_ratio(self, state: State, before: float, after: float) -> Float[Tensor, " chains"]:
        """Log p*_after − log p*_before of each chain."""
        ...

    def step(self, state: State, beta: float, generator: torch.Generator | None) -> State:
        """Take one step of a chain that leaves p_β as it is."""
        ...


def anneal(
    path: Path,
    betas: Float[Tensor, " temperatures"],
    state: State,
    generator: torch.Generator | None = None,
) -> Float[Tensor, " chains"]:
    """Lead chains along a path of distributions; return the logarithms of their importance weights.

    At each inverse temperature a chain collects log p*_next − log p*_here, and then takes one step that leaves the next
    distribution as it is. From 0 to 1 the mean of the weights is Z / Z_base in expectation, however few the
    temperatures; from 1 to 0, begun with draws of the model, it is Z_base / Z.

    References
    ----------
    Neal, Annealed Importance Sampling, 2001. Book: alg-ais.
    """
    weights = torch.zeros(len(state[0]), dtype=torch.float64, device=state[0].device)
    for before, after in pairwise(betas.tolist()):
        weights += path.log_ratio(state, before, after)
        state = path.step(state, after, generator)
    return weights


def estimate(
    path: Path,
    temperatures: Any,
    chains: int,
    particles: Tensor | None,
    generator: torch.Generator | None,
) -> Estimate:
    """Log Z by chains from the base or, where particles of the model are given, by chains back to it."""
    betas = ladder(temperatures).to(torch.float64)
    if particles is None:
        state = path.start(check_count(chains, "chains", least=2), generator)
        mean, error = log_mean(anneal(path, betas, state, generator))
        return Estimate(path.log_base + mean, error)
    mean, error = log_mean(anneal(path, betas.flip(0), path.at(particles), generator))
    return Estimate(path.log_base - mean, error)


def ladder(temperatures: Any) -> Float[Tensor, " temperatures"]:
    """Inverse temperatures from 0 to 1: so many, evenly spaced, or as they are given."""
    if not isinstance(temperatures, Tensor):
        return torch.linspace(0, 1, check_count(temperatures, "temperatures", least=2))
    check_tensor(temperatures, "temperatures", shape=("temperatures",), low=0.0, high=1.0)
    ends = temperatures[[0, -1]].tolist()
    if ends != [0.0, 1.0] or not bool((temperatures.diff() > 0).all()):
        raise ValueError(
            f"temperatures: expected inverse temperatures that rise from 0 to 1, got {len(temperatures)} from "
            f"{ends[0]:g} to {ends[1]:g}. Sort them, or give their number."
        )
    return temperatures


@checked
def base_rates(data: Float[Tensor, "examples visible"]) -> Float[Tensor, " visible"]:
    """Biases under which independent units have the means of data, one imagined example on and off included.

    Raises
    ------
    ValueError
        Data outside [0, 1].

    References
    ----------
    Hinton, A Practical Guide to Training Restricted Boltzmann Machines, 2012, section 8.
    """
    check_tensor(data, "data", low=0.0, high=1.0)
    p = (data.sum(0) + 1) / (len(data) + 2)
    return p.log() - (-p).log1p()


def log_mean(log_weights: Float[Tensor, " chains"]) -> Estimate:
    """Logarithm of the mean of weights, and its standard error to first order (the delta method)."""
    n = len(log_weights)
    value = log_weights.logsumexp(0) - math.log(n)
    spread = (log_weights - value).exp().std()  # of weights of mean one
    return Estimate(value, spread / math.sqrt(n))
