"""Good calls of ``gennb.gan``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from gennb import gan, widgets

from .inputs import SHAPE, Call, generator, images, points


def game(**options: Any) -> gan.GAN:
    torch.manual_seed(0)
    return gan.GAN(gan.mlp((2, 4, 2)), gan.mlp((2, 4, 1)), **options)


PLAY = {"p_data": torch.tensor([0.25, 0.75]), "p_g": torch.tensor([0.5, 0.5])}


JUDGED = {"real": points(4, 1), "fake": points(3, 1)}


GOOD: dict[str, Callable[[], Call]] = {
    "gan.GAN": lambda: (
        gan.GAN,
        {
            "generator": gan.mlp((2, 4, 2)),
            "discriminator": gan.mlp((2, 4, 1)),
            "loss": "perceptual",
            "k": 2,
            "noise_shape": (2,),
            "prior": "uniform",
            "lr": (1e-3, 1e-3),
            "betas": (0.5, 0.999),
            "features": nn.Linear(2, 3),
            "clip": None,
            "penalty": None,
        },
    ),
    "gan.GAN.noise": lambda: (game().noise, {"n": 3, "generator": generator()}),
    "gan.GAN.sample": lambda: (game().sample, {"n": 3, "generator": generator()}),
    "gan.GAN.value": lambda: (game().value, {"x": points()}),
    "gan.GAN.discriminator_loss": lambda: (
        game(loss="wasserstein-gp").discriminator_loss,
        {"x": points()},
    ),
    "gan.GAN.generator_loss": lambda: (
        game(loss="feature-matching").generator_loss,
        {"x": points()},
    ),
    "gan.AdversarialLoss": lambda: (
        gan.AdversarialLoss,
        {
            "discriminator": gan.critic_loss,
            "generator": gan.wasserstein_loss,
            "clip": 0.01,
            "penalty": 10.0,
            "logits": True,
        },
    ),
    "gan.AdversarialLoss.check_discriminator": lambda: (
        gan.AdversarialLoss().check_discriminator,
        {"discriminator": gan.mlp((2, 4, 1))},
    ),
    "gan.AdversarialLoss.constrain": lambda: (
        gan.AdversarialLoss(clip=0.1).constrain,
        {"discriminator": gan.mlp((2, 4, 1))},
    ),
    "gan.AdversarialLoss.of_discriminator": lambda: (
        gan.AdversarialLoss(penalty=1.0).of_discriminator,
        {"discriminator": gan.mlp((2, 4, 1)), "real": points(), "fake": points() + 1},
    ),
    "gan.AdversarialLoss.of_generator": lambda: (
        gan.AdversarialLoss().of_generator,
        {"discriminator": gan.mlp((2, 4, 1)), "real": points(), "fake": points() + 1},
    ),
    "gan.FeatureMatching": lambda: (gan.FeatureMatching, {"features": nn.Linear(2, 3)}),
    "gan.FeatureMatching.check_discriminator": lambda: (
        gan.FeatureMatching().check_discriminator,
        {"discriminator": gan.mlp((2, 4, 1))},
    ),
    "gan.FeatureMatching.of_generator": lambda: (
        gan.FeatureMatching().of_generator,
        {"discriminator": gan.mlp((2, 4, 1)), "real": points(), "fake": points() + 1},
    ),
    "gan.FeatureMatching.train": lambda: (gan.FeatureMatching().train, {"mode": False}),
    "gan.Maxout": lambda: (gan.Maxout, {"n_in": 2, "n_out": 3, "pieces": 2}),
    "gan.Maxout.forward": lambda: (gan.Maxout(2, 3, 2), {"x": points()}),
    "gan.Packed": lambda: (gan.Packed, {"discriminator": nn.Linear(4, 1), "size": 2}),
    "gan.Packed.forward": lambda: (gan.Packed(nn.Linear(4, 1), 2), {"x": points()}),
    "gan.ParallelLinear": lambda: (gan.ParallelLinear, {"copies": 2, "n_in": 3, "n_out": 1}),
    "gan.ParallelLinear.forward": lambda: (
        gan.ParallelLinear(2, 3, 1),
        {"x": torch.linspace(-1, 1, 24).reshape(4, 2, 3)},
    ),
    "gan.bilinear_game": lambda: (
        gan.bilinear_game,
        {"start": (1.0, 0.5), "rate": 0.1, "steps": 5, "alternating": True},
    ),
    "gan.clip_weights": lambda: (gan.clip_weights, {"module": nn.Linear(2, 1), "bound": 0.1}),
    "gan.conv_discriminator": lambda: (
        gan.conv_discriminator,
        {"image_shape": SHAPE, "channels": (2, 3)},
    ),
    "gan.conv_generator": lambda: (
        gan.conv_generator,
        {"n_noise": 2, "image_shape": SHAPE, "channels": (3, 2)},
    ),
    "gan.criterion": lambda: (gan.criterion, PLAY | {"dx": 1.0}),
    "gan.criterion_gradient": lambda: (gan.criterion_gradient, dict(PLAY)),
    "gan.critic_loss": lambda: (gan.critic_loss, dict(JUDGED)),
    "gan.discriminator_loss": lambda: (gan.discriminator_loss, dict(JUDGED)),
    "gan.feature_matching_loss": lambda: (
        gan.feature_matching_loss,
        {"real": points(4), "fake": points(3)},
    ),
    "gan.gradient_penalty": lambda: (
        gan.gradient_penalty,
        {"critic": gan.mlp((2, 4, 1)), "real": points(), "fake": points() + 1},
    ),
    "gan.interpolate": lambda: (
        gan.interpolate,
        {"start": points(), "end": points() + 1, "steps": 4},
    ),
    "gan.minimax_loss": lambda: (gan.minimax_loss, {"fake": points()}),
    "gan.mirror_step": lambda: (gan.mirror_step, PLAY | {"rate": 0.5}),
    "gan.mlp": lambda: (gan.mlp, {"sizes": (2, 3, 1), "activation": nn.Tanh, "copies": 2}),
    "gan.mlp_discriminator": lambda: (
        gan.mlp_discriminator,
        {"image_shape": SHAPE, "hidden": (4, 3), "pieces": 2, "dropout": (0.2, 0.5)},
    ),
    "gan.mlp_generator": lambda: (
        gan.mlp_generator,
        {"n_noise": 2, "image_shape": SHAPE, "hidden": (4, 3), "batch_norm": True},
    ),
    "gan.nearest_neighbours": lambda: (
        gan.nearest_neighbours,
        {"x": images(3), "among": images(4)},
    ),
    "gan.non_saturating_loss": lambda: (gan.non_saturating_loss, {"fake": points()}),
    "gan.optimal_discriminator": lambda: (gan.optimal_discriminator, dict(PLAY)),
    "gan.value": lambda: (gan.value, PLAY | {"d": torch.tensor([0.5, 0.75]), "dx": 1.0}),
    "gan.wasserstein_loss": lambda: (gan.wasserstein_loss, {"fake": points()}),
    "widgets.Duel": lambda: (
        widgets.Duel,
        {
            "generator": nn.Sequential(nn.Linear(1, 4), nn.Tanh(), nn.Linear(4, 1)),
            "discriminator": nn.Sequential(nn.Linear(1, 4), nn.LeakyReLU(0.2), nn.Linear(4, 1)),
            "data": ((0.5, -1.5, 0.6), (0.5, 1.5, 0.6)),
            "loss": "minimax",
            "k": 2,
            "lr": (0.02, 0.002),
            "optimizer": "sgd",
            "betas": (0.0, 0.9),
            "prior": "uniform",
            "batch_size": 16,
            "clip": 0.3,
            "speed": 60,
            "title": "t",
        },
    ),
    "widgets.OptimalDiscriminator": lambda: (
        widgets.OptimalDiscriminator,
        {"data": (0.0, 1.0), "model": (1.0, 0.5), "two": True, "d": [0.5] * 13, "title": "t"},
    ),
    "widgets.LossGradients": lambda: (
        widgets.LossGradients,
        {"theta": 1.0, "s": 0.5, "log": True, "title": "t"},
    ),
    "widgets.SampleSize": lambda: (
        widgets.SampleSize,
        {"n": 200, "n_worse": 500, "d": 3, "distance": 0.5, "title": "t"},
    ),
    "widgets.RingScrubber": lambda: (
        widgets.RingScrubber,
        {
            "runs": {"plain": points(6).reshape(2, 3, 2)},
            "centers": points(),
            "std": 0.1,
            "rounds": [0, 10],
            "extent": 2.0,
            "at": 1,
            "title": "t",
        },
    ),
}
