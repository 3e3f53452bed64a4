"""The Boltzmann machine with any connections: small enough to be enumerated, or sampled unit by unit."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import softplus

from gennb._binary import check_enumerable, states
from gennb._validate import check_count, check_number, check_tensor, checked

from .annealing import Path, State
from .energy import EnergyModel
from .learning import ExactGradient, Learning, Moments, Phase
from .units import CHUNK, bernoulli, check_binary


class BoltzmannMachine(EnergyModel):
    """Binary units, visible and hidden, any two of which may be joined: E(s) = −bᵀs − sᵀWs / 2.

    Parameters
    ----------
    n_visible, n_hidden
        Units that data are put on, and units that explain them. In a state the visible ones come first.
    connections
        (n, n): which units are joined, as ones in a symmetric matrix. None: all of them.
    learning
        How ``train.fit`` finds a direction. Enumeration sums over at most 20 units.

    Attributes
    ----------
    W
        (n, n), symmetric with zeros on the diagonal: each weight stands there twice and counts once.
    b
        (n,): biases.

    References
    ----------
    Ackley, Hinton and Sejnowski, A Learning Algorithm for Boltzmann Machines, 1985. Book: eq-3-1.
    """

    connections: Tensor

    def __init__(
        self,
        n_visible: int,
        n_hidden: int = 0,
        *,
        connections: Float[Tensor, "units units"] | None = None,
        learning: Learning | None = None,
    ) -> None:
        super().__init__()
        self.n_visible = check_count(n_visible, "n_visible")
        self.n_hidden = check_count(n_hidden, "n_hidden", least=0)
        n = self.n_visible + self.n_hidden
        joined = torch.ones(n, n) if connections is None else connections
        check_tensor(joined, "connections", shape=(n, n), low=0.0, high=1.0)
        joined = (joined > 0).float()
        if connections is None:
            joined.fill_diagonal_(0)
        _check_symmetric(joined, "connections")
        self.register_buffer("connections", joined)
        weights = torch.randn(n, n).mul_(0.01).triu(1)
        self.W = torch.nn.Parameter((weights + weights.mT) * self.connections)
        self.b = torch.nn.Parameter(torch.zeros(n))
        self.pairs = {"W": ("b", "b")}
        self._check_weights()
        self.learn_by(ExactGradient() if learning is None else learning)

    @classmethod
    @checked
    def from_weights(
        cls,
        W: Float[Tensor, "units units"],
        b: Float[Tensor, " units"],
        n_visible: int,
        *,
        learning: Learning | None = None,
    ) -> BoltzmannMachine:
        """Make a machine with these weights and biases; where W is zero, no units are joined."""
        W = _check_symmetric(check_tensor(W, "W"), "W")
        check_tensor(b, "b")
        n_hidden = check_count(
            len(b) - check_count(n_visible, "n_visible"), "hidden units", least=0
        )
        machine = cls(n_visible, n_hidden, connections=(W != 0).to(W.dtype), learning=learning)
        machine.to(W)
        with torch.no_grad():
            machine.W.copy_(W)
            machine.b.copy_(b)
        machine._check_weights()
        return machine

    @checked
    def energy(
        self, v: Float[Tensor, "*batch visible"], h: Float[Tensor, "*batch hidden"] | None = None
    ) -> Float[Tensor, "*batch"]:
        """E(v, h) of equation 3.1 in nats, each pair of units once; without hidden units h is left out."""
        return self._energy(self._joined(v, h))

    @checked
    def conditional(
        self, s: Float[Tensor, "*batch units"], *, temperature: float = 1.0
    ) -> Float[Tensor, "*batch units"]:
        """Probability that each unit is one, given all the others: σ((b + Ws) / T).

        References
        ----------
        Book: eq-unit-conditional.
        """
        self._check_weights()
        check_binary(s, "s", len(self.b))
        check_number(temperature, "temperature", above=0.0)
        return torch.sigmoid((self.b + s @ self.W) / temperature)

    @checked
    def distribution(self, *, temperature: float = 1.0) -> Float[Tensor, " states"]:
        """exp(−E / T), normalized (equation 3.2): probabilities of all states, in the order of `states`."""
        self._check_weights()
        check_number(temperature, "temperature", above=0.0)
        return torch.softmax(-self._energy(self._all("distribution")) / temperature, 0)

    @checked
    @torch.no_grad()
    def gibbs(
        self,
        s: Float[Tensor, "chains units"],
        sweeps: int = 1,
        *,
        temperature: float = 1.0,
        clamped: bool = False,
        generator: torch.Generator | None = None,
    ) -> Float[Tensor, "chains units"]:
        """Draw every unit in turn given the others, so many times; ``clamped`` leaves the visible ones as they are.

        References
        ----------
        Geman and Geman, Stochastic Relaxation, Gibbs Distributions, and the Bayesian Restoration of Images, 1984.
        Book: alg-gibbs.
        """
        self._check_weights()
        check_binary(s, "s", len(self.b))
        check_count(sweeps, "sweeps")
        check_number(temperature, "temperature", above=0.0)
        return self._run(s, sweeps, generator, temperature, self.n_visible if clamped else 0)

    def _energy(self, s: Tensor) -> Tensor:
        return -(s @ self.b) - 0.5 * ((s @ self.W) * s).sum(-1)

    def _joined(self, v: Tensor, h: Tensor | None) -> Tensor:
        v = self._visible(v)
        if h is None:
            h = v.new_zeros(*v.shape[:-1], 0)
        elif self.n_hidden:
            check_binary(h, "h", self.n_hidden)
        if h.shape[-1] != self.n_hidden:
            raise ValueError(
                f"h: expected {self.n_hidden} hidden units, got shape {tuple(h.shape)}."
            )
        return torch.cat([v, h], -1)

    def _all(self, what: str) -> Tensor:
        check_enumerable(len(self.b), what, "Estimate it by method='ais', or take fewer units.")
        return states(len(self.b), self.b)

    def _sweep(
        self,
        s: Tensor,
        W: Tensor,
        b: Tensor,
        generator: torch.Generator | None = None,
        first: int = 0,
    ) -> Tensor:
        s = s.clone()
        uniform = torch.rand(s.shape, generator=generator, dtype=s.dtype, device=s.device)
        for i in range(first, s.shape[1]):
            s[:, i] = (uniform[:, i] < torch.sigmoid(b[i] + s @ W[:, i])).to(s.dtype)
        return s

    def _over_hidden(self, v: Tensor) -> tuple[Tensor, Tensor]:
        """All hidden states, and −E(v, h) of each with each v: (2^hidden, hidden) and (N, 2^hidden)."""
        check_enumerable(self.n_hidden, "hidden units", "Sample them: gibbs(..., clamped=True).")
        k = self.n_visible
        h = states(self.n_hidden, v)
        inside = h @ self.b[k:] + 0.5 * ((h @ self.W[k:, k:]) * h).sum(-1)
        of_data = v @ self.b[:k] + 0.5 * ((v @ self.W[:k, :k]) * v).sum(-1)
        return h, of_data[:, None] + inside + v @ self.W[:k, k:] @ h.mT

    def _free_energy(self, v: Tensor) -> Tensor:
        parts = v.split(max(1, CHUNK >> self.n_hidden))
        return -torch.cat([self._over_hidden(part)[1].logsumexp(1) for part in parts])

    def _log_partition(self) -> Tensor:
        return (-self._energy(self._all("log_partition"))).logsumexp(0)

    def _moments(self, s: Tensor, weights: Tensor) -> Moments:
        """Averages of units and of their products over weighted states."""
        weighted = weights[:, None] * s
        return {"W": self._joined_pairs(weighted.mT @ s), "b": weighted.sum(0)}

    def _joined_pairs(self, products: Tensor) -> Tensor:
        """What is due to the weights of averages of products; rounding leaves these not quite symmetric."""
        return (products + products.mT) / 2 * self.connections

    def _held(self, v: Tensor) -> Phase:
        """Data, all states of the hidden units, and p(h|v)."""
        h, log_joint = self._over_hidden(v)
        return v, h, log_joint.softmax(1)

    def _free(self, s: Tensor) -> Phase:
        return (s,)

    def _averages(self, phase: Phase) -> Moments:
        n = len(phase[0])
        if len(phase) == 1:
            return self._moments(phase[0], phase[0].new_full((n,), 1 / n))
        v, h, p = phase
        cross = v.mT @ (p @ h) / n
        within = (p.mean(0)[:, None] * h).mT @ h
        W = torch.cat([torch.cat([v.mT @ v / n, cross], 1), torch.cat([cross.mT, within], 1)])
        return {"W": self._joined_pairs(W), "b": torch.cat([v.mean(0), (p @ h).mean(0)])}

    def _go_on(self, phase: Phase, k: int) -> Tensor:
        s = phase[0]
        if len(phase) > 1:
            v, h, p = phase
            s = torch.cat([v, h[torch.multinomial(p, 1)[:, 0]]], 1)
        return self._run(s, k)

    def _model_moments(self) -> Moments:
        s = self._all("gradient")
        return self._moments(s, torch.softmax(-self._energy(s), 0))

    def _state_biases(self) -> Tensor:
        return self.b

    def _run(
        self,
        s: Tensor,
        k: int,
        generator: torch.Generator | None = None,
        temperature: float = 1.0,
        first: int = 0,
    ) -> Tensor:
        W, b = self.W / temperature, self.b / temperature
        for _ in range(k):
            s = self._sweep(s, W, b, generator, first)
        return s

    def _draw_exactly(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        s = self._all("sample")
        p = torch.softmax(-self._energy(s), 0)
        return s[torch.multinomial(p, n, replacement=True, generator=generator)]

    def _path(self, data: Tensor | None) -> Path:
        return _Path(self, data)

    def _check_weights(self) -> None:
        super()._check_weights()
        _check_symmetric(self.W, "W")
        if bool(((self.W != 0) & (self.connections == 0)).any()):
            raise ValueError(
                "W: expected zeros where no units are joined, found weights there. Make a machine that has these "
                "connections: BoltzmannMachine.from_weights(W, b, n_visible)."
            )


def _check_symmetric(W: Tensor, name: str) -> Tensor:
    """Return W, symmetric to the last bit, if it is so but for rounding, with zeros on its diagonal."""
    wrong = ~torch.isclose(W, W.mT, rtol=1e-4, atol=1e-7)
    wrong.diagonal().copy_(W.diagonal() != 0)
    if bool(wrong.any()):
        i, j = wrong.nonzero()[0].tolist()
        raise ValueError(
            f"{name}: expected a symmetric matrix with zeros on its diagonal, got {W[i, j]:g} in row {i}, column {j}, "
            f"and {W[j, i]:g} across the diagonal. Set both: no unit is joined with itself."
        )
    return (W + W.mT) / 2


class _Path:
    """p_β(s) ∝ exp(−(1 − β) E_base − β E): a sweep of the units leaves it as it is."""

    def __init__(self, machine: BoltzmannMachine, data: Tensor | None) -> None:
        self.machine = machine
        self.base = machine._base(data)
        self.log_base = softplus(self.base.double()).sum()

    def start(self, chains: int, generator: torch.Generator | None) -> State:
        return (bernoulli(torch.sigmoid(self.base).expand(chains, -1), generator),)

    def at(self, particles: Tensor) -> State:
        return (particles,)

    def log_ratio(self, state: State, before: float, after: float) -> Tensor:
        (s,) = state
        return (after - before) * (-self.machine._energy(s) - s @ self.base)

    def step(self, state: State, beta: float, generator: torch.Generator | None) -> State:
        bias = (1 - beta) * self.base + beta * self.machine.b
        return (self.machine._sweep(state[0], beta * self.machine.W, bias, generator),)
