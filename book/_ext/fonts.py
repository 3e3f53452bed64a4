"""The book's own type: Source Sans 3 and IBM Plex Mono, cut down to what pages are written in.

The license of both keeps their names for the whole fonts, so what is left here is called Book Sans and Book Mono. The
theme's font of icons is cut down, too: to the dozen that the pages show, of some 1,400.
"""

from __future__ import annotations

import re
import shutil
from importlib.util import find_spec
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont
from sphinx.application import Sphinx

from gennb import _type

SANS = "fontpkg_source_sans_3"
FONTS = {  # by file: the name, where it comes from, the weight where one is enough
    "sans": ("Book Sans", SANS, "SourceSans3[wght].ttf", None),
    "sans-italic": ("Book Sans", SANS, "SourceSans3-Italic[wght].ttf", 400),
    "mono": (
        "Book Mono",
        "fontpkg_ibm_plex_mono",
        "IBMPlexMono-Regular.ttf",
        None,
    ),
}
FEATURES = ["kern", "mark", "tnum"]


def cut(source: Path, name: str, weight: int | None, target: Path) -> None:
    """Write the part of a font that pages need, under a name of its own."""
    font = TTFont(source)
    options = Options(layout_features=FEATURES, hinting=False)
    options.drop_tables += ["meta"]  # of no use to a page
    only = Subsetter(options)
    only.populate(unicodes=_type.CHARACTERS)
    only.subset(font)
    if weight:
        instantiateVariableFont(font, {"wght": weight}, inplace=True)
    for which in (1, 3, 4, 6, 16):
        text = name.replace(" ", "") if which == 6 else name
        font["name"].setName(text, which, 3, 1, 0x409)
    font.flavor = "woff2"
    font.save(target)


def write_fonts(folder: Path) -> None:
    """Write the fonts that are not there yet, and their licenses."""
    folder.mkdir(parents=True, exist_ok=True)
    for file, (name, package, original, weight) in FONTS.items():
        home = Path(find_spec(package).origin).parent
        source, target = home / "files" / original, folder / f"{file}.woff2"
        newest = max(
            path.stat().st_mtime
            for path in map(Path, (source, __file__, _type.__file__))
        )
        if not target.is_file() or target.stat().st_mtime < newest:
            cut(source, name, weight, target)
            terms = f"LICENSE-{name.lower().replace(' ', '-')}.txt"
            shutil.copyfile(home / "LICENSE", folder / terms)


def write_assets(app: Sphinx) -> None:
    if app.builder.format == "html":
        write_fonts(Path(app.outdir, "_static", "fonts"))
        _type.family()  # before the pages look for it, several at once


def icons(site: Path, sheet: str) -> set[int]:
    """Return the characters of the icons that pages, scripts or style sheets of the site name or write."""
    known = {
        name: int(code, 16)
        for names, code in re.findall(
            r"([^{}]*)\{content:\"\\([0-9a-f]+)\"\}", sheet
        )
        for name in re.findall(r"\.(fa-[\w-]+)", names)
    }
    found: set[int] = set()
    for path in [*site.rglob("*.html"), *site.glob("_static/**/*.[cj]s*")]:
        if "fontawesome" not in path.parts:
            text = path.read_text(encoding="utf-8", errors="replace")
            found |= {
                known[name]
                for name in re.findall(r"fa-[\w-]+", text)
                if name in known
            }
            found |= {
                int(code, 16)
                for code in re.findall(r"\\(f[0-9a-f]{3})\b", text)
            }
    return found


def cut_icons(app: Sphinx, error: Exception | None) -> None:
    if error or app.builder.format != "html":
        return
    for home in Path(app.outdir, "_static", "vendor", "fontawesome").glob("*"):
        shown = icons(Path(app.outdir), (home / "css/all.min.css").read_text())
        font = TTFont(home / "webfonts" / "fa-solid-900.ttf")
        only = Subsetter(Options(hinting=False))
        only.populate(unicodes=shown)
        only.subset(font)
        font.flavor = "woff2"
        font.save(home / "webfonts" / "fa-solid-900.woff2")


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("builder-inited", write_assets)
    app.connect("build-finished", cut_icons)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
