"""Good calls of ``gennb.widgets``."""

from __future__ import annotations

from collections.abc import Callable

from gennb import widgets

from .inputs import Call, decoder

GOOD: dict[str, Callable[[], Call]] = {
    "widgets.Explorable": lambda: (
        widgets.Explorable,
        {"title": "t", "hint": "h", "caption": "c", "label": "l"},
    ),
    "widgets.TrainAgain": lambda: (
        widgets.TrainAgain,
        {
            "run": lambda watch, epochs, width: None,
            "default": {"elbo": [-3.0, -2.0]},
            "epochs": (1, 5, 2),
            "width": [2, 20],
        },
    ),
    "widgets.pack": lambda: (
        widgets.pack,
        {"module": decoder(), "input_shape": (2,), "dtype": "int8"},
    ),
    "widgets.unpack": lambda: (
        widgets.unpack,
        dict(zip(("spec", "weights"), widgets.pack(decoder(), 2, "int8"), strict=True)),
    ),
}
