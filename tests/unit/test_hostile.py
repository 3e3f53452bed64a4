"""Hostile input: every public callable either works or says which argument is wrong, and never hangs or returns NaN.

Each callable has a good call below. The battery spoils one or two of its arguments with values of the wrong type,
shape, precision or range, and with damaged copies of the good ones. A public callable without a good call fails.
"""

from __future__ import annotations

import dataclasses
import inspect
import math
import warnings
from collections.abc import Callable, Iterator
from types import FunctionType, ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from matplotlib import pyplot as plt
from torch import Tensor, nn

import gennb
from gennb import data, evaluate, gan, plot, train, vae, widgets

Call = tuple[Callable[..., Any], dict[str, Any]]

FEWEST_WORDS = 5
EXAMPLES = {"widgets": 12, "plot": 25}  # the others: what is cheap is tried more often
SHAPE = (1, 4, 4)

DOCUMENTED: dict[str, tuple[type[Exception], ...]] = {"train.fit": (FloatingPointError,)}


def model(**options: Any) -> vae.VAE:
    torch.manual_seed(0)
    return vae.VAE(SHAPE, 2, hidden=(8,), **options)


def line() -> vae.LinearGaussian:
    return vae.LinearGaussian(torch.tensor([[1.0], [0.5]]), torch.zeros(2), 0.5)


def gaussian(latent: int = 2) -> vae.Gaussian:
    return vae.Gaussian(torch.zeros(3, latent), torch.ones(3, latent))


def full_gaussian() -> vae.Gaussian:
    return vae.Gaussian(torch.zeros(3, 2), torch.eye(2).expand(3, 2, 2))


def images(n: int = 5) -> Tensor:
    return torch.linspace(0, 1, n * 16).reshape(n, *SHAPE)


def strokes() -> Tensor:
    return data.load("strokes", n=3).x


def points(n: int = 3, latent: int = 2) -> Tensor:
    return torch.linspace(-1, 1, n * latent).reshape(n, latent)


def decoder(latent: int = 2) -> nn.Module:
    return nn.Sequential(nn.Linear(latent, 16), nn.Unflatten(1, SHAPE), nn.Sigmoid())


def encoder() -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(16, 4))


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


def history() -> train.History:
    return train.History({"vae": torch.arange(4.0)}, {"vae": 2})


def axes() -> Any:
    return plt.figure().add_subplot()


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


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


def game(**options: Any) -> gan.GAN:
    torch.manual_seed(0)
    return gan.GAN(gan.mlp((2, 4, 2)), gan.mlp((2, 4, 1)), **options)


PROBABILITIES = {"p": torch.tensor([0.25, 0.75]), "q": torch.tensor([0.5, 0.5])}

PLAY = {"p_data": torch.tensor([0.25, 0.75]), "p_g": torch.tensor([0.5, 0.5])}
JUDGED = {"real": points(4, 1), "fake": points(3, 1)}

