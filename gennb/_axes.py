"""Axes by name: what ``Float[Tensor, "batch latent"]`` says of one tensor, and of several together."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import NamedTuple

Shape = tuple[int, ...]


class Axis(NamedTuple):
    """One word of an annotation.

    ``name`` is None where it is free or a size; ``several`` stands for any number of axes; ``broadcast`` lets a size
    of one, and of several axes their absence, stand for any.
    """

    word: str
    name: str | None
    size: int | None
    several: bool
    broadcast: bool


class Axes:
    """The axes of a tensor, in one of several ways to write them, such as ``*#batch latent 2``."""

    def __init__(self, *ways: str) -> None:
        self.ways = [[_axis(word) for word in way.split()] for way in ways]

    def __str__(self) -> str:
        return " or ".join(_written([axis.word for axis in way]) for way in self.ways)

    def share(self, name: str, shape: Shape) -> list[tuple[Axis, Shape]]:
        """Return each axis with its part of a shape, in the first way that fits."""
        for way in self.ways:
            surplus = len(shape) - len(way)
            if surplus == 0 or (surplus >= -1 and any(axis.several for axis in way)):
                parts = list(_parts(way, shape))
                if all(axis.size in (None, *part) for axis, part in parts):
                    return parts
        sizes = [axis.word if axis.size is None else axis.size for axis in self.ways[0]]
        raise ValueError(
            f"{name}: expected axes {self}, got {tuple(shape)}.{missing_axis(name, shape, sizes)}"
        )


def _axis(word: str) -> Axis:
    bare = word.lstrip("*#")
    several = bare == "..." or "*" in word
    size = int(bare) if bare.isdigit() else None
    free = size is not None or bare.startswith(("_", "..."))
    return Axis(word, None if free else "*" * several + bare, size, several, "#" in word)


def _parts(way: Sequence[Axis], shape: Shape) -> Iterator[tuple[Axis, Shape]]:
    start = 0
    for axis in way:
        stop = start + 1 + (len(shape) - len(way)) * axis.several
        yield axis, tuple(shape[start:stop])
        start = stop


@functools.lru_cache(maxsize=4096)  # a training loop asks the same thing at every step
def bind(tensors: tuple[tuple[str, Axes, Shape], ...]) -> None:
    """Refuse named tensors whose shapes do not fit their axes, or if a name of an axis stands for two sizes.

    Raises
    ------
    ValueError
        Names the tensors, the axis and its sizes.
    """
    bound: dict[str, tuple[Shape, int, bool]] = {}
    parts = [
        (axis, part, i)
        for i, (name, axes, shape) in enumerate(tensors)
        for axis, part in axes.share(name, shape)
        if axis.name is not None
    ]
    for axis, got, i in sorted(parts, key=lambda part: part[0].broadcast):
        assert axis.name is not None
        wanted, first, loose = bound.setdefault(axis.name, (got, i, axis.broadcast))
        both = _broadcast(got, wanted) if axis.broadcast else got
        if both is None or (both != wanted and not loose):
            raise ValueError(_contradiction(axis, got, tensors[i], wanted, tensors[first]))
        bound[axis.name] = both, first if both == wanted else i, loose


def _broadcast(a: Shape, b: Shape) -> Shape | None:
    """Return the shape that both stand for, counted from the last axis; None where there is none."""
    pairs = list(zip_longest(reversed(a), reversed(b), fillvalue=1))
    if any(m != n and 1 not in (m, n) for m, n in pairs):
        return None
    return tuple(n if m == 1 else m for m, n in reversed(pairs))


def _contradiction(
    axis: Axis,
    got: Shape,
    tensor: tuple[str, Axes, Shape],
    wanted: Shape,
    other: tuple[str, Axes, Shape],
) -> str:
    sizes = [str(size if axis.several else size[0]) for size in (wanted, got)]
    one_for_all = not axis.broadcast and _broadcast(got, wanted) is not None
    return (
        f"{tensor[0]}: expected {axis.word} = {sizes[0]} as in {other[0]} {tuple(other[2])}, "
        f"got {sizes[1]} in {tuple(tensor[2])}. "
        + (
            "If one is to stand for all, expand() it."
            if one_for_all
            else "Slice or pad one of them."
        )
    )


def missing_axis(name: str, shape: Shape, wanted: Sequence[int | str]) -> str:
    """Return the likely mend where one axis is missing: the batch or, of gray images, the channel; else nothing."""
    if len(shape) != len(wanted) - 1:
        return ""
    batch, channel = f"the batch axis with {name}[None]", f"the channel axis with {name}[:, None]"
    if len(wanted) != 4:
        return f" Add {batch}."
    first, channels = shape[0], wanted[1]
    if isinstance(channels, str) and first == 3:
        return f" Add {channel} if these are gray images, or {batch} if this is one in color."
    if first == channels or (isinstance(channels, str) and first == 1):
        return f" Add {batch}."
    if isinstance(channels, str) or channels == 1:
        return f" Add {channel}."
    return f" Add {batch}, or {channel}."


def _written(words: Sequence[str]) -> str:
    return f"({', '.join(words)}{',' * (len(words) == 1)})"
