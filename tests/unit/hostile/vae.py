"""Good calls of ``gennb.vae``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from gennb import vae, widgets

from .inputs import SHAPE, Call, decoder, encoder, generator, images, points


def model(**options: Any) -> vae.VAE:
    torch.manual_seed(0)
    return vae.VAE(SHAPE, 2, hidden=(8,), **options)


def line() -> vae.LinearGaussian:
    return vae.LinearGaussian(torch.tensor([[1.0], [0.5]]), torch.zeros(2), 0.5)


def gaussian(latent: int = 2) -> vae.Gaussian:
    return vae.Gaussian(torch.zeros(3, latent), torch.ones(3, latent))


def full_gaussian() -> vae.Gaussian:
    return vae.Gaussian(torch.zeros(3, 2), torch.eye(2).expand(3, 2, 2))


def sliders() -> dict[str, Any]:
    return {
        "encoder": encoder(),
        "decoder": decoder(),
        "image_shape": SHAPE,
        "directions": {"smile": torch.tensor([1.0, 0.0])},
        "origin": torch.zeros(2),
        "ranges": (-2.0, 2.0),
        "readouts": {"smile": torch.tensor([1.0, 1.0])},
        "cover": torch.zeros(4, 4, 4, dtype=torch.uint8),
        "mask": torch.zeros(4, 4),
        "blur_sigma": 1.0,
        "dtype": "int8",
        "title": "a title",
    }


def posterior_arguments() -> dict[str, Any]:
    return {"model": line(), "x": points(), "q": gaussian(1)}


def estimator() -> dict[str, Any]:
    return {
        "f": lambda z: z.square().sum(-1),
        "mean": torch.zeros(2),
        "log_std": torch.zeros(2),
        "noise": points(),
    }


CODES_AND_FACTORS = {
    "codes": points(6) + 0.1 * torch.eye(6)[:, :2],
    "factors": {"smile": torch.tensor([0.0, 1.0, 0.0, 2.0, 1.0, 3.0])},
}


GOOD: dict[str, Callable[[], Call]] = {
    "vae.Gaussian": lambda: (vae.Gaussian, {"mean": points(), "scale": torch.ones(3, 2)}),
    "vae.Gaussian.width": lambda: (gaussian().width, {"direction": torch.ones(2)}),
    "vae.Gaussian.noise": lambda: (gaussian().noise, {"samples": 2, "generator": generator()}),
    "vae.Gaussian.at": lambda: (full_gaussian().at, {"noise": points()}),
    "vae.Gaussian.log_prob_at": lambda: (gaussian().log_prob_at, {"noise": points()}),
    "vae.Gaussian.log_prob": lambda: (full_gaussian().log_prob, {"z": points()}),
    "vae.LinearGaussian": lambda: (
        vae.LinearGaussian,
        {"weight": points(), "offset": torch.zeros(3), "noise_std": 1.0},
    ),
    "vae.LinearGaussian.fit": lambda: (
        vae.LinearGaussian.fit,
        {"x": points(6, 3) + 0.1 * torch.eye(6)[:, :3], "n_latent": 1},
    ),
    "vae.LinearGaussian.log_likelihood": lambda: (
        line().log_likelihood,
        {"x": points(), "z": points(3, 1)},
    ),
    "vae.LinearGaussian.log_evidence": lambda: (line().log_evidence, {"x": points()}),
    "vae.LinearGaussian.exact_posterior": lambda: (line().exact_posterior, {"x": points()}),
    "vae.LinearGaussian.sample": lambda: (line().sample, {"n": 2, "generator": generator()}),
    "vae.VAE": lambda: (
        vae.VAE,
        {
            "image_shape": SHAPE,
            "n_latent": 2,
            "likelihood": "gaussian",
            "posterior": "full",
            "architecture": "conv",
            "hidden": (4,),
            "encoder": encoder(),
            "decoder": decoder(),
            "noise_std": 0.1,
            "binarize": False,
            "reconstruction_weight": 1.0,
            "kl_weight": 1.0,
        },
    ),
    "vae.BernoulliPixels.log_prob": lambda: (
        vae.BernoulliPixels().log_prob,
        {"x": points().sigmoid(), "output": points(), "visible": torch.ones(3, 2)},
    ),
    "vae.BernoulliPixels.draw": lambda: (
        vae.BernoulliPixels().draw,
        {"mean": points().sigmoid(), "generator": generator()},
    ),
    "vae.GaussianPixels": lambda: (vae.GaussianPixels, {"noise_std": 0.1}),
    "vae.GaussianPixels.log_prob": lambda: (
        vae.GaussianPixels().log_prob,
        {"x": points().sigmoid(), "output": points(), "visible": torch.ones(3, 2)},
    ),
    "vae.GaussianPixels.draw": lambda: (
        vae.GaussianPixels().draw,
        {"mean": points().sigmoid(), "generator": generator()},
    ),
    "vae.VAE.encode": lambda: (model().encode, {"x": images()}),
    "vae.VAE.decode": lambda: (model().decode, {"z": points()}),
    "vae.VAE.reconstruct": lambda: (model().reconstruct, {"x": images()}),
    "vae.VAE.elbo": lambda: (
        model().elbo,
        {
            "x": images(),
            "samples": 2,
            "kl": "monte-carlo",
            "visible": torch.ones(5, 1, 4, 4),
            "generator": generator(),
        },
    ),
    "vae.VAE.terms": lambda: (
        model(likelihood="gaussian").terms,
        {"x": images(), "samples": 2, "generator": generator()},
    ),
    "vae.VAE.loss": lambda: (model(binarize=True).loss, {"x": images()}),
    "vae.VAE.log_weights": lambda: (
        model(posterior="full").log_weights,
        {"x": images(), "samples": 2, "generator": generator()},
    ),
    "vae.VAE.log_likelihood": lambda: (
        model().log_likelihood,
        {"x": images(), "samples": 2, "generator": generator()},
    ),
    "vae.VAE.sample": lambda: (
        model().sample,
        {"n": 2, "generator": generator(), "pixel_noise": True},
    ),
    "vae.VAE.traverse": lambda: (
        model().traverse,
        {"origin": torch.zeros(2), "direction": torch.ones(2), "steps": torch.arange(3.0)},
    ),
    "vae.bernoulli_log_likelihood": lambda: (
        vae.bernoulli_log_likelihood,
        {"x": points().sigmoid(), "logits": points(), "visible": torch.ones(3, 2)},
    ),
    "vae.gaussian_log_likelihood": lambda: (
        vae.gaussian_log_likelihood,
        {
            "x": points(),
            "mean": points(),
            "log_std": torch.tensor(0.1),
            "visible": torch.ones(3, 2),
        },
    ),
    "vae.binarize": lambda: (vae.binarize, {"x": images(), "generator": generator()}),
    "vae.directions": lambda: (vae.directions, dict(CODES_AND_FACTORS)),
    "vae.laplace_posterior": lambda: (
        vae.laplace_posterior,
        {
            "model": model(likelihood="gaussian"),
            "x": images(),
            "visible": torch.ones(5, 1, 4, 4),
        },
    ),
    "vae.readouts": lambda: (vae.readouts, dict(CODES_AND_FACTORS)),
    "vae.elbo_from_evidence": lambda: (vae.elbo_from_evidence, posterior_arguments()),
    "vae.elbo_from_joint": lambda: (vae.elbo_from_joint, posterior_arguments()),
    "vae.elbo_from_reconstruction": lambda: (vae.elbo_from_reconstruction, posterior_arguments()),
    "vae.posterior_divergence": lambda: (vae.posterior_divergence, posterior_arguments()),
    "vae.posterior_divergence_by_bayes": lambda: (
        vae.posterior_divergence_by_bayes,
        posterior_arguments(),
    ),
    "vae.elbo_sample": lambda: (vae.elbo_sample, posterior_arguments() | {"noise": points(3, 1)}),
    "vae.evidence_by_quadrature": lambda: (
        vae.evidence_by_quadrature,
        {"model": line(), "x": points(), "order": 10},
    ),
    "vae.kl_monte_carlo": lambda: (
        vae.kl_monte_carlo,
        {"posterior": gaussian(), "samples": 2, "generator": generator()},
    ),
    "vae.kl_to_standard_normal": lambda: (
        vae.kl_to_standard_normal,
        {"mean": points(), "scale": torch.ones(3, 2)},
    ),
    "vae.reparameterize": lambda: (
        vae.reparameterize,
        {"mean": points(), "scale": torch.eye(2).expand(3, 2, 2), "noise": points()},
    ),
    "vae.standard_normal_log_prob": lambda: (vae.standard_normal_log_prob, {"z": points()}),
    "vae.pathwise_gradient": lambda: (vae.pathwise_gradient, estimator()),
    "vae.score_function_gradient": lambda: (
        vae.score_function_gradient,
        estimator() | {"baseline": 0.5},
    ),
    "widgets.ElboGap": lambda: (
        widgets.ElboGap,
        {"x": 1.0, "w": 1.0, "s": 1.0, "mean": 0.0, "std": 1.0, "full": 8.0, "title": "t"},
    ),
    "widgets.GradientVariance": lambda: (
        widgets.GradientVariance,
        {"f": "step", "k": 2.0, "mean": 0.0, "std": 1.0, "baseline": True, "title": "t"},
    ),
    "widgets.LatentPad": lambda: (
        widgets.LatentPad,
        {
            "decoder": decoder(),
            "image_shape": SHAPE,
            "codes": points(),
            "labels": torch.arange(3),
            "classes": ["a", "b", "c"],
            "extent": 3.0,
            "columns": 2,
            "z": (0.5, 0.5),
            "pin": (0.0, 0.0),
            "dtype": "float16",
            "hint": "h",
        },
    ),
    "widgets.FaceSliders": lambda: (widgets.FaceSliders, sliders()),
    "widgets.FaceSliders.look": lambda: (
        SLIDERS.look,
        {"values": [0.5], "covered": True, "blurred": True},
    ),
    "widgets.Scrubber": lambda: (
        widgets.Scrubber,
        {
            "decoders": [[decoder(), decoder()]],
            "codes": torch.zeros(1, 2, 3, 2),
            "labels": torch.arange(3),
            "steps": [0, 10],
            "betas": [1.0],
            "reconstruction": torch.ones(1, 2),
            "kl": torch.ones(1, 2),
            "image_shape": SHAPE,
            "classes": ["a", "b", "c"],
            "extent": 3.0,
            "columns": 2,
            "step": 1,
            "beta": 0,
            "dtype": "int8",
            "caption": "c",
        },
    ),
}
SLIDERS = widgets.FaceSliders(**sliders())
