"""What the book knows of its parts, from ``_toc.yml`` and from the pages' own front matter.

A page's front matter is its notebook's metadata: ``description``, the line on its card; and, on the first page of a
part, ``part``, the line that introduces it. The landing page and the page on the package are made from it:

``{parts}``
    each part with its line, and a card for each of its pages;
``{road}``
    a table of all parts, written or planned: its content has a line ``name | from | to`` for each;
``{package}``
    the documentation of ``gennb``: first what pages use, then a module for each part, then the tools.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import yaml
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

import gennb


@dataclass(frozen=True)
class Page:
    """A page of a part: where it is, and what its front matter says."""

    name: str
    title: str
    description: str
    part: str


@dataclass(frozen=True)
class Part:
    """A numbered part of the book; the folder of its pages is named as its module."""

    title: str
    pages: tuple[Page, ...]

    @property
    def folder(self) -> str:
        return self.pages[0].name.partition("/")[0]


def read_page(book: Path, name: str) -> Page:
    page = nbformat.read(book / f"{name}.ipynb", as_version=4)
    title = page.cells[0].source.splitlines()[0].removeprefix("# ")
    facts = {key: page.metadata.get(key, "") for key in ("description", "part")}
    return Page(name, title, **facts)


def read_parts(book: Path) -> list[Part]:
    """Return the numbered parts of the book, in the order of ``_toc.yml``."""
    toc = yaml.safe_load((book / "_toc.yml").read_text(encoding="utf-8"))
    return [
        Part(
            part["caption"],
            tuple(read_page(book, c["file"]) for c in part["chapters"]),
        )
        for part in toc["parts"]
        if "numbered" in part
    ]


class Written(SphinxDirective):
    """A directive that writes MyST from the book's parts."""

    has_content = True

    def write(self, parts: list[Part]) -> Iterator[str]:
        raise NotImplementedError

    def run(self) -> list[nodes.Node]:
        book = Path(self.env.srcdir)
        parts = read_parts(book)
        for path in (
            "_toc.yml",
            *(f"{page.name}.ipynb" for part in parts for page in part.pages),
        ):
            self.env.note_dependency(str(book / path))
        container = nodes.container()
        lines = StringList(list(self.write(parts)), self.get_location())
        self.state.nested_parse(lines, self.content_offset, container)
        return container.children


class Parts(Written):
    def write(self, parts: list[Part]) -> Iterator[str]:
        for part in parts:
            yield from (f"**{part.title}**: {part.pages[0].part}", "")
            yield from ("::::{grid} 1 1 3 3", ":gutter: 3", "")
            for page in part.pages:
                yield from (f":::{{grid-item-card}} {page.title}",)
                yield from (f":link: {page.name}", ":link-type: doc")
                yield from (page.description, ":::", "")
            yield from ("::::", "")


class Road(Written):
    def write(self, parts: list[Part]) -> Iterator[str]:
        planned = [
            [cell.strip() for cell in row.split("|")] for row in self.content
        ]
        written = {part.title: part for part in parts}
        more = [
            [part.title, part.pages[0].title, part.pages[-1].title]
            for part in parts
            if part.title not in {row[0] for row in planned}
        ]
        yield from ("| part | from | to |", "|---|---|---|")
        for name, start, end in planned + more:
            if name in written:
                pages = written[name].pages
                name = f"**{name}**"
                start = f"[{start}](/{pages[0].name}.ipynb)"
                end = f"[{end}](/{pages[-1].name}.ipynb)"
            yield f"| {name} | {start} | {end} |"


class Package(Written):
    def write(self, parts: list[Part]) -> Iterator[str]:
        mirrored = [part.folder for part in parts]
        modules = [
            name
            for name in gennb.__all__
            if name not in gennb._HOME and name not in mirrored
        ]
        yield from ("```{eval-rst}", ".. currentmodule:: gennb", "")
        yield from ("In a page", "=========", "")
        yield from (f".. autofunction:: {name}" for name in gennb._HOME)
        for name in (*mirrored, *modules):
            yield from ("", f"gennb.{name}", "=" * 40, "")
            yield from (f".. automodule:: gennb.{name}", "   :members:")
        yield "```"


def setup(app: Sphinx) -> dict[str, Any]:
    for directive in (Parts, Road, Package):
        app.add_directive(directive.__name__.lower(), directive)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
