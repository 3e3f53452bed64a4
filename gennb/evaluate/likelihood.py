"""How likely data are under a model: a bound from its encoder, or windows put on its samples."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from gennb._validate import check_count, check_number, check_tensor, checked
from gennb.evaluate._inputs import check_rows

CHUNK = 2**22
"""Distances that a Parzen estimate works on at once: at most 32 MiB."""

BLUR = 0.01
"""The most nats that rounding in single precision may come to in a Parzen estimate; beyond it, double is used."""

NOTHING = -80.0
"""Beside a window of height one, e to this power is lost in rounding; where exp underflows, it is ten times slower."""

NARROWEST = 1e-100  # its square is still a float64


@checked
def importance_weighted_bound(
    log_weights: Float[Tensor, "samples *batch"], k: int | None = None
) -> Float[Tensor, "*batch"]:
    """Importance-weighted bound on log p(x): the logarithm of the mean of k weights p(x, z)/q(z|x), in nats.

    Parameters
    ----------
    log_weights
        (S, ...): log p(x, z) − log q(z|x) for S independent draws of q(z|x).
    k
        Weights inside the logarithm, a divisor of S; the bound is averaged over the S / k disjoint groups.
        None: all S of them.

    Returns
    -------
    Tensor
        The ELBO's Monte-Carlo estimate for k = 1; in expectation it never falls as k grows.

    References
    ----------
    Burda, Grosse and Salakhutdinov, Importance Weighted Autoencoders, 2016, theorem 1. Book:
    eq-importance-weighted.
    """
    check_tensor(log_weights, "log_weights")
    samples = len(log_weights)
    k = samples if k is None else check_count(k, "k")
    if samples % k:
        raise ValueError(
            f"k: expected a divisor of the {samples} samples, so that the groups are equal; got {k}."
        )
    groups: Tensor = log_weights.unflatten(0, (samples // k, k))
    return (groups.logsumexp(1) - math.log(k)).mean(0)


@checked
def parzen_log_likelihood(
    samples: Float[Tensor, "samples *shape"], test: Float[Tensor, "examples *shape"], sigma: float
) -> Float[Tensor, " examples"]:
    """Log-density of test examples under an even mixture of round Gaussians, one on each sample.

    The 2014 paper judged its generators by it. It looks at distances alone, and in many dimensions it says little:
    other samples than the data's own can have the higher value.

    Parameters
    ----------
    samples
        (S, ...): drawn from the model.
    test
        (N, ...): as many numbers in each, in the same units.
    sigma
        Standard deviation of the windows, in those units; see `parzen_bandwidth`.

    Returns
    -------
    Tensor
        (N,), float64, in nats per example. From float32 examples it is good to 0.01 nats, mostly much better, and
        quicker than from float64.

    Raises
    ------
    TypeError, ValueError
        Not finite numbers, examples of different sizes, or a sigma that is not positive.

    References
    ----------
    Parzen, On Estimation of a Probability Density Function and Mode, 1962. Breuleux, Bengio and Vincent, Quickly
    Generating Representative Samples from an RBM-Derived Process, 2011.
    """
    sigma = check_number(sigma, "sigma", at_least=NARROWEST)
    return torch.cat([part[0] for part in _parzen(samples, test, "test", [sigma])])


@dataclass(frozen=True, eq=False)
class Bandwidth:
    """The width of Parzen windows, and what spoke for it.

    Attributes
    ----------
    sigma
        The best candidate.
    candidates
        The widths tried, (K,).
    log_likelihood
        Mean log-likelihood of the validation examples under each, (K,), in nats.
    """

    sigma: float
    candidates: Float[Tensor, " candidates"]
    log_likelihood: Float[Tensor, " candidates"]


@checked
def parzen_bandwidth(
    samples: Float[Tensor, "samples *shape"],
    validation: Float[Tensor, "examples *shape"],
    candidates: Float[Tensor, " candidates"] | None = None,
) -> Bandwidth:
    """Choose the width of Parzen windows under which held-out examples are most likely.

    Parameters
    ----------
    samples, validation
        As for `parzen_log_likelihood`. The validation examples must be none of those that are tested later.
    candidates
        The widths to try. None: ten from 0.1 to 1, evenly spaced in their logarithms, as in the 2014 code.
    """
    if candidates is None:
        candidates = torch.logspace(-1, 0, 10, dtype=torch.float64, device="cpu")
    check_tensor(candidates, "candidates")
    widths = [check_number(c, "candidates", at_least=NARROWEST) for c in candidates.tolist()]
    parts = list(_parzen(samples, validation, "validation", widths))
    means = torch.cat(parts, dim=1).mean(1).cpu()
    return Bandwidth(widths[int(means.argmax())], candidates, means)


@torch.no_grad()
def _parzen(
    samples: Tensor, test: Tensor, name: str, widths: list[float]
) -> Iterator[Float[Tensor, "widths chunk"]]:
    """Log-likelihoods of the test examples, chunk by chunk, for all widths from the same distances."""
    x, y = check_rows(samples, "samples"), check_rows(test, name)
    unit = min(widths)
    center = x.mean(0)  # squares of small numbers cancel less
    x, y = (x - center) / unit, (y - center) / unit
    reach = float(x.square().sum(1).max() + y.square().sum(1).max())
    asked = torch.promote_types(samples.dtype, test.dtype)
    if asked != torch.float64 and torch.finfo(torch.float32).eps * reach < BLUR:
        x, y = x.float(), y.float()
    square = x.square().sum(1)
    for part in y.split(max(1, CHUNK // len(x))):
        excess = torch.addmm(square, part, x.mT, alpha=-2)  # |x − y|² less |y|²
        nearest = excess.amin(1, keepdim=True)
        excess -= nearest
        nearest = (nearest[:, 0] + part.square().sum(1)).clamp_min(0).double()
        results = []
        for sigma in widths:
            rate = 0.5 * (unit / sigma) ** 2
            constant = math.log(len(x)) + x.shape[1] * math.log(math.sqrt(2 * math.pi) * sigma)
            windows = (excess * -rate).clamp_min_(NOTHING).exp_().sum(1)
            results.append(windows.log() - rate * nearest - constant)
        yield torch.stack(results)
