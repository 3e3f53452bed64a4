"""The gap between the ELBO and the evidence, in the one model where every term has a closed form."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import traitlets

from gennb.widgets.kit.base import Explorable, Number
from gennb.widgets.kit.bundle import bundle
from gennb.widgets.kit.maths import grid, log_normal, normal
from gennb.widgets.kit.still import HUES, SOFT, draw_lines

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LEAST_NOISE = 1 / math.sqrt(2 * math.pi)
VIEW = 4.0


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

    _esm, _css = bundle(__file__)
    limits = traitlets.Dict({"view": VIEW})

    title = traitlets.Unicode("Close the gap")
    hint = traitlets.Unicode(
        "Drag the peak of q, sideways and up or down, or use the sliders. Make the bars short."
    )
    caption = traitlets.Unicode(
        "Both bars have the same length, whatever q is. Their split differs: −log p(x) does not know q, "
        "so all that a better q can do is shrink the gap. At the true posterior it is gone."
    )
    label = traitlets.Unicode(
        "Three bell curves over z: the prior, the true posterior and q. Below, two bars of equal length: "
        "reconstruction cost plus KL to the prior, and minus log evidence plus KL to the posterior."
    )
    height = traitlets.List(traitlets.Int(), [645, 580])

    x = Number(1.5, -3, 3)
    w = Number(1.0)
    s = Number(0.8, LEAST_NOISE)
    mean = Number(-0.4, -3, 3)
    std = Number(0.9, 0.4, 2)
    full = Number(8.0, 0.1)

    def numbers(self) -> dict[str, float]:
        """Every number that the explorable shows, in nats, for where it stands now.

        Keys: ``reconstruction`` (E_q ln p(x|z)), ``kl`` (q to the prior), ``elbo``, ``gap`` (KL of q to the true
        posterior), ``evidence`` (ln p(x)), ``posterior_mean``, ``posterior_std``.
        """
        scale = math.hypot(self.w, self.s)
        posterior = self.w * self.x / scale**2, self.s / scale
        spread = (self.w * self.std / self.s) ** 2 / 2
        reconstruction = log_normal(self.x, self.w * self.mean, self.s) - spread
        kl = _divergence(self.mean, self.std, 0.0, 1.0)
        return {
            "posterior_mean": posterior[0],
            "posterior_std": posterior[1],
            "reconstruction": reconstruction,
            "kl": kl,
            "elbo": reconstruction - kl,
            "gap": _divergence(self.mean, self.std, *posterior),
            "evidence": log_normal(self.x, 0.0, scale),
        }

    def _draw(self, figure: Figure) -> None:
        z, nats = grid(-VIEW, VIEW, 300), self.numbers()
        densities, bars = figure.subplots(2, 1, height_ratios=(2.2, 1))
        posterior = normal(z, nats["posterior_mean"], nats["posterior_std"])
        lines = {
            "best": ("prior p(z)", normal(z)),
            "data": ("true posterior p(z|x)", posterior),
            "own": ("q(z)", normal(z, self.mean, self.std)),
        }
        draw_lines(densities, z, lines, fills=["own"])
        densities.set(xlabel="z", ylim=(0, 1.1))
        sums = ["−log p(x) + gap", "reconstruction cost + KL(q ‖ prior)"]
        costs = [-nats["evidence"], -nats["reconstruction"]]
        bars.barh(sums, costs, color=[HUES["data"], "#9aa4af"])
        bars.barh(sums, [nats["gap"], nats["kl"]], left=costs, color=[HUES["own"], SOFT])
        bars.set(xlim=(0, self.full), xlabel="nats")


def _divergence(mean: float, std: float, to_mean: float, to_std: float) -> float:
    """KL(N(mean, std²) ‖ N(to_mean, to_std²)) in nats."""
    return math.log(to_std / std) + (std**2 + (mean - to_mean) ** 2) / (2 * to_std**2) - 0.5
