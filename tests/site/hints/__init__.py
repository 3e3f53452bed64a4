"""What each hint promises, played by hand: a script for every hint, a file for each part of the book."""

from __future__ import annotations

import importlib
import pkgutil
import re
import time
from collections.abc import Callable

from playwright.sync_api import Locator

from ..bench import said

Hands = Callable[[Locator], None]

SOON = 10  # seconds in which a promise is kept
HINTS: dict[str, Hands] = {}


def plays(hint: str) -> Callable[[Hands], Hands]:
    """The script of a hint: hands that do what it says, and see what it promises."""

    def keep(hands: Hands) -> Hands:
        HINTS[hint] = hands
        return hands

    return keep


def play_hint(root: Locator) -> None:
    """Do what an explorable's hint says, and see what it promises."""
    hint = root.locator(".gnb-hint").inner_text()
    assert hint in HINTS, "Play this hint in tests/site/hints/."
    HINTS[hint](root)


def await_words(root: Locator, pattern: str) -> re.Match[str]:
    """Wait until an explorable says something, if it does so soon."""
    end = time.monotonic() + SOON
    while not (found := re.search(pattern, words := said(root))):
        assert time.monotonic() < end, f"not within {SOON} s: {pattern}; it says: {words}"
    return found


def share(root: Locator, pattern: str) -> float:
    """A number that an explorable says, soon: the only group of a pattern."""
    return float(await_words(root, pattern)[1])


for module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{module.name}")
