"""Backpropagation: the derivatives of a whole network in one sweep, and what they can and cannot teach."""

from gennb.backprop.descent import Descent
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
    "Descent",
    "Gradients",
    "Rounded",
    "Value",
    "accumulated_rounding_error",
    "activation",
    "cross_entropy",
    "slope",
    "squared_error",
]
