"""Schematics of models: boxes, layers, losses and arrows on a grid, as SVG in the page's own type and colors.

Every part of a drawing has a place, (column, row). Columns and rows are as large as what stands in them, so that
nothing overlaps; arrows run along them::

    gennb.schematic(
        {"x": box((0, 0), "*x*", "784 pixels"), "f": layers((1, 0), [784, 20], "encoder")},
        ["x -> f"],
    )

In labels, ``*x*`` is italic, ``_`` lowers and ``^`` raises the next character or the next group in braces.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import Literal, NamedTuple

from gennb._validate import check_kind
from gennb.plot import INK, PALETTE

Place = tuple[int, int]
Point = tuple[float, float]

LABEL, NOTE = 16.0, 13.0  # sizes of type, in pixels
GAP = (34.0, 30.0)  # between columns, between rows
BAR, BETWEEN, TALLEST, SHORTEST = 10.0, 26.0, 84.0, 24.0  # of layers
RADIUS, PITCH = 9.0, 32.0  # of units
HEAD = 7.0
FACE = "font-family: var(--pst-font-family-base, sans-serif)"
TEXT = f"var(--gnb-ink, {INK})"
COLORS = {
    "box": INK,
    "noise": INK,
    "layers": f"var(--gnb-accent, {PALETTE['blue']})",
    "units": f"var(--gnb-accent, {PALETTE['blue']})",
    "loss": PALETTE["orange"],
}
WIDTHS = {"ijl.,:;|!'": 0.32, "frtI()[] -": 0.43, "mwMW—": 1.0, "→⊙‖≤×=+−~": 0.84}
MARKS = re.compile(r"([*])|([_^])(?:\{([^}]*)\}|(.))|([^*_^]+)")


class Extent(NamedTuple):
    """How far a thing reaches from its center."""

    left: float
    right: float
    up: float
    down: float


@dataclass(frozen=True)
class Part:
    """One thing in a schematic; made by `box`, `layers`, `units`, `noise` or `loss`."""

    kind: Literal["box", "layers", "units", "noise", "loss"]
    at: Place
    label: str
    note: str = ""
    sizes: tuple[int, ...] = ()

    @property
    def core(self) -> tuple[float, float]:
        """Half the width and half the height of the shape, without the text beside it."""
        if self.kind == "layers":
            return (len(self.sizes) * (BAR + BETWEEN) - BETWEEN) / 2, TALLEST / 2
        if self.kind == "units":
            return (self.sizes[0] - 1) * PITCH / 2 + RADIUS, RADIUS
        text = max(text_width(self.label, LABEL), text_width(self.note, NOTE))
        padding = 2.0 if self.kind == "noise" else 10.0
        return text / 2 + padding, (LABEL + bool(self.note) * (NOTE + 5)) / 2 + 9

    @property
    def extent(self) -> Extent:
        """The room that the shape takes together with its text."""
        width, height = self.core
        if self.kind == "layers":
            width = max(width, text_width(self.label, LABEL) / 2)
            return Extent(width, width, height + LABEL + 8, height + NOTE + 8)
        if self.kind == "units":
            text = max(text_width(self.label, LABEL), text_width(self.note, NOTE))
            return Extent(width + 14 + text, width, LABEL + 2, NOTE + 6)
        return Extent(width, width, height, height)


def box(at: Place, label: str, note: str = "") -> Part:
    """Make a box for a quantity, with its shape or law as a note below its name."""
    return Part("box", at, label, note)


def layers(at: Place, sizes: Sequence[int], label: str) -> Part:
    """Make a stack of layers, from left to right: one bar for each size, taller for more units."""
    return Part("layers", at, label, sizes=tuple(sizes))


def units(at: Place, count: int, label: str, note: str = "") -> Part:
    """Make a row of units; ``a -- b`` joins every unit of one row with every unit of the other."""
    return Part("units", at, label, note, (count,))


def noise(at: Place, label: str, note: str = "") -> Part:
    """Make something that is drawn at random: text without a frame."""
    return Part("noise", at, label, note)


def loss(at: Place, label: str, note: str = "") -> Part:
    """Make a term of a loss: a box that stands out."""
    return Part("loss", at, label, note)


class Schematic:
    """A drawing that a notebook shows."""

    def __init__(self, svg: str, description: str) -> None:
        self.svg = svg
        self.description = description

    def __repr__(self) -> str:
        return self.description

    def _repr_svg_(self) -> str:
        return self.svg


def schematic(parts: Mapping[str, Part], arrows: Sequence[str]) -> Schematic:
    """Draw a model or a procedure.

    Parameters
    ----------
    parts
        What is drawn, under a name for the arrows: `box`, `layers`, `units`, `noise` or `loss`.
    arrows
        Chains of names: ``"x -> f -> y"``; ``~>`` is dashed, ``--`` a line without a head.

    Raises
    ------
    ValueError
        Two parts in one place, an arrow from or to a name that is not there, or one that would cross a part.
    """
    check_kind(parts, "parts", Mapping)
    taken: dict[Place, str] = {}
    for name, part in parts.items():
        check_kind(name, "parts: a name", str)
        check_kind(
            part, f"parts, {name!r}", Part, "Make it with box, layers, units, noise or loss."
        )
        if part.at in taken:
            raise ValueError(
                f"parts: {name!r} and {taken[part.at]!r} both stand at {part.at}. Move one of them."
            )
        taken[part.at] = name
    check_kind(arrows, "arrows", Sequence, 'Give a list of chains such as ["x -> f -> y"].')
    links = [link for chain in arrows for link in _links(chain, parts)]
    centers, width, height = _layout(parts)
    drawn = [
        piece
        for start, kind, end in links
        for piece in _connection(start, kind, end, parts, centers, taken)
    ]
    for name, part in parts.items():
        drawn += _shape(part, *centers[name])
    said = "; ".join(
        f"{_plain(parts[a].label)} {'–' if kind == '--' else '→'} {_plain(parts[b].label)}"
        for a, kind, b in links
    )
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{0.75 * width:.1f}pt" '
        f'height="{0.75 * height:.1f}pt" viewBox="0 0 {width:.1f} {height:.1f}" '
        f'style="{FACE}" fill="none"><desc>{escape(said)}</desc>{"".join(drawn)}</svg>'
    )
    return Schematic(svg, f"Schematic: {said}")


# Text --------------------------------------------------------------------------------------------


def _spans(text: str) -> Iterator[tuple[str, bool, int]]:
    """Yield the pieces of a label: their text, whether they are italic, and 1 below, -1 above the line."""
    italic = False
    for star, shift, group, single, plain in MARKS.findall(text):
        if star:
            italic = not italic
        elif shift:
            yield group or single, italic, 1 if shift == "_" else -1
        else:
            yield plain, italic, 0


def _plain(text: str) -> str:
    return "".join(piece for piece, _, _ in _spans(text))


def text_width(text: str, size: float) -> float:
    """Width in pixels that a label needs at most, in whichever sans-serif face the reader has."""
    widths = {c: w for characters, w in WIDTHS.items() for c in characters}
    return size * sum(
        (0.75 if shift else 1.0)
        * sum(
            not unicodedata.combining(c) and widths.get(c, 0.74 if c.isupper() else 0.64)
            for c in piece
        )
        for piece, _, shift in _spans(text)
    )


def _text(text: str, x: float, y: float, size: float, anchor: str = "middle") -> str:
    pieces, lowered = [], 0.0
    for piece, italic, shift in _spans(text):
        move = 0.28 * size * shift - lowered
        lowered += move
        pieces.append(
            f'<tspan dy="{move:.1f}"'
            + ' font-style="italic"' * italic
            + f' font-size="{0.75 * size:.1f}"' * bool(shift)
            + f">{escape(piece)}</tspan>"
        )
    color = TEXT if size == LABEL else INK
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size:g}" '
        f'style="fill: {color}">{"".join(pieces)}</text>'
    )


# Places ------------------------------------------------------------------------------------------


def _layout(parts: Mapping[str, Part]) -> tuple[dict[str, Point], float, float]:
    """Return the center of every part, and the size of the whole."""
    lines: list[dict[int, float]] = []
    ends: list[float] = []
    for axis in (0, 1):
        reach: dict[int, tuple[float, float]] = {}
        for part in parts.values():
            before, after = part.extent[2 * axis : 2 * axis + 2]
            known = reach.get(part.at[axis], (0.0, 0.0))
            reach[part.at[axis]] = max(before, known[0]), max(after, known[1])
        end = 1.0
        lines.append({})
        for index in sorted(reach):
            lines[axis][index] = end + reach[index][0]
            end += sum(reach[index]) + GAP[axis]
        ends.append(end - GAP[axis] + 1)
    places = {name: (lines[0][p.at[0]], lines[1][p.at[1]]) for name, p in parts.items()}
    return places, ends[0], ends[1]


def _links(chain: str, parts: Mapping[str, Part]) -> Iterator[tuple[str, str, str]]:
    """Take ``"a -> b -> c"`` apart."""
    words = check_kind(chain, "arrows", str).split()
    if len(words) < 3 or len(words) % 2 == 0 or set(words[1::2]) - {"->", "~>", "--"}:
        raise ValueError(f"arrows: expected names with ->, ~> or -- between them, got {chain!r}.")
    for name in words[::2]:
        if name not in parts:
            raise ValueError(f"arrows: {name!r} in {chain!r} is none of {', '.join(parts)}.")
    for (start, end), kind in zip(pairwise(words[::2]), words[1::2], strict=True):
        yield start, kind, end


def _between(a: Place, b: Place) -> Iterator[Place]:
    """Yield the places strictly between two on one line."""
    axis = int(a[0] == b[0])
    low, high = sorted((a[axis], b[axis]))
    for i in range(low + 1, high):
        yield (i, a[1]) if axis == 0 else (a[0], i)


# Drawing -----------------------------------------------------------------------------------------


def _connection(
    start: str,
    kind: str,
    end: str,
    parts: Mapping[str, Part],
    centers: Mapping[str, Point],
    taken: Mapping[Place, str],
) -> Iterator[str]:
    a, b = parts[start], parts[end]
    if kind == "--" and a.kind == b.kind == "units":
        yield from _bipartite(a, b, centers[start], centers[end])
        return
    corners: list[list[Place]] = [[]]
    if a.at[0] != b.at[0] and a.at[1] != b.at[1]:
        corners = [[(b.at[0], a.at[1])], [(a.at[0], b.at[1])]]
    for corner in corners:
        legs = pairwise([a.at, *corner, b.at])
        crossed = [taken[p] for leg in legs for p in (*_between(*leg), *corner) if p in taken]
        if not crossed:
            break
    else:
        raise ValueError(
            f"arrows: {start} {kind} {end} would cross {crossed[0]!r}. Give one of the three another place."
        )
    (xa, ya), (xb, yb) = centers[start], centers[end]
    turn = [(xb, ya) if corner[0] == (b.at[0], a.at[1]) else (xa, yb)] if corner else []
    first, last = (turn or [(xb, yb)])[0], (turn or [(xa, ya)])[0]
    points = [_port(a, (xa, ya), first), *turn, _port(b, (xb, yb), last)]
    yield _line(points, dashed=kind == "~>", head=kind != "--")


def _port(part: Part, center: Point, toward: Point) -> Point:
    """Return the point where a line towards another point leaves the part."""
    (x, y), (width, _), extent = center, part.core, part.extent
    if abs(toward[1] - y) < 1e-6:
        return x + math.copysign(width + 5, toward[0] - x), y
    return x, y + (extent.down + 5 if toward[1] > y else -extent.up - 5)


def _line(points: Sequence[Point], *, dashed: bool, head: bool) -> str:
    """Draw a line whose corner is round and whose end is an arrowhead."""
    (x, y), (u, v) = points[-2:]
    length = math.hypot(u - x, v - y)
    dx, dy = (u - x) / length, (v - y) / length
    tip = f"M{u:.1f} {v:.1f}" + "".join(
        f"L{u - HEAD * dx + s * 0.5 * HEAD * dy:.1f} {v - HEAD * dy - s * 0.5 * HEAD * dx:.1f}"
        for s in (1, -1)
    )
    end = (u - dx * HEAD / 2, v - dy * HEAD / 2) if head else (u, v)
    path = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    for corner in points[1:-1]:
        before, after = (_toward(corner, p, 10.0) for p in (points[0], end))
        path += f"L{before[0]:.1f} {before[1]:.1f}Q{corner[0]:.1f} {corner[1]:.1f} {after[0]:.1f} {after[1]:.1f}"
    path += f"L{end[0]:.1f} {end[1]:.1f}"
    dashes = ' stroke-dasharray="4 4"' * dashed
    return f'<path d="{path}" stroke="{INK}" stroke-width="1.3"{dashes}/>' + (
        f'<path d="{tip}Z" fill="{INK}"/>' * head
    )


def _toward(start: Point, end: Point, step: float) -> Point:
    share = step / math.dist(start, end)
    return start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])


def _unit_centers(part: Part, center: Point) -> list[Point]:
    count = part.sizes[0]
    return [(center[0] + (i - (count - 1) / 2) * PITCH, center[1]) for i in range(count)]


def _bipartite(a: Part, b: Part, center: Point, other: Point) -> Iterator[str]:
    for one in _unit_centers(a, center):
        for two in _unit_centers(b, other):
            (x, y), (u, v) = _toward(one, two, RADIUS), _toward(two, one, RADIUS)
            yield (
                f'<path d="M{x:.1f} {y:.1f}L{u:.1f} {v:.1f}" stroke="{INK}" stroke-opacity="0.6"/>'
            )


def _shape(part: Part, x: float, y: float) -> Iterator[str]:
    width, height = part.core
    look = f'style="stroke: {COLORS[part.kind]}; fill: {COLORS[part.kind]}; fill-opacity: 0.1"'
    if part.kind == "layers":
        yield from _bars(part, x, y, look)
        yield _text(part.label, x, y - height - 9, LABEL)
        return
    if part.kind == "units":
        for u, v in _unit_centers(part, (x, y)):
            yield f'<circle cx="{u:.1f}" cy="{v:.1f}" r="{RADIUS:g}" {look}/>'
        x, anchor = x - width - 14, "end"
    else:
        anchor = "middle"
        if part.kind != "noise":
            round_ = height if part.kind == "loss" else 5
            yield (
                f'<rect x="{x - width:.1f}" y="{y - height:.1f}" width="{2 * width:.1f}" '
                f'height="{2 * height:.1f}" rx="{round_:g}" {look}/>'
            )
    if part.note:
        yield _text(part.label, x, y - 3.5, LABEL, anchor)
        yield _text(part.note, x, y + NOTE + 1.5, NOTE, anchor)
    else:
        yield _text(part.label, x, y + 0.33 * LABEL, LABEL, anchor)


def _bars(part: Part, x: float, y: float, look: str) -> Iterator[str]:
    """Draw a bar for each layer, their number of units below, and what joins them."""
    most = math.log(max(*part.sizes, 2))
    left = x - part.core[0]
    bars = []
    for i, size in enumerate(part.sizes):
        half = (SHORTEST + (TALLEST - SHORTEST) * math.log(size) / most) / 2
        bars.append((left + i * (BAR + BETWEEN), half))
    for (a, high), (b, low) in pairwise(bars):
        yield (
            f'<path d="M{a + BAR:.1f} {y - high:.1f}L{b:.1f} {y - low:.1f}V{y + low:.1f}'
            f'L{a + BAR:.1f} {y + high:.1f}Z" style="fill: {COLORS["layers"]}; fill-opacity: 0.1"/>'
        )
    for (a, half), size in zip(bars, part.sizes, strict=True):
        yield (
            f'<rect x="{a:.1f}" y="{y - half:.1f}" width="{BAR:g}" height="{2 * half:.1f}" '
            f'rx="2" {look.replace("0.1", "0.35")}/>'
        )
        yield _text(f"{size:,}", a + BAR / 2, y + TALLEST / 2 + NOTE + 3, NOTE)
