"""The ``{ledger}`` directive: ``ledger.yml`` as a table whose every entry links to what it names.

A row says where the book states a numbered item of the sources, what computes it, and what checks it. It is
written out as MyST roles, so that an entry pointing nowhere is an unresolved reference, which fails the build.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from docutils.statemachine import StringList
from gennb_site import REPOSITORY
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

COLUMNS = ("Source", "Number", "Title", "Stated", "Computed by", "Checked by")
PROOFS = ("alg-", "cor-", "def-", "lem-", "prop-", "rem-", "thm-")


def stated(label: str) -> str:
    """Return the role that refers to ``label``: a page, a figure or table, a theorem, an exercise, an equation."""
    if "/" in label:
        return f"{{doc}}`/{label}`"
    if label.startswith(("fig-", "tab-")):
        return f"{{numref}}`{label}`"
    if label.startswith(PROOFS):
        return f"{{prf:ref}}`{label}`"
    if label.startswith("ex-"):
        return f"{{ref}}`{label}`"
    return f"{{eq}}`{label}`"


def checked(check: str) -> str:
    """Return a link to a test (``tests/…py::name``) or to the page of a cell (``book/…ipynb#tag``)."""
    path, _, name = check.partition("::")
    if name:
        return f"[`{name}`]({REPOSITORY}/blob/main/{path})"
    page, _, tag = check.removeprefix("book/").partition("#")
    return f"{{doc}}`{tag} </{page.removesuffix('.ipynb')}>`"


class Ledger(SphinxDirective):
    """A table of all the rows of ``ledger.yml``."""

    def run(self) -> list[nodes.Node]:
        path = Path(self.env.srcdir) / "ledger.yml"
        self.env.note_dependency(str(path))
        lines = ["```{list-table}", ":header-rows: 1", ":class: gnb-ledger", ""]
        rows = [COLUMNS]
        for row in yaml.safe_load(path.read_text(encoding="utf-8")):
            rows.append(
                (
                    row["source"],
                    row["item"],
                    row["title"],
                    stated(row["stated"]),
                    f"{{py:obj}}`~{row['computed']}`",
                    checked(row["check"]),
                )
            )
        for cells in rows:
            lines += [
                f"{'  -' if i else '* -'} {cell}"
                for i, cell in enumerate(cells)
            ]
        container = nodes.container()
        self.state.nested_parse(
            StringList([*lines, "```"], str(path)),
            self.content_offset,
            container,
        )
        return container.children


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_directive("ledger", Ledger)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
