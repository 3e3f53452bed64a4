"""Keys of the exercises of the part on adversarial networks; the page's own objects come as keywords."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from gennb import evaluate
from gennb.exercises import key

from .losses import discriminator_loss, minimax_loss
from .model import GAN


@key("ex-first-loss", tolerance=1e-3, unit="nats", hint="Two logarithms of one half.")
def first_loss() -> Tensor:
    """Loss of a discriminator whose logits are all zero."""
    zero = torch.zeros(100, dtype=torch.float64)
    return discriminator_loss(zero, zero)


@key("ex-best-forgery", tolerance=0, hint="V is linear in the probabilities of the outcomes.")
def best_forgery(*, D: Tensor) -> int:
    """Index of the outcome that a fixed discriminator D finds most like the data."""
    return int((1 - D).log().argmin())


@key(
    "ex-through-d",
    tolerance=0,
    hint="sample runs without recording. What does the chain rule then know of G?",
)
def through_d(*, model: GAN) -> int:
    """How many tensors of the generator have a gradient after a step through ``sample``."""
    minimax_loss(model.discriminator(model.sample(8))).backward()
    return sum(p.grad is not None for p in model.generator.parameters())


@key(
    "ex-label-smoothing",
    tolerance=2e-3,
    hint="Collect the terms in log y and in log(1 − y): the proof for D* says where such a sum is largest.",
)
def label_smoothing() -> Tensor:
    """Where the value with the label 0.9 for data is largest, by trial."""
    y = torch.linspace(0.001, 0.999, 999, dtype=torch.float64)
    return y[(0.9 * y.log() + 0.1 * (1 - y).log() + (1 - y).log()).argmax()]


@key(
    "ex-mutual-information",
    tolerance=1e-3,
    unit="nats",
    hint="Half of the time x gives the coin away, the other half it tells nothing.",
)
def mutual_information() -> Tensor:
    """JSD of (½, ½, 0) and (0, ½, ½)."""
    left = torch.tensor([0.5, 0.5, 0.0], dtype=torch.float64)
    return evaluate.jensen_shannon(left, left.flip(0))


@key("ex-unequal-batches", tolerance=1e-3, hint="Replace b by 2b in the proof for the best D.")
def unequal_batches() -> Tensor:
    """Where log y + 2 log(1 − y) is largest, by trial."""
    y = torch.linspace(0.0001, 0.9999, 99_981, dtype=torch.float64)
    return y[(y.log() + 2 * (1 - y).log()).argmax()]


@key("ex-look-ahead", tolerance=1e-4, hint="From (1, 0) the trial point is (1, η).")
def look_ahead() -> Tensor:
    """Distance from the saddle after one extragradient step from (1, 0), with η = 0.2."""
    turn = torch.tensor([[0.0, -0.2], [0.2, 0.0]], dtype=torch.float64)
    identity = torch.eye(2, dtype=torch.float64)
    after = identity + turn @ (identity + turn)
    distance: Tensor = after[:, 0].norm()
    return distance


@key(
    "ex-volume",
    tolerance=1e-3,
    hint="Total variation is one minus the probability that they have in common.",
)
def volume() -> list[Tensor]:
    """Chance that two draws agree; total variation of one draw, and of pairs."""
    data = torch.full((8,), 1 / 8, dtype=torch.float64)
    model = torch.zeros(8, dtype=torch.float64)
    model[:2] = 0.5
    pairs = (torch.outer(p, p).flatten() for p in (data, model))
    return [
        model.square().sum(),
        evaluate.total_variation(data, model),
        evaluate.total_variation(*pairs),
    ]


@key(
    "ex-adam",
    tolerance=0.005,
    hint="The gradient never changes: what are its mean and its mean square?",
)
def adam() -> list[float]:
    """Length of Adam's fiftieth step over its rate, for two constant gradients."""

    def step(gradient: float, rate: float = 1e-3, steps: int = 50) -> float:
        weight = torch.zeros((), dtype=torch.float64, requires_grad=True)
        optimizer = torch.optim.Adam([weight], lr=rate, betas=(0.5, 0.999))
        for _ in range(steps):
            before = weight.item()
            weight.grad = torch.full_like(weight, gradient)
            optimizer.step()
        return abs(weight.item() - before) / rate

    return [step(-1e-6), step(-1e-9)]


