"""Drawn faces with known factors: 3x32x32 pictures in which every expression, pose and ambiguity is a number.

A face is painted back to front in soft-edged shapes: shoulders, hair, skin, features, and perhaps a hand. Only the
mouth tells how much it smiles, so a hand or a blur over the mouth makes the smile truly ambiguous, and how much so
is known.
"""

from __future__ import annotations

import copy
import math

import torch
from jaxtyping import Float
from torch import Tensor

from gennb.data._factors import F32, F64, broadcast, drawing, uniforms

RANGES: dict[str, tuple[float, float]] = {
    "smile": (-1.0, 1.0),
    "turn": (-1.0, 1.0),
    "tilt": (-1.0, 1.0),
    "eye_openness": (0.0, 1.0),
    "brow": (-1.0, 1.0),
    "skin": (0.0, 1.0),
    "hair": (0.0, 1.0),
    "light": (-1.0, 1.0),
    "blur": (0.0, 1.0),
    "cover": (0.0, 1.0),
}
"""Factor: (lowest, highest).

smile: -1 a frown, 0 a straight mouth, 1 a broad open smile. turn: the head's yaw, 1 is 22 degrees to the right of
the picture. tilt: the head's roll, 1 is 9 degrees clockwise. eye_openness: 0 closed, 1 wide. brow: -1 frowning, 1
raised. skin: 0 the lightest, 1 the darkest. hair: 0 black, through brown and auburn, 1 blond. light: -1 from the
left, 1 from the right. blur: how far the mouth is out of focus, 1 is a Gaussian of 3 pixels. cover: the fraction of
the mouth's width behind a hand; 0 is no hand."""

NEUTRAL: dict[str, float] = {
    "smile": 0.0,
    "turn": 0.0,
    "tilt": 0.0,
    "eye_openness": 0.7,
    "brow": 0.0,
    "skin": 0.3,
    "hair": 0.35,
    "light": 0.0,
    "blur": 0.0,
    "cover": 0.0,
}

SIZE = 32
_PIXEL = 2 / SIZE  # the picture spans [-1, 1] in both directions, y downwards
_CHUNK = 128  # images at a time: the working set stays in the processor's cache
_MOUTH_Y = 0.47
_EYES, _BROWS, _NOSE, _MOUTH = (10, 20), (6, 18), (16, 22), (17, 31)  # rows
_AMBIGUOUS = 0.28  # share of the generated faces whose mouth is blurred or covered

_BACKGROUND = (0.91, 0.93, 0.95)
_SHIRT = (0.27, 0.48, 0.68)
_SKIN = [
    (0.99, 0.87, 0.78),
    (0.93, 0.74, 0.60),
    (0.76, 0.54, 0.39),
    (0.55, 0.36, 0.25),
    (0.38, 0.24, 0.17),
]
_HAIR = [(0.13, 0.11, 0.12), (0.33, 0.21, 0.14), (0.60, 0.32, 0.16), (0.83, 0.66, 0.40)]

_Number = Float[Tensor, "n 1 1"] | float
_Plane = Float[Tensor, "n 32 32"]
_Color = Float[Tensor, "*n 3 1 1"]
_Image = Float[Tensor, "n 3 32 32"]


def _color(red: float, green: float, blue: float) -> _Color:
    return torch.tensor((red, green, blue), **F32)[:, None, None]


def _palette(colors: list[tuple[float, float, float]], t: Float[Tensor, " n"]) -> _Color:
    """The color at t in [0, 1] along evenly spaced colors."""
    table = torch.tensor(colors, **F64)
    place = t * (len(colors) - 1)
    low = place.floor().clamp(0, len(colors) - 2).long()
    return torch.lerp(table[low], table[low + 1], (place - low)[:, None]).float()[..., None, None]


def _cover(distance: _Plane, soft: float = 1.2) -> _Plane:
    """Coverage in [0, 1] from a signed distance (negative inside), with an edge ``soft`` pixels wide."""
    return (distance * (-1 / (soft * _PIXEL))).add_(0.5).clamp_(0, 1)


def _ellipse(x: _Plane, y: _Plane, cx: _Number, cy: _Number, rx: _Number, ry: _Number) -> _Plane:
    """Signed distance to an ellipse, to first order about its edge."""
    u, v = x - cx, y - cy
    level = (u / rx).square_().add_((v / ry).square_()).sub_(1)
    slope = u.div_(rx * rx).square_().add_(v.div_(ry * ry).square_()).sqrt_().mul_(2)
    return level.div_(slope.clamp_min_(1e-3))


