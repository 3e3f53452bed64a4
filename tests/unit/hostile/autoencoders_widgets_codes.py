"""Good calls of the explorables of codes and of their sparsity."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

from gennb import widgets

from .inputs import SHAPE, Call, decoder, images, points


def model() -> tuple[nn.Module, nn.Module]:
    return nn.Sequential(nn.Flatten(), nn.Linear(16, 4), nn.ReLU()), nn.Linear(4, 16)


GOOD: dict[str, Callable[[], Call]] = {
    "widgets.CodePlane": lambda: (
        widgets.CodePlane,
        {
            "encoder": nn.Sequential(nn.Flatten(), nn.Linear(16, 2)),
            "decoder": decoder(),
            "image_shape": SHAPE,
            "codes": points(),
            "labels": torch.tensor([0, 1, 1]),
            "classes": ["a", "b"],
            "y": (0.5, 0.0),
            "dtype": "int8",
            "title": "t",
        },
    ),
    "widgets.SparsityDial": lambda: (
        widgets.SparsityDial,
        {
            "models": [model(), model()],
            "targets": [0.1, 0.5],
            "pictures": images(3),
            "image_shape": SHAPE,
            "model": 1,
            "title": "t",
        },
    ),
}
