"""Good calls of the explorable on threshold units."""

from __future__ import annotations

from collections.abc import Callable

from gennb import widgets

from .inputs import Call

GOOD: dict[str, Callable[[], Call]] = {
    "widgets.ThresholdUnit": lambda: (
        widgets.ThresholdUnit,
        {
            "lines": ["+2", "+1", "veto"],
            "threshold": 2,
            "inputs": [1, 0, 1],
            "goal": "parity",
            "hint": "h",
        },
    ),
}
