"""Good calls of ``gennb.backprop``."""

from __future__ import annotations

from collections.abc import Callable

import torch

from gennb import backprop

from .inputs import Call, generator, points

LABELS = torch.tensor([0, 1, 1])


def net() -> backprop.MLP:
    return backprop.MLP((2, 3, 2), generator=generator())


GOOD: dict[str, Callable[[], Call]] = {
    "backprop.Descent": lambda: (backprop.Descent, {"lr": 0.1, "momentum": 0.5}),
    "backprop.Descent.step": lambda: (
        backprop.Descent(0.1).step,
        {"parameters": [points()], "gradients": [points()]},
    ),
    "backprop.MLP": lambda: (
        backprop.MLP,
        {"sizes": (2, 3, 1), "hidden": "relu", "generator": generator()},
    ),
    "backprop.MLP.backward": lambda: (
        net().backward,
        {"h": net().forward(points()), "error": points()},
    ),
    "backprop.MLP.forward": lambda: (net().forward, {"x": points()}),
    "backprop.Rounded": lambda: (backprop.Rounded, {"data": 0.1, "name": "x"}),
    "backprop.Value": lambda: (backprop.Value, {"data": 0.1, "name": "x"}),
    "backprop.accumulated_rounding_error": lambda: (
        backprop.accumulated_rounding_error,
        {"y": backprop.Rounded(0.1) * 3.0},
    ),
    "backprop.activation": lambda: (backprop.activation, {"a": points(), "name": "tanh"}),
    "backprop.cross_entropy": lambda: (
        backprop.cross_entropy,
        {"y": points(), "target": torch.eye(2)[LABELS]},
    ),
    "backprop.slope": lambda: (backprop.slope, {"h": points().tanh(), "name": "tanh"}),
    "backprop.squared_error": lambda: (
        backprop.squared_error,
        {"y": points(), "target": points()},
    ),
}
