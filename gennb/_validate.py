"""Checks at the door: every message says what was expected, what came, and how to mend it."""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Callable, Collection
from typing import Any, ParamSpec, TypeVar

import torch
from torch import Tensor

P = ParamSpec("P")
T = TypeVar("T")


def check_dense(x: Any, name: str) -> Tensor:
    """Return ``x`` if it is a dense floating-point tensor; its values are not looked at."""
    if not isinstance(x, Tensor):
        raise TypeError(
            f"{name}: expected a torch.Tensor, got {type(x).__name__}. Wrap it: torch.as_tensor(...)."
        )
    if x.layout != torch.strided:
        raise TypeError(
            f"{name}: expected a dense tensor, got {x.layout}. Convert with .to_dense()."
        )
    if not x.is_floating_point():
        raise TypeError(
            f"{name}: expected floating-point values, got {x.dtype}. Convert with .float()"
            + (" / 255 if these are raw pixels." if x.dtype == torch.uint8 else ".")
        )
    return x


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
        Not a dense floating-point tensor.
    ValueError
        Wrong shape, no elements, a NaN or infinity, or a value out of range.
    """
    check_dense(x, name)
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
    dense: Tensor = x
    return dense


def check_images(
    x: Any, name: str = "x", image_shape: tuple[int, int, int] | None = None
) -> Tensor:
    """Return ``x`` if it is a batch of images (N, C, H, W) with values in [0, 1]."""
    shape = ("batch", *(image_shape or ("channels", "height", "width")))
    return check_tensor(x, name, shape=shape, low=0.0, high=1.0)


def check_count(value: Any, name: str, *, least: int = 1, most: int = 2**31 - 1) -> int:
    """Return ``value`` if it is an integer from ``least`` to ``most``."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name}: expected an integer, got {type(value).__name__} {value!r}.")
    if value < least:
        raise ValueError(f"{name}: expected at least {least}, got {value}.")
    if value > most:
        raise ValueError(
            f"{name}: expected at most {most}, got a number of {value.bit_length()} bits."
        )
    return value


def check_number(
    value: Any, name: str, *, above: float = -math.inf, at_least: float = -math.inf
) -> float:
    """Return ``value`` as a float if it is a finite real number > ``above`` and >= ``at_least``."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name}: expected a number, got {type(value).__name__} {value!r}.")
    if (
        abs(value) > torch.finfo(torch.float32).max
    ):  # so are infinity, and integers that no float can hold
        raise ValueError(f"{name}: expected a finite number, got one beyond the range of float32.")
    if not (math.isfinite(value) and value > above and value >= at_least):
        bound = f" above {above:g}" if above > -math.inf else f" of at least {at_least:g}"
        bound = "" if max(above, at_least) == -math.inf else bound
        raise ValueError(f"{name}: expected a finite number{bound}, got {value!r}.")
    return float(value)


def check_within(value: Any, name: str, low: float, high: float, what: str = "number") -> float:
    """Return ``value`` as a float if it is a real number in [``low``, ``high``]."""
    number = check_number(value, name)
    if not low <= number <= high:
        raise ValueError(f"{name}: expected a {what} in [{low:g}, {high:g}], got {value!r}.")
    return number


def check_kind(value: Any, name: str, kind: type, mend: str = "") -> Any:
    """Return ``value`` if it is an instance of ``kind``; else raise a TypeError that ends with ``mend``."""
    if not isinstance(value, kind):
        raise TypeError(
            f"{name}: expected an instance of {kind.__name__}, got {type(value).__name__}. {mend}".rstrip()
        )
    return value


def check_choice(value: Any, name: str, choices: Collection[str]) -> str:
    """Return ``value`` if it is one of ``choices``."""
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name}: expected one of {', '.join(sorted(choices))}; got {value!r}.")
    return value


def checked(function: Callable[P, T]) -> Callable[P, T]:
    """Refuse arguments that are not what a function's annotations say, before or instead of PyTorch.

    For functions whose body is an equation. Whatever is annotated as a Tensor or ``Float[Tensor, ...]`` has to be a
    dense floating-point tensor with elements, whatever is annotated with a class an instance of it; neither costs a
    look at the values. Shapes and precisions that do not fit together are named instead of left to PyTorch's message.

    Raises
    ------
    TypeError
        An argument of the wrong kind.
    ValueError
        Tensors that do not fit together.
    """
    signature = inspect.signature(function)
    annotations = {name: str(p.annotation) for name, p in signature.parameters.items()}
    tensors = [n for n, a in annotations.items() if a.startswith(("Float[Tensor", "Tensor"))]
    axes = {n: a.split("'")[1].split() for n, a in annotations.items() if a.count("'") == 2}

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        given = signature.bind(*args, **kwargs).arguments
        for name, value in given.items():
            if name in tensors:
                if value is not None or "None" not in annotations[name]:
                    check_dense(value, name)
                    if value.numel() == 0:
                        raise ValueError(
                            f"{name}: expected at least one element, got shape {tuple(value.shape)}."
                        )
                    wanted = axes.get(name, ["*any"])
                    surplus = value.ndim - sum(not axis.startswith("*") for axis in wanted)
                    if surplus < 0 or (surplus > 0 and not any(a.startswith("*") for a in wanted)):
                        hint = f" Add the batch axis with {name}[None]." if surplus == -1 else ""
                        raise ValueError(
                            f"{name}: expected axes ({', '.join(wanted)}), "
                            f"got {tuple(value.shape)}.{hint}"
                        )
            elif isinstance(kind := function.__globals__.get(annotations[name]), type):
                check_kind(value, name, kind)
        try:
            return function(*args, **kwargs)
        except (torch.OutOfMemoryError, torch.AcceleratorError):
            raise
        except (RuntimeError, IndexError, _MisfitError) as error:
            got = ", ".join(
                f"{n} {tuple(given[n].shape)} {given[n].dtype}"
                for n in tensors
                if given.get(n) is not None
            )
            raise _MisfitError(
                f"{function.__qualname__}: {f'expected tensors that fit together, got {got}. ' if got else ''}"
                f"PyTorch says: {str(error).splitlines()[0].split('PyTorch says: ')[-1]}"
            ) from error

    return call


class _MisfitError(ValueError):
    """Tensors that do not fit together; the outermost checked function puts it in terms of its own arguments."""
