"""The two layers of a page: a line under its title says what reading either takes, folded cells say what they hold.

The main path is all text outside of boxes. A box is a ``{dropdown}`` or a solution. In a formula that stands in the
text there is one word, in a displayed one and in code there is none.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import nbformat
from docutils import nodes
from execution import scale
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.application import Sphinx
from sphinx.util import logging

WORDS_A_MINUTE = 150  # of technical prose; appendices/times.md says so
BOXES = {"dropdown", "solution", "solution-start"}
SILENT = {"", "math", "code-block", "python", "figure", "toctree"}
FENCE = re.compile(
    r"^\s*(?P<marks>`{3,}|:{3,})(?:\{(?P<name>[\w:-]+)\})?(?P<title>.*)$"
)
DISPLAYED = re.compile(r"\$\$.*?\$\$(?: *\([\w:-]+\))?", re.DOTALL)
OPTION = re.compile(r"^\s*(:[\w-]+:|\([\w-]+\)=\s*$)")
ADDRESS = re.compile(r"\]\([^)]*\)")
ONE_WORD = re.compile(r"\$[^$]+\$|\{[\w:-]+\}`[^`]*`|`[^`]+`")
WORD = re.compile(r"\w[\w'’./-]*")

LOG = logging.getLogger(__name__)


def count_words(source: str) -> tuple[int, int]:
    """Return the words of a text in MyST: on its main path, and in its boxes."""
    main = boxes = 0
    open_fences: list[tuple[str, str]] = []
    for line in DISPLAYED.sub("", source).splitlines():
        text, within = line, open_fences
        if fence := FENCE.match(line):
            if open_fences and line.strip() == open_fences[-1][0]:
                open_fences.pop()
                continue
            within = list(open_fences)
            open_fences.append((fence["marks"], fence["name"] or ""))
            text = fence["title"] if fence["name"] else ""
        elif open_fences and open_fences[-1][1] in SILENT:
            continue
        if OPTION.match(text):
            continue
        count = len(WORD.findall(ONE_WORD.sub(" x ", ADDRESS.sub("", text))))
        if any(name in BOXES for _, name in within):
            boxes += count
        else:
            main += count
    return main, boxes


def count_words_of_page(path: Path) -> tuple[int, int]:
    page = nbformat.read(path, as_version=4)
    counts = [
        count_words(cell.source)
        for cell in page.cells
        if cell.cell_type == "markdown"
    ]
    return sum(main for main, _ in counts), sum(boxes for _, boxes in counts)


def duration(main: int, boxes: int, seconds: float | None) -> str:
    """Return "Reading 12 min (21 with all boxes) · runs in 25 s on 2 cores"."""
    short = max(1, round(main / WORDS_A_MINUTE))
    long = max(short, round((main + boxes) / WORDS_A_MINUTE))
    text = f"Reading {short} min"
    if long > short:
        text += f" ({long} with all boxes)"
    if seconds is None:
        return text
    cores = os.cpu_count() or 1
    text += f" · runs in {max(1, round(seconds))} s on {cores} core{'s' * (cores > 1)}"
    return text if scale() == "book" else f"{text}, at {scale()} scale"


def add_head(app: Sphinx, tree: nodes.document, page: str) -> None:
    """Put the line under the title of a page that runs."""
    path = Path(app.env.doc2path(page))
    title = next(iter(tree.findall(nodes.title)), None)
    if (
        path.suffix != ".ipynb"
        or page == app.config.root_doc
        or not isinstance(title, nodes.title)
    ):
        return
    result = NbMetadataCollector.get_exec_data(app.env, page)
    line = duration(
        *count_words_of_page(path), result["runtime"] if result else None
    )
    section = title.parent
    section.insert(
        section.index(title) + 1,
        nodes.paragraph("", line, classes=["gnb-page-head"]),
    )


def name_folded_cells(app: Sphinx, tree: nodes.document) -> None:
    """Show the title of a folded cell whether it is open or not."""
    for cell in tree.findall(nodes.container):
        if cell.get("hide_mode") == "input":
            cell["prompt_hide"] = cell["prompt_show"]
            if cell["prompt_show"] == app.config.nb_code_prompt_show:
                LOG.warning("folded cell without a title", location=cell)


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("doctree-read", name_folded_cells)
    app.connect("doctree-resolved", add_head)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
