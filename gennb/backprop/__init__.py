"""Backpropagation: the derivatives of a whole network in one sweep, and what they can and cannot teach."""

from gennb.backprop.depth import DeepStack, Highway, Residual, gradient_norms
from gennb.backprop.descent import Descent, k_fold
from gennb.backprop.mlp import (
    MLP,
    Gradients,
    activation,
    cross_entropy,
    slope,
    squared_error,
)
from gennb.backprop.value import Rounded, Value, accumulated_rounding_error

__all__ = [
    "MLP",
    "DeepStack",
    "Descent",
    "Gradients",
    "Highway",
    "Residual",
    "Rounded",
    "Value",
    "accumulated_rounding_error",
    "activation",
    "cross_entropy",
    "gradient_norms",
    "k_fold",
    "slope",
    "squared_error",
]
