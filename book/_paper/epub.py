"""The book as an EPUB 3: its chapters as XHTML, formulas as MathML, drawings as SVG, explorables as their stills."""

from __future__ import annotations

import re
import uuid
import zipfile
from collections.abc import Iterator
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

HERE = Path(__file__).parent
VARIABLE = re.compile(r"var\(--[\w-]+, ([^()]*)\)")
LIGHT = re.compile(r"^html\[data-theme\] (\.highlight \..*)$", re.M)

CONTAINER = """<?xml version="1.0" encoding="utf-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
<rootfile full-path="EPUB/package.opf" media-type="application/oebps-package+xml"/>
</rootfiles></container>
"""

PACKAGE = """<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id" xml:lang="en">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:identifier id="id">urn:uuid:{id}</dc:identifier>
<dc:title>{title}</dc:title><dc:creator>{author}</dc:creator><dc:language>en</dc:language>
<meta property="dcterms:modified">{date:%Y-%m-%dT%H:%M:%SZ}</meta>
</metadata>
<manifest>
{items}
</manifest>
<spine>
{spine}
</spine>
</package>
"""

PAGE = """<?xml version="1.0" encoding="utf-8"?>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" lang="en" xml:lang="en">
<head><title>{title}</title><link rel="stylesheet" href="style.css"/></head>
<body>{body}</body></html>
"""


def contents(chapters: list[dict[str, Any]]) -> Iterator[str]:
    """Yield the lines of the table of contents: parts, their chapters, and their sections."""
    part = None
    for chapter in chapters:
        own, *sections = (
            f'<a href="{chapter["id"]}.xhtml#{entry["id"]}">{escape(entry["title"])}</a>'
            for entry in chapter["entries"]
        )
        if chapter["part"]:
            yield "</ol></li>" * bool(part)
            yield f"<li><span>{escape(chapter['part'])}</span><ol>"
            part = chapter["part"]
        within = "".join(f"<li>{section}</li>" for section in sections)
        yield f"<li>{own}" + f"<ol>{within}</ol>" * bool(within) + "</li>"
    yield "</ol></li>" * bool(part)


def properties(xhtml: str) -> str:
    marks = {"mathml": "<math", "svg": "<svg"}
    kinds = " ".join(kind for kind, mark in marks.items() if mark in xhtml)
    return f' properties="{kinds}"' * bool(kinds)


def make_files(
    book: dict[str, Any],
    chapters: list[dict[str, Any]],
    site: Path,
    date: datetime,
) -> Iterator[tuple[str, str | bytes]]:
    """Yield the files of the EPUB, in their order, each with its name."""
    yield "mimetype", "application/epub+zip"
    yield "META-INF/container.xml", CONTAINER
    items = ['<item id="style" href="style.css" media-type="text/css"/>']
    items += [
        '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
    ]
    colors = (site / "_static/pygments.css").read_text().partition("@media")[0]
    style = (HERE / "epub.css").read_text()
    yield "EPUB/style.css", "\n".join([style, *LIGHT.findall(colors)])
    images = {Path(urlsplit(url).path) for c in chapters for url in c["images"]}
    for path in sorted(images):
        yield (
            f"EPUB/images/{path.name}",
            (site / path.relative_to("/")).read_bytes(),
        )
        items += [
            f'<item id="{path.stem}" href="images/{path.name}" media-type="image/png"/>'
        ]
    for chapter in chapters:
        title = escape(chapter["entries"][0]["title"])
        body = VARIABLE.sub(r"\1", chapter["xhtml"])
        name = chapter["id"]
        yield f"EPUB/{name}.xhtml", PAGE.format(title=title, body=body)
        items += [
            f'<item id="{name}" href="{name}.xhtml" media-type="application/xhtml+xml"{properties(body)}/>'
        ]
    title = escape(book["title"])
    lines = "\n".join(contents(chapters))
    nav = f'<h1>{title}</h1><nav epub:type="toc"><h2>Contents</h2><ol>{lines}</ol></nav>'
    yield "EPUB/nav.xhtml", PAGE.format(title=title, body=nav)
    spine = ["nav", *(chapter["id"] for chapter in chapters)]
    package = PACKAGE.format(
        id=uuid.uuid5(uuid.NAMESPACE_URL, book["address"]),
        title=title,
        author=escape(book["author"]),
        date=date,
        items="\n".join(items),
        spine="\n".join(f'<itemref idref="{name}"/>' for name in spine),
    )
    yield "EPUB/package.opf", package


def write_epub(
    target: Path,
    book: dict[str, Any],
    chapters: list[dict[str, Any]],
    site: Path,
    date: datetime,
) -> None:
    with zipfile.ZipFile(target, "w") as epub:
        for name, content in make_files(book, chapters, site, date):
            info = zipfile.ZipInfo(name, date.timetuple()[:6])
            kind = (
                zipfile.ZIP_STORED
                if name == "mimetype"
                else zipfile.ZIP_DEFLATED
            )
            epub.writestr(info, content, kind)
