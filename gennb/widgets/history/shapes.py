"""Densities in the unit square, even over what is painted of a drawing, and sheets of units to lay over them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from gennb._validate import check_tensor
from gennb.widgets.kit.maths import uniform
from gennb.widgets.kit.pictures import check_pictures

SIDE = 24
SHEETS = {"8x8": (8, 8), "12x12": (12, 12), "chain": (1, 40)}


def _paint(inside: Callable[[float, float], bool]) -> list[int]:
    """Paint the cells whose middle, (x, y) from -1 to 1 with y up, lies inside."""
    places = [(2 * i + 1) / SIDE - 1 for i in range(SIDE)]
    return [sum(inside(x, y) << i for i, x in enumerate(places[::-1])) for y in places[::-1]]


def _in_arch(x: float, y: float) -> bool:
    return y > -0.9 and 0.42 < (math.hypot(x, y) if y > 0 else abs(x)) < 0.85


PRESETS = {
    "square": _paint(lambda x, y: max(abs(x), abs(y)) < 5 / 6),
    "ring": _paint(lambda x, y: 0.5 < math.hypot(x, y) < 0.92),
    "islands": _paint(lambda x, y: math.hypot(abs(x + y), abs(x - y) - 0.9) < 0.55),
    "arch": _paint(_in_arch),
}


def check_density(value: Any) -> list[int]:
    """Return a drawing of zeros and ones, (24, 24), as numbers that its rows spell."""
    x = check_tensor(value, "density", shape=(SIDE, SIDE))
    (rows,) = check_pictures(x[None, None], "density", (1, SIDE, SIDE))
    if not any(rows):
        raise ValueError("density: expected a one at least, got zeros: no example comes from them.")
    return rows


def scattered(units: int, seed: int) -> Tensor:
    """Return where chance puts units in the square, (units, 2), as the page does."""
    return uniform(seed, 2 * units).reshape(units, 2)


def net(sheet: str) -> Tensor:
    """Return the pairs of units side by side in a sheet, (pairs, 2)."""
    rows, columns = SHEETS[sheet]
    k = torch.arange(rows * columns, device="cpu").reshape(rows, columns)
    beside, below = (k[:, :-1], k[:, 1:]), (k[:-1], k[1:])
    return torch.cat([torch.stack(pair, -1).reshape(-1, 2) for pair in (beside, below)])
