"""The book's own Sphinx extensions: when pages run again, and what becomes of a figure."""

from __future__ import annotations

import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

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
