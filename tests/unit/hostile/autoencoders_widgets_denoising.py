"""Good calls of the explorables on denoising."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

from gennb import data, widgets

from .inputs import SHAPE, Call, decoder, points

GOOD: dict[str, Callable[[], Call]] = {
    "widgets.ManifoldWalk": lambda: (
        widgets.ManifoldWalk,
        {
            "denoisers": [nn.Linear(2, 2), nn.Linear(2, 2)],
            "points": points(),
            "noise_stds": [0.1, 0.3],
            "residual_stds": [0.1, 0.2],
            "extent": 2.0,
            "density": data.density("two").log_prob,
            "near": 0.1,
            "chosen": 1,
            "start": (0.5, 0.5),
            "speed": 20.0,
            "hint": "h",
        },
    ),
    "widgets.NoisePad": lambda: (
        widgets.NoisePad,
        {
            "denoiser": decoder(16),
            "starts": (torch.arange(48).reshape(3, *SHAPE) % 2).float(),
            "image_shape": SHAPE,
            "noise": 0.25,
            "hint": "h",
        },
    ),
}
