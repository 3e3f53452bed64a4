"""Checks at the door: every message says what was expected, what came, and how to mend it."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import math
import types
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, NamedTuple, ParamSpec, TypeVar, Union, get_args, get_origin, get_type_hints

import torch
from jaxtyping import AbstractArray, Float
from torch import Tensor

from gennb import _axes

P = ParamSpec("P")
T = TypeVar("T")

_TENSORS = (Tensor, AbstractArray)


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
            hint = _axes.missing_axis(name, x.shape, shape)
            raise ValueError(f"{name}: expected shape {wanted}, got {tuple(x.shape)}.{hint}")
    if x.numel() == 0:
        raise ValueError(f"{name}: expected at least one element, got shape {tuple(x.shape)}.")
    lowest, highest = _extremes(x)
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


def _extremes(x: Tensor) -> tuple[float, float]:
    """Return the lowest and the highest value; zeros where none can be seen: in a transform, a trace, on "meta"."""
    if torch.compiler.is_compiling():
        return 0.0, 0.0
    low, high = torch.aminmax(x.detach())
    try:
        return float(low.item()), float(high.item())
    except RuntimeError:
        return 0.0, 0.0


def check_images(
    x: Any, name: str = "x", image_shape: tuple[int, int, int] | None = None
) -> Tensor:
    """Return ``x`` if it is a batch of images (N, C, H, W) with values in [0, 1]."""
    shape = ("batch", *(image_shape or ("channels", "height", "width")))
    return check_tensor(x, name, shape=shape, low=0.0, high=1.0)


def _plain(value: Any) -> Any:
    """Return NumPy's numbers, and those in tensors without axes, as Python's; anything else as it is."""
    return value.item() if getattr(value, "ndim", None) == 0 and hasattr(value, "item") else value


def check_count(value: Any, name: str, *, least: int = 1, most: int = 2**31 - 1) -> int:
    """Return ``value`` if it is an integer from ``least`` to ``most``."""
    value = _plain(value)
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
    value = _plain(value)
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


def check_kind(value: Any, name: str, kind: type | tuple[type, ...], mend: str = "") -> Any:
    """Return ``value`` if it is an instance of ``kind``; else raise a TypeError that ends with ``mend``."""
    if not isinstance(value, kind):
        kinds = kind if isinstance(kind, tuple) else (kind,)
        wanted = " or ".join(k.__name__ for k in kinds if k is not types.NoneType)
        raise TypeError(
            f"{name}: expected an instance of {wanted}, got {type(value).__name__}. {mend}".rstrip()
        )
    return value


def check_choice(value: Any, name: str, choices: Collection[str]) -> str:
    """Return ``value`` if it is one of ``choices``."""
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name}: expected one of {', '.join(sorted(choices))}; got {value!r}.")
    return value


def check_device(wish: Any, name: str) -> torch.device:
    """Return ``wish`` as a device of this machine, with its index."""
    try:
        where = torch.device(wish)
        # Only an allocation tells whether it is there; it also fills in the index of "cuda".
        return torch.empty(0, device=where).device
    except (RuntimeError, AssertionError, TypeError, ValueError) as error:
        reason = str(error).partition("\n")[0] or "nothing"
        raise ValueError(
            f"{name}: expected a device of this machine such as 'cpu' or 'cuda', got {wish!r}. "
            f"PyTorch says: {reason}"
        ) from None


def checked(function: Callable[P, T]) -> Callable[P, T]:
    """Refuse arguments that are not what a function's annotations say, before or instead of PyTorch.

    What is annotated with a class has to be an instance of it; ``Tensor`` and ``Float[Tensor, "..."]`` ask for a dense
    floating-point tensor with elements. The names of axes bind, over all arguments of a call and the fields of the
    dataclasses among them, ``self`` included: ``latent`` is one size, ``*batch`` one tuple of sizes, and a number is
    itself. Where one example may stand for all, the annotation says so in jaxtyping's way: of ``#batch`` the size may
    be 1, and ``*#batch`` is broadcast. ``_`` and ``...`` are free. No value is looked at.

    Raises
    ------
    TypeError
        An argument of the wrong kind.
    ValueError
        Tensors that do not fit together.
    """
    names = list(inspect.signature(function).parameters)

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        if torch.compiler.is_compiling():
            return function(*args, **kwargs)
        given = dict(zip(names, args, strict=False)) | kwargs
        tensors = list(_tensors(given, _asked(function)))
        _axes.bind(tuple((name, axes, x.shape) for name, axes, x in tensors))
        try:
            return function(*args, **kwargs)
        except (torch.OutOfMemoryError, torch.AcceleratorError):
            raise
        except (RuntimeError, IndexError, _MisfitError) as error:
            got = ", ".join(f"{name} {tuple(x.shape)} {x.dtype}" for name, _, x in tensors)
            raise _MisfitError(
                f"{function.__qualname__}: {f'expected tensors that fit together, got {got}. ' if got else ''}"
                f"PyTorch says: {str(error).splitlines()[0].split('PyTorch says: ')[-1]}"
            ) from error

    return call


def bare(function: Callable[P, T]) -> Callable[P, T]:
    """Return what is behind the door of a checked function, for arguments that have been checked."""
    if torch.compiler.is_compiling():  # no door is looked at
        return function
    behind: Callable[P, T] = getattr(function, "__wrapped__", function)
    owner = getattr(function, "__self__", None)
    return behind if owner is None else types.MethodType(behind, owner)


class _MisfitError(ValueError):
    """Tensors that do not fit together; the outermost checked function puts it in terms of its own arguments."""


class _Asked(NamedTuple):
    """What an annotation asks for: an instance of one of some classes, or a tensor."""

    classes: tuple[type, ...]
    axes: _axes.Axes | None
    floating: bool


@functools.cache
def _asked(annotated: Any) -> dict[str, _Asked]:
    """Read the annotations of a function or a dataclass, at the first call, when all its module's names are there."""
    read = {}
    for name, hint in get_type_hints(annotated).items():
        union = get_origin(hint) in (types.UnionType, Union)
        kinds = get_args(hint) if union else (hint,)
        tensors: list[Any] = [k for k in kinds if isinstance(k, type) and issubclass(k, _TENSORS)]
        others = tuple(kind for kind in kinds if kind not in tensors)
        # Numbers and strings have checks of their own, and of what is in a container nothing is said here.
        if name != "return" and all(
            isinstance(kind, type) and kind.__module__ not in ("builtins", "typing")
            for kind in others
            if kind is not types.NoneType
        ):
            ways = [getattr(kind, "dim_str", "...") for kind in tensors]
            floating = all(
                not issubclass(kind, AbstractArray) or kind.dtype is Float for kind in tensors
            )
            read[name] = _Asked(others, _axes.Axes(*ways) if ways else None, floating)
    return read


def _tensors(
    given: Mapping[str, Any], asked: Mapping[str, _Asked], prefix: str = ""
) -> Iterator[tuple[str, _axes.Axes, Tensor]]:
    """Yield the tensors among the arguments, with the axes that are theirs; refuse what was not asked for."""
    for name, value in given.items():
        wanted = asked.get(name)
        if wanted is None or isinstance(value, wanted.classes):
            if dataclasses.is_dataclass(kind := type(value)):
                own = "" if name == "self" else f"{name}."
                yield from _tensors(vars(value), _asked(kind), own)
        elif wanted.axes is None:
            check_kind(value, prefix + name, wanted.classes)
        else:
            _check_elements(value, prefix + name, wanted.floating)
            yield prefix + name, wanted.axes, value


def _check_elements(x: Any, name: str, floating: bool) -> None:
    if floating:
        check_dense(x, name)
    elif not isinstance(x, Tensor) or x.is_floating_point():
        got = x.dtype if isinstance(x, Tensor) else type(x).__name__
        raise TypeError(f"{name}: expected a tensor of integers, got {got}.")
    if x.numel() == 0:
        raise ValueError(f"{name}: expected at least one element, got shape {tuple(x.shape)}.")
