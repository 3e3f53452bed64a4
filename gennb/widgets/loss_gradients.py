"""Two densities moving apart: the gradient that each loss gives the generator."""

from __future__ import annotations

import math
from typing import Any

import torch
import traitlets
from torch import Tensor
from torch.nn.functional import softplus

from gennb._validate import check_within

from .base import STYLE, Explorable, bundle, still_figure, to_png
from .optimal_discriminator import CURVES

REACH = 6.0
WIDTHS = (0.4, 2.0)
CELLS = 120
FAR = 9.0


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

    _esm = bundle("loss_gradients.js")
    _css = STYLE + CURVES

    title = traitlets.Unicode("Which loss still pulls?").tag(sync=True)
    hint = traitlets.Unicode(
        "Drag the model away from the data. Then make both narrow, and look on a logarithmic scale."
    ).tag(sync=True)
    caption = traitlets.Unicode(
        "As the densities part, the best discriminator says 0 wherever the model is. The minimax gradient, twice the "
        "slope of the Jensen–Shannon divergence, dies with it. The non-saturating loss comes to rest at the same place "
        "but pulls the harder the farther; the Wasserstein distance pulls alike from anywhere."
    ).tag(sync=True)
    label = traitlets.Unicode(
        "Three graphs over one axis: the densities of data and model with the best discriminator; the gradient of four "
        "losses by the model's mean θ; and the Jensen–Shannon divergence, which levels off at log 2, beside the "
        "Wasserstein distance, which does not."
    ).tag(sync=True)
    height = traitlets.List(traitlets.Int(), [868, 1139]).tag(sync=True)

    theta = traitlets.Float().tag(sync=True)
    s = traitlets.Float().tag(sync=True)
    log = traitlets.Bool().tag(sync=True)

    def __init__(
        self, *, theta: float = 2.0, s: float = 0.7, log: bool = False, **text: Any
    ) -> None:
        super().__init__(
            theta=check_within(theta, "theta", -REACH, REACH),
            s=check_within(s, "s", *WIDTHS),
            log=bool(log),
            **text,
        )
        self.still = self._draw_still()

    def numbers(self) -> dict[str, float]:
        """Every number that the explorable shows, for where it stands now.

        Keys: the gradients by θ ``minimax``, ``non-saturating``, ``wasserstein`` and ``matching``; ``spread``, the
        standard deviation of the first two over samples; ``overlap``, the mean of D* over the model; ``divergence``
        (Jensen–Shannon, nats) and ``distance`` (Wasserstein-1).
        """
        at = _numbers(torch.tensor([self.theta], dtype=torch.float64), self.s)
        return {name: values.item() for name, values in at.items()}

    def _draw_still(self) -> bytes:
        x = torch.linspace(-REACH, REACH, 481, dtype=torch.float64)
        curves = _numbers(x, self.s)
        figure = still_figure(6.6, 5.6)
        top, middle, bottom = figure.subplots(3, 1, height_ratios=(1, 1.3, 0.9), sharex=True)
        data, model = (
            torch.exp(-(((x - mean) / self.s) ** 2) / 2) / (self.s * math.sqrt(2 * math.pi))
            for mean in (0.0, self.theta)
        )
        for density, color, name in ((data, "#24292f", "data"), (model, "#c46a00", "model")):
            top.plot(x, density, color=color, label=name)
            top.fill_between(x, density, color=color, alpha=0.11, lw=0)
        logit = self.theta * (self.theta - 2 * x) / (2 * self.s**2)
        top.plot(x, logit.sigmoid(), "--", color="#59636e", label="best D*(x)")
        top.set(ylim=(0, 1.06), yticks=[0, 1], xlim=(-REACH, REACH))
        for name, color in (
            ("matching", "#59636e"),
            ("wasserstein", "#7457a3"),
            ("non-saturating", "#1f8560"),
            ("minimax", "#b04a86"),
        ):
            slope = curves[name].abs() if self.log else curves[name]
            middle.plot(x, slope, "--" if name == "matching" else "-", color=color, label=name)
        if self.log:
            middle.set(yscale="log", ylim=(5e-4, 100))
        else:
            middle.set(ylim=(-5, 5))
        middle.set_ylabel("gradient by θ", fontsize=8)
        bottom.plot(x, curves["divergence"], color="#b04a86", label="JSD")
        bottom.plot(x, curves["distance"], color="#7457a3", label="Wasserstein")
        bottom.axhline(math.log(2), color="#d5dae0", lw=0.8, zorder=0)
        bottom.set(ylim=(0, 2.2), yticks=[0, math.log(2), 2], xlabel="x, and the model's mean θ")
        bottom.set_yticklabels(["0", "log 2", "2"])
        for axes in (top, middle, bottom):
            axes.axvline(self.theta, color="#24292f", lw=0.8)
            axes.spines[["top", "right"]].set_visible(False)
            axes.legend(frameon=False, fontsize=7, loc="upper left", bbox_to_anchor=(1, 1))
        return to_png(figure)


def _numbers(theta: Tensor, s: float) -> dict[str, Tensor]:
    """Gradients and distances at each θ; seen from the middle of the means the overlap is an even integral."""
    t = theta.abs()[:, None] / s
    v = torch.linspace(-FAR, FAR, 2 * CELLS + 1, dtype=torch.float64)
    weight = torch.exp(-(v**2) / 2) / math.sqrt(2 * math.pi)
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
