"""The book's own Sphinx extensions: when pages run again, and what becomes of a figure."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import nbformat
import pytest
from jupyter_cache import get_cache

sys.path.append(str(Path(__file__).resolve().parents[2] / "book" / "_ext"))

import execution
import inline_figures

SVG = f"""<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
 width="72pt" height="36pt" viewBox="0 0 72 36"><metadata/>
 <defs><style type="text/css">*{{stroke-linejoin: round}}</style><path id="tick" d="M0 0v3"/>
 <clipPath id="clip"><rect width="9" height="9"/></clipPath></defs>
 <g id="axes" clip-path="url(#clip)"><use xlink:href="#tick" style="stroke: {inline_figures.INK}"/>
 <text style="fill: {inline_figures.INK}">x</text></g></svg>"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "gennb").mkdir()
    (tmp_path / "gennb" / "a.py").write_text("x = 1")
    (tmp_path / "constraints.txt").write_text("torch==2.14.1")
    monkeypatch.setattr(execution, "ROOT", tmp_path)
    monkeypatch.delenv("GENNB_DATA", raising=False)
    return tmp_path


def test_pages_run_again_when_what_they_use_has_changed(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prints = [execution.fingerprint()]
    (project / "gennb" / "__pycache__").mkdir()
    (project / "gennb" / "__pycache__" / "a.pyc").write_bytes(b"0")
    assert execution.fingerprint() == prints[0]
    (project / "gennb" / "a.py").write_text("x = 2")
    prints.append(execution.fingerprint())
    (project / "gennb" / "pad.js").write_text("export {}")
    prints.append(execution.fingerprint())
    (project / "constraints.txt").write_text("torch==2.14.2")
    prints.append(execution.fingerprint())
    (project / "data" / "MNIST" / "raw").mkdir(parents=True)
    prints.append(execution.fingerprint())
    monkeypatch.setenv("GENNB_SCALE", "paper")
    prints.append(execution.fingerprint())
    assert len(set(prints)) == len(prints)


def test_pages_fill_the_cache_unless_they_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    sources = {"good": "print(6 * 7)", "other": "x = 1", "bad": "1 / 0"}
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    pages = {
        name: nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(source)], metadata={"kernelspec": kernel}
        )
        for name, source in sources.items()
    }
    for name, page in pages.items():
        nbformat.write(page, tmp_path / f"{name}.ipynb")
    config = SimpleNamespace(nb_execution_cache_path=str(tmp_path / "c"), nb_execution_timeout=60)
    app: Any = SimpleNamespace(config=config, srcdir=tmp_path)
    env: Any = SimpleNamespace(doc2path=lambda name: str(tmp_path / name))
    execution.fill_cache(app, env, ["index.md", *(f"{name}.ipynb" for name in sources)])

    cache = get_cache(config.nb_execution_cache_path)
    _, ran = cache.merge_match_into_notebook(pages["good"])
    assert ran.cells[0].outputs[0].text == "42\n"
    assert cache.match_cache_notebook(pages["other"]).data["execution_seconds"] > 0
    with pytest.raises(KeyError):
        cache.match_cache_notebook(pages["bad"])
    monkeypatch.setattr(execution, "single_nb_execution", None)
    execution.fill_cache(app, env, ["good.ipynb", "other.ipynb"])  # nothing is run twice


def test_figure_becomes_part_of_the_page() -> None:
    one, two = (inline_figures.inline(SVG, 'A "tick" & more', f"fig{i}") for i in (1, 2))
    root = ElementTree.fromstring(one)
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == 'A "tick" & more'
    assert root.attrib["viewBox"] == "0 0 72 36"
    assert "96px" in root.attrib["style"]  # 72 points
    assert inline_figures.INK not in one
    assert one.count("currentColor") == 2
    assert "<style" not in one
    ids = [{e.get("id") for e in ElementTree.fromstring(s).iter()} - {None} for s in (one, two)]
    assert ids == [{"fig1-tick", "fig1-clip"}, {"fig2-tick", "fig2-clip"}]
    assert 'href="#fig1-tick"' in one
    assert "url(#fig1-clip)" in one
