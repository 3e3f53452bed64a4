"""Figures in one style: quiet, legible on light and dark pages, in colors that color-blind readers can tell apart."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import matplotlib as mpl
import numpy as np
import torch
from cycler import cycler
from jaxtyping import Float, Int
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import Circle
from torch import Tensor, nn

from gennb import _type
from gennb._validate import (
    check_count,
    check_images,
    check_kind,
    check_number,
    check_tensor,
    checked,
)


class _Decoder(Protocol):
    """What `manifold` asks of a model."""

    n_latent: int

    def decode(self, z: Tensor) -> Tensor:
        """Map codes (N, d) to images (N, C, H, W) in [0, 1]."""
        ...


INK = "#6e7781"
"""Text, axes and rules. The book's pages swap it for the theme's own text color."""

PALETTE = {
    "blue": "#3b82c4",
    "orange": "#d87d13",
    "green": "#2a9d72",
    "pink": "#c9639f",
    "violet": "#8250df",
    "red": "#cf222e",
}
"""After Okabe and Ito, adjusted: at least 3:1 against white and near-black, for color-blind readers too."""

CLASS_COLORS = (
    "#3b82c4", "#e08214", "#2a9d72", "#c9639f", "#8c6bb1",
    "#d4ac0d", "#56b4e9", "#a0663c", "#8a9a5b", "#d1495b",
)  # fmt: skip
"""Ten colors for ten classes; a legend or the digit itself always names them too."""


def style() -> None:
    """Use the book's style for all figures that follow, and SVG output where a notebook runs."""
    face = _type.family()
    mpl.rcParams.update(
        {
            "axes.edgecolor": INK,
            "axes.facecolor": "none",
            "axes.grid": False,
            "axes.labelcolor": INK,
            "axes.prop_cycle": cycler(color=list(PALETTE.values())),
            "axes.spines.right": False,
            "axes.spines.top": False,
            "axes.titlecolor": INK,
            "axes.titlesize": "medium",
            "figure.constrained_layout.use": True,
            "figure.dpi": 100,
            "figure.facecolor": "none",
            "figure.figsize": (7.0, 2.9),
            "font.family": [face, "sans-serif"],
            "font.size": 10.5,
            "image.cmap": "gray",
            "image.interpolation": "none",
            "legend.frameon": False,
            "legend.labelcolor": INK,
            "lines.linewidth": 1.8,
            "mathtext.fontset": "custom",
            "mathtext.bf": f"{face}:bold",
            "mathtext.cal": f"{face}:italic",
            "mathtext.it": f"{face}:italic",
            "mathtext.rm": face,
            "savefig.facecolor": "none",
            "savefig.transparent": True,
            "svg.fonttype": "none",
            "svg.hashsalt": "gennb",
            "text.color": INK,
            "xtick.color": INK,
            "ytick.color": INK,
        }
    )
    try:
        from matplotlib_inline.backend_inline import set_matplotlib_formats
    except ImportError:
        return
    formats: Callable[..., None] = set_matplotlib_formats
    formats("svg")


def montage(
    images: Float[Tensor, "count channels height width"], columns: int, gap: int = 1
) -> Float[np.ndarray, "rows columns 4"]:
    """Lay images out row by row as one RGBA picture; the gaps and the unused places are transparent.

    Parameters
    ----------
    images
        (N, C, H, W) in [0, 1], with one or three channels.
    columns
        Images in a row.
    gap
        Pixels between images.

    Returns
    -------
    numpy.ndarray
        (rows, columns, 4) in [0, 1].
    """
    check_images(images, "images")
    if images.shape[1] not in (1, 3):
        raise ValueError(f"images: expected one or three channels, got {images.shape[1]}.")
    check_count(columns, "columns")
    return _montage(images, columns, check_count(gap, "gap", least=0, most=1000))


def _montage(images: Tensor, columns: int, gap: int = 1) -> Float[np.ndarray, "rows columns 4"]:
    x = images.detach().cpu().float()
    n, _, height, width = x.shape
    columns = min(columns, n)
    rows = math.ceil(n / columns)
    canvas = x.new_zeros(rows * columns, 4, height + gap, width + gap)
    canvas[:n, :3, :height, :width] = x.expand(-1, 3, -1, -1)
    canvas[:n, 3, :height, :width] = 1
    tiles = canvas.unflatten(0, (rows, columns)).permute(0, 3, 1, 4, 2)
    picture = tiles.reshape(rows * (height + gap), columns * (width + gap), 4)
    trimmed: np.ndarray = picture[: picture.shape[0] - gap, : picture.shape[1] - gap].numpy()
    return trimmed


