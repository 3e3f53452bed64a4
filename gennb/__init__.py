"""The companion package of the executable book *Generative Neural Networks*.

One module for each part of the book (``gennb.vae``, …) and the tools that they share: ``gennb.data``,
``gennb.train``, ``gennb.evaluate``, ``gennb.plot`` and ``gennb.widgets``. Everything loads when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

__version__ = "0.1.0"

# Where the names live that load when they are first used; the book's build reads this, too.
_HOME = {
    "check": "exercises",
    "glue": "notebook",
    "schematic": "schematics",
    "show": "notebook",
}
_MODULES = {m.name for m in iter_modules(__path__) if not m.name.startswith("_")}

__all__ = sorted({*_HOME, *_MODULES} - {"exercises", "notebook", "paper", "schematics"})


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"gennb.{_HOME[name]}"), name)
    if name in _MODULES:
        return import_module(f"gennb.{name}")
    raise AttributeError(f"module 'gennb' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
