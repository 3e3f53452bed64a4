"""The type of the book's figures: Source Sans 3, where ``fontpkg-source-sans-3`` is installed."""

from __future__ import annotations

import functools
import os
from importlib.util import find_spec
from pathlib import Path

import matplotlib as mpl
from matplotlib import font_manager

FAMILY = "Source Sans 3"
CHARACTERS = (
    *range(0x20, 0x180),  # Latin
    *range(0x300, 0x304),  # combining accents
    *range(0x391, 0x3CA),  # Greek
    *range(0x2010, 0x2045),  # punctuation
    *range(0x2070, 0x20A0),  # raised and lowered figures
    *map(ord, "€ᵀᵃᵛℓ▶●✓✗"),
    *range(0x2150, 0x215F),  # fractions
    *range(0x2190, 0x2270),  # arrows, operators
)
"""What pages and figures may be written in."""

_FACES = (
    ("SourceSans3[wght].ttf", "normal", 400),
    ("SourceSans3[wght].ttf", "normal", 700),
    ("SourceSans3-Italic[wght].ttf", "italic", 400),
)


@functools.cache
def family() -> str:
    """Make the book's face known to matplotlib, and return its name, or ``"sans"`` where it is not installed.

    matplotlib reads of a variable font its thinnest weight only, so the weights are cut once and kept in its cache.
    """
    package = find_spec("fontpkg_source_sans_3")
    if package is None or package.origin is None:
        return "sans"
    for name, style, weight in _FACES:
        variable = Path(package.origin).parent / "files" / name
        face = Path(mpl.get_cachedir()) / name.replace("[wght]", f"-{weight}")
        if not face.is_file() or face.stat().st_mtime < variable.stat().st_mtime:
            _cut(variable, weight, face)
        font_manager.fontManager.ttflist.append(
            font_manager.FontEntry(str(face), name=FAMILY, style=style, weight=weight)
        )
    return FAMILY


def _cut(variable: Path, weight: int, face: Path) -> None:
    """Write one weight of a variable font."""
    from fontTools import subset, ttLib
    from fontTools.varLib import instancer

    font = ttLib.TTFont(variable)
    only = subset.Subsetter(subset.Options(layout_features=["kern", "mark"], hinting=False))
    only.populate(unicodes=CHARACTERS)
    only.subset(font)
    instancer.instantiateVariableFont(
        font, {"wght": weight}, inplace=True, overlap=instancer.OverlapMode.KEEP_AND_SET_FLAGS
    )
    font["name"].setName(FAMILY, 1, 3, 1, 0x409)
    unfinished = face.with_suffix(f".{os.getpid()}")  # several kernels may come here at once
    font.save(unfinished)
    unfinished.replace(face)
