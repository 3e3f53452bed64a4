"""Make one PDF and one EPUB of a built site, in its folder ``paper/``, and link them from its first page.

``python book/_paper SITE CHROMIUM``
"""

from __future__ import annotations

import functools
import http.server
import os
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from epub import write_epub
from pdf import make_pdf
from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
NAME = "generative-neural-networks"
PLACE = re.compile(r'(<span class="gnb-paper">).*?(</span>)', re.S)
LINKS = f'<a href="paper/{NAME}.pdf">one PDF</a> and <a href="paper/{NAME}.epub">one EPUB</a>'
WIDTH = 643  # pixels: A4 without the margins of book/_static/gennb.css


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args: Any) -> None:
        pass


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def read_book(site: Path) -> dict[str, Any]:
    """Return the title, the author, the address, and the pages of each part in the book's order."""
    settings = yaml.safe_load((ROOT / "_config.yml").read_text())
    toc = yaml.safe_load((ROOT / "book/_toc.yml").read_text())
    parts = [
        {
            "title": part["caption"],
            "pages": [c["file"] for c in part["chapters"]],
        }
        for part in toc["parts"]
    ]
    address = re.search(
        'rel="canonical" href="(.*?)"', (site / "index.html").read_text()
    )
    return {
        "title": settings["title"],
        "author": settings["author"],
        "address": address[1],
        "parts": [{"title": "", "pages": [toc["root"]]}, *parts],
    }


def open_document(page: Page, site: str, book: dict[str, Any]) -> None:
    """Show all pages of the book as one document, its mathematics typeset for paper."""
    page.route(f"{site}paper.css", lambda r: r.fulfill(path=HERE / "paper.css"))
    page.route(
        f"{site}empty", lambda r: r.fulfill(body="", content_type="text/html")
    )
    page.goto(f"{site}empty")
    page.add_script_tag(path=HERE / "paper.js")
    document = page.evaluate("book => assemble(book)", book)
    page.route(
        f"{site}paper.html",
        lambda r: r.fulfill(body=document, content_type="text/html"),
    )
    page.emulate_media(media="print")
    page.goto(f"{site}paper.html")
    page.evaluate("MathJax.startup.promise")
    page.evaluate("document.fonts.ready")
    page.add_script_tag(path=HERE / "paper.js")


def make(site: Path, chromium: str, target: Path) -> None:
    """Write the PDF and the EPUB of a built site into a folder. Their date is the build's, or SOURCE_DATE_EPOCH."""
    book = read_book(site)
    built = (site / "objects.inv").stat().st_mtime
    date = datetime.fromtimestamp(
        float(os.environ.get("SOURCE_DATE_EPOCH", built)), UTC
    )
    target.mkdir(exist_ok=True)
    with serve(site) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": WIDTH, "height": 900})
        open_document(page, address, book)
        (target / f"{NAME}.pdf").write_bytes(make_pdf(page, date))
        chapters = page.evaluate("chapters()")
        browser.close()
    write_epub(target / f"{NAME}.epub", book, chapters, site, date)


def link(site: Path) -> None:
    """Link the two from the first page."""
    index = site / "index.html"
    text, places = PLACE.subn(rf"\g<1>{LINKS}\g<2>", index.read_text())
    if not places:
        raise SystemExit(
            f"{index} has no place for the links: build the site again."
        )
    index.write_text(text)


def main() -> None:
    site, chromium = Path(sys.argv[1]), sys.argv[2]
    make(site, chromium, site / "paper")
    link(site)
    for path in sorted((site / "paper").iterdir()):
        print(f"{path} ({path.stat().st_size / 1e6:.1f} MB)")


if __name__ == "__main__":
    main()