def _capsule(
    x: _Plane, y: _Plane, ax: _Number, ay: _Number, bx: _Number, by: _Number, radius: float
) -> _Plane:
    """Signed distance to a thick line from a to b."""
    dx, dy = bx - ax, by - ay
    u, v = x - ax, y - ay
    t = (u * dx).add_(v * dy).div_(dx * dx + dy * dy).clamp_(0, 1)
    return u.sub_(t * dx).square_().add_(v.sub_(t * dy).square_()).sqrt_().sub_(radius)


def _glow(distance: _Plane, width: float) -> _Plane:
    """A spot that fades from 1 well inside to 0 outside over ``width``."""
    return (distance * (-1 / width)).add_(0.5).clamp_(0, 1)


def _paint(image: _Image, color: _Color, coverage: _Plane) -> None:
    image.lerp_(color, coverage[:, None])


def _blur(
    image: Float[Tensor, "n channels 32 32"], sigma: Float[Tensor, " n"]
) -> Float[Tensor, "n channels 32 32"]:
    """Each image under a Gaussian of its own width in pixels."""
    axis = torch.arange(SIZE, **F32)
    kernel = torch.exp(-0.5 * ((axis - axis[:, None]) / sigma[:, None, None]) ** 2)
    kernel = (kernel / kernel.sum(-1, keepdim=True))[:, None]
    return kernel @ image @ kernel.mT


