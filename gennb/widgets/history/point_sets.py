"""Labeled points of the plane, on a grid."""

from __future__ import annotations

from typing import Any

import torch

from gennb._validate import check_tensor

MOST = 12
GRID = 128
POINT = [(-1, 1), (-1, 1), {"any": [-1, 1]}]
PRESETS = {
    "separable": (
        *((-0.875, -0.1875, 1), (-0.75, 0.3125, 1), (0.875, -0.75, -1), (-0.5, -0.25, 1)),
        *((-0.5, -0.875, -1), (0.5625, -0.25, -1), (0.1875, 0.0, 1), (0.75, 0.5625, 1)),
        *((-0.25, 0.4375, 1), (0.25, -0.6875, -1)),
    ),
    "nearly separable": (
        *((-0.875, -0.1875, 1), (-0.75, 0.3125, 1), (0.8125, 0.0625, -1), (-0.5, -0.25, 1)),
        *((0.8125, -0.5, -1), (0.5625, -0.25, -1), (0.1875, 0.0, 1), (0.75, 0.5625, 1)),
        *((-0.25, 0.4375, 1), (-0.1875, -0.25, -1)),
    ),
    "XOR": ((-0.5, -0.5, -1), (-0.5, 0.5, 1), (0.5, -0.5, 1), (0.5, 0.5, -1)),
}


def check_points(x: Any, y: Any) -> list[list[float]]:
    """Return points as (x, y, class), on the grid."""
    if x is None or y is None:
        raise TypeError(
            f"{'x' if x is None else 'y'}: expected both x, the points, and y, their classes, or neither, got None."
        )
    check_tensor(x, "x", shape=("n", 2), low=-1.0, high=1.0)
    check_tensor(y, "y", shape=(len(x),))
    if len(x) > MOST:
        raise ValueError(f"x: expected at most {MOST} points, got {len(x)}. Take x[:{MOST}].")
    if (y.abs() != 1).any():
        raise ValueError("y: expected -1 and +1 alone. From zeros and ones: 2 * y - 1.")
    places = (GRID * x.detach().cpu().double()).round() / GRID
    points: list[list[float]] = torch.column_stack([places, y.detach().cpu().double()]).tolist()
    return points
