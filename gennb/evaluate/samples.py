"""How good samples are, how varied, and whether copied: scores, modes that they reach, and their nearest neighbors."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from gennb._validate import check_number, check_tensor, checked
from gennb.evaluate._inputs import LARGEST, check_probabilities, in_double
from gennb.evaluate.divergences import times_log_ratio

BLUR = 1e-9
"""Rounding that `frechet_distance` puts up with, as a share of the total variance."""

CHUNK = 2**22
"""Distances that `nearest_neighbours` holds at once: 32 MiB."""


@checked
def inception_score(probs: Float[Tensor, "*batch samples classes"]) -> Float[Tensor, "*batch"]:
    """Inception score, exp E[KL(p(y|x) ‖ p(y))]: from 1 to the number of classes.

    High when a classifier is sure of each sample, and all classes occur. It sees neither the data nor how varied a
    class is: one perfect sample of each class has the highest score there is.

    Parameters
    ----------
    probs
        The classifier's probabilities for each sample, each row summing to one; p(y) is their mean. For the customary
        score of ten parts, ``probs.unflatten(0, (10, -1))``.

    Returns
    -------
    Tensor
        float64.

    References
    ----------
    Salimans et al., Improved Techniques for Training GANs, 2016.
    """
    check_probabilities(probs, "probs")
    conditional = in_double(probs)
    conditional = conditional / conditional.sum(-1, keepdim=True)  # of what rounding left
    marginal = conditional.mean(-2, keepdim=True)
    return times_log_ratio(conditional, marginal).sum(-1).mean(-1).exp()


@checked
@torch.no_grad()
def frechet_distance(
    a: Float[Tensor, "a features"], b: Float[Tensor, "b features"]
) -> Float[Tensor, ""]:
    """Squared Fréchet distance between Gaussians with the means and covariances of two sets of features.

    Of Inception's features it is the FID. It falls as samples are added, and so compares only sets of equal sizes.

    Parameters
    ----------
    a, b
        Features of two sets of examples, at least two in each. Fewer examples than features, constant features and
        repeated ones do no harm.

    Returns
    -------
    Tensor
        float64, in squared units of the features; zero for two sets of the same mean and covariance.

    Raises
    ------
    TypeError, ValueError
        Not finite features, fewer than two examples, or different numbers of features.

    References
    ----------
    Heusel et al., GANs Trained by a Two Time-Scale Update Rule, 2017. Dowson and Landau, The Fréchet Distance between
    Multivariate Normal Distributions, 1982.
    """
    mean_a, root_a = _moments(a, "a")
    mean_b, root_b = _moments(b, "b")
    return _between(mean_a - mean_b, root_a, root_b)


@checked
@torch.no_grad()
def frechet_gaussian(
    mean_a: Float[Tensor, " d"],
    cov_a: Float[Tensor, "d d"],
    mean_b: Float[Tensor, " d"],
    cov_b: Float[Tensor, "d d"],
) -> Float[Tensor, ""]:
    """Squared Fréchet distance of two Gaussians, ‖m_a − m_b‖² + tr(A + B − 2 (A B)^½): float64.

    Also their squared 2-Wasserstein distance. The covariances may be singular.

    Raises
    ------
    TypeError, ValueError
        Shapes that do not fit, or a covariance that is not symmetric and positive semi-definite.
    """
    for x, name in ((mean_a, "mean_a"), (cov_a, "cov_a"), (mean_b, "mean_b"), (cov_b, "cov_b")):
        check_tensor(x, name, low=-LARGEST, high=LARGEST)
    roots = _root(_check_covariance(cov_a, "cov_a")), _root(_check_covariance(cov_b, "cov_b"))
    return _between(in_double(mean_a) - in_double(mean_b), *roots)


@dataclass(frozen=True, eq=False)
class Coverage:
    """Which modes of a mixture samples reach, and how many of the samples lie in one.

    Attributes
    ----------
    modes
        The number of modes that hold a sample, (...).
    quality
        The share of samples that lie in a mode, (...), in [0, 1].
    counts
        Samples in each mode, (..., K).
    """

    modes: Int[Tensor, "..."]
    quality: Float[Tensor, "..."]
    counts: Int[Tensor, "... modes"]


@checked
def mode_coverage(
    samples: Float[Tensor, "*batch n d"],
    centers: Float[Tensor, "modes d"],
    std: float,
    within: float = 3.0,
) -> Coverage:
    """Count the modes of a mixture of round Gaussians that samples reach.

    Parameters
    ----------
    samples
        Points; leading axes hold sets that are counted apart, such as those of several seeds.
    centers
        The modes.
    std
        Standard deviation of each.
    within
        A sample lies in a mode when it is at most this many standard deviations from the center.

    Raises
    ------
    TypeError, ValueError
        Not finite points of the same dimension, or a width that is not positive.

    References
    ----------
    Srivastava et al., VEEGAN: Reducing Mode Collapse in GANs using Implicit Variational Learning, 2017.
    """
    check_tensor(samples, "samples")
    check_tensor(centers, "centers")
    radius = check_number(std, "std", above=0) * check_number(within, "within", above=0)
    x = in_double(samples.detach())
    c = in_double(centers.detach()).to(x.device)
    inside = torch.cdist(x, c, compute_mode="donot_use_mm_for_euclid_dist") <= radius
    counts = inside.sum(-2)
    return Coverage((counts > 0).sum(-1), inside.any(-1).double().mean(-1), counts)


@checked
def nearest_neighbours(
    x: Float[Tensor, "batch *example"], among: Float[Tensor, "others *example"]
) -> tuple[Float[Tensor, " batch"], Int[Tensor, " batch"]]:
    """Euclidean distance from each example to the nearest one of a set, and that one's index.

    The search is a matrix product in float64, and the distance that it finds a norm of differences: an exact copy
    has distance zero. Of equally near ones the first counts.

    Parameters
    ----------
    x
        (N, …), images for instance.
    among
        (M, …), the training set for instance.
    """
    x = check_tensor(x, "x").reshape(len(x), -1)
    among = check_tensor(among, "among").reshape(len(among), -1)
    rows = in_double(x)
    center = rows.mean(0)  # squares of small numbers cancel less
    rows = rows - center
    shortest, index = rows.new_full((len(x),), math.inf), rows.new_zeros(len(x), dtype=torch.long)
    start = 0
    for part in among.split(max(1, CHUNK // len(x))):
        others = in_double(part) - center
        excess, where = torch.addmm(others.square().sum(1), rows, others.T, alpha=-2).min(1)
        index = torch.where(excess < shortest, start + where, index)
        shortest = torch.minimum(shortest, excess)
        start += len(part)
    index = index.to(x.device)
    return (x - among[index]).norm(dim=1), index


def _moments(x: Tensor, name: str) -> tuple[Tensor, Tensor]:
    """Mean of the rows of x, (d,), and a root of their covariance: R (k, d) with Rᵀ R = C."""
    check_tensor(x, name, low=-LARGEST, high=LARGEST)
    n, d = x.shape
    if n < 2:
        raise ValueError(f"{name}: expected at least two examples for a covariance, got {n}.")
    x = in_double(x)
    mean = x.mean(0)
    x = (x - mean) / math.sqrt(n - 1)
    if n > d:
        return mean, _root(x.mT @ x)
    # A reflection carries the rows, which sum to zero, to a row of zeros and these.
    return mean, x[1:] + x[0] / (math.sqrt(n) - 1)


def _root(covariance: Tensor) -> Tensor:
    """Return a root of a covariance: R (k, d) with Rᵀ R = C."""
    root, failed = torch.linalg.cholesky_ex(covariance)
    pivots = root.diagonal()
    if not failed and pivots.min() > 1e-6 * pivots.max():
        upper: Tensor = root.mT
        return upper
    values, vectors = torch.linalg.eigh(covariance)
    kept = values >= len(values) * torch.finfo(values.dtype).eps * values[-1]
    rows: Tensor = values[kept, None].clamp_min(0).sqrt() * vectors[:, kept].mT
    return rows


def _between(shift: Tensor, root_a: Tensor, root_b: Tensor) -> Tensor:
    """Squared distance from the difference of the means and from roots of the covariances A and B.

    (A B)^½ has the eigenvalues that R_a R_bᵀ has as singular values.
    """
    total = root_a.square().sum() + root_b.square().sum()
    overlap = _nuclear_norm(root_a @ root_b.mT, BLUR * total)
    return (shift.square().sum() + total - 2 * overlap).clamp_min(0)


def _nuclear_norm(x: Tensor, blur: Tensor) -> Tensor:
    """Sum of the singular values: the quick way, unless its rounding errors might come to ``blur``."""
    squares = torch.linalg.eigvalsh(x @ x.mT if x.shape[0] < x.shape[1] else x.mT @ x)
    error = torch.finfo(x.dtype).eps * squares[-1]
    roots = squares.clamp_min(error).sqrt()
    singular: Tensor = roots if (error / roots).sum() < blur else torch.linalg.svdvals(x)
    return singular.sum()


def _check_covariance(x: Tensor, name: str) -> Tensor:
    c = in_double(x)
    tolerance = 1e-5 * c.abs().max()
    if (c - c.mT).abs().max() > tolerance:
        raise ValueError(f"{name}: expected a symmetric matrix. Take ({name} + {name}.mT) / 2.")
    c = (c + c.mT) / 2
    shifted = c + tolerance * torch.eye(len(c), dtype=c.dtype, device=c.device)
    if tolerance > 0 and torch.linalg.cholesky_ex(shifted)[1]:
        lowest = float(torch.linalg.eigvalsh(c)[0])
        raise ValueError(
            f"{name}: expected a positive semi-definite matrix, got an eigenvalue of {lowest:g}. "
            "A covariance has none below zero."
        )
    return c
