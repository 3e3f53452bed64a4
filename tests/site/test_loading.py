"""An explorable starts wherever a page can run scripts; elsewhere its still picture and a line stand there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from bs4 import BeautifulSoup
from ipywidgets import embed
from playwright.sync_api import Browser, Page, expect

from gennb.widgets import ElboGap, Explorable

from .bench import ROOT, answers
from .conftest import BUILT, PAGES, one_of_each

WITH_EXPLORABLES = [page for page in PAGES if "gnb-explorable" in (BUILT / page).read_text()]
PATH = "gan/losses.html"
LOADER, SCRIPTS = "**/explorables.js*", "**/explorables/*.js*"
WAITS = 10_000  # milliseconds


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    contexts = []

    def new_page(width: int = 1280, **options: Any) -> Page:
        contexts.append(browser.new_context(viewport={"width": width, "height": 900}, **options))
        return contexts[-1].new_page()

    yield new_page
    for context in contexts:
        context.close()


def expect_answers(page: Page) -> None:
    """Every explorable has started, nothing of its still picture is seen, and it moves."""
    places = page.locator(".gnb-explorable")
    for place in places.all():
        place.locator(".gnb").wait_for(timeout=WAITS)
        for part in place.locator(".gnb-plate *, .gnb-still-note").all():
            expect(part).to_be_hidden()
    root = page.locator(".gnb").first
    assert answers(root)


def expect_stills(page: Page) -> None:
    """In each place stand a picture and a line, and no hole."""
    assert page.locator(".gnb").count() == 0
    for place in page.locator(".gnb-explorable").all():
        plate, line = place.locator(".gnb-plate"), place.locator(".gnb-still-note")
        expect(line).to_be_visible(timeout=WAITS)
        assert "still picture" in line.inner_text()
        assert place.locator(".gnb-plate-title, figcaption").all_inner_texts()
        heights = [part.bounding_box()["height"] for part in (place, plate, line)]
        assert heights[1] > 100
        assert heights[0] < heights[1] + heights[2] + 80


@pytest.mark.parametrize("path", one_of_each(WITH_EXPLORABLES))
def test_from_disk(open_page: Callable[..., Page], path: str) -> None:
    page = open_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda m: m.type == "error" and problems.append(m.text))
    page.goto((BUILT / path).as_uri())
    expect_answers(page)
    page.evaluate("window.MathJax && MathJax.startup.promise")
    written = page.locator(".bd-article :is(span.math, div.math)").count()
    assert page.locator("mjx-container").count() >= written
    assert page.evaluate("document.fonts.check('16px \"Book Sans\"')")
    assert problems == []


@pytest.mark.parametrize("width", [1280, 390])
def test_without_scripts(open_page: Callable[..., Page], site: str, width: int) -> None:
    page = open_page(width, java_script_enabled=False)
    page.goto(site + PATH)
    expect_stills(page)


@pytest.mark.parametrize("blocked", [LOADER, SCRIPTS])
def test_with_blocked_scripts(open_page: Callable[..., Page], site: str, blocked: str) -> None:
    page = open_page()
    page.route(blocked, lambda route: route.abort())
    page.goto(site + PATH)
    expect_stills(page)


@pytest.mark.parametrize("sniffing", [True, False])
def test_scripts_as_a_plain_stream(
    open_page: Callable[..., Page], site: str, sniffing: bool
) -> None:
    headers = {"Content-Type": "application/octet-stream"}
    if not sniffing:
        headers["X-Content-Type-Options"] = "nosniff"
    page = open_page()
    for files in (LOADER, SCRIPTS):
        page.route(files, lambda route: route.fulfill(response=route.fetch(), headers=headers))
    page.goto(site + PATH)
    (expect_answers if sniffing else expect_stills)(page)


@pytest.mark.parametrize("policy", ["script-src 'self'", "script-src 'none'"])
def test_with_a_policy(open_page: Callable[..., Page], site: str, policy: str) -> None:
    """The first forbids blobs, code in strings and scripts in the page, the second every script."""
    page = open_page()
    headers = {"Content-Type": "text/html", "Content-Security-Policy": policy}
    page.route(site + PATH, lambda route: route.fulfill(response=route.fetch(), headers=headers))
    page.goto(site + PATH)
    (expect_answers if "self" in policy else expect_stills)(page)


def test_nothing_jumps_or_flashes_while_scripts_come(
    open_page: Callable[..., Page], site: str
) -> None:
    page = open_page()
    held: list[Any] = []
    page.route(SCRIPTS, lambda route: held.append(route))
    page.goto(site + PATH, wait_until="commit")
    place = page.locator(".gnb-explorable").first
    place.wait_for()
    assert place.locator(".gnb-still").is_visible()
    assert not place.locator(".gnb-still-note").is_visible()
    before = place.bounding_box()["height"]
    while held or page.evaluate("document.readyState") != "complete":
        for route in held:
            route.continue_()
        held.clear()
        page.wait_for_timeout(50)
    expect_answers(page)
    assert place.bounding_box()["height"] == pytest.approx(before, rel=0.1)


CONF = """\
import sys
sys.path.append({extensions!r})
from gennb_site import drop_thebe, drop_thebe_settings
extensions = ["myst_nb", "sphinx_thebe", "explorables"]
nb_execution_mode = "off"
nb_ipywidgets_js = {{}}
thebe_config = {{"repository_url": "https://github.com/a/b"}}
def setup(app):
    app.connect("html-page-context", drop_thebe, priority=900)
    app.connect("doctree-resolved", drop_thebe_settings, priority=900)
