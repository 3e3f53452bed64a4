"""Good calls of ``gennb.data``."""

from __future__ import annotations

from collections.abc import Callable

import torch

from gennb import data

from .inputs import Call, generator, points

GOOD: dict[str, Callable[[], Call]] = {
    "data.Dataset": lambda: (
        data.Dataset,
        {"x": points(), "y": torch.arange(3), "factors": None, "name": "ring"},
    ),
    "data.Dataset.to": lambda: (data.load("ring", n=3).to, {"device": "cpu"}),
    "data.Mixture": lambda: (
        data.Mixture,
        {"name": "m", "centers": points(), "std": 0.1, "labels": torch.arange(3)},
    ),
    "data.Mixture.sample": lambda: (
        data.density("two").sample,
        {"n": 3, "generator": generator()},
    ),
    "data.Mixture.place": lambda: (data.density("two").place, {"u": torch.full((4, 3), 0.5)}),
    "data.Mixture.log_prob": lambda: (data.density("two").log_prob, {"x": points()}),
    "data.density": lambda: (data.density, {"name": "ring"}),
    "data.load": lambda: (
        data.load,
        {"name": "digits", "split": "test", "n": 3, "seed": 0, "fallback": "strokes"},
    ),
    "data.faces.render": lambda: (
        data.faces.render,
        {"smile": torch.zeros(2), "turn": 0.5, "cover": torch.tensor([0.0, 1.0]), "blur": 0.5},
    ),
    "data.faces.generate": lambda: (data.faces.generate, {"n": 2, "split": "test", "seed": 0}),
    "data.strokes.render": lambda: (
        data.strokes.render,
        {"digit": torch.tensor([3, 7]), "allograph": None, "slant": torch.zeros(2), "scale": 1.0},
    ),
    "data.strokes.generate": lambda: (data.strokes.generate, {"n": 2, "split": "test", "seed": 0}),
}
