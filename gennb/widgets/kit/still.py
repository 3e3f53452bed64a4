"""Still pictures: the first state of an explorable, in the colors and with the lines of its page."""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from torch import Tensor

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 6.6  # inches
MUTED, LINE, SOFT = "#59636e", "#d5dae0", "#94b7d7"
HUES = {"data": "#24292f", "model": "#c46a00", "own": "#2a6fb0", "best": MUTED}
"""Colors of lines, by the names that they have in the page's graphs; the best one is dashed."""

LOOK: Any = {
    "axes.labelsize": 8,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 8,
    "image.cmap": "gray",
    "legend.fontsize": 8,
    "legend.frameon": False,
    "xtick.labelsize": 8,
    "xtick.major.size": 0,
    "ytick.labelsize": 8,
    "ytick.major.size": 0,
}


def draw_still(draw: Callable[[Figure], None]) -> bytes:
    """Return what is drawn on an empty figure as a PNG with few colors, which is what keeps it small."""
    import matplotlib as mpl
    from matplotlib.figure import Figure
    from PIL import Image

    raw, small = io.BytesIO(), io.BytesIO()
    with mpl.rc_context(LOOK):
        figure = Figure(figsize=(WIDTH, 4.4), dpi=100, layout="constrained", facecolor="white")
        draw(figure)
        figure.savefig(raw, format="png", transparent=False, facecolor="white")
    picture = Image.open(raw).convert("RGB").quantize(48, Image.Quantize.MAXCOVERAGE)
    picture.save(small, format="png", optimize=True)
    return small.getvalue()


def draw_lines(
    axes: Axes, x: Any, lines: Mapping[str, tuple[str, Any]], fills: Collection[str] = ()
) -> None:
    """Draw lines over x, ``{hue: (name, heights)}``, some with the area under them, and name them in a legend."""
    for hue, (name, y) in lines.items():
        color = HUES.get(hue, hue)
        axes.plot(x, y, "--" if hue == "best" else "-", color=color, label=name)
        if hue in fills:
            axes.fill_between(x, y, color=color, alpha=0.11, lw=0)
    axes.set(xlim=(float(x[0]), float(x[-1])), yticks=[])
    axes.legend(loc="upper right")


def draw_plane(
    axes: Axes,
    extent: float,
    circles: Iterable[tuple[float, float, float]] = ((0, 0, 1), (0, 0, 2)),
    filled: Collection[int] = (),
) -> None:
    """Frame a square of the plane with circles (x, y, radius), the prior's contours at one and two deviations."""
    from matplotlib.patches import Circle

    for i, (x, y, radius) in enumerate(circles):
        look = {"fc": f"{MUTED}22", "ls": "-"} if i in filled else {"fc": "none", "ls": (0, (3, 4))}
        axes.add_patch(Circle((x, y), radius, ec=MUTED, lw=0.8, **look))
    axes.set(xlim=(-extent, extent), ylim=(-extent, extent), xticks=[], yticks=[], aspect="equal")
    axes.spines[:].set(visible=True, color=LINE)


def draw_images(axes: Axes, images: Tensor, extent: float, **look: Any) -> None:
    """Lay decoded images (columns², channels, height, width) over the square that they come from."""
    columns = round(len(images) ** 0.5)
    rows = images.unflatten(0, (columns, columns)).permute(2, 0, 3, 1, 4)
    axes.imshow(
        as_pixels(rows.flatten(3).flatten(1, 2)), extent=(-extent, extent, -extent, extent), **look
    )


def as_pixels(image: Tensor) -> Any:
    """An image (channels, height, width) in [0, 1] as an array that matplotlib shows: ink for one channel."""
    array = image.clamp(0, 1).permute(1, 2, 0).cpu().numpy()
    return 1 - array[..., 0] if array.shape[-1] == 1 else array


def show_image(axes: Axes, image: Tensor, name: str) -> None:
    """Frame an image (channels, height, width) in [0, 1], with its name below it."""
    axes.imshow(as_pixels(image), vmin=0, vmax=1, interpolation="nearest")
    axes.set(xticks=[], yticks=[], xlabel=name)
    axes.spines[:].set(visible=True, color=LINE)
