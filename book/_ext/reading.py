"""Aids to reading: how far one has come, a button that folds all code, and what the pages beside this one ask."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

BUTTON = {
    "type": "javascript",
    "javascript": "gennbFoldCode()",
    "text": "",
    "tooltip": "Fold all code",
    "icon": "fas fa-code",
    "label": "code-button",
}


def has_code(tree: nodes.document) -> bool:
    return any(
        "cell_input" in container["classes"]
        for container in tree.findall(nodes.container)
    )


def add_question(
    app: Sphinx, page: str, template: str, context: dict[str, Any], tree: Any
) -> None:
    """Give the links to the pages before and after the question that each of them answers."""
    _, *names = app.env.collect_relations().get(page, [None, None, None])
    for side, name in zip(("prev", "next"), names, strict=True):
        if name:
            facts = app.env.metadata[name]
            question = facts.get("question", facts.get("description", ""))
            context[side] = context[side] | {"question": question}


def add_aids(
    app: Sphinx, page: str, template: str, context: dict[str, Any], tree: Any
) -> None:
    if tree is None:
        return
    app.add_js_file("reading.js", loading_method="defer")
    if has_code(tree):
        context["header_buttons"].append(BUTTON)


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("html-page-context", add_question)
    app.connect("html-page-context", add_aids, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
