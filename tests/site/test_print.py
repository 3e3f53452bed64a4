"""On paper: the whole book as one PDF and one EPUB. How a page prints is seen in test_pages.py."""

from __future__ import annotations

import importlib.util
import io
import posixpath
import re
import sys
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urlsplit
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup
from pypdf import PdfReader

from . import browser as chromium
from .bench import ROOT, sheets, words

XHTML = "{http://www.w3.org/1999/xhtml}"
OPF = "{http://www.idpf.org/2007/opf}"


@pytest.fixture(scope="module")
def paper() -> Iterator[Any]:
    """The module that ``make pdf`` runs."""
    folder = ROOT / "book/_paper"
    sys.path.append(str(folder))
    spec = importlib.util.spec_from_file_location("paper_main", folder / "__main__.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    sys.path.remove(str(folder))


def test_the_book(paper: Any, built: Path, tmp_path: Path) -> None:
    """The first page of each part, and all appendices: links to the pages left out lead to the site."""
    path = chromium.find()
    if path is None:
        pytest.skip("no Chromium")
    book = paper.read_book(built)
    for part in book["parts"][:-1]:
        del part["pages"][1:]
    with ThreadPoolExecutor() as beside:  # Playwright runs once in a thread
        beside.submit(paper.make, built, book, path, tmp_path).result()
    chapters = [page for part in book["parts"] for page in part["pages"]]
    check_pdf((tmp_path / f"{paper.NAME}.pdf").read_bytes(), book, built)
    with zipfile.ZipFile(tmp_path / f"{paper.NAME}.epub") as epub:
        check_epub(epub, chapters)


def flat(outline: Any, level: int = 0) -> Iterator[tuple[int, Any]]:
    for entry in outline:
        if isinstance(entry, list):
            yield from flat(entry, level + 1)
        else:
            yield level, entry


def headings(built: Path, book: dict[str, Any]) -> Iterator[str]:
    """Yield all headings of the site's pages, and the names of the parts, in the book's order."""
    yield "About this book"
    for part in book["parts"]:
        yield from [part["title"]] * bool(part["title"])
        for page in part["pages"]:
            tree = BeautifulSoup((built / f"{page}.html").read_text(), "html.parser")
            for heading in tree.select("article :is(h1, h2, h3, h4)")[not part["title"] :]:
                yield heading.text.removesuffix("#").replace("\\(", "").replace("\\)", "")


def check_pdf(printed: bytes, book: dict[str, Any], built: Path) -> None:
    pdf, text = PdfReader(io.BytesIO(printed)), sheets(printed)
    assert pdf.metadata
    assert pdf.metadata.title == book["title"]
    entries = [
        (level, words(e.title), pdf.get_destination_page_number(e))
        for level, e in flat(pdf.outline)
    ]
    assert [title for _, title, _ in entries] == [words(each) for each in headings(built, book)]
    assert [title for _, title, number in entries if title not in text[number]] == []

    # Formulas are set: none is printed as it was written.
    assert [i for i, each in enumerate(text) if re.search(r"\\[(\[]", each)] == []

    # The printed table of contents says the same pages.
    contents = "".join(text[1 : entries[0][2]])
    parts = {words(part["title"]) for part in book["parts"]}
    tops = [(title, number) for level, title, number in entries if level == 0 or title[0].isdigit()]
    assert parts - {""} <= {title for title, _ in tops}
    assert [title for title, number in tops if f"{title}{number + 1}" not in contents] == []

    # Each link within the book leads to a place that is there.
    places = pdf.named_destinations
    links = [link.get_object() for sheet in pdf.pages for link in sheet.get("/Annots", [])]
    inner = [str(link["/Dest"]) for link in links if "/Dest" in link]
    assert len(inner) > 500
    assert [name for name in inner if name not in places and name.lstrip("/") not in places] == []
    outer = [link["/A"]["/URI"] for link in links if "/A" in link and "/URI" in link["/A"]]
    assert [
        url for url in outer if urlsplit(url).hostname in (None, "127.0.0.1", "localhost")
    ] == []


def check_epub(epub: zipfile.ZipFile, chapters: list[str]) -> None:
    names = epub.namelist()
    first = epub.infolist()[0]
    assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
    assert epub.read("mimetype") == b"application/epub+zip"
    assert b"EPUB/package.opf" in epub.read("META-INF/container.xml")

    # The package lists what is there, and the pages in their order.
    package = ElementTree.fromstring(epub.read("EPUB/package.opf"))
    items = {item.attrib["id"]: item for item in package.iter(f"{OPF}item")}
    files = {f"EPUB/{item.attrib['href']}" for item in items.values()}
    assert files == set(names[2:]) - {"EPUB/package.opf"}
    spine = [item.attrib["idref"] for item in package.iter(f"{OPF}itemref")]
    assert spine == ["nav", *(page.replace("/", "-") for page in chapters)]

    # Each page is well-formed and says if it holds formulas or drawings; no id comes twice, each link has its place.
    pages = {
        name: ElementTree.fromstring(epub.read(name)) for name in names if name.endswith(".xhtml")
    }
    ids = {
        name: [e.attrib["id"] for e in tree.iter() if "id" in e.attrib]
        for name, tree in pages.items()
    }
    broken = []
    for name, tree in pages.items():
        assert len(ids[name]) == len(set(ids[name])), name
        kinds = items[Path(name).stem].attrib.get("properties", "").split()
        for kind, tag in (
            ("mathml", "{http://www.w3.org/1998/Math/MathML}math"),
            ("svg", "{http://www.w3.org/2000/svg}svg"),
        ):
            assert (next(tree.iter(tag), None) is not None) == (kind in kinds), (name, kind)
        for e in tree.iter():
            link = e.attrib.get("href" if e.tag == f"{XHTML}a" else "src", "")
            address, fragment = urldefrag(link)
            if not link or urlsplit(link).scheme == "https" or urlsplit(link).scheme == "http":
                continue
            target = posixpath.normpath(posixpath.join("EPUB", address)) if address else name
            if target not in names or (fragment and fragment not in ids[target]):
                broken.append((name, link))
    assert broken == []
    assert [name for name, tree in pages.items() if "\\(" in "".join(tree.itertext())] == []
    assert [
        name for name in names if name.endswith(".xhtml") and b"var(--" in epub.read(name)
    ] == []


def test_the_first_page_links_what_was_made(paper: Any, built: Path, tmp_path: Path) -> None:
    index = tmp_path / "index.html"
    index.write_text((built / "index.html").read_text())
    assert "paper/" not in index.read_text()
    for _ in range(2):
        paper.link(tmp_path)
        assert index.read_text().count(f'<a href="paper/{paper.NAME}.pdf">one PDF</a>') == 1
        assert index.read_text().count(f'<a href="paper/{paper.NAME}.epub">one EPUB</a>') == 1
