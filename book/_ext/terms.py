"""Terms and symbols in the text lead to their rows of the glossary and of the notation: the first of each in a section.

The rows of those two pages get ids. A term is found by its names: what stands in parentheses or after a comma is one,
too. A symbol is a formula that is a symbol and nothing else. Where it has several meanings, the last one counts that
the book has introduced by then, in the same part if there is one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from docutils import nodes
from search import readable
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import docname_join
from sphinx.writers.html5 import HTML5Translator

GLOSSARY, NOTATION = "appendices/glossary", "appendices/notation"
HEADS = {"English": "term", "Symbol": "symbol"}
EVERYDAY = {"code", "precision"}  # most often words like any others
BOXES = {"sd-dropdown", "dropdown"}
RUNNING = (nodes.emphasis, nodes.strong, nodes.inline)


class SymbolLink(nodes.reference):
    """A link that is a formula, named for those who cannot see it."""


def visit_symbol(translator: HTML5Translator, node: SymbolLink) -> None:
    node["classes"] += ["reference", "internal"]
    label = {"aria-label": node["label"]}
    translator.body.append(
        translator.starttag(node, "a", "", href=node["refuri"], **label)
    )


def depart_symbol(translator: HTML5Translator, node: SymbolLink) -> None:
    translator.body.append("</a>")


def cells(row: nodes.Element) -> list[nodes.entry]:
    return [cell for cell in row.children if isinstance(cell, nodes.entry)]


def rows(tree: nodes.document) -> Iterator[tuple[str, nodes.row]]:
    """Yield the rows of a page's tables of terms or symbols, and which of the two they hold."""
    for table in tree.findall(nodes.tgroup):
        head, *rest = table.findall(nodes.row)
        if kind := HEADS.get(cells(head)[0].astext()):
            yield from ((kind, row) for row in rest)


def name_rows(app: Sphinx, tree: nodes.document) -> None:
    """Give the rows their ids; the other pages are read again when a row changes."""
    page = app.env.docname
    if page not in {GLOSSARY, NOTATION}:
        for source in (GLOSSARY, NOTATION):
            app.env.note_dependency(app.env.doc2path(source))
        return
    known: set[str] = set()
    for kind, row in rows(tree):
        words = cells(row)[0].astext().replace("–", "-")
        name = nodes.make_id(f"{kind} {words}")
        while name in known:
            name += "-too"
        known.add(name)
        row["ids"].append(name)


def names(english: str) -> Iterator[str]:
    """Yield the names of a term: two of "evidence lower bound (ELBO)", two of "Gaussian (normal) distribution"."""
    for name in english.replace("'", "’").split(", "):
        yield re.sub(r" \(.*?\)", "", name)
        if inner := re.search(r" \((.*?)\)(.*)", name):
            yield inner[1] + inner[2]


def plain(formula: str) -> str:
    return re.sub(r"\s|\\[,;!]", "", formula)


def first_use(env: BuildEnvironment, row: nodes.row) -> str | None:
    """Return the page that the last cell of a symbol's row refers to, if it is in the book."""
    place = next(iter(cells(row)[-1].findall(pending_xref)), None)
    if place is None:
        return None
    target = place["reftarget"]
    if place["reftype"] == "doc":
        page = docname_join(NOTATION, target)
        return page if page in env.found_docs else None
    if place["reftype"] == "eq":
        return env.get_domain("math").equations.get(target, [None])[0]
    boxes = env.proof_list | env.sphinx_exercise_registry
    return boxes.get(target, {}).get("docname")


@lru_cache(maxsize=1)
def terms(env: BuildEnvironment) -> dict[str, str]:
    return {
        name.lower(): row["ids"][0]
        for kind, row in rows(env.get_doctree(GLOSSARY))
        if kind == "term"
        for name in names(cells(row)[0].astext())
        if name not in EVERYDAY
    }


@lru_cache(maxsize=1)
def symbols(env: BuildEnvironment) -> dict[str, list[tuple[str, str]]]:
    """Return the rows of each symbol: where it is first used, and the row's id."""
    found = defaultdict(list)
    for kind, row in rows(env.get_doctree(NOTATION)):
        if kind == "symbol" and (page := first_use(env, row)):
            for formula in cells(row)[0].findall(nodes.math):
                found[plain(formula.astext())].append((page, row["ids"][0]))
    return found


def scope(node: nodes.Node) -> nodes.Node:
    """Return what links a term once: the box that it stands in, or else the section."""
    while not isinstance(node.parent, nodes.document):
        node = node.parent
        if BOXES.intersection(node.get("classes", ())) or (
            isinstance(node, nodes.section)
            and isinstance(node.parent.parent, nodes.document)
        ):
            return node
    return node


def stands_in_text(node: nodes.Node) -> bool:
    parent = node.parent
    while isinstance(parent, RUNNING):
        parent = parent.parent
    return isinstance(parent, nodes.paragraph)


class Links(SphinxPostTransform):
    """Make the links, in the pages that run."""

    default_priority = 200  # when references are resolved
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        page = self.env.docname
        if not self.env.doc2path(page).endswith(".ipynb"):
            return
        if page == self.config.root_doc:
            return
        longest_first = sorted(terms(self.env), key=len, reverse=True)
        any_of_them = "|".join(map(re.escape, longest_first))
        self.pattern = re.compile(
            rf"(?<![\w-])({any_of_them})(?=e?s?(?![\w-]))", re.IGNORECASE
        )
        self.seen: set[tuple[nodes.Node, str]] = set()
        for node in list(self.document.findall(stands_in_text)):
            if isinstance(node, nodes.math):
                target = self.symbol(plain(node.astext()))
                if target and self.is_first(node, target):
                    link = self.link(NOTATION, target, node, SymbolLink)
                    link["label"] = readable(node.astext())
                    node.replace_self(link)
            elif isinstance(node, nodes.Text):
                node.parent.replace(node, list(self.split(node)))

    def is_first(self, node: nodes.Node, target: str) -> bool:
        place = (scope(node), target)
        if place in self.seen:
            return False
        self.seen.add(place)
        return True

    def split(self, text: nodes.Text) -> Iterator[nodes.Node]:
        rest = 0
        for match in self.pattern.finditer(text):
            target = terms(self.env)[match[1].lower()]
            if self.is_first(text, target):
                yield nodes.Text(text[rest : match.start()])
                yield self.link(GLOSSARY, target, nodes.Text(match[1]))
                rest = match.end()
        yield nodes.Text(text[rest:])

    def symbol(self, formula: str) -> str | None:
        page, order = self.env.docname, list(self.env.collect_relations())
        part = page.partition("/")[0]
        by_now = [
            (first.partition("/")[0] == part, order.index(first), target)
            for first, target in symbols(self.env).get(formula, ())
            if order.index(first) <= order.index(page)
        ]
        return max(by_now)[-1] if by_now else None

    def link(
        self,
        page: str,
        target: str,
        content: nodes.Node,
        kind: type[nodes.reference] = nodes.reference,
    ) -> nodes.reference:
        uri = self.app.builder.get_relative_uri(self.env.docname, page)
        return kind(
            "",
            "",
            content.deepcopy(),
            internal=True,
            refuri=f"{uri}#{target}",
            classes=["gnb-term"],
        )


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_node(SymbolLink, html=(visit_symbol, depart_symbol))
    app.connect("doctree-read", name_rows)
    app.add_post_transform(Links)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
