"""The site on localhost and a Chromium that may load nothing else; every request and complaint is recorded."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Response, sync_playwright

from gennb.widgets import Explorable

from ..explorables import make_explorables
from . import browser as chromium
from .bench import DRAWN_ONCE, ROOT, STARTED, serve, write_bench

BUILT = ROOT / os.environ.get("GENNB_SITE", "_build/fast/_build/html")
PAGES = sorted(
    path.relative_to(BUILT).as_posix()
    for path in BUILT.rglob("*.html")
    if path.relative_to(BUILT).parts[0] not in {"_static", "_sources", "plain"}
)


def one_of_each(pages: list[str]) -> list[str]:
    """The first page of each folder: it stands for the others where all are alike by their make."""
    return list({page.split("/")[0]: page for page in reversed(pages) if "/" in page}.values())


@dataclass
class Visit:
    """A page and what happened while it was open."""

    page: Page
    path: str
    external: list[str] = field(default_factory=list)  # addresses on other hosts, all refused
    problems: list[str] = field(default_factory=list)  # console errors, exceptions, failed requests
    responses: list[Response] = field(default_factory=list)


@pytest.fixture(scope="session")
def built() -> Path:
    """The folder of the built site."""
    if not (BUILT / "index.html").is_file():
        pytest.fail(f"No site in {BUILT}: run `make site`, which builds it first.")
    return BUILT


@pytest.fixture(scope="session")
def site(built: Path) -> Iterator[str]:
    """The address of the built site on localhost, with a slash at the end."""
    with serve(built) as address:
        yield address


@pytest.fixture(scope="session")
def launch() -> Iterator[Callable[..., Browser]]:
    """Start a headless Chromium, ``launch(FONTCONFIG_FILE=path)`` with other fonts than the system's.

    Without one the site tests are skipped, and under CI=true fail.
    """
    path = chromium.find()
    if path is None:
        message = "No Chromium found, downloaded or installed: the site tests did not run."
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        warnings.warn(message, stacklevel=1)
        pytest.skip(message)
    with sync_playwright() as playwright:

        def start(**environment: str) -> Browser:
            return playwright.chromium.launch(
                executable_path=path, args=chromium.FLAGS, env=dict(os.environ) | environment
            )

        yield start


@pytest.fixture(scope="session")
def browser(launch: Callable[..., Browser]) -> Iterator[Browser]:
    """A headless Chromium with the system's fonts."""
    chrome = launch()
    yield chrome
    chrome.close()


@contextmanager
def visits(browser: Browser, site: str) -> Iterator[Callable[..., Visit]]:
    """Give a function that opens pages of the site, each in a context of its own; close them all at the end."""
    with ExitStack() as stack:

        def open_page(path: str = "index.html", *, width: int = 1280, **options: Any) -> Visit:
            context = browser.new_context(viewport={"width": width, "height": 900}, **options)
            stack.callback(context.close)
            page = context.new_page()
            seen = Visit(page, path)

            def route(call: Any) -> None:
                if call.request.url.startswith((site, "data:", "blob:")):
                    call.continue_()
                else:
                    seen.external.append(call.request.url)
                    call.abort()

            def note(message: Any) -> None:
                if message.type in {"error", "warning"}:
                    seen.problems.append(message.text)

            def receive(response: Response) -> None:
                seen.responses.append(response)
                if response.status >= 400:
                    seen.problems.append(f"{response.status} {response.url}")

            context.route("**/*", route)
            page.on("console", note)
            page.on("pageerror", lambda error: seen.problems.append(str(error)))
            page.on("response", receive)
            page.goto(site + path)
            page.evaluate("window.MathJax && MathJax.startup.promise")
            page.wait_for_function(STARTED)
            return seen

        yield open_page


@pytest.fixture
def visit(browser: Browser, site: str) -> Iterator[Callable[..., Visit]]:
    """Open pages: ``visit("vae/training.html", width=390, color_scheme="dark").page`` is Playwright's page.

    Further keywords go to ``Browser.new_context``.
    """
    with visits(browser, site) as open_page:
        yield open_page


@pytest.fixture
def page(visit: Callable[..., Visit]) -> Iterator[Page]:
    """The landing page; the test fails if anything on the way called another host or complained."""
    seen = visit()
    yield seen.page
    assert seen.external == []
    assert seen.problems == []


@pytest.fixture(scope="session")
def explorables() -> dict[str, Explorable]:
    """One of each explorable, by its class's name."""
    return make_explorables()


@pytest.fixture(scope="session")
def bench(
    explorables: dict[str, Explorable], built: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of the bench pages."""
    folder = tmp_path_factory.mktemp("bench")
    write_bench(folder, explorables, built / "_static")
    with serve(folder) as address:
        yield address


@pytest.fixture
def open_bench(browser: Browser, bench: str) -> Iterator[Callable[..., Locator]]:
    """Open a bench page: ``open_bench("Duel", width=390)`` is that explorable, ``open_bench("all")`` is every one.

    Any console error or exception fails the test.
    """
    problems: list[str] = []
    with ExitStack() as stack:

        def open_page(name: str, *, width: int = 1280, **options: Any) -> Locator:
            context = browser.new_context(viewport={"width": width, "height": 900}, **options)
            stack.callback(context.close)
            page = context.new_page()
            page.on("pageerror", lambda error: problems.append(str(error)))
            page.on("console", lambda m: m.type in ("error", "warning") and problems.append(m.text))
            page.goto(f"{bench}{name}.html")
            if options.get("java_script_enabled", True):
                page.wait_for_function(STARTED)
                page.wait_for_function(DRAWN_ONCE)
            return page.locator(".gnb")

        yield open_page
        assert not problems
