"""Handwritten digits drawn from known factors: ten digits as pen strokes, 28x28, in the manner of MNIST.

Each digit is a skeleton of a few knots. A smooth curve through the knots is bent, slanted, scaled and moved, and a
round pen of a given thickness runs along it. The bend, slant, height, place and pen of an image are in its factors.
The way of writing its digit, where there are several, and a random warp of the knots are not.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy.typing import NDArray
from torch import Tensor

from gennb._validate import check_count
from gennb.data._factors import F32, F64, I64, broadcast, drawing, normals, uniforms

RANGES: dict[str, tuple[float, float]] = {
    "slant": (-0.25, 0.45),
    "thickness": (1.6, 3.4),
    "scale": (0.82, 1.06),
    "x": (-1.5, 1.5),
    "y": (-1.2, 1.2),
    "curvature": (-1.0, 1.0),
}
"""Factor: (lowest, highest). Slant is a shear (tangent of the angle, positive leans right), thickness the pen's
width in pixels, scale the height in units of 20 pixels, x and y the offset in pixels (y grows downwards), curvature
the bow of the whole digit (at 1 its middle lies 1.2 pixels right of its ends)."""

NEUTRAL: dict[str, float] = {
    "slant": 0.1,
    "thickness": 2.4,
    "scale": 0.95,
    "x": 0.0,
    "y": 0.0,
    "curvature": 0.0,
}

SIZE = 28
_BOX = 20.0  # pixels: the height of a digit at scale 1, as in MNIST
_SEGMENTS = 34  # straight pieces that an image is drawn with
_CHUNK = 256  # images at a time: the working set stays in the processor's cache

# Allographs: digit, weight, strokes. A stroke is a list of knots (x, y) in a box one unit high, y downwards; a knot
# given twice in a row is a corner.
_Knots = list[tuple[float, float]]
_ALLOGRAPHS: list[tuple[int, float, list[_Knots]]] = [
    (0, 0.6, [[(0.36, 0.02), (0.14, 0.12), (0.03, 0.42), (0.08, 0.78), (0.28, 0.99), (0.53, 0.85),
               (0.64, 0.50), (0.56, 0.15), (0.36, 0.02)]]),
    (0, 0.4, [[(0.50, 0.07), (0.30, 0.02), (0.07, 0.22), (0.01, 0.55), (0.14, 0.90), (0.38, 0.99),
               (0.62, 0.78), (0.68, 0.40), (0.52, 0.09), (0.36, 0.06)]]),
    (1, 0.7, [[(0.02, 0.0), (0.01, 0.33), (0.0, 0.66), (0.0, 1.0)]]),
    (1, 0.3, [[(0.0, 0.24), (0.12, 0.14), (0.22, 0.0), (0.22, 0.0), (0.22, 0.5), (0.21, 1.0)]]),
    (2, 0.5, [[(0.06, 0.22), (0.18, 0.05), (0.38, 0.01), (0.56, 0.14), (0.55, 0.36), (0.38, 0.62),
               (0.18, 0.82), (0.02, 0.97), (0.02, 0.97), (0.32, 0.95), (0.68, 0.97)]]),
    (2, 0.5, [[(0.08, 0.20), (0.22, 0.03), (0.44, 0.02), (0.56, 0.20), (0.50, 0.46), (0.32, 0.76),
               (0.12, 0.96), (0.01, 0.88), (0.10, 0.76), (0.30, 0.84), (0.50, 0.98), (0.72, 0.90)]]),
    (3, 0.6, [[(0.06, 0.13), (0.24, 0.01), (0.48, 0.06), (0.54, 0.24), (0.42, 0.41), (0.22, 0.47),
               (0.22, 0.47), (0.46, 0.53), (0.58, 0.72), (0.46, 0.93), (0.22, 1.0), (0.01, 0.88)]]),
    (3, 0.4, [[(0.04, 0.05), (0.28, 0.02), (0.56, 0.03), (0.56, 0.03), (0.40, 0.22), (0.24, 0.40),
               (0.24, 0.40), (0.46, 0.46), (0.58, 0.66), (0.48, 0.90), (0.24, 1.0), (0.0, 0.90)]]),
    (4, 0.6, [[(0.10, 0.0), (0.06, 0.24), (0.01, 0.50), (0.06, 0.57), (0.30, 0.55), (0.62, 0.48)],
              [(0.56, 0.06), (0.52, 0.36), (0.48, 0.68), (0.46, 1.0)]]),
    (4, 0.4, [[(0.48, 0.0), (0.26, 0.30), (0.0, 0.62), (0.0, 0.62), (0.34, 0.63), (0.70, 0.61)],
              [(0.48, 0.0), (0.48, 0.33), (0.48, 0.66), (0.47, 1.0)]]),
    (5, 0.5, [[(0.62, 0.02), (0.38, 0.03), (0.16, 0.04), (0.16, 0.04), (0.13, 0.22), (0.09, 0.43),
               (0.09, 0.43), (0.32, 0.37), (0.52, 0.48), (0.55, 0.72), (0.40, 0.93), (0.18, 1.0),
               (0.0, 0.91)]]),
    (5, 0.5, [[(0.18, 0.05), (0.14, 0.24), (0.10, 0.42), (0.10, 0.42), (0.34, 0.40), (0.52, 0.56),
               (0.50, 0.80), (0.30, 0.98), (0.02, 0.96)],
              [(0.18, 0.05), (0.40, 0.04), (0.68, 0.0)]]),
    (6, 0.6, [[(0.46, 0.0), (0.26, 0.16), (0.10, 0.42), (0.03, 0.70), (0.12, 0.93), (0.30, 1.0),
               (0.50, 0.88), (0.52, 0.66), (0.36, 0.54), (0.16, 0.64), (0.06, 0.80)]]),
    (6, 0.4, [[(0.30, 0.0), (0.12, 0.28), (0.03, 0.60), (0.09, 0.90), (0.30, 1.0), (0.52, 0.86),
               (0.48, 0.62), (0.28, 0.56), (0.09, 0.74)]]),
    (7, 0.6, [[(0.0, 0.06), (0.28, 0.05), (0.58, 0.03), (0.58, 0.03), (0.44, 0.34), (0.30, 0.66),
               (0.22, 1.0)]]),
    (7, 0.25, [[(0.0, 0.05), (0.28, 0.05), (0.60, 0.02), (0.60, 0.02), (0.46, 0.32), (0.32, 0.64),
                (0.22, 1.0)],
               [(0.16, 0.52), (0.36, 0.50), (0.56, 0.47)]]),
    (7, 0.15, [[(0.02, 0.20), (0.03, 0.05), (0.03, 0.05), (0.30, 0.06), (0.58, 0.03), (0.58, 0.03),
                (0.48, 0.30), (0.38, 0.64), (0.36, 1.0)]]),
    (8, 0.6, [[(0.50, 0.10), (0.30, 0.01), (0.10, 0.14), (0.14, 0.34), (0.32, 0.48), (0.50, 0.66),
               (0.50, 0.90), (0.28, 1.0), (0.07, 0.88), (0.09, 0.66), (0.30, 0.48), (0.50, 0.30),
               (0.50, 0.10)]]),
    (8, 0.4, [[(0.31, 0.46), (0.11, 0.32), (0.11, 0.12), (0.30, 0.01), (0.50, 0.12), (0.50, 0.32),
               (0.31, 0.46), (0.07, 0.64), (0.06, 0.88), (0.29, 1.0), (0.52, 0.88), (0.52, 0.64),
               (0.31, 0.46)]]),
    (9, 0.6, [[(0.50, 0.16), (0.30, 0.01), (0.07, 0.14), (0.03, 0.38), (0.20, 0.50), (0.42, 0.38),
               (0.52, 0.14), (0.52, 0.14), (0.49, 0.44), (0.46, 0.72), (0.42, 1.0)]]),
    (9, 0.4, [[(0.52, 0.10), (0.28, 0.02), (0.05, 0.18), (0.06, 0.42), (0.28, 0.46), (0.48, 0.30),
               (0.53, 0.08), (0.53, 0.08), (0.51, 0.40), (0.47, 0.76), (0.28, 1.0), (0.06, 0.93)]]),
]  # fmt: skip

ALLOGRAPHS: list[list[int]] = [
    [i for i, (digit, _, _) in enumerate(_ALLOGRAPHS) if digit == d] for d in range(10)
]
"""For each digit, the ways of writing it, as indices for ``render(..., allograph=...)``."""

_KNOTS = max(sum(map(len, strokes)) for _, _, strokes in _ALLOGRAPHS)


def _curve(knots: _Knots, pieces: int) -> NDArray[np.float64]:
    """The (pieces + 1, knots) matrix that turns knots into points of the Catmull-Rom spline through them."""
    n = len(knots)
    points = np.asarray(knots)
    spans = [i for i in range(n - 1) if not np.array_equal(points[i], points[i + 1])]
    length = np.cumsum([0.0] + [float(np.hypot(*(points[i + 1] - points[i]))) for i in spans])
    identity = np.eye(n)

    def tangent(i: int, span: int) -> Any:
        ahead, behind = min(i + 1, n - 1), max(i - 1, 0)
        if i == span and (behind == i or np.array_equal(points[behind], points[i])):
            return identity[i + 1] - identity[i]
        if i == span + 1 and (ahead == i or np.array_equal(points[ahead], points[i])):
            return identity[i] - identity[i - 1]
        return (identity[ahead] - identity[behind]) / 2

    rows = []
    for s in np.linspace(0.0, length[-1], pieces + 1):
        k = min(int(np.searchsorted(length, s, side="right")) - 1, len(spans) - 1)
        i, t = spans[k], (s - length[k]) / (length[k + 1] - length[k])
        rows.append(
            (2 * t**3 - 3 * t**2 + 1) * identity[i]
            + (3 * t**2 - 2 * t**3) * identity[i + 1]
            + (t**3 - 2 * t**2 + t) * tangent(i, i)
            + (t**3 - t**2) * tangent(i + 1, i)
        )
    return np.stack(rows)


@cache
def _skeletons() -> tuple[Tensor, Tensor, Tensor]:
    """Per allograph: centered knots (A, K, 2); matrices (A, S, K) to the segments' starts and ends."""
    knots = np.zeros((len(_ALLOGRAPHS), _KNOTS, 2))
    starts, ends = np.zeros((2, len(_ALLOGRAPHS), _SEGMENTS, _KNOTS))
    for a, (_, _, strokes) in enumerate(_ALLOGRAPHS):
        lengths = [float(np.hypot(*np.diff(np.asarray(k), axis=0).T).sum()) for k in strokes]
        shares = [max(2, round(_SEGMENTS * part / sum(lengths))) for part in lengths]
        shares[0] += _SEGMENTS - sum(shares)
        row = column = 0
        for stroke, pieces in zip(strokes, shares, strict=True):
            matrix = _curve(stroke, pieces)
            here = slice(column, column + len(stroke))
            starts[a, row : row + pieces, here] = matrix[:-1]
            ends[a, row : row + pieces, here] = matrix[1:]
            knots[a, here] = stroke
            row, column = row + pieces, column + len(stroke)
        middle = (starts[a] + ends[a]) @ knots[a] / 2
        weight = np.hypot(*((ends[a] - starts[a]) @ knots[a]).T)
        knots[a, :column] -= (weight[:, None] * middle).sum(0) / weight.sum()
    return torch.from_numpy(knots), torch.from_numpy(starts), torch.from_numpy(ends)


