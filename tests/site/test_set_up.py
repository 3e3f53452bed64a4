"""The first cell of a plain notebook, where the package is missing, and where it is not."""

from __future__ import annotations

import json
import re
import shutil
import sysconfig
import venv
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from .bench import ROOT


@pytest.fixture
def notebook(built: Path) -> nbformat.NotebookNode:
    """The first cell of a page, and one after it."""
    page = nbformat.read(built / "plain/vae/derivation.ipynb", as_version=4)
    set_up = next(cell for cell in page.cells if cell.cell_type == "code")
    return nbformat.v4.new_notebook(cells=[set_up, nbformat.v4.new_code_cell("print('next')")])


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A kernel that finds no gennb, and whose pip finds no git."""
    venv.create(tmp_path / "venv")
    python = tmp_path / "venv" / "bin" / "python"
    spec = {
        "argv": [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "bare",
        "language": "python",
        # Packages are found, but not those that are installed from where they are written, as gennb is.
        "env": {"PYTHONPATH": sysconfig.get_path("purelib"), "PATH": str(tmp_path)},
    }
    home = tmp_path / "kernels" / "bare"
    home.mkdir(parents=True)
    (home / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    return tmp_path


def run(notebook: nbformat.NotebookNode, folder: Path, kernel: str) -> None:
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, kernel_name=kernel, timeout=120, resources=resources).execute()


def test_one_line_where_it_cannot_be_installed(notebook: nbformat.NotebookNode, bare: Path) -> None:
    with pytest.raises(CellExecutionError):
        run(notebook, bare, "bare")
    first, second = notebook.cells
    (said,) = first.outputs
    assert said.output_type == "error"
    (line,) = said.traceback
    assert "\n" not in line
    assert re.search(r"needs the package gennb.*run: pip install git\+https://\S+$", line)
    assert not second.outputs


def test_nothing_happens_where_it_is(notebook: nbformat.NotebookNode, tmp_path: Path) -> None:
    run(notebook, tmp_path, "python3")
    first, second = notebook.cells
    assert first.outputs == []
    assert second.outputs[0].text == "next\n"


@pytest.mark.skipif(not (ROOT / ".git").exists() or not shutil.which("git"), reason="not a clone")
def test_it_asks_for_the_commit_that_made_it(notebook: nbformat.NotebookNode) -> None:
    assert re.search(r'"git\+https://[^"@]+@[0-9a-f]{40}"', notebook.cells[0].source)
