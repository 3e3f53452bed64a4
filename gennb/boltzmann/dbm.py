"""Deep Boltzmann machines: layers joined both ways, inferred by mean fields."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import softplus

from gennb._binary import check_enumerable, states
from gennb._validate import check_count, check_number, checked
from gennb.networks import check_widths
from gennb.train import History, fit

from .bipartite import Bipartite
from .learning import (
    ContrastiveDivergence,
    Learning,
    Moments,
    PersistentContrastiveDivergence,
    Phase,
)
from .rbm import RBM
from .units import bernoulli, check_binary


class DBM(Bipartite):
    """Layers of binary units, each joined with the next: E(h) = −Σ bᵀh − Σ hᵀWh′, where h′ is above h.

    Layers with even numbers form one side of a bipartite machine, those with odd numbers the other.

    Parameters
    ----------
    sizes
        Units of each layer, from the visible ones to the top; two are an RBM.
    learning
        How ``train.fit`` finds a direction; averages over data are taken by mean fields.
    sweeps
        Sweeps of the mean fields in learning.

    Attributes
    ----------
    W
        Weights between each layer and the next, (sizes[l], sizes[l + 1]).
    b
        Biases of each layer.

    References
    ----------
    Salakhutdinov and Hinton, Deep Boltzmann Machines, 2009. Book: eq-3-10.
    """

    def __init__(
        self, sizes: Sequence[int], *, learning: Learning | None = None, sweeps: int = 10
    ) -> None:
        super().__init__()
        check_widths(sizes, "sizes", least=2)
        self.sizes = tuple(sizes)
        self.n_visible = sizes[0]
        self.sweeps = check_count(sweeps, "sweeps")
        self.W = nn.ParameterList(torch.randn(m, n) * 0.01 for m, n in pairwise(sizes))
        self.b = nn.ParameterList(torch.zeros(n) for n in sizes)
        self.pairs = {f"W.{i}": (f"b.{i}", f"b.{i + 1}") for i in range(len(sizes) - 1)}
        self.learn_by(PersistentContrastiveDivergence() if learning is None else learning)

    @checked
    def energy(
        self, v: Float[Tensor, "*batch visible"], *hidden: Float[Tensor, "*batch _"]
    ) -> Float[Tensor, "*batch"]:
        """E of a state of all layers (equation 3.10) in nats."""
        self._check_weights()
        return self._energy(self._layers([v, *hidden]))

    @checked
    def conditional(
        self, layer: int, v: Float[Tensor, "*batch visible"], *hidden: Float[Tensor, "*batch _"]
    ) -> Float[Tensor, "*batch units"]:
        """Probability that each unit of a layer (0: visible) is one, given the layers below and above it."""
        self._check_weights()
        layers = self._layers([v, *hidden])
        return torch.sigmoid(
            self._input(check_count(layer, "layer", least=0, most=len(layers) - 1), layers)
        )

    @checked
    def mean_field(self, v: Float[Tensor, "batch visible"], *, sweeps: int = 50) -> list[Tensor]:
        """Means of the hidden layers under the best independent units, by coordinate ascent of `bound`.

        A sweep sets all odd layers and then all even ones to what the others say. The start is a pass from the bottom
        up in which each layer's input counts twice, in place of the silent one above it.

        References
        ----------
        Salakhutdinov and Hinton, 2009, section 2.2. Book: eq-dbm-bound.
        """
        return self._mean_field(self._visible(v), check_count(sweeps, "sweeps"))

    @checked
    @torch.no_grad()
    def bound(
        self,
        v: Float[Tensor, "batch visible"],
        log_partition: float | Tensor | None = None,
        *,
        sweeps: int = 50,
    ) -> Float[Tensor, " batch"]:
        """Lower bound E_q[−E] + H(q) − log Z on log p(v) in nats, q being the mean field.

        ``log_partition`` is log Z where it has been estimated; None: by enumeration. With an estimate that is too
        low the bound is none.
        """
        v = self._visible(v)
        means = self._mean_field(v, check_count(sweeps, "sweeps"))
        entropy = torch.stack([_entropy(m).sum(-1) for m in means]).sum(0)
        log_z = (
            self._log_partition()
            if log_partition is None
            else check_number(log_partition, "log_partition")
        )
        return entropy - self._energy([v, *means]) - log_z

    @checked
    def pretrain(
        self, x: Float[Tensor, "examples visible"], *, epochs: int, **options: Any
    ) -> list[History]:
        """Train the weights layer by layer, so that no layer's input counts twice once they are put together.

        Alone, a layer lacks what it will get from the other side. So while it is trained, a layer that will have two
        neighbors is given the one that it has twice: the first RBM has its visible units doubled, the last one its
        hidden units, those between both. Data of the next one are hidden states, drawn once for each example.

        References
        ----------
        Salakhutdinov and Hinton, 2009, section 3.1.
        """
        last = len(self.W) - 1
        histories = []
        learning = (
            ContrastiveDivergence(self.learning.k)
            if isinstance(self.learning, ContrastiveDivergence)
            else self.learning
        )
        for i, (W, low, high) in enumerate(zip(self.W, self.b, self.b[1:], strict=False)):
            # The visible side is doubled if a layer follows above, the hidden one if a layer comes before below.
            copies = (2 if i < last else 1, 2 if i > 0 else 1)
            rbm = _Replicated(W.shape[0], W.shape[1], copies, learning=learning).to(W)
            histories.append(fit(rbm, x, epochs=epochs, **options))
            with torch.no_grad():
                W.copy_(rbm.W)
                if i == 0:
                    low.copy_(rbm.b)
                high.copy_(rbm.c)
                x = bernoulli(torch.sigmoid(rbm.c + copies[0] * x.to(rbm.W) @ rbm.W))
        self.to(rbm.W)
        return histories

    def _layers(self, layers: list[Tensor]) -> list[Tensor]:
        if len(layers) != len(self.sizes):
            raise ValueError(
                f"hidden: expected {len(self.sizes) - 1} hidden layers, got {len(layers) - 1}."
            )
        return [
            check_binary(layer, f"hidden layer {i}" if i else "v", size)
            for i, (layer, size) in enumerate(zip(layers, self.sizes, strict=True))
        ]

    def _energy(self, layers: Sequence[Tensor]) -> Tensor:
        linear = [layer @ b for layer, b in zip(layers, self.b, strict=True)]
        pairs = [
            ((low @ W) * high).sum(-1)
            for W, (low, high) in zip(self.W, pairwise(layers), strict=True)
        ]
        return -torch.stack([*linear, *pairs]).sum(0)

    def _input(self, i: int, layers: Sequence[Tensor]) -> Tensor:
        """Input of the units of layer i from the layers below and above, its bias included."""
        below = layers[i - 1] @ self.W[i - 1] if i else None
        return self._joined(i, below, layers)

    def _joined(self, i: int, below: Tensor | None, layers: Sequence[Tensor]) -> Tensor:
        """Input of layer i, where that from below has been computed."""
        total: Tensor = self.b[i] if below is None else self.b[i] + below
        if i < len(self.W):
            total = total + layers[i + 1] @ self.W[i].mT
        return total

    def _mean_field(self, v: Tensor, sweeps: int) -> list[Tensor]:
        lowest = v @ self.W[0]  # the widest product of all, and the same in each sweep
        layers = [v]
        for i, W in enumerate(self.W):
            twice = 2 if i < len(self.W) - 1 else 1
            inputs = layers[i] @ W if i else lowest
            layers.append(torch.sigmoid(self.b[i + 1] + twice * inputs))
        order = (*range(1, len(layers), 2), *range(2, len(layers), 2))
        for _ in range(sweeps):
            for i in order:
                inputs = self._joined(i, lowest, layers) if i == 1 else self._input(i, layers)
                layers[i] = torch.sigmoid(inputs)
        return layers[1:]

    def _side(self, units: Tensor, side: int) -> dict[int, Tensor]:
        """The layers of a side, by their numbers."""
        numbers = range(side, len(self.sizes), 2)
        parts = units.split(self.sizes[side::2], -1)
        return dict(zip(numbers, parts, strict=True))

    def _inputs(self, units: Tensor, side: int) -> Tensor:
        """Inputs of the units of a side, from those of the other one."""
        layers = self._side(units, 1 - side)
        empty = units.new_zeros(1)
        every = [layers.get(i, empty) for i in range(len(self.sizes))]
        return torch.cat([self._input(i, every) for i in range(side, len(every), 2)], -1)

    def _odd_input(self, even: Tensor) -> Tensor:
        return self._inputs(even, 1)

    def _even_input(self, odd: Tensor) -> Tensor:
        return self._inputs(odd, 0)

    def _biases(self) -> tuple[Tensor, Tensor]:
        return torch.cat([*self.b[0::2]]), torch.cat([*self.b[1::2]])

    def _moments(self, even: Tensor, odd: Tensor, weights: Tensor) -> Moments:
        layers = self._side(even, 0) | self._side(odd, 1)
        weight = weights[:, None]
        moments = {f"b.{i}": weights @ layer for i, layer in layers.items()}
        for i in range(len(self.W)):
            moments[f"W.{i}"] = layers[i].mT @ (weight * layers[i + 1])
        return moments

    def _held(self, v: Tensor) -> Phase:
        layers = [v, *self._mean_field(v, self.sweeps)]
        return torch.cat(layers[0::2], 1), torch.cat(layers[1::2], 1)

    def _free_energy(self, v: Tensor) -> Tensor:
        n_odd = sum(self.sizes[1::2])
        check_enumerable(n_odd, "free_energy", "Use bound(v, log_partition).")
        odd = states(n_odd, v)
        inputs = self._even_input(odd)
        visible, hidden = inputs[:, : self.n_visible], inputs[:, self.n_visible :]
        log_rest = odd @ self._biases()[1] + softplus(hidden).sum(1)
        return -(v @ visible.mT + log_rest).logsumexp(1)


class _Replicated(RBM):
    """An RBM with several copies of each side, tied: what a layer will get from two neighbors, it gets from copies."""

    def __init__(
        self, n_visible: int, n_hidden: int, copies: tuple[int, int], *, learning: Learning
    ) -> None:
        self.copies = copies
        super().__init__(n_visible, n_hidden, learning=learning)

    def _folded(self, units: Tensor, side: int) -> Tensor:
        """Sum over the copies of a side."""
        folded: Tensor = units.unflatten(-1, (self.copies[side], -1)).sum(-2)
        return folded

    def _odd_input(self, even: Tensor) -> Tensor:
        return super()._odd_input(self._folded(even, 0)).repeat(1, self.copies[1])

    def _even_input(self, odd: Tensor) -> Tensor:
        return super()._even_input(self._folded(odd, 1)).repeat(1, self.copies[0])

    def _biases(self) -> tuple[Tensor, Tensor]:
        return self.b.repeat(self.copies[0]), self.c.repeat(self.copies[1])

    def _moments(self, even: Tensor, odd: Tensor, weights: Tensor) -> Moments:
        return super()._moments(self._folded(even, 0), self._folded(odd, 1), weights)

    def _held(self, v: Tensor) -> Phase:
        return self._free(v.repeat(1, self.copies[0]))


def _entropy(p: Tensor) -> Tensor:
    entropy: Tensor = torch.special.entr(p) + torch.special.entr(1 - p)
    return entropy
