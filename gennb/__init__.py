"""The companion package of the executable book *Generative Neural Networks*.

One module for each part of the book (``gennb.vae``, …) and the tools that they share: ``gennb.data``,
``gennb.train``, ``gennb.evaluate``, ``gennb.plot`` and ``gennb.widgets``. Everything loads when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_MODULES = ("data", "evaluate", "gan", "plot", "train", "vae", "widgets")
_FUNCTIONS = {"check": "notebook", "glue": "notebook", "show": "notebook"}

__all__ = ["check", "data", "evaluate", "gan", "glue", "plot", "show", "train", "vae", "widgets"]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"gennb.{name}")
    if name in _FUNCTIONS:
        return getattr(import_module(f"gennb.{_FUNCTIONS[name]}"), name)
    raise AttributeError(f"module 'gennb' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
