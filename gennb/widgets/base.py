"""What every explorable shares: its text, its still picture, and how its JavaScript is put together."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import torch
import traitlets
from torch import Tensor

from gennb._validate import check_number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HERE = Path(__file__).parent
STYLE = (HERE / "controls.css").read_text(encoding="utf-8")

_IMPORT = re.compile(r'^import\s[^;]*?from\s+"\./([\w-]+\.js)";\n', re.MULTILINE)
_COMMENT = re.compile(
    r"^[ \t]*//[^\n]*\n|^[ \t]*/\*\*.*?\*/[ \t]*\n|/\*\*.*?\*/ ?", re.MULTILINE | re.DOTALL
)


def bundle(name: str) -> str:
    """One ES module from an explorable's file and the shared modules that it imports, each once, less comments."""
    done: list[str] = []
    parts: list[str] = []

    def add(file: str) -> None:
        if file in done:
            return
        done.append(file)
        source = (HERE / file).read_text(encoding="utf-8")
        for other in _IMPORT.findall(source):
            add(other)
        source = _IMPORT.sub("", source)
        parts.append(re.sub(r"^export (?!default)", "", source, flags=re.MULTILINE))

    add(name)
    return _COMMENT.sub("", "\n".join(parts))


class Explorable(anywidget.AnyWidget):
    """An interactive figure that runs in JupyterLab, in Colab and, without a kernel, in a page of the book.

    Attributes
    ----------
    title, hint, caption
        Its name, a line that says what to try, and a line that says what it means.
    label
        The alternative text of the still picture.
    still
        A PNG of the first state, for readers without scripts.
    height
        The height in pixels that a wide and a narrow page reserve before the explorable is drawn.
    """

    title = traitlets.Unicode().tag(sync=True)
    hint = traitlets.Unicode().tag(sync=True)
    caption = traitlets.Unicode().tag(sync=True)
    label = traitlets.Unicode().tag(sync=True)
    still = traitlets.Bytes().tag(sync=True)
    height = traitlets.List(traitlets.Int(), [500, 700]).tag(sync=True)

    _css = STYLE

    def __init__(self, **state: Any) -> None:
        unknown = sorted(set(state) - set(self.trait_names()))
        if unknown:
            raise TypeError(
                f"{type(self).__name__}: unexpected {', '.join(unknown)}. "
                "Besides its own arguments an explorable takes title, hint, caption and label."
            )
        try:
            super().__init__(**state)
        except traitlets.TraitError as error:
            raise TypeError(f"{type(self).__name__}: {error}") from None


def check_codes(value: Any, name: str, extent: float) -> list[float]:
    """Return a point of the plane as two floats inside the square of the given extent."""
    if not isinstance(value, Sequence) or not all(isinstance(v, int | float) for v in value):
        raise TypeError(f"{name}: expected two numbers, got {value!r}.")
    point = [check_number(v, name) for v in value]
    if len(point) != 2 or not all(abs(v) <= extent for v in point):
        raise ValueError(f"{name}: expected two numbers within ±{extent:g}, got {value!r}.")
    return point


def check_shape(value: Any) -> tuple[int, int, int]:
    """Return an image shape (channels, height, width) with one or three channels."""
    if not isinstance(value, Sequence) or not all(isinstance(size, int) for size in value):
        raise TypeError(f"image_shape: expected (channels, height, width), got {value!r}.")
    shape = tuple(value)
    if len(shape) != 3 or shape[0] not in (1, 3) or min(shape) < 1:
        raise ValueError(
            f"image_shape: expected (channels, height, width) with 1 or 3 channels, got {shape}."
        )
    return shape


def check_output(spec: list[dict[str, Any]], size: int, name: str, what: str) -> None:
    """Refuse a packed network whose output does not have ``size`` numbers."""
    shape = spec[-1]["shape"]
    if torch.Size(shape).numel() != size:
        raise ValueError(
            f"{name}: expected {size} outputs ({what}), got shape {tuple(shape)}. "
            "Check image_shape and the last layer."
        )


def grid_codes(columns: int, extent: float) -> Tensor:
    """Centers of a grid of columns by columns cells over the square, row by row from the top, (columns², 2)."""
    at = (torch.arange(columns) + 0.5) * (2 * extent / columns) - extent
    return torch.stack(torch.meshgrid(at, -at, indexing="xy"), dim=-1).reshape(-1, 2)


def as_pixels(images: Tensor) -> Any:
    """Images (channels, height, width) in [0, 1] as an array that matplotlib shows: ink for one channel."""
    array = images.clamp(0, 1).permute(1, 2, 0).cpu().numpy()
    return 1 - array[..., 0] if array.shape[-1] == 1 else array


def mosaic(images: Tensor, columns: int) -> Tensor:
    """Images (columns², channels, height, width) laid out as one (channels, rows, columns) picture."""
    _, channels, height, width = images.shape
    tiled = images.reshape(columns, columns, channels, height, width).permute(2, 0, 3, 1, 4)
    return tiled.reshape(channels, columns * height, columns * width)


def still_figure(width: float, height: float) -> Figure:
    """An empty figure for a still picture, in inches."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), dpi=100, layout="constrained", facecolor="white")


def draw_plane(axes: Axes, extent: float) -> None:
    """Frame a piece of the latent plane with the prior's contours at one and two standard deviations."""
    from matplotlib.patches import Circle

    for radius in (1, 2):
        axes.add_patch(Circle((0, 0), radius, fill=False, ec="#59636e", ls=(0, (3, 4)), lw=0.8))
    axes.set(xlim=(-extent, extent), ylim=(-extent, extent), xticks=[], yticks=[], aspect="equal")
    for spine in axes.spines.values():
        spine.set_color("#d5dae0")


def to_png(figure: Figure) -> bytes:
    """A figure as a PNG with few colors, which is what keeps it small."""
    from PIL import Image

    raw, small = io.BytesIO(), io.BytesIO()
    figure.savefig(raw, format="png", transparent=False, facecolor="white")
    Image.open(raw).convert("RGB").quantize(48, Image.Quantize.MAXCOVERAGE).save(
        small, format="png", optimize=True
    )
    return small.getvalue()


def check_labels(
    labels: Tensor | None, count: int, classes: Sequence[str] | None
) -> tuple[bytes, list[str]]:
    """Classes of ``count`` examples as bytes, and their names; both empty where there are no labels."""
    if labels is None:
        return b"", []
    if (
        not isinstance(labels, Tensor)
        or labels.is_floating_point()
        or labels.is_complex()
        or labels.shape != (count,)
    ):
        got = tuple(labels.shape) if isinstance(labels, Tensor) else type(labels).__name__
        raise ValueError(f"labels: expected {count} integers, one for each code, got {got}.")
    if count and not 0 <= int(labels.min()) <= int(labels.max()) < 256:
        raise ValueError("labels: expected classes numbered from 0 to 255.")
    if classes is not None and (isinstance(classes, str) or not isinstance(classes, Sequence)):
        raise TypeError(f"classes: expected a list of names, got {classes!r}.")
    names = [str(c) for c in (range(int(labels.max()) + 1) if classes is None else classes)]
    if count and len(names) <= int(labels.max()):
        raise ValueError(
            f"classes: expected a name for each of {int(labels.max()) + 1} classes, got {len(names)}."
        )
    return labels.to("cpu", torch.uint8).numpy().tobytes(), names