GOOD: dict[str, Callable[[], Call]] = {
    "check": lambda: (
        gennb.check,
        {"answer": 1.0, "truth": 1.0, "tolerance": 1e-6, "factor": 2.0, "hint": "h"},
    ),
    "show": lambda: (gennb.show, {"obj": vae.binarize}),
    "glue": lambda: (gennb.glue, {"name": "n", "value": 1.0, "display": "1"}),
    "data.Dataset": lambda: (
        data.Dataset,
        {"x": points(), "y": torch.arange(3), "factors": None, "name": "ring"},
    ),
    "data.Dataset.to": lambda: (data.load("ring", n=3).to, {"device": "cpu"}),
    "data.Mixture": lambda: (
        data.Mixture,
        {"name": "m", "centers": points(), "std": 0.1, "labels": torch.arange(3)},
    ),
    "data.Mixture.sample": lambda: (
        data.density("two").sample,
        {"n": 3, "generator": generator()},
    ),
    "data.Mixture.place": lambda: (data.density("two").place, {"u": torch.full((4, 3), 0.5)}),
    "data.Mixture.log_prob": lambda: (data.density("two").log_prob, {"x": points()}),
    "data.density": lambda: (data.density, {"name": "ring"}),
    "data.load": lambda: (
        data.load,
        {"name": "digits", "split": "test", "n": 3, "seed": 0, "fallback": "strokes"},
    ),
    "data.faces.render": lambda: (
        data.faces.render,
        {"smile": torch.zeros(2), "turn": 0.5, "cover": torch.tensor([0.0, 1.0]), "blur": 0.5},
    ),
    "data.faces.generate": lambda: (data.faces.generate, {"n": 2, "split": "test", "seed": 0}),
    "data.strokes.render": lambda: (
        data.strokes.render,
        {"digit": torch.tensor([3, 7]), "allograph": None, "slant": torch.zeros(2), "scale": 1.0},
    ),
    "data.strokes.generate": lambda: (data.strokes.generate, {"n": 2, "split": "test", "seed": 0}),
    "evaluate.kl_divergence": lambda: (evaluate.kl_divergence, dict(PROBABILITIES)),
    "evaluate.jensen_shannon": lambda: (evaluate.jensen_shannon, dict(PROBABILITIES)),
    "evaluate.total_variation": lambda: (evaluate.total_variation, dict(PROBABILITIES)),
    "evaluate.earth_movers_distance": lambda: (
        evaluate.earth_movers_distance,
        {
            "a": torch.tensor([0.0, 1.0]),
            "b": torch.tensor([2.0, -1.0, 0.5]),
            "weights_a": torch.tensor([0.25, 0.75]),
            "weights_b": None,
        },
    ),
    "evaluate.importance_weighted_bound": lambda: (
        evaluate.importance_weighted_bound,
        {"log_weights": torch.zeros(4, 2), "k": 2},
    ),
    "evaluate.parzen_log_likelihood": lambda: (
        evaluate.parzen_log_likelihood,
        {"samples": images(), "test": images(3), "sigma": 0.2},
    ),
    "evaluate.parzen_bandwidth": lambda: (
        evaluate.parzen_bandwidth,
        {"samples": images(), "validation": images(3), "candidates": torch.tensor([0.1, 1.0])},
    ),
    "evaluate.Bandwidth": lambda: (
        evaluate.Bandwidth,
        {"sigma": 0.1, "candidates": torch.ones(2), "log_likelihood": torch.zeros(2)},
    ),
    "evaluate.inception_score": lambda: (
        evaluate.inception_score,
        {"probs": torch.tensor([[0.25, 0.75], [1.0, 0.0]])},
    ),
    "evaluate.frechet_distance": lambda: (
        evaluate.frechet_distance,
        {"a": points(5) + torch.eye(5)[:, :2], "b": points(3)},
    ),
    "evaluate.frechet_gaussian": lambda: (
        evaluate.frechet_gaussian,
        {
            "mean_a": torch.zeros(2),
            "cov_a": torch.eye(2),
            "mean_b": torch.ones(2),
            "cov_b": torch.tensor([[2.0, 1.0], [1.0, 0.5]]),
        },
    ),
    "evaluate.mode_coverage": lambda: (
        evaluate.mode_coverage,
        {"samples": points(6).reshape(2, 3, 2), "centers": points(), "std": 0.1, "within": 3.0},
    ),
    "evaluate.Coverage": lambda: (
        evaluate.Coverage,
        {"modes": torch.tensor(2), "quality": torch.tensor(1.0), "counts": torch.arange(3)},
    ),
    "evaluate.DigitClassifier.trained": lambda: (
        evaluate.DigitClassifier.trained,
        {"images": data.load("strokes", n=3), "epochs": 1, "seed": 0},
    ),
    "evaluate.DigitClassifier.features": lambda: (CLASSIFIER.features, {"x": strokes()}),
    "evaluate.DigitClassifier.probabilities": lambda: (CLASSIFIER.probabilities, {"x": strokes()}),
    "evaluate.DigitClassifier.accuracy": lambda: (
        CLASSIFIER.accuracy,
        {"x": strokes(), "y": torch.arange(3)},
    ),
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
            "clip": 0.01,
            "penalty": 10.0,
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
    "gan.GAN.train": lambda: (game().train, {"mode": False}),
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
    "plot.montage": lambda: (plot.montage, {"images": images(), "columns": 2, "gap": 1}),
    "plot.image_grid": lambda: (
        plot.image_grid,
        {"images": images(), "columns": 3, "rows": ["a", "b"], "title": "t", "ax": axes()},
    ),
    "plot.manifold": lambda: (
        plot.manifold,
        {"model": model(), "side": 2, "extent": 2.0, "title": "t", "ax": axes()},
    ),
    "plot.codes": lambda: (
        plot.codes,
        {
            "z": points(),
            "y": torch.arange(3),
            "extent": 3.0,
            "title": "t",
            "legend": True,
            "ax": axes(),
        },
    ),
    "plot.curves": lambda: (
        plot.curves,
        {
            "x": [1.0, 2.0],
            "runs": {"one": torch.ones(3, 2)},
            "xlabel": "x",
            "ylabel": "y",
            "log_x": True,
            "ax": axes(),
        },
    ),
    "train.History": lambda: (
        train.History,
        {"losses": {"vae": torch.zeros(2)}, "updates_per_epoch": {"vae": 1}},
    ),
    "train.History.epoch_losses": lambda: (history().epoch_losses, {"player": "vae"}),
    "train.History.plot": lambda: (history().plot, {"ax": axes()}),
    "train.Player": lambda: (
        train.Player,
        {
            "name": "vae",
            "parameters": list(model().parameters()),
            "loss": model().loss,
            "steps": 1,
            "lr": 1e-3,
            "betas": (0.9, 0.999),
        },
    ),
    "train.budget": lambda: (train.budget, {"fast": 1, "book": 2, "paper": 3}),
    "train.fit": lambda: (
        train.fit,
        {
            "model": model(),
            "data": images(),
            "epochs": 1,
            "batch_size": 3,
            "lr": 1e-3,
            "seed": 0,
            "players": None,
            "evaluate": lambda: {"a": 1.0},
            "snapshots": [0, 1],
            "checkpoint": None,
            "fabric": None,
            "progress": False,
            "device": "cpu",
        },
    ),
    "train.seed": lambda: (train.seed, {"n": 0}),
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
            "noise_std": 0.1,
            "binarize": False,
            "reconstruction_weight": 1.0,
            "kl_weight": 1.0,
        },
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
    "widgets.Explorable": lambda: (
        widgets.Explorable,
        {"title": "t", "hint": "h", "caption": "c", "label": "l"},
    ),
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
    "widgets.ElboGap": lambda: (
        widgets.ElboGap,
        {"x": 1.0, "w": 1.0, "s": 1.0, "mean": 0.0, "std": 1.0, "full": 8.0, "title": "t"},
    ),
    "widgets.OptimalDiscriminator": lambda: (
        widgets.OptimalDiscriminator,
        {"data": (0.0, 1.0), "model": (1.0, 0.5), "two": True, "d": [0.5] * 13, "title": "t"},
    ),
    "widgets.LossGradients": lambda: (
        widgets.LossGradients,
        {"theta": 1.0, "s": 0.5, "log": True, "title": "t"},
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
    "widgets.TrainAgain": lambda: (
        widgets.TrainAgain,
        {
            "run": lambda watch, epochs, width: None,
            "default": {"elbo": [-3.0, -2.0]},
            "epochs": (1, 5, 2),
            "width": [2, 20],
        },
    ),
    "widgets.pack": lambda: (
        widgets.pack,
        {"module": decoder(), "input_shape": (2,), "dtype": "int8"},
    ),
    "widgets.unpack": lambda: (
        widgets.unpack,
        dict(zip(("spec", "weights"), widgets.pack(decoder(), 2, "int8"), strict=True)),
    ),
}
SLIDERS = widgets.FaceSliders(**sliders())
CLASSIFIER = evaluate.DigitClassifier()


