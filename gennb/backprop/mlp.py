"""The multilayer perceptron by hand: forwards, and backwards layer by layer, in matrices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor

from gennb._validate import check_choice, check_kind, check_tensor, checked
from gennb.networks import check_widths

ACTIVATIONS = ("sigmoid", "tanh", "relu", "identity")


@checked
def activation(a: Float[Tensor, "*shape"], name: str) -> Float[Tensor, "*shape"]:
    """Return f(a), of each number: ``"sigmoid"``, ``"tanh"``, ``"relu"`` or ``"identity"``. Book: eq-activations."""
    check_choice(name, "name", ACTIVATIONS)
    return a if name == "identity" else getattr(torch, name)(a)


@checked
def slope(h: Float[Tensor, "*shape"], name: str) -> Float[Tensor, "*shape"]:
    """Return f′(a), from h = f(a) alone: h(1 − h), 1 − h², whether h > 0, or 1. Book: eq-slopes."""
    match check_choice(name, "name", ACTIVATIONS):
        case "sigmoid":
            return h * (1 - h)
        case "tanh":
            return 1 - h.square()
        case "relu":
            return (h > 0).to(h)
    return torch.ones_like(h)


@dataclass(frozen=True)
class Gradients:
    """Of a mean loss, in each layer's weights and thresholds, and in the activity that came in.

    Attributes
    ----------
    W, b
        One tensor for each layer, shaped as the parameter.
    deltas
        One for each layer, (batch, units): of the loss in the layer's net inputs.
    """

    W: list[Tensor]
    b: list[Tensor]
    deltas: list[Tensor]


class MLP:
    """Layers hˡ = f(Wˡ hˡ⁻¹ + bˡ), whose slopes are found without automatic differentiation.

    The last layer is linear; a loss of its outputs y brings its own softmax or sigmoid (`squared_error`,
    `cross_entropy`), and then its slope is y less the target in either case.

    Parameters
    ----------
    sizes
        Widths from the input to the output.
    hidden
        The activation of all layers but the last.
    generator
        Draws the weights: normal, with the variance 1 / n for n inputs; thresholds begin at zero.

    Attributes
    ----------
    W, b
        One tensor for each layer: (out, in) and (out,).

    References
    ----------
    Rumelhart, Hinton and Williams, Learning Representations by Back-Propagating Errors, 1986. Book: eq-mlp, eq-delta,
    eq-weight-slope.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        hidden: str = "tanh",
        *,
        generator: torch.Generator | None = None,
    ) -> None:
        check_widths(sizes, "sizes", least=2)
        self.hidden = check_choice(hidden, "hidden", ACTIVATIONS)
        self.W = [
            torch.randn(after, before, generator=generator) / before**0.5
            for before, after in pairwise(sizes)
        ]
        self.b = [torch.zeros(after) for after in sizes[1:]]

    @checked
    def forward(self, x: Float[Tensor, "batch features"]) -> list[Tensor]:
        """Return the activity of all layers, the input first and the output last."""
        check_tensor(x, "x", shape=("batch", self.W[0].shape[1]))
        h = [x]
        for layer, (W, b) in enumerate(zip(self.W, self.b, strict=True), 1):
            name = self.hidden if layer < len(self.W) else "identity"
            h.append(activation(torch.addmm(b.to(x), h[-1], W.mT.to(x)), name))
        return h

    @checked
    def backward(self, h: Sequence[Tensor], error: Float[Tensor, "batch outputs"]) -> Gradients:
        """Return the slopes of a mean loss, from the activity of all layers and the loss's slope in the outputs."""
        check_kind(h, "h", Sequence, "Give what forward returned.")
        sizes = [self.W[0].shape[1], *(len(W) for W in self.W)]
        if len(h) != len(sizes):
            raise ValueError(
                f"h: expected {len(sizes)} layers, as forward returns them, got {len(h)}."
            )
        for each, size in zip(h, sizes, strict=True):
            check_tensor(each, "h", shape=(len(error), size))
        W, b, deltas = list[Tensor](), list[Tensor](), list[Tensor]()
        delta = check_tensor(error, "error", shape=tuple(h[-1].shape)) / len(error)
        for layer in range(len(self.W), 0, -1):
            if layer < len(self.W):
                delta = (delta @ self.W[layer].to(delta)) * slope(h[layer], self.hidden)
            deltas.append(delta)
            W.append(delta.mT @ h[layer - 1])
            b.append(delta.sum(0))
        return Gradients(W[::-1], b[::-1], deltas[::-1])


@checked
def squared_error(
    y: Float[Tensor, "batch outputs"], target: Float[Tensor, "batch outputs"]
) -> tuple[Tensor, Tensor]:
    """Return ½|y − t|² of each example, (batch,), and its slope y − t, (batch, outputs). Book: eq-squared-error."""
    error = check_tensor(y, "y") - check_tensor(target, "target")
    return 0.5 * error.square().sum(1), error


@checked
def cross_entropy(
    y: Float[Tensor, "batch classes"], target: Float[Tensor, "batch classes"]
) -> tuple[Tensor, Tensor]:
    """Return −Σ t log softmax(y) of each example in nats, (batch,), and its slope softmax(y) − t, (batch, classes).

    ``target`` holds probabilities, such as a one at the right class.

    References
    ----------
    Book: eq-cross-entropy.
    """
    check_tensor(target, "target", low=0, high=1)
    if ((total := target.sum(1)) - 1).abs().max() > 1e-4:
        raise ValueError(f"target: expected rows with the sum 1, got {float(total[0]):g}, ...")
    log_p = torch.log_softmax(check_tensor(y, "y"), 1)
    return -(target * log_p).sum(1), log_p.exp() - target
