"""A calculation as a graph: values step forwards along its arrows, slopes of the result step back against them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import traitlets

from gennb._validate import check_choice
from gennb.widgets.backprop.calculations import CALCULATIONS, MOST, values
from gennb.widgets.kit.base import Explorable
from gennb.widgets.kit.bundle import bundle
from gennb.widgets.kit.checks import check_numbers
from gennb.widgets.kit.still import HUES, LINE, MUTED

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class GraphSteps(Explorable):
    """Step through a small calculation, forwards for its values and backwards for the slopes of its result.

    Parameters
    ----------
    calculation
        ``"(a + b) × b"``, ``"a unit"``, tanh(w x + b), or ``"an error"``, (w x − t)².
    inputs
        Three numbers from -3 to 3; a calculation with two inputs leaves the last one alone. None takes those that
        belong to the calculation. Like ``calculation``, this trait follows the reader.
    **text
        ``title``, ``hint``, ``caption``, ``label``.

    References
    ----------
    Linnainmaa, 1970. Book: eq-reverse-sweep, alg-reverse-sweep.

    Examples
    --------
    >>> GraphSteps(inputs=[2.0, 1.0, 0.0]).values()["y"]
    3.0
    """

    _esm, _css = bundle(__file__)

    title = traitlets.Unicode("There, and back again")
    hint = traitlets.Unicode(
        "Step to the end: the slope of b comes in two parts. Then move a: only one of them changes."
    )
    caption = traitlets.Unicode(
        "Forwards each number is made from those before it. Backwards each hands its slope on to those it was made "
        "from, times the slope of that one step, which stands on the arrow. What arrives from several arrows adds up."
    )
    label = traitlets.Unicode(
        "Boxes for a = 2 and b = 1, with arrows to boxes for their sum c and for the product y of c and b."
    )
    height = traitlets.List(traitlets.Int(), [600, 753])

    calculations: traitlets.Dict[str, Any] = traitlets.Dict(CALCULATIONS)
    calculation = traitlets.Unicode().tag(link={"any": [*CALCULATIONS]})
    inputs = traitlets.List(traitlets.Float()).tag(link=[[-MOST, MOST]] * 3)
    step = traitlets.Int(0).tag(link={"any": [*range(7)]})

    def __init__(
        self,
        calculation: str = "(a + b) × b",
        inputs: Sequence[float] | None = None,
        **text: Any,
    ) -> None:
        check_choice(calculation, "calculation", CALCULATIONS)
        if inputs is None:
            inputs = CALCULATIONS[calculation]["start"]
        numbers = check_numbers(inputs, "inputs", *[("input", -MOST, MOST)] * 3)
        super().__init__(
            calculation=calculation, inputs=numbers, limits={"inputs": [-MOST, MOST]}, **text
        )

    def values(self) -> dict[str, float]:
        """Return every number of the calculation by its name."""
        return values(self.calculation, self.inputs)

    def _draw(self, figure: Figure) -> None:
        figure.set_figheight(2.6)
        axes = figure.subplots()
        parts, known = CALCULATIONS[self.calculation], self.values()
        for result, _, *taken in parts["steps"]:
            for each in taken:
                (x, y), (u, v) = parts["places"][each], parts["places"][result]
                axes.annotate(
                    "",
                    (u, -v),
                    (x, -y),
                    arrowprops={"arrowstyle": "->", "color": MUTED, "shrinkA": 26, "shrinkB": 26},
                )
        for name, (x, y) in parts["places"].items():
            shown = f"{name} = {known[name]:.2f}" if name in parts["inputs"] else name
            box = {"boxstyle": "round,pad=0.5", "fc": "white", "ec": LINE}
            axes.text(x, -y, shown, ha="center", va="center", color=HUES["data"], bbox=box)
        axes.set(xlim=(-0.5, 3.5), ylim=(-1.5, 0.5))
        axes.axis("off")
