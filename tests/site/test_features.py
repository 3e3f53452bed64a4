"""What a reader does with the site: switch to dark, copy code, take a notebook."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from bs4 import BeautifulSoup

from .bench import ROOT
from .conftest import PAGES, Visit

NOTEBOOK = "vae/derivation.html"


def test_dark_mode_toggles(visit: Callable[..., Visit]) -> None:
    page = visit(NOTEBOOK).page
    html = page.locator("html")
    background = "getComputedStyle(document.body).backgroundColor"
    shown = {}
    for _ in range(3):  # auto, light, dark
        shown[html.get_attribute("data-theme")] = page.evaluate(background)
        page.locator("button.theme-switch-button:visible").first.click()
    assert set(shown) == {"light", "dark"}
    assert shown["light"] != shown["dark"]


def test_figures_follow_dark_mode(visit: Callable[..., Visit]) -> None:
    ink = "getComputedStyle(document.querySelector('svg.gnb-figure text')).fill"
    light, dark = (
        visit(NOTEBOOK, color_scheme=scheme).page.evaluate(ink) for scheme in ("light", "dark")
    )
    assert light != dark


def test_code_is_copied(visit: Callable[..., Visit]) -> None:
    page = visit(NOTEBOOK, permissions=["clipboard-read", "clipboard-write"]).page
    cell = page.locator(".cell_input .highlight").first
    cell.hover()
    cell.locator("button.copybtn").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.strip() == cell.locator("pre").inner_text().strip()


def test_what_needs_a_kernel_shows_its_result_and_says_so(visit: Callable[..., Visit]) -> None:
    article = visit("vae/training.html").page.locator(".bd-article")
    line = article.locator(".gnb-needs-kernel")
    assert "latent variables, kl weight, epochs" in line.inner_text()
    drawing = line.locator("xpath=preceding-sibling::*[1]")
    assert "the page's run" in drawing.get_attribute("aria-label")
    assert drawing.bounding_box()["height"] > 100
    assert (
        article.locator(".cell_output :is(input, select, button):not(.copybtn, .gnb *)").count()
        == 0
    )


def test_notebook_buttons_lead_to_the_plain_edition(built: Path) -> None:
    for path in PAGES:
        if not (ROOT / "book" / path).with_suffix(".ipynb").exists():
            continue
        page = BeautifulSoup((built / path).read_text(encoding="utf-8"), "html.parser")
        notebook = "plain/" + path.replace(".html", ".ipynb")
        colab = page.select_one("a[href*='colab.research.google.com']")["href"]
        assert colab.endswith(f"/blob/gh-pages/{notebook}")
        button = page.select_one(".btn-download-notebook-button, .btn-download-source-button")
        target = (built / path).parent / button["href"]
        assert target.resolve() == (built / notebook).resolve()
        assert json.loads(target.read_text())["nbformat"] == 4
