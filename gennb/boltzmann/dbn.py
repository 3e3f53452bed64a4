"""Deep belief networks: a restricted Boltzmann machine on top, sigmoid units that generate below it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import softplus

from gennb._binary import check_enumerable, states
from gennb._validate import check_count, check_kind, check_number, checked
from gennb.networks import check_widths
from gennb.train import History, Player, fit

from .annealing import Estimate
from .learning import ContrastiveDivergence, Learning
from .rbm import RBM
from .units import bernoulli, check_binary


class DBN(nn.Module):
    """Layers of binary units: the top two are an RBM, and each layer below is drawn given the one above it.

    Beside the model there is a recognition network, which guesses the hidden layers from the bottom up.

    Parameters
    ----------
    sizes
        Units of each layer, from the visible ones to the top; at least three.
    learning
        Of the RBMs.

    Attributes
    ----------
    top
        The RBM of the top two layers.
    down, up
        Generative layers, the first of which draws the visible units, and recognition layers, the first of which reads
        them: dense layers whose outputs are logits.

    References
    ----------
    Hinton, Osindero and Teh, A Fast Learning Algorithm for Deep Belief Nets, 2006. Book: eq-dbn.
    """

    def __init__(self, sizes: Sequence[int], *, learning: Learning | None = None) -> None:
        super().__init__()
        check_widths(sizes, "sizes", least=2)
        if len(sizes) < 3:
            raise ValueError(
                f"sizes: expected at least three layers, got {sizes!r}. Two are an RBM."
            )
        self.sizes = tuple(sizes)
        self.learning = ContrastiveDivergence() if learning is None else learning
        self.top = RBM(sizes[-2], sizes[-1], learning=self.learning)
        below = list(pairwise(sizes[:-1]))
        self.down = nn.ModuleList(nn.Linear(high, low) for low, high in below)
        self.up = nn.ModuleList(nn.Linear(low, high) for low, high in below)
        for layer in (*self.down, *self.up):
            nn.init.normal_(layer.weight, std=0.01)
            nn.init.zeros_(layer.bias)

    @classmethod
    def from_rbms(cls, rbms: Sequence[RBM]) -> DBN:
        """Stack machines, each of which has learned the hidden states of the one below it: weights are copied."""
        check_kind(rbms, "rbms", Sequence, "Give a list of RBMs, from the bottom up.")
        if len(rbms) < 2 or not all(isinstance(rbm, RBM) for rbm in rbms):
            raise TypeError(f"rbms: expected two or more RBMs, from the bottom up, got {rbms!r}.")
        for low, high in pairwise(rbms):
            if low.n_hidden != high.n_visible:
                raise ValueError(
                    f"rbms: expected each to have as many visible units as the one below has hidden ones, got "
                    f"{high.n_visible} above {low.n_hidden}."
                )
        sizes = [rbm.n_visible for rbm in rbms] + [rbms[-1].n_hidden]
        dbn = cls(sizes, learning=rbms[-1].learning).to(rbms[0].W)
        dbn.top.load_state_dict(rbms[-1].state_dict())
        for rbm, down, up in zip(rbms, dbn.down, dbn.up, strict=False):
            _set(down, rbm.W, rbm.b)
            _set(up, rbm.W.mT, rbm.c)
        return dbn

    @checked
    def pretrain(
        self, x: Float[Tensor, "examples visible"], *, epochs: int, **options: Any
    ) -> list[History]:
        """Train layer by layer, greedily: each RBM on hidden states of the one below, drawn once for each example.

        Parameters
        ----------
        x
            Zeros and ones.
        epochs, options
            For `gennb.train.fit`, at each layer.

        Returns
        -------
        list of History
            One for each RBM.
        """
        histories, rbms = [], []
        for n_visible, n_hidden in pairwise(self.sizes):
            rbm = RBM(n_visible, n_hidden, learning=self.learning).to(self.top.W)
            histories.append(fit(rbm, x, epochs=epochs, **options))
            rbms.append(rbm)
            with torch.no_grad():
                x = bernoulli(rbm.hidden_given_visible(x.to(rbm.W)))
        self.load_state_dict(DBN.from_rbms(rbms).state_dict())
        self.to(rbms[0].W)
        return histories

    @checked
    @torch.no_grad()
    def ascend(
        self, v: Float[Tensor, "batch visible"], generator: torch.Generator | None = None
    ) -> list[Tensor]:
        """Draw the hidden layers below the top one from the recognition network, from the bottom up."""
        return self._ascend(check_binary(v, "v", self.sizes[0]), generator)

    @checked
    @torch.no_grad()
    def descend(
        self, h: Float[Tensor, "batch units"], generator: torch.Generator | None = None
    ) -> list[Tensor]:
        """Draw the layers below h, the RBM's visible side, from the model: from the top down, the data's last."""
        return self._descend(check_binary(h, "h", self.sizes[-2]), generator)

    @checked
    def energy(
        self, v: Float[Tensor, "*batch visible"], *hidden: Float[Tensor, "*batch _"]
    ) -> Float[Tensor, "*batch"]:
        """E of a state of all layers, in nats: that of the RBM, less the log-probabilities of the layers below it."""
        layers = [v, *hidden]
        if len(layers) != len(self.sizes):
            raise ValueError(
                f"hidden: expected {len(self.sizes) - 1} hidden layers, got {len(hidden)}."
            )
        for i, (layer, size) in enumerate(zip(layers, self.sizes, strict=True)):
            check_binary(layer, f"hidden layer {i}" if i else "v", size)
        return self.top.energy(*layers[-2:]) - self._log_below(layers[:-1])

    @checked
    def free_energy(self, v: Float[Tensor, "batch visible"]) -> Float[Tensor, " batch"]:
        """−log Σ exp(−E) over all hidden states, in nats, by enumeration of those below the top layer."""
        v = check_binary(v, "v", self.sizes[0])
        inner = self.sizes[1:-1]
        check_enumerable(sum(inner), "free_energy", "Use bound(v), which draws them.")
        layers = list(states(sum(inner), v).split(inner, 1))
        logits = self.down[0](layers[0])
        rest = self._log_below(layers) - self.top.free_energy(layers[-1])
        log_joint = v @ logits.mT - softplus(logits).sum(1) + rest
        free_energy: Tensor = -log_joint.logsumexp(1)
        return free_energy

    def log_partition(self, method: str = "exact", **options: Any) -> Estimate:
        """Log Z of the RBM on top, which is that of the whole: all below is normalized (`RBM.log_partition`)."""
        return self.top.log_partition(method, **options)

    @checked
    def log_prob(
        self, v: Float[Tensor, "batch visible"], log_partition: float | Tensor | None = None
    ) -> Float[Tensor, " batch"]:
        """Log p(v) in nats per example, by enumeration of the hidden units."""
        return self.free_energy(v).neg() - self._log_z(log_partition)

    @checked
    @torch.no_grad()
    def bound(
        self,
        v: Float[Tensor, "batch visible"],
        *,
        samples: int | None = 1,
        log_partition: float | Tensor | None = None,
        generator: torch.Generator | None = None,
    ) -> Float[Tensor, " batch"]:
        """Lower bound E_q[log p(v, h) − log q(h|v)] on log p(v), in nats, q being the recognition network.

        Parameters
        ----------
        samples
            Draws of q for each example; None: the exact expectation, by enumeration.
        log_partition
            log Z of the RBM on top; None: by enumeration.

        References
        ----------
        Hinton, Osindero and Teh, 2006, appendix. Book: eq-dbn-bound.
        """
        v = check_binary(v, "v", self.sizes[0])
        log_z = self._log_z(log_partition)
        if samples is None:
            inner = self.sizes[1:-1]
            check_enumerable(sum(inner), "bound", "Draw them: samples=100.")
            every = states(sum(inner), v).split(inner, 1)
            layers = [v.repeat_interleave(len(every[0]), 0), *(s.repeat(len(v), 1) for s in every)]
            log_p, log_q = self._log_joint(layers), self._log_recognized(layers)
            return (log_q.exp() * (log_p - log_q)).view(len(v), -1).sum(1) - log_z
        v = v.repeat(check_count(samples, "samples"), 1)
        layers = [v, *self._ascend(v, generator)]
        gain = self._log_joint(layers) - self._log_recognized(layers)
        return gain.view(samples, -1).mean(0) - log_z

    @torch.no_grad()
    def sample(
        self, n: int, generator: torch.Generator | None = None, *, steps: int | None = 1000
    ) -> Float[Tensor, "n visible"]:
        """Draw n visible states: the RBM's by a Markov chain (``steps=None``: exactly), all below it in one pass."""
        return self.descend(self.top.sample(n, generator, steps=steps), generator)[-1]

    def classifier(self, n_classes: int) -> nn.Sequential:
        """Return a network of sigmoid layers that begins with the recognition weights, and a new last layer.

        References
        ----------
        Hinton and Salakhutdinov, Reducing the Dimensionality of Data with Neural Networks, 2006.
        """
        last = nn.Linear(self.sizes[-2], self.sizes[-1]).to(self.top.W)
        _set(last, self.top.W.mT, self.top.c)
        layers: list[nn.Module] = []
        for up in (*self.up, last):
            layer = nn.Linear(up.in_features, up.out_features).to(self.top.W)
            layer.load_state_dict(up.state_dict())
            layers += [layer, nn.Sigmoid()]
        out = nn.Linear(self.sizes[-1], check_count(n_classes, "n_classes")).to(self.top.W)
        return nn.Sequential(*layers, out)

    def _wake_loss(self, v: Float[Tensor, "batch visible"]) -> Float[Tensor, ""]:
        """−log p of each layer given the recognized one above it, in nats: what teaches the generative weights."""
        return -self._log_below([v, *self._ascend(v)]).mean()

    def _top_loss(self, v: Float[Tensor, "batch visible"]) -> Float[Tensor, ""]:
        """`RBM.loss` of the machine on top, its data being what is recognized."""
        return self.top._loss(self._ascend(v)[-1])

    def _sleep_loss(self, v: Float[Tensor, "batch visible"]) -> Float[Tensor, ""]:
        """−log q of each layer of a dream given the one below it, in nats: what teaches the recognition weights.

        Contrastive: the dream begins with a step of the top's chain from what is recognized in data.
        """
        dream = self.top._run(self._ascend(v)[-1], 1)
        layers = [dream, *self._descend(dream)]
        return -self._log_recognized(layers[::-1]).mean()

    def players(self) -> list[Player]:
        """Contrastive wake–sleep: one player each for generative weights, top, and recognition weights.

        References
        ----------
        Hinton, Dayan, Frey and Neal, The Wake-Sleep Algorithm for Unsupervised Neural Networks, 1995. Hinton, Osindero
        and Teh, 2006, section 5. Book: alg-wake-sleep.
        """
        sides = (
            ("wake", self.down, self._wake_loss),
            ("top", self.top, self._top_loss),
            ("sleep", self.up, self._sleep_loss),
        )
        return [
            Player(name, list(module.parameters()), loss, optimizer=torch.optim.SGD)
            for name, module, loss in sides
        ]

    @torch.no_grad()
    def _ascend(self, v: Tensor, generator: torch.Generator | None = None) -> list[Tensor]:
        layers = [v]
        for up in self.up:
            layers.append(bernoulli(torch.sigmoid(up(layers[-1])), generator))
        return layers[1:]

    @torch.no_grad()
    def _descend(self, h: Tensor, generator: torch.Generator | None = None) -> list[Tensor]:
        layers = [h]
        for down in reversed(self.down):
            layers.append(bernoulli(torch.sigmoid(down(layers[-1])), generator))
        return layers[1:]

    def _log_z(self, log_partition: float | Tensor | None) -> float | Tensor:
        if log_partition is not None:
            return check_number(log_partition, "log_partition")
        return self.top.log_partition().value.to(self.top.W)

    def _log_below(self, layers: Sequence[Tensor]) -> Tensor:
        """Σ log p(layer | the one above), of layers in the order of `sizes`."""
        downs = list(self.down)[len(self.down) + 1 - len(layers) :]
        below = [
            _log_bernoulli(low, down(high))
            for down, (low, high) in zip(downs, pairwise(layers), strict=True)
        ]
        return torch.stack(below).sum(0) if below else layers[0].new_zeros(layers[0].shape[:-1])

    def _log_joint(self, layers: Sequence[Tensor]) -> Tensor:
        """Log p(v, h) + log Z of all layers but the top one, which is summed out."""
        return self._log_below(layers) - self.top._free_energy(layers[-1])

    def _log_recognized(self, layers: Sequence[Tensor]) -> Tensor:
        """Log q(h|v)."""
        above = [
            _log_bernoulli(high, up(low))
            for up, (low, high) in zip(self.up, pairwise(layers), strict=True)
        ]
        return torch.stack(above).sum(0)


@torch.no_grad()
def _set(layer: Any, weight: Tensor, bias: Tensor) -> None:
    layer.weight.copy_(weight)
    layer.bias.copy_(bias)


def _log_bernoulli(units: Tensor, logits: Tensor) -> Tensor:
    return (units * logits - softplus(logits)).sum(-1)
