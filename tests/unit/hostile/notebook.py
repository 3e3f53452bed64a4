"""Good calls of ``gennb.notebook``."""

from __future__ import annotations

from collections.abc import Callable

import gennb
from gennb import vae
from gennb.schematics import box

from .inputs import Call

GOOD: dict[str, Callable[[], Call]] = {
    "check": lambda: (
        gennb.check,
        {"name": "ex-laplace", "answer": 1.0},
    ),
    "schematic": lambda: (
        gennb.schematic,
        {"parts": {"a": box((0, 0), "a"), "b": box((1, 0), "b")}, "arrows": ["a -> b"]},
    ),
    "show": lambda: (gennb.show, {"obj": vae.binarize}),
    "glue": lambda: (gennb.glue, {"name": "n", "value": 1.0, "display": "1"}),
}
