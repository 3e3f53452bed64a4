"""The plain edition: the source's code, the site's numbers, and no MyST. That it runs is shown by `make notebooks`."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup

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
    "box without a title": re.compile(r"\*\*Admonition\.\*\*"),
    "relative link": re.compile(r"\]\((?!https?:|data:|mailto:)"),
}


NUMBERED = re.compile(r"(?<=\*\*)[A-Z][a-z]+ \d+(?:\.\d+)?(?=[. ])")
TAG = re.compile(r"\\tag\{(.+?)\}")


@pytest.fixture(params=NOTEBOOKS)
def name(request: pytest.FixtureRequest) -> str:
    return Path(request.param).relative_to("plain").as_posix()


@pytest.fixture
def notebook(built: Path, name: str) -> nbformat.NotebookNode:
    return nbformat.read(built / "plain" / name, as_version=4)


@pytest.fixture
def source(name: str) -> nbformat.NotebookNode:
    return nbformat.read(ROOT / "book" / name, as_version=4)


def text_of(notebook: nbformat.NotebookNode) -> str:
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def code_of(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


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


def test_code_is_that_of_the_source(
    notebook: nbformat.NotebookNode, source: nbformat.NotebookNode
) -> None:
    set_up, *copies = code_of(notebook)
    assert set_up.id == "set-up"
    assert set_up.metadata.jupyter.source_hidden
    assert [(cell.id, cell.source) for cell in copies] == [
        (cell.id, cell.source) for cell in code_of(source)
    ]
    for copy, cell in zip(copies, code_of(source), strict=True):
        tags = cell.metadata.get("tags", [])
        assert copy.metadata.get("tags", []) == tags
        assert copy.outputs == cell.outputs
        # nbval compares nothing with a cell that has not run.
        assert (copy.execution_count is not None) == ("nbval-check-output" in tags)
        folded = copy.metadata.get("jupyter", {}).get("source_hidden", False)
        assert folded == ("cellView" in copy.metadata) == ("hide-cell" in tags)


def test_numbers_are_those_of_the_site(
    built: Path, name: str, notebook: nbformat.NotebookNode
) -> None:
    page = BeautifulSoup((built / name).with_suffix(".html").read_text(), "html.parser")
    text = text_of(notebook)
    equations = [number.find(string=True).strip("()") for number in page.select(".eqno")]
    assert TAG.findall(text) == equations
    captions = [number.get_text().strip() for number in page.select("article .caption-number")]
    assert NUMBERED.findall(text) == captions


def test_nothing_is_drawn_twice(
    notebook: nbformat.NotebookNode, source: nbformat.NotebookNode
) -> None:
    """Cells draw their own figures; only the images of the text are in the text."""
    assert text_of(notebook).count("](data:image/") == len(
        re.findall(r"!\[|\{(?:image|figure)\}", text_of(source))
    )


def test_proofs_begin_once(notebook: nbformat.NotebookNode, source: nbformat.NotebookNode) -> None:
    proofs = text_of(source).count("{prf:proof}")
    assert len(re.findall(r"^\*Proof\.\* \S", text_of(notebook), re.MULTILINE)) == proofs
    assert len(re.findall(r"\bProof\.\**\s", text_of(notebook))) == proofs


def test_solutions_are_folded(
    notebook: nbformat.NotebookNode, source: nbformat.NotebookNode
) -> None:
    text = text_of(notebook)
    solutions = re.findall(r"\{solution(?:-start)?\}", text_of(source))
    assert text.count("<details>\n<summary>Solution to Exercise ") == len(solutions)
    assert text.count("</details>") == len(re.findall(r"<details(?: open)?>", text))


def test_rows_of_a_table_have_as_many_cells(notebook: nbformat.NotebookNode) -> None:
    """A bar of a formula would end a cell, wherever it stands."""
    for table in re.findall(r"(?:^\|.*\n?)+", text_of(notebook), re.MULTILINE):
        assert len({len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()}) == 1


def test_the_second_layer_is_there_whole(
    notebook: nbformat.NotebookNode, source: nbformat.NotebookNode
) -> None:
    """Boxes stand open under their titles; a folded cell stands under its title."""
    text = text_of(notebook)
    assert text.count("<details open>") == text_of(source).count("{dropdown}")
    for cell in source.cells:
        if "hide-input" in cell.metadata.get("tags", []):
            assert f"**{cell.metadata.mystnb.code_prompt_show}.**" in text


def test_every_page_says_how_long_it_takes(name: str, notebook: nbformat.NotebookNode) -> None:
    if name != "index.ipynb":
        head = "\n".join(cell.source for cell in notebook.cells[:3])
        assert re.search(r"Reading \d+ min.* · runs in \d+ s on \d+ cores?", head)
