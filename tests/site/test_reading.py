"""Aids to reading: how far one has come, a button that folds all code, what the pages beside this one ask."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Page

from .conftest import PAGES, Visit
from .test_pages import violations

NOTEBOOKS = [page for page in PAGES if "/" in page and not page.startswith("appendices/")]
NO_STORE = "Object.defineProperty(window, 'localStorage', {get() { throw new Error('refused'); }})"


def code_seen(page: Page) -> int:
    """How many cells show their code; those of solutions do not count."""
    return page.locator(".cell:not(.tag_hide-cell) .cell_input").filter(visible=True).count()


def press(page: Page) -> None:
    page.locator(".btn-code-button").click()


@pytest.mark.parametrize("width", [390, 1280])
def test_a_button_folds_all_code_and_remembers(visit: Callable[..., Visit], width: int) -> None:
    seen = visit("vae/training.html", width=width)
    page, button = seen.page, seen.page.locator(".btn-code-button")
    cells = page.locator(".cell:not(.tag_hide-cell) .cell_input").count()
    solutions = page.locator(".tag_hide-cell > details[open]").count()
    assert 0 < code_seen(page) < cells
    press(page)
    assert button.get_attribute("aria-pressed") == "true"
    assert code_seen(page) == 0
    page.reload()
    assert code_seen(page) == 0
    page.locator(".gnb-code > summary").first.click()
    assert code_seen(page) == 1  # one by itself
    page.goto(page.url.replace("training", "latent-space"))
    assert code_seen(page) == 0
    press(page)
    page.goto(page.url.replace("latent-space", "training"))
    # Of a box that is closed, the code is not seen; boxes are no code.
    boxed = page.locator("details.sd-dropdown .cell_input, .solution .cell_input").count()
    assert code_seen(page) >= cells - boxed
    assert page.locator(".tag_hide-cell > details[open]").count() == solutions
    assert seen.problems == []


def test_it_works_where_nothing_can_be_remembered(visit: Callable[..., Visit]) -> None:
    page = visit().page
    page.context.add_init_script(NO_STORE)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(error.stack))
    page.goto(page.url.replace("index", "vae/training"))
    press(page)
    assert code_seen(page) == 0
    assert [each for each in problems if "reading.js" in each] == []


def test_folded_code_passes_axe(visit: Callable[..., Visit]) -> None:
    page = visit("vae/derivation.html").page
    press(page)
    here = {"include": [".gnb-code > summary", ".btn-code-button", ".prev-next-area"]}
    assert violations(page, here, {}) == []


def test_the_line_follows_the_reader(visit: Callable[..., Visit]) -> None:
    page = visit("vae/training.html", reduced_motion="reduce").page
    line, widths = page.locator(".gnb-progress"), []
    for share in (0, 0.3, 0.6):
        page.evaluate(
            f"scrollTo({{top: {share} * document.body.scrollHeight, behavior: 'instant'}})"
        )
        page.wait_for_timeout(50)
        widths.append(line.bounding_box()["width"])
    assert widths[0] == 0
    assert widths == sorted(set(widths))
    assert line.evaluate("e => getComputedStyle(e).transitionDuration") in {"0s", "1e-05s"}
    page.emulate_media(media="print")
    assert not line.is_visible()


@pytest.mark.parametrize("page", NOTEBOOKS)
def test_neighbors_ask_their_own_questions(built: Path, page: str) -> None:
    soup = BeautifulSoup((built / page).read_text(encoding="utf-8"), "html.parser")
    for link in soup.select(".prev-next-area a"):
        asked = link.select_one(".gnb-question").get_text()
        assert asked.endswith("?")
        assert asked != link.select_one(".prev-next-title").get_text()


def test_every_card_says_what_its_page_is_about(built: Path) -> None:
    cards = BeautifulSoup((built / "index.html").read_text(), "html.parser").select(".sd-card-text")
    assert len(cards) >= len(NOTEBOOKS)
    assert all(card.get_text(strip=True) for card in cards)
