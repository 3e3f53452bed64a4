"""The site on localhost and a Chromium that may load nothing else; every request and complaint is recorded."""

from __future__ import annotations

import functools
import http.server
import os
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Response, sync_playwright

from . import browser as chromium

ROOT = Path(__file__).resolve().parents[2]
BUILT = Path(os.environ.get("GENNB_SITE", ROOT / "_build" / "fast" / "_build" / "html"))
PAGES = sorted(
    path.relative_to(BUILT).as_posix()
    for path in BUILT.rglob("*.html")
    if path.relative_to(BUILT).parts[0] not in {"_static", "_sources", "plain"}
)


@dataclass
class Visit:
    """A page and what happened while it was open."""

    page: Page
    external: list[str] = field(default_factory=list)  # addresses on other hosts, all refused
    problems: list[str] = field(default_factory=list)  # console errors, exceptions, failed requests
    responses: list[Response] = field(default_factory=list)


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture(scope="session")
def built() -> Path:
    """The folder of the built site."""
    if not (BUILT / "index.html").is_file():
        pytest.fail(f"No site in {BUILT}: run `make site`, which builds it first.")
    return BUILT


@pytest.fixture(scope="session")
def site(built: Path) -> Iterator[str]:
    """The address of the built site on localhost, with a slash at the end."""
    handler = functools.partial(Quiet, directory=str(built))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium; without one the site tests are skipped, and under CI=true fail."""
    path = chromium.find()
    if path is None:
        message = "No Chromium found, downloaded or installed: the site tests did not run."
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        warnings.warn(message, stacklevel=1)
        pytest.skip(message)
    with sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=path, args=chromium.FLAGS)
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
            seen = Visit(page)

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
            page.goto(site + path, wait_until="networkidle")
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
