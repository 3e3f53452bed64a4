"""Explorables in a static page: a still picture from the start, and scripts that put the living figure in its place.

myst-nb saves the state of a page's widgets as JSON in the page; we leave a place with a still picture for each of them.
``book/_web/explorables.js`` starts them there, by a script that every build writes for each class of
``gennb.widgets``: no page runs again because a script has changed. A panel that trains again needs a kernel: its
picture stays, and a line says what it is for.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from inline_figures import inline
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

VIEW = re.compile(
    r'<script type="application/vnd\.jupyter\.widget-view\+json">(.*?)</script>',
    re.S,
)

PICTURE = re.compile(
    r'<img alt="(.*?)" src="data:image/svg\+xml;base64,(.*?)">', re.S
)

LINE = "This is a still picture of a figure that answers its reader; here its scripts did not run."
NOT_FOR_SCRIPTS = {"height", "label", "layout", "still", "tabbable", "tooltip"}

logger = logging.getLogger(__name__)


class Place(nodes.General, nodes.Element):
    """Where an explorable stands in a page."""


def classes() -> dict[str, Any]:
    """Return the explorables of ``gennb.widgets`` by their names."""
    from gennb import widgets

    return {
        name: value
        for name in widgets.__all__
        if isinstance(value := getattr(widgets, name), type)
        and issubclass(value, widgets.Explorable)
        and value is not widgets.Explorable
    }


def script(explorable: Any) -> str:
    """Return a classic script made of an explorable's module: a page opened from disk may not load modules."""
    module, _, exported = explorable._esm.rpartition("export default ")
    return (
        f'"use strict";\ngennbExplorables.{explorable.__name__} = (() => {{\n'
        f"{module}return {exported.strip()}\n}})();\n"
    )


def write_scripts(folder: Path) -> None:
    """Write a script for each explorable, and one style sheet for all: what they share, then what is their own."""
    from gennb.widgets import Explorable

    folder.mkdir(parents=True, exist_ok=True)
    explorables = classes()
    for name, explorable in explorables.items():
        (folder / f"{name}.js").write_text(script(explorable), encoding="utf-8")
    own = dict.fromkeys(
        each._css.removeprefix(Explorable._css) for each in explorables.values()
    )
    style = "\n".join([Explorable._css, *own])
    (folder / "style.css").write_text(style, encoding="utf-8")


def markup(
    name: str,
    model_id: str,
    *,
    still: bytes,
    source: str,
    label: str,
    title: str,
    caption: str,
    height: list[int],
) -> str:
    """Return the place of an explorable: a plate for paper, and a line for readers without scripts."""
    width, tall = (
        int.from_bytes(still[at : at + 4], "big") for at in (16, 20)
    )  # where a PNG tells it
    return (
        f'<div class="gnb-explorable" id="gnb-{name}" data-explorable="{name}" data-model="{model_id}" '
        f'style="--gnb-wide: {height[0]}px; --gnb-narrow: {height[1]}px">'
        f'<figure class="gnb-plate"><p class="gnb-plate-title">{html.escape(title)}</p>'
        f'<img class="gnb-still" src="{source}" alt="{html.escape(label)}" '
        f'width="{width}" height="{tall}" loading="lazy">'
        f"<figcaption>{html.escape(caption)}</figcaption></figure>"
        f'<p class="gnb-still-note">{LINE}</p></div>'
    )


def place(model_id: str, model: dict[str, Any]) -> Place | None:
    """Return the place of an explorable; its state loses all that its script does not need."""
    state = model["state"]
    name = state.get("_anywidget_id", "").rpartition(".")[2]
    buffers = {buffer["path"][0]: buffer for buffer in model["buffers"]}
    still = buffers.pop("still", {}).get("data")
    if name not in classes() or not (still and state.get("label")):
        return None
    model["buffers"] = list(buffers.values())
    model["state"] = {
        key: value
        for key, value in state.items()
        if key[0] != "_" and key not in NOT_FOR_SCRIPTS
    }
    about = {key: state[key] for key in ("label", "title", "caption", "height")}
    return Place("", name=name, model=model_id, still=still, about=about)


