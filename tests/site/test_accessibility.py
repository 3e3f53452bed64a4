"""axe-core finds nothing that is ours, in light and in dark."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from .conftest import PAGES, Visit

# What is not ours: a rule of axe, a mark of the markup that breaks it, and whose it is.
THEIRS = [
    ("region", "logo__image", "the theme puts its logo outside every landmark"),
    ("aria-allowed-role", "doc-biblioentry", "docutils' markup of a citation"),
    ("aria-deprecated-role", "doc-biblioentry", "docutils' markup of a citation"),
    ("aria-required-children", "citation-list", "docutils' markup of a list of citations"),
]

# The glyphs of formulas hold no text that could be read. Of texts that look alike in color, background, size and
# weight one stands for all: a page has thousands, most of them tokens of code, and axe takes milliseconds for each.
ONE_OF_EACH = """() => {
  for (const formula of document.querySelectorAll("mjx-math")) formula.replaceChildren();
  const behind = (e) => {
    for (; e; e = e.parentElement) {
      const { backgroundColor: color, backgroundImage: image } = getComputedStyle(e);
      if (image !== "none" || !/^rgba\\(.*, 0\\)$|^transparent$/.test(color)) return color + image;
    }
  };
  const seen = new Set();
  for (const e of document.querySelectorAll("body *")) {
    e.removeAttribute("data-one-of-each");
    if (![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) || !e.checkVisibility()) continue;
    const { color, fontSize, fontWeight, opacity } = getComputedStyle(e);
    const look = [color, fontSize, fontWeight, opacity, behind(e)].join();
    if (!seen.has(look)) e.setAttribute("data-one-of-each", "");
    seen.add(look);
  }
}"""
CONTRAST = {"runOnly": ["color-contrast"]}
ALL_ELSE = {"rules": {"color-contrast": {"enabled": False}}}


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_of_ours(visit: Callable[..., Visit], path: str) -> None:
    page = visit(path, reduced_motion="reduce").page
    page.evaluate(ONE_OF_EACH)
    found = violations(page, None, ALL_ELSE)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.locator(f"html[data-theme={scheme}]").wait_for()
        page.wait_for_function("document.getAnimations().every(a => a.playState !== 'running')")
        page.wait_for_timeout(200)  # a change of theme runs down the page, level by level
        page.evaluate(ONE_OF_EACH)
        found += violations(page, {"include": ["[data-one-of-each]"]}, CONTRAST)
    assert not found, "\n".join(found)


def test_a_gray_that_is_too_light_is_found(visit: Callable[..., Visit]) -> None:
    page = visit().page
    page.evaluate("""document.querySelector(".bd-article").insertAdjacentHTML(
        "beforeend", "<p style='color: #ccc; background: #fff'>Can you read this?</p>")""")
    page.evaluate(ONE_OF_EACH)
    assert violations(page, {"include": ["[data-one-of-each]"]}, CONTRAST)


def violations(page: Page, where: Any, options: dict[str, Any]) -> list[str]:
    """What axe finds on a page, or in a part of it, and is not theirs."""
    found = Axe().run(page, context=where, options=options | {"resultTypes": ["violations"]})
    return [
        f"{violation['id']}: {node['html'][:200]}\n  {node['failureSummary']}"
        for violation in found.response["violations"]
        for node in violation["nodes"]
        if not any(v == violation["id"] and mark in node["html"] for v, mark, _ in THEIRS)
    ]
