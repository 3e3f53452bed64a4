"""Good calls of ``gennb.plot``."""

from __future__ import annotations

from collections.abc import Callable

import torch

from gennb import plot

from .inputs import Call, axes, images, points
from .vae import model

GOOD: dict[str, Callable[[], Call]] = {
    "plot.montage": lambda: (plot.montage, {"images": images(), "columns": 2, "gap": 1}),
    "plot.image_grid": lambda: (
        plot.image_grid,
        {"images": images(), "columns": 3, "rows": ["a", "b"], "title": "t", "ax": axes()},
    ),
    "plot.manifold": lambda: (
        plot.manifold,
        {"model": model(), "side": 2, "extent": 2.0, "title": "t", "ax": axes()},
    ),
    "plot.codes": lambda: (
        plot.codes,
        {
            "z": points(),
            "y": torch.arange(3),
            "extent": 3.0,
            "title": "t",
            "legend": True,
            "ax": axes(),
        },
    ),
    "plot.curves": lambda: (
        plot.curves,
        {
            "x": [1.0, 2.0],
            "runs": {"one": torch.ones(3, 2)},
            "xlabel": "x",
            "ylabel": "y",
            "log_x": True,
            "ax": axes(),
        },
    ),
}
