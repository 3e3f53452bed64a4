"""Boltzmann machines: general, restricted and deep; deep belief networks; and what their energies can be asked."""

from gennb._binary import states
from gennb.boltzmann.annealing import base_rates
from gennb.boltzmann.dbm import DBM
from gennb.boltzmann.dbn import DBN
from gennb.boltzmann.energy import EnergyModel
from gennb.boltzmann.learning import (
    ContrastiveDivergence,
    ExactGradient,
    Learning,
    PersistentContrastiveDivergence,
)
from gennb.boltzmann.machine import BoltzmannMachine
from gennb.boltzmann.rbm import RBM
from gennb.boltzmann.units import draw

__all__ = [
    "DBM",
    "DBN",
    "RBM",
    "BoltzmannMachine",
    "ContrastiveDivergence",
    "EnergyModel",
    "ExactGradient",
    "Learning",
    "PersistentContrastiveDivergence",
    "base_rates",
    "draw",
    "states",
]
