"""Pictures of zeros and ones as numbers, one for each row: the leftmost pixel is the leading digit."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from gennb._validate import check_tensor
from gennb.widgets.kit.checks import check_shape

SIDE, MOST = 32, 10


def check_picture_shape(value: Any) -> tuple[int, int, int]:
    """Return the shape (1, height, width) of pictures that are small enough to draw."""
    shape = check_shape(value)
    if shape[0] != 1 or not all(2 <= side <= SIDE for side in shape[1:]):
        raise ValueError(
            f"image_shape: expected (1, height, width) with sides of 2 to {SIDE} pixels, got {shape}."
        )
    return shape


def check_pictures(value: Any, name: str, shape: tuple[int, int, int]) -> list[list[int]]:
    """Return a few pictures of zeros and ones, (n, pixels) or (n, 1, height, width), as rows."""
    x = check_tensor(value, name, low=0.0, high=1.0).detach().cpu()
    if tuple(x.shape[1:]) not in (shape, (math.prod(shape),)):
        raise ValueError(
            f"{name}: expected shape (n, {math.prod(shape)}) or (n, {', '.join(map(str, shape))}), "
            f"got {tuple(x.shape)}."
        )
    if len(x) > MOST:
        raise ValueError(
            f"{name}: expected at most {MOST} pictures, got {len(x)}. Take {name}[:{MOST}]."
        )
    if ((x != 0) & (x != 1)).any():
        raise ValueError(
            f"{name}: expected zeros and ones, got values between them. Cut with ({name} > 0.5).float()."
        )
    return [to_rows(picture) for picture in x.reshape(-1, *shape[1:])]


def to_rows(picture: Tensor) -> list[int]:
    """Return the numbers that the rows of a picture (height, width) spell."""
    rows: list[int] = (picture.long() << _digits(picture.shape[1])).sum(1).tolist()
    return rows


def from_rows(rows: list[int], width: int) -> Tensor:
    """Return the picture (height, width) whose rows spell these numbers."""
    return (torch.tensor(rows, device="cpu")[:, None] >> _digits(width) & 1).to(torch.float32)


def _digits(width: int) -> Tensor:
    return torch.arange(width - 1, -1, -1, device="cpu")
