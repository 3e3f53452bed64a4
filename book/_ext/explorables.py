"""Explorables in a static page: the page's own loader runs them, and a still stands in where scripts are off.

myst-nb saves the state of a page's widgets as JSON in the page; we leave a place for each of them. There
``book/_web/explorables.mjs`` runs its ES module; ``nb_ipywidgets_js`` in ``_config.yml`` adds that loader to the
pages that hold widgets, in place of RequireJS and the html-manager. A panel that trains again needs a kernel: its
picture stays, and a line says what it is for.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterator
from typing import Any

from docutils import nodes
from inline_figures import inline
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.application import Sphinx
from sphinx.util import logging

VIEW = re.compile(
    r'<script type="application/vnd\.jupyter\.widget-view\+json">(.*?)</script>',
    re.S,
)

PICTURE = re.compile(
    r'<img alt="(.*?)" src="data:image/svg\+xml;base64,(.*?)">', re.S
)

logger = logging.getLogger(__name__)


def place(model_id: str, model: dict[str, Any]) -> nodes.raw | None:
    """Return the place of an explorable in the page; its still picture moves there from the widget's state."""
    state = model["state"]
    pictures = [
        buffer
        for buffer in model.get("buffers", [])
        if buffer["path"] == ["still"]
    ]
    if not (pictures and state.get("label")):
        return None
    model["buffers"] = [
        buffer for buffer in model["buffers"] if buffer not in pictures
    ]
    wide, narrow = state.get("height", [0, 0])
    markup = (
        f'<div class="gnb-explorable" data-model="{model_id}" '
        f'style="--gnb-wide: {wide}px; --gnb-narrow: {narrow}px">'
        f'<noscript><img class="gnb-still" src="data:image/png;base64,{pictures[0]["data"]}" '
        f'alt="{html.escape(state["label"])}"></noscript></div>'
    )
    return nodes.raw("", markup, format="html")


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
    shown: dict[str, nodes.raw | None] = {}
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
                "explorable without a still picture or a label",
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


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("doctree-read", prepare)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