def image_grid(
    images: Float[Tensor, "count channels height width"],
    columns: int = 10,
    *,
    rows: Sequence[str] | None = None,
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw images in a grid, with a name beside each row if ``rows`` gives them."""
    picture = montage(images, columns)
    height = images.shape[2] + 1
    if rows is not None and not (
        isinstance(rows, Sequence) and all(isinstance(name, str) for name in rows)
    ):
        raise TypeError(f"rows: expected a list of names, got {rows!r}.")
    width_inches = 7.0
    ax = _axes(ax, (width_inches, width_inches * picture.shape[0] / picture.shape[1] + 0.1))
    ax.imshow(picture)
    ax.set_title(title)
    ax.set_xticks([])
    ax.set_yticks([])
    if rows is not None:
        ax.set_yticks([height * (i + 0.5) for i in range(len(rows))], rows)
        ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return ax


@checked
def manifold(
    model: _Decoder | Callable[[Tensor], Tensor],
    *,
    side: int = 16,
    extent: float = 3.0,
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw what a two-dimensional latent space decodes to, on a square grid of ``side`` by ``side`` codes.

    Parameters
    ----------
    model
        Whatever has a ``decode`` and an ``n_latent``, such as a VAE; or a function, codes (N, 2) → images (N, C, H, W)
        in [0, 1].
    side
        Codes along each axis.
    extent
        The grid reaches from −extent to extent.
    title, ax
        A title, and the axes to draw on.
    """
    decode = getattr(model, "decode", model)
    if not callable(decode) or isinstance(model, type):
        raise TypeError(
            "model: expected a model with a method decode, or a function from codes to images, "
            f"got {type(model).__name__}."
        )
    if (n_latent := getattr(model, "n_latent", 2)) != 2:
        raise ValueError(
            f"model: expected two latent variables, got {n_latent}. For more, walk along a "
            "direction with model.traverse and draw the images with image_grid."
        )
    check_count(side, "side", least=2)
    extent = check_number(extent, "extent", above=0.0)
    line = torch.linspace(-extent, extent, side, dtype=torch.float32, device="cpu")
    z = torch.cartesian_prod(line.flip(0), line).flip(1)
    like = next(model.parameters(), z) if isinstance(model, nn.Module) else z
    with torch.no_grad():
        images = check_images(decode(z.to(like)), "what model decodes")
    if len(images) != len(z) or images.shape[1] not in (1, 3):
        raise ValueError(
            f"model: expected {len(z)} images with one or three channels, got {tuple(images.shape)}."
        )
    ax = _axes(ax, (4.6, 4.6))
    edge = extent * side / (side - 1)
    ax.imshow(_montage(images, side, gap=0), extent=(-edge, edge, -edge, edge))
    ax.set(title=title, xlabel="$z_1$", ylabel="$z_2$")
    return ax


def codes(
    z: Float[Tensor, "count 2"],
    y: Int[Tensor, " count"],
    *,
    extent: float | None = None,
    title: str = "",
    legend: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Draw two-dimensional codes, each in the color of its class, over the prior's one and two sigma circles."""
    z = check_tensor(z, "z", shape=("count", 2)).detach().cpu()
    check_kind(y, "y", Tensor, "Wrap it: torch.as_tensor(...).")
    if y.is_floating_point() or y.is_complex() or y.shape != (len(z),):
        raise ValueError(
            f"y: expected an integer for each code, ({len(z)},), got {y.dtype} {tuple(y.shape)}."
        )
    if extent is not None:
        check_number(extent, "extent", above=0.0)
    ax = _axes(ax, (4.6, 4.6))
    for radius in (1, 2):
        ax.add_patch(Circle((0, 0), radius, fill=False, color=INK, alpha=0.5, lw=0.8))
    for digit in y.unique().tolist():
        points = z[y.cpu() == digit]
        color = CLASS_COLORS[digit % len(CLASS_COLORS)]
        ax.scatter(
            points[:, 0],
            points[:, 1],
            s=3,
            color=color,
            alpha=0.6,
            label=str(digit),
            lw=0,
            rasterized=True,
        )
    if extent is not None:
        ax.set(xlim=(-extent, extent), ylim=(-extent, extent))
    ax.set(title=title, xlabel="$z_1$", ylabel="$z_2$", aspect="equal")
    if legend:
        ax.legend(markerscale=4, fontsize="small", loc="center left", bbox_to_anchor=(1, 0.5))
    return ax


def curves(
    x: Sequence[float] | Float[Tensor, " points"],
    runs: Mapping[str, Float[Tensor, "seeds points"]],
    *,
    xlabel: str,
    ylabel: str,
    log_x: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """Draw named curves: the mean over seeds, and a band of one standard deviation on each side."""
    ax = _axes(ax)
    try:
        at = torch.as_tensor(x, dtype=torch.float64, device="cpu")
    except (TypeError, ValueError, RuntimeError, OverflowError) as error:
        raise TypeError(f"x: expected a list of numbers, got {x!r}.") from error
    check_tensor(at, "x", shape=("points",))
    if not isinstance(runs, Mapping):
        raise TypeError(
            f"runs: expected values by name, {{'elbo': values}}, got {type(runs).__name__}."
        )
    for name, values in runs.items():
        values = (
            check_tensor(values, f"runs[{name!r}]", shape=("seeds", len(at)))
            .detach()
            .cpu()
            .double()
        )
        mean = values.mean(0)
        (line,) = ax.plot(at, mean, marker="o", ms=3.5, label=name)
        if len(values) > 1:
            std = values.std(0)
            ax.fill_between(at, mean - std, mean + std, color=line.get_color(), alpha=0.25, lw=0)
    if log_x:
        ax.set_xscale("log")
    ax.set(xlabel=xlabel, ylabel=ylabel)
    if len(runs) > 1:
        ax.legend()
    return ax


def _axes(ax: Axes | None, size: tuple[float, float] | None = None) -> Axes:
    """The axes given, or those of a new figure, in inches."""
    if ax is None:
        return plt.figure(figsize=size).add_subplot()
    given: Axes = check_kind(ax, "ax", Axes, "Take one from plt.subplots().")
    return given
