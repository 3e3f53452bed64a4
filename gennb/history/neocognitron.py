"""Fukushima's neocognitron: cells that look for a feature, and cells that do not mind where exactly it is."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import conv2d, unfold

from gennb._validate import check_count, check_kind, check_number, check_tensor, checked

REINFORCEMENT = 1e4  # q: so much that the ones in the equation no longer count
SATURATION = 0.5  # α of the C-cells
WORTH = 0.1  # of the strongest contrast: from windows with less, nothing is learned


def window(size: int) -> Tensor:
    """Return the weights c of a window, (size, size): a bell of deviation ``size`` / 4, with the sum 1."""
    check_count(size, "size")
    along = torch.exp(-8 * ((torch.arange(size) - (size - 1) / 2) / size).square())
    return (bell := along[:, None] * along) / bell.sum()


@checked
def s_cells(
    u: Float[Tensor, "batch channels height width"],
    a: Float[Tensor, "planes channels rows columns"],
    b: Float[Tensor, " planes"],
    selectivity: float,
) -> Float[Tensor, "batch planes height width"]:
    """Return the answers of S-cells, planes of them that are alike in every place.

    They are r·[(1 + Σ a u) / (1 + r/(1+r)·b v) − 1]₊ with v = √(Σ c u²), sums over a cell's `window`, which is square
    and of odd size, and over the channels. A cell that has learned answers where the cosine between what it sees and
    its feature exceeds r/(1 + r), with the selectivity r > 0.

    References
    ----------
    Fukushima, Neocognitron: A Hierarchical Neural Network Capable of Visual Pattern Recognition, 1988. Book: eq-s-cell.
    """
    r = check_number(selectivity, "selectivity", above=0)
    check_tensor(u, "u", low=0)
    if a.shape[2] != a.shape[3] or a.shape[2] % 2 == 0:
        raise ValueError(f"a: expected square windows of odd size, got {tuple(a.shape[2:])}.")
    excitation = conv2d(u, a, padding="same")
    inhibition = b[:, None, None] * _contrast(u, a.shape[2])
    return r * ((1 + excitation) / (1 + r / (1 + r) * inhibition) - 1).relu()


@checked
def c_cells(
    u: Float[Tensor, "batch planes height width"], size: int, stride: int
) -> Float[Tensor, "batch planes high wide"]:
    """Return the answers of C-cells, each to S-cells of one plane in a window, at every ``stride``-th place.

    They are ψ((1 + Σ d u) / (1 + v) − 1), ψ(x) = [x]₊ / (½ + [x]₊), with v the mean of Σ d u over all planes and d a
    `window` of odd size whose middle is 1.

    References
    ----------
    Fukushima, Neocognitron: A Self-Organizing Neural Network Model for a Mechanism of Pattern Recognition Unaffected by
    Shift in Position, 1980. Book: eq-c-cell.
    """
    check_tensor(u, "u", low=0)
    d = window(check_odd(size, "size")).to(u)
    kernel = (d / d.max()).expand(u.shape[1], 1, size, size)
    check_count(stride, "stride")
    sums = conv2d(u, kernel, padding=size // 2, stride=stride, groups=u.shape[1])
    x = ((1 + sums) / (1 + sums.mean(1, keepdim=True)) - 1).relu()
    return x / (SATURATION + x)


class Stage(nn.Module):
    """A layer of S-cells and one of C-cells behind it.

    Parameters
    ----------
    planes
        Features that it learns, at most.
    size
        Of an S-cell's window, odd.
    selectivity
        r > 0: the larger, the more alike must be what a cell answers.
    blur, stride
        Size of a C-cell's window, odd, and the places from one C-cell to the next.
    """

    a: Tensor
    b: Tensor

    def __init__(
        self,
        planes: int,
        size: int = 5,
        selectivity: float = 2.0,
        *,
        blur: int = 5,
        stride: int = 2,
    ) -> None:
        super().__init__()
        self.planes, self.size = check_count(planes, "planes"), check_odd(size, "size")
        self.selectivity = check_number(selectivity, "selectivity", above=0)
        self.blur, self.stride = check_odd(blur, "blur"), check_count(stride, "stride")
        self.register_buffer("a", torch.empty(0))
        self.register_buffer("b", torch.empty(0))

    @checked
    @torch.no_grad()
    def grow(
        self,
        u: Float[Tensor, "batch channels height width"],
        generator: torch.Generator | None = None,
    ) -> None:
        """Learn features without labels: where no cell answers, the window becomes the feature of a new plane.

        Windows are met in random order, until every one that has enough in it is answered or all planes are in use.

        References
        ----------
        Fukushima, Training Multi-Layered Neural Network Neocognitron, 2013. Book: alg-add-if-silent.
        """
        check_tensor(u, "u", low=0)
        v = _contrast(u, self.size).flatten()
        c = (window(self.size).to(u) / u.shape[1]).expand(u.shape[1], -1, -1)
        worth = (v > WORTH * v.max()).nonzero()[:, 0]
        if len(worth) == 0:
            raise ValueError("u: expected something to see, got zeros alone.")
        worth = worth[torch.randperm(len(worth), generator=generator).to(worth.device)]
        windows = unfold(u, self.size, padding=self.size // 2).mT.flatten(0, 1)[worth]
        seen = windows * c.flatten().sqrt() / v[worth, None]  # of length 1
        silent = torch.ones(len(seen), dtype=torch.bool, device=u.device)
        seeds: list[int] = []
        while silent.any() and len(seeds) < self.planes:
            seeds.append(int(silent.nonzero()[0]))
            silent &= seen @ seen[seeds[-1]] <= self.selectivity / (1 + self.selectivity)
        features = windows[seeds].unflatten(1, c.shape)
        self.a, self.b = REINFORCEMENT * c * features, REINFORCEMENT * v[worth[seeds]]

    @checked
    def forward(
        self, u: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch planes high wide"]:
        """Return what the C-cells answer, 0 to 1."""
        if len(self.a) == 0:
            raise ValueError("Stage: no feature has been learned yet. Call grow first.")
        return c_cells(s_cells(u, self.a, self.b, self.selectivity), self.blur, self.stride)


class Neocognitron(nn.Module):
    """Stages on top of each other: features of features, each with more freedom of place.

    Parameters
    ----------
    stages
        From the image on.

    References
    ----------
    Fukushima, 1980. Book: eq-s-cell, eq-c-cell.
    """

    def __init__(self, stages: Sequence[Stage]) -> None:
        super().__init__()
        check_kind(stages, "stages", Sequence, "Give them from the image on.")
        if not stages:
            raise ValueError("stages: expected at least one Stage, got none.")
        for stage in stages:
            check_kind(stage, "stages", Stage)
        self.stages = nn.Sequential(*stages)

    @checked
    def grow(
        self,
        x: Float[Tensor, "batch channels height width"],
        generator: torch.Generator | None = None,
    ) -> None:
        """Learn the features of each stage from the answers of the one before, without labels."""
        for stage in self.stages:
            assert isinstance(stage, Stage)
            stage.grow(x, generator)
            x = stage(x)

    @checked
    @torch.no_grad()
    def forward(
        self, x: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch planes high wide"]:
        """Return what the last C-cells answer to images of values that are not negative, 0 to 1."""
        answers: Tensor = self.stages(check_tensor(x, "x", low=0))
        return answers


def check_odd(value: int, name: str) -> int:
    """Return ``value`` if it is an odd number above zero, so that a window has a middle."""
    if check_count(value, name) % 2 == 0:
        raise ValueError(f"{name}: expected an odd number, so that there is a middle; got {value}.")
    return value


def _contrast(u: Tensor, size: int) -> Tensor:
    """Return v = √(Σ c u²) of each window, (batch, 1, height, width)."""
    c = (window(size).to(u) / u.shape[1]).expand(1, u.shape[1], size, size)
    return conv2d(u.square(), c, padding="same").sqrt()
