"""The search: an entry for each section, each term of the glossary and each object of the package, in one script.

``book/_web/search.js`` loads ``_static/search-index.js`` when a reader begins to type. It is a classic script, so that
the search is the same from disk. (Pagefind and Sphinx fetch what they show, which a browser refuses to a page from
disk; and neither finds the Chinese in an English page.) Formulas in the text are written as one would read them;
displayed ones and code are left out.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup, Tag
from sphinx.application import Sphinx

DRAWINGS = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
UNREAD = (
    "div.math, div.highlight, .headerlink, .gnb-page-head, .gnb-explorable, "
    "thead, script, style, summary, noscript"
)
BLOCKS = "div, p, li, dt, dd, th, td, figure, figcaption, h1, h2, h3, h4"
OWN = "section[id], tr[id^=term], dt.sig[id]"
SIGNS = {
    "Lambda": "Λ",  # which Unicode calls lamda
    "lambda": "λ",
    "approx": "≈",
    "cdot": "·",
    "ge": "≥",
    "geq": "≥",
    "in": "∈",
    "infty": "∞",
    "int": "∫",
    "le": "≤",
    "leq": "≤",
    "mid": "|",
    "nabla": "∇",
    "ne": "≠",
    "odot": "⊙",
    "partial": "∂",
    "pm": "±",
    "sim": "∼",
    "sum": "∑",
    "times": "×",
    "to": "→",
    "varepsilon": "ε",
    "vert": "|",
    "Vert": "‖",
}
FUNCTIONS = {"det", "exp", "inf", "log", "max", "min", "sin", "cos", "sup"}


def sign(command: re.Match[str]) -> str:
    """Return what a command of TeX shows, if that is a character or a name."""
    name = command[1]
    case = "CAPITAL" if name[0].isupper() else "SMALL"
    try:
        return unicodedata.lookup(f"GREEK {case} LETTER {name.upper()}")
    except KeyError:
        return SIGNS.get(name, f"{name} " if name in FUNCTIONS else "")


def readable(formula: str) -> str:
    """Return a formula as text: ``q(z) ‖ p(z | x)``."""
    text = formula.strip().removeprefix(r"\(").removesuffix(r"\)")
    text = re.sub(r"\\frac\{?([^{}]+?)\}?\{?([^{}]+?)\}", r"\1/\2", text)
    text = text.replace("^2", "²").replace("^3", "³")
    text = re.sub(r"\\([A-Za-z]+|.)", sign, text)
    return " ".join(re.sub(r"[{}^_&~]", "", text).split())


def words(tag: Tag) -> str:
    return " ".join(tag.get_text().split())


def entry(tag: Tag) -> list[str]:
    """Return where an entry is, its title, its text, and what it tells of."""
    if tag.name == "tr":
        name, chinese, meaning = tag.find_all("td")[:3]
        title = f"{words(name)} · {words(chinese)}"
        return [tag["id"], title, words(meaning), "term"]
    if tag.name == "dt":
        text = words(tag.find_next_sibling("dd"))
        return [tag["id"], tag["id"], text, "object"]
    title = words(tag.find(["h1", "h2", "h3", "h4"]).extract())
    return [tag["id"], title, words(tag), "section"]


def entries(body: str) -> Iterator[list[str]]:
    """Yield the entries of a page, the innermost first: what one holds is not told again."""
    page = BeautifulSoup(DRAWINGS.sub("", body), "html.parser")
    for formula in page.select("span.math"):
        formula.string = readable(formula.get_text())
    for unread in page.select(UNREAD):
        unread.decompose()
    for block in page.select(BLOCKS):
        block.append(" ")
    for tag in reversed(page.select(OWN)):
        if tag.name == "dt" or tag.find(["h1", "h2", "h3", "h4", "td"]):
            yield entry(tag)
            (tag.parent if tag.name == "dt" else tag).extract()


def keep_entries(
    app: Sphinx, page: str, template: str, context: dict[str, Any], tree: Any
) -> None:
    """Write the entries of a page beside its doctree: a later build need not write the page again to know them."""
    if tree is not None:
        found = [*entries(context["body"])][::-1]
        text = json.dumps(found, ensure_ascii=False)
        path = Path(app.doctreedir, f"{page}.search.json")
        path.write_text(text, encoding="utf-8")
        app.add_js_file("search.js", loading_method="defer")
    elif template == "search.html":
        app.add_js_file("search.js", loading_method="defer")


def write_index(app: Sphinx, error: Exception | None) -> None:
    if error or app.builder.format != "html":
        return
    index = {}
    for page in app.env.collect_relations():
        path = Path(app.doctreedir, f"{page}.search.json")
        index[page] = json.loads(path.read_text(encoding="utf-8"))
    text = json.dumps(index, ensure_ascii=False, separators=(",", ":"))
    path = Path(app.outdir, "_static", "search-index.js")
    path.write_text(f"gennbSearch({text});\n", encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("html-page-context", keep_entries)
    app.connect("build-finished", write_index)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
