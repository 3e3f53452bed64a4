"""What all energy-based machines share: probabilities from energies, and their players."""

from __future__ import annotations

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from gennb._validate import check_choice, check_count, check_kind, check_number, checked
from gennb.train import Player
from gennb.train.player import with_first_look

from .annealing import Estimate, Path, base_rates, estimate
from .learning import Learning, Moments, PersistentContrastiveDivergence, Phase
from .units import bernoulli, check_binary

METHODS = ("exact", "ais", "reverse-ais")


class EnergyModel(nn.Module):
    """Binary units whose states have the probability exp(−E) / Z, with an energy linear in the parameters.

    A machine says how its energy, its sums over states and its Markov chains go; likelihood, sampling and learning are
    the same for all.
    """

    n_visible: int
    learning: Learning
    pairs: dict[str, tuple[str, str]]
    """The biases at both ends of each matrix of weights, by their names among the parameters."""
    particles: Tensor
    """States of persistent chains, where `learning` asks for them."""

    def __init__(self) -> None:
        super().__init__()

    # What a machine says of itself. All states are rows of zeros and ones that have been checked.

    def _free_energy(self, v: Tensor) -> Tensor:
        """−log Σ_h exp(−E(v, h)): (N, visible) to (N,)."""
        raise NotImplementedError

    def _log_partition(self) -> Tensor:
        """Log Z by enumeration, differentiable."""
        raise NotImplementedError

    def _held(self, v: Tensor) -> Phase:
        """The units while data hold the visible ones: p(h|v), or what stands for it."""
        raise NotImplementedError

    def _free(self, state: Tensor) -> Phase:
        """The units in the states of chains."""
        raise NotImplementedError

    def _averages(self, phase: Phase) -> Moments:
        """Averages over a phase."""
        raise NotImplementedError

    def _go_on(self, phase: Phase, k: int) -> Tensor:
        """Let chains make k steps from a phase; return their states."""
        raise NotImplementedError

    def _model_moments(self) -> Moments:
        """Averages over p(v, h), by enumeration."""
        raise NotImplementedError

    def _state_biases(self) -> Tensor:
        """Biases of the units that chains remember from one step to the next; the visible ones come first."""
        raise NotImplementedError

    def _run(self, state: Tensor, k: int, generator: torch.Generator | None = None) -> Tensor:
        """Let chains make k steps."""
        raise NotImplementedError

    def _draw_exactly(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        """Draw n states by enumeration."""
        raise NotImplementedError

    def _path(self, data: Tensor | None) -> Path:
        """From independent units, whose visible ones have the means of the data, to this machine."""
        raise NotImplementedError

    # What all of them can do

    def _scatter(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        """States of n chains in which each unit is one half of the time on."""
        bias = self._state_biases()
        return bernoulli(bias.new_full((n, len(bias)), 0.5), generator)

    def _base(self, data: Tensor | None) -> Tensor:
        """Biases of the independent units that annealing begins with."""
        base = torch.zeros_like(self._state_biases())
        if data is not None:
            base[: self.n_visible] = base_rates(data)
        return base

    def learn_by(self, learning: Learning) -> None:
        """Change the rule by which the machine learns; persistent chains begin anew."""
        self.learning = check_kind(learning, "learning", Learning, "Try ContrastiveDivergence(1).")
        chains = None
        if isinstance(learning, PersistentContrastiveDivergence):
            chains = self._scatter(learning.chains)
        self.register_buffer("particles", chains)

    @checked
    def free_energy(self, v: Float[Tensor, "*batch visible"]) -> Float[Tensor, "*batch"]:
        """F(v) = −log Σ_h exp(−E(v, h)) in nats: the energy that p(v) has as if there were no hidden units."""
        v = self._visible(v)
        return self._free_energy(v.reshape(-1, self.n_visible)).reshape(v.shape[:-1])

    @checked
    @torch.no_grad()
    def free_energy_gap(
        self, data: Float[Tensor, "examples visible"], held_out: Float[Tensor, "others visible"]
    ) -> Float[Tensor, ""]:
        """Mean F of the held-out examples less that of the data, in nats: what learning by heart opens.

        It is also the mean log-likelihood of the data less that of the others, with no log Z to be known.

        References
        ----------
        Hinton, A Practical Guide to Training Restricted Boltzmann Machines, 2010, section 6. Book: eq-free-energy-gap.
        """
        seen, unseen = self._visible(data, "data"), self._visible(held_out, "held_out")
        return self._free_energy(unseen).mean() - self._free_energy(seen).mean()

    @checked
    @torch.no_grad()
    def log_partition(
        self,
        method: str = "exact",
        *,
        data: Float[Tensor, "examples visible"] | None = None,
        temperatures: int | Tensor = 1000,
        chains: int = 100,
        particles: Float[Tensor, "chains units"] | None = None,
        generator: torch.Generator | None = None,
    ) -> Estimate:
        """Logarithm of the partition function Z, the sum of exp(−E) over all states, in nats.

        Parameters
        ----------
        method
            "exact": by enumeration, of at most 20 units. "ais": by chains that are led from independent units to the
            machine; Z is right in expectation, so that log Z tends to come out too low. "reverse-ais": by chains led
            the other way; log Z tends to come out too high, if they begin with draws of the machine.
        data
            Examples whose means the independent units of the base have. None: each is one half of the time on.
        temperatures
            How many inverse temperatures from 0 to 1, or themselves.
        chains
            Independent chains; their spread gives the standard error.
        particles
            For "reverse-ais": draws of the machine, as `sample_states` makes them.

        Raises
        ------
        ValueError
            Too many units to enumerate, with their number of states; NaN among the weights.

        References
        ----------
        Salakhutdinov and Murray, On the Quantitative Analysis of Deep Belief Networks, 2008. Grosse, Ghahramani and
        Adams, Sandwiching the Marginal Likelihood Using Bidirectional Monte Carlo, 2015.
        """
        check_choice(method, "method", METHODS)
        self._check_weights()
        if method == "exact":
            value = self._log_partition().double()
            return Estimate(value, torch.zeros_like(value))
        if data is not None:
            data = self._visible(data, "data")
        if method == "ais":
            particles = None
        elif particles is None:
            raise ValueError(
                "particles: expected draws of the machine for reverse annealing to begin with, got none. "
                "Draw them: machine.sample_states(100, steps=5000), or steps=None where it can be enumerated."
            )
        else:
            check_binary(particles, "particles", len(self._state_biases()))
        return estimate(self._path(data), temperatures, chains, particles, generator)

    @checked
    def log_prob(
        self, v: Float[Tensor, "*batch visible"], log_partition: float | Tensor | None = None
    ) -> Float[Tensor, "*batch"]:
        """Log p(v) = −F(v) − log Z in nats per example.

        ``log_partition`` is log Z, where it has been estimated; None: by enumeration, differentiable as it is.

        References
        ----------
        Equations 3.3 and 3.4. Book: eq-3-3.
        """
        if log_partition is not None:
            return self.free_energy(v).neg() - check_number(log_partition, "log_partition")
        return self.free_energy(v).neg() - self._log_partition()

    @torch.no_grad()
    def sample(
        self, n: int, generator: torch.Generator | None = None, *, steps: int | None = 1000
    ) -> Float[Tensor, "n visible"]:
        """Draw n visible states: the ends of as many Markov chains, or, with ``steps=None``, exactly by enumeration."""
        return self.sample_states(n, generator, steps=steps)[:, : self.n_visible]

    @torch.no_grad()
    def sample_states(
        self, n: int, generator: torch.Generator | None = None, *, steps: int | None = 1000
    ) -> Float[Tensor, "n units"]:
        """As `sample`, with all that a chain remembers from one step to the next; the visible units come first."""
        check_count(n, "n")
        if generator is not None:
            check_kind(generator, "generator", torch.Generator)
        self._check_weights()
        if steps is None:
            return self._draw_exactly(n, generator)
        return self._run(self._scatter(n, generator), check_count(steps, "steps"), generator)

    @checked
    @torch.no_grad()
    def gradient(self, v: Float[Tensor, "batch visible"]) -> Moments:
        """Exact gradient of the mean of log p(v) by each parameter, as a difference of two averages.

        References
        ----------
        Ackley, Hinton and Sejnowski, A Learning Algorithm for Boltzmann Machines, 1985. Equation 3.7, with its sign
        mended. Book: eq-3-7.
        """
        data = self._averages(self._held(self._visible(v)))
        model = self._model_moments()
        return {name: data[name] - model[name] for name in data}

    @checked
    def loss(self, v: Float[Tensor, "batch visible"]) -> Float[Tensor, ""]:
        """Mean energy of a minibatch less that of the fantasies, in nats, as if both averages stood still.

        Its gradient is the direction of `learning`, downhill: for exact averages that of the negative log-likelihood,
        for the others of nothing at all.
        """
        return self._loss(self._visible(v))

    def _loss(self, v: Tensor) -> Tensor:
        direction = self.learning._direction(self, v)
        slopes = [
            torch.dot(p.flatten(), direction[name].flatten()) for name, p in self.named_parameters()
        ]
        return -torch.stack(slopes).sum()

    def players(self) -> list[Player]:
        """One player, who follows the direction of `learning` by steps with momentum."""
        loss = with_first_look(self._loss, lambda v: self._visible(v, "data"))
        momentum = {"momentum": self.learning.momentum}
        weights = list(self.parameters())
        return [Player("machine", weights, loss, optimizer=torch.optim.SGD, options=momentum)]

    def _visible(self, v: Any, name: str = "v") -> Tensor:
        self._check_weights()
        return check_binary(v, name, self.n_visible)

    def _check_weights(self) -> None:
        for name, weight in self.named_parameters():
            if not bool(weight.isfinite().all()):
                raise ValueError(
                    f"{name}: expected finite weights, found NaN or infinity. Learning has diverged: begin anew "
                    "with a smaller learning rate."
                )
