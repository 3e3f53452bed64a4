"""Measures of how far one distribution is from another, and how likely data are under a model.

Divergences and likelihoods are in nats. Scores that look at samples through a classifier take its probabilities or its
features: hold only those of one and the same classifier against each other.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from gennb.evaluate.divergences import (
    earth_movers_distance,
    jensen_shannon,
    kl_divergence,
    total_variation,
)
from gennb.evaluate.likelihood import (
    Bandwidth,
    importance_weighted_bound,
    parzen_bandwidth,
    parzen_log_likelihood,
)
from gennb.evaluate.samples import (
    Coverage,
    frechet_distance,
    frechet_gaussian,
    inception_score,
    mode_coverage,
    nearest_neighbours,
)

if TYPE_CHECKING:
    from gennb.evaluate.classifier import DigitClassifier

__all__ = [
    "Bandwidth",
    "Coverage",
    "DigitClassifier",
    "earth_movers_distance",
    "frechet_distance",
    "frechet_gaussian",
    "importance_weighted_bound",
    "inception_score",
    "jensen_shannon",
    "kl_divergence",
    "mode_coverage",
    "nearest_neighbours",
    "parzen_bandwidth",
    "parzen_log_likelihood",
    "total_variation",
]

# Where the names live that load when they are first used; the book's build reads this, too.
_HOME = {"DigitClassifier": "classifier"}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"gennb.evaluate.{_HOME[name]}"), name)
    raise AttributeError(f"module 'gennb.evaluate' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
