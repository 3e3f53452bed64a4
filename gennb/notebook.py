"""What a page of the book needs from its kernel: show a source, hand a number to the prose."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from IPython import get_ipython
from IPython.display import display as display_data


class Source:
    """The source of a function, displayed as highlighted code."""

    def __init__(self, name: str, code: str) -> None:
        self.name = name
        self.code = code

    def __repr__(self) -> str:
        return f"# {self.name}\n{self.code}"

    def _repr_markdown_(self) -> str:
        return f"```python\n{self!r}\n```"


def show(obj: Callable[..., Any] | property | type) -> Source:
    """Show the source of a function, method, property or class beside the equation that it computes.

    The docstring is left out: the page says what it says.

    Raises
    ------
    TypeError
        The object has no Python source (a built-in, or an instance).
    """
    if isinstance(obj, property):
        obj = obj.fget or obj
    if not (inspect.isroutine(obj) or inspect.isclass(obj)):
        raise TypeError(
            f"obj: expected a function, method or class, got {type(obj).__name__}. Pass the function "
            "itself, without calling it."
        )
    try:
        code = textwrap.dedent(inspect.getsource(obj))
    except (OSError, TypeError) as error:
        raise TypeError(f"obj: {obj!r} has no Python source; it may be a built-in.") from error
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
    if not isinstance(name, str) or not name:
        raise TypeError(f"name: expected a key for the glue role, got {name!r}.")
    text = str(value if display is None else display)
    if get_ipython() is None or find_spec("myst_nb") is None:
        print(f"{name} = {text}")
        return
    # What myst_nb.glue(name, text, display=False) would send, without the second that its import of Sphinx takes.
    # The role reads its text as a Python literal where it can. In quotation marks it stays the text that it is:
    # without them 90,000 would become a pair and 0.50 lose its zero.
    record = "application/papermill.record/"
    display_data(  # type: ignore[no-untyped-call]
        {record + "text/plain": repr(text)},
        metadata={"scrapbook": {"name": name, "mime_prefix": record}},
        raw=True,
    )


def _without_docstring(code: str) -> str:
    # Whether the arguments are looked at adds nothing to the equation.
    code = re.sub(r"^ *@checked\n", "", code, flags=re.MULTILINE).rstrip()
    code = re.sub(r"\bbare\(([\w.]+)\)\(", r"\1(", code)
    try:
        definition = ast.parse(code).body[0]
    except SyntaxError:  # a lambda: its source is the line that it stands in
        return code
    if not isinstance(definition, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return code
    first, *rest = definition.body
    if ast.get_docstring(definition) is None or not rest:
        return code
    lines = code.splitlines()
    assert first.end_lineno is not None
    start, end = first.lineno - 1, first.end_lineno
    if rest[0].lineno == first.end_lineno:
        line = lines[end - 1].encode()
        lines[end - 1] = (line[: first.col_offset] + line[rest[0].col_offset :]).decode()
        return "\n".join(lines[:start] + lines[end - 1 :])
    while not lines[end].strip():
        end += 1
    return "\n".join(lines[:start] + lines[end:])