"""


def saved_page(explorable: Explorable) -> nbformat.NotebookNode:
    """A notebook that has run, with an explorable in it."""
    view = {"version_major": 2, "version_minor": 0, "model_id": explorable.model_id}
    data = {"application/vnd.jupyter.widget-view+json": view, "text/plain": "an explorable"}
    output = nbformat.v4.new_output("display_data", data=data)
    state = embed.dependency_state([explorable], drop_defaults=False)
    widgets = {"state": state, "version_major": 2, "version_minor": 0}
    return nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell("# A page"),
            nbformat.v4.new_code_cell("explorable", outputs=[output], execution_count=1),
        ],
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3"},
            "language_info": {"name": "python", "pygments_lexer": "ipython3"},
            "widgets": {"application/vnd.jupyter.widget-state+json": widgets},
        },
    )


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of one page beside a copy of the package, whose explorable holds the name of a script that we drop."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(ROOT / "gennb", folder / "gennb")
    book = folder / "book"
    book.mkdir()
    (book / "conf.py").write_text(CONF.format(extensions=str(ROOT / "book/_ext")))
    nbformat.write(saved_page(ElboGap(caption="zU8BY+ZQqBtHeBE/")), book / "index.ipynb")
    return folder


def build(project: Path) -> Path:
    """Build the site of a project; return its folder."""
    subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-W", "book", "html"],
        cwd=project,
        env=os.environ | {"PYTHONPATH": str(project)},
        check=True,
    )
    return project / "html"


def test_a_script_is_dropped_for_what_it_is_not_for_what_it_holds(project: Path) -> None:
    page = BeautifulSoup((build(project) / "index.html").read_text(), "html.parser")
    scripts = [script for script in page.find_all("script") if "thebe" in str(script).lower()]
    assert ["ZQqBtHeBE" in script.text for script in scripts] == [True]
    assert page.find_all("link", href=re.compile("thebe")) == []


def test_a_new_script_reaches_a_built_page(project: Path) -> None:
    site = build(project)
    page, script = site / "index.html", site / "_static/explorables/ElboGap.js"
    before, written = script.read_text(), page.stat().st_mtime_ns
    source = next((project / "gennb/widgets").rglob("elbo*.js"))
    source.write_text(source.read_text().replace("function render(", "function render(now, "))
    build(project)
    assert script.read_text() == before.replace("function render(", "function render(now, ")
    assert page.stat().st_mtime_ns == written
