"""Keys of the exercises of the part on variational autoencoders; the page's own objects come as keywords."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from gennb._pixels import bernoulli_log_likelihood, gaussian_log_likelihood
from gennb.evaluate import importance_weighted_bound
from gennb.exercises import key

from .gaussian import kl_to_standard_normal
from .gradients import pathwise_gradient, score_function_gradient


@key(
    "ex-fair-coins",
    tolerance=0.5,
    unit="nats",
    terms=(784,),
    hint="Each pixel contributes the logarithm of one half.",
)
def fair_coins() -> Tensor:
    """Log-likelihood of any binary image where every pixel is a fair coin."""
    return bernoulli_log_likelihood(torch.ones(784), torch.zeros(784))


@key(
    "ex-mean-field-gap",
    tolerance=2e-3,
    unit="nats",
    hint="Set the derivative of the divergence by each variance to zero: the precision's diagonal appears.",
)
def mean_field_gap() -> list[Tensor]:
    """Variance of the closest round Gaussian, and its divergence from the posterior, by trial."""
    zero = torch.zeros(2, dtype=torch.float64)
    covariance = torch.tensor([[1.0, 0.9], [0.9, 1.0]], dtype=torch.float64)
    posterior = torch.distributions.MultivariateNormal(zero, covariance)
    trial = torch.linspace(0.01, 1.5, 1491, dtype=torch.float64)
    rounds = trial[:, None, None] * torch.eye(2, dtype=torch.float64)
    round_ones = torch.distributions.MultivariateNormal(zero, rounds)
    nats, best = torch.distributions.kl_divergence(round_ones, posterior).min(0)
    return [trial[best], nats]


@key(
    "ex-variance-predict",
    factor=1.25,
    hint="The derivative of (z - a)² by z is 2(z - a): which part of it is random?",
)
def variance_predict() -> list[Tensor]:
    """Growth of both estimates' standard deviations when the target moves from 2 to 20, from 200,000 rolls."""
    noise = torch.randn(200_000, 1, generator=torch.Generator().manual_seed(0))
    zero = torch.zeros(1)

    def spread(estimate: object, target: float) -> Tensor:
        assert callable(estimate)
        slopes: Tensor = estimate(lambda z: (z - target).square().sum(-1), zero, zero, noise)
        return slopes[:, 0].std()

    return [
        spread(estimate, 20.0) / spread(estimate, 2.0)
        for estimate in (pathwise_gradient, score_function_gradient)
    ]


@key(
    "ex-laplace",
    tolerance=1e-3,
    hint="Invert the distribution function, separately for u below and above 0.",
)
def laplace() -> Tensor:
    """Z for μ = 1, λ = 2, u = 0.4."""
    mean, scale, share = torch.tensor([1.0, 2.0, 0.9], dtype=torch.float64)
    quantile: Tensor = torch.distributions.Laplace(mean, scale).icdf(share)
    return quantile


@key("ex-prior-circle", factor=2.0, hint="The squared radius has a chi-squared distribution.")
def prior_circle() -> Tensor:
    """Mass of N(0, I) in twenty dimensions within radius 2."""
    half_dimension, half_square = torch.tensor([10.0, 2.0], dtype=torch.float64)
    mass: Tensor = torch.special.gammainc(half_dimension, half_square)
    return mass


@key(
    "ex-shell-interpolation",
    tolerance=0.01,
    hint="The midpoint of two independent Gaussians is a Gaussian. With which variance?",
)
def shell_interpolation() -> Tensor:
    """Mean squared length of the midpoint of two codes, over that of a code, from 100,000 pairs."""
    generator = torch.Generator().manual_seed(0)
    codes = torch.randn(2, 100_000, 20, generator=generator, dtype=torch.float64)
    ratio: Tensor = codes.mean(0).square().sum(1).mean() / codes.square().sum(-1).mean()
    return ratio


@key(
    "ex-units",
    tolerance=0.01,
    hint="Of the reconstruction term, only the squared error divided by 2σ² depends on the weights.",
)
def units() -> Tensor:
    """Cost of one error at σ = 0.1 over its cost at σ = 0.2."""
    x, mean = torch.rand(2, 50, generator=torch.Generator().manual_seed(0), dtype=torch.float64)

    def cost(std: float) -> Tensor:
        log_std = torch.tensor(std, dtype=torch.float64).log()
        exact = gaussian_log_likelihood(x, x, log_std)
        return exact - gaussian_log_likelihood(x, mean, log_std)

    return cost(0.1) / cost(0.2)


GENERATOR = torch.Generator().manual_seed(0)
LOG_WEIGHTS = 30 * torch.randn(7, 5, generator=GENERATOR, dtype=torch.float64) - 900


def bounds(f: Callable[[Tensor], Tensor]) -> Tensor:
    """Estimates of log p(x) for five images, from seven weights each, near exp(−900)."""
    return f(LOG_WEIGHTS.clone())


@key(
    "ex-bound-of-weights",
    measured=bounds,
    terms=(7,),
    unit="nats",
    hint="Divide the weights of an image by the largest of them, and multiply again outside the logarithm.",
)
def bound_of_weights() -> Tensor:
    """Importance-weighted bound of each image."""
    return bounds(importance_weighted_bound)


@key(
    "ex-detach",
    tolerance=0.1,
    unit="nats",
    hint="Which term of the loss still has a gradient by the encoder's weights, and where is it lowest?",
)
def detach() -> Tensor:
    """Divergence from the prior that is left when nothing but it is lowered."""
    mean, log_std = torch.full((2, 1, 20), 0.5, dtype=torch.float64).requires_grad_()
    for _ in range(200):
        nats = kl_to_standard_normal(mean, log_std.exp()).sum()
        slopes = torch.autograd.grad(nats, (mean, log_std))
        mean, log_std = mean - 0.1 * slopes[0], log_std - 0.1 * slopes[1]
    return nats
