"""Two densities moving apart: the gradient that each loss gives the generator."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
import traitlets
from torch import Tensor
from torch.nn.functional import softplus

from gennb.widgets.kit.base import Explorable, Number
from gennb.widgets.kit.bundle import bundle
from gennb.widgets.kit.maths import grid, normal
from gennb.widgets.kit.still import draw_lines

if TYPE_CHECKING:
    from matplotlib.figure import Figure

REACH = 6.0
CELLS = 240
FAR = 9.0
PINK, GREEN, VIOLET = "#b04a86", "#1f8560", "#7457a3"
LOSSES = {"best": "matching", VIOLET: "wasserstein", GREEN: "non-saturating", PINK: "minimax"}


class LossGradients(Explorable):
    """Move a model N(θ, s²) away from the data N(0, s²), and see what each loss makes of it.

    The discriminator is the best one at every θ, and held fixed while the generator's loss is differentiated: the
    gradient is E[ℓ'(a(x)) a'(x)] over x ~ N(θ, s²), with a the logit of D*.

    Parameters
    ----------
    theta
        Where the model's mean starts, in [-6, 6].
    s
        Standard deviation of both densities, in [0.4, 2]. The traits ``theta`` and ``s`` follow the reader.
    log
        Whether the gradients start on a logarithmic scale.
    **text
        ``title``, ``hint``, ``caption``, ``label``.

    References
    ----------
    Arjovsky and Bottou, Towards Principled Methods for Training Generative Adversarial Networks, 2017, theorems 2.4
    and 2.5.

    Examples
    --------
    >>> numbers = LossGradients(theta=5.0, s=0.5).numbers()
    >>> numbers["minimax"] < 1e-3 < 19 < numbers["non-saturating"]
    True
    """

    _esm, _css = bundle(__file__)

    title = traitlets.Unicode("Which loss still pulls?")
    hint = traitlets.Unicode(
        "Drag the model away from the data. Then make both narrow, and look on a logarithmic scale."
    )
    caption = traitlets.Unicode(
        "As the densities part, the best discriminator says 0 wherever the model is. The minimax gradient, twice the "
        "slope of the Jensen–Shannon divergence, dies with it. The non-saturating loss comes to rest at the same place "
        "but pulls the harder the farther; the Wasserstein distance pulls alike from anywhere."
    )
    label = traitlets.Unicode(
        "Three graphs over one axis: the densities of data and model with the best discriminator; the gradient of four "
        "losses by the model's mean θ; and the Jensen–Shannon divergence, which levels off at log 2, beside the "
        "Wasserstein distance, which does not."
    )
    height = traitlets.List(traitlets.Int(), [872, 768])

    theta = Number(2.0, -REACH, REACH)
    s = Number(0.7, 0.4, 2)
    log = traitlets.Bool(False)

    def numbers(self) -> dict[str, float]:
        """Every number that the explorable shows, for where it stands now.

        Keys: the gradients by θ ``minimax``, ``non-saturating``, ``wasserstein`` and ``matching``; ``spread``, the
        standard deviation of the first two over samples; ``overlap``, the mean of D* over the model; ``divergence``
        (Jensen–Shannon, nats) and ``distance`` (Wasserstein-1).
        """
        at = _numbers(grid(self.theta, self.theta, 1), self.s)
        return {name: values.item() for name, values in at.items()}

    def _draw(self, figure: Figure) -> None:
        x = grid(-REACH, REACH, 481)
        at = _numbers(x, self.s)
        logit = self.theta * (self.theta - 2 * x) / (2 * self.s**2)
        figure.set_figheight(5.6)
        top, middle, bottom = figure.subplots(3, 1, height_ratios=(1, 1.3, 0.9), sharex=True)
        densities = {
            "data": ("data", normal(x, 0.0, self.s)),
            "model": ("model", normal(x, self.theta, self.s)),
            "best": ("best D*(x)", logit.sigmoid()),
        }
        draw_lines(top, x, densities, fills=["data", "model"])
        slopes = {hue: (n, at[n].abs() if self.log else at[n]) for hue, n in LOSSES.items()}
        draw_lines(middle, x, slopes)
        middle.set(**({"ylim": (5e-4, 100), "yscale": "log"} if self.log else {"ylim": (-5, 5)}))
        middle.set_ylabel("gradient by θ")
        distances = {PINK: ("JSD", at["divergence"]), VIOLET: ("Wasserstein", at["distance"])}
        draw_lines(bottom, x, distances)
        bottom.set(ylim=(0, 2.2), yticks=[0, math.log(2)], yticklabels=["0", "log 2"])
        bottom.set_xlabel("x, and the model's mean θ")
        for axes in (top, middle, bottom):
            axes.axvline(self.theta, color="#24292f", lw=0.8)
            axes.legend(loc="upper left", bbox_to_anchor=(1, 1))


def _numbers(theta: Tensor, s: float) -> dict[str, Tensor]:
    """Gradients and distances at each θ; seen from the middle of the means the overlap is an even integral."""
    t, v = theta.abs()[:, None] / s, grid(-FAR, FAR, CELLS + 1)
    weight = normal(v)
    overlap = torch.trapezoid(weight * torch.exp(-(t**2) / 8) / (2 * torch.cosh(v * t / 2)), v)
    divergence = math.log(2) - torch.trapezoid(weight * softplus(-(t**2) / 2 - t * v), v)
    pull = theta / s**2
    return {
        "minimax": pull * overlap,
        "non-saturating": pull * (1 - overlap),
        "wasserstein": theta.sign(),
        "matching": 2 * theta,
        "spread": pull.abs() * (overlap / 2 - overlap**2).clamp_min(0).sqrt(),
        "overlap": overlap,
        "divergence": divergence,
        "distance": theta.abs(),
    }
