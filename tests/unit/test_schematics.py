"""Schematics: what is drawn, that nothing stands on anything else, and what is refused."""

from __future__ import annotations

from itertools import combinations
from xml.etree import ElementTree

import pytest

import gennb
from gennb.schematics import Part, box, layers, loss, noise, schematic, text_width, units

SVG = "{http://www.w3.org/2000/svg}"

RBM = (
    {"h": units((0, 0), 4, "hidden *h*", "4 units"), "v": units((0, 1), 6, "visible *v*")},
    ["v -- h"],
)
GAN = (
    {
        "z": noise((0, 1), "*z* ~ *N*(0, *I*)"),
        "G": layers((1, 1), [100, 256, 784], "generator *θ_g*"),
        "fake": box((2, 1), "*G*(*z*)", "784 pixels"),
        "data": noise((3, 2), "*x* ~ *p*_{data}"),
        "D": layers((3, 1), [784, 256, 1], "discriminator *θ_d*"),
        "loss-D": loss((4, 1), "*L_D*", "real 1, generated 0"),
        "loss-G": loss((4, 0), "*L_G*", "generated 1"),
    },
    ["z ~> G -> fake -> D -> loss-D", "data ~> D", "D -> loss-G"],
)
EXAMPLES = {"rbm": RBM, "gan": GAN}


@pytest.fixture(params=EXAMPLES)
def drawn(request: pytest.FixtureRequest) -> tuple[dict[str, Part], ElementTree.Element]:
    parts, arrows = EXAMPLES[request.param]
    return parts, ElementTree.fromstring(schematic(parts, arrows).svg)


def test_parts_and_labels_stand_apart_and_inside(
    drawn: tuple[dict[str, Part], ElementTree.Element],
) -> None:
    parts, svg = drawn
    _, _, width, height = map(float, svg.attrib["viewBox"].split())
    assert float(svg.attrib["width"].removesuffix("pt")) == pytest.approx(0.75 * width, abs=0.1)
    boxes = []
    for text in svg.iter(f"{SVG}text"):
        size, x, y = (float(text.attrib[k]) for k in ("font-size", "x", "y"))
        wide = text_width("".join(text.itertext()), size)
        left = x - wide * {"middle": 0.5, "end": 1.0}[text.attrib["text-anchor"]]
        boxes.append((left, y - 0.75 * size, left + wide, y + 0.25 * size))
    assert len(boxes) >= len(parts)
    for left, top, right, bottom in boxes:
        assert left >= 0
        assert top >= 0
        assert right <= width
        assert bottom <= height
    for a, b in combinations(boxes, 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


def test_every_unit_of_one_row_is_joined_with_every_unit_of_the_other() -> None:
    svg = ElementTree.fromstring(schematic(*RBM).svg)
    assert len(list(svg.iter(f"{SVG}circle"))) == 4 + 6
    assert len(list(svg.iter(f"{SVG}path"))) == 4 * 6


def test_layers_are_taller_for_more_units_and_say_how_many() -> None:
    drawing = schematic({"f": layers((0, 0), [10, 1000, 1], "f")}, [])
    svg = ElementTree.fromstring(drawing.svg)
    heights = [float(bar.attrib["height"]) for bar in svg.iter(f"{SVG}rect")]
    assert heights[1] > heights[0] > heights[2]
    assert "1,000" in drawing.svg


def test_labels_have_italics_subscripts_and_superscripts() -> None:
    svg = ElementTree.fromstring(schematic({"a": box((0, 0), "*q_φ*(*z*^{2n} < 1)")}, []).svg)
    spans = list(svg.iter(f"{SVG}tspan"))
    assert [s.text for s in spans] == ["q", "φ", "(", "z", "2n", " < 1)"]
    assert [s.get("font-style") for s in spans] == ["italic", "italic", None, "italic", None, None]
    assert sum(float(s.attrib["dy"]) for s in spans) == pytest.approx(0, abs=0.2)


def test_it_is_described_and_takes_its_colors_from_the_page() -> None:
    drawing = gennb.schematic(*GAN)
    assert repr(drawing) == "Schematic: " + ElementTree.fromstring(drawing.svg)[0].text
    assert "generator θg → G(z)" in repr(drawing)
    assert "var(--gnb-accent, #" in drawing._repr_svg_()
    assert " id=" not in drawing.svg  # nothing that could collide in a page
    assert drawing.svg == gennb.schematic(*GAN).svg


@pytest.mark.parametrize(
    ("parts", "arrows", "words"),
    [
        ({"a": box((0, 0), "a"), "b": box((0, 0), "b")}, [], "both stand at"),
        ({"a": box((0, 0), "a")}, ["a -> c"], "'c' in 'a -> c' is none of a"),
        ({"a": box((0, 0), "a"), "b": box((1, 0), "b")}, ["a => b"], "expected names with ->"),
        (
            {"a": box((0, 0), "a"), "b": box((1, 0), "b"), "c": box((2, 0), "c")},
            ["a -> c"],
            "would cross 'b'",
        ),
        (
            {n: box(p, n) for n, p in {"a": (0, 0), "b": (1, 1), "c": (1, 0), "d": (0, 1)}.items()},
            ["a -> b"],
            "would cross",
        ),
    ],
)
def test_what_cannot_be_drawn_is_refused(
    parts: dict[str, Part], arrows: list[str], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        schematic(parts, arrows)


def test_what_is_no_part_is_refused() -> None:
    with pytest.raises(TypeError, match="Make it with box"):
        schematic({"a": "box"}, [])  # type: ignore[dict-item]
