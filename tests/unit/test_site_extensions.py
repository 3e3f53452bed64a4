"""The book's own Sphinx extensions: when pages run and are written again, and what becomes of a figure."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import execution
import gennb_site
import inline_figures
import nbformat
import plain_edition
import pytest
from dependencies import Modules
from jupyter_cache import get_cache

ROOT = Path(__file__).resolve().parents[2]


SVG = f"""<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
 width="72pt" height="36pt" viewBox="0 0 72 36"><metadata/>
 <defs><style type="text/css">*{{stroke-linejoin: round}}</style><path id="tick" d="M0 0v3"/>
 <clipPath id="clip"><rect width="9" height="9"/></clipPath></defs>
 <g id="axes" clip-path="url(#clip)"><use xlink:href="#tick" style="stroke: {inline_figures.INK}"/>
 <text style="fill: {inline_figures.INK}">x</text></g></svg>"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of two parts and a tool, and a book with a page for each part."""
    files = {
        "constraints.txt": "torch==2.14.1",
        "gennb/__init__.py": "def __getattr__(name): ...\n_HOME = {'glue': 'notebook', 'check': 'exercises'}",
        "gennb/exercises.py": "",
        "gennb/gan/exercises.py": "",
        "gennb/notebook.py": "",
        "gennb/train/__init__.py": "from gennb.train.loop import fit",
        "gennb/train/loop.py": "from gennb import _validate",
        "gennb/_validate.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from gennb import gan",
        "gennb/vae/__init__.py": "from .model import VAE",
        "gennb/vae/model.py": "def players():\n    from gennb.train import fit",
        "gennb/gan/__init__.py": "import gennb.train as t",
        "gennb/widgets/__init__.py": "def __getattr__(name): ...",
        "gennb/widgets/vae/__init__.py": "_HOME = {'Pad': 'pad'}",
        "gennb/widgets/vae/pad.py": "",
        "gennb/widgets/vae/pad.js": "export default {}",
        "gennb/widgets/gan/__init__.py": "_HOME = {'Duel': 'duel'}",
        "gennb/widgets/gan/duel.py": "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    for part, widget in (("vae", "Pad"), ("gan", "Duel")):
        code = f"%time\nimport gennb\nfrom gennb import {part}, widgets as w\nw.{widget}\ngennb.check(gennb.glue)"
        page = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
        (tmp_path / "book" / part / "results").mkdir(parents=True)
        nbformat.write(page, tmp_path / "book" / part / "page.ipynb")
    monkeypatch.delenv("GENNB_DATA", raising=False)
    return tmp_path


@pytest.mark.parametrize(
    ("file", "parts"),
    [
        ("gennb/vae/model.py", {"vae"}),
        ("gennb/gan/__init__.py", {"gan"}),
        ("gennb/gan/exercises.py", {"gan"}),
        ("gennb/train/loop.py", {"vae", "gan"}),
        ("gennb/_validate.py", {"vae", "gan"}),
        ("gennb/notebook.py", {"vae", "gan"}),
        ("gennb/__init__.py", {"vae", "gan"}),
        ("gennb/widgets/vae/pad.py", {"vae"}),
        ("gennb/widgets/gan/duel.py", {"gan"}),
        ("gennb/widgets/vae/pad.js", set()),
        ("book/gan/results/paper.json", {"gan"}),
        ("constraints.txt", {"vae", "gan"}),
        ("data/MNIST/raw/images", {"vae", "gan"}),
    ],
)
def test_a_page_runs_again_if_what_it_uses_has_changed(
    project: Path, file: str, parts: set[str]
) -> None:
    def prints() -> dict[str, str]:
        pages = execution.Fingerprints(project)
        return {part: pages.of(project / "book" / part / "page.ipynb") for part in ("vae", "gan")}

    before = prints()
    assert prints() == before
    (project / file).parent.mkdir(parents=True, exist_ok=True)
    with (project / file).open("a") as changed:
        changed.write("\nx = 1")
    after = prints()
    assert {part for part in before if before[part] != after[part]} == parts


def test_scale_and_pages_count(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = project / "book" / "vae" / "page.ipynb"
    before = execution.Fingerprints(project).of(page)
    monkeypatch.setenv("GENNB_SCALE", "paper")
    assert execution.Fingerprints(project).of(page) != before


def test_the_pages_of_a_part_do_not_depend_on_another() -> None:
    """Unless it names the other: a change under gennb/gan runs no page on the VAE, one in the loop runs all."""
    modules = Modules(ROOT)
    for path in sorted((ROOT / "book").glob("*/*.ipynb")):
        page = nbformat.read(path, as_version=4)
        code = "\n".join(cell.source for cell in page.cells if cell.cell_type == "code")
        behind = {file.relative_to(ROOT).as_posix() for file in modules.behind(code)}
        parts = {p.parent.name for p in (ROOT / "book").glob("*/*.ipynb")} - {path.parent.name}
        others = {part for part in parts if f"{part}." not in code}
        reached = {other for other in others if f"gennb/{other}/__init__.py" in behind}
        assert not reached, path
        reached = {file for file in behind for other in others if f"widgets/{other}/" in file}
        assert not reached, path
        assert "gennb/train/loop.py" in behind, path


def test_what_is_called_on_the_way_hides_no_name(project: Path) -> None:
    modules = Modules(project)
    code = "import gennb\ngennb.widgets.Pad(1.5, x.y).show().z"
    found = {p.relative_to(project).as_posix() for p in modules.behind(code)}
    widgets = {"gennb/widgets/__init__.py", "gennb/widgets/vae/__init__.py"}
    assert found == {"gennb/__init__.py", "gennb/widgets/vae/pad.py", *widgets}


def test_a_name_that_is_found_nowhere_counts_as_the_whole_package(project: Path) -> None:
    modules = Modules(project)
    found = {p.relative_to(project).as_posix() for p in modules.behind("import gennb\ngennb.odd")}
    assert found == {p.relative_to(project).as_posix() for p in project.glob("gennb/**/*.py")}


def run_pages(folder: Path, prints: dict[str, str]) -> Any:
    """Let the extension see these pages with these fingerprints; return its cache."""
    config = SimpleNamespace(nb_execution_cache_path=str(folder / "c"), nb_execution_timeout=60)
    app: Any = SimpleNamespace(config=config, srcdir=folder)
    env: Any = SimpleNamespace(doc2path=lambda name: str(folder / name), gennb_fingerprints=prints)
    execution.fill_cache(app, env, ["index.md", *prints])
    return get_cache(config.nb_execution_cache_path)


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
    prints = {f"{name}.ipynb": "one" for name in sources}
    cache = run_pages(tmp_path, prints)
    _, ran = cache.merge_match_into_notebook(pages["good"])
    assert ran.cells[0].outputs[0].text == "42\n"
    assert cache.match_cache_notebook(pages["other"]).data["execution_seconds"] > 0
    with pytest.raises(KeyError):
        cache.match_cache_notebook(pages["bad"])

    ran_again = []

    def note(page: Any, **_: Any) -> Any:
        ran_again.append(page.cells[0].source)
        return SimpleNamespace(err=None, time=1.0)

    monkeypatch.setattr(execution, "single_nb_execution", note)
    run_pages(tmp_path, {"good.ipynb": "one", "other.ipynb": "two"})
    assert ran_again == ["x = 1"]
    run_pages(tmp_path, {"good.ipynb": "one", "other.ipynb": "two"})
    assert ran_again == ["x = 1"]


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


def test_plain_edition_is_written_again_where_what_it_comes_from_is_newer(tmp_path: Path) -> None:
    builder = object.__new__(plain_edition.PlainBuilder)
    pages = {"part/one": "part/one.ipynb", "two": "two.ipynb", "list": "list.md"}
    builder.env = SimpleNamespace(found_docs=set(pages), doc2path=pages.get)
    builder.outdir = builder.doctreedir = tmp_path
    read = tmp_path / "environment.pickle"
    written = [tmp_path / "part" / "one.ipynb", tmp_path / "two.ipynb"]
    (tmp_path / "part").mkdir()
    extensions = Path(plain_edition.__file__).parent.glob("*.py")
    newest = max(path.stat().st_mtime for path in extensions)

    def outdated(after: float, *times: float) -> set[str]:
        for path, time in zip([read, *written], [after, *times], strict=True):
            path.write_text(plain_edition.SOURCE)
            os.utime(path, (newest + time, newest + time))
        return set(builder.get_outdated_docs())

    assert outdated(5, 9, 9) == set()
    assert outdated(5, 9, 3) == set(pages)  # pages were read since
    assert outdated(-9, 9, -5) == set(pages)  # an extension has changed since
    assert outdated(5, 9, 9) == set()
    written[0].unlink()
    assert builder.get_outdated_docs() == set(pages)


@pytest.mark.parametrize(
    "shared", ["_web/page.js", "_static/page.css", "_templates/a/b.html", "_ext/page.py"]
)
def test_pages_are_written_again_where_what_they_share_is_newer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shared: str
) -> None:
    monkeypatch.setattr(gennb_site, "ROOT", tmp_path)
    app = SimpleNamespace(outdir=tmp_path, builder=SimpleNamespace(format="html"))
    env = SimpleNamespace(found_docs={"one", "two"})
    changed, written = tmp_path / "book" / shared, tmp_path / ".buildinfo"
    changed.parent.mkdir(parents=True)
    changed.touch()
    assert gennb_site.write_again(app, env) == []  # all are new
    written.touch()
    os.utime(changed, (50, 50))
    assert gennb_site.write_again(app, env) == []
    os.utime(written, (9, 9))
    assert gennb_site.write_again(app, env) == ["one", "two"]
