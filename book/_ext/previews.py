"""What a link shows before it is followed: an equation, theorem, exercise, figure, table, citation, term or symbol.

Each page leaves what can be shown of it in ``_static/previews/<page>.js``, by id. ``book/_web/previews.js`` loads that
of the page a link leads to: a classic script, so that it works from disk, too.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup, Tag
from sphinx.application import Sphinx

SHOWN = ", ".join(
    f"{kind}[id]"
    for kind in (
        "div.math",
        "div.proof",
        "div.exercise",
        "figure",
        "table",
        "div.citation",
        "aside.footnote",
        "tr",
    )
)


def excerpt(target: Tag) -> str:
    """Return a copy of an element that can stand in any page: nothing to click, no ids but a drawing's own."""
    target = copy.copy(target)
    for useless in target.select(".headerlink, script, button"):
        useless.decompose()
    for link in target.select("a"):
        link.unwrap()
    for tag in [target, *target.find_all(id=True)]:
        if not tag.find_parent("svg"):
            tag.attrs.pop("id", None)
    return entry(target) if target.name == "tr" else str(target)


def entry(row: Tag) -> str:
    """Return the row of a term or a symbol as two paragraphs: what it is, and what it means."""
    name, kind, meaning = (cell.p or cell for cell in row.find_all("td")[:3])
    return (
        f"<p><strong>{name.decode_contents()}</strong>"
        f"<span class='gnb-kind'>{kind.decode_contents()}</span></p>"
        f"<p>{meaning.decode_contents()}</p>"
    )


def write_excerpts(
    app: Sphinx, page: str, template: str, context: dict[str, Any], tree: Any
) -> None:
    if tree is None:
        return
    app.add_js_file("previews.js", loading_method="defer")
    body = BeautifulSoup(context["body"], "html.parser")
    excerpts = {tag["id"]: excerpt(tag) for tag in body.select(SHOWN)}
    path = Path(app.outdir, "_static", "previews", f"{page}.js")
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(excerpts, ensure_ascii=False)
    path.write_text(f'gennbPreviews["{page}"] = {text};\n', encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("html-page-context", write_excerpts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
