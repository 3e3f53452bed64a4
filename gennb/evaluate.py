"""Measures of how far one distribution is from another, and how likely data are under a model. All in nats."""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor

from gennb._validate import check_count, check_tensor


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
        Non-negative; infinite where p has mass that q lacks.

    Raises
    ------
    TypeError, ValueError
        Not probabilities, or shapes that differ.
    """
    p, q = _check_probabilities(p, "p"), _check_probabilities(q, "q")
    if p.shape != q.shape:
        raise ValueError(f"q: expected the shape of p, {tuple(p.shape)}, got {tuple(q.shape)}.")
    terms: Tensor = torch.special.xlogy(p, p) - torch.special.xlogy(p, q)
    return terms.sum(-1)


def jensen_shannon(
    p: Float[Tensor, "*batch outcomes"], q: Float[Tensor, "*batch outcomes"]
) -> Float[Tensor, "*batch"]:
    """Jensen–Shannon divergence, the mean divergence of p and q from their average, in nats.

    Symmetric, zero when p = q, and log 2 when they share no outcome.
    """
    p, q = _check_probabilities(p, "p"), _check_probabilities(q, "q")
    if p.shape != q.shape:
        raise ValueError(f"q: expected the shape of p, {tuple(p.shape)}, got {tuple(q.shape)}.")
    middle = (p + q) / 2
    return (kl_divergence(p, middle) + kl_divergence(q, middle)) / 2


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
    if check_tensor(log_weights, "log_weights").ndim == 0:
        raise ValueError("log_weights: expected samples along the first axis, got a single number.")
    samples = len(log_weights)
    k = samples if k is None else check_count(k, "k")
    if samples % k:
        raise ValueError(
            f"k: expected a divisor of the {samples} samples, so that the groups are equal; got {k}."
        )
    groups: Tensor = log_weights.unflatten(0, (samples // k, k))
    return (groups.logsumexp(1) - math.log(k)).mean(0)


def _check_probabilities(p: Tensor, name: str) -> Tensor:
    p = check_tensor(p, name, low=0.0, high=1.0)
    total = p.sum(-1)
    if not torch.allclose(total, torch.ones_like(total), atol=1e-4):
        worst = float(total.flatten()[(total - 1).abs().argmax()])
        raise ValueError(
            f"{name}: expected probabilities that sum to one over the last axis, got a sum of {worst:g}. "
            f"Divide by {name}.sum(-1, keepdim=True)."
        )
    return p