class _Painter:
    """One batch of faces, painted back to front."""

    def __init__(self, factors: dict[str, Tensor], image: _Image) -> None:
        self.image, self.factors = image, factors
        self.f = {name: value.float()[:, None, None] for name, value in factors.items()}
        self.skin = _palette(_SKIN, factors["skin"])
        self.hair = _palette(_HAIR, factors["hair"])
        axis = (torch.arange(SIZE, **F32) + 0.5) * _PIXEL - 1
        self.px = axis.expand(len(image), SIZE, SIZE)
        self.py = axis[:, None].expand(len(image), SIZE, SIZE)
        # x, y: the head's own axes. It rolls about a point in the neck.
        roll, neck = self.f["tilt"] * math.radians(9), 0.6
        cos, sin = torch.cos(roll), torch.sin(roll)
        self.x = self.px * cos + (self.py - neck) * sin
        self.y = (self.py - neck) * cos - self.px * sin + neck
        self.yaw = self.f["turn"] * math.radians(22)
        self.mouth_x, narrow = self.across(0.0, 0.50)
        self.mouth_narrow = 0.35 + 0.65 * narrow

    def between(self, top: int, bottom: int) -> _Painter:
        """The painter of these rows only: what a feature can reach, whatever its factors."""
        part, rows = copy.copy(self), slice(top, bottom)
        part.image, part.front = self.image[..., rows, :], self.front[:, rows]
        part.x, part.y = self.x[:, rows], self.y[:, rows]
        return part

    def across(self, longitude: float, radius: float) -> tuple[Tensor, Tensor]:
        """Where a feature at this longitude of the head appears, and by how much it narrows."""
        angle = self.yaw + longitude
        return radius * torch.sin(angle), torch.cos(angle)

    def paint(self) -> None:
        self.image.copy_(_color(*_BACKGROUND))
        self.behind()
        self.face()
        for side in (-1, 1):
            self.between(*_EYES).eye(side)
            self.between(*_BROWS).brow(side)
        self.between(*_NOSE).nose()
        self.between(*_MOUTH).mouth()
        self.out_of_focus()
        self.fringe()
        self.hand()

    def scalp(self) -> _Plane:
        return _ellipse(self.x, self.y, -0.05 * self.f["turn"], -0.08, 0.74, 0.78)

    def behind(self) -> None:
        _paint(self.image, self.hair, _cover(self.scalp()))
        _paint(
            self.image, self.skin * 0.8, _cover(_capsule(self.px, self.py, 0, 0.55, 0, 0.85, 0.2))
        )
        _paint(self.image, _color(*_SHIRT), _cover(_ellipse(self.px, self.py, 0, 1.16, 0.80, 0.42)))

    def face(self) -> None:
        center = 0.06 * self.f["turn"]
        self.front = _cover(_ellipse(self.x, self.y, center, 0.12, 0.60, 0.70))
        u = ((self.x - center) / 0.60).clamp_(-1, 1)
        shade = 1 + 0.26 * self.f["light"] * u - 0.07 * u * u
        _paint(self.image, (self.skin * shade[:, None]).clamp_(0, 1), self.front)
        for side in (-1, 1):
            cx, narrow = self.across(0.62 * side, 0.56)
            cheek = _glow(_ellipse(self.x, self.y, cx, 0.30, 0.17 * narrow, 0.12), 0.3)
            _paint(self.image, self.skin * _color(1.0, 0.70, 0.66), cheek * self.front * 0.45)

    def eye(self, side: int) -> None:
        """An almond between two lids, with iris and pupil inside it and a lash line along the upper lid."""
        openness = self.f["eye_openness"]
        closed = 1 - openness
        cx, narrow = self.across(0.46 * side, 0.58)
        wide = 0.175 * narrow
        u, v = self.x - cx, self.y + 0.02
        arch = 1 - (u / wide).clamp_(-1, 1).square_()
        upper = 0.05 * closed - 0.02 - arch * (0.14 * openness - 0.03 * closed)
        lower = 0.03 * closed + arch * (0.026 + 0.049 * openness)
        beside = u.abs() - wide
        almond = _cover(torch.maximum(torch.maximum(upper - v, v - lower), beside), 1.0)
        gaze = 0.035 * self.f["turn"]
        iris = torch.hypot((u - gaze) / (0.6 + 0.4 * narrow), v + 0.015) - 0.098
        _paint(self.image, _color(0.98, 0.98, 0.97), almond)
        _paint(self.image, _color(0.30, 0.22, 0.16), almond * _cover(iris))
        _paint(self.image, _color(0.05, 0.04, 0.04), almond * _cover(iris + 0.05))
        lash = torch.maximum((v - upper).abs_() - 0.022, beside)
        _paint(self.image, _color(0.16, 0.11, 0.10), _cover(lash) * 0.9)

    def brow(self, side: int) -> None:
        """High and arched when raised; low, with the inner end drawn down, in a frown."""
        brow = self.f["brow"]
        cx, narrow = self.across(0.48 * side, 0.59)
        wide = 0.19 * narrow
        u = ((self.x - cx) / wide).clamp_(-1, 1)
        slant = 0.09 * side * (-brow).clamp_min(0)
        height = -0.26 - 0.09 * brow - u * slant - (1 - u * u) * (0.05 + 0.03 * brow)
        line = torch.maximum((self.y - height).abs_() - 0.034, (self.x - cx).abs_() - wide)
        _paint(self.image, self.hair * 0.72, _cover(line))

    def nose(self) -> None:
        cx, _ = self.across(0.0, 0.66)
        u = ((self.x - cx) / 0.11).clamp_(-1, 1)
        under = (self.y - 0.235 + 0.045 * u * u).abs_() - 0.022
        line = torch.maximum(under, (self.x - cx).abs_() - 0.11)
        _paint(self.image, self.skin * 0.68, _cover(line) * self.front)

    def mouth(self) -> None:
        """Two lips between its corners; a smile lifts the corners and opens on teeth."""
        smile = self.f["smile"]
        wide = (0.32 + 0.06 * smile.abs()) * self.mouth_narrow
        u = self.x - self.mouth_x
        beside = u.abs() - wide
        arch = 1 - (u / wide).clamp_(-1, 1).square_()
        v = self.y - _MOUTH_Y - 0.28 * smile * (arch - 0.6)
        gap = 0.24 * (smile - 0.15).clamp_min(0) * arch
        upper = -v - 0.25 * gap
        between = torch.maximum(upper, v - 0.75 * gap)
        lips = torch.maximum(between - 0.04 - 0.045 * arch, beside)
        rose = torch.lerp(self.skin * _color(0.80, 0.30, 0.32), _color(0.66, 0.09, 0.14), 0.6)
        _paint(self.image, rose, _cover(lips))
        opened = (2.4 * (smile - 0.15)).clamp(0, 1)
        opening = _cover(torch.maximum(between, beside)) * opened
        _paint(self.image, _color(0.33, 0.09, 0.10), opening)
        teeth = _cover(torch.maximum(torch.maximum(upper, v - 0.25 * gap), beside + 0.02))
        _paint(self.image, _color(0.97, 0.96, 0.94), teeth * opening)

    def out_of_focus(self) -> None:
        rows = (self.factors["blur"] > 0).nonzero()[:, 0]
        if not len(rows):
            return
        amount = self.factors["blur"][rows].float()
        front, image = self.front[rows, None], self.image[rows]
        # Weighing by the face keeps hair, shirt and background out of the blur.
        both = _blur(torch.cat([image * front, front], 1), 0.3 + 2.7 * amount)
        soft = both[:, :3] / both[:, 3:].clamp_min(1e-3)
        center = self.mouth_x[rows]
        spot = _glow(_ellipse(self.x[rows], self.y[rows], center, _MOUTH_Y, 0.5, 0.3), 0.2)
        spot = spot * (8 * amount).clamp_max(1)[:, None, None]
        self.image[rows] = torch.lerp(image, soft, spot[:, None] * front)

    def fringe(self) -> None:
        part = 0.26 + 0.10 * self.f["turn"]
        hairline = 0.42 * (self.x - part).square_() - 0.52
        fringe = torch.maximum(self.scalp(), 0.9 * (self.y - hairline))
        gloss = _ellipse(self.x, self.y, 0.45 * self.f["light"] - 0.2, -0.62, 0.3, 0.14)
        shade = 1 + 0.28 * _glow(gloss, 0.25)
        _paint(self.image, (self.hair * shade[:, None]).clamp_(0, 1), _cover(fringe))

    def hand(self) -> None:
        """Four fingers across the mouth and the back of a hand, from the right."""
        rows = (self.factors["cover"] > 0).nonzero()[:, 0]
        if not len(rows):
            return
        cover = self.f["cover"][rows]
        image, x, y, skin = self.image[rows], self.x[rows], self.y[rows], self.skin[rows]
        # Measured on the widest mouth and a little more, so that the hand's place says nothing about the smile.
        wide = 0.46 * self.mouth_narrow[rows]
        tip = self.mouth_x[rows] + wide - 2 * wide * cover
        edge, bright = skin * _color(0.66, 0.58, 0.55), (skin * 1.04).clamp_max(1)

        def outlined(shape: _Plane) -> None:
            _paint(image, edge, _cover(shape - 0.05))
            _paint(image, bright, _cover(shape))

        outlined(_capsule(x, y, tip + 0.85, 0.62, tip + 1.15, 1.3, 0.30))
        for top, reach in ((0.72, 0.13), (0.58, 0.02), (0.44, 0.0), (0.30, 0.05)):
            outlined(_capsule(x, y, tip + reach + 0.062, top, tip + 0.88, top + 0.06, 0.066))
        self.image[rows] = image


