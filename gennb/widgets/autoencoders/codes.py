"""Codes of images as dots of a plane, whatever their scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from gennb._validate import check_kind, check_tensor
from gennb.widgets.autoencoders.pairs import small_pair, train_pair
from gennb.widgets.kit.checks import check_labels
from gennb.widgets.kit.still import HUES, draw_plane

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 4096
MARGIN = 1.08  # of the square around the codes


def pack_codes(codes: Any, labels: Any, classes: Sequence[str] | None) -> dict[str, Any]:
    """Return the codes on a square around them, its ``center`` and ``extent``, and the ``gap`` that is usual there.

    The packed codes, pairs of float16, reach from -1 to 1. The gap is the median distance of a code, so rounded, to its
    nearest neighbor.
    """
    points = check_tensor(codes, "codes", shape=("n", 2)).detach().cpu().double()
    if len(points) > MOST:
        raise ValueError(
            f"codes: expected at most {MOST} for a smooth plane, got {len(points)}. "
            "Take the first few: codes[:1000], labels[:1000]."
        )
    kinds, names = check_labels(check_kind(labels, "labels", Tensor), len(points), classes)
    low, high = points.aminmax(dim=0)
    center, extent = (low + high) / 2, MARGIN * float((high - low).max()) / 2
    if extent == 0:
        raise ValueError("codes: expected two that differ, got the same one for every image.")
    packed = ((points - center) / extent).numpy().astype("<f2").tobytes()
    kept = torch.from_numpy(unpack_codes(packed))
    apart = torch.cdist(kept, kept, compute_mode="donot_use_mm_for_euclid_dist")
    return {
        "codes": packed,
        "labels": kinds,
        "classes": names,
        "center": center.tolist(),
        "extent": extent,
        "gap": extent * float(apart.fill_diagonal_(torch.inf).amin(1).median()),
    }


def unpack_codes(packed: bytes) -> Any:
    """Return the codes, (n, 2), on the square from -1 to 1."""
    return np.frombuffer(packed, "<f2").astype(np.float64).reshape(-1, 2)


def sides(center: list[float], extent: float) -> list[tuple[float, float]]:
    """Return where the square ends, for each axis."""
    return [(c - extent, c + extent) for c in center]


def draw_codes(axes: Axes, plane: Any, landing: list[float]) -> None:
    """Draw the dots of an explorable in the colors of their classes, and an arrow from its point."""
    from gennb.plot import CLASS_COLORS

    colors = [CLASS_COLORS[k % len(CLASS_COLORS)] for k in plane.labels]
    dots = unpack_codes(plane.codes) * plane.extent
    draw_plane(axes, plane.extent, circles=())
    axes.scatter(
        dots[:, 0], dots[:, 1], s=4, color=colors, lw=0, antialiased=False
    )  # shades are few
    y, end = (np.subtract(code, plane.center) for code in (plane.y, landing))
    axes.annotate("", end, y, arrowprops={"arrowstyle": "->", "color": HUES["data"]})
    axes.plot(*y, "o", mfc=HUES["own"], mec="white", ms=11, mew=2)


def coded_strokes() -> dict[str, Any]:
    """Train for an example."""
    from gennb import data

    strokes = data.load("strokes", n=500)
    x = strokes.x.flatten(1)
    encoder, decoder = train_pair(small_pair(784, 32, 2), x, 200)
    return {
        "encoder": encoder,
        "decoder": decoder,
        "image_shape": (1, 28, 28),
        "codes": encoder(x).detach(),
        "labels": strokes.y,
    }