def _draw(
    allograph: Tensor, wobble: Tensor, factors: dict[str, Tensor], out: Float[Tensor, "n 1 28 28"]
) -> None:
    knots, starts, ends = _skeletons()
    f = {name: value.double()[:, None] for name, value in factors.items()}
    points = knots[allograph] + wobble  # (n, K, 2), a digit is one unit high
    grid = torch.arange(SIZE, **F32) - (SIZE - 1) / 2
    for low in range(0, len(out), _CHUNK):
        part = slice(low, low + _CHUNK)
        segment = []
        for matrix in (starts, ends):
            x, y = (matrix[allograph[part]] @ points[part]).unbind(-1)  # (n, S)
            x = x + f["curvature"][part] * (1.2 / _BOX) * (1 - (2 * y) ** 2) - f["slant"][part] * y
            size = f["scale"][part] * _BOX
            segment += [(x * size + f["x"][part]).float(), (y * size + f["y"][part]).float()]
        ax, ay, bx, by = (v.T[:, :, None, None] for v in segment)  # (S, n, 1, 1)
        dx, dy = bx - ax, by - ay
        squared = (dx * dx + dy * dy).clamp_min(1e-12)
        ex, ey = grid - ax, grid[:, None] - ay  # (S, n, 1, 28), (S, n, 28, 1)
        along_x, along_y = ex * (dx / squared), ey * (dy / squared)
        nearest = torch.full((ax.shape[1], SIZE, SIZE), torch.inf, **F32)
        t, rx, ry = torch.empty(3, *nearest.shape, **F32)
        for s in range(_SEGMENTS):
            torch.add(along_x[s], along_y[s], out=t).clamp_(0, 1)
            torch.addcmul(ex[s], t, dx[s], value=-1, out=rx)
            torch.addcmul(ey[s], t, dy[s], value=-1, out=ry)
            torch.minimum(nearest, rx.mul_(rx).addcmul_(ry, ry), out=nearest)
        radius = f["thickness"][part, :, None].float() / 2
        soft = 0.75  # pixels: half the width of the pen's soft rim
        t = ((radius + soft) - nearest.sqrt_()).div_(2 * soft).clamp_(0, 1)
        out[part, 0] = t * t * (3 - 2 * t)


