"""Put the SVG figures of the cells into the page itself: in its type, and in ink that follows light and dark mode."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

INK = "#6e7781"  # what gennb.plot.style() draws text, axes and ticks in
SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
FAMILY = re.compile(r"font-family: 'Source Sans 3'[^;]*;?\s*")
REFERENCE = re.compile(r"#([\w.-]+)")

logger = logging.getLogger(__name__)
ElementTree.register_namespace("", SVG)
ElementTree.register_namespace("xlink", XLINK)


class InlineFigure(nodes.General, nodes.Element):
    """An SVG drawing, ready to stand in a page."""


def inline(svg: str, label: str, prefix: str) -> str:
    """Return ``svg`` as an element of an HTML page: named, scaled to its column, its ids its own."""
    root = ElementTree.fromstring(svg)
    for parent in list(root.iter()):
        for child in list(parent):
            # matplotlib's style sheet has the selector "*", which would reach the whole page.
            if child.tag in {f"{{{SVG}}}metadata", f"{{{SVG}}}style"}:
                parent.remove(child)
    used = {
        match
        for element in root.iter()
        for name, value in element.items()
        if name != "id" and "#" in value
        for match in REFERENCE.findall(value)
    }
    for element in root.iter():
        for name, value in list(element.items()):
            value = FAMILY.sub("", value.replace(INK, "currentColor"))
            if name == "id" and value not in used:
                del element.attrib[name]
                continue
            if name == "id":
                value = f"{prefix}-{value}"
            elif name == f"{{{XLINK}}}href" and value.startswith("#"):
                value = f"#{prefix}-{value[1:]}"
            element.set(name, value.replace("url(#", f"url(#{prefix}-"))
    width = float(root.attrib.pop("width", "0").removesuffix("pt") or 0)
    root.attrib.pop("height", None)
    root.attrib |= {
        "class": "gnb-figure",
        "role": "img",
        "aria-label": label,
        "style": f"width: {width * 4 / 3:.0f}px; stroke-linejoin: round; stroke-linecap: butt",
    }
    return ElementTree.tostring(root, encoding="unicode")


class InlineFigures(SphinxPostTransform):
    """Replace the SVG images that cells made by inline drawings; ask every image for a description."""

    default_priority = (
        20  # after myst-nb has chosen among the formats of an output
    )
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        outputs = Path(self.app.outdir).parent / "jupyter_execute"
        for number, image in enumerate(
            list(self.document.findall(nodes.image))
        ):
            label = image.get("alt", "")
            if not label:
                logger.warning(
                    "figure without a description (alt)", location=image
                )
            path = (Path(self.app.srcdir) / image["uri"]).resolve()
            if path.suffix == ".svg" and path.is_relative_to(outputs.resolve()):
                html = inline(
                    path.read_text(encoding="utf-8"), label, f"fig{number}"
                )
                image.replace_self(InlineFigure("", html=html))


def visit(translator: HTML5Translator, node: InlineFigure) -> None:
    translator.body.append(node["html"])
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_node(InlineFigure, html=(visit, None))
    app.add_post_transform(InlineFigures)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
