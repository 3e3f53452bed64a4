"""The estimated Fréchet distance against the number of samples, where the true one is known."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch
import traitlets
from torch import Tensor

from gennb.widgets.kit.base import Explorable, Number
from gennb.widgets.kit.bundle import bundle
from gennb.widgets.kit.still import HUES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SIZES = (100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000)


class Whole(Number):
    """A whole number from ``low`` to ``high``."""

    def validate(self, obj: Any, value: Any) -> int:
        """Return the value if it is whole and within the limits."""
        number = super().validate(obj, value)
        if number % 1:
            raise ValueError(f"{self.name}: expected a whole number, got {value!r}.")
        return int(number)


class SampleSize(Explorable):
    """Judge a perfect model and a worse one by the Fréchet distance from samples, and see which one wins.

    The data are N(0, I) in d dimensions, and so is the perfect model. The worse one has its mean moved by
    √distance. An estimate takes n samples of the data and n of the model; the page draws their means and covariances
    from their exact distribution, without the samples.

    Parameters
    ----------
    n, n_worse
        How many samples judge the perfect model, and the worse one: from 100 to 50,000. The page takes the nearest of
        1, 2 or 5 times a power of ten.
    d
        Dimensions, 1 to 16.
    distance
        The true squared distance of the worse model, in [0, 2]. All these traits follow the reader.
    **text
        ``title``, ``hint``, ``caption``, ``label``.

    References
    ----------
    Chong and Forsyth, Effectively Unbiased FID and Inception Score and Where to Find Them, 2020. Book: eq-frechet.

    Examples
    --------
    >>> SampleSize(n=100, n_worse=50_000, d=16, distance=0.5).expected()
    [1.68, 0.50336]
    """

    _esm, _css = bundle(__file__)
    limits = traitlets.Dict({"sizes": SIZES})

    title = traitlets.Unicode("A perfect model loses")
    hint = traitlets.Unicode(
        "Drag the perfect model to more samples until it wins. Then raise the dimension."
    )
    caption = traitlets.Unicode(
        "Each dot is an estimate from n samples of the data and n of a model. On average it is too large by about "
        "d(d\u00a0+\u00a05)/2n, whatever the model's distance: the dashed lines. Who hands in more looks better."
    )
    label = traitlets.Unicode(
        "Estimates of the Fréchet distance over the number of samples, for a perfect model and for a worse one. Both "
        "clouds fall toward their true distances as samples are added; at few samples the perfect model lies higher."
    )
    height = traitlets.List(traitlets.Int(), [627, 581])

    n = Whole(100, SIZES[0], SIZES[-1]).tag(link={"any": [*SIZES]})
    n_worse = Whole(10_000, SIZES[0], SIZES[-1]).tag(link={"any": [*SIZES]})
    d = Whole(8, 1, 16).tag(link={"any": [*range(1, 17)]})
    distance = Number(0.25, 0, 2)

    def expected(self) -> list[float]:
        """Return the expected estimates of the perfect model and of the worse one, to first order in 1/n."""
        bias = self.d * (self.d + 5) / 2
        return [bias / self.n, self.distance + bias / self.n_worse]

    @torch.random.fork_rng(devices=[])
    def _draw(self, figure: Figure) -> None:
        torch.manual_seed(0)
        axes, sizes = figure.subplots(), torch.tensor(SIZES, dtype=torch.float64)
        bias = self.d * (self.d + 5) / 2 / sizes
        for name, distance, hue in (("perfect", 0.0, "own"), ("worse", self.distance, "model")):
            clouds = [_estimates(int(self.d), n, distance, 12) for n in SIZES]
            axes.plot(sizes, torch.stack(clouds), ".", color=HUES[hue], alpha=0.5, ms=3)
            axes.plot(sizes, distance + bias, "--", color=HUES[hue], label=f"{name} model")
            axes.axhline(distance, color=HUES[hue], lw=0.8)
        for n, at, hue in zip(
            (self.n, self.n_worse), self.expected(), ("own", "model"), strict=True
        ):
            axes.plot(n, at, "o", color=HUES[hue], ms=9)
        axes.set(xscale="log", xlabel="samples n", ylabel="Fréchet distance", ylim=(0, None))
        axes.legend()


def _estimates(d: int, n: int, distance: float, count: int) -> Tensor:
    """Estimates of the squared distance of N(0, I) from a Gaussian moved by √distance, from n samples of each.

    Bartlett: the covariance of n samples has a triangular root with normals below a diagonal of chis.
    """
    degrees = torch.arange(n - 1, n - 1 - d, -1, dtype=torch.float64)
    roots = torch.randn(2, count, d, d, dtype=torch.float64).tril(-1)
    roots += torch.distributions.Chi2(degrees).sample(torch.Size([2, count])).sqrt().diag_embed()
    apart = math.sqrt(2 / n) * torch.randn(count, d, dtype=torch.float64)
    apart[:, 0] += math.sqrt(distance)
    overlap = torch.linalg.svdvals(roots[0].mT @ roots[1]).sum(-1)
    traces = roots.square().sum((0, 2, 3)) - 2 * overlap
    estimates: Tensor = apart.square().sum(1) + traces / (n - 1)
    return estimates
