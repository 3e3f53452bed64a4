"""Data sets of the book, each a tensor in memory.

Real images (``mnist``, ``fashion-mnist``, ``digits``), drawn ones whose every factor is known (``strokes``, ``faces``)
and densities in the plane (``ring``, ``grid``, ``moons``, ``spiral``, ``two``). A card for each lies in ``data/``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

import torch
from jaxtyping import Float, Int
from torch import Tensor

from gennb._validate import check_choice, check_count, check_device
from gennb.data import _files, faces, strokes
from gennb.data._factors import I64, uniforms
from gennb.data._files import DataNotFoundError
from gennb.data.densities import DENSITIES, Mixture, density

__all__ = [
    "DENSITIES",
    "NAMES",
    "DataNotFoundError",
    "Dataset",
    "Mixture",
    "density",
    "faces",
    "load",
    "strokes",
]

NAMES = ("mnist", "fashion-mnist", "digits", "strokes", "faces", *DENSITIES)
_SIZES = {"train": 60_000, "test": 10_000}


@dataclass(frozen=True, eq=False)
class Dataset:
    """Examples and what is known about them.

    Attributes
    ----------
    x
        Images (N, C, H, W) in [0, 1], or points (N, 2); float32.
    y
        Class, or the mode that a point came from: (N,) int64; None where there are no classes.
    factors
        What drew each image: name to (N,) float32; None for data that nobody drew.
    name
        The name under which ``load`` knows it.

    ``data[a:b]``, ``data[index]`` and ``data[mask]`` are the Dataset of those examples.
    """

    x: Float[Tensor, "n ..."]
    y: Int[Tensor, " n"] | None
    factors: dict[str, Tensor] | None
    name: str

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, index: int | slice | Tensor) -> Dataset:
        if isinstance(index, Tensor) and index.ndim == 0 and index.dtype != torch.bool:
            index = int(index)
        if isinstance(index, int):
            if not -len(self) <= index < len(self):
                raise IndexError(
                    f"index: expected -{len(self)} to {len(self) - 1}, the data set's size; got {index}."
                )
            index = slice(index, index + 1 or None)
        if not isinstance(index, slice | Tensor):
            raise TypeError(
                f"index: expected an int, a slice or a tensor, got {type(index).__name__}. "
                "Wrap a list: torch.tensor([...])."
            )
        y = None if self.y is None else self.y[index]
        factors = self.factors and {name: value[index] for name, value in self.factors.items()}
        return Dataset(self.x[index], y, factors, self.name)

    def __array__(self, *_: object) -> NoReturn:
        # Without this NumPy takes a data set for nested sequences of endless depth.
        raise TypeError("data: expected an array, got a data set. Take its x: data.x.numpy().")

    def to(self, device: torch.device | str) -> Dataset:
        """Return the same data on another device."""
        device = check_device(device, "device")
        y = None if self.y is None else self.y.to(device)
        factors = self.factors and {name: v.to(device) for name, v in self.factors.items()}
        return Dataset(self.x.to(device), y, factors, self.name)


def load(
    name: str,
    split: str = "train",
    *,
    n: int | None = None,
    seed: int = 0,
    fallback: str | None = None,
) -> Dataset:
    """Load a data set into memory.

    Parameters
    ----------
    name
        One of ``gennb.data.NAMES``.
    split
        "train" (60,000 examples; ``digits`` 1,442) or "test" (10,000; ``digits`` 355).
    n
        How many: the first n. None is all of them.
    seed
        Which draw of a generated set; the real ones ignore it. The same seed gives the same data on every machine.
    fallback
        "strokes": where ``mnist`` or ``fashion-mnist`` can be neither found nor downloaded, say so in one line and
        load the strokes instead.

    Raises
    ------
    DataNotFoundError
        A real data set is not at hand, and no fallback was named. It is a FileNotFoundError.
    TypeError, ValueError
        An argument is wrong, or a file on disk is not the published one.

    Notes
    -----
    Real sets are looked for in ``$GENNB_DATA``, then in the checkout's ``data/`` (``~/.cache/gennb`` for an installed
    package), in torchvision's layout; what is in neither is downloaded to the latter.

    Examples
    --------
    >>> data = load("strokes", n=100)
    >>> data.x.shape
    torch.Size([100, 1, 28, 28])
    >>> data.factors["slant"].shape
    torch.Size([100])
    """
    check_choice(name, "name", NAMES)
    check_choice(split, "split", tuple(_SIZES))
    check_count(seed, "seed", least=0, most=2**32 - 1)
    if fallback is not None:
        check_choice(fallback, "fallback", ("strokes",))
    if name == "digits":
        return _digits(split, n)
    n = _first(n, _SIZES[split], name, split)
    if name in _files._FOLDER:
        try:
            images, labels = _files.read(name, split)
        except DataNotFoundError:
            if fallback is None:
                raise
            print(f"{_TITLES[name]} is not at hand; this page runs on the built-in strokes.")
            return load("strokes", split, n=n, seed=seed)
        return Dataset(images[:n, None].float().div_(255), labels[:n].long(), None, name)
    if name in DENSITIES:
        x, y = density(name).place(uniforms(n, 3, name, split, seed))
        return Dataset(x, y, None, name)
    if name == "strokes":
        x, y, factors = strokes.generate(n, split, seed)
        return Dataset(x, y, factors, name)
    x, factors = faces.generate(n, split, seed)
    return Dataset(x, None, factors, name)


_TITLES = {"mnist": "MNIST", "fashion-mnist": "Fashion-MNIST"}


def _first(n: int | None, size: int, name: str, split: str) -> int:
    if n is None:
        return size
    if check_count(n, "n") > size:
        raise ValueError(f"n: {name} has {size:,} examples for split {split!r}, got {n:,}.")
    return n


def _digits(split: str, n: int | None) -> Dataset:
    from sklearn.datasets import load_digits

    bunch = load_digits()
    y = torch.from_numpy(bunch.target).long()
    turn = torch.zeros_like(y)  # how many of its class came before
    for digit in range(10):
        turn[y == digit] = torch.arange(int((y == digit).sum()), **I64)
    rows = ((turn % 5 == 4) == (split == "test")).nonzero()[:, 0]
    rows = rows[: _first(n, len(rows), "digits", split)]
    x = torch.from_numpy(bunch.images).float().div_(16)[rows, None]
    return Dataset(x, y[rows], None, "digits")
