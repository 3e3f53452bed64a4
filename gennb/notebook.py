"""What a page of the book needs from its kernel: judge an answer, show a source, hand a number to the prose."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor


def check(answer: Any, truth: Any, *, tolerance: float = 1e-6, hint: str = "") -> bool:
    """Judge a reader's answer against the truth without giving the truth away.

    Parameters
    ----------
    answer, truth
        Numbers, arrays, tensors or nested lists of one shape. ``...`` or None is an answer not yet given.
    tolerance
        Largest absolute difference, in units of the truth, that still counts as right.
    hint
        Printed when the answer is not right.

    Returns
    -------
    bool
        Whether every entry of the answer is within the tolerance.
    """
    if answer is None or answer is ...:
        print("Not answered yet: put your answer in place of the dots." + _hint(hint))
        return False
    expected = _as_tensor(truth, "truth")
    try:
        given = _as_tensor(answer, "answer")
    except TypeError as error:
        print(f"✗ {error}{_hint(hint)}")
        return False
    if given.shape != expected.shape:
        print(f"✗ Expected shape {tuple(expected.shape)}, got {tuple(given.shape)}.{_hint(hint)}")
        return False
    distance = (given - expected).abs().max().item()
    if distance <= tolerance:
        print(f"✓ Right, to within {tolerance:g}.")
        return True
    print(f"✗ Not yet: off by {distance:.3g} where {tolerance:g} is allowed.{_hint(hint)}")
    return False


class Source:
    """The source of a function, displayed as highlighted code."""

    def __init__(self, name: str, code: str) -> None:
        self.name = name
        self.code = code

    def __repr__(self) -> str:
        return f"# {self.name}\n{self.code}"

    def _repr_markdown_(self) -> str:
        return f"```python\n{self!r}\n```"


def show(obj: Callable[..., Any] | type) -> Source:
    """Show the source of a function, method or class beside the equation that it computes.

    The docstring is left out: the page says what it says.

    Raises
    ------
    TypeError
        The object has no Python source (a built-in, or an instance).
    """
    if not (inspect.isroutine(obj) or inspect.isclass(obj)):
        raise TypeError(
            f"show: expected a function, method or class, got {type(obj).__name__}. Pass the function "
            "itself, without calling it."
        )
    try:
        code = textwrap.dedent(inspect.getsource(obj))
    except (OSError, TypeError) as error:
        raise TypeError(f"show: {obj!r} has no Python source; it may be a built-in.") from error
    return Source(f"{obj.__module__}.{obj.__qualname__}", _without_docstring(code))


def glue(name: str, value: Any, display: str | None = None) -> None:
    """Hand a value to the prose of the page under ``name``; where no book is built, print it instead.

    Parameters
    ----------
    name
        Key for the ``glue`` role in the prose.
    value
        A number or a string.
    display
        The text to show, formatted; by default ``str(value)``.
    """
    text = str(value) if display is None else display
    try:
        from myst_nb import glue as glue_in_book
    except ImportError:
        print(f"{name} = {text}")
        return
    glue_in_book(name, Text(text), display=False)


class Text(str):
    """A string that displays without quotation marks."""

    def __repr__(self) -> str:
        return str(self)


def _hint(hint: str) -> str:
    return f" Hint: {hint}" if hint else ""


def _as_tensor(value: Any, name: str) -> Tensor:
    try:
        return torch.as_tensor(value).detach().cpu().double()
    except (TypeError, ValueError, RuntimeError) as error:
        raise TypeError(
            f"{name}: expected a number, an array or a tensor, got {type(value).__name__}."
        ) from error


def _without_docstring(code: str) -> str:
    definition = ast.parse(code).body[0]
    if not isinstance(definition, ast.FunctionDef | ast.ClassDef):
        return code.rstrip()
    first, *rest = definition.body
    if not (isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and rest):
        return code.rstrip()
    lines = code.splitlines()
    assert first.end_lineno is not None
    end = first.end_lineno
    while not lines[end].strip():
        end += 1
    return "\n".join(lines[: first.lineno - 1] + lines[end:]).rstrip()
