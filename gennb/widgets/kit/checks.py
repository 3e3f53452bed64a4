"""Checks that several explorables make of what they are given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from gennb._validate import check_count, check_number, check_within


def check_numbers(value: Any, name: str, *ranges: tuple[str, float, float]) -> list[float]:
    """Return one number for each range (what it is, lowest, highest)."""
    wanted = f"{len(ranges)} numbers ({', '.join(dict.fromkeys(what for what, _, _ in ranges))})"
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise TypeError(f"{name}: expected {wanted}, got {value!r}.")
    if len(value) != len(ranges):
        raise ValueError(f"{name}: expected {wanted}, got {len(value)}: {value!r}.")
    return [
        check_within(number, name, low, high, what)
        for number, (what, low, high) in zip(value, ranges, strict=True)
    ]


def check_increasing(
    value: Any, name: str, check: Callable[[Any, str], float] = check_number
) -> list[float]:
    """Return a list of at least one number, each above the one before."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise TypeError(f"{name}: expected a list of numbers, got {type(value).__name__}.")
    numbers = [check(number, name) for number in value]
    if not numbers or sorted(set(numbers)) != numbers:
        raise ValueError(f"{name}: expected increasing numbers, got {list(value)!r}.")
    return numbers


def check_index(value: Any, name: str, count: int) -> int:
    """Return the index of one of ``count`` things."""
    if check_count(value, name, least=0) >= count:
        raise ValueError(f"{name}: expected an index below {count}, got {value}.")
    return int(value)


def check_shape(value: Any) -> tuple[int, int, int]:
    """Return an image shape (channels, height, width) with one or three channels."""
    if not isinstance(value, Sequence) or not all(isinstance(size, int) for size in value):
        raise TypeError(f"image_shape: expected (channels, height, width), got {value!r}.")
    shape = tuple(value)
    if len(shape) != 3 or shape[0] not in (1, 3) or min(shape) < 1:
        raise ValueError(
            f"image_shape: expected (channels, height, width) with 1 or 3 channels, got {shape}."
        )
    return shape


def check_output(spec: list[dict[str, Any]], size: int, name: str, what: str) -> None:
    """Refuse a packed network whose output does not have ``size`` numbers."""
    shape = spec[-1]["shape"]
    if torch.Size(shape).numel() != size:
        raise ValueError(
            f"{name}: expected {size} outputs ({what}), got shape {tuple(shape)}. "
            "Check image_shape and the last layer."
        )


def check_labels(
    labels: Tensor | None, count: int, classes: Sequence[str] | None
) -> tuple[bytes, list[str]]:
    """Classes of ``count`` examples as bytes, and their names; both empty where there are no labels."""
    if labels is None:
        return b"", []
    if (
        not isinstance(labels, Tensor)
        or labels.is_floating_point()
        or labels.is_complex()
        or labels.shape != (count,)
    ):
        got = tuple(labels.shape) if isinstance(labels, Tensor) else type(labels).__name__
        raise ValueError(f"labels: expected {count} integers, one for each code, got {got}.")
    if count and not 0 <= int(labels.min()) <= int(labels.max()) < 256:
        raise ValueError("labels: expected classes numbered from 0 to 255.")
    if classes is not None and (isinstance(classes, str) or not isinstance(classes, Sequence)):
        raise TypeError(f"classes: expected a list of names, got {classes!r}.")
    names = [str(c) for c in (range(int(labels.max()) + 1) if classes is None else classes)]
    if count and len(names) <= int(labels.max()):
        raise ValueError(
            f"classes: expected a name for each of {int(labels.max()) + 1} classes, got {len(names)}."
        )
    return labels.to("cpu", torch.uint8).numpy().tobytes(), names
