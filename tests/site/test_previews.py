"""What a link leads to shows on hover, on focus and on a first tap, from disk as well."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, Page, expect

from .conftest import PAGES, Visit
from .test_pages import KINDS, links, violations

TEXT_PAGES = [page for page in PAGES if "/" in page and not page.startswith("appendices/")]


def previews(built: Path, page: str) -> dict[str, str]:
    script = (built / "_static/previews" / f"{page}.js").read_text(encoding="utf-8")
    return json.loads(script.partition(" = ")[2].removesuffix(";\n"))


@pytest.mark.parametrize("page", PAGES)
def test_every_link_has_something_to_show(built: Path, page: str) -> None:
    soup = BeautifulSoup((built / page).read_text(encoding="utf-8"), "html.parser")
    missing = []
    for link in soup.select(".bd-article a.internal[href*='#']"):
        path, _, name = unquote(link["href"]).partition("#")
        target = (built / page).parent / path if path else built / page
        home = target.resolve().relative_to(built.resolve()).with_suffix("")
        wanted = any(f"#{name}".startswith(mark) for mark, _ in KINDS.values())
        if wanted and name not in previews(built, home.as_posix()):
            missing.append(link["href"])
    assert missing == []


@pytest.fixture(scope="module")
def page(browser: Browser, built: Path) -> Iterator[Page]:
    """A page opened from disk. Its tests leave it as they found it."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page, problems = context.new_page(), []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda m: m.type in {"error", "warning"} and problems.append(m.text))
    page.goto(f"{built.resolve().as_uri()}/vae/training.html")
    page.evaluate("window.MathJax && MathJax.startup.promise")
    yield page
    context.close()
    assert problems == []


@pytest.mark.parametrize("kind", KINDS)
def test_from_disk_by_the_keyboard(page: Page, kind: str) -> None:
    link, preview = links(page, kind).first, page.get_by_role("tooltip")
    page.keyboard.press("Tab")  # the keyboard is in use
    link.focus()
    expect(preview.locator(KINDS[kind][1]).first).to_be_visible()
    page.keyboard.press("Tab")
    expect(link).not_to_have_attribute("aria-describedby", "gnb-preview")
    page.keyboard.press("Escape")


def test_the_pointer_may_move_into_it(page: Page) -> None:
    preview = page.get_by_role("tooltip")
    links(page, "equation").first.hover()
    expect(preview).to_be_visible()
    preview.hover()
    page.wait_for_timeout(500)
    expect(preview).to_be_visible()
    page.mouse.move(0, 0)
    expect(preview).to_have_count(0)


@pytest.mark.parametrize("kind", ["equation", "term"])
def test_a_tap_shows_and_a_second_one_follows(visit: Callable[..., Visit], kind: str) -> None:
    page = visit("vae/training.html", width=390, has_touch=True, is_mobile=True).page
    preview, here = page.get_by_role("tooltip"), page.url
    link = links(page, kind).nth(1)
    link.scroll_into_view_if_needed()
    goal = link.evaluate("a => a.href")
    link.tap()
    expect(preview).to_be_visible()
    box = preview.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    page.locator("h1").first.dispatch_event(
        "pointerdown", {"bubbles": True, "pointerType": "touch"}
    )
    expect(preview).to_have_count(0)
    link.tap()
    expect(preview).to_be_visible()
    assert page.url == here
    link.tap()
    page.wait_for_url(goal)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_it(visit: Callable[..., Visit], scheme: str) -> None:
    page = visit("gan/game.html", color_scheme=scheme).page
    for kind in KINDS:
        for link in links(page, kind).all()[:1]:
            link.hover()
            page.get_by_role("tooltip").locator(KINDS[kind][1]).first.wait_for()
            assert violations(page, {"include": ["#gnb-preview"]}, {}) == []
            page.keyboard.press("Escape")


def test_terms_are_links_once_a_section(built: Path) -> None:
    page = BeautifulSoup((built / "vae/derivation.html").read_text(), "html.parser")
    sections = page.select(".bd-article > section > section")
    assert len(sections) > 3
    for section in sections:
        for box in section.select("details, .dropdown"):
            box.extract()
        targets = [link["href"] for link in section.select("a.gnb-term")]
        assert len(targets) == len(set(targets))


@pytest.mark.parametrize("page", TEXT_PAGES)
def test_symbols_have_names_to_be_read_aloud(built: Path, page: str) -> None:
    soup = BeautifulSoup((built / page).read_text(encoding="utf-8"), "html.parser")
    names = [link["aria-label"] for link in soup.select("a.gnb-term[href*='#symbol-']")]
    assert (
        names or page == "history/timeline.html"
    )  # the first page, where none has been introduced
    assert all(name.strip() and "\\" not in name for name in names)


def test_a_symbol_means_what_it_means_in_its_part(built: Path) -> None:
    found = {}
    for path in ("vae/derivation", "gan/evaluation"):
        page = BeautifulSoup((built / f"{path}.html").read_text(), "html.parser")
        for link in page.select("a.gnb-term[href*='#symbol-']"):
            name = link["href"].partition("#")[2]
            found[path, link.get_text()] = previews(built, "appendices/notation")[name]
    assert "latent" in found["vae/derivation", r"\(z\)"]
    assert "Gaussians of a Parzen" in found["gan/evaluation", r"\(\sigma\)"]
