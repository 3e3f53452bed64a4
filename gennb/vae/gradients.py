"""Two ways to differentiate an expectation with respect to the distribution that it is taken under."""

from __future__ import annotations

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from gennb._validate import check_number, check_tensor, checked


@checked
def pathwise_gradient(
    f: Callable[[Tensor], Tensor],
    mean: Float[Tensor, " latent"],
    log_std: Float[Tensor, " latent"],
    noise: Float[Tensor, "samples latent"],
) -> Float[Tensor, "samples parameters"]:
    """Single-sample gradients of E_q[f(z)], q = N(μ, σ²), through the sample z = μ + σ ε.

    Parameters
    ----------
    f
        Maps codes (S, d) to values (S,); differentiable.
    mean, log_std
        μ and log σ.
    noise
        ε from N(0, I), one row for each sample.

    Returns
    -------
    Tensor
        (S, 2d): the derivatives with respect to μ, then log σ. Their mean over samples estimates the gradient.

    References
    ----------
    Kingma and Welling, 2014, section 2.4. Book: eq-pathwise.
    """
    for x, name in ((mean, "mean"), (log_std, "log_std"), (noise, "noise")):
        check_tensor(x, name)
    z = (mean + log_std.exp() * noise).detach().requires_grad_()
    with torch.enable_grad():
        (slope,) = torch.autograd.grad(_values(f, z).sum(), z)
    return torch.cat([slope, slope * log_std.exp() * noise], dim=1)


@checked
def score_function_gradient(
    f: Callable[[Tensor], Tensor],
    mean: Float[Tensor, " latent"],
    log_std: Float[Tensor, " latent"],
    noise: Float[Tensor, "samples latent"],
    *,
    baseline: float = 0.0,
) -> Float[Tensor, "samples parameters"]:
    """Single-sample gradients of E_q[f(z)] as f(z) grad log q(z): f need not be differentiable, nor even known.

    Parameters and result as for `pathwise_gradient`. A ``baseline`` subtracted from f leaves the mean unchanged
    and can reduce the variance.

    References
    ----------
    Williams, Simple Statistical Gradient-Following Algorithms for Connectionist Reinforcement Learning, 1992.
    Book: eq-score-function.
    """
    for x, name in ((mean, "mean"), (log_std, "log_std"), (noise, "noise")):
        check_tensor(x, name)
    z = mean + log_std.exp() * noise
    score = torch.cat([noise / log_std.exp(), noise.square() - 1], dim=1)
    return (_values(f, z) - check_number(baseline, "baseline"))[:, None].detach() * score


def _values(f: Callable[[Tensor], Tensor], z: Tensor) -> Tensor:
    if not callable(f):
        raise TypeError(f"f: expected a function of codes (S, d), got {type(f).__name__}.")
    return check_tensor(f(z), "what f returns", shape=(len(z),))
