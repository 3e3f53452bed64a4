"""Each hint keeps its promise, wherever it stands: on the example, and on every page that shows
the explorable (test_pages.py)."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator

from ..explorables import CLASSES, NAMES
from .conftest import BUILT, PAGES
from .hints import HINTS, play_hint

PLACES = {
    name
    for page in PAGES
    for name in re.findall(r'data-explorable="(\w+)"', (BUILT / page).read_text())
}


@pytest.mark.parametrize("name", NAMES)
def test_hint_keeps_its_promise(open_bench: Callable[..., Locator], name: str) -> None:
    play_hint(open_bench(name))


def test_every_explorable_stands_on_a_page() -> None:
    assert set(NAMES) == PLACES


def test_every_script_plays_a_hint_that_is_given() -> None:
    given = {kind.hint.default_value for kind in CLASSES.values()}
    pages = "".join((BUILT / page).read_text() for page in PAGES)
    assert [hint for hint in HINTS if hint not in given and hint not in pages] == []
