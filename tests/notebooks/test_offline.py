"""A page meant for MNIST finds other images where there is neither a copy of it nor a network, and says so."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[2]


def test_page_does_without_mnist_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9")  # nothing listens there
    monkeypatch.setenv("GENNB_DATA", str(tmp_path))
    monkeypatch.setenv("GENNB_SCALE", "fast")
    page = nbformat.read(ROOT / "book/vae/training.ipynb", as_version=4)
    (cell,) = (cell for cell in page.cells if cell.id == "data")
    assert 'fast="strokes"' in cell.source
    cell.source = cell.source.replace('fast="strokes"', 'fast="mnist"')  # as at book scale
    elsewhere = (
        f"import pathlib, gennb.data._files as f; f.home = lambda: pathlib.Path({str(tmp_path)!r})"
    )
    page.cells = [c for c in page.cells if c.id in ("setup", "data")]
    page.cells.insert(0, nbformat.v4.new_code_cell(elsewhere))  # a checkout's data/ may hold MNIST
    NotebookClient(page, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    printed = "".join(
        output.get("text", "")
        for cell in page.cells
        if cell.cell_type == "code"
        for output in cell.outputs
    )
    assert "MNIST is not at hand; this page runs on the built-in strokes." in printed
