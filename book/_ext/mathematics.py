"""MathJax 4 in the site: the files that a page may load, from the npm packages in ``book/_web``.

Version 4 breaks formulas where a narrow column ends. ``book/_web/mathematics.js`` loads it and says how.
"""

from __future__ import annotations

import shutil
from filecmp import cmp
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

PACKAGES = Path(__file__).parents[1] / "_web" / "node_modules"
FILES = {  # by package: what goes where in _static/mathjax
    "mathjax": (
        "",
        [
            "LICENSE",
            "startup.js",
            "core.js",
            "input/tex.js",
            "input/tex",
            "output/chtml.js",
            "a11y/assistive-mml.js",
        ],
    ),
    "@mathjax/mathjax-newcm-font": ("newcm", ["chtml.js", "chtml"]),
}


def copy_mathjax(app: Sphinx, error: Exception | None) -> None:
    if error or app.builder.format != "html":
        return
    if not PACKAGES.is_dir():
        raise ExtensionError(
            f"MathJax is not in {PACKAGES}: `make book` brings it, or `npm ci --prefix book/_web`."
        )
    target = Path(app.outdir, "_static", "mathjax")
    versions, written = (
        PACKAGES.parent / "package-lock.json",
        target / "versions.json",
    )
    if written.is_file() and cmp(versions, written, shallow=False):
        return
    shutil.rmtree(target, ignore_errors=True)
    for package, (folder, names) in FILES.items():
        for name in names:
            source, copy = PACKAGES / package / name, target / folder / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            (shutil.copytree if source.is_dir() else shutil.copyfile)(
                source, copy
            )
    shutil.copyfile(
        versions, written
    )  # last: what was interrupted begins again


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("build-finished", copy_mathjax)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
