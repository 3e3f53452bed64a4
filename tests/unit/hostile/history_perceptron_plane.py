"""Good calls of the perceptron in the plane."""

from __future__ import annotations

from collections.abc import Callable

import torch

from gennb import widgets

from .inputs import Call, points

GOOD: dict[str, Callable[[], Call]] = {
    "widgets.PerceptronPlane": lambda: (
        widgets.PerceptronPlane,
        {
            "x": points().clamp(-1, 1),
            "y": torch.ones(len(points())),
            "preset": "XOR",
            "speed": 10.0,
            "hint": "h",
        },
    ),
}
