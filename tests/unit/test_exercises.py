"""Answers are judged by keys that no page shows, and a wrong one is told its likely cause, and never the truth."""

from __future__ import annotations

import ast
import inspect
import json
import math
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import gennb
from gennb import exercises
from gennb.exercises import Key

ROOT = Path(__file__).resolve().parents[2]

SIGN = "he size is right, the sign is not."
TWICE = "t is twice what it should be."
HALF = "t is half of what it should be."
BITS = "hese are bits, and nats are asked for."
NATS = "hese are nats, and bits are asked for."
DIGITS = "ight as far as it goes, but more digits are asked for."
RECIPROCAL = "he reciprocal is asked for."
SLIPS = (SIGN, TWICE, HALF, BITS, NATS, DIGITS, RECIPROCAL, "where a", "exchanged")

# Three digits or more, so that no answer is taken for a rounding by chance.
numbers = st.floats(0.0123456, 9876.54).map(lambda t: t * 1.00012345678)
quick = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def judge(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """Judge an answer to an exercise with this truth, and return what is printed."""

    def judge(answer: Any, truth: Any, *, right: bool = False, **key: Any) -> str:
        monkeypatch.setattr(exercises, "find", lambda name: Key(lambda: truth, **key))
        assert gennb.check("ex", answer) is right
        return " ".join(capsys.readouterr().out.split())

    return judge


@pytest.mark.parametrize(
    ("answer", "truth", "words"),
    [
        (2.0, 2.0, "✓ Right, to within 0.01."),
        (2.0078125, 2, "✓ Right, to within 0.01."),
        (np.array([1.0, 2.0]), [1, 2], "✓ Right, to within 0.01."),
        (torch.eye(2).requires_grad_(), [[1, 0], [0, 1]], "✓ Right, to within 0.01."),
        (math.inf, math.inf, "✓ Right, to within 0.01."),
        (2.3, 2, "✗ Not yet. Too large. Hint: h."),
        (1.7, torch.tensor(2), "✗ Not yet. Too small. Hint: h."),
        ([1.0, 5.0], [1, 2], "✗ Not yet. Entry 2: too large. Hint: h."),
        ([1.0], 1.0, "✗ Expected shape (), got (1,). Hint: h."),
        (math.nan, 1.0, "✗ Not yet. Nan is not a finite number. Hint: h."),
        ("two", 2.0, "✗ Expected a number, an array or a tensor, got str. Hint: h."),
        (..., 2.0, "Not answered yet: put your answer in place of the dots. Hint: h."),
        (None, 2.0, "Not answered yet: put your answer in place of the dots. Hint: h."),
    ],
)
def test_an_answer_is_judged(
    judge: Callable[..., str], answer: Any, truth: Any, words: str
) -> None:
    assert judge(answer, truth, tolerance=0.01, hint="h.", right=words[0] == "✓") == words


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ([2.0, 0.06], "✓ Right, to within a factor of 2."),
        ([2.3, 0.1], "✗ Not yet. Entry 1: too large."),
        ([1.0, -0.1], f"✗ Not yet. Entry 2: t{SIGN}"),
        ([1.0, math.nan], "✗ Not yet. Entry 2: nan is not a finite number."),
    ],
)
def test_a_size_is_judged_by_a_factor(judge: Callable[..., str], answer: Any, words: str) -> None:
    assert judge(answer, [1.0, 0.1], factor=2.0, right=words[0] == "✓") == words


def test_what_is_counted_has_to_be_exact(judge: Callable[..., str]) -> None:
    assert judge(3, 3, tolerance=0, right=True) == "✓ Right."
    assert judge(4, 3, tolerance=0) == "✗ Not yet. One too many."
    assert judge(2, 3, tolerance=0) == "✗ Not yet. One too few."
    assert judge(6, 3, tolerance=0) == "✗ Not yet. Too large."


def test_numbers_of_python_keep_their_digits(judge: Callable[..., str]) -> None:
    judge(543.4274, 543.4274, tolerance=1e-9, right=True)


