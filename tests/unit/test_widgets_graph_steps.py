"""The calculation in steps: what travels to the page, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from gennb.backprop import Value
from gennb.widgets import GraphSteps
from gennb.widgets.backprop.calculations import CALCULATIONS


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("(a + b) × b", lambda a, b, _: (a + b) * b),
        ("a unit", lambda w, x, b: (w * x + b).tanh()),
        ("an error", lambda w, x, t: (w * x - t) ** 2),
    ],
)
def test_calculations_are_what_they_are_called(name: str, write: Any) -> None:
    numbers = [0.7, -1.2, 0.4]
    last = CALCULATIONS[name]["steps"][-1][0]
    shown = GraphSteps(name, numbers).values()[last]
    assert shown == pytest.approx(write(*map(Value, numbers)).data)


def test_every_number_has_a_place_of_its_own() -> None:
    for calculation in CALCULATIONS.values():
        made = [step[0] for step in calculation["steps"]]
        assert set(calculation["places"]) == {*calculation["inputs"], *made}
        places = [tuple(place) for place in calculation["places"].values()]
        assert len(set(places)) == len(places)
        assert all(column < 4 and row < 2 for column, row in places)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"calculation": "a + b"}, "calculation: expected one of"),
        ({"inputs": [1.0, 2.0]}, "inputs: expected 3 numbers"),
        ({"inputs": [1.0, 2.0, 4.0]}, "inputs"),
        ({"inputs": "abc"}, "inputs: expected 3 numbers"),
    ],
)
def test_what_does_not_fit_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        GraphSteps(**arguments)
