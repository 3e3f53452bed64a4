"""The gap between the ELBO and the evidence, in the one model where every term has a closed form."""

from __future__ import annotations

import math
from typing import Any

import traitlets

from gennb._validate import check_number, check_within

from .base import Explorable, bundle, still_figure, to_png

LEAST_NOISE = 1 / math.sqrt(2 * math.pi)


class ElboGap(Explorable):
    """Drag an approximate posterior and watch ln p(x) split into the ELBO and the gap.

    The model is z ~ N(0, 1) and x ~ N(w z, s²); q(z) = N(mean, std²).

    Parameters
    ----------
    x
        The observed number, in [-3, 3].
    w, s
        Slope and noise of the model; s at least 0.4, so that no density exceeds 1 and all costs are positive.
    mean, std
        Where q starts: mean in [-3, 3], std in [0.4, 2]. The traits ``x``, ``mean`` and ``std`` follow the reader.
    full
        Nats at the right end of the bars.
    **text
        ``title``, ``hint``, ``caption``, ``label``.

    Examples
    --------
    >>> numbers = ElboGap(x=1.2).numbers()
    >>> abs(numbers["elbo"] + numbers["gap"] - numbers["evidence"]) < 1e-12
    True
    """

    _esm = bundle("elbo.js")

    title = traitlets.Unicode("Close the gap").tag(sync=True)
    hint = traitlets.Unicode(
        "Drag the peak of q, sideways and up or down, or use the sliders. Make the bars short."
    ).tag(sync=True)
    caption = traitlets.Unicode(
        "Both bars have the same length, whatever q is. Their split differs: −log p(x) does not know q, "
        "so all that a better q can do is shrink the gap. At the true posterior it is gone."
    ).tag(sync=True)
    label = traitlets.Unicode(
        "Three bell curves over z: the prior, the true posterior and q. Below, two bars of equal length: "
        "reconstruction cost plus KL to the prior, and minus log evidence plus KL to the posterior."
    ).tag(sync=True)
    height = traitlets.List(traitlets.Int(), [642, 710]).tag(sync=True)

    x = traitlets.Float().tag(sync=True)
    w = traitlets.Float().tag(sync=True)
    s = traitlets.Float().tag(sync=True)
    mean = traitlets.Float().tag(sync=True)
    std = traitlets.Float().tag(sync=True)
    full = traitlets.Float().tag(sync=True)

    def __init__(
        self,
        *,
        x: float = 1.5,
        w: float = 1.0,
        s: float = 0.8,
        mean: float = -0.4,
        std: float = 0.9,
        full: float = 8.0,
        **text: Any,
    ) -> None:
        check_within(x, "x", -3.0, 3.0)
        check_within(mean, "mean", -3.0, 3.0)
        check_within(std, "std", 0.4, 2.0)
        check_number(w, "w")
        check_number(s, "s", at_least=LEAST_NOISE)
        check_number(full, "full", above=0)
        super().__init__(x=x, w=w, s=s, mean=mean, std=std, full=full, **text)
        self.still = self._draw_still()

    def numbers(self) -> dict[str, float]:
        """Every number that the explorable shows, in nats, for where it stands now.

        Keys: ``reconstruction`` (E_q ln p(x|z)), ``kl`` (q to the prior), ``elbo``, ``gap`` (KL of q to the true
        posterior), ``evidence`` (ln p(x)), ``posterior_mean``, ``posterior_std``.
        """
        variance = self.w**2 + self.s**2
        posterior_mean, posterior_std = self.w * self.x / variance, self.s / math.sqrt(variance)
        half = math.log(2 * math.pi) / 2
        error = (self.x - self.w * self.mean) ** 2 + (self.w * self.std) ** 2
        reconstruction = -half - math.log(self.s) - error / (2 * self.s**2)
        kl = _divergence(self.mean, self.std, 0.0, 1.0)
        return {
            "posterior_mean": posterior_mean,
            "posterior_std": posterior_std,
            "reconstruction": reconstruction,
            "kl": kl,
            "elbo": reconstruction - kl,
            "gap": _divergence(self.mean, self.std, posterior_mean, posterior_std),
            "evidence": -half - math.log(variance) / 2 - self.x**2 / (2 * variance),
        }

    def _draw_still(self) -> bytes:
        import numpy as np

        z, nats = np.linspace(-4, 4, 300), self.numbers()
        figure = still_figure(6.6, 4.0)
        plot, bars = figure.subplots(2, 1, height_ratios=(2.2, 1))
        for mean, std, style, name in (
            (0.0, 1.0, {"color": "#59636e", "ls": "--"}, "prior p(z)"),
            (
                nats["posterior_mean"],
                nats["posterior_std"],
                {"color": "#24292f"},
                "posterior p(z|x)",
            ),
            (self.mean, self.std, {"color": "#2a6fb0", "lw": 2}, "q(z)"),
        ):
            density = np.exp(-(((z - mean) / std) ** 2) / 2) / (std * math.sqrt(2 * math.pi))
            plot.plot(z, density, label=name, **style)
        plot.set(xlabel="z", yticks=[], ylim=(0, 1.1), xlim=(-4, 4))
        plot.legend(frameon=False)
        bars.barh(
            [1, 0], [-nats["reconstruction"], -nats["evidence"]], color=["#9aa4af", "#24292f"]
        )
        bars.barh(
            [1, 0],
            [nats["kl"], nats["gap"]],
            left=[-nats["reconstruction"], -nats["evidence"]],
            color=["#94b7d7", "#2a6fb0"],
        )
        bars.set(xlim=(0, self.full), xlabel="nats", yticks=[1, 0])
        bars.set_yticklabels(["reconstruction cost + KL(q ‖ prior)", "−log p(x) + gap"])
        for axes in (plot, bars):
            axes.spines[["top", "right", "left"]].set_visible(False)
        return to_png(figure)


def _divergence(mean: float, std: float, to_mean: float, to_std: float) -> float:
    """KL(N(mean, std²) ‖ N(to_mean, to_std²)) in nats."""
    return math.log(to_std / std) + (std**2 + (mean - to_mean) ** 2) / (2 * to_std**2) - 0.5
