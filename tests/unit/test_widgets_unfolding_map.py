"""The map that unfolds: what travels to the page, what its texts claim, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from gennb.history import SelfOrganizingMap
from gennb.widgets import UnfoldingMap
from gennb.widgets.history.shapes import PRESETS, SHEETS, SIDE, net

ONES = torch.ones(SIDE, SIDE)


def painted(preset: str) -> Tensor:
    return UnfoldingMap(preset=preset).density()


def pieces(density: Tensor) -> int:
    """How many pieces a density has: cells that touch by a side belong together."""
    left, count = {tuple(place) for place in density.nonzero().tolist()}, 0
    while left:
        count, front = count + 1, [left.pop()]
        while front:
            r, c = front.pop()
            beside = {(r + 1, c), (r - 1, c), (r, c + 1), (r, c - 1)} & left
            left -= beside
            front += beside
    return count


def test_presets_are_what_they_are_called() -> None:
    square, ring, islands, arch = (painted(name) for name in PRESETS)
    assert int(square.sum()) == 400
    assert pieces(square) == pieces(ring) == pieces(arch) == 1
    assert pieces(islands) == 2
    assert pieces(1 - ring) == 2  # the hole, and all around
    assert pieces(1 - arch) == 1
    for density in (square, ring):
        assert torch.equal(density, density.flip(0))
        assert torch.equal(density, density.mT)
    assert torch.equal(islands, islands.flip(0, 1))
    assert torch.equal(arch, arch.flip(1))
    assert arch[-2, SIDE // 2] == 0
    assert arch[3, SIDE // 2] == 1  # open below, closed above


def test_an_own_density_travels_row_by_row() -> None:
    density = (torch.rand(SIDE, SIDE, generator=torch.Generator().manual_seed(0)) < 0.3).float()
    shown = UnfoldingMap(density, preset="ring")
    assert torch.equal(shown.density(), density)
    spelled = ["".join(str(int(v)) for v in row) for row in density.tolist()]
    assert shown.drawing == [int(row, 2) for row in spelled]
    shown.drawing[0] = 0
    assert PRESETS["ring"] == UnfoldingMap(preset="ring").drawing


@pytest.mark.parametrize("sheet", SHEETS)
def test_the_net_joins_units_side_by_side(sheet: str) -> None:
    som = SelfOrganizingMap(*SHEETS[sheet], features=2)
    apart = torch.cdist(som.grid, som.grid)
    beside = {(i, j) for i, j in (apart == 1).nonzero().tolist() if i < j}
    assert {tuple(pair) for pair in net(sheet).tolist()} == beside
    assert len(net(sheet)) == len(beside)


def test_the_units_start_anywhere_and_another_seed_elsewhere() -> None:
    shown = UnfoldingMap(sheet="12x12")
    start = shown.start()
    assert start.shape == (144, 2)
    assert 0 <= start.min() < 0.05
    assert 0.95 < start.max() < 1
    shown.seed = 2
    assert not torch.equal(shown.start(), start)


def test_a_link_may_bring_any_drawing_and_a_known_sheet() -> None:
    rules = UnfoldingMap().linked
    assert rules["drawing"] == [[0, 2**24 - 1]] * 24
    assert rules["sheet"] == {"any": [*SHEETS]}
    assert rules["radius"] == [0.5, 6.0]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"density": "ring"}, "density: expected a torch.Tensor"),
        ({"density": ONES[:20]}, "density: expected shape"),
        ({"density": ONES[None]}, "density: expected shape"),
        ({"density": 0.5 * ONES}, r"density: expected zeros and ones.*\(density > 0.5\)"),
        ({"density": -ONES}, "density: expected values in"),
        ({"density": 0 * ONES}, "density: expected a one at least, got zeros"),
        ({"preset": "disc"}, "preset: expected one of arch, islands, ring, square"),
        ({"sheet": "9x9"}, "sheet: expected one of 12x12, 8x8, chain"),
        ({"sheet": (8, 8)}, "sheet: expected one of"),
        ({"radius": 0.25}, r"radius: expected a number in \[0.5, 6\]"),
        ({"speed": 0.5}, "speed: expected a number in"),
        ({"seed": "one"}, "seed"),
    ],
)
def test_it_refuses_nonsense(changes: dict[str, Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        UnfoldingMap(**changes)