def public(thing: Any, path: str = "") -> Iterator[str]:
    """Names of all public callables that take an argument: functions, constructors, and methods of our classes."""
    if isinstance(thing, ModuleType):
        own = [n for n, v in vars(thing).items() if getattr(v, "__module__", "") == thing.__name__]
        for name in getattr(thing, "__all__", own):
            if not name.startswith("_"):
                yield from public(getattr(thing, name), f"{path}.{name}" if path else name)
    elif inspect.isclass(thing):
        if issubclass(thing, Exception):
            return
        if inspect.signature(thing).parameters:
            yield path
        for name, member in vars(thing).items():
            if name.startswith("_") or not isinstance(member, FunctionType | classmethod):
                continue
            bound = list(inspect.signature(getattr(thing, name)).parameters)
            if bound[0 if isinstance(member, classmethod) else 1 :]:
                yield f"{path}.{name}"
    elif callable(thing) and inspect.signature(thing).parameters:
        yield path


def test_every_public_callable_has_a_good_call():
    assert set(public(gennb)) == set(GOOD)


@pytest.mark.parametrize("name", GOOD)
def test_good_calls_give_every_argument_and_work(name):
    call, arguments = GOOD[name]()
    kinds = inspect.signature(call).parameters.values()
    named = {p.name for p in kinds if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)}
    if not (inspect.isclass(call) and dataclasses.is_dataclass(call)):
        assert named <= set(arguments)
    assert numbers_are_numbers(call(**arguments))
    plt.close("all")


