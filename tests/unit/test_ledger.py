"""The ledger of equations points nowhere but at things that exist: a label, an object, a check that asserts."""

from __future__ import annotations

import ast
import functools
import importlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
BOOK = ROOT / "book"
ROWS: list[dict[str, str]] = yaml.safe_load((BOOK / "ledger.yml").read_text(encoding="utf-8"))
LABEL = re.compile(r":(?:label|name): *(\S+)|\$\$ *\(([\w:-]+)\)|^\(([\w:-]+)\)=", re.MULTILINE)


def cells(path: Path) -> list[dict[str, Any]]:
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


@functools.cache
def labels() -> set[str]:
    """Every label that a page defines, in its text or in the figure options of a cell; and every page."""
    found = {page.relative_to(BOOK).with_suffix("").as_posix() for page in BOOK.rglob("*.ipynb")}
    for page in [*BOOK.rglob("*.ipynb"), *BOOK.rglob("*.md")]:
        if page.suffix == ".md":
            texts = [page.read_text(encoding="utf-8")]
        else:
            texts = ["".join(cell["source"]) for cell in cells(page)]
            figures = (c["metadata"].get("mystnb", {}).get("figure", {}) for c in cells(page))
            found |= {figure["name"] for figure in figures if "name" in figure}
        found |= {name for text in texts for names in LABEL.findall(text) for name in names if name}
    return found


def asserts(node: ast.AST) -> bool:
    """Report whether code can fail: by an assert, or by asking for an exception or for closeness."""
    calls = {
        call.func.attr
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)
    }
    has_assert = any(isinstance(inner, ast.Assert) for inner in ast.walk(node))
    return has_assert or bool(calls & {"raises", "assert_close", "assert_allclose"})


@functools.cache
def definitions(path: Path) -> dict[str, ast.AST]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {n.name: n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}


def name(row: dict[str, str]) -> str:
    return f"{row['source']} {row['item']}"


@pytest.mark.parametrize("row", ROWS, ids=name)
def test_row_is_complete(row: dict[str, str]) -> None:
    assert set(row) == {"source", "item", "title", "stated", "computed", "check"}
    assert row["source"] in {"DNN", "VAE", "AE", "GAN", "GANL"}


@pytest.mark.parametrize("row", ROWS, ids=name)
def test_label_is_in_a_page(row: dict[str, str]) -> None:
    assert row["stated"] in labels()


@pytest.mark.parametrize("row", ROWS, ids=name)
def test_object_exists(row: dict[str, str]) -> None:
    package, part, *path = row["computed"].split(".")
    found = importlib.import_module(package)
    for attribute in [part, *path]:
        found = getattr(found, attribute)
    assert callable(found)


@pytest.mark.parametrize("row", ROWS, ids=name)
def test_check_exists_and_asserts(row: dict[str, str]) -> None:
    path, _, test = row["check"].partition("::")
    if test:
        known = definitions(ROOT / path)
        assert test in known
        assert asserts(known[test])
        return
    page, _, tag = row["check"].partition("#")
    tagged = [
        cell
        for cell in cells(ROOT / page)
        if tag == cell.get("id") or tag in cell["metadata"].get("tags", [])
    ]
    assert tagged
    assert any("assert" in "".join(cell["source"]) for cell in tagged)


def test_rows_are_distinct() -> None:
    assert len({name(row) for row in ROWS}) == len(ROWS)


def test_every_numbered_item_of_the_parts_has_a_row() -> None:
    items = {row["item"] for row in ROWS if row["source"] == "DNN"}
    assert items >= {f"3.{number}" for number in range(11, 19)} | {"figure 3-10", "figure 3-12"}
    items = {row["item"] for row in ROWS if row["source"] == "GAN"}
    assert items >= {*"123456", "algorithm 1", "proposition 1", "theorem 1", "proposition 2"}
    assert items >= {"figure 1", "figure 2", "figure 3", "table 1", "table 2"}
