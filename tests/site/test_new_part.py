"""A new part is its own folders and a line in ``_toc.yml``: every list, table and test of the book finds it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import yaml
from bs4 import BeautifulSoup

from .bench import ROOT
from .conftest import BUILT

PACKAGE = '''\
"""Echoes: what is said, said again."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor

from gennb._validate import checked

__all__ = ["echo"]


@checked
def echo(x: Float[Tensor, " samples"]) -> Float[Tensor, " samples"]:
    """Return what came, y = x (book: eq-echo)."""
    return x.clone()
'''
TEXT = """\
# What comes back?

Whatever $x$ is said, the wall answers

$$
y = x .
$$ (eq-echo)

See {eq}`eq-echo`: {glue:text}`answer`.
"""
CODE = """\
import torch

import gennb
from gennb import echo

answer = echo.echo(torch.ones(1))
assert answer == 1
gennb.glue("answer", "one")
"""
LEDGER = """\
- source: DNN
  item: "99.1"
  title: "An echo"
  stated: eq-echo
  computed: gennb.echo.echo
  check: book/echo/wall.ipynb#echo
"""
GOOD = '''\
"""Good calls of ``gennb.echo``."""

from __future__ import annotations

import torch

from gennb import echo

GOOD = {"echo.echo": lambda: (echo.echo, {"x": torch.ones(3)})}
'''


def page() -> str:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell(TEXT, id="text"),
            nbformat.v4.new_code_cell(CODE, id="echo"),
        ],
        metadata={
            "kernelspec": kernel,
            "description": "A wall that answers.",
            "part": "a model that says what it was told.",
        },
    )
    return nbformat.writes(notebook)


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the book with a part more, and with what has run already."""
    copy = tmp_path_factory.mktemp("grown") / "book"
    shutil.copytree(
        ROOT, copy, ignore=shutil.ignore_patterns(".*", "_build", "__pycache__", "MNIST")
    )
    shutil.copytree(BUILT.parent / ".jupyter_cache", copy / "_build" / ".jupyter_cache")
    files = {
        "gennb/echo/__init__.py": PACKAGE,
        "book/echo/wall.ipynb": page(),
        "book/echo/ledger.yml": LEDGER,
        "tests/unit/hostile/echo.py": GOOD,
    }
    for name, text in files.items():
        assert not (copy / name).exists()
        (copy / name).parent.mkdir(exist_ok=True)
        (copy / name).write_text(text, encoding="utf-8")
    toc = yaml.safe_load((copy / "book" / "_toc.yml").read_text())
    part = {"caption": "Echoes", "numbered": 1, "chapters": [{"file": "echo/wall"}]}
    toc["parts"].insert(-1, part)  # before the appendices
    (copy / "book" / "_toc.yml").write_text(yaml.safe_dump(toc, sort_keys=False))
    return copy


def run(folder: Path, program: str, *arguments: str) -> str:
    """Run a program of the environment on a copy; return what it said."""
    done = subprocess.run(
        [Path(sys.executable).with_name(program), *arguments],
        cwd=folder,
        env={"GENNB_DATA": str(ROOT / "data")}
        | os.environ
        | {"PYTHONPATH": str(folder), "GENNB_SCALE": SCALE, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said[-3000:]
    return said


SCALE = "book" if BUILT == ROOT / "_build" / "html" else "fast"


@pytest.fixture
def small(grown: Path, tmp_path: Path) -> Path:
    """The same with one other part, and what the appendices say of the rest leads nowhere."""
    copy = tmp_path / "small"
    shutil.copytree(grown, copy)
    toc = yaml.safe_load((copy / "book" / "_toc.yml").read_text())
    for part in parts(copy):
        if part["caption"] in ("Echoes", "Variational autoencoders"):
            continue
        toc["parts"].remove(part)
        for page in part["chapters"]:
            shutil.rmtree((copy / "book" / page["file"]).parent, ignore_errors=True)
    (copy / "book" / "_toc.yml").write_text(yaml.safe_dump(toc, sort_keys=False))
    return copy


@pytest.mark.slow
def test_the_site_finds_a_new_part(small: Path) -> None:
    said = run(
        *(small, "jupyter-book", "build", "book", "--config", "_config.yml"),
        *("-n", "--path-output", "."),
    )
    assert re.findall(r"(\S+) ran in", said) == ["echo/wall.ipynb"]
    assert [line for line in said.splitlines() if "WARNING" in line and "echo" in line] == []

    def html(name: str) -> BeautifulSoup:
        path = small / "_build" / "html" / f"{name}.html"
        return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")

    chapters = sum(len(part["chapters"]) for part in parts(small))
    assert html("echo/wall").select_one(".eqno").text.startswith(f"({chapters}.1)")
    assert f"({chapters}.1): one." in html("echo/wall").select_one(".bd-article").text
    landing = html("index").select_one(".bd-article")
    assert "Echoes: a model that says what it was told." in landing.text
    assert "A wall that answers." in landing.text
    assert any("Echoes" in row.text for row in landing.select("table tr"))
    ledger = html("appendices/ledger").select_one("table.gnb-broad")
    assert any("99.1" in row.text and "eq-echo" not in row.text for row in ledger.select("tr"))
    assert html("appendices/api").find(id="gennb.echo.echo")
    assert "What comes back?" in html("appendices/times").select_one("table").text


def parts(folder: Path) -> list[dict[str, list[str]]]:
    toc = yaml.safe_load((folder / "book" / "_toc.yml").read_text())
    return [part for part in toc["parts"] if "numbered" in part]


@pytest.mark.slow
def test_the_tests_find_a_new_part(grown: Path) -> None:
    said = run(
        grown,
        "pytest",
        "tests/unit/test_ledger.py",
        "tests/unit/test_hostile.py",
        "-v",
        "-k",
        "echo or every",
    )
    assert len(re.findall(r"echo.*PASSED", said)) >= 3
    assert "test_every_public_callable_has_a_good_call PASSED" in said
