"""What holds for every page: nothing foreign, nothing broken, nothing cut off, nothing too heavy."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from .conftest import PAGES, Visit, visits

BUDGET = 1_500_000  # bytes, gzipped: everything that a first visit loads


@pytest.fixture(scope="module", params=PAGES)
def seen(request: pytest.FixtureRequest, browser: Browser, site: str) -> Iterator[Visit]:
    """A page, read to its end, its mathematics drawn."""
    with visits(browser, site) as open_page:
        seen = open_page(request.param)
        for screen in range(30):
            seen.page.evaluate(f"scrollTo({{top: {700 * screen}, behavior: 'instant'}})")
            seen.page.wait_for_timeout(10)
        seen.page.wait_for_load_state("networkidle")
        yield seen


def test_nothing_comes_from_another_host(seen: Visit) -> None:
    assert seen.external == []


def test_nothing_complains(seen: Visit) -> None:
    assert seen.problems == []


def test_transfer_is_small(seen: Visit) -> None:
    sizes = {r.url: len(gzip.compress(r.body())) for r in seen.responses if r.status == 200}
    assert sum(sizes.values()) <= BUDGET, sorted(sizes.items(), key=lambda item: -item[1])[:5]


def test_mathematics_is_drawn(seen: Visit) -> None:
    article = seen.page.locator(".bd-article")
    written = article.locator("span.math, div.math").count()
    assert article.locator("mjx-container").count() >= written
    assert seen.page.locator("mjx-merror").all_inner_texts() == []


def test_pictures_are_described(seen: Visit) -> None:
    bare = ".bd-article img:not([alt]), .bd-article img[alt=''], svg[role=img]:not([aria-label])"
    assert [
        e.evaluate("e => e.outerHTML.slice(0, 200)") for e in seen.page.locator(bare).all()
    ] == []


def test_narrow_screen_has_no_horizontal_scroll(seen: Visit) -> None:
    page = seen.page
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_timeout(300)
    wide = page.evaluate(
        """() => [...document.querySelectorAll(".bd-main *")]
            .filter((e) => e.getBoundingClientRect().right > innerWidth + 1)
            .map((e) => e.outerHTML.slice(0, 120)).slice(0, 5)"""
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, wide
