"""Good calls of ``gennb.evaluate``."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from gennb import data, evaluate

from .inputs import Call, images, points


def strokes() -> Tensor:
    return data.load("strokes", n=3).x


PROBABILITIES = {"p": torch.tensor([0.25, 0.75]), "q": torch.tensor([0.5, 0.5])}


GOOD: dict[str, Callable[[], Call]] = {
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
    "evaluate.nearest_neighbours": lambda: (
        evaluate.nearest_neighbours,
        {"x": images(3), "among": images(4)},
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
}
CLASSIFIER = evaluate.DigitClassifier()
