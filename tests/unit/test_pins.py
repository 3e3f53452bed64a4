"""The exact versions that the book is built with install on every Python that it promises."""

from __future__ import annotations

import tomllib
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).resolve().parents[2]
PINS = [
    Requirement(line)
    for line in (ROOT / "constraints.txt").read_text().splitlines()
    if line and not line.startswith("#")
]


def test_every_pin_installs_on_the_oldest_python() -> None:
    """Debian 12 has Python 3.11.2, so a package that wants 3.11.5 is one too new."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    oldest = project["requires-python"].removeprefix(">=") + ".0"
    too_new = {}
    for pin in PINS:
        try:
            wants = metadata(pin.name).get("Requires-Python", "")
        except PackageNotFoundError:  # of another platform
            continue
        if not SpecifierSet(wants).contains(oldest):
            too_new[str(pin)] = wants
    assert too_new == {}


def test_every_pin_is_exact() -> None:
    assert len(PINS) > 100
    assert [str(pin) for pin in PINS if not str(pin.specifier).startswith("==")] == []