ANYTHING: list[Callable[[], Any]] = [
    lambda: None,
    lambda: ...,
    lambda: True,
    lambda: 0,
    lambda: -1,
    lambda: 2**63,
    lambda: -(10**30),
    lambda: 10**400,
    lambda: 1.5,
    lambda: -0.5,
    lambda: 1e15,
    lambda: 1e300,
    lambda: math.nan,
    lambda: math.inf,
    lambda: -math.inf,
    lambda: 1j,
    lambda: "",
    lambda: "nonsense",
    lambda: "\0",
    lambda: b"\xff",
    list,
    lambda: [[]],
    lambda: [[1.0, [2.0]], "three"],
    lambda: [math.nan, math.inf],
    lambda: [None, None],
    lambda: ["a", "b"],
    lambda: [1, 2, 3, 4, 5],
    tuple,
    dict,
    lambda: {"a": None},
    lambda: {1: 2},
    set,
    object,
    lambda: object,
    lambda: lambda *_: None,
    lambda: lambda *_: math.nan,
    lambda: np.zeros((3, 2)),
    lambda: np.array(["text"]),
    lambda: np.float64("nan"),
    lambda: np.int64(3),
    lambda: torch.tensor(1.0),
    lambda: torch.tensor(2),
    lambda: torch.zeros(0),
    lambda: torch.zeros(0, 2),
    lambda: torch.zeros(1, 1, 1, 1, 1, 1),
    lambda: torch.tensor([1.0 + 2.0j]),
    lambda: torch.tensor([[True, False]]),
    lambda: torch.full((3, 2), math.nan),
    lambda: torch.zeros(3, 2).to_sparse(),
    lambda: torch.zeros(3, 2, dtype=torch.float64),
    lambda: nn.Linear(2, 3),
    nn.Sequential,
    lambda: gaussian(),
    lambda: data.load("ring", n=2),
]

DAMAGES: list[Callable[[Tensor], Any]] = [
    lambda x: x.detach().numpy(),
    lambda x: x.tolist(),
    lambda x: x.double(),
    lambda x: x.half(),
    lambda x: x.long(),
    lambda x: x.bool(),
    lambda x: x.to(torch.complex64),
    lambda x: x[None],
    lambda x: x[..., None],
    lambda x: x.flatten(),
    lambda x: x[:0],
    lambda x: x[:1],
    lambda x: x[..., :1],
    lambda x: x.repeat(2, *[1] * (x.ndim - 1)),
    lambda x: x.mT if x.ndim > 1 else x,
    lambda x: -x - 1,
    lambda x: x * 0,
    lambda x: x.float() * 1e15 + 1e15,  # its square is still a float32
    lambda x: x.float() * 1e-40,
    lambda x: x.float().index_fill(0, torch.tensor([0]), math.nan),
    lambda x: x.float().index_fill(0, torch.tensor([0]), math.inf),
    lambda x: x.float().requires_grad_(),
]


