"""Good calls of the calculation in steps."""

from __future__ import annotations

from collections.abc import Callable

from gennb import widgets

from .inputs import Call

GOOD: dict[str, Callable[[], Call]] = {
    "widgets.GraphSteps": lambda: (
        widgets.GraphSteps,
        {"calculation": "a unit", "inputs": [1.0, 0.5, -0.5], "hint": "h"},
    ),
}
