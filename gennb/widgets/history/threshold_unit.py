"""A McCulloch–Pitts unit of three inputs, and which function it computes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import traitlets

from gennb._validate import check_choice, check_count, check_within
from gennb.widgets.history import truth_tables
from gennb.widgets.history.soma import draw_soma
from gennb.widgets.history.truth_tables import GOALS, MOST, ROWS, SYNAPSES
from gennb.widgets.kit.base import Explorable
from gennb.widgets.kit.bundle import bundle
from gennb.widgets.kit.still import LINE, SOFT

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class ThresholdUnit(Explorable):
    """Choose what each of three inputs does to a unit, and its threshold, and see which function it computes.

    Parameters
    ----------
    lines
        What a, b and c do. ``"+2"`` and ``"+1"`` excite, with two synapses or with one; ``"0"`` does nothing;
        ``"veto"`` inhibits: while that input is active the unit is silent, whatever excites it.
    threshold
        How many excitatory synapses have to be active, 0 to 6.
    inputs
        0 or 1 for each of a, b and c.
    goal
        The function to compare with: ``"AND"``, ``"OR"``, ``"majority"``, ``"a and not b"``, ``"not a and not b"``,
        ``"exactly one"`` or ``"parity"``. All these traits follow the reader.
    **text
        ``title``, ``hint``, ``caption``, ``label``.

    References
    ----------
    McCulloch and Pitts, A Logical Calculus of the Ideas Immanent in Nervous Activity, 1943. Book: eq-mcculloch-pitts.

    Examples
    --------
    >>> ThresholdUnit(["+1", "veto", "0"]).outputs()
    (0, 0, 0, 0, 1, 1, 0, 0)
    """

    _esm, _css = bundle(__file__)

    title = traitlets.Unicode("A unit that fires or is silent")
    hint = traitlets.Unicode(
        "Make it a majority vote: all 8 rows agree. Then try exactly one: how many can you get right?"
    )
    caption = traitlets.Unicode(
        "Each arrow is a synapse that excites; a line with a round end vetoes. The unit fires if as many synapses are "
        "active as its threshold asks for and nothing vetoes. However it is set, some functions are out of its reach."
    )
    label = traitlets.Unicode(
        "Three inputs, a, b and c, excite a unit with one synapse each. Its threshold is 1, and its truth table that "
        "of OR, which differs from the majority in three of eight rows."
    )
    height = traitlets.List(traitlets.Int(), [536, 709])

    lines = traitlets.List(traitlets.Unicode()).tag(link=[{"any": [*SYNAPSES]}] * 3)
    threshold = traitlets.Int().tag(link={"any": [*range(MOST + 1)]})
    inputs = traitlets.List(traitlets.Int()).tag(link=[{"any": [0, 1]}] * 3)
    goal = traitlets.Unicode().tag(link={"any": [*GOALS]})
    goals: traitlets.List[Any] = traitlets.List()
    names: traitlets.Dict[str, str] = traitlets.Dict()

    def __init__(
        self,
        lines: Sequence[str] = ("+1", "+1", "+1"),
        *,
        threshold: int = 1,
        inputs: Sequence[int] = (1, 0, 0),
        goal: str = "majority",
        **text: Any,
    ) -> None:
        check_within(threshold, "threshold", 0, MOST)
        super().__init__(
            lines=_three(lines, "lines", list(SYNAPSES)),
            threshold=check_count(threshold, "threshold", least=0),
            inputs=_three(inputs, "inputs", [0, 1]),
            goal=check_choice(goal, "goal", GOALS),
            goals=truth_tables.goals(),
            names=truth_tables.common_names(),
            **text,
        )

    def outputs(self) -> tuple[int, ...]:
        """Return what the unit answers to the inputs 000, 001, ..., 111, a first."""
        return truth_tables.unit_table(self.lines, self.threshold)

    def _draw(self, figure: Figure) -> None:
        figure.set_figheight(2.7)
        unit, table = figure.subplots(1, 2, width_ratios=[1, 1.3])
        here = ROWS.index(tuple(self.inputs))
        on = self.outputs()[here] == 1
        draw_soma(unit, self.lines, self.inputs, f"threshold {self.threshold}", on)
        rows = zip(ROWS, self.outputs(), GOALS[self.goal], strict=True)
        text = [["".join(map(str, x)), y, wish, "✓" if y == wish else "✗"] for x, y, wish in rows]
        drawn = table.table(
            text, colLabels=["abc", "unit", self.goal, "agree"], loc="center", cellLoc="center"
        )
        table.axis("off")
        for (row, _), cell in drawn.get_celld().items():
            cell.set(edgecolor=LINE, facecolor=SOFT if row == here + 1 else "none")


def _three(value: Any, name: str, choices: Sequence[Any]) -> list[Any]:
    """Return three of some choices, one for each input."""
    if (
        not isinstance(value, Sequence)
        or isinstance(value, str)
        or len(value) != 3
        or not all(isinstance(each, str | int) and each in choices for each in value)
    ):
        wanted = ", ".join(map(repr, choices))
        raise ValueError(f"{name}: expected three of {wanted}, for a, b and c, got {value!r}.")
    return [choices[choices.index(each)] for each in value]
