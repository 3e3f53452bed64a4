"""Rosenblatt's perceptron among points of the plane, and the bound on its mistakes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets
from jaxtyping import Float
from torch import Tensor

from gennb._validate import check_choice
from gennb.widgets.history.point_sets import GRID, MOST, POINT, PRESETS, check_points
from gennb.widgets.kit.base import Explorable, Number
from gennb.widgets.kit.bundle import bundle
from gennb.widgets.kit.still import HUES, draw_plane

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class PerceptronPlane(Explorable):
    """Let a perceptron learn labeled points of the plane, mistake by mistake, and move or flip them.

    It goes through the points in order, over and over: w ← w + y x̃ wherever y wᵀx̃ ≤ 0, with x̃ = (x, 1) and w = 0 at
    first. Points on a grid of 1/128 make every sum exact: weights that come back are the same to the last digit, and
    whether a line separates the points is decided without a tolerance.

    Parameters
    ----------
    x
        Up to twelve points, (n, 2), in [-1, 1]; each is moved to the nearest place of the grid. None takes a preset.
    y
        Their classes, (n,), −1 and +1.
    preset
        ``"separable"``, ``"nearly separable"`` (a line separates them, but barely) or ``"XOR"`` (none does). The reader
        may choose another.
    speed
        Mistakes a second, 1 to 1,000. Like ``points``, (x, y, class) each, and ``chosen``, an index, this trait follows
        the reader.
    **text
        ``title``, ``hint``, ``caption``, ``label``.

    References
    ----------
    Rosenblatt, The Perceptron: A Probabilistic Model for Information Storage and Organization in the Brain, 1958.
    Novikoff, On Convergence Proofs on Perceptrons, 1962. Book: eq-perceptron-rule, thm-perceptron.

    Examples
    --------
    >>> PerceptronPlane(preset="XOR").points[0]
    [-0.5, -0.5, -1.0]
    """

    _esm, _css = bundle(__file__)
    limits = traitlets.Dict({"presets": PRESETS, "grid": GRID})

    title = traitlets.Unicode("Learning from mistakes")
    hint = traitlets.Unicode(
        "Choose XOR and press Play: the weights come back, forever. Flip a point, and it learns."
    )
    caption = traitlets.Unicode(
        "Points are visited in order, and at each mistake the point, times its class, is added to the weights. If a "
        "line separates them there are at most (R/γ)² mistakes, with R the length of the longest x̃ = (x, 1) and γ "
        "the largest margin that weights of length 1 leave all of them. If none does, mistakes never end."
    )
    label = traitlets.Unicode(
        "Numbered points in a square: discs are of class +1, open squares of class −1. No line is drawn yet."
    )
    height = traitlets.List(traitlets.Int(), [754, 749])

    points = traitlets.List(traitlets.List(traitlets.Float())).tag(
        link=lambda self: {"any": [[POINT] * n for n in self._sizes()]}
    )
    chosen = traitlets.Int().tag(link={"any": [*range(MOST)]})
    speed = Number(3.0, 1.0, 1000.0)

    def __init__(
        self,
        x: Float[Tensor, "n 2"] | None = None,
        y: Float[Tensor, " n"] | None = None,
        *,
        preset: str = "separable",
        speed: float = 3.0,
        **text: Any,
    ) -> None:
        points = [
            [*map(float, point)] for point in PRESETS[check_choice(preset, "preset", PRESETS)]
        ]
        if x is not None or y is not None:
            points = check_points(x, y)
        super().__init__(points=points, speed=speed, **text)

    def _sizes(self) -> list[int]:
        return sorted({len(self.points), *map(len, PRESETS.values())})

    def _draw(self, figure: Figure) -> None:
        figure.set_figheight(5)
        axes = figure.subplots()
        draw_plane(axes, 1.15, circles=())
        for i, (x, y, sign) in enumerate(self.points, 1):
            color = HUES["own"] if sign > 0 else HUES["model"]
            inside, ink = (color, "white") if sign > 0 else ("white", HUES["data"])
            axes.plot(x, y, "o" if sign > 0 else "s", ms=14, mec=color, mfc=inside, mew=1.8)
            axes.annotate(f"{i}", (x, y), ha="center", va="center_baseline", color=ink, size=8)
