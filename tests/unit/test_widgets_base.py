"""What every explorable is made of: a still picture, a state that travels as JSON, and one module."""

from __future__ import annotations

import inspect
import io
import json
import math
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import matplotlib as mpl
import pytest
import torch
from ipywidgets import embed
from matplotlib.figure import Figure
from PIL import Image

from gennb import plot, widgets
from gennb.plot import CLASS_COLORS
from gennb.widgets import ElboGap, Explorable, LossGradients
from gennb.widgets.kit.base import Number
from gennb.widgets.kit.still import draw_still

from ..explorables import CLASSES, NAMES, make_explorables


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

    def gray(figure: Figure) -> None:
        figure.subplots().patch.set(facecolor="black", alpha=0.5)

    with mpl.rc_context():
        plot.style()
        image = Image.open(io.BytesIO(draw_still(gray))).convert("L")
    assert image.getpixel((0, 0)) == 255
    assert image.getpixel((image.width // 2, image.height // 2)) == pytest.approx(128, abs=8)


def test_state_is_saved_as_json(explorable: Explorable) -> None:
    saved = json.loads(json.dumps(embed.dependency_state([explorable], drop_defaults=False)))
    record = saved[explorable.model_id]
    assert record["model_module"] == "anywidget"
    assert "still" in {buffer["path"][0] for buffer in record["buffers"]}
    for text in ("title", "hint", "caption", "label"):
        assert record["state"][text]


def test_examples_are_the_same_every_time(explorable: Explorable) -> None:
    again = type(explorable).example()
    for name in set(explorable.keys) - {"layout", "tabbable", "tooltip"}:
        assert getattr(explorable, name) == getattr(again, name), name


@pytest.fixture
def other_defaults() -> Iterator[Callable[[], None]]:
    """PyTorch's default type and device are the caller's affair."""

    def choose() -> None:
        torch.set_default_dtype(torch.float64)
        torch.set_default_device("meta")

    yield choose
    torch.set_default_dtype(torch.float32)
    torch.set_default_device(None)


@pytest.mark.parametrize("name", NAMES)
def test_defaults_of_pytorch_change_nothing(name: str, other_defaults: Callable[[], None]) -> None:
    torch.manual_seed(0)
    arguments = CLASSES[name]._example()
    before = CLASSES[name](**arguments)
    other_defaults()
    after = CLASSES[name](**arguments)
    for trait in set(before.keys) - {"layout", "tabbable", "tooltip"}:
        assert getattr(before, trait) == getattr(after, trait), trait


def test_limits_of_numbers_travel_and_hold(explorable: Explorable) -> None:
    numbers = {n: t for n, t in explorable.traits().items() if isinstance(t, Number)}
    for name, trait in numbers.items():
        if math.isfinite(trait.high):
            assert explorable.limits[name] == [trait.low, trait.high]
            setattr(explorable, name, trait.high)
            with pytest.raises(ValueError, match=f"{name}: expected a number in"):
                setattr(explorable, name, trait.high + 1)
    json.dumps(explorable.limits)


def test_arguments_of_a_simple_explorable_are_its_traits() -> None:
    signature = inspect.signature(LossGradients)
    assert str(signature) == "(*, theta=2.0, s=0.7, log=False, **text)"


def test_text_can_be_changed_and_typos_are_caught() -> None:
    gap = ElboGap(title="The gap", caption="It closes.")
    assert (gap.title, gap.caption) == ("The gap", "It closes.")
    with pytest.raises(TypeError, match="unexpected tilte"):
        ElboGap(tilte="The gap")


def test_page_and_figures_share_a_palette() -> None:
    source = (Path(widgets.__file__).parent / "kit/elements.js").read_text()
    palette = re.search(r"export const palette = \[(.*?)\]", source, re.DOTALL)
    assert palette is not None
    assert tuple(re.findall(r"#\w{6}", palette[1])) == tuple(CLASS_COLORS)
