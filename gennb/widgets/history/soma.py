"""A McCulloch–Pitts unit as a still drawing, with the ends of its lines."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gennb.widgets.kit.still import HUES, LINE, MUTED

if TYPE_CHECKING:
    from matplotlib.axes import Axes

X, RADIUS = 2.4, 0.6
HEIGHTS = (1.1, 0.0, -1.1)
ENDS = {"+2": ("-|>", HUES["own"], 2.4), "+1": ("-|>", HUES["own"], 1.2)}


def draw_soma(axes: Axes, lines: Sequence[str], inputs: Sequence[int], name: str, on: bool) -> None:
    """Draw a unit, filled if it fires, and the lines of a, b and c: arrows excite, a round end vetoes."""
    from matplotlib.patches import Circle

    for letter, y, line, x in zip("abc", HEIGHTS, lines, inputs, strict=True):
        head, color, width = ENDS.get(line, ("-", HUES["model"] if line == "veto" else LINE, 1.2))
        near = RADIUS / math.hypot(X, y)
        tip = (X - near * X, near * y)
        arrow = {"arrowstyle": head, "color": color, "lw": width, "shrinkB": 0}
        axes.annotate(f"{letter} = {x}", tip, (0, y), ha="center", va="center", arrowprops=arrow)
        if line == "veto":
            axes.plot(*tip, "o", color=color)
    axes.add_patch(Circle((X, 0), RADIUS, fc=HUES["own"] if on else "none", ec=MUTED))
    axes.text(X, -0.8, f"{name}:\n{'fires' if on else 'silent'}", ha="center", va="top")
    axes.set(xlim=(-0.5, 3.3), ylim=(-1.6, 1.6), aspect="equal")
    axes.axis("off")
