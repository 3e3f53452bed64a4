"""History, as machines that run: threshold units, rules that learn, and memories that are valleys of an energy."""

from gennb.history.hopfield import Hopfield, Recall, retrieval_overlap
from gennb.history.neurons import McCullochPitts, Unit, fires, net_of_table, truth_table
from gennb.history.perceptron import (
    Learned,
    Perceptron,
    certificate,
    extended,
    largest_margin,
    mistake_bound,
    radius,
)
from gennb.history.rules import hebbian_update, oja_update

__all__ = [
    "Hopfield",
    "Learned",
    "McCullochPitts",
    "Perceptron",
    "Recall",
    "Unit",
    "certificate",
    "extended",
    "fires",
    "hebbian_update",
    "largest_margin",
    "mistake_bound",
    "net_of_table",
    "oja_update",
    "radius",
    "retrieval_overlap",
    "truth_table",
]