@st.composite
def spoiled(draw: st.DrawFn, good: Any, depth: int = 0) -> Any:
    """Something hostile in place of a good value."""
    if isinstance(good, bool):  # whatever has a truth value is one
        return draw(st.sampled_from([None, "", "no", 0, 2, math.nan, [], object()]))
    if isinstance(good, Tensor) and good.ndim and draw(st.booleans()):
        return draw(st.sampled_from(DAMAGES))(good)
    if isinstance(good, list | tuple) and good and depth < 2 and draw(st.booleans()):
        at = draw(st.integers(0, len(good) - 1))
        value = draw(spoiled(good[at], depth + 1))
        changed = draw(
            st.sampled_from(
                [
                    [*good[:at], value, *good[at + 1 :]],
                    [*good, value],
                    [*good[:at], *good[at + 1 :]],
                    [*reversed(good)],
                    [good],
                ]
            )
        )
        return type(good)(changed)
    if isinstance(good, dict) and good and depth < 2 and draw(st.booleans()):
        key = draw(st.sampled_from(list(good)))
        value = draw(spoiled(good[key], depth + 1))
        return draw(st.sampled_from([good | {key: value}, good | {"more": value}, {0: good[key]}]))
    return draw(st.sampled_from(ANYTHING))()


def leaves(thing: Any, depth: int = 0) -> Iterator[Any]:
    if isinstance(thing, dict):
        thing = list(thing.values())
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        thing = list(vars(thing).values())
    if isinstance(thing, list | tuple) and depth < 6:
        for part in thing:
            yield from leaves(part, depth + 1)
    else:
        yield thing


def finite(arguments: dict[str, Any]) -> bool:
    def fine(x: Any) -> bool:
        if isinstance(x, Tensor):
            return bool(x.to_dense().isfinite().all())
        if isinstance(x, float | complex | np.ndarray | np.generic):
            with warnings.catch_warnings():
                try:
                    return bool(np.isfinite(x).all())
                except TypeError:
                    return True
        return not callable(x) or isinstance(x, nn.Module | type)

    return all(map(fine, leaves(arguments)))


def numbers_are_numbers(result: Any) -> bool:
    def fine(x: Any) -> bool:
        if isinstance(x, Tensor | float) or (
            isinstance(x, np.ndarray | np.floating) and x.dtype.kind == "f"
        ):
            return not bool(torch.as_tensor(x).isnan().any())
        return True

    return all(map(fine, leaves(result)))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", GOOD)
def test_hostile_input_is_refused_in_words_or_works(name, capsys):
    @settings(
        max_examples=EXAMPLES.get(name.split(".")[0], 60),
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def battery(draws: st.DataObject) -> None:
        call, arguments = GOOD[name]()
        names = st.lists(st.sampled_from([*arguments]), min_size=1, max_size=2, unique=True)
        wrong = {n: draws.draw(spoiled(arguments[n]), n) for n in draws.draw(names, "wrong")}
        arguments |= wrong
        harmless = finite(arguments)
        try:
            result = call(**arguments)
        except (TypeError, ValueError, *DOCUMENTED.get(name, ())) as error:
            words = str(error)
            assert len(words.split()) >= FEWEST_WORDS, words
            known = (*arguments, "factors", "module", name.split(".")[-1])
            assert any(n in words for n in known), f"{words!r} names none of {', '.join(known)}"
        else:
            assert numbers_are_numbers(result) or not harmless, f"NaN from {arguments}"
        finally:
            plt.close("all")

    battery()
    capsys.readouterr()