LOGITS = torch.linspace(-3, 3, 7, dtype=torch.float64)


def slope(f: Callable[[Tensor], Tensor]) -> Tensor:
    """Derivative of a loss by the logit: a constant in the loss does not count."""
    a = LOGITS.clone().requires_grad_()
    (each,) = torch.autograd.grad(f(a).sum(), a)
    return each


@key("ex-reverse-kl", measured=slope, hint="h(r) = r log r. What is h'(r) at r = exp(-a)?")
def reverse_kl() -> Tensor:
    """Slope of ℓ(a) = h'(exp(−a)) for h(r) = r log r."""

    def loss(a: Tensor) -> Tensor:
        r = (-a).exp()
        (derivative,) = torch.autograd.grad((r * r.log()).sum(), r, create_graph=True)
        return derivative

    return slope(loss)


@key("ex-same-mean", tolerance=2e-3, hint="Use the quantile functions: F⁻¹(u) = σ Φ⁻¹(u).")
def same_mean() -> Tensor:
    """W₁ of N(0, 1) and N(0, 4), from 200,000 quantiles of each."""
    u = (torch.arange(200_000, dtype=torch.float64) + 0.5) / 200_000
    quantiles = torch.special.ndtri(u)
    return evaluate.earth_movers_distance(quantiles, 2 * quantiles)


@key(
    "ex-units-of-lambda",
    tolerance=0.01,
    hint="In the formula for the slope, what happens to Δ and to ρ?",
)
def units_of_lambda(*, slopes: Callable[[Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]) -> Tensor:
    """Factor of λ that keeps the slope of the penalized critic where the unit is a tenth, by trial."""
    delta, density = torch.tensor([0.3, 0.2], dtype=torch.float64)
    factors = torch.linspace(0.01, 100, 10_000, dtype=torch.float64)
    before, _ = slopes(delta, density, torch.ones_like(delta))
    after, _ = slopes(delta, density / 10, factors)
    return factors[(after - before).abs().argmin()]


@key(
    "ex-one-percent",
    tolerance=0.05,
    unit="nats",
    hint="Which windows contribute to the sum, and what does log S do?",
)
def one_percent(*, good: Tensor, diluted: Tensor, test: Tensor) -> Tensor:
    """Fall of the Parzen score when the good images are one in a hundred."""
    scores = (evaluate.parzen_log_likelihood(x, test, 0.2) for x in (good, diluted))
    before, after = scores
    return (before - after).mean()


@key(
    "ex-inception-three",
    tolerance=1e-2,
    hint="The mean entropy of p(y|x) is zero, so only that of p(y) is left.",
)
def inception_three() -> list[Tensor]:
    """Inception Score of three certain classes, in unequal shares and in equal ones."""
    certain = torch.eye(10, dtype=torch.float64)
    return [evaluate.inception_score(certain[classes]) for classes in ([0, 0, 1, 2], [0, 1, 2])]


@key("ex-two-points", tolerance=5e-3, hint="The mean of |y| is √(2/π).")
def two_points() -> list[Tensor]:
    """Fréchet's formula, and the mean squared distance of the pairing in order, from 200,000 quantiles."""
    zero, one = torch.zeros(1, dtype=torch.float64), torch.ones(1, 1, dtype=torch.float64)
    y = torch.special.ndtri((torch.arange(200_000, dtype=torch.float64) + 0.5) / 200_000)
    return [evaluate.frechet_gaussian(zero, one, zero, one), (y.sign() - y).square().mean()]