@quick
@given(truth=numbers, negative=st.booleans())
def test_each_slip_is_named(judge: Callable[..., str], truth: float, negative: bool) -> None:
    truth = -truth if negative else truth
    assume(abs(abs(truth) - 1) > 0.02)  # its own reciprocal
    assert SIGN in judge(-truth, truth)
    assert TWICE in judge(2 * truth, truth)
    assert HALF in judge(truth / 2, truth)
    assert BITS in judge(truth / math.log(2), truth, unit="nats")
    assert NATS in judge(truth * math.log(2), truth, unit="bits")
    assert "ean over 784 where a sum is asked for." in judge(truth / 784, truth, terms=(784,))
    assert "um over 784 where a mean is asked for." in judge(truth * 784, truth, terms=(784,))


@quick
@given(truth=numbers)
def test_a_reciprocal_is_named_unless_a_likelier_slip_gives_the_same(
    judge: Callable[..., str], truth: float
) -> None:
    assume(all(abs(truth**2 - other) > 0.05 * other for other in (1, 2, 0.5)))
    assert RECIPROCAL in judge(1 / truth, truth)
    assert TWICE in judge(math.sqrt(2), math.sqrt(0.5))


@quick
@given(truth=numbers, digits=st.integers(2, 4))
def test_a_rounding_is_named(judge: Callable[..., str], truth: float, digits: int) -> None:
    answer = float(f"{truth:.{digits}g}")
    assume(abs(answer - truth) > 1e-6)
    assert DIGITS in judge(answer, truth)
    assert SIGN in judge(-answer, truth)  # one slip with another: the graver is named


@quick
@given(truth=numbers, ratio=st.floats(0.3, 3.3))
def test_no_slip_is_named_where_there_is_none(
    judge: Callable[..., str], truth: float, ratio: float
) -> None:
    answer = truth * ratio
    near = (1, 2, 0.5, math.log(2), 1 / math.log(2), 1 / truth**2)
    assume(all(abs(ratio - slip) > 0.06 * slip for slip in near))
    said = judge(answer, truth, unit="nats", terms=(784,))
    assert not any(slip in said for slip in SLIPS)
    assert ("arge" in said) == (ratio > 1)


@quick
@given(truths=st.lists(numbers, min_size=2, max_size=6), which=st.integers(0, 5))
def test_the_wrong_entry_of_a_list_is_named(
    judge: Callable[..., str], truths: list[float], which: int
) -> None:
    which %= len(truths)
    answer = [-t if i == which else t for i, t in enumerate(truths)]
    assert f"Entry {which + 1}: t{SIGN}" in judge(answer, truths)
    assert judge([-t for t in truths], truths) == f"✗ Not yet. T{SIGN}"


@quick
@given(truths=st.lists(numbers, min_size=2, max_size=5, unique=True))
def test_exchanged_entries_are_named(judge: Callable[..., str], truths: list[float]) -> None:
    assume(abs(truths[0] - truths[-1]) > 1e-3)
    answer = [truths[-1], *truths[1:-1], truths[0]]
    assert f"Entries 1 and {len(truths)} are exchanged." in judge(answer, truths)


def test_a_mean_for_a_sum_is_seen_from_the_shape(judge: Callable[..., str]) -> None:
    gradient = torch.tensor([1.3, -4.2, 0.7, 2.9, 8.8])
    assert "A mean over 5 where a sum is asked for." in judge(gradient / 5, gradient)
    assert "A sum over 5 where a mean is asked for." in judge(gradient * 5, gradient)
    assert "a mean over" not in judge(torch.cat([gradient[:4], gradient[4:] / 5]), gradient)