def _fill(factors: dict[str, Tensor], image: _Image) -> None:
    with drawing():
        for low in range(0, len(image), _CHUNK):
            part = slice(low, low + _CHUNK)
            _Painter({name: value[part] for name, value in factors.items()}, image[part]).paint()


def render(**factors: Float[Tensor, " n"] | float) -> Float[Tensor, "n 3 32 32"]:
    """Draw faces with the factors you name; the others stay neutral (``faces.NEUTRAL``).

    Parameters
    ----------
    **factors
        Numbers or tensors of shape (n,), within ``faces.RANGES``; numbers apply to every image.

    Raises
    ------
    TypeError, ValueError
        An unknown factor, a value out of range, or tensors of different lengths.

    Examples
    --------
    One smile, clear, half covered by a hand, and out of focus:

    >>> render(smile=0.8, cover=torch.tensor([0.0, 0.5, 0.0]), blur=torch.tensor([0.0, 0.0, 1.0])).shape
    torch.Size([3, 3, 32, 32])
    """
    n, values = broadcast(factors, RANGES, NEUTRAL)
    image = torch.empty(n, 3, SIZE, SIZE, **F32)
    _fill(values, image)
    return image


def generate(n: int, split: str, seed: int) -> tuple[Tensor, dict[str, Tensor]]:
    """The first n faces of a split: x (n, 3, 32, 32) and the factors that drew them."""
    u = uniforms(n, len(RANGES) + 1, "faces", split, seed)
    factors = {
        name: low + (high - low) * column
        for (name, (low, high)), column in zip(RANGES.items(), u.T, strict=False)
    }
    kind = u[:, -1] / _AMBIGUOUS  # below 1/2 blurred, below 1 covered, above clear
    factors["blur"] = torch.where(kind < 0.5, 0.2 + 0.8 * factors["blur"], 0.0)
    factors["cover"] = torch.where((kind >= 0.5) & (kind < 1), 0.2 + 0.8 * factors["cover"], 0.0)
    image = torch.empty(n, 3, SIZE, SIZE, **F32)
    _fill(factors, image)
    return image, {name: value.float() for name, value in factors.items()}
