"""The timeline of milestones: marks in time, by keyboard and by hand; without its script the table is all there."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from .conftest import Visit

PAGE = "history/timeline.html"


@pytest.fixture
def page(visit: Callable[..., Visit]) -> Page:
    return visit(PAGE).page


def test_each_row_has_a_mark_in_its_year(page: Page) -> None:
    marks = page.locator(".gnb-year")
    expect(marks).to_have_count(23)
    years = [int(mark.get_attribute("aria-label")[:4]) for mark in marks.all()]
    assert years == sorted(years)
    boxes = [mark.bounding_box() for mark in marks.all()]
    for before, after in zip(range(22), range(1, 23), strict=True):
        right = boxes[after]["x"] - boxes[before]["x"]
        assert (right > 1) == (years[after] > years[before])
    for i, a in enumerate(boxes):  # no two cover each other
        for b in boxes[i + 1 :]:
            assert abs(a["x"] - b["x"]) > 25 or abs(a["y"] - b["y"]) > 25


def test_the_keyboard_goes_through_time(page: Page) -> None:
    said = page.locator(".gnb-milestone")
    expect(said).to_contain_text("Hebb")
    page.locator(".gnb-year").first.focus()
    page.keyboard.press("ArrowRight")
    expect(said).to_contain_text("Rosenblatt")
    page.keyboard.press("End")
    expect(said).to_contain_text("Mnih")
    page.keyboard.press("ArrowRight")  # there is no more
    expect(said).to_contain_text("Mnih")
    page.keyboard.press("Home")
    expect(said).to_contain_text("Hebb")
    expect(page.locator(".gnb-year[tabindex='0']")).to_have_count(1)
    page.keyboard.press("Tab")
    focused = page.locator(".gnb-milestone a:focus")
    expect(focused).to_have_count(1)


def test_a_mark_says_its_row_and_leads_on(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^1982, John Hopfield$")).click()
    said = page.locator(".gnb-milestone")
    expect(said).to_contain_text("valleys of an energy")
    assert "gnb-runs" in page.locator(".gnb-year[aria-pressed=true]").get_attribute("class")
    said.get_by_role("link", name=re.compile("Memories")).click()
    expect(page).to_have_url(re.compile(r"history/memories\.html"))


def test_ids_stay_unique(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^2013")).click()
    ids = page.evaluate("[...document.querySelectorAll('.bd-article [id]')].map((e) => e.id)")
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("width", [390, 1280])
def test_it_fits(visit: Callable[..., Visit], width: int) -> None:
    seen = visit(PAGE, width=width)
    expect(seen.page.locator(".gnb-year")).to_have_count(23)
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
    boxes = [mark.bounding_box() for mark in seen.page.locator(".gnb-year").all()]
    caption = seen.page.locator("table.gnb-milestones caption").bounding_box()
    assert caption["width"] > 300
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= width for box in boxes)


def test_without_scripts_the_table_says_all(browser: Browser, site: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}{PAGE}")
    rows = page.locator("table.gnb-milestones tbody tr")
    expect(rows).to_have_count(23)
    for row in rows.all():
        assert row.locator("a").count() >= 1
    context.close()
