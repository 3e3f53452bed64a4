"""History, as machines that run: threshold units, rules that learn, memories, and networks that organize themselves."""

from gennb.history.gmdh import GMDH, Layer, quadratic
from gennb.history.hopfield import Hopfield, Recall, retrieval_overlap
from gennb.history.neocognitron import Neocognitron, Stage, c_cells, s_cells, window
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
from gennb.history.som import SelfOrganizingMap

__all__ = [
    "GMDH",
    "Hopfield",
    "Layer",
    "Learned",
    "McCullochPitts",
    "Neocognitron",
    "Perceptron",
    "Recall",
    "SelfOrganizingMap",
    "Stage",
    "Unit",
    "c_cells",
    "certificate",
    "extended",
    "fires",
    "hebbian_update",
    "largest_margin",
    "mistake_bound",
    "net_of_table",
    "oja_update",
    "quadratic",
    "radius",
    "retrieval_overlap",
    "s_cells",
    "truth_table",
    "window",
]
