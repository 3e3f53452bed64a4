"""The notebooks as they are committed: clean, named cells, described figures."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "book").rglob("*.ipynb"))


@pytest.fixture(params=PAGES)
def page(request: pytest.FixtureRequest) -> nbformat.NotebookNode:
    return nbformat.read(ROOT / request.param, as_version=4)


def test_is_valid(page: nbformat.NotebookNode) -> None:
    nbformat.validate(page)
    assert page.metadata.kernelspec.name == "python3"
    ids = [cell.id for cell in page.cells]
    assert len(set(ids)) == len(ids)


def test_keeps_outputs_only_where_they_are_compared(page: nbformat.NotebookNode) -> None:
    for cell in page.cells:
        if cell.cell_type == "code":
            tags = set(cell.metadata.get("tags", []))
            # The second tag is what nbstripout goes by.
            assert bool(cell.outputs) == ({"nbval-check-output", "keep_output"} <= tags), cell.id
            assert cell.execution_count is None, cell.id


def test_code_of_solutions_is_folded_away(page: nbformat.NotebookNode) -> None:
    for cell in page.cells:
        assert cell.id.endswith("-solution") == ("hide-cell" in cell.metadata.get("tags", [])), (
            cell.id
        )


def test_figures_are_named_and_described(page: nbformat.NotebookNode) -> None:
    for cell in page.cells:
        options = cell.metadata.get("mystnb", {})
        if "figure" in options:
            assert options["figure"]["name"].startswith("fig-"), cell.id
            assert options["figure"]["caption"], cell.id
            assert options["image"]["alt"], cell.id
