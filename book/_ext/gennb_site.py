"""What the whole site shares: its address, its buttons, its numbers.

The address of the repository stands in ``pyproject.toml`` alone; badges, links and buttons derive from it here.
"""

from __future__ import annotations

import os
import platform
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any

from docutils import nodes
from execution import scale
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment

ROOT = Path(__file__).resolve().parents[2]
REPOSITORY: str = tomllib.loads((ROOT / "pyproject.toml").read_text())[
    "project"
]["urls"]["Repository"]
OWNER, NAME = REPOSITORY.rstrip("/").split("/")[-2:]
SITE = f"https://{OWNER}.github.io/{NAME}/"

INSTALL = f"""```bash
git clone {REPOSITORY}
cd {NAME}
make book    # its own environment, then the whole book, executed
make serve   # the site on localhost
```"""


def configure(app: Sphinx, config: Config) -> None:
    config.html_static_path += map(str, ROOT.glob("book/_web/*.js"))
    config.templates_path.append(str(ROOT / "book" / "_templates"))
    config.html_baseurl = config.ogp_site_url = SITE
    config.html_theme_options |= {
        "repository_url": REPOSITORY,
        "use_repository_button": True,
    }
    config.myst_substitutions = {
        "repository": REPOSITORY,
        "site": SITE,
        "install": INSTALL,
        "scale": scale(),
        "cores": str(os.cpu_count()),
        "python": platform.python_version(),
        "torch": version("torch"),
    }


def write_again(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Have all pages written again, though not run, when scripts, styles or templates have changed since."""
    written = Path(app.outdir, ".buildinfo")
    if app.builder.format != "html" or not written.exists():
        return []
    book = ROOT / "book"
    shared = [
        *book.glob("_web/*.js*"),
        *book.glob("_static/*"),
        *book.glob("_templates/**/*"),
        *book.glob("_ext/*.py"),
    ]
    newest = max(path.stat().st_mtime for path in shared)
    return sorted(env.found_docs) if newest > written.stat().st_mtime else []


def resolve_public(
    app: Sphinx,
    env: BuildEnvironment,
    node: pending_xref,
    content: nodes.TextElement,
) -> nodes.Element | None:
    """Find ``gennb.vae.gaussian.Gaussian``, as signatures name it, where it is documented: ``gennb.vae.Gaussian``."""
    target = node.get("reftarget", "")
    if (
        node.get("refdomain") != "py"
        or target.count(".") < 3
        or not target.startswith("gennb.")
    ):
        return None
    package, part, *_, name = target.split(".")
    domain = env.get_domain("py")
    public = f"{package}.{part}.{name}"
    return domain.resolve_xref(
        env, node["refdoc"], app.builder, "obj", public, node, content
    )


def point_buttons(
    app: Sphinx, page: str, template: str, context: dict[str, Any], tree: Any
) -> None:
    """Point Colab and the notebook download at the plain edition, and problems at the issue form."""
    for group in context["header_buttons"]:
        if group.get("label") == "source-repository-button":
            group["icon"] = (
                "fas fa-code-branch"  # the theme's would load a font for this icon alone
            )
        for button in group.get("buttons", []):
            if button["text"] == "Colab":
                button["url"] = (
                    f"https://colab.research.google.com/github/{OWNER}/{NAME}"
                    f"/blob/gh-pages/plain/{page}.ipynb"
                )
            elif button["text"] == ".ipynb":
                button["url"] = context["pathto"](f"plain/{page}.ipynb", 1)
    if tree is not None:
        context["header_buttons"].append(
            {
                "type": "link",
                "url": f"{REPOSITORY}/issues/new?template=page.yml&page={page}",
                "text": "",
                "tooltip": "Report a problem on this page",
                "icon": "fas fa-lightbulb",
                "label": "report-button",
            }
        )


def is_thebe(asset: Any) -> bool:
    """Tell an asset of Thebe by its file, or by how its script begins: what a script holds may be anything."""
    file = getattr(asset, "filename", asset)
    if file:
        return Path(file).name in {"sphinx-thebe.js", "sphinx-thebe.css"}
    return asset.attributes.get("body", "").startswith("const THEBE_JS_URL")


def drop_thebe(
    app: Sphinx, page: str, template: str, context: dict[str, Any], tree: Any
) -> None:
    """Drop the scripts of Thebe, which Jupyter Book adds (one of them twice) even where it is switched off."""
    for kind in ("script_files", "css_files"):
        context[kind][:] = [
            asset for asset in context[kind] if not is_thebe(asset)
        ]


def drop_thebe_settings(app: Sphinx, tree: nodes.document, page: str) -> None:
    """Drop the scripts that Thebe leaves at the end of each notebook."""
    beginnings = (
        '<script type="text/x-thebe-config">',
        "<script>kernelName = ",
    )
    for script in list(tree.findall(nodes.raw)):
        if script.astext().lstrip().startswith(beginnings):
            script.parent.remove(script)


def keep_dark_code_on_screen(app: Sphinx, error: Exception | None) -> None:
    """Give code its light colors on paper, whatever the screen shows."""
    path = Path(app.outdir, "_static", "pygments.css")
    if app.builder.format != "html" or error:
        return
    light, dark, rest = path.read_text().partition('html[data-theme="dark"]')
    if "@media" not in light:
        light = light.replace('html[data-theme="light"]', "html[data-theme]")
        path.write_text(f"{light}@media screen {{\n{dark}{rest}\n}}\n")


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_js_file("column.js", loading_method="defer")
    app.connect("config-inited", configure, priority=100)
    app.connect("env-updated", write_again)
    app.connect("missing-reference", resolve_public)
    app.connect("html-page-context", point_buttons, priority=900)
    app.connect("html-page-context", drop_thebe, priority=900)
    app.connect("doctree-resolved", drop_thebe_settings, priority=900)
    app.connect("build-finished", keep_dark_code_on_screen, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
