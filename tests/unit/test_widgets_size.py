"""A simple explorable costs little; what costs more is known, and may only shrink."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gennb import widgets

HERE = Path(widgets.__file__).parent
BUDGET = {".js": 120, ".py": 80}
KNOWN = {
    "gan/duel.js": 147,
    "gan/duel.py": 179,
    "gan/game.js": 127,
    "gan/optimal_discriminator.js": 133,
    "gan/optimal_discriminator.py": 119,
    "gan/ring_scrubber.py": 137,
    "vae/face_sliders.js": 134,
    "vae/face_sliders.py": 238,
    "vae/latent_pad.py": 121,
    "vae/scrubber.py": 150,
}
FILES = {
    path.relative_to(HERE).as_posix(): path
    for suffix in BUDGET
    for path in HERE.glob(f"*/*{suffix}")
    if path.parent.name != "kit"
}


def lines(path: Path) -> int:
    """Lines of code: neither blank, nor a comment, nor of a docstring."""
    source = path.read_text()
    if path.suffix == ".js":
        return len(re.findall(r"^\s*(?!//)\S", re.sub(r"/\*.*?\*/", "", source, flags=re.S), re.M))
    within: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(
            node
        ):
            within |= set(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    code = [line for i, line in enumerate(source.splitlines(), 1) if i not in within]
    return sum(bool(re.match(r"\s*[^\s#]", line)) for line in code)


@pytest.mark.parametrize("name", FILES)
def test_an_explorable_is_small(name: str) -> None:
    budget = BUDGET[FILES[name].suffix]
    assert lines(FILES[name]) <= KNOWN.get(name, budget), f"{name} has grown"
    assert KNOWN.get(name, budget + 1) > budget, f"{name} is small now: strike it off the list"


def test_the_list_names_nothing_that_is_gone() -> None:
    assert KNOWN.keys() <= FILES.keys()
    assert any(name.startswith("vae/elbo") for name in FILES)


DIAL_PY = '''\
"""A bell that one number moves."""

import traitlets

from gennb.widgets.kit.base import Explorable, Number
from gennb.widgets.kit.bundle import bundle
from gennb.widgets.kit.maths import grid, normal
from gennb.widgets.kit.still import draw_lines


class Dial(Explorable):
    """A bell that one number moves."""

    _esm, _css = bundle(__file__)
    title = traitlets.Unicode("A dial")
    label = traitlets.Unicode("A bell curve over x.")
    mean = Number(0.5, -3, 3)

    def _draw(self, figure):
        x = grid(-4, 4, 200)
        draw_lines(figure.subplots(), x, {"own": ("q(x)", normal(x, self.mean))})
'''
DIAL_JS = """\
import { number } from "../kit/elements.js";
import { graph } from "../kit/graph.js";
import { clamp, normal, steps } from "../kit/maths.js";
import { stage } from "../kit/stage.js";

function render(context) {
  const { body, readout, get, change, slider, show } = stage(context);
  const bell = graph({ x: [-4, 4], y: [0, 0.5], lines: ["own"], label: "A bell curve over x" });
  bell.drag((x) => change({ mean: clamp(x, ...get("limits").mean) }));
  body.append(bell.node, slider({ trait: "mean", label: "mean", step: 0.1 }).node);
  return show(() => {
    bell.line("own", steps(-4, 4, 100), (x) => normal(x, get("mean")));
    readout.textContent = `mean ${number(get("mean"))}`;
  });
}

export default { render };
"""
USE = """\
from gennb import widgets
assert {"Dial", "Duel", "ElboGap"} <= set(widgets.__all__)
dial = widgets.Dial.example()
assert dial.mean == 0.5 and dial.limits == {"mean": [-3, 3]} and len(dial.still) > 1000
assert "function render" in dial._esm and "function graph" in dial._esm"""


def test_a_new_part_adds_files_and_edits_none(tmp_path: Path) -> None:
    shutil.copytree(HERE.parent, tmp_path / "gennb")
    part = tmp_path / "gennb/widgets/echo"
    part.mkdir()
    (part / "__init__.py").write_text('"""A part."""\n\n_HOME = {"Dial": "dial"}\n')
    (part / "dial.py").write_text(DIAL_PY)
    (part / "dial.js").write_text(DIAL_JS)
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    subprocess.run([sys.executable, "-c", USE], cwd=tmp_path, env=environment, check=True)
