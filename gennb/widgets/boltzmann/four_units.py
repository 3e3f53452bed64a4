"""A Boltzmann machine of four units, its exact distribution, and a chain that runs in the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch
import traitlets

from gennb._validate import check_choice, check_within
from gennb.widgets.boltzmann.states import every_state
from gennb.widgets.kit.base import Explorable, Number
from gennb.widgets.kit.bundle import bundle
from gennb.widgets.kit.checks import check_numbers
from gennb.widgets.kit.still import HUES, MUTED

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NAMES = ("AB", "AC", "AD", "BC", "BD", "CD", "A", "B", "C", "D")
STRENGTH = (-4.0, 4.0)
SPEED = (1.0, 1000.0)


class FourUnits(Explorable):
    """Set the weights, biases and temperature of four units, and let Gibbs sampling run beside the exact distribution.

    Parameters
    ----------
    strengths
        Ten numbers in [-4, 4]: the weights of the pairs AB, AC, AD, BC, BD, CD, then the biases of A, B, C, D.
    chosen
        Which of them the first slider sets, such as ``"AB"`` or ``"A"``.
    temperature
        In [0.2, 5].
    speed
        Sweeps a second, 1 to 1,000. All these traits follow the reader.
    **text
        ``title``, ``hint``, ``caption``, ``label``.

    References
    ----------
    Ackley, Hinton and Sejnowski, A Learning Algorithm for Boltzmann Machines, 1985. Book: eq-3-2, alg-gibbs.

    Examples
    --------
    >>> FourUnits(strengths=[0.0] * 10).distribution()[0]
    0.0625
    """

    _esm, _css = bundle(__file__)
    limits = traitlets.Dict({"names": NAMES, "strength": STRENGTH, "speed": SPEED})

    title = traitlets.Unicode("Four units that never come to rest")
    hint = traitlets.Unicode("Press Play, and wait until the bars agree. Then heat the machine.")
    caption = traitlets.Unicode(
        "Each sweep draws the four units in turn, given the others. The outlines say how often every state is due, the "
        "bars how often the chain was there. Once they agree, the frequencies stand still; the units do not."
    )
    label = traitlets.Unicode(
        "Bars for the sixteen states of a machine of four units: the probability of each, from about one in a hundred "
        "to about one in four."
    )
    height = traitlets.List(traitlets.Int(), [700, 617])

    strengths = traitlets.List(traitlets.Float()).tag(link=[STRENGTH] * len(NAMES))
    chosen = traitlets.Unicode().tag(link={"any": NAMES})
    temperature = Number(1.0, 0.2, 5.0)
    speed = traitlets.Float().tag(link=SPEED)

    def __init__(
        self,
        strengths: Sequence[float] = (2.0, 1.5, 0.0, -2.0, 1.0, 1.0, -0.5, 0.5, 0.0, -1.0),
        *,
        chosen: str = "AB",
        temperature: float = 1.0,
        speed: float = 200.0,
        **text: Any,
    ) -> None:
        kinds = [("weight or bias", *STRENGTH)] * len(NAMES)
        super().__init__(
            strengths=check_numbers(strengths, "strengths", *kinds),
            chosen=check_choice(chosen, "chosen", NAMES),
            temperature=temperature,
            speed=check_within(speed, "speed", *SPEED),
            **text,
        )

    def distribution(self) -> list[float]:
        """Return the probabilities of the sixteen states, from 0000 to 1111, A first."""
        pairs, biases = torch.tensor(self.strengths, dtype=torch.float64).split([6, 4])
        s = every_state(4)
        ways = torch.combinations(torch.arange(4), 2)
        energy = -(s[:, ways[:, 0]] * s[:, ways[:, 1]]) @ pairs - s @ biases
        probabilities: list[float] = (-energy / self.temperature).softmax(0).tolist()
        return probabilities

    def _draw(self, figure: Figure) -> None:
        axes = figure.subplots()
        names = ["".join(f"{unit:.0f}" for unit in s) for s in every_state(4).tolist()]
        bars = self.distribution()
        axes.bar(names, bars, width=0.76, fill=False, edgecolor=MUTED, ls="--")
        axes.set(ylabel="probability", xlabel="state of the units A, B, C, D", yticks=[])
        axes.tick_params(axis="x", rotation=90, colors=HUES["data"])
