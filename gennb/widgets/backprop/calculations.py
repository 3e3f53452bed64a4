"""Small calculations, step by step: what each number is made of, and where it stands in a drawing."""

from __future__ import annotations

import math
from typing import Any

MOST = 3.0  # of an input

# steps: a name, the operation, and what it takes; places: column and row of each number
CALCULATIONS: dict[str, dict[str, Any]] = {
    "(a + b) × b": {
        "inputs": ["a", "b"],
        "start": [2.0, 1.0, 0.0],
        "steps": [["c", "+", "a", "b"], ["y", "×", "c", "b"]],
        "places": {"a": [0, 0], "b": [0, 1], "c": [1, 0], "y": [2, 1]},
    },
    "a unit": {
        "inputs": ["w", "x", "b"],
        "start": [0.5, 2.0, -0.6],
        "steps": [["p", "×", "w", "x"], ["a", "+", "p", "b"], ["y", "tanh", "a"]],
        "places": {"w": [0, 0], "x": [0, 1], "b": [1, 1], "p": [1, 0], "a": [2, 0], "y": [3, 0]},
    },
    "an error": {
        "inputs": ["w", "x", "t"],
        "start": [0.5, 2.0, -0.4],
        "steps": [["y", "×", "w", "x"], ["e", "−", "y", "t"], ["l", "×", "e", "e"]],
        "places": {"w": [0, 0], "x": [0, 1], "t": [1, 1], "y": [1, 0], "e": [2, 0], "l": [3, 0]},
    },
}


def values(name: str, inputs: list[float]) -> dict[str, float]:
    """Return every number of a calculation."""
    known = dict(zip(CALCULATIONS[name]["inputs"], inputs, strict=False))
    for result, operation, *taken in CALCULATIONS[name]["steps"]:
        u, v = known[taken[0]], known[taken[-1]]
        known[result] = {"+": u + v, "−": u - v, "×": u * v, "tanh": math.tanh(u)}[operation]
    return known
