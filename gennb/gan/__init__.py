"""Generative adversarial networks: the game, its losses, and the objects of its theory."""

from gennb.evaluate import nearest_neighbours
from gennb.gan.latent import interpolate
from gennb.gan.losses import (
    LOSSES,
    AdversarialLoss,
    FeatureMatching,
    clip_weights,
    critic_loss,
    discriminator_loss,
    feature_matching_loss,
    gradient_penalty,
    minimax_loss,
    non_saturating_loss,
    wasserstein_loss,
)
from gennb.gan.model import GAN
from gennb.gan.networks import (
    conv_discriminator,
    conv_generator,
    mlp_discriminator,
    mlp_generator,
)
from gennb.gan.theory import (
    bilinear_game,
    criterion,
    criterion_gradient,
    mirror_step,
    optimal_discriminator,
    value,
)
from gennb.networks import Maxout, Packed, ParallelLinear, mlp

__all__ = [
    "GAN",
    "LOSSES",
    "AdversarialLoss",
    "FeatureMatching",
    "Maxout",
    "Packed",
    "ParallelLinear",
    "bilinear_game",
    "clip_weights",
    "conv_discriminator",
    "conv_generator",
    "criterion",
    "criterion_gradient",
    "critic_loss",
    "discriminator_loss",
    "feature_matching_loss",
    "gradient_penalty",
    "interpolate",
    "minimax_loss",
    "mirror_step",
    "mlp",
    "mlp_discriminator",
    "mlp_generator",
    "nearest_neighbours",
    "non_saturating_loss",
    "optimal_discriminator",
    "value",
    "wasserstein_loss",
]
