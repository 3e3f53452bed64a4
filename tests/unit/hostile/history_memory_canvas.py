"""Good calls of the explorable on Hopfield's memory."""

from __future__ import annotations

from collections.abc import Callable

import torch

from gennb import widgets

from .inputs import Call

GOOD: dict[str, Callable[[], Call]] = {
    "widgets.MemoryCanvas": lambda: (
        widgets.MemoryCanvas,
        {
            "patterns": 2.0 * (torch.arange(32).reshape(2, 4, 4) % 3 % 2) - 1,
            "names": ["a", "b"],
            "stored": 1,
            "start": 1,
            "noise": 0.25,
            "together": False,
            "hint": "h",
        },
    ),
}
