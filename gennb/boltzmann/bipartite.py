"""Machines whose units fall into two sides without connections inside: each side is drawn at once, given the other."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import softplus

from gennb._binary import check_enumerable, states

from .annealing import Path, State
from .energy import EnergyModel
from .learning import Moments, Phase
from .units import CHUNK, bernoulli


class Bipartite(EnergyModel):
    """Units on an even and an odd side; the visible ones are the first of the even side, which the chains remember.

    A machine says which inputs each side gets from the other, and what its biases are. Its phases are even units
    and the means of odd ones.
    """

    def _odd_input(self, even: Tensor) -> Tensor:
        """Inputs of the odd units, biases included."""
        raise NotImplementedError

    def _even_input(self, odd: Tensor) -> Tensor:
        """Inputs of the even units, biases included."""
        raise NotImplementedError

    def _biases(self) -> tuple[Tensor, Tensor]:
        """Biases of the even and of the odd units."""
        raise NotImplementedError

    def _moments(self, even: Tensor, odd: Tensor, weights: Tensor) -> Moments:
        """Averages over states, or over means of units that are independent, with their weights (N,)."""
        raise NotImplementedError

    def _log_even(self, even: Tensor) -> Tensor:
        """Log Σ exp(−E) over the odd units."""
        return even @ self._biases()[0] + softplus(self._odd_input(even)).sum(-1)

    def _log_odd(self, odd: Tensor) -> Tensor:
        """Log Σ exp(−E) over the even units."""
        return odd @ self._biases()[1] + softplus(self._even_input(odd)).sum(-1)

    def _smaller(self, what: str) -> tuple[bool, Tensor, Tensor]:
        """Whether the odd side is the smaller one; its states, and log Σ exp(−E) over the other side for each."""
        n_even, n_odd = map(len, self._biases())
        mend = "Estimate it by method='ais', or take fewer units."
        check_enumerable(min(n_even, n_odd), what, mend)
        odd = n_odd <= n_even
        s = states(min(n_even, n_odd), self._biases()[0])
        sum_out = self._log_odd if odd else self._log_even
        parts = s.split(max(1, CHUNK // max(n_even, n_odd)))
        return odd, s, torch.cat([sum_out(part) for part in parts])

    def _log_partition(self) -> Tensor:
        return self._smaller("log_partition")[2].logsumexp(0)

    def _model_moments(self) -> Moments:
        """Averages over the model: one side is enumerated, the other one given by its means."""
        odd, s, log_p = self._smaller("gradient")
        p = log_p.softmax(0)
        parts = s.split(max(1, CHUNK // max(map(len, self._biases()))))
        moments: Moments = {}
        for part, weight in zip(parts, p.split(len(parts[0])), strict=True):
            even, other = (
                (self._even_input(part).sigmoid(), part)
                if odd
                else (part, self._odd_input(part).sigmoid())
            )
            for name, value in self._moments(even, other, weight).items():
                moments[name] = moments.get(name, 0) + value
        return moments

    def _free(self, even: Tensor) -> Phase:
        return even, self._odd_input(even).sigmoid_()

    def _averages(self, phase: Phase) -> Moments:
        even, odd = phase
        return self._moments(even, odd, even.new_full((len(even),), 1 / len(even)))

    def _go_on(self, phase: Phase, k: int) -> Tensor:
        odd = bernoulli(phase[1])
        return self._run(bernoulli(self._even_input(odd).sigmoid_()), k - 1)

    def _state_biases(self) -> Tensor:
        return self._biases()[0]

    def _run(
        self,
        even: Tensor,
        k: int,
        generator: torch.Generator | None = None,
        temperature: float = 1.0,
    ) -> Tensor:
        """Let chains make k steps: the odd units given the even ones, then the even ones given these."""
        for _ in range(k):
            odd = bernoulli(self._odd_input(even).div_(temperature).sigmoid_(), generator)
            even = bernoulli(self._even_input(odd).div_(temperature).sigmoid_(), generator)
        return even

    def _draw_exactly(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        odd, s, log_p = self._smaller("sample")
        drawn = s[torch.multinomial(log_p.softmax(0), n, replacement=True, generator=generator)]
        return bernoulli(self._even_input(drawn).sigmoid_(), generator) if odd else drawn

    def _path(self, data: Tensor | None) -> Path:
        return _Path(self, data)


class _Path:
    """p_β(even, odd) ∝ exp(even·((1 − β) a + β b) + β (odd·c + even·W odd)): independent units turn into the machine.

    A state is the even units and the inputs that they give to the odd ones.

    References
    ----------
    Salakhutdinov and Murray, 2008, equations 14 to 19.
    """

    def __init__(self, machine: Bipartite, data: Tensor | None) -> None:
        self.machine = machine
        even, odd = machine._biases()
        self.base = machine._base(data)
        self.drift = even - self.base
        self.log_base = softplus(self.base.double()).sum() + len(odd) * math.log(2)

    def start(self, chains: int, generator: torch.Generator | None) -> State:
        return self.at(bernoulli(torch.sigmoid(self.base).expand(chains, -1), generator))

    def at(self, particles: Tensor) -> State:
        return particles, self.machine._odd_input(particles)

    def log_ratio(self, state: State, before: float, after: float) -> Tensor:
        even, inputs = state
        gain = softplus(after * inputs) - softplus(before * inputs)
        return (after - before) * (even @ self.drift) + gain.sum(1)

    def step(self, state: State, beta: float, generator: torch.Generator | None) -> State:
        odd = bernoulli(torch.sigmoid(beta * state[1]), generator)
        inputs = self.machine._even_input(odd)
        return self.at(bernoulli(torch.sigmoid(self.base.lerp(inputs, beta)), generator))
