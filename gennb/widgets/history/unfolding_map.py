"""Kohonen's self-organizing map over a density that the reader draws."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import traitlets
from jaxtyping import Float
from torch import Tensor

from gennb._validate import check_choice
from gennb.widgets.history.shapes import PRESETS, SHEETS, SIDE, check_density, net, scattered
from gennb.widgets.kit.base import Explorable, Number
from gennb.widgets.kit.bundle import bundle
from gennb.widgets.kit.pictures import from_rows
from gennb.widgets.kit.still import HUES, show_image

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class UnfoldingMap(Explorable):
    """Let a sheet of units unfold over a density in the unit square: Kohonen's rule, one example after another.

    The unit nearest to an example, its winner, and the units around that in the sheet move towards it:
    w ← w + lr exp(−d²/2r²) (x − w), with d the distance from the winner in the sheet. Over 3,000 examples the learning
    rate lr shrinks from 0.5 to 0.02 and the radius r from ``radius`` to 0.5, each time by the same factor. The units
    lie anywhere in the square at first.

    Parameters
    ----------
    density
        Zeros and ones, (24, 24), rows from the top: examples come from the ones, evenly. None takes a preset.
    preset
        ``"square"``, ``"ring"``, ``"islands"`` or ``"arch"``. The reader may choose another, and draw.
    sheet
        ``"8x8"`` or ``"12x12"`` units, or ``"chain"``, 40 units in a row.
    radius
        The first radius, 0.5 to 6, in units of the sheet.
    speed
        Examples a second, 1 to 1,000. Like ``sheet``, ``radius``, ``drawing``, which has a number for each row of the
        density, its leftmost cell the leading binary digit, and ``seed``, that of the start and of the examples, this
        trait follows the reader.
    **text
        ``title``, ``hint``, ``caption``, ``label``.

    References
    ----------
    Kohonen, Self-Organized Formation of Topologically Correct Feature Maps, 1982. Book: eq-som-winner, eq-som-rule.

    Examples
    --------
    >>> UnfoldingMap(sheet="chain").start().shape
    torch.Size([40, 2])
    """

    _esm, _css = bundle(__file__)
    limits = traitlets.Dict({"presets": PRESETS, "sheets": SHEETS, "side": SIDE})

    title = traitlets.Unicode("A sheet unfolds")
    hint = traitlets.Unicode(
        "Press Play: the net unfolds. Then set the first radius to 0.5 and play again: it ends in a tangle."
    )
    caption = traitlets.Unicode(
        "An example is a point of the gray area. The unit nearest to it moves towards it, and so do the units around "
        "that one in the sheet. While the radius is large they all go along, and the sheet spreads out; later each "
        "finds its own place. With a radius of 0.5 from the first hardly more than the winner moves, and the folds are "
        "still there when learning ends, though examples are almost as near to a unit. Both errors are over the "
        "middles of the gray cells, with the side of the square as 1."
    )
    label = traitlets.Unicode(
        "A gray square, and over it a net of units that lie anywhere: its lines cross everywhere."
    )
    height = traitlets.List(traitlets.Int(), [778, 740])

    drawing = traitlets.List(traitlets.Int()).tag(link=[[0, 2**SIDE - 1]] * SIDE)
    sheet = traitlets.Unicode().tag(link={"any": [*SHEETS]})
    seed = traitlets.Int(1).tag(link=[1, 9999])
    radius = Number(4.0, 0.5, 6.0)
    speed = Number(500.0, 1.0, 1000.0)

    def __init__(
        self,
        density: Float[Tensor, "rows columns"] | None = None,
        *,
        preset: str = "square",
        sheet: str = "8x8",
        radius: float = 4.0,
        speed: float = 500.0,
        **text: Any,
    ) -> None:
        rows = PRESETS[check_choice(preset, "preset", PRESETS)]
        super().__init__(
            drawing=list(rows) if density is None else check_density(density),
            sheet=check_choice(sheet, "sheet", SHEETS),
            radius=radius,
            speed=speed,
            **text,
        )

    def density(self) -> Tensor:
        """Return the drawing that the examples come from, zeros and ones, (24, 24)."""
        return from_rows(self.drawing, SIDE)

    def start(self) -> Tensor:
        """Return where the units lie before the first example, (units, 2): right and down, from 0 to 1."""
        return scattered(math.prod(SHEETS[self.sheet]), self.seed)

    def _draw(self, figure: Figure) -> None:
        figure.set_figheight(4)
        axes, w = figure.subplots(), SIDE * self.start() - 0.5
        show_image(axes, 0.2 * self.density()[None], "")
        axes.plot(*w[net(self.sheet)].permute(2, 1, 0).numpy(), color=HUES["own"], lw=0.8)
        axes.plot(*w.mT.numpy(), "o", ms=3.5, color=HUES["own"])
        axes.set(xlim=(-0.5, SIDE - 0.5), ylim=(SIDE - 0.5, -0.5))
