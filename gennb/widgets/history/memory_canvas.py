"""Hopfield's network on a grid of units: draw on its state, and let it recall what it has stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import traitlets
from jaxtyping import Float
from torch import Tensor

from gennb._validate import check_count, check_within
from gennb.widgets.history.letters import NAMES, letters
from gennb.widgets.history.memories import check_names, check_patterns, flipped, rules, signs
from gennb.widgets.kit.base import Explorable, Number
from gennb.widgets.kit.bundle import bundle
from gennb.widgets.kit.checks import check_index
from gennb.widgets.kit.pictures import check_pictures, to_rows
from gennb.widgets.kit.still import HUES, MUTED, show_image

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class MemoryCanvas(Explorable):
    """Draw over a pattern, and let Hopfield's network recall it by Hebb's rule from as many patterns as you choose.

    The weights are W = Σ ξξᵀ/n without a diagonal, over the first ``stored`` patterns ξ of n units. One unit at a time,
    in a new random order each sweep, takes the sign of its net input and stays as it is where that is zero; the page
    keeps n times the net inputs, which are whole numbers, so that no rounding decides a tie.

    Parameters
    ----------
    patterns
        Up to ten of -1 and +1, (patterns, rows, columns), with 2 to 32 rows and columns.
    names
        What each is called, by at most eight characters; numbers from 1 where this is None.
    stored
        How many of them the network holds when the page opens, from the first one on; all where this is None.
    start
        The index of the pattern that stands on the canvas when the page opens, stored or not.
    noise
        The share of its units that are flipped, 0 to 1.
    together
        Whether all units move at once; then the energy may rise, and two states may come back by turns. Like
        ``stored``, ``noise`` and ``cue``, which has a number for each row of the state that recall begins with, its
        leftmost unit the leading binary digit and +1 the digit 1, this trait follows the reader.
    **text
        ``title``, ``hint``, ``caption``, ``label``.

    References
    ----------
    Hopfield, Neural Networks and Physical Systems with Emergent Collective Computational Abilities, 1982. Book:
    eq-hopfield-energy, eq-hopfield-store, thm-hopfield.

    Examples
    --------
    >>> canvas = MemoryCanvas.example()
    >>> canvas.state().shape
    torch.Size([12, 12])
    """

    _esm, _css = bundle(__file__)

    title = traitlets.Unicode("Memories are valleys")
    hint = traitlets.Unicode(
        "Scribble over the letter and press Recall: the energy falls, and the letter comes back. "
        "Then store them all, and it is lost."
    )
    caption = traitlets.Unicode(
        "All patterns are stored at once, in the weights between the units. A unit that is at odds with the others "
        "flips, and the energy falls, until no unit wants to: the state lies in a valley. While the patterns are few "
        "and unlike, each has a valley of its own, and so has its negative, just as deep. Too many, or too much alike, "
        "they run together into states that nobody stored."
    )
    label = traitlets.Unicode("A letter of units, some flipped, and its overlaps with the stored.")
    height = traitlets.List(traitlets.Int(), [719, 662])

    shape = traitlets.List(traitlets.Int())
    patterns: traitlets.List[Any] = traitlets.List()
    names = traitlets.List(traitlets.Unicode())
    cue = traitlets.List(traitlets.Int()).tag(link=lambda self: rules(self.shape))
    stored = traitlets.Int().tag(link=lambda self: self.limits["stored"])
    seed = traitlets.Int(1).tag(link=[1, 9999])
    noise = Number(0.2, 0.0, 1.0)
    together = traitlets.Bool(False)

    def __init__(
        self,
        patterns: Float[Tensor, "patterns rows columns"],
        names: Sequence[str] | None = None,
        *,
        stored: int | None = None,
        start: int = 0,
        noise: float = 0.2,
        together: bool = False,
        **text: Any,
    ) -> None:
        x = check_patterns(patterns)
        count, share = len(x), check_within(noise, "noise", 0.0, 1.0)
        super().__init__(
            shape=[1, *x.shape[1:]],
            patterns=check_pictures(x[:, None], "patterns", (1, *x.shape[1:])),
            names=check_names(names, count),
            cue=to_rows(flipped(x[check_index(start, "start", count)], share)),
            stored=count if stored is None else check_count(stored, "stored", most=count),
            limits={"stored": [1, count]},
            noise=share,
            together=together,
            **text,
        )

    def state(self) -> Tensor:
        """Return the state that recall begins with as -1 and +1, (rows, columns)."""
        return signs(self.cue, self.shape[2])

    def overlaps(self) -> list[float]:
        """Return the state's overlap ξᵀs/n with each stored pattern, from -1 to 1."""
        held = [signs(rows, self.shape[2]) for rows in self.patterns[: self.stored]]
        return [float((xi * self.state()).mean()) for xi in held]

    @classmethod
    def _example(cls) -> dict[str, Any]:
        return {"patterns": letters(), "names": NAMES, "stored": 3}

    def _draw(self, figure: Figure) -> None:
        figure.set_figheight(2.9)
        canvas, bars = figure.subplots(1, 2)
        show_image(canvas, (self.state()[None] + 1) / 2, "the state of the units")
        bars.bar(self.names[: self.stored], self.overlaps(), width=0.5, color=HUES["own"])
        bars.axhline(0, color=MUTED, lw=0.8)
        bars.set(ylim=(-1, 1), yticks=[-1, 0, 1], ylabel="overlap", box_aspect=1)
