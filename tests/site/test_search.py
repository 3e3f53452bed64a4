"""The search: definitions first, sections, both spellings, Chinese, no raw TeX; the same over http and from disk."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page

from .conftest import PAGES, Visit
from .test_pages import violations

FIRST = {  # what is typed, and where its first result leads
    "KL divergence": "glossary.html#term-kullback-leibler-divergence",
    "kl": "glossary.html#term-kl-annealing|glossary.html#term-kullback-leibler-divergence",
    "ELBO": "glossary.html#term-evidence-lower-bound-elbo",
    "evidence lower bound": "glossary.html#term-evidence-lower-bound-elbo",
    "mode collapse": "glossary.html#term-mode-collapse-the-helvetica-scenario",
    "Frechet distance": "glossary.html#term-frechet-distance-of-gaussians",
    "marginalisation": "glossary.html#term-marginalization",
    "nearest neighbour": "glossary.html#term-nearest-neighbor",
    "batch normalisation": "glossary.html#term-batch-normalization",
    "reparametrisation trick": "glossary.html#term-reparameterization-trick",
    "latent variables": "glossary.html#term-latent-variable",
    "生成对抗网络": "glossary.html#term-generative-adversarial-network-gan",
    "证据下界": "glossary.html#term-evidence-lower-bound-elbo",
    "相对熵": "glossary.html#term-kullback-leibler-divergence",
    "silent weight": "vae/training.html#the-silent-weight",
    "gray pixels": "vae/training.html#gray-pixels-are-not-coins",
    "grey pixels": "vae/training.html#gray-pixels-are-not-coins",
    "train.fit": "api.html#gennb.train.fit",
}


@pytest.fixture(scope="module", params=["http", "disk"])
def page(
    request: pytest.FixtureRequest, browser: Browser, site: str, built: Path
) -> Iterator[Page]:
    """A page with its search open; nothing may complain."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page, problems = context.new_page(), []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda m: m.type in {"error", "warning"} and problems.append(m.text))
    root = site if request.param == "http" else f"{built.resolve().as_uri()}/"
    page.goto(f"{root}vae/training.html")
    page.keyboard.press("Control+k")
    yield page
    context.close()
    assert problems == []


def ask(page: Page, query: str) -> Locator:
    box = page.locator(".search-button__search-container")
    box.locator("input").fill(query)
    results = box.locator(".gnb-results li")
    results.first.wait_for()
    return results


@pytest.mark.parametrize("query", FIRST)
def test_first_result(page: Page, query: str) -> None:
    link = ask(page, query).first.locator("a")
    assert link.evaluate("a => a.href").endswith(tuple(FIRST[query].split("|")))


def test_results_follow_every_key(page: Page) -> None:
    found = [ask(page, "diverg"[:n]).count() for n in (3, 6)]
    assert 0 < found[1] <= found[0]
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.closest('.gnb-results li') !== null")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.name") == "q"


def test_it_says_when_there_is_nothing(page: Page) -> None:
    box = page.locator(".search-button__search-container")
    box.locator("input").fill("zebrafish")
    box.get_by_role("status").filter(has_text="No places found").wait_for()


def test_no_snippet_has_raw_tex(built: Path) -> None:
    script = (built / "_static/search-index.js").read_text(encoding="utf-8")
    index = json.loads(script.removeprefix("gennbSearch(").removesuffix(");\n"))
    assert {f"{page}.html" for page in index} <= set(PAGES)
    raw = re.compile(r"\\[A-Za-z(\[]|\^\{|_\{|\$(?!GENNB)")
    left = [text for page in index.values() for _, _, text, _ in page if raw.search(text)]
    assert left == []


def test_every_section_is_found_by_its_title(page: Page, built: Path) -> None:
    script = (built / "_static/search-index.js").read_text(encoding="utf-8")
    index = json.loads(script.removeprefix("gennbSearch(").removesuffix(");\n"))
    for id_, title, _, _ in index["vae/training"][1:]:
        places = [a.evaluate("a => a.hash") for a in ask(page, title).locator("a").all()]
        assert f"#{id_}" in places, title


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_its_page(visit: Callable[..., Visit], width: int, scheme: str) -> None:
    seen = visit("search.html?q=reparameterization", width=width, color_scheme=scheme)
    links = seen.page.locator(".bd-search-container .gnb-results li a")
    links.first.wait_for()
    assert any("vae/" in link.get_attribute("href") for link in links.all())
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(seen.page, None, {}) == []
    assert seen.problems == seen.external == []


def test_other_pages_do_not_load_the_index(visit: Callable[..., Visit]) -> None:
    assert not [r for r in visit().responses if "search-index" in r.url]
