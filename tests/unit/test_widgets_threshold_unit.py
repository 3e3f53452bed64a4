"""The threshold unit: its tables against ``gennb.history``, the best of all units, names that are true."""

from __future__ import annotations

import re
from itertools import product
from typing import Any

import pytest
import torch

from gennb.history import fires, truth_table
from gennb.widgets import ThresholdUnit
from gennb.widgets.history.truth_tables import unit_table

LINES = ("+2", "+1", "0", "veto")
GOALS: dict[str, Any] = {
    "AND": lambda a, b, c: a and b and c,
    "OR": lambda a, b, c: a or b or c,
    "majority": lambda a, b, c: sorted((a, b, c))[1],
    "a and not b": lambda a, b, c: a and not b,
    "not a and not b": lambda a, b, c: not a and not b,
    "exactly one": lambda a, b, c: (a, b, c).count(1) == 1,
    "parity": lambda a, b, c: a ^ b ^ c,
}
REACHED = ("AND", "OR", "majority", "a and not b", "not a and not b")


def rows() -> list[list[int]]:
    return truth_table(3).int().tolist()


def all_units() -> dict[tuple[tuple[str, ...], int], list[int]]:
    """What history's units answer, for all lines and thresholds."""
    settings = [*product(product(LINES, repeat=3), range(7))]
    excitatory = [[{"+2": 2.0, "+1": 1.0}.get(line, 0.0) for line in x] for x, _ in settings]
    inhibitory = [[float(line == "veto") for line in x] for x, _ in settings]
    thresholds = [float(threshold) for _, threshold in settings]
    answers = fires(truth_table(3), *map(torch.tensor, (excitatory, inhibitory, thresholds)))
    return dict(zip(settings, answers.mT.int().tolist(), strict=True))


def test_every_unit_answers_as_in_history() -> None:
    units = all_units()
    assert len(units) == 448
    for (lines, threshold), answers in units.items():
        assert list(unit_table(lines, threshold)) == answers
    shown = ThresholdUnit(["+2", "+1", "veto"], threshold=2)
    assert list(shown.outputs()) == units[tuple(shown.lines), 2]


def test_goals_are_what_they_are_called_and_no_unit_does_better() -> None:
    goals = ThresholdUnit.example().goals
    assert [goal["name"] for goal in goals] == list(GOALS)
    units = [*all_units().values()]
    for goal in goals:
        wish = [int(bool(GOALS[goal["name"]](*row))) for row in rows()]
        assert goal["outputs"] == wish
        best = max(sum(x == y for x, y in zip(unit, wish, strict=True)) for unit in units)
        assert goal["best"] == best
        assert (best == 8) == (goal["name"] in REACHED)


WORDS = {
    "the constant 0": "False",
    "the constant 1": "True",
    "AND of all three": "a and b and c",
    "OR of all three": "a or b or c",
    "NOR of all three": "not (a or b or c)",
    "the majority": "a + b + c > 1",
}


def test_names_are_true() -> None:
    names = ThresholdUnit.example().names
    assert len(names) == len(set(names.values())) == 6 + 3 * 2 + 3 * 3 + 6
    for digits, name in names.items():
        pair = re.fullmatch("NOR of (.) and (.)", name)
        words = f"not ({pair[1]} or {pair[2]})" if pair else re.sub("a copy of ", "", name).lower()
        meant = (eval(WORDS.get(name, words), dict(zip("abc", row, strict=True))) for row in rows())
        assert digits == "".join(str(int(bool(x))) for x in meant), name


def test_the_first_state_is_or_and_differs_from_the_majority_in_three_rows() -> None:
    """As the alternative text says."""
    shown = ThresholdUnit.example()
    goal = next(goal for goal in shown.goals if goal["name"] == shown.goal)
    digits = "".join(map(str, shown.outputs()))
    assert shown.names[digits] == "OR of all three"
    assert goal["name"] == "majority"
    assert sum(x != y for x, y in zip(shown.outputs(), goal["outputs"], strict=True)) == 3


def test_any_first_state_can_be_drawn() -> None:
    for inputs in rows():
        shown = ThresholdUnit(["+2", "veto", "0"], threshold=0, inputs=inputs, goal="parity")
        assert len(shown.still) > 1000
        assert shown.inputs == inputs


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"lines": ["+1", "+1"]}, r"lines: expected three of '\+2', '\+1', '0', 'veto'"),
        ({"lines": "000"}, "lines: expected three of"),
        ({"lines": ["+1", "+1", "+3"]}, "lines: expected three of"),
        ({"lines": [1, 1, -1]}, "lines: expected three of"),
        ({"threshold": 7}, r"threshold: expected a number in \[0, 6\]"),
        ({"threshold": 1.5}, "threshold: expected an integer"),
        ({"inputs": [0, 1]}, "inputs: expected three of 0, 1"),
        ({"inputs": [0, 1, 2]}, "inputs: expected three of 0, 1"),
        ({"inputs": 5}, "inputs: expected three of 0, 1"),
        ({"goal": "XOR"}, "goal: expected one of AND, OR"),
    ],
)
def test_it_refuses_nonsense(changes: dict[str, Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        ThresholdUnit(**changes)
