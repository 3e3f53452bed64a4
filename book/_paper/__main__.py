"""Make one PDF and one EPUB of a built site, in its folder ``paper/``, and link them from its first page.

``python book/_paper SITE CHROMIUM``
"""

from __future__ import annotations

import os
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from epub import write_epub
from pdf import make_pdf
from playwright.sync_api import Page, Route, sync_playwright

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
NAME = "generative-neural-networks"
PLACE = re.compile(r'(<span class="gnb-paper">).*?(</span>)', re.S)
LINKS = f'<a href="paper/{NAME}.pdf">one PDF</a> and <a href="paper/{NAME}.epub">one EPUB</a>'
ADDRESS = "http://book/"  # nothing is asked of a network
WIDTH = 643  # pixels: A4 without the margins of book/_static/gennb.css


def answer(site: Path, route: Route) -> None:
    """Answer a request with a file of the site."""
    path = site / urlsplit(route.request.url).path.lstrip("/")
    if path.is_file():
        route.fulfill(path=path)
    else:
        route.fulfill(status=404)


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


def open_document(page: Page, site: Path, book: dict[str, Any]) -> None:
    """Show all pages of the book as one document, its mathematics typeset for paper."""
    html = "text/html"
    page.route(f"{ADDRESS}**", lambda r: answer(site, r))
    page.route(
        f"{ADDRESS}paper.css", lambda r: r.fulfill(path=HERE / "paper.css")
    )
    page.route(
        f"{ADDRESS}empty", lambda r: r.fulfill(body="", content_type=html)
    )
    page.goto(f"{ADDRESS}empty")
    page.add_script_tag(path=HERE / "paper.js")
    document = page.evaluate("book => assemble(book)", book)
    page.route(
        f"{ADDRESS}paper.html",
        lambda r: r.fulfill(body=document, content_type=html),
    )
    page.emulate_media(media="print")
    page.goto(f"{ADDRESS}paper.html")
    page.evaluate("MathJax.startup.promise")
    page.evaluate("document.fonts.ready")
    page.add_script_tag(path=HERE / "paper.js")


def make(site: Path, book: dict[str, Any], chromium: str, target: Path) -> None:
    """Write the PDF and the EPUB of a built site into a folder. Their date is the build's, or SOURCE_DATE_EPOCH."""
    built = (site / "objects.inv").stat().st_mtime
    date = datetime.fromtimestamp(
        float(os.environ.get("SOURCE_DATE_EPOCH", built)), UTC
    )
    target.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": WIDTH, "height": 900})
        open_document(page, site, book)
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
    make(site, read_book(site), chromium, site / "paper")
    link(site)
    for path in sorted((site / "paper").iterdir()):
        print(f"{path} ({path.stat().st_size / 1e6:.1f} MB)")


if __name__ == "__main__":
    main()
