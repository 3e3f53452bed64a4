"""What every explorable is made of: a still picture, a state that travels as JSON, and one module."""

from __future__ import annotations

import io
import json
import re

import matplotlib as mpl
import pytest
from ipywidgets import embed
from PIL import Image

from gennb import plot
from gennb.plot import CLASS_COLORS
from gennb.widgets import ElboGap, Explorable
from gennb.widgets.base import HERE, bundle, still_figure, to_png

from ..explorables import NAMES, make_explorables

MODULES = sorted(
    path.name for path in HERE.glob("*.js") if "export default { render }" in path.read_text()
)


@pytest.fixture(scope="module")
def explorables() -> dict[str, Explorable]:
    return make_explorables()


@pytest.fixture(params=NAMES)
def explorable(request: pytest.FixtureRequest, explorables: dict[str, Explorable]) -> Explorable:
    return explorables[request.param]


def test_still_is_a_picture(explorable: Explorable) -> None:
    image = Image.open(io.BytesIO(explorable.still))
    image.load()
    assert image.format == "PNG"
    assert image.width >= 500
    assert len(image.convert("RGB").getcolors()) > 8


def test_still_keeps_its_shades_under_the_style_of_the_book() -> None:
    """Figures of the book are transparent; a still picture has no place for that."""
    with mpl.rc_context():
        plot.style()
        figure = still_figure(1, 1)
        figure.add_subplot().patch.set(facecolor="black", alpha=0.5)
        image = Image.open(io.BytesIO(to_png(figure))).convert("L")
    assert image.getpixel((0, 0)) == 255
    assert image.getpixel((50, 50)) == pytest.approx(128, abs=8)


def test_state_is_saved_as_json(explorable: Explorable) -> None:
    saved = json.loads(json.dumps(embed.dependency_state([explorable], drop_defaults=False)))
    record = saved[explorable.model_id]
    assert record["model_module"] == "anywidget"
    assert "still" in {buffer["path"][0] for buffer in record["buffers"]}
    for text in ("title", "hint", "caption", "label"):
        assert record["state"][text]


def test_text_can_be_changed_and_typos_are_caught() -> None:
    gap = ElboGap(title="The gap", caption="It closes.")
    assert (gap.title, gap.caption) == ("The gap", "It closes.")
    with pytest.raises(TypeError, match="unexpected tilte"):
        ElboGap(tilte="The gap")


def test_every_explorable_has_a_module(explorables: dict[str, Explorable]) -> None:
    assert {each._esm for each in explorables.values()} == {bundle(name) for name in MODULES}


@pytest.mark.parametrize("name", MODULES)
def test_bundle_is_one_module(name: str) -> None:
    source = bundle(name)
    assert not re.search(r"^import\b", source, re.MULTILINE)
    assert re.findall(r"^export .*", source, re.MULTILINE) == ["export default { render };"]
    names = re.findall(r"^(?:async )?(?:function|const|let|class) (\w+)", source, re.MULTILINE)
    assert len(names) == len(set(names))
    assert len(source.encode()) <= 32_000


def test_bundle_holds_shared_code_once() -> None:
    assert bundle("scrubber.js").count("function unpackNetwork") == 1
    assert "unpackNetwork" not in bundle("elbo.js")


def test_page_and_figures_share_a_palette() -> None:
    source = (HERE / "controls.js").read_text()
    palette = re.search(r"export const palette = \[(.*?)\]", source, re.DOTALL)
    assert palette is not None
    assert tuple(re.findall(r"#\w{6}", palette[1])) == tuple(CLASS_COLORS)
