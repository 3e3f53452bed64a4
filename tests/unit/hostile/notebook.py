"""Good calls of ``gennb.notebook``."""

from __future__ import annotations

from collections.abc import Callable

import gennb
from gennb import vae

from .inputs import Call

GOOD: dict[str, Callable[[], Call]] = {
    "check": lambda: (
        gennb.check,
        {"answer": 1.0, "truth": 1.0, "tolerance": 1e-6, "factor": 2.0, "hint": "h"},
    ),
    "show": lambda: (gennb.show, {"obj": vae.binarize}),
    "glue": lambda: (gennb.glue, {"name": "n", "value": 1.0, "display": "1"}),
}
