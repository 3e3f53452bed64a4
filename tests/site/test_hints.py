"""Each hint keeps its promise, wherever it stands: on the example, and on every page that shows the explorable."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator

from ..explorables import CLASSES, NAMES
from .conftest import BUILT, PAGES, Visit
from .hints import HINTS

PLACES = [
    (page, place, name)
    for page in PAGES
    for place, name in enumerate(re.findall(r'data-explorable="(\w+)"', (BUILT / page).read_text()))
]


def play(root: Locator) -> None:
    hint = root.locator(".gnb-hint").inner_text()
    assert hint in HINTS, "Play this hint in tests/site/hints/."
    HINTS[hint](root)


@pytest.mark.parametrize("name", NAMES)
def test_hint_keeps_its_promise(open_bench: Callable[..., Locator], name: str) -> None:
    play(open_bench(name))


@pytest.mark.parametrize(("page", "place", "name"), PLACES)
def test_hint_keeps_its_promise_on_its_page(
    visit: Callable[..., Visit], page: str, place: int, name: str
) -> None:
    seen = visit(page)
    play(seen.page.locator(".gnb").nth(place))
    assert seen.problems == []


def test_every_explorable_stands_on_a_page() -> None:
    assert {name for _, _, name in PLACES} == set(NAMES)


def test_every_script_plays_a_hint_that_is_given() -> None:
    given = {kind.hint.default_value for kind in CLASSES.values()}
    pages = "".join((BUILT / page).read_text() for page in PAGES)
    assert [hint for hint in HINTS if hint not in given and hint not in pages] == []
