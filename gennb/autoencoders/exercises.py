"""Keys of the exercises of the part on autoencoders."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from gennb._pixels import BernoulliPixels, GaussianValues
from gennb.exercises import key

from .linear import principal_components
from .stacked import StackedAutoencoder


@key(
    "ex-constant",
    tolerance=0.5,
    unit="nats",
    hint="Half the squared error, and half a log 2π for each pixel.",
)
def constant() -> Tensor:
    """Loss of 784 pixels of which 32 are wrong by one, from the law itself."""
    wrong = (torch.arange(784) < 32).double()[None]
    return -GaussianValues(1.0).double().log_prob(wrong, torch.zeros_like(wrong))[0]


@key(
    "ex-gray-floor",
    tolerance=2e-3,
    unit="nats",
    hint="The slope is zero where the mean is the gray level itself.",
)
def gray_floor() -> Tensor:
    """Least cross-entropy of one gray pixel, by trial of many logits."""
    logits = torch.linspace(-4, 4, 8001, dtype=torch.float64)[:, None]
    return -BernoulliPixels().log_prob(torch.full_like(logits, 0.25), logits).max()


def _clouds() -> list[tuple[Tensor, int]]:
    generator = torch.Generator().manual_seed(0)
    clouds = []
    for n, k in ((2, 1), (5, 2), (6, 5)):
        x = torch.randn(40, n, generator=generator, dtype=torch.float64)
        clouds.append((x * torch.arange(1, n + 1) + 3, k))
    return clouds


def _errors(error: Callable[[Tensor, int], Tensor]) -> Tensor:
    return torch.stack([torch.as_tensor(error(x, k)).double() for x, k in _clouds()])


@key(
    "ex-best-plane",
    tolerance=1e-6,
    measured=_errors,
    hint="Which eigenvalues of the covariance are lost? Divide by N, not by N - 1.",
)
def best_plane() -> Tensor:
    """Mean squared distances from the principal planes, by projecting the points."""
    found = []
    for x, k in _clouds():
        mean, basis = principal_components(x, k)
        centered = x - mean
        found.append((centered - centered @ basis @ basis.mT).square().sum(1).mean())
    return torch.stack(found)


@key(
    "ex-kl-price",
    tolerance=3e-3,
    unit="nats",
    terms=(3,),
    hint="The divergence of two coins, times three.",
)
def kl_price() -> Tensor:
    """Three times the divergence, by PyTorch's distributions."""
    coins = torch.distributions.Bernoulli(torch.tensor([0.05, 0.2], dtype=torch.float64))
    wanted, found = (torch.distributions.Bernoulli(p) for p in coins.probs)
    return 3 * torch.distributions.kl_divergence(wanted, found)


def _thresholded(minimum: Callable[[Tensor, float], Tensor]) -> Tensor:
    a = torch.linspace(-3, 3, 61, dtype=torch.float64)
    return torch.cat([torch.as_tensor(minimum(a, price)) for price in (0.0, 0.5, 2.0)])


@key(
    "ex-soft-threshold",
    tolerance=2e-3,
    measured=_thresholded,
    hint="Where the slope at zero points upwards, zero is best.",
)
def soft_threshold() -> Tensor:
    """The best of many y, for each a."""
    y = torch.linspace(0, 4, 4001, dtype=torch.float64)

    def best(a: Tensor, price: float) -> Tensor:
        return y[(0.5 * (a[:, None] - y).square() + price * y).argmin(1)]

    return _thresholded(best)


@key(
    "ex-few-words",
    tolerance=0.05,
    hint="Count the ways to choose five of 256.",
)
def few_words() -> list[Tensor]:
    """Logarithms of the number of choices, by exact integers."""
    ways = torch.tensor(float(math.comb(256, 5)), dtype=torch.float64)
    return [ways.log(), ways.log2()]