def visit_place(translator: HTML5Translator, node: Place) -> None:
    builder = translator.builder
    still = base64.b64decode(node["still"])
    image = f"still-{hashlib.sha256(still).hexdigest()[:16]}.png"
    path = Path(builder.outdir, builder.imagedir, image)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(still)
    source = f"{builder.imgpath}/{image}"
    translator.body.append(
        markup(
            node["name"],
            node["model"],
            still=still,
            source=source,
            **node["about"],
        )
    )
    raise nodes.SkipNode


def within(model_id: str, models: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the states of a widget and of all that it holds."""
    state = models[model_id]["state"]
    yield state
    for child in state.get("children", []):
        yield from within(child.removeprefix("IPY_MODEL_"), models)


def without_kernel(
    model_id: str, models: dict[str, Any]
) -> list[nodes.Node] | None:
    """Return what stands for a panel that trains again: the page's own run, and the names of the knobs."""
    panel = models.get(model_id, {"state": {}})["state"]
    if "gnb-train-again" not in panel.get("_dom_classes", []):
        return None
    states = list(within(model_id, models))
    picture = next(
        filter(None, (PICTURE.match(str(s.get("value"))) for s in states))
    )
    svg = base64.b64decode(picture[2]).decode()
    drawing = inline(svg, html.unescape(picture[1]), f"run-{model_id}")
    knobs = [
        s["description"]
        for s in states
        if s.get("_model_name", "").endswith(("SliderModel", "DropdownModel"))
    ]
    line = nodes.paragraph(
        "",
        f"Turn these knobs where a kernel runs: {', '.join(knobs)}. The buttons at the top of the page download the "
        "notebook or open it in Colab.",
        classes=["gnb-needs-kernel"],
    )
    return [nodes.raw("", drawing, format="html"), line]


def prepare(app: Sphinx, tree: nodes.document) -> None:
    """Keep of a page's widgets only what its loader can run; progress bars go."""
    scripts = NbMetadataCollector.get_js_files(app.env, app.env.docname)
    if "ipywidgets_state" not in scripts:
        return
    attributes = scripts["ipywidgets_state"][1]
    saved = json.loads(attributes["body"])
    models = saved["state"]
    shown: dict[str, Place | None] = {}
    for view in list(tree.findall(nodes.raw)):
        match = VIEW.search(view.astext())
        if match is None:
            continue
        model_id = json.loads(match[1])["model_id"]
        if models.get(model_id, {}).get("model_module") != "anywidget":
            if stand_in := without_kernel(model_id, models):
                view.replace_self(stand_in)
            else:
                bundle = view.parent.parent
                bundle.parent.remove(bundle)
            continue
        if model_id not in shown:
            shown[model_id] = place(model_id, models[model_id])
        if shown[model_id] is None:
            logger.warning(
                "explorable that gennb.widgets does not have, or without a still picture or a label",
                location=view.parent,
            )
        else:
            view.replace_self(shown[model_id].deepcopy())
    if shown:
        saved["state"] = {key: models[key] for key in shown}
        attributes["body"] = json.dumps(saved).replace("<", r"\u003c")
    else:
        for key in [key for key in scripts if key.startswith("ipywidgets_")]:
            del scripts[key]


def write_assets(app: Sphinx) -> None:
    if app.builder.format == "html":
        write_scripts(Path(app.outdir, "_static", "explorables"))


def add_assets(
    app: Sphinx, page: str, template: str, context: dict[str, Any], tree: Any
) -> None:
    """Add to a page the loader, and the scripts of its own explorables."""
    places = () if tree is None else tree.findall(Place)
    if names := sorted({place["name"] for place in places}):
        app.add_css_file("explorables/style.css")
        app.add_js_file("explorables.js", priority=100)
        for name in names:
            app.add_js_file(f"explorables/{name}.js", loading_method="defer")


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_node(Place, html=(visit_place, None))
    app.connect("builder-inited", write_assets)
    app.connect("doctree-read", prepare)
    app.connect("html-page-context", add_assets)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
