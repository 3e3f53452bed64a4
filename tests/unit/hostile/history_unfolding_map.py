"""Good calls of the map that unfolds."""

from __future__ import annotations

from collections.abc import Callable

import torch

from gennb import widgets

from .inputs import Call

GOOD: dict[str, Callable[[], Call]] = {
    "widgets.UnfoldingMap": lambda: (
        widgets.UnfoldingMap,
        {
            "density": (torch.arange(576.0) % 5 < 3).float().reshape(24, 24),
            "preset": "ring",
            "sheet": "chain",
            "radius": 3.0,
            "speed": 10.0,
            "hint": "h",
        },
    ),
}
