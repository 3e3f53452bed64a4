"""Two densities and a discriminator to bend: the value of the game against the best discriminator's."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
import traitlets
from torch import Tensor
from torch.nn.functional import softplus

from gennb._validate import check_number, check_within

from .base import HERE, STYLE, Explorable, bundle, still_figure, to_png

CURVES = (HERE / "curves.css").read_text(encoding="utf-8")

VIEW = 6
FAR = 16.0
CELLS = 1600
APART = 1.6
MEANS = (-2.5, 2.5)
WIDTHS = (0.5, 1.8)
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
        and ``bend`` (what is added to its logit at the handles) follow the reader.
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

    _esm = bundle("optimal_discriminator.js")
    _css = STYLE + CURVES

    title = traitlets.Unicode("Be the discriminator").tag(sync=True)
    hint = traitlets.Unicode(
        "Draw D through its handles and raise V(D) as far as you can. Then let D be the best, and move the model."
    ).tag(sync=True)
    caption = traitlets.Unicode(
        "No D gets past C(G), the value of the best one, which is at each x the data's share of both densities. C(G) "
        "is −log 4 when the densities agree, and rises by twice their Jensen–Shannon divergence when they part."
    ).tag(sync=True)
    label = traitlets.Unicode(
        "Above, the bell curves of the data and of the model over x. Below, the best discriminator between them, from "
        "0 to 1, and the reader's. At the bottom, the value of both on a scale from −3 to 0 nats."
    ).tag(sync=True)
    height = traitlets.List(traitlets.Int(), [761, 985]).tag(sync=True)

    data = traitlets.List(traitlets.Float()).tag(sync=True)
    model = traitlets.List(traitlets.Float()).tag(sync=True)
    two = traitlets.Bool().tag(sync=True)
    learned = traitlets.List(traitlets.Float()).tag(sync=True)
    bend = traitlets.List(traitlets.Float()).tag(sync=True)

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
        self.still = self._draw_still()

    def numbers(self) -> dict[str, float]:
        """Every number that the explorable shows, in nats, for where it stands now.

        Keys: ``value`` (V of the reader's D, −∞ where it is certain), ``best`` (C(G) = V(D*)), ``jsd``.
        """
        x = torch.linspace(-FAR, FAR, CELLS + 1, dtype=torch.float64)
        weight = torch.full_like(x, 2 * FAR / (3 * CELLS))
        weight[1:-1:2] *= 4
        weight[2:-1:2] *= 2
        log_p, log_q = _log_data(x, self.data, self.two), _log_normal(x, *self.model)
        p, q = weight * log_p.exp(), weight * log_q.exp()

        def value(a: Tensor) -> float:
            return -float(p @ softplus(-a) + q @ softplus(a))

        middle = torch.logaddexp(log_p, log_q) - math.log(2)
        certain = any(abs(b) >= CERTAIN for b in self.bend)
        return {
            "value": -math.inf if certain else value(self._logit(x)),
            "best": value(log_p - log_q),
            "jsd": float(p @ (log_p - middle) + q @ (log_q - middle)) / 2,
        }

    def _logit(self, x: Tensor) -> Tensor:
        """Logit of the reader's D at x."""
        bend = torch.tensor(self.bend, dtype=x.dtype)
        place = (x + VIEW).clamp(0, 2 * VIEW)
        i = place.long().clamp_max(2 * VIEW - 1)
        a = bend[i] + (bend[i + 1] - bend[i]) * (place - i)
        if not self.learned:
            return a
        mean, std, *model, two = self.learned
        return a + _log_data(x, [mean, std], two > 0) - _log_normal(x, *model)

    def _draw_still(self) -> bytes:
        x = torch.linspace(-VIEW, VIEW, 400, dtype=torch.float64)
        log_p, log_q = _log_data(x, self.data, self.two), _log_normal(x, *self.model)
        nats = self.numbers()
        figure = still_figure(6.6, 4.6)
        plots = figure.subplots(3, 1, height_ratios=(1.1, 1.1, 0.3))
        for density, color, name in (
            (log_p.exp(), "#24292f", "data p(x)"),
            (log_q.exp(), "#c46a00", "model $p_g(x)$"),
        ):
            plots[0].plot(x, density, color=color, label=name)
            plots[0].fill_between(x, density, color=color, alpha=0.11, lw=0)
        plots[0].set(yticks=[], xticks=[], ylim=(0, None))
        plots[1].plot(x, (log_p - log_q).sigmoid(), "--", color="#59636e", label="best D*(x)")
        plots[1].plot(x, self._logit(x).sigmoid(), color="#2a6fb0", lw=2, label="your D(x)")
        plots[1].axhline(0.5, color="#d5dae0", lw=0.8, zorder=0)
        plots[1].set(ylim=(-0.07, 1.07), yticks=[0, 0.5, 1], xlabel="x")
        for axes in plots[:2]:
            axes.set_xlim(-VIEW, VIEW)
            axes.legend(frameon=False, loc="upper right", fontsize=8)
        scale, floor = plots[2], -math.log(4)
        value = max(nats["value"], -3.0)
        scale.barh([1], [nats["best"] - floor], left=floor, color="#94b7d7", height=0.7)
        scale.barh([0], [nats["best"] - value], left=value, color="#b5bcc4", height=0.7)
        scale.plot([value], [0], "o", color="#2a6fb0", clip_on=False)
        scale.set(xlim=(-3, 0), xticks=[-3, -2, floor, 0], xlabel="nats", yticks=[1, 0])
        scale.set_xticklabels(["−3", "−2", "−log 4", "0"])
        scale.set_yticklabels(["2 JSD", "what D loses"], fontsize=8)
        for axes in plots:
            axes.spines[["top", "right", "left"]].set_visible(False)
            axes.tick_params(length=0)
        return to_png(figure)


def _log_normal(x: Tensor, mean: float, std: float) -> Tensor:
    return -(((x - mean) / std) ** 2) / 2 - math.log(std * math.sqrt(2 * math.pi))


def _log_data(x: Tensor, data: Sequence[float], two: bool) -> Tensor:
    mean, std = data
    if not two:
        return _log_normal(x, mean, std)
    humps = (_log_normal(x, mean + side, std) for side in (-APART, APART))
    return torch.logaddexp(*humps) - math.log(2)


def _check_bell(value: Any, name: str) -> list[float]:
    """Return a mean and a standard deviation inside the ranges of the sliders."""
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != 2:
        raise TypeError(f"{name}: expected a mean and a standard deviation, got {value!r}.")
    mean, std = value
    return [
        check_within(mean, name, *MEANS, "mean"),
        check_within(std, name, *WIDTHS, "standard deviation"),
    ]


def _check_handles(d: Any) -> list[float]:
    """Return logits for the values of D at the handles."""
    count = 2 * VIEW + 1
    if not isinstance(d, Sequence) or isinstance(d, str):
        raise TypeError(f"d: expected {count} probabilities, got {type(d).__name__}.")
    if len(d) != count or not all(0 <= check_number(v, "d") <= 1 for v in d):
        raise ValueError(
            f"d: expected {count} probabilities, one for each x from −{VIEW} to {VIEW}, got {list(d)!r}."
        )
    return [-CERTAIN if v == 0 else CERTAIN if v == 1 else math.log(v) - math.log1p(-v) for v in d]
