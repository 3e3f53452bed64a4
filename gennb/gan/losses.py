"""What each side of the game lowers, from logits a with D = σ(a), in forms that neither overflow nor lose digits.

log D = −softplus(−a) and log(1 − D) = −softplus(a) hold for every logit; the logarithm of a rounded D does not.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import softplus

from gennb._validate import check_kind, check_number, checked

LOSSES = (
    "minimax",
    "non-saturating",
    "feature-matching",
    "perceptual",
    "wasserstein",
    "wasserstein-gp",
)
"""Names of the losses that `GAN` takes."""


@checked
def discriminator_loss(
    real: Float[Tensor, "batch *rest"], fake: Float[Tensor, "others *rest"]
) -> Float[Tensor, ""]:
    """Negative value of the game, −E log D(x) − E log(1 − D(G(z))), in nats.

    Parameters
    ----------
    real, fake
        Logits of the discriminator on data and on generated examples.

    References
    ----------
    Goodfellow et al., Generative Adversarial Nets, 2014, equation 1. Book: eq-gan-1.
    """
    return softplus(-real).mean() + softplus(fake).mean()


@checked
def minimax_loss(fake: Float[Tensor, "batch *rest"]) -> Float[Tensor, ""]:
    """Generator's loss in the minimax game, E log(1 − D(G(z))), in nats; its slope σ(a) dies where D is sure.

    Parameters
    ----------
    fake
        Logits of the discriminator on generated examples.
    """
    return -softplus(fake).mean()


@checked
def non_saturating_loss(fake: Float[Tensor, "batch *rest"]) -> Float[Tensor, ""]:
    """Generator's loss −E log D(G(z)), in nats; its slope 1 − σ(a) is greatest where D is sure.

    Parameters
    ----------
    fake
        Logits of the discriminator on generated examples.

    References
    ----------
    Goodfellow et al., Generative Adversarial Nets, 2014, section 3. Book: eq-non-saturating.
    """
    return softplus(-fake).mean()


@checked
def feature_matching_loss(
    real: Float[Tensor, "batch *features"], fake: Float[Tensor, "others *features"]
) -> Float[Tensor, ""]:
    """Squared distance between the mean features of data and of generated examples.

    Parameters
    ----------
    real, fake
        Features f(x) and f(G(z)): of an inner layer of the discriminator (feature matching) or of a network that
        stays as it is (a perceptual loss).

    References
    ----------
    Salimans et al., Improved Techniques for Training GANs, 2016, section 3.1. Book: eq-feature-matching.
    """
    if real.shape[1:] != fake.shape[1:]:
        raise ValueError(
            f"fake: expected features of shape {tuple(real.shape[1:])} as in real, "
            f"got {tuple(fake.shape[1:])}."
        )
    return (real.mean(0) - fake.mean(0)).square().sum()


@checked
def critic_loss(
    real: Float[Tensor, "batch *rest"], fake: Float[Tensor, "others *rest"]
) -> Float[Tensor, ""]:
    """Negative difference of a critic's means, E f(G(z)) − E f(x), in the units of x if f is 1-Lipschitz.

    Parameters
    ----------
    real, fake
        Values of the critic on data and on generated examples.

    References
    ----------
    Arjovsky, Chintala and Bottou, Wasserstein GAN, 2017, equation 2. Book: eq-critic.
    """
    return fake.mean() - real.mean()


@checked
def wasserstein_loss(fake: Float[Tensor, "batch *rest"]) -> Float[Tensor, ""]:
    """Generator's loss against a critic, −E f(G(z)).

    Parameters
    ----------
    fake
        Values of the critic on generated examples.
    """
    return -fake.mean()


def clip_weights(module: nn.Module, bound: float) -> None:
    """Force every weight of a critic into [−bound, bound], which bounds its Lipschitz constant, in place.

    References
    ----------
    Arjovsky, Chintala and Bottou, Wasserstein GAN, 2017, algorithm 1.
    """
    check_kind(module, "module", nn.Module)
    bound = check_number(bound, "bound", above=0.0)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.clamp_(-bound, bound)


@checked
def gradient_penalty(
    critic: Callable[[Tensor], Tensor],
    real: Float[Tensor, "batch *example"],
    fake: Float[Tensor, "batch *example"],
) -> Float[Tensor, ""]:
    """Mean squared departure of the critic's slope from one, between data and generated examples.

    The slope is the norm of the gradient at x̂ = u x + (1 − u) G(z), with u uniform in [0, 1], one draw for each
    example from PyTorch's global stream.

    Parameters
    ----------
    critic
        Maps (N, …) to N values, each of its own example alone: no batch normalization.
    real, fake
        As many data as generated examples.

    References
    ----------
    Gulrajani et al., Improved Training of Wasserstein GANs, 2017, equation 3. Book: eq-gradient-penalty.
    """
    if not callable(critic) or isinstance(critic, type):
        raise TypeError(f"critic: expected a function or module, got {type(critic).__name__}.")
    if real.shape != fake.shape:
        raise ValueError(
            f"fake: expected the shape of real, {tuple(real.shape)}, got {tuple(fake.shape)}."
        )
    u = torch.rand(len(real), *(1,) * (real.ndim - 1), dtype=real.dtype, device=real.device)
    with torch.enable_grad():
        between = (u * real + (1 - u) * fake).detach().requires_grad_()
        values = critic(between)
        if not isinstance(values, Tensor) or not values.requires_grad:
            raise TypeError(
                "critic: expected a tensor of values that depend on the examples, got "
                f"{'one that does not' if isinstance(values, Tensor) else type(values).__name__}."
            )
        if values.shape[:1] != real.shape[:1]:
            raise ValueError(
                f"critic: expected a value for each of the {len(real)} examples, got shape {tuple(values.shape)}. "
                "A critic of packs has no penalty."
            )
        (slope,) = torch.autograd.grad(values.sum(), between, create_graph=True)
    # The copies of a parallel critic stand between the batch and the example.
    norms: Tensor = slope.flatten(max(1, values.ndim - 1)).norm(dim=-1)
    return (norms - 1).square().mean()
