"""The explorables of the Boltzmann machines: the numbers that they show, and what they refuse."""

from __future__ import annotations

import pytest
import torch

from gennb.boltzmann import BoltzmannMachine
from gennb.widgets import FourUnits


def test_four_units_have_the_machines_distribution() -> None:
    shown = FourUnits(temperature=1.7)
    ways = torch.combinations(torch.arange(4), 2)
    W = torch.zeros(4, 4)
    W[ways[:, 0], ways[:, 1]] = torch.tensor(shown.strengths[:6])
    machine = BoltzmannMachine.from_weights(W + W.mT, torch.tensor(shown.strengths[6:]), 4)
    expected = machine.distribution(temperature=1.7).tolist()
    assert shown.distribution() == pytest.approx(expected, abs=1e-6)


def test_four_units_refuse_nonsense() -> None:
    with pytest.raises(ValueError, match="strengths: expected 10 numbers"):
        FourUnits([1.0])
    with pytest.raises(ValueError, match="chosen: expected one of"):
        FourUnits(chosen="AE")
    with pytest.raises((TypeError, ValueError), match="temperature"):
        FourUnits(temperature=0.0)