def _integers(value: object, name: str, n: int) -> Int[Tensor, " n"]:
    if isinstance(value, bool) or not isinstance(value, int | Tensor):
        raise TypeError(f"{name}: expected an int or a tensor (n,), got {type(value).__name__}.")
    if isinstance(value, int):
        check_count(value, name, least=0)
    tensor = value if isinstance(value, Tensor) else torch.tensor(value, **I64)
    if tensor.is_floating_point() or tensor.is_complex() or tensor.dtype == torch.bool:
        raise TypeError(f"{name}: expected integers, got {tensor.dtype}. Convert with .long().")
    if tensor.ndim > 1 or tensor.numel() == 0:
        raise ValueError(
            f"{name}: expected shape (n,) with at least one element, got {tuple(tensor.shape)}."
        )
    return tensor.cpu().long().expand(n)


def render(
    digit: Int[Tensor, " n"] | int,
    *,
    allograph: Int[Tensor, " n"] | int | None = None,
    **factors: Float[Tensor, " n"] | float,
) -> Float[Tensor, "n 1 28 28"]:
    """Draw digits with the factors you name; the others stay neutral (``strokes.NEUTRAL``).

    Parameters
    ----------
    digit
        What to write, 0 to 9.
    allograph
        How to write it: an index from ``strokes.ALLOGRAPHS[digit]``. None is the most usual way.
    **factors
        Numbers or tensors of shape (n,), within ``strokes.RANGES``; numbers apply to every image.

    Raises
    ------
    TypeError, ValueError
        An unknown factor, a value out of range, or tensors of different lengths.

    Examples
    --------
    >>> render(7, slant=torch.linspace(-0.2, 0.4, 5)).shape
    torch.Size([5, 1, 28, 28])
    """
    n, values = broadcast(factors, RANGES, NEUTRAL, digit, allograph)
    digits = _integers(digit, "digit", n)
    if int(digits.min()) < 0 or int(digits.max()) > 9:
        raise ValueError(f"digit: expected 0 to 9, got {int(digits.min())} to {int(digits.max())}.")
    if allograph is None:
        chosen = torch.tensor([ways[0] for ways in ALLOGRAPHS], **I64)[digits]
    else:
        chosen = _integers(allograph, "allograph", n)
        for d, a in zip(digits.tolist(), chosen.tolist(), strict=True):
            if a not in ALLOGRAPHS[d]:
                raise ValueError(f"allograph: digit {d} has {ALLOGRAPHS[d]}, got {a}.")
    out = torch.empty(n, 1, SIZE, SIZE, **F32)
    with drawing():
        _draw(chosen, torch.zeros(n, _KNOTS, 2, **F64), values, out)
    return out


