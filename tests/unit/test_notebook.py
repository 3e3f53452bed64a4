"""What pages get from `check`, `show` and `glue`, word for word; the last one through a real build."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import types

import numpy as np
import pytest
import torch

import gennb
from gennb import vae
from gennb._validate import checked

HINT = " Hint: think of a square."


@pytest.mark.parametrize(
    ("answer", "truth", "verdict", "words"),
    [
        (2.0, 2.0, True, "✓ Right, to within 0.01."),
        (2.0078125, 2, True, "✓ Right, to within 0.01."),
        (2.01171875, 2, False, "✗ Not yet: off by 0.0117 where 0.01 is allowed." + HINT),
        (np.array([1.0, 2.0]), [1, 2], True, "✓ Right, to within 0.01."),
        (torch.eye(2).requires_grad_(), [[1, 0], [0, 1]], True, "✓ Right, to within 0.01."),
        ([1.0, 5.0], [1, 2], False, "✗ Not yet: off by 3 where 0.01 is allowed." + HINT),
        ([1.0], 1.0, False, "✗ Expected shape (), got (1,)." + HINT),
        (math.nan, 1.0, False, "✗ Not yet: off by nan where 0.01 is allowed." + HINT),
        (
            "two",
            2.0,
            False,
            "✗ answer: expected a number, an array or a tensor, got str." + HINT,
        ),
        (..., 2.0, False, "Not answered yet: put your answer in place of the dots." + HINT),
        (None, 2.0, False, "Not answered yet: put your answer in place of the dots." + HINT),
    ],
)
def test_check_judges_and_says_why(answer, truth, verdict, words, capsys):
    result = gennb.check(answer, truth, tolerance=0.01, hint="think of a square.")
    assert result is verdict
    assert capsys.readouterr().out == words + "\n"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ([2.0, 0.06], "✓ Right, to within a factor of 2."),
        ([2.1, 0.1], "✗ Not yet: off by a factor of 2.1 where 2 is allowed."),
        ([1.0, 0.01], "✗ Not yet: off by a factor of 10 where 2 is allowed."),
        ([1.0, -0.1], "✗ Not yet: off by a factor of inf where 2 is allowed."),
        ([1.0, float("nan")], "✗ Not yet: off by a factor of inf where 2 is allowed."),
    ],
)
def test_check_judges_a_size_by_a_factor(answer, words, capsys):
    assert gennb.check(answer, [1.0, 0.1], factor=2.0) is words.startswith("✓")
    assert capsys.readouterr().out == words + "\n"


def test_check_refuses_a_factor_of_what_has_no_size():
    with pytest.raises(ValueError, match="truth: expected positive numbers"):
        gennb.check(1.0, 0.0, factor=2.0)


def test_check_knows_infinity_and_refuses_to_judge_nothing(capsys):
    assert gennb.check(float("inf"), float("inf"))
    assert not gennb.check(float("inf"), 1.0)
    with pytest.raises(ValueError, match="truth: expected at least one number"):
        gennb.check([], [])
    capsys.readouterr()


def test_check_keeps_the_truth_to_itself(capsys):
    gennb.check(0.0, 1.2345678)
    assert "1.234" not in capsys.readouterr().out.replace("off by 1.23 ", "")


def test_check_refuses_a_truth_that_is_no_number():
    with pytest.raises(TypeError, match="truth: expected a number"):
        gennb.check(1.0, "two")


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
    if where != "a plain interpreter":
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
