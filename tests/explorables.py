"""One of each explorable, small enough for a test: whatever ``gennb.widgets`` names, and nothing listed here."""

from __future__ import annotations

from torch import nn

from gennb import widgets
from gennb.widgets import Explorable

CLASSES: dict[str, type[Explorable]] = {
    name: kind
    for name in widgets.__all__
    if isinstance(kind := getattr(widgets, name), type)
    and issubclass(kind, Explorable)
    and kind is not Explorable
}
NAMES = tuple(CLASSES)


def make_explorables() -> dict[str, Explorable]:
    """Each of the book's explorables, in the order of ``NAMES``."""
    return {name: kind.example() for name, kind in CLASSES.items()}


def player(kind: type[nn.Module] = nn.Tanh, width: int = 16) -> nn.Sequential:
    """A player of the duel."""
    return nn.Sequential(
        nn.Linear(1, width), kind(), nn.Linear(width, width), kind(), nn.Linear(width, 1)
    )