def generate(n: int, split: str, seed: int) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
    """The first n images of a split: x (n, 1, 28, 28), y (n,) and the factors that drew them."""
    u = uniforms(n, 2 + len(RANGES) + 10 + 2 * _KNOTS, "strokes", split, seed)
    digit = (u[:, 0] * 10).long()
    shares = torch.zeros(10, max(map(len, ALLOGRAPHS)), **F64)
    index = torch.zeros_like(shares, dtype=torch.int64)
    for d, ways in enumerate(ALLOGRAPHS):
        shares[d, : len(ways)] = torch.tensor([_ALLOGRAPHS[a][1] for a in ways], **F32)
        index[d, : len(ways)] = torch.tensor(ways, **I64)
    way = (u[:, 1:2] > shares.cumsum(1)[digit]).sum(1).clamp_max(shares.shape[1] - 1)
    allograph = index[digit, way]
    columns = iter(u[:, 2:].T)
    factors = {}
    for name, (low, high) in RANGES.items():
        v = next(columns)
        factors[name] = low + (high - low) * v

    # Two hands never agree: a smooth warp of the whole digit, then a little for each knot.
    rest = normals(torch.stack(list(columns), 1))
    warp, own = rest[:, :10].unflatten(1, (2, 5)), rest[:, 10:].unflatten(1, (_KNOTS, 2))
    x, y = _skeletons()[0][allograph].unbind(-1)
    terms = torch.stack([x, y, x * y * 2, x * x * 2, y * y], 1)  # (n, 5, K)
    spread = torch.tensor([[0.16, 0.04, 0.14, 0.14, 0.0], [0.10, 0.05, 0.14, 0.14, 0.07]], **F32)
    wobble = terms.mT @ (warp * spread).mT  # (n, K, 2)
    out = torch.empty(n, 1, SIZE, SIZE, **F32)
    with drawing():
        _draw(allograph, wobble + 0.022 * own, factors, out)
    return out, digit, {name: value.float() for name, value in factors.items()}
