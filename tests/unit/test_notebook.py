"""What pages get from `show` and `glue`, word for word; the last one through a real build."""

from __future__ import annotations

import json
import subprocess
import sys
import types

import pytest
import torch

import gennb
from gennb import vae
from gennb._validate import checked


def plain(x):
    """Say what it does.

    At some length.
    """

    # Why the square.
    return x**2


def short(x): "Café."; return x + 1  # fmt: skip  # noqa: E702


def bare(x):
    return x - 1


def only_words():
    """Nothing but a docstring."""


@torch.no_grad()
def decorated(x):
    """Say what it does."""
    return x


@checked
def guarded(x: torch.Tensor):
    """Say what it does."""
    return 2 * x


class Thing:
    """A thing."""

    size = 3

    def method(self):
        """Say what it does."""
        return self.size

    @property
    def double(self):
        """Twice the size."""
        return 2 * self.size


@pytest.mark.parametrize(
    ("thing", "name", "code"),
    [
        (plain, "plain", "def plain(x):\n    # Why the square.\n    return x**2"),
        (short, "short", "def short(x): return x + 1  # fmt: skip  # noqa: E702"),
        (bare, "bare", "def bare(x):\n    return x - 1"),
        (
            only_words,
            "only_words",
            'def only_words():\n    """Nothing but a docstring."""',
        ),
        (decorated, "decorated", "@torch.no_grad()\ndef decorated(x):\n    return x"),
        (guarded, "guarded", "def guarded(x: torch.Tensor):\n    return 2 * x"),
        (Thing.method, "Thing.method", "def method(self):\n    return self.size"),
        (Thing().method, "Thing.method", "def method(self):\n    return self.size"),
        (
            Thing.double,
            "Thing.double",
            "@property\ndef double(self):\n    return 2 * self.size",
        ),
    ],
)
def test_show_leaves_out_the_docstring_and_nothing_else(thing, name, code):
    source = gennb.show(thing)
    assert source.code == code
    assert repr(source) == f"# {__name__}.{name}\n{code}"
    assert source._repr_markdown_() == f"```python\n# {__name__}.{name}\n{code}\n```"


def test_show_a_class_keeps_its_members():
    code = gennb.show(Thing).code
    assert code.startswith("class Thing:\n    size = 3\n\n    def method(self):")
    assert "A thing" not in code


def test_show_every_equation_of_the_package_still_parses():
    for name in vae.__all__:
        compile(gennb.show(getattr(vae, name)).code, name, "exec")


@pytest.mark.parametrize("thing", [len, 3, "plain", Thing(), torch.exp, lambda: 0])
def test_show_takes_what_has_a_source_and_refuses_the_rest(thing):
    if isinstance(thing, types.FunctionType):
        assert "lambda: 0" in gennb.show(thing).code
    else:
        with pytest.raises(TypeError, match="obj: "):
            gennb.show(thing)


@pytest.mark.parametrize("where", ["a plain interpreter", "a notebook without the book's tools"])
def test_glue_prints_where_no_book_is_built(where, monkeypatch, capsys):
    if where == "a plain interpreter":  # another test may have left a shell
        monkeypatch.setattr("gennb.notebook.get_ipython", lambda: None)
    else:
        monkeypatch.setattr("gennb.notebook.get_ipython", object)
        monkeypatch.setitem(sys.modules, "myst_nb", None)
    gennb.glue("bound", -105.3, f"{-105.3:.0f} nats")
    gennb.glue("count", 90000)
    assert capsys.readouterr().out == "bound = -105 nats\ncount = 90000\n"


GLUED = {
    "comma": (90000, "90,000"),
    "spread": (-105.3, "-105.3 ± 0.2"),
    "zero": (0.5, "0.50"),
    "power": (1e5, "1e5"),
    "word": ("strokes", None),
    "quoted": (0, 'it\'s "so"'),
    "pair": (0, "(1, 2)"),
    "number": (3, None),
}


@pytest.mark.slow
def test_glue_shows_the_text_in_a_book_exactly(tmp_path):
    pytest.importorskip("myst_nb")
    roles = "\n\n".join(f"{key}=[{{glue:text}}`{key}`]" for key in GLUED)
    calls = "\n".join(f"glue({k!r}, {v!r}, {d!r})" for k, (v, d) in GLUED.items())
    code = {"cell_type": "code", "execution_count": None, "id": "a", "metadata": {}, "outputs": []}
    notebook = {
        "cells": [
            code | {"source": f"from gennb import glue\n{calls}"},
            {"cell_type": "markdown", "id": "b", "metadata": {}, "source": f"# Page\n\n{roles}"},
        ],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "p", "language": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    (tmp_path / "index.ipynb").write_text(json.dumps(notebook))
    (tmp_path / "conf.py").write_text(
        'extensions = ["myst_nb"]\nnb_execution_mode = "force"\nsmartquotes = False\n'
    )
    build = [sys.executable, "-m", "sphinx", "-W", "-q", "-b", "text", tmp_path, tmp_path / "out"]
    done = subprocess.run(build, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "out" / "index.txt").read_text()
    for key, (value, display) in GLUED.items():
        assert f"{key}=[{value if display is None else display}]" in page
