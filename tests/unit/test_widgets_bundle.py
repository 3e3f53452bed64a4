"""The files behind an explorable become one module and one style sheet; what would fail in the page fails here."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gennb import widgets
from gennb.widgets.kit.bundle import END, STYLE, join

HERE = Path(widgets.__file__).parent
ENTRIES = sorted(path for path in HERE.rglob("*.js") if path.read_text().endswith(END))
NODE = shutil.which("node")
KIT = """\
export const half = 1 / 2, quarter = 1 / 4;
const hidden = 3; // not for others
/** Twice. @param {number} x */
export function twice(x) {
  return 2 * x;
}
"""


def write(folder: Path, **files: str) -> Path:
    for name, source in files.items():
        (folder / f"{name}.js").write_text(source)
    return folder / "entry.js"


def run(module: str, code: str) -> str:
    """What node prints."""
    if NODE is None:
        pytest.skip("node is not installed; the site tests run each module in Chromium")
    command = [NODE, "--input-type=module"]
    done = subprocess.run(command, input=module + code, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_every_explorable_has_a_module() -> None:
    assert {f"{path.parent.name}.{path.stem}" for path in ENTRIES} == {
        home.removeprefix("gennb.widgets.")
        for home in widgets._HOMES.values()
        if ".kit." not in home
    }


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda path: path.stem)
def test_every_bundle_is_one_small_module_that_runs(entry: Path) -> None:
    source = join(entry)
    assert re.findall(r"^(?:import|export)\b.*", source, re.MULTILINE) == [END.strip()]
    assert len(source.encode()) <= 39_000
    assert run(source, "console.log(typeof render)") == "function"


def test_bundle_holds_shared_code_once() -> None:
    assert join(HERE / "vae/scrubber.js").count("function unpackNetwork") == 1
    assert "unpackNetwork" not in join(HERE / "vae/elbo.js")


def test_names_of_two_files_do_not_collide(tmp_path: Path) -> None:
    other = 'import { twice } from "./kit.js";\nconst hidden = 4;\nexport const eight = twice(hidden);\n'
    entry = """\
import {
  eight,
} from "./other.js";
import { twice } from "./kit.js";
const hidden = 5;
const render = () => [hidden, eight, twice(hidden)];
"""
    source = join(write(tmp_path, kit=KIT, other=other, entry=entry + END))
    assert source.count("function twice") == 1
    assert "Twice" not in source
    assert run(source, "console.log(render().join())") == "5,8,10"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('import { thrice } from "./kit.js";', "expected thrice among the exports of ./kit.js"),
        ('import { hidden } from "./kit.js";', "expected hidden among the exports"),
        ('import { quarter } from "./kit.js";', r"expected quarter .* got \['half', 'twice'\]"),
        ('import { twice as double } from "./kit.js";', "expected import { a, b }"),
        ('import twice from "./kit.js";', "expected import { a, b }"),
        ('import * as kit from "./kit.js";', "expected import { a, b }"),
        ('import "./kit.js";', "expected import { a, b }"),
        ('import { twice } from "https://unpkg.com/kit.js";', "expected import { a, b }"),
        ('import { twice } from "./kit.js";\nconst twice = 2;', "twice is imported and defined"),
        ('import { twice, twice } from "./kit.js";', "twice is imported and defined"),
        ('import { round } from "./circle.js";', "circle.js.*imports it in turn"),
        ("const a = 1;\nexport { a };", "export before a definition, got export { a }"),
        ("export default 3;", "export before a definition, got export default 3"),
        ("export const render = 1;\n//", "as its last line"),
    ],
)
def test_what_would_fail_in_the_page_is_refused(tmp_path: Path, line: str, message: str) -> None:
    circle = 'import { half } from "./entry.js";\nexport const round = half;\n'
    end = "" if line.endswith("//") else END
    entry = write(tmp_path, kit=KIT, circle=circle, entry=f"{line}\nconst render = 1;\n{end}")
    with pytest.raises(ValueError, match=message):
        join(entry)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        join(write(tmp_path, entry='import { a } from "./nowhere.js";\n' + END))


CLASS = re.compile(r"\.(gnb-[\w-]+)")


def uses(source: str, name: str) -> bool:
    """Whether a script names a class: whole, as the look of a key, or by what it puts after a beginning."""
    beginnings = re.findall(r"(gnb-(?:[\w]+-)+)\$\{", source)
    ends = [name.removeprefix(start) for start in beginnings if name.startswith(start)]
    return bool(re.search(rf"\b{name}\b(?!-)", source)) or any(
        f'"{end}"' in source for end in [name.removeprefix("gnb-"), *ends]
    )


def test_no_style_is_dead() -> None:
    scripts = {path: path.read_text() for path in HERE.rglob("*.js")}
    kit = "".join(source for path, source in scripts.items() if path.parent.name == "kit")
    for sheet in HERE.rglob("*.css"):
        own = scripts.get(sheet.with_suffix(".js"), "".join(scripts.values()))
        for name in set(CLASS.findall(sheet.read_text())):
            assert uses(own + kit, name), f"{sheet.name}: .{name}"


def test_what_one_explorable_alone_uses_stands_beside_it() -> None:
    kit = "".join(path.read_text() for path in (HERE / "kit").glob("*.js"))
    for name in set(CLASS.findall(STYLE)):
        users = [path.stem for path in ENTRIES if uses(path.read_text(), name)]
        assert uses(kit, name) or len(users) > 1, f".{name} belongs to {users}"


LAZY = """\
import sys
from gennb.widgets import LatentPad
loaded = {name for name in sys.modules if name.startswith(("gennb.widgets.gan.", "gennb.gan", "gennb.vae"))}
sys.exit(f"loaded: {loaded}" if loaded else 0)"""


def test_a_part_loads_only_its_own() -> None:
    done = subprocess.run([sys.executable, "-c", LAZY], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_no_explorable_imports_a_part_of_the_package() -> None:
    for path in HERE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0
                assert not str(node.module).startswith(("gennb.vae", "gennb.gan")), path


def test_unknown_names_are_refused() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Doul'"):
        _ = widgets.Doul
    assert set(widgets.__all__) <= set(dir(widgets))
