"""A page with a table of the class ``gnb-milestones`` gets the script that lays it out in time."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx


def add_script(
    app: Sphinx, page: str, template: str, context: dict[str, Any], tree: Any
) -> None:
    tables = () if tree is None else tree.findall(nodes.table)
    if any("gnb-milestones" in table["classes"] for table in tables):
        app.add_js_file("milestones.js", loading_method="defer")


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("html-page-context", add_script)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
