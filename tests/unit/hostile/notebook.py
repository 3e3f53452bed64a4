"""Good calls of ``gennb.notebook``."""

from __future__ import annotations

from collections.abc import Callable

import gennb
from gennb import vae

from .inputs import Call

GOOD: dict[str, Callable[[], Call]] = {
    "check": lambda: (
        gennb.check,
        {"name": "ex-laplace", "answer": 1.0},
    ),
    "show": lambda: (gennb.show, {"obj": vae.binarize}),
    "glue": lambda: (gennb.glue, {"name": "n", "value": 1.0, "display": "1"}),
}
