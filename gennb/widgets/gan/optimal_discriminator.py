"""Two densities and a discriminator to bend: the value of the game against the best discriminator's."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch
import traitlets
from torch import Tensor
from torch.nn.functional import softplus

from gennb.widgets.kit.base import Explorable
from gennb.widgets.kit.bundle import bundle
from gennb.widgets.kit.checks import check_numbers
from gennb.widgets.kit.maths import grid, log_normal
from gennb.widgets.kit.still import HUES, LINE, SOFT, draw_lines

if TYPE_CHECKING:
    from matplotlib.figure import Figure

VIEW = 6
FAR = 16.0
CELLS = 1600
APART = 1.6
MEANS = (-2.5, 2.5)
WIDTHS = (0.5, 1.8)
BELL = [MEANS, WIDTHS]
CERTAIN = 1000.0


class OptimalDiscriminator(Explorable):
    """Bend a discriminator between two densities, and compare its value with the best one's.

    The data are N(mean, std²), or two such humps, ``APART`` to the left and to the right of the mean; the model is
    N(mean, std²). The reader moves both, and bends D at thirteen handles, x = −6, …, 6.

    Parameters
    ----------
    data, model
        Mean in [-2.5, 2.5] and standard deviation in [0.5, 1.8].
    two
        Whether the data have two humps.
    d
        D at the handles, thirteen probabilities; its logit runs straight between them. 0 and 1 are certainty, which
        makes V = −∞. None is 1/2 everywhere. The traits ``learned`` (densities whose D* the reader's D starts from)
        and ``bend`` (what is added to its logit at the handles) follow the reader. Once D has been made the best,
        ``learned`` follows the densities until D is bent.
    **text
        ``title``, ``hint``, ``caption``, ``label``.

    References
    ----------
    Goodfellow et al., Generative Adversarial Nets, 2014, proposition 1 and theorem 1.
    Book: prop-optimal-discriminator, thm-global-optimum.

    Examples
    --------
    >>> numbers = OptimalDiscriminator(data=(0.0, 1.0), model=(0.0, 1.0)).numbers()
    >>> abs(numbers["best"] + math.log(4)) < 1e-9, numbers["jsd"] < 1e-9
    (True, True)
    """

    _esm, _css = bundle(__file__)
    limits = traitlets.Dict(
        {"mean": MEANS, "std": WIDTHS, "view": VIEW, "apart": APART, "certain": CERTAIN}
    )

    title = traitlets.Unicode("Be the discriminator")
    hint = traitlets.Unicode(
        "Draw D through its handles and raise V(D) as far as you can. Then make D the best, and move the model."
    )
    caption = traitlets.Unicode(
        "No D gets past C(G), the value of the best one, which is at each x the data's share of both densities. C(G) "
        "is −log 4 when the densities agree, and rises by twice their Jensen–Shannon divergence when they part."
    )
    label = traitlets.Unicode(
        "Above, the bell curves of the data and of the model over x. Below, the best discriminator between them, from "
        "0 to 1, and the reader's. At the bottom, the value of both on a scale from −3 to 0 nats."
    )
    height = traitlets.List(traitlets.Int(), [755, 735])

    data = traitlets.List(traitlets.Float()).tag(link=BELL)
    model = traitlets.List(traitlets.Float()).tag(link=BELL)
    two = traitlets.Bool()
    learned = traitlets.List(traitlets.Float()).tag(link={"any": [[], [*BELL, *BELL, (0, 1)]]})
    bend = traitlets.List(traitlets.Float()).tag(link=[(-CERTAIN, CERTAIN)] * (2 * VIEW + 1))

    def __init__(
        self,
        *,
        data: tuple[float, float] = (-1.0, 0.8),
        model: tuple[float, float] = (1.0, 1.1),
        two: bool = False,
        d: Sequence[float] | None = None,
        **text: Any,
    ) -> None:
        super().__init__(
            data=_check_bell(data, "data"),
            model=_check_bell(model, "model"),
            two=bool(two),
            learned=[],
            bend=[0.0] * (2 * VIEW + 1) if d is None else _check_handles(d),
            **text,
        )

    def numbers(self) -> dict[str, float]:
        """Every number that the explorable shows, in nats, for where it stands now.

        Keys: ``value`` (V of the reader's D, −∞ where it is certain), ``best`` (C(G) = V(D*)), ``jsd``.
        """
        x = grid(-FAR, FAR, CELLS + 1)
        weight = torch.full_like(x, 2 * FAR / (3 * CELLS))
        weight[1:-1:2] *= 4
        weight[2:-1:2] *= 2
        log_p, log_q = _log_data(x, self.data, self.two), log_normal(x, *self.model)
        p, q = weight * log_p.exp(), weight * log_q.exp()

        def value(a: Tensor) -> float:
            return -float(p @ softplus(-a) + q @ softplus(a))

        middle = torch.logaddexp(log_p, log_q) - math.log(2)
        return {
            "value": -math.inf if max(map(abs, self.bend)) >= CERTAIN else value(self._logit(x)),
            "best": value(log_p - log_q),
            "jsd": float(p @ (log_p - middle) + q @ (log_q - middle)) / 2,
        }

    def _logit(self, x: Tensor) -> Tensor:
        """Logit of the reader's D at x."""
        bend = torch.tensor(self.bend, dtype=x.dtype, device=x.device)
        place = (x + VIEW).clamp(0, 2 * VIEW)
        i = place.long().clamp_max(2 * VIEW - 1)
        a = bend[i] + (bend[i + 1] - bend[i]) * (place - i)
        if not self.learned:
            return a
        mean, std, *model, two = self.learned
        return a + _log_data(x, [mean, std], two > 0) - log_normal(x, *model)

    def _draw(self, figure: Figure) -> None:
        x, nats = grid(-VIEW, VIEW, 401), self.numbers()
        log_p, log_q = _log_data(x, self.data, self.two), log_normal(x, *self.model)
        figure.set_figheight(4.6)
        densities, game, scale = figure.subplots(3, 1, height_ratios=(1.1, 1.1, 0.3))
        lines = {"data": ("data p(x)", log_p.exp()), "model": ("model $p_g(x)$", log_q.exp())}
        draw_lines(densities, x, lines, fills=lines)
        densities.set(xticks=[], ylim=(0, None))
        best, own = (log_p - log_q).sigmoid(), self._logit(x).sigmoid()
        draw_lines(game, x, {"best": ("best D*(x)", best), "own": ("your D(x)", own)})
        game.axhline(0.5, color=LINE, lw=0.8, zorder=0)
        game.set(ylim=(-0.07, 1.07), yticks=[0, 0.5, 1], xlabel="x")
        floor, value = -math.log(4), max(nats["value"], -3.0)
        ends = [nats["best"] - value, nats["best"] - floor]
        scale.barh(["what D loses", "2 JSD"], ends, left=[value, floor], color=["#b5bcc4", SOFT])
        scale.plot(value, 0, "o", color=HUES["own"], clip_on=False)
        scale.set(xlim=(-3, 0), xticks=[-3, -2, floor, 0], xlabel="nats")
        scale.set_xticklabels(["−3", "−2", "−log 4", "0"])


def _log_data(x: Tensor, data: Sequence[float], two: bool) -> Tensor:
    mean, std = data
    if not two:
        return log_normal(x, mean, std)
    humps = (log_normal(x, mean + side, std) for side in (-APART, APART))
    return torch.logaddexp(*humps) - math.log(2)


def _check_bell(value: Any, name: str) -> list[float]:
    """Return a mean and a standard deviation inside the ranges of the sliders."""
    return check_numbers(value, name, ("mean", *MEANS), ("standard deviation", *WIDTHS))


def _check_handles(d: Any) -> list[float]:
    """Return logits for the values of D at the handles."""
    probabilities = check_numbers(d, "d", *[("probability", 0.0, 1.0)] * (2 * VIEW + 1))
    return [
        -CERTAIN if v == 0 else CERTAIN if v == 1 else math.log(v) - math.log1p(-v)
        for v in probabilities
    ]
