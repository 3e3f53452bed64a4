"""How far one distribution is from another, for distributions that are known or samples on a line."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from gennb._validate import check_tensor, checked
from gennb.evaluate._inputs import LARGEST, check_probabilities


@checked
def kl_divergence(
    p: Float[Tensor, "*batch outcomes"], q: Float[Tensor, "*batch outcomes"]
) -> Float[Tensor, "*batch"]:
    """Kullback–Leibler divergence of p from q, Σ p log(p / q), in nats.

    Parameters
    ----------
    p, q
        Probabilities over the last axis, each summing to one.

    Returns
    -------
    Tensor
        Non-negative; infinite where p has mass that q lacks. Its slope by a probability p that is zero is zero: that
        of every smooth way to get there, since a probability cannot fall below.

    Raises
    ------
    TypeError, ValueError
        Not probabilities, or shapes that differ.
    """
    check_probabilities(p, "p")
    check_probabilities(q, "q")
    return times_log_ratio(p, q).sum(-1)


@checked
def jensen_shannon(
    p: Float[Tensor, "*batch outcomes"], q: Float[Tensor, "*batch outcomes"]
) -> Float[Tensor, "*batch"]:
    """Jensen–Shannon divergence, the mean divergence of p and q from their average, in nats.

    Symmetric, zero when p = q, and log 2 when they share no outcome.
    """
    check_probabilities(p, "p")
    check_probabilities(q, "q")
    total = p + q  # its half might be too small a number
    return (times_log_ratio(2 * p, total) + times_log_ratio(2 * q, total)).sum(-1) / 4


@checked
def total_variation(
    p: Float[Tensor, "*batch outcomes"], q: Float[Tensor, "*batch outcomes"]
) -> Float[Tensor, "*batch"]:
    """Total variation distance, ½ Σ abs(p − q): the most by which p and q differ on any one event.

    Zero when p = q, and one when they share no outcome. Arguments as for `kl_divergence`.
    """
    check_probabilities(p, "p")
    check_probabilities(q, "q")
    return (p - q).abs().sum(-1) / 2


@checked
def earth_movers_distance(
    a: Float[Tensor, " a"],
    b: Float[Tensor, " b"],
    weights_a: Float[Tensor, " a"] | None = None,
    weights_b: Float[Tensor, " b"] | None = None,
) -> Float[Tensor, ""]:
    """Least work that carries one distribution on a line to another: mass times the way it goes, in units of ``a``.

    On a line it is the area between the two distribution functions, and so it is exact.

    Parameters
    ----------
    a, b
        Places; there may be more of one than of the other.
    weights_a, weights_b
        The probability at each place. None: all the same, as for a sample.

    Raises
    ------
    TypeError, ValueError
        Not finite numbers along one axis, or weights that are not probabilities, one for each place.
    """
    for x, name in ((a, "a"), (b, "b")):
        check_tensor(x, name, low=-LARGEST / 4, high=LARGEST / 4)
    dtype = torch.promote_types(torch.promote_types(a.dtype, b.dtype), torch.float32)
    mass_a = _masses(a, weights_a, "weights_a").to(dtype)
    mass_b = _masses(b, weights_b, "weights_b").to(dtype)
    places, order = torch.cat([a, b]).to(dtype).sort()
    ahead = torch.cat([mass_a, -mass_b])[order].cumsum(0)  # F_a − F_b at each place
    return (places.diff() * ahead[:-1].abs()).sum()


def _masses(x: Tensor, weights: Tensor | None, name: str) -> Tensor:
    if weights is None:
        return torch.full_like(x, 1 / len(x), dtype=torch.float64)
    return check_probabilities(weights, name)


def times_log_ratio(p: Tensor, q: Tensor) -> Tensor:
    """Return p log(p / q), zero and without a slope where p is zero; digits survive where p is near q."""
    occurs = p > 0
    return p * (torch.where(occurs, p, 1.0).log() - torch.where(occurs, q, 1.0).log())
