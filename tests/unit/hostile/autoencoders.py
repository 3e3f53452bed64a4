"""Good calls of ``gennb.autoencoders``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from gennb import autoencoders

from .inputs import SHAPE, Call, generator, images, points

QUICK = {"epochs": 1, "progress": False, "device": "cpu"}


def model(**options: Any) -> autoencoders.Autoencoder:
    torch.manual_seed(0)
    return autoencoders.Autoencoder(SHAPE, 2, hidden=(8,), **options)


def sparse() -> autoencoders.SparseAutoencoder:
    torch.manual_seed(0)
    return autoencoders.SparseAutoencoder(SHAPE, 3, autoencoders.L1Sparsity())


def denoiser() -> autoencoders.DenoisingAutoencoder:
    torch.manual_seed(0)
    noise = autoencoders.GaussianNoise(0.5)
    return autoencoders.DenoisingAutoencoder((2,), 2, noise, "gaussian", hidden=(8,))


def stack() -> autoencoders.StackedAutoencoder:
    torch.manual_seed(0)
    return autoencoders.StackedAutoencoder((4, 3, 2))


def judge() -> autoencoders.Classifier:
    return stack().classifier(3)


def networks() -> dict[str, Any]:
    return {"encoder": nn.Linear(4, 2), "decoder": nn.Linear(2, 4)}


def flat(n: int = 5) -> Tensor:
    return torch.linspace(0, 1, 4 * n).reshape(n, 4)


LABELED = {"x": flat(3), "y": torch.arange(3)}

GOOD: dict[str, Callable[[], Call]] = {
    "autoencoders.Autoencoder": lambda: (
        autoencoders.Autoencoder,
        {
            "shape": (4,),
            "n_code": 2,
            "likelihood": "gaussian",
            "hidden": (8,),
            "activation": nn.ReLU,
            **networks(),
        },
    ),
    "autoencoders.Autoencoder.decode": lambda: (model().decode, {"y": points()}),
    "autoencoders.Autoencoder.encode": lambda: (model().encode, {"x": images()}),
    "autoencoders.Autoencoder.log_prob": lambda: (model().log_prob, {"x": images()}),
    "autoencoders.Autoencoder.loss": lambda: (model().loss, {"x": images()}),
    "autoencoders.Autoencoder.reconstruct": lambda: (model().reconstruct, {"x": images()}),
    "autoencoders.Autoencoder.squared_error": lambda: (model().squared_error, {"x": images()}),
    "autoencoders.Classifier": lambda: (
        autoencoders.Classifier,
        {"features": nn.Linear(4, 2), "n_features": 2, "n_classes": 3},
    ),
    "autoencoders.Classifier.error_rate": lambda: (judge().error_rate, dict(LABELED)),
    "autoencoders.Classifier.forward": lambda: (judge().forward, {"x": flat()}),
    "autoencoders.Classifier.loss": lambda: (judge().loss, dict(LABELED)),
    "autoencoders.ConvAutoencoder": lambda: (
        autoencoders.ConvAutoencoder,
        {
            "image_shape": SHAPE,
            "n_code": 2,
            "likelihood": "bernoulli",
            "channels": (2, 3),
            "activation": nn.ReLU,
        },
    ),
    "autoencoders.Corruption.sample": lambda: (
        autoencoders.SaltAndPepper(0.3).sample,
        {"x": images(), "generator": generator()},
    ),
    "autoencoders.DenoisingAutoencoder": lambda: (
        autoencoders.DenoisingAutoencoder,
        {
            "shape": (4,),
            "n_code": 2,
            "corruption": autoencoders.Masking(0.3),
            "likelihood": "bernoulli",
            "target_corruption": autoencoders.Masking(0.3),
            **networks(),
        },
    ),
    "autoencoders.DenoisingAutoencoder.chain": lambda: (
        denoiser().chain,
        {"x": points(), "steps": 2, "generator": generator()},
    ),
    "autoencoders.DenoisingAutoencoder.score": lambda: (denoiser().score, {"x": points()}),
    "autoencoders.GaussianNoise": lambda: (autoencoders.GaussianNoise, {"std": 0.5}),
    "autoencoders.GaussianValues": lambda: (autoencoders.GaussianValues, {"noise_std": 0.5}),
    "autoencoders.GaussianValues.mean": lambda: (
        autoencoders.GaussianValues().mean,
        {"output": points()},
    ),
    "autoencoders.KLSparsity": lambda: (
        autoencoders.KLSparsity,
        {"target": 0.1, "weight": 2.0},
    ),
    "autoencoders.KLSparsity.forward": lambda: (
        autoencoders.KLSparsity(0.1).forward,
        {"y": flat()},
    ),
    "autoencoders.KLSparsity.on": lambda: (autoencoders.KLSparsity(0.1).on, {"y": flat()}),
    "autoencoders.L1Sparsity": lambda: (
        autoencoders.L1Sparsity,
        {"weight": 0.5, "target": 0.1},
    ),
    "autoencoders.L1Sparsity.forward": lambda: (
        autoencoders.L1Sparsity().forward,
        {"y": flat()},
    ),
    "autoencoders.L1Sparsity.on": lambda: (autoencoders.L1Sparsity().on, {"y": flat()}),
    "autoencoders.Masking": lambda: (autoencoders.Masking, {"share": 0.3}),
    "autoencoders.SaltAndPepper": lambda: (autoencoders.SaltAndPepper, {"share": 0.3}),
    "autoencoders.SparseAutoencoder": lambda: (
        autoencoders.SparseAutoencoder,
        {
            "shape": SHAPE,
            "n_code": 3,
            "sparsity": autoencoders.KLSparsity(0.1),
            "likelihood": "bernoulli",
        },
    ),
    "autoencoders.SparseAutoencoder.active": lambda: (sparse().active, {"x": images()}),
    "autoencoders.StackedAutoencoder": lambda: (
        autoencoders.StackedAutoencoder,
        {"sizes": (4, 3, 2), "likelihood": "bernoulli", "linear_code": True},
    ),
    "autoencoders.StackedAutoencoder.classifier": lambda: (stack().classifier, {"n_classes": 3}),
    "autoencoders.StackedAutoencoder.pretrain": lambda: (
        stack().pretrain,
        {"x": flat(), "corruption": autoencoders.Masking(0.3), **QUICK},
    ),
    "autoencoders.autocorrelation_time": lambda: (
        autoencoders.autocorrelation_time,
        {"series": torch.randn(20, 2, generator=generator())},
    ),
    "autoencoders.principal_angles": lambda: (
        autoencoders.principal_angles,
        {"a": torch.eye(4)[:, :2], "b": torch.eye(4)[:, 1:3]},
    ),
    "autoencoders.principal_components": lambda: (
        autoencoders.principal_components,
        {"x": flat(), "n": 2},
    ),
    "autoencoders.psnr": lambda: (
        autoencoders.psnr,
        {"x": images(), "clean": images().flip(0)},
    ),
}
