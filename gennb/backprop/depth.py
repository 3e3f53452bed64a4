"""Deep stacks of equal layers, plain or with a way around, and how much of the gradient arrives at each."""

from __future__ import annotations

from collections.abc import Callable

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from gennb._validate import check_choice, check_count, check_kind, check_tensor, checked

BLOCKS = ("plain", "highway", "residual")
UNITS: dict[str, Callable[[], nn.Module]] = {
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "relu": nn.ReLU,
}


class Highway(nn.Module):
    """A layer that a gate may carry its input around: g ⊙ f(Wx + b) + (1 − g) ⊙ x, with g = σ(Vx + c).

    Parameters
    ----------
    width
        Units, as many as inputs.
    unit
        ``"sigmoid"``, ``"tanh"`` or ``"relu"``.
    bias
        c at first, of all gates. Below zero, the input is carried around.

    References
    ----------
    Srivastava, Greff and Schmidhuber, Training Very Deep Networks, 2015. Book: eq-highway.
    """

    def __init__(self, width: int, unit: str = "relu", *, bias: float = -2.0) -> None:
        super().__init__()
        check_count(width, "width")
        self.layer, self.gate = nn.Linear(width, width), nn.Linear(width, width)
        self.f = UNITS[check_choice(unit, "unit", UNITS)]()
        nn.init.constant_(self.gate.bias, bias)

    @checked
    def forward(self, x: Float[Tensor, "*batch width"]) -> Float[Tensor, "*batch width"]:
        """Apply the layer as far as the gate is open."""
        carried: Tensor = x + self.gate(x).sigmoid() * (self.f(self.layer(x)) - x)
        return carried


class Residual(nn.Module):
    """A layer that adds to its input: x + f(Wx + b).

    Parameters
    ----------
    width
        Units, as many as inputs.
    unit
        ``"sigmoid"``, ``"tanh"`` or ``"relu"``.

    References
    ----------
    He, Zhang, Ren and Sun, Deep Residual Learning for Image Recognition, 2016. Book: eq-residual.
    """

    def __init__(self, width: int, unit: str = "relu") -> None:
        super().__init__()
        self.layer = nn.Linear(check_count(width, "width"), width)
        self.f = UNITS[check_choice(unit, "unit", UNITS)]()

    @checked
    def forward(self, x: Float[Tensor, "*batch width"]) -> Float[Tensor, "*batch width"]:
        """Add what the layer has to say."""
        added: Tensor = x + self.f(self.layer(x))
        return added


class DeepStack(nn.Module):
    """An equal layer again and again, between one that takes the input in and one that reads the answer off.

    Parameters
    ----------
    n_in, width, n_out
        Numbers in an example, units of each layer, outputs.
    depth
        Layers between the first and the last.
    block
        ``"plain"``, ``"highway"`` or ``"residual"``.
    unit
        ``"sigmoid"``, ``"tanh"`` or ``"relu"``.
    """

    def __init__(
        self,
        n_in: int,
        width: int,
        n_out: int,
        depth: int,
        block: str = "plain",
        unit: str = "relu",
    ) -> None:
        super().__init__()
        check_choice(block, "block", BLOCKS)
        f = UNITS[check_choice(unit, "unit", UNITS)]
        self.first = nn.Linear(check_count(n_in, "n_in"), check_count(width, "width"))
        made: dict[str, Callable[[], nn.Module]] = {
            "plain": lambda: nn.Sequential(nn.Linear(width, width), f()),
            "highway": lambda: Highway(width, unit),
            "residual": lambda: Residual(width, unit),
        }
        self.blocks = nn.Sequential(*(made[block]() for _ in range(check_count(depth, "depth"))))
        self.last = nn.Linear(width, check_count(n_out, "n_out"))

    @checked
    def forward(self, x: Float[Tensor, "batch features"]) -> Float[Tensor, "batch out"]:
        """Return the outputs, (batch, n_out)."""
        y: Tensor = self.last(self.blocks(self.first(x)))
        return y


@checked
def gradient_norms(
    model: DeepStack,
    x: Float[Tensor, "batch features"],
    y: Int[Tensor, " batch"],
) -> Float[Tensor, " layers"]:
    """Return how long the gradient of the mean cross-entropy is in what leaves each block, the first layer's first.

    The norm is over the batch, (depth + 1,): where it falls by a factor at every block, the blocks in front learn
    nothing.

    References
    ----------
    Hochreiter, Untersuchungen zu dynamischen neuronalen Netzen, 1991. Book: eq-gradient-chain.
    """
    check_kind(model, "model", DeepStack)
    h = [model.first(check_tensor(x, "x"))]
    for block in model.blocks:
        h.append(block(h[-1]))
    loss = nn.functional.cross_entropy(model.last(h[-1]), y)
    return torch.stack([g.norm() for g in torch.autograd.grad(loss, h)])
