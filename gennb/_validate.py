"""Checks at the door: every message says what was expected, what came, and how to mend it."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any

import torch
from torch import Tensor


def check_tensor(
    x: Any,
    name: str,
    *,
    shape: tuple[int | str, ...] | None = None,
    low: float | None = None,
    high: float | None = None,
) -> Tensor:
    """Return ``x`` if it is a non-empty, finite, floating-point tensor of the given shape and range.

    Parameters
    ----------
    shape
        One entry per axis: a number is an exact size, a string names a free size. None accepts any shape.
    low, high
        Inclusive bounds on the values.

    Raises
    ------
    TypeError
        Not a floating-point tensor.
    ValueError
        Wrong shape, no elements, a NaN or infinity, or a value out of range.
    """
    if not isinstance(x, Tensor):
        raise TypeError(
            f"{name}: expected a torch.Tensor, got {type(x).__name__}. Wrap it: torch.as_tensor(...)."
        )
    if not x.is_floating_point():
        raise TypeError(
            f"{name}: expected floating-point values, got {x.dtype}. Convert with .float()"
            + (" / 255 if these are raw pixels." if x.dtype == torch.uint8 else ".")
        )
    if shape is not None:
        fits = x.ndim == len(shape) and all(
            isinstance(want, str) or have == want for want, have in zip(shape, x.shape, strict=True)
        )
        if not fits:
            wanted = "(" + ", ".join(map(str, shape)) + ")"
            missing_batch = x.ndim == len(shape) - 1
            hint = " Add the batch axis with x[None]." if missing_batch else ""
            raise ValueError(f"{name}: expected shape {wanted}, got {tuple(x.shape)}.{hint}")
    if x.numel() == 0:
        raise ValueError(f"{name}: expected at least one element, got shape {tuple(x.shape)}.")
    lowest, highest = (float(v) for v in torch.aminmax(x.detach()))
    if not (math.isfinite(lowest) and math.isfinite(highest)):
        raise ValueError(
            f"{name}: expected finite values, found NaN or infinity. Look upstream with torch.isfinite({name})."
        )
    if (low is not None and lowest < low) or (high is not None and highest > high):
        raise ValueError(
            f"{name}: expected values in [{low if low is not None else '-inf'}, "
            f"{high if high is not None else 'inf'}], got [{lowest:g}, {highest:g}]. "
            "Rescale or clamp it first."
        )
    return x


def check_images(
    x: Any, name: str = "x", image_shape: tuple[int, int, int] | None = None
) -> Tensor:
    """Return ``x`` if it is a batch of images (N, C, H, W) with values in [0, 1]."""
    shape = ("batch", *(image_shape or ("channels", "height", "width")))
    return check_tensor(x, name, shape=shape, low=0.0, high=1.0)


def check_count(value: Any, name: str, *, least: int = 1) -> int:
    """Return ``value`` if it is an integer of at least ``least``."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name}: expected an integer, got {type(value).__name__} {value!r}.")
    if value < least:
        raise ValueError(f"{name}: expected at least {least}, got {value}.")
    return value


def check_number(
    value: Any, name: str, *, above: float = -math.inf, at_least: float = -math.inf
) -> float:
    """Return ``value`` as a float if it is a finite real number > ``above`` and >= ``at_least``."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name}: expected a number, got {type(value).__name__} {value!r}.")
    if not (math.isfinite(value) and value > above and value >= at_least):
        bound = f" above {above:g}" if above > -math.inf else f" of at least {at_least:g}"
        bound = "" if max(above, at_least) == -math.inf else bound
        raise ValueError(f"{name}: expected a finite number{bound}, got {value!r}.")
    return float(value)


def check_choice(value: Any, name: str, choices: Collection[str]) -> str:
    """Return ``value`` if it is one of ``choices``."""
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name}: expected one of {', '.join(sorted(choices))}; got {value!r}.")
    return value
