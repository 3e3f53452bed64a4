"""The variance of the pathwise and of the score-function gradient, for a function and a q of the reader's choice."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import torch
import traitlets
from torch import Tensor
from torch.nn.functional import logsigmoid

from gennb._validate import check_choice
from gennb.widgets.kit.base import Explorable, Number
from gennb.widgets.kit.bundle import bundle
from gennb.widgets.kit.maths import grid, normal
from gennb.widgets.kit.still import HUES, MUTED, draw_lines

if TYPE_CHECKING:
    from matplotlib.figure import Figure

VIEW = 4.0
FAR, CELLS = 10.0, 800  # standard deviations that the integrals reach, and their cells
FUNCTIONS: dict[str, Callable[[Tensor, float], Tensor]] = {
    "cosine": lambda z, k: (k * z).cos(),
    "square": lambda z, k: (z - k).square(),
    "step": lambda z, k: (k * z).sigmoid(),
    "pixels": lambda z, k: logsigmoid(k * z) + logsigmoid(-k * z),
}


class Function(traitlets.TraitType[str, str]):
    """The name of one of ``FUNCTIONS``."""

    def validate(self, obj: Any, value: Any) -> str:
        """Return the name if there is such a function."""
        return check_choice(value, str(self.name), FUNCTIONS)


class GradientVariance(Explorable):
    """Choose f and q, and see which of two gradients of E_q f(z) by the mean of q scatters less.

    One roll ε ~ N(0, 1) gives z = μ + σ ε and both estimates: the pathwise one, f'(z), and that of the score function,
    (f(z) − c) ε / σ.

    Parameters
    ----------
    f
        ``"cosine"``, cos kz; ``"square"``, (z − k)²; ``"step"``, the logistic function of kz; ``"pixels"``, the
        log-likelihood of one white and one black pixel, both with the logit kz.
    k
        In [0.2, 10].
    mean, std
        Of q: μ in [-3, 3], σ in [0.2, 2].
    baseline
        Whether c is the best constant, E ε² f, and not 0. All these traits follow the reader.
    **text
        ``title``, ``hint``, ``caption``, ``label``.

    References
    ----------
    Book: prop-quieter, eq-score-function, eq-pathwise.

    Examples
    --------
    >>> slow, fast = (GradientVariance(k=k).numbers() for k in (0.5, 10.0))
    >>> slow["pathwise"] < slow["score"], fast["pathwise"] > 50 * fast["score"]
    (True, True)
    """

    _esm, _css = bundle(__file__)

    title = traitlets.Unicode("Which gradient is quieter?")
    hint = traitlets.Unicode(
        "Raise k until the other one is. Then roll the die, take another f, or drag q sideways."
    )
    caption = traitlets.Unicode(
        "Pathwise takes the slope of f, the score function its height over c. Steepness makes the first loud, height "
        "or a narrow q the second."
    )
    label = traitlets.Unicode(
        "Above, a function f over z and the bell curve q. Below, two histograms back to back, of the pathwise and of "
        "the score-function gradient from single rolls, around the exact slope."
    )
    height = traitlets.List(traitlets.Int(), [713, 671])

    f = Function("cosine").tag(link={"any": [*FUNCTIONS]})
    k = Number(0.5, 0.2, 10)
    mean = Number(0.3, -3, 3)
    std = Number(1.0, 0.2, 2)
    baseline = traitlets.Bool(False)

    def numbers(self) -> dict[str, float]:
        """Every exact number that the explorable shows, for where it stands now, by quadrature.

        Keys: ``slope``, the derivative of E f by μ; ``pathwise`` and ``score``, the variances of its two estimates from
        one roll; ``constant``, the baseline c.
        """
        noise = grid(-FAR, FAR, CELLS + 1)
        weight = normal(noise) * 2 * FAR / CELLS
        path, score, constant = self._estimates(noise, weight)
        slope = weight @ path
        return {
            "slope": slope.item(),
            "pathwise": (weight @ (path - slope).square()).item(),
            "score": (weight @ (score - slope).square()).item(),
            "constant": constant.item(),
        }

    def _estimates(self, noise: Tensor, weight: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Both estimates of each roll, and the baseline, from weights of the rolls."""
        with torch.enable_grad():
            z = (self.mean + self.std * noise).requires_grad_()
            height = FUNCTIONS[self.f](z, self.k)
            (path,) = torch.autograd.grad(height.sum(), z)
        height = height.detach()
        constant = self.baseline * (weight @ (noise.square() * height))
        return path, (height - constant) * noise / self.std, constant

    def _draw(self, figure: Figure) -> None:
        z, rolls = grid(-VIEW, VIEW, 400), grid(0.5 / 4000, 1 - 0.5 / 4000, 4000)
        above, below = figure.subplots(2, 1)
        height = FUNCTIONS[self.f](z, self.k)
        q = normal(z, self.mean, self.std) * (height.max() - height.min()) + height.min()
        draw_lines(above, z, {"data": ("f(z)", height), MUTED: ("q(z)", q)})
        noise = torch.special.ndtri(rolls)  # quantiles stand for random rolls
        path, score, _ = self._estimates(noise, torch.full_like(noise, 1 / len(noise)))
        slope, reach = path.mean(), 2.8 * float(max(path.std(), score.std()))
        for sign, (hue, values) in zip((1, -1), (("own", path), ("model", score)), strict=True):
            counts = torch.histc(values - slope, 81, -reach, reach)
            edges = grid(-reach, reach, 82).numpy()
            below.stairs((sign * counts / counts.max()).numpy(), edges, fill=True, color=HUES[hue])
        below.axvline(0, color=MUTED, lw=0.8)
        below.set(yticks=[], xlabel="estimate of one roll, less the exact slope")
        below.legend(["pathwise", "score function"], loc="upper right")
