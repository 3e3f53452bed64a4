"""The restricted Boltzmann machine."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import linear, logsigmoid, softplus

from gennb._binary import check_enumerable, states
from gennb._validate import check_count, check_number, checked

from .bipartite import Bipartite
from .learning import ContrastiveDivergence, Learning, Moments, Phase
from .units import CHUNK, bernoulli, check_binary


class RBM(Bipartite):
    """A Boltzmann machine without connections among visible or among hidden units: E(v, h) = −bᵀv − cᵀh − vᵀW h.

    Parameters
    ----------
    n_visible, n_hidden
        Units.
    learning
        How ``train.fit`` finds a direction.

    Attributes
    ----------
    W
        (visible, hidden): weights.
    b, c
        (visible,) and (hidden,): biases.

    References
    ----------
    Smolensky, Information Processing in Dynamical Systems: Foundations of Harmony Theory, 1986. Book: eq-3-8.
    """

    def __init__(self, n_visible: int, n_hidden: int, *, learning: Learning | None = None) -> None:
        super().__init__()
        self.n_visible = check_count(n_visible, "n_visible")
        self.n_hidden = check_count(n_hidden, "n_hidden")
        self.W = nn.Parameter(torch.randn(n_visible, n_hidden) * 0.01)
        self.b = nn.Parameter(torch.zeros(n_visible))
        self.c = nn.Parameter(torch.zeros(n_hidden))
        self.pairs = {"W": ("b", "c")}
        self.learn_by(ContrastiveDivergence() if learning is None else learning)

    @checked
    def energy(
        self, v: Float[Tensor, "*batch visible"], h: Float[Tensor, "*batch hidden"]
    ) -> Float[Tensor, "*batch"]:
        """E(v, h) of equation 3.8 in nats."""
        v, h = self._visible(v), check_binary(h, "h", self.n_hidden)
        return -(v @ self.b) - h @ self.c - ((v @ self.W) * h).sum(-1)

    @checked
    def hidden_given_visible(
        self, v: Float[Tensor, "*batch visible"]
    ) -> Float[Tensor, "*batch hidden"]:
        """Each p(h = 1 | v), which is σ(c + Wᵀv): given v, the hidden units are independent."""
        return torch.sigmoid(self._odd_input(self._visible(v)))

    @checked
    def visible_given_hidden(
        self, h: Float[Tensor, "*batch hidden"]
    ) -> Float[Tensor, "*batch visible"]:
        """Each p(v = 1 | h), which is σ(b + Wh)."""
        self._check_weights()
        return torch.sigmoid(self._even_input(check_binary(h, "h", self.n_hidden)))

    @checked
    @torch.no_grad()
    def gibbs(
        self,
        v: Float[Tensor, "chains visible"],
        steps: int = 1,
        *,
        temperature: float = 1.0,
        generator: torch.Generator | None = None,
    ) -> Float[Tensor, "chains visible"]:
        """Draw all hidden units given the visible ones, then these given those, so many times."""
        v = self._visible(v)
        check_number(temperature, "temperature", above=0.0)
        return self._run(v, check_count(steps, "steps"), generator, temperature)

    def transition_matrix(self) -> Float[Tensor, "states states"]:
        """Where one Gibbs step leads: T(v, v′), for all visible states in the order of `states`.

        T(v, v′) is the sum over h of p(v′ given h) p(h given v). A distribution p over the visible states becomes
        p @ T; the machine's own one stays. Differentiable.
        """
        self._check_weights()
        units = self.n_visible + self.n_hidden
        check_enumerable(units, "transition_matrix", "Follow chains: gibbs(v, steps).")
        v, h = states(self.n_visible, self.W), states(self.n_hidden, self.W)
        return _chances(self._odd_input(v), h) @ _chances(self._even_input(h), v)

    @checked
    @torch.no_grad()
    def reconstruct(
        self, v: Float[Tensor, "batch visible"], generator: torch.Generator | None = None
    ) -> Float[Tensor, "batch visible"]:
        """Draw hidden units given v, and return the means of the visible ones given these."""
        h = bernoulli(torch.sigmoid(self._odd_input(self._visible(v))), generator)
        return torch.sigmoid(self._even_input(h))

    @checked
    @torch.no_grad()
    def pseudo_log_likelihood(self, v: Float[Tensor, "batch visible"]) -> Float[Tensor, " batch"]:
        """Sum over the visible units of log p(each | all others) in nats: it needs no Z, and is no likelihood.

        References
        ----------
        Besag, Statistical Analysis of Non-Lattice Data, 1975.
        """
        v = self._visible(v)
        return torch.cat([self._pseudo(part) for part in v.split(max(1, CHUNK // self.W.numel()))])

    def _pseudo(self, v: Tensor) -> Tensor:
        inputs, turn = self._odd_input(v), 1 - 2 * v
        flipped = softplus(inputs[:, None] + turn[..., None] * self.W).sum(-1)
        gain = flipped - softplus(inputs).sum(-1, keepdim=True) + turn * self.b
        return logsigmoid(-gain).sum(1)

    def _free_energy(self, v: Tensor) -> Tensor:
        return -self._log_even(v)

    def _odd_input(self, even: Tensor) -> Tensor:
        return linear(even, self.W.mT, self.c)

    def _even_input(self, odd: Tensor) -> Tensor:
        return linear(odd, self.W, self.b)

    def _biases(self) -> tuple[Tensor, Tensor]:
        return self.b, self.c

    def _moments(self, even: Tensor, odd: Tensor, weights: Tensor) -> Moments:
        weighted = weights[:, None] * odd
        return {"W": even.mT @ weighted, "b": weights @ even, "c": weighted.sum(0)}

    def _held(self, v: Tensor) -> Phase:
        return self._free(v)


def _chances(inputs: Tensor, units: Tensor) -> Tensor:
    """Probability of each state (S, n) of units whose inputs are (N, n): (N, S)."""
    return (inputs @ units.mT - softplus(inputs).sum(1, keepdim=True)).exp()
