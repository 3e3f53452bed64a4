"""What a walk over the plane goes on: points, a density as shades, a field of arrows."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from gennb._validate import check_number, check_tensor
from gennb.widgets.kit.maths import grid
from gennb.widgets.kit.still import HUES, MUTED, draw_plane

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from gennb.widgets.autoencoders.manifold_walk import ManifoldWalk

COLUMNS = 19  # of arrows
CUT = 0.9  # of the distance between two arrows
SIDE = 96  # shades on a side of the plane
POINTS = 1000  # at most

Density = Callable[[Tensor], Tensor]


def pack_plane(points: Tensor, density: Density | None, extent: float) -> dict[str, Any]:
    """Pack points (n, 2) in float16, and a density as bytes, row by row from the top, 255 where it is highest."""
    if len(check_tensor(points, "points", shape=("n", 2))) > POINTS:
        raise ValueError(
            f"points: expected at most {POINTS}, got {len(points)}. Take points[:{POINTS}]."
        )
    reach = check_number(extent, "extent", above=0)
    return {
        "points": points.detach().cpu().numpy().astype("<f2").tobytes(),
        "shades": b"" if density is None else _shade(density, reach),
        "extent": reach,
    }


def _shade(density: Density, extent: float) -> bytes:
    at = grid(-extent, extent, 2 * SIDE + 1)[1::2]
    places = torch.stack(torch.meshgrid(at, -at, indexing="xy"), dim=-1).reshape(-1, 2)
    try:
        log_p: Any = density(places)
    except Exception as error:
        raise TypeError(
            "density: expected a function from points (n, 2), float64, to log densities (n,), "
            f"got {density!r}, which says: {error}. Give for example gennb.data.density('moons').log_prob."
        ) from error
    log_p = check_tensor(log_p, "density, its values", shape=(len(places),)).detach().double().cpu()
    shades = (255 * (log_p - log_p.max()).exp()).round().to(torch.uint8)
    return bytes(shades.tolist())


def draw_walk(axes: Axes, walk: ManifoldWalk, r: nn.Module) -> None:
    """Draw the plane, the arrows r(x) − x, and where the denoiser would take the first state."""
    extent, cell = walk.extent, 2 * walk.extent / COLUMNS
    if walk.shades:
        shades = np.frombuffer(walk.shades, np.uint8).reshape(SIDE, SIDE)
        axes.imshow(shades, cmap="gray_r", vmax=1000, extent=(-extent, extent, -extent, extent))
    points = np.frombuffer(walk.points, "<f2").reshape(-1, 2)
    axes.plot(*points.T, ".", ms=4, mec="none", c=f"{MUTED}80")
    at = cell * (torch.arange(COLUMNS, dtype=torch.float32) + 0.5) - extent
    x = torch.cartesian_prod(at, at)
    moves = r(x) - x
    moves *= (CUT * cell / moves.norm(dim=1, keepdim=True)).clamp(max=1)
    look: Any = {"angles": "xy", "scale_units": "xy", "scale": 1, "width": 0.002}
    axes.quiver(*x.T, *moves.T, color=MUTED, **look)
    x0, y0 = walk.start
    tip = r(torch.tensor([walk.start], dtype=torch.float32))[0].tolist()
    axes.annotate("", tip, (x0, y0), arrowprops={"arrowstyle": "->", "color": HUES["model"]})
    axes.plot(x0, y0, "o", mfc=HUES["own"], mec="white", ms=11, mew=2)
    draw_plane(axes, extent, circles=())
