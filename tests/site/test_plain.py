"""The plain edition: no MyST is left in it. That it runs is shown by `make notebooks`."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

from .bench import ROOT
from .conftest import BUILT

NOTEBOOKS = sorted(
    path.relative_to(BUILT).as_posix() for path in (BUILT / "plain").rglob("*.ipynb")
)
CODE_AND_MATH = re.compile(
    r"^```.*?^```$|`[^`\n]*`|\$\$.*?\$\$|\$[^$\n]*\$", re.DOTALL | re.MULTILINE
)
RAW = {  # looked for in all the text
    "directive": re.compile(r"^\s*(`{3,}|:{3,}|~{3,})\s*\{", re.MULTILINE),
    "role": re.compile(r"\{[a-z][\w:-]*\}`"),
    "label of an equation": re.compile(r"\$\$\s*\([\w:-]+\)"),
}
LEFT = {  # looked for outside code and mathematics
    "option": re.compile(r"^:(label|name|class|alt|nonumber|filter):", re.MULTILINE),
    "target": re.compile(r"^\([\w-]+\)=\s*$", re.MULTILINE),
    "substitution": re.compile(r"\{\{.*\}\}"),
    "unresolved reference": re.compile(r"\?\?|\[\](?!\()"),
    "relative link": re.compile(r"\]\((?!https?:|data:|mailto:)"),
}


@pytest.fixture(params=NOTEBOOKS)
def notebook(request: pytest.FixtureRequest, built: Path) -> nbformat.NotebookNode:
    return nbformat.read(built / "plain" / Path(request.param).relative_to("plain"), as_version=4)


def test_every_executed_page_has_one(built: Path) -> None:
    pages = {path.relative_to(built / "_sources") for path in (built / "_sources").rglob("*.ipynb")}
    assert {Path(name).relative_to("plain") for name in NOTEBOOKS} == pages


def test_no_myst_is_left(notebook: nbformat.NotebookNode) -> None:
    nbformat.validate(notebook)
    left = []
    for cell in notebook.cells:
        if cell.cell_type != "markdown":
            continue
        prose = CODE_AND_MATH.sub("", cell.source)
        for patterns, text in ((RAW, cell.source), (LEFT, prose)):
            left += [(kind, m[0]) for kind, p in patterns.items() for m in p.finditer(text)]
    assert left == []


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_the_second_layer_is_there_whole(built: Path, name: str) -> None:
    """Boxes stand open under their titles; the code of a folded cell stands under its title, unfolded."""
    source = nbformat.read(ROOT / "book" / Path(name).relative_to("plain"), as_version=4)
    plain = nbformat.read(built / name, as_version=4)
    text = "\n".join(cell.source for cell in plain.cells if cell.cell_type == "markdown")
    boxes = [line for c in source.cells for line in c.source.splitlines() if "{dropdown}" in line]
    assert text.count("<details open>") == len(boxes)
    code = {cell.source: cell for cell in plain.cells if cell.cell_type == "code"}
    for cell in source.cells:
        if "hide-input" in cell.metadata.get("tags", []):
            assert f"**{cell.metadata.mystnb.code_prompt_show}.**" in text
            assert "jupyter" not in code[cell.source].metadata
            assert "cellView" not in code[cell.source].metadata


@pytest.mark.parametrize("name", [name for name in NOTEBOOKS if name != "plain/index.ipynb"])
def test_every_page_says_how_long_it_takes(built: Path, name: str) -> None:
    head = "\n".join(cell.source for cell in nbformat.read(built / name, as_version=4).cells[:3])
    assert re.search(r"Reading \d+ min.* · runs in \d+ s on \d+ cores?", head)
