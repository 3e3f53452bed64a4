"""Patterns for a memory to hold, and noise on one."""

from __future__ import annotations

import math
from typing import Any

from torch import Tensor

from gennb._validate import check_kind, check_tensor
from gennb.widgets.kit.maths import uniform
from gennb.widgets.kit.pictures import SIDE, from_rows


def signs(rows: list[int], width: int) -> Tensor:
    """Return the state of -1 and +1, (rows, columns), whose rows spell these numbers."""
    return 2 * from_rows(rows, width) - 1


def rules(shape: list[int]) -> list[list[int]]:
    """Return what each row of a state may spell, from the lowest to the highest number: shape is (1, rows, columns)."""
    return [[0, 2 ** shape[2] - 1]] * shape[1]


def flipped(picture: Tensor, share: float) -> Tensor:
    """Flip a share of the zeros and ones, (rows, columns), as the page does with its first seed."""
    count = picture.numel()
    taken = uniform(1, count).argsort(stable=True)[: math.floor(share * count + 0.5)]
    pixels = picture.flatten()
    return pixels.index_copy(0, taken, 1 - pixels[taken]).reshape(picture.shape)


def check_patterns(value: Any) -> Tensor:
    """Return patterns of -1 and +1 as zeros and ones."""
    x = check_tensor(value, "patterns", shape=("patterns", "rows", "columns")).detach().cpu()
    if ((x != -1) & (x != 1)).any():
        raise ValueError(
            "patterns: expected -1 and +1 alone. From zeros and ones: 2 * patterns - 1."
        )
    if not all(2 <= side <= SIDE for side in x.shape[1:]):
        raise ValueError(
            f"patterns: expected 2 to {SIDE} rows and columns, got {' by '.join(map(str, x.shape[1:]))}."
        )
    return (x > 0).to(x.dtype)


def check_names(value: Any, count: int) -> list[str]:
    """Return a name for each of so many patterns: numbers where there are none."""
    if value is None:
        return [str(i + 1) for i in range(count)]
    names = [check_kind(name, "names", str) for name in check_kind(value, "names", (list, tuple))]
    if len(names) != count or len(set(names)) != count or not all(0 < len(n) <= 8 for n in names):
        raise ValueError(
            f"names: expected {count} different names of 1 to 8 characters, one for each pattern, got {value!r}."
        )
    return names