@key(
    "ex-shrink",
    tolerance=5e-3,
    hint="The variances of data and noise add up. Then Tweedie's formula.",
)
def shrink() -> list[Tensor]:
    """Mean of the posterior by sums over a fine grid, and the score from the same."""
    x = torch.linspace(-30, 30, 60_001, dtype=torch.float64)
    weights = (-(x**2) / 8 - (5 - x) ** 2 / 2).softmax(0)
    return [weights @ x, weights @ (x - 5)]


@key(
    "ex-pepper-target",
    tolerance=5e-3,
    hint="Half of the replaced targets are zero, half are one.",
)
def pepper_target() -> list[Tensor]:
    """Mean and median of ten targets in the proportions of the law."""
    targets = torch.tensor([0.9] * 6 + [0.0] * 2 + [1.0] * 2, dtype=torch.float64)
    return [targets.mean(), targets.median()]


def _denoised(denoiser: Callable[[Tensor, float], Tensor]) -> Tensor:
    x = torch.linspace(-2, 2, 41, dtype=torch.float64)
    return torch.cat([torch.as_tensor(denoiser(x, sigma)) for sigma in (0.3, 1.0, 3.0)])


@key(
    "ex-tweedie-mixture",
    tolerance=1e-6,
    measured=_denoised,
    hint="Weigh both points by how probable each makes what is seen.",
)
def tweedie_mixture() -> Tensor:
    """Average of both points, weighted by the densities of the noise."""

    def average(x: Tensor, sigma: float) -> Tensor:
        logits = torch.stack([-((x - at) ** 2) / (2 * sigma**2) for at in (-1.0, 1.0)])
        weights: Tensor = logits.softmax(0)
        return weights[1] - weights[0]

    return _denoised(average)


@key(
    "ex-stack-size",
    tolerance=0.5,
    hint="Each layer has a matrix and as many thresholds as it has outputs; there are eight layers.",
)
def stack_size() -> int:
    """Count the parameters of the autoencoder of 2006."""
    with torch.device("meta"):
        stack = StackedAutoencoder((784, 1000, 500, 250, 30), linear_code=True)
    return sum(parameter.numel() for parameter in stack.parameters())


@key(
    "ex-slope-lost",
    tolerance=1e-5,
    hint="The logistic function is steepest at zero, where its slope is a quarter.",
)
def slope_lost() -> list[Tensor]:
    """Slope of six units in a row, by automatic differentiation, and the inverse of one unit's slope."""
    net = torch.zeros((), dtype=torch.float64, requires_grad=True)
    output = net.sigmoid()
    for _ in range(5):
        output = (output - 0.5).sigmoid()
    (slope,) = torch.autograd.grad(output, net)
    (unit,) = torch.autograd.grad(net.sigmoid(), net)
    return [slope, 1 / unit]


Pair = tuple[Callable[[Tensor], Tensor], Callable[[Tensor], Tensor]]


def _unrolled(unroll: Callable[[Sequence[Pair]], Callable[[Tensor], Tensor]]) -> Tensor:
    pairs: list[Pair] = [
        (lambda x: x + 1, lambda y: y - 0.5),
        (lambda x: 3 * x, lambda y: y.square()),
        (torch.tanh, torch.exp),
    ]
    x = torch.linspace(-2, 2, 41, dtype=torch.float64)
    return torch.cat([torch.as_tensor(unroll(pairs[:n])(x)) for n in (1, 2, 3)])


@key(
    "ex-unroll",
    tolerance=1e-9,
    measured=_unrolled,
    hint="The decoder of the first pair comes last.",
)
def unrolled() -> Tensor:
    """Reconstruct by recursion: the outer pair around what the inner ones make of its code."""

    def around(pairs: Sequence[Pair]) -> Callable[[Tensor], Tensor]:
        if not pairs:
            return lambda x: x
        (f, g), inner = pairs[0], around(pairs[1:])
        return lambda x: g(inner(f(x)))

    return _unrolled(around)
