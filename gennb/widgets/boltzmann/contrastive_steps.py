"""Contrastive divergence a stage at a time, on data with two valleys, beside the machine's exact distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets
from torch import Tensor

from gennb._validate import check_choice, check_within
from gennb.evaluate import kl_divergence
from gennb.widgets.boltzmann.lesson import BARS, data, log_prob
from gennb.widgets.kit.base import Explorable, Number
from gennb.widgets.kit.bundle import bundle
from gennb.widgets.kit.still import HUES, MUTED

if TYPE_CHECKING:
    from matplotlib.figure import Figure

RULES = ("CD-1", "CD-5", "chains go on")
RATE = (0.01, 0.3)
SPEED = (1.0, 2000.0)


class ContrastiveSteps(Explorable):
    """Watch a restricted Boltzmann machine of six visible and three hidden units learn the share of two valleys.

    The data are the pattern 111000 or 000111, each unit flipped with a probability of 0.03. An update takes 50
    examples; chains that go on are 500, and make one step for each update.

    Parameters
    ----------
    rule
        Where the fantasies come from: ``"CD-1"``, ``"CD-5"`` or ``"chains go on"``.
    rate
        Learning rate, 0.01 to 0.3.
    share
        Probability of the pattern on the left, 0.5 to 0.95.
    speed
        Updates a second, 1 to 2,000. All these traits follow the reader.
    **text
        ``title``, ``hint``, ``caption``, ``label``.

    References
    ----------
    Hinton, Training Products of Experts by Minimizing Contrastive Divergence, 2002. Book: alg-cd.

    Examples
    --------
    >>> import torch
    >>> W, b, c = torch.zeros(6, 3), torch.zeros(6), torch.zeros(3)
    >>> round(ContrastiveSteps().distribution(W, b, c)[0], 6)
    0.015625
    """

    _esm, _css = bundle(__file__)
    limits = traitlets.Dict({"rules": RULES, "rate": RATE, "speed": SPEED})

    title = traitlets.Unicode("What a short chain learns last")
    hint = traitlets.Unicode(
        "Press Play and watch the two tall bars. When they are level, let the chains go on."
    )
    caption = traitlets.Unicode(
        "A chain that begins at an example hardly ever leaves its valley, so CD-1 soon learns the shape of each, and "
        "how much lies in it only from the few chains that cross: that takes tens of thousands of updates. Chains that "
        "go on fill both valleys as the machine does. The share comes right soon, and wobbles; a smaller rate calms it."
    )
    label = traitlets.Unicode(
        "Bars for the states of six units: the data have two tall ones, 111000 and 000111, and the machine, before it "
        "learns, is the same everywhere."
    )
    height = traitlets.List(traitlets.Int(), [714, 628])

    rule = traitlets.Unicode().tag(link={"any": RULES})
    rate = traitlets.Float().tag(link=RATE)
    share = Number(0.8, 0.5, 0.95)
    speed = traitlets.Float().tag(link=SPEED)

    def __init__(
        self,
        rule: str = "CD-1",
        *,
        rate: float = 0.05,
        share: float = 0.8,
        speed: float = 1000.0,
        **text: Any,
    ) -> None:
        super().__init__(
            rule=check_choice(rule, "rule", RULES),
            rate=check_within(rate, "rate", *RATE),
            share=share,
            speed=check_within(speed, "speed", *SPEED),
            **text,
        )

    def data(self) -> list[float]:
        """Return the data's probabilities of the 64 visible states, from 000000 to 111111, the first unit first."""
        p: list[float] = data(self.share).tolist()
        return p

    def distribution(self, W: Tensor, b: Tensor, c: Tensor) -> list[float]:
        """Return a machine's exact probabilities of the 64 visible states: weights (6, 3), biases (6,) and (3,)."""
        p: list[float] = log_prob(W, b, c).exp().tolist()
        return p

    def divergence(self, W: Tensor, b: Tensor, c: Tensor) -> float:
        """Return the divergence KL(data‖machine) in nats."""
        return float(kl_divergence(data(self.share), log_prob(W, b, c).exp()))

    def _draw(self, figure: Figure) -> None:
        axes, p = figure.subplots(), data(self.share)
        names = [format(s[0], "06b") if len(s) == 1 else "all others" for s in BARS]
        alike = [len(s) / len(p) for s in BARS]
        axes.bar(names, alike, width=0.76, color=HUES["model"], alpha=0.4, label="machine")
        bars = [float(p[s].sum()) for s in BARS]
        axes.bar(names, bars, width=0.76, fill=False, edgecolor=MUTED, ls="--", label="data")
        axes.set(ylabel="probability", xlabel="state of the visible units", ylim=(0, 1))
        axes.tick_params(axis="x", rotation=90, colors=HUES["data"])
        axes.legend(loc="upper right")
