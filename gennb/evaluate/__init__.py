"""Measures of how far one distribution is from another, and how likely data are under a model.

Divergences and likelihoods are in nats. Scores that look at samples through a classifier take its probabilities or its
features: hold only those of one and the same classifier against each other.
"""

from gennb.evaluate.classifier import DigitClassifier
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
)

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
    "parzen_bandwidth",
    "parzen_log_likelihood",
    "total_variation",
]
