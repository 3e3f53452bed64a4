"""axe-core finds nothing that is ours, in light and in dark."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe

from .conftest import PAGES, Visit

# What is not ours: a rule of axe, a mark of the markup that breaks it, and whose it is.
THEIRS = [
    ("region", "logo__image", "the theme puts its logo outside every landmark"),
    ("aria-allowed-role", "doc-biblioentry", "docutils' markup of a citation"),
    ("aria-deprecated-role", "doc-biblioentry", "docutils' markup of a citation"),
    ("aria-required-children", "citation-list", "docutils' markup of a list of citations"),
]

# Thousands of tokens of code are colored by a few classes, and the glyphs of formulas hold no text that could be read:
# one token of each class and no glyphs are enough, and take a third of the time.
LESS_OF_THE_SAME = """() => {
  const seen = new Set();
  for (const token of [...document.querySelectorAll(":is(.highlight, .sig) :is(span, em)")].reverse()) {
    const kind = token.className + Boolean(token.closest(".cell_output")) + token.parentElement.className;
    if (!seen.has(kind)) seen.add(kind);
    else if (!token.childElementCount) token.replaceWith(token.textContent);
  }
  for (const formula of document.querySelectorAll("mjx-math")) formula.replaceChildren();
}"""


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_of_ours(visit: Callable[..., Visit], path: str) -> None:
    page = visit(path, reduced_motion="reduce").page
    page.evaluate(LESS_OF_THE_SAME)
    found = []
    for scheme, rules in (("light", {}), ("dark", {"runOnly": ["color-contrast"]})):
        page.emulate_media(color_scheme=scheme)
        page.locator(f"html[data-theme={scheme}]").wait_for()
        page.wait_for_function("document.getAnimations().every(a => a.playState !== 'running')")
        page.wait_for_timeout(200)  # a change of theme runs down the page, level by level
        found += [
            f"{scheme} {violation['id']}: {node['html'][:200]}\n  {node['failureSummary']}"
            for violation in Axe()
            .run(page, options=rules | {"resultTypes": ["violations"]})
            .response["violations"]
            for node in violation["nodes"]
            if not any(v == violation["id"] and mark in node["html"] for v, mark, _ in THEIRS)
        ]
    assert not found, "\n".join(found)
