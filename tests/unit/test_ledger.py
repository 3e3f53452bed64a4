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
LEDGERS: dict[str, list[dict[str, str]]] = {
    path.parent.name: yaml.safe_load(path.read_text(encoding="utf-8"))
    for path in sorted(BOOK.glob("*/ledger.yml"))
}
ROWS = [row for rows in LEDGERS.values() for row in rows]
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


KEYS = {"source", "item", "title", "stated", "check"}


def faults(row: dict[str, str]) -> list[str]:
    """What a row names that does not exist, or cannot fail."""
    computes = not row.get("stated", "").startswith("tab-") or "computed" in row
    if set(row) != KEYS | ({"computed"} if computes else set()):
        return [f"its keys are {sorted(row)}"]
    found = []
    if row["source"] not in {"DNN", "VAE", "AE", "GAN", "GANL"}:
        found.append(f"no source {row['source']}")
    if row["stated"] not in labels():
        found.append(f"no page and no label {row['stated']}")
    if computes and not callable(thing(row["computed"])):
        found.append(f"no callable {row['computed']}")
    if not check_asserts(row["check"]):
        found.append(f"no check that can fail at {row['check']}")
    return found


def thing(path: str) -> Any:
    """The object of a dotted name, or None."""
    package, *rest = path.split(".")
    found: Any = importlib.import_module(package)
    for attribute in rest:
        found = getattr(found, attribute, None)
    return found


def check_asserts(check: str) -> bool:
    """Report whether a test or a cell of this address exists and can fail."""
    path, _, test = check.partition("::")
    if test:
        known = definitions(ROOT / path) if (ROOT / path).is_file() else {}
        return test in known and asserts(known[test])
    page, _, tag = check.partition("#")
    return (ROOT / page).is_file() and any(
        "assert" in "".join(cell["source"])
        for cell in cells(ROOT / page)
        if tag == cell.get("id") or tag in cell["metadata"].get("tags", [])
    )


def test_tables_alone_may_compute_nothing() -> None:
    row = {key: value for key, value in LEDGERS["vae"][0].items() if key != "computed"}
    assert faults(row) == [f"its keys are {sorted(row)}"]


@pytest.mark.parametrize("part", LEDGERS)
def test_rows_point_at_things_that_exist(part: str) -> None:
    wrong = {name(row): found for row in LEDGERS[part] if (found := faults(row))}
    assert wrong == {}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("source", "GENIE"),
        ("stated", "eq-nowhere"),
        ("computed", "gennb.vae.nothing"),
        ("check", "tests/unit/test_vae.py::test_nothing"),
        ("check", "tests/unit/test_vae.py::model"),
        ("check", "book/vae/training.ipynb#no-such-cell"),
        ("check", "book/vae/training.ipynb#setup"),
    ],
)
def test_a_row_that_points_nowhere_is_found(key: str, value: str) -> None:
    row = LEDGERS["vae"][0]
    assert faults(row) == []
    assert len(faults(row | {key: value})) == 1


def test_rows_are_distinct() -> None:
    assert len({name(row) for row in ROWS}) == len(ROWS)


def test_every_numbered_item_of_the_parts_has_a_row() -> None:
    items = {row["item"] for row in ROWS if row["source"] == "DNN"}
    assert items >= {f"3.{number}" for number in range(1, 19)}
    assert items >= {"figure 3-4", "figure 3-5", "figure 3-6", "figure 3-10", "figure 3-12"}
    items = {row["item"] for row in ROWS if row["source"] == "GAN"}
    assert items >= {*"123456", "algorithm 1", "proposition 1", "theorem 1", "proposition 2"}
    assert items >= {"figure 1", "figure 2", "figure 3", "table 1", "table 2"}


def test_every_label_that_a_docstring_names_exists() -> None:
    named = {
        (path.relative_to(ROOT).as_posix(), label)
        for path in (ROOT / "gennb").rglob("*.py")
        for labels_named in re.findall(r"Book: ([^.]+)\.", path.read_text(encoding="utf-8"))
        for label in re.split(r",\s+", labels_named)
    }
    assert len(named) > 40
    assert {(path, label) for path, label in named if label not in labels()} == set()
