"""The ``{ledger}`` directive: each part's ``ledger.yml`` in one table whose every entry links to what it names.

A row says where the book states a numbered item of the sources, what computes it, and what checks it. It is
written out as MyST roles, so that an entry pointing nowhere is an unresolved reference, which fails the build.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from gennb_site import REPOSITORY
from parts import Part, Written
from sphinx.application import Sphinx

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


class Ledger(Written):
    """A table of all rows, part by part."""

    def write(self, parts: list[Part]) -> Iterator[str]:
        yield from ("```{list-table}", ":header-rows: 1")
        yield from (":class: gnb-broad", ":widths: 7 12 28 13 18 22", "")
        rows = [COLUMNS]
        for part in parts:
            path = Path(self.env.srcdir) / part.folder / "ledger.yml"
            if not path.exists():
                continue
            self.env.note_dependency(str(path))
            for row in yaml.safe_load(path.read_text(encoding="utf-8")):
                computed = "—"  # a table of facts
                if "computed" in row:
                    computed = f"{{py:obj}}`~{row['computed']}`"
                known = (row["source"], row["item"], row["title"])
                rows.append(
                    (
                        *known,
                        stated(row["stated"]),
                        computed,
                        checked(row["check"]),
                    )
                )
        for cells in rows:
            for i, cell in enumerate(cells):
                yield f"{'  -' if i else '* -'} {cell}"
        yield "```"


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_directive("ledger", Ledger)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
