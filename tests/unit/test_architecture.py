"""Who knows whom: parts know the tools, no tool knows a part or the book, and what is imported stays light."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from dependencies import Modules

ROOT = Path(__file__).resolve().parents[2]
MODULES = Modules(ROOT)
TOP = sorted({name.split(".")[1] for name in MODULES.files if "." in name})
PARTS = [name for name in TOP if (ROOT / "book" / name / "ledger.yml").is_file()]
TOOLS = {
    "_axes": [],
    "_type": [],
    "_validate": ["_axes"],
    "_binary": ["_validate"],
    "_pixels": ["_validate"],
    "networks": ["_validate"],
    "train": ["_validate"],
    "data": ["_validate"],
    "evaluate": ["data", "train", "_validate"],
    "plot": ["_type", "evaluate", "data", "train", "_validate"],
    "widgets": ["plot", "networks", "evaluate", "data", "train", "_validate"],
    "exercises": ["_validate"],
    "notebook": ["exercises", "_validate"],
    "schematics": ["plot", "_validate"],
}


def known(top: str) -> set[str]:
    """What a module of the package, or the modules in it, import of its other modules."""
    names = [m for m in MODULES.files if m.split(".")[1:2] == [top]]
    imported = {found for name in names for found in MODULES.direct(name)}
    return {name.split(".")[1] for name in imported if "." in name} - {top}


def test_there_are_parts():
    assert {"gan", "vae"} <= set(PARTS)
    assert set(TOP) == {*PARTS, *TOOLS, "paper"}


@pytest.mark.parametrize("tool", TOOLS)
def test_a_tool_knows_the_tools_below_it_and_no_part(tool):
    assert known(tool) <= set(TOOLS[tool])


@pytest.mark.parametrize("part", PARTS)
def test_a_part_knows_tools_alone(part):
    assert known(part) <= TOOLS.keys() - {"notebook", "widgets", "schematics"}


def test_the_package_does_not_know_where_the_book_lies():
    for path in MODULES.files.values():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
                names = [n.value for n in ast.walk(node) if isinstance(n, ast.Constant)]
                assert "book" not in names, f"{path}, line {node.lineno}"


@pytest.mark.parametrize("name", ["", *(f".{part}" for part in PARTS)])
def test_imports_are_light(name):
    """No data set, no figure and no widget loads with a part, and nothing at all with the package."""
    code = f"import sys, gennb{name}; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout.split()
    heavy = {
        "matplotlib",
        "sklearn",
        "torchvision",
        "ipywidgets",
        "anywidget",
        "lightning",
        "IPython",
    }
    assert not heavy.intersection(loaded)
    ours = {m for m in loaded if m.startswith("gennb.")}
    assert "gennb.data" not in ours
    assert name or not ours
    assert name or "torch" not in loaded


def test_lazy_names_are_found():
    import gennb
    from gennb import evaluate

    for module in (gennb, evaluate):
        for lazy in module._HOME:
            assert getattr(module, lazy).__name__ == lazy
            assert lazy in module.__all__
            assert lazy in dir(module)
        with pytest.raises(AttributeError, match="nonsense"):
            _ = module.nonsense