def test_entries_of_matrices_and_of_long_lists_are_named(judge: Callable[..., str]) -> None:
    truth = torch.arange(1.0, 10).view(3, 3)
    answer = truth.clone()
    answer[1, 2] *= -1
    assert f"Entry (2, 3): t{SIGN}" in judge(answer, truth)
    answer = torch.cat([truth[:2], -truth[2:]])
    assert f"Entries (3, 1), (3, 2) and (3, 3): t{SIGN}" in judge(answer, truth)
    answer = torch.cat([truth[:1], 9 * truth[1:]])
    assert "6 of 9 entries: too large." in judge(answer, truth)


@quick
@given(truth=numbers, answer=numbers)
def test_the_truth_stays_secret(judge: Callable[..., str], truth: float, answer: float) -> None:
    assume(abs(truth - answer) > 1e-3)
    assert not re.search(r"\d", judge(answer, truth, unit="nats"))


def test_a_function_is_measured(judge: Callable[..., str]) -> None:
    key = {"measured": lambda f: f(torch.tensor([1.0, 2.0]))}
    assert judge(lambda x: x**2, [1, 4], **key, right=True) == "✓ Right, to within 1e-06."
    assert f"T{SIGN}" in judge(lambda x: -(x**2), [1, 4], **key)
    assert "Not answered yet" in judge(lambda x: ..., [1, 4], **key)
    assert "Not answered yet" in judge(..., [1, 4], **key)
    assert "Expected a function, got float" in judge(1.0, [1, 4], **key)
    with pytest.raises(ZeroDivisionError):  # the reader's own error is the reader's to see
        judge(lambda x: 1 / 0, [1, 4], **key)


def test_a_name_that_no_exercise_has_is_refused() -> None:
    with pytest.raises(ValueError, match="Did you mean 'ex-laplace'"):
        gennb.check("ex-lapalce", 1.0)


def test_what_the_key_needs_from_the_page_is_asked_for() -> None:
    with pytest.raises(TypeError, match=r'gennb.check\("ex-best-forgery", answer, D=D\)'):
        gennb.check("ex-best-forgery", 3)
    with pytest.raises(TypeError, match=r'gennb.check\("ex-laplace", answer\)'):
        gennb.check("ex-laplace", 3, truth=3)


# The pages -------------------------------------------------------------------------------------


def names_asked() -> Iterator[str]:
    for _, _, call in (parameters.values for parameters in calls()):
        yield call.args[0].value


def calls() -> Iterator[Any]:
    """Every call of check in a page, with the labels of the page's exercises."""
    for path in sorted((ROOT / "book").rglob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        text = "".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
        labels = re.findall(r"\{exercise\}.*\n:label: (\S+)", text)
        for cell in cells:
            if cell["cell_type"] == "code" and "gennb.check(" in (code := "".join(cell["source"])):
                for node in ast.walk(ast.parse(code)):
                    if isinstance(node, ast.Call) and ast.unparse(node.func) == "gennb.check":
                        name = f"{path.stem}-{cell['id']}"
                        yield pytest.param(path.parent.name, labels, node, id=name)


@pytest.mark.parametrize(("part", "labels", "call"), list(calls()))
def test_a_page_hands_over_an_answer_and_no_truth(
    part: str, labels: list[str], call: ast.Call
) -> None:
    name, _answer = call.args
    assert isinstance(name, ast.Constant)
    assert name.value in labels
    key = exercises.find(name.value)
    assert key.truth.__module__ == f"gennb.{part}.exercises"
    assert [k.arg for k in call.keywords] == list(inspect.signature(key.truth).parameters)
    assert key.hint


def test_every_key_has_its_exercise() -> None:
    names = {
        name
        for path in (ROOT / "gennb").glob("*/exercises.py")
        for name in re.findall(r'"(ex-[\w-]+)"', path.read_text(encoding="utf-8"))
    }
    assert names == set(names_asked())


def test_keys_without_context_compute_their_truth() -> None:
    for name in set(names_asked()):
        truth = exercises.find(name).truth
        if not inspect.signature(truth).parameters:
            assert torch.isfinite(exercises._as_tensor(truth())).all()
