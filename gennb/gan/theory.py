"""The game without networks: probability vectors, densities on a grid, and two variables that chase each other."""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor

from gennb._validate import check_count, check_number, check_tensor, checked
from gennb.evaluate._inputs import worst_total
from gennb.evaluate.divergences import times_log_ratio


@checked
def optimal_discriminator(
    p_data: Float[Tensor, "*points"], p_g: Float[Tensor, "*points"]
) -> Float[Tensor, "*points"]:
    """Best answer of the discriminator to a fixed generator, D* = p_data / (p_data + p_g).

    Parameters
    ----------
    p_data, p_g
        Probabilities of the same outcomes, or densities at the same points; non-negative.

    Returns
    -------
    Tensor
        In [0, 1]. Where both are zero the game does not say what D is; there it is 1/2.

    References
    ----------
    Goodfellow et al., Generative Adversarial Nets, 2014, proposition 1 and equation 2. Book: eq-gan-2.
    """
    _check_densities(p_data, p_g)
    total = p_data + p_g
    occurs = total > 0
    d = torch.where(occurs, p_data / torch.where(occurs, total, 1.0), 0.5)
    # Rounding must not let D rule out what occurs, at an infinite price.
    kind = torch.finfo(d.dtype)
    return torch.where((p_data > 0) & (p_g > 0), d.clamp(kind.tiny, 1 - kind.eps / 2), d)


@checked
def value(
    p_data: Float[Tensor, "*batch points"],
    p_g: Float[Tensor, "*batch points"],
    d: Float[Tensor, "*batch points"],
    dx: float = 1.0,
) -> Float[Tensor, "*batch"]:
    """Value of the game, V = Σ (p_data log D + p_g log(1 − D)) dx, in nats.

    Parameters
    ----------
    p_data, p_g
        Probabilities of the outcomes (dx = 1), or densities on a grid of spacing ``dx``; over the last axis they
        sum to 1 / dx.
    d
        D at the same points, in [0, 1].

    Returns
    -------
    Tensor
        At most zero; minus infinity where D rules out what occurs.

    References
    ----------
    Goodfellow et al., Generative Adversarial Nets, 2014, equations 1 and 3. Book: eq-gan-3.
    """
    _check_distributions(p_data, p_g, dx)
    check_tensor(d, "d", low=0.0, high=1.0)
    # Where D rules out what never occurs, there is nothing to pay, and no slope.
    log_d = torch.where((p_data > 0) | (d > 0), d, 1.0).log()
    log_rest = torch.where((p_g > 0) | (d < 1), -d, 0.0).log1p()
    return dx * (p_data * log_d + p_g * log_rest).sum(-1)


@checked
def criterion(
    p_data: Float[Tensor, "*batch points"], p_g: Float[Tensor, "*batch points"], dx: float = 1.0
) -> Float[Tensor, "*batch"]:
    """What the generator is left with against the best discriminator, C(G) = V(D*, G), in nats.

    Returns
    -------
    Tensor
        From −log 4, where p_g = p_data, to 0, where they have nothing in common.

    References
    ----------
    Goodfellow et al., Generative Adversarial Nets, 2014, equation 4. Book: eq-gan-4.
    """
    _check_distributions(p_data, p_g, dx)
    total = p_data + p_g
    return dx * (times_log_ratio(p_data, total) + times_log_ratio(p_g, total)).sum(-1)


@checked
def criterion_gradient(
    p_data: Float[Tensor, "*points"], p_g: Float[Tensor, "*points"]
) -> Float[Tensor, "*points"]:
    """Slope of C(G) by the probability p_g of each outcome: log(1 − D*), by the envelope theorem.

    Returns
    -------
    Tensor
        Minus infinity where the generator never goes and the data do.
    """
    _check_densities(p_data, p_g)
    total = p_data + p_g
    drawn = p_g > 0
    log_share = torch.where(drawn, p_g, 1.0).log() - torch.where(drawn, total, 1.0).log()
    undrawn = torch.where(total > 0, -math.inf, -math.log(2)).to(p_g)
    return torch.where(drawn, log_share, undrawn)


@checked
def mirror_step(
    p_data: Float[Tensor, "*batch outcomes"],
    p_g: Float[Tensor, "*batch outcomes"],
    rate: float = 1.0,
) -> Float[Tensor, "*batch outcomes"]:
    """One step of mirror descent on C(G) in the space of distributions, against the best discriminator.

    The new generator is proportional to p_g · exp(−rate · log(1 − D*)): it shifts probability to where D takes it
    for data. At rate 1 it is the mean of the data's distribution and its own.

    Parameters
    ----------
    p_data, p_g
        Probabilities over the last axis.
    rate
        In (0, 1]: so far C never rises.

    References
    ----------
    Beck and Teboulle, Mirror descent and nonlinear projected subgradient methods for convex optimization, 2003.
    Book: eq-mirror-step.
    """
    _check_distributions(p_data, p_g, 1.0)
    if check_number(rate, "rate", above=0.0) > 1:
        raise ValueError(f"rate: expected a number in (0, 1], got {rate:g}.")
    total = p_data + p_g
    if rate < 1:  # what is never drawn stays so
        drawn = p_g > 0
        total = torch.where(drawn, total, 1.0) ** rate * torch.where(drawn, p_g, 1.0) ** (1 - rate)
        total = torch.where(drawn, total, 0.0)
    return total / total.sum(-1, keepdim=True)


def bilinear_game(
    start: tuple[float, float], rate: float, steps: int, *, alternating: bool = False
) -> Float[Tensor, "steps+1 2"]:
    """Gradient play of min over x, max over y of x·y: the smallest game, whose only saddle point is the origin.

    Parameters
    ----------
    start
        x and y at first.
    rate
        Step size of both.
    steps
        Moves of each.
    alternating
        y answers the new x. Otherwise both move at once, and every step multiplies the distance from the origin
        by √(1 + rate²).

    Returns
    -------
    Tensor
        The path, float64, the start included.
    """
    rate = check_number(rate, "rate", above=0.0)
    if not isinstance(start, tuple | list) or len(start) != 2:
        raise ValueError(f"start: expected two numbers (x, y), got {start!r}.")
    x, y = (check_number(v, "start") for v in start)
    path = [(x, y)]
    for _ in range(check_count(steps, "steps")):
        moved = x - rate * y
        y += rate * (moved if alternating else x)
        x = moved
        path.append((x, y))
    if not (math.isfinite(x) and math.isfinite(y)):
        raise ValueError(
            f"rate: expected a path within the range of float64, which {steps} steps of size {rate:g} "
            "leave. Lower rate or steps."
        )
    return torch.tensor(path, dtype=torch.float64, device="cpu")


def _check_densities(p_data: Tensor, p_g: Tensor) -> None:
    check_tensor(p_data, "p_data", low=0.0)
    check_tensor(p_g, "p_g", low=0.0)


def _check_distributions(p_data: Tensor, p_g: Tensor, dx: float) -> None:
    _check_densities(p_data, p_g)
    check_number(dx, "dx", above=0.0)
    for p, name in ((p_data, "p_data"), (p_g, "p_g")):
        if (worst := worst_total(p, 1e-3, dx)) is not None:
            raise ValueError(
                f"{name}: expected a total probability of one, got {worst:g}. Divide by the sum, "
                "or, for a density on a grid, give its spacing as dx and let the grid reach its tails."
            )
