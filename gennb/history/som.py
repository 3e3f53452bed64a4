"""Kohonen's self-organizing map: a sheet of units that unfolds over what it is shown."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from gennb._validate import (
    check_count,
    check_kind,
    check_number,
    check_tensor,
    check_within,
    checked,
)

NEIGHBORS = 1.5  # the eight units around one are nearer than this


class SelfOrganizingMap(nn.Module):
    """Units on a grid of ``rows`` × ``columns``, each with a place in the space of the data.

    Parameters
    ----------
    rows, columns
        The sheet, at least two units in all.
    features
        Numbers in an example.

    Attributes
    ----------
    W
        (rows·columns, features): the units' places among the data, row by row; zeros at first.
    grid
        (rows·columns, 2): their places in the sheet, the row and the column.

    References
    ----------
    Kohonen, Self-Organized Formation of Topologically Correct Feature Maps, 1982. Book: eq-som-winner, eq-som-rule,
    eq-som-batch.
    """

    W: Tensor
    grid: Tensor

    def __init__(self, rows: int, columns: int, features: int) -> None:
        super().__init__()
        self.rows, self.columns = check_count(rows, "rows"), check_count(columns, "columns")
        self.features = check_count(features, "features")
        check_count(rows * columns, "rows * columns", least=2)
        places = torch.cartesian_prod(torch.arange(float(rows)), torch.arange(float(columns)))
        self.register_buffer("grid", places)
        self.register_buffer("W", torch.zeros(rows * columns, features))

    @checked
    def spread(self, x: Float[Tensor, "batch features"]) -> None:
        """Lay the sheet flat in the plane of the data's two first principal components, two deviations each way."""
        x = self._check(x)
        _, deviations, axes = torch.linalg.svd(x - x.mean(0), full_matrices=False)
        span = (
            2 * deviations[:2, None] / len(x) ** 0.5 * axes[:2]
        )  # fewer than two in one dimension
        last = self.grid[-1].clamp(min=1)
        self.W = x.mean(0) + (2 * self.grid / last - 1)[:, : len(span)] @ span

    @checked
    def winners(self, x: Float[Tensor, "batch features"]) -> Int[Tensor, " batch"]:
        """Return the index of the unit nearest to each example."""
        return self._nearness(self._check(x, least=1)).argmax(1)

    @checked
    def step(self, x: Float[Tensor, " features"], lr: float, radius: float) -> None:
        """Let the winner and its neighbors in the sheet move towards one example, by Kohonen's rule."""
        check_tensor(x, "x", shape=(self.features,))
        check_within(lr, "lr", 0, 1)
        winner = self._nearness(x[None].to(self.W)).argmax(1)
        self.W += lr * self.neighborhood(radius)[winner].mT * (x - self.W)

    @checked
    def fit(self, x: Float[Tensor, "batch features"], radii: Sequence[float]) -> None:
        """Move all units at once to the weighted means of the examples around them, a pass for each radius.

        A pass is two matrix products: of the examples with the units, to find the winners, and of the neighborhood with
        the sums of what each unit has won. A unit far from all that was won stays where it is.
        """
        x = self._check(x)
        check_kind(radii, "radii", Sequence, "Give one for each pass, such as (4, 2, 1).")
        for radius in radii:
            winners = self._nearness(x).argmax(1)
            sums = torch.zeros_like(self.W).index_add_(0, winners, x)
            h = self.neighborhood(radius)
            mass = h @ winners.bincount(minlength=len(self.W)).to(h)
            near = (mass > torch.finfo(mass.dtype).tiny)[:, None]
            self.W = torch.where(near, h @ sums / mass[:, None], self.W)

    def neighborhood(self, radius: float) -> Tensor:
        """Return how much each unit moves with each, (units, units): exp(−d²/2r²), with d their way in the sheet."""
        check_number(radius, "radius", above=0)
        return torch.exp(-0.5 * (torch.cdist(self.grid, self.grid) / radius).square())

    @checked
    def quantization_error(self, x: Float[Tensor, "batch features"]) -> float:
        """Return the mean distance of an example from its winner."""
        x = self._check(x, least=1)
        return float((x - self.W[self._nearness(x).argmax(1)]).norm(dim=1).mean())

    @checked
    def topographic_error(self, x: Float[Tensor, "batch features"]) -> float:
        """Return the share of examples whose two nearest units are not neighbors in the sheet, diagonals included.

        References
        ----------
        Kiviluoto, Topology Preservation in Self-Organizing Maps, 1996.
        """
        best = self._nearness(self._check(x, least=1)).topk(2, dim=1).indices
        apart = (self.grid[best[:, 0]] - self.grid[best[:, 1]]).norm(dim=1)
        return float((apart > NEIGHBORS).float().mean())

    def _nearness(self, x: Tensor) -> Tensor:
        """Return xᵀw − |w|²/2, (batch, units), which is largest where |x − w| is smallest."""
        return torch.addmm(-0.5 * self.W.square().sum(1), x, self.W.mT)

    def _check(self, x: Tensor, least: int = 2) -> Tensor:
        check_tensor(x, "x", shape=("batch", self.features))
        if len(x) < least:
            raise ValueError(f"x: expected at least {least} examples to learn from, got {len(x)}.")
        return x.to(self.W)
