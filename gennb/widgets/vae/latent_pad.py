"""A pad over a two-dimensional latent space of images."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch
import traitlets
from jaxtyping import Float, Int
from torch import Tensor, nn

from gennb._validate import check_count, check_kind, check_number, check_tensor
from gennb.widgets.kit.base import Explorable
from gennb.widgets.kit.bundle import bundle
from gennb.widgets.kit.checks import check_labels, check_numbers, check_output, check_shape
from gennb.widgets.kit.network import pack, unpack
from gennb.widgets.kit.still import HUES, as_pixels, draw_images, draw_plane

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_CODES = 4096


class LatentPad(Explorable):
    """Move a point over a two-dimensional latent space and see what the decoder draws there.

    Parameters
    ----------
    decoder
        Codes (N, 2) to pixels in [0, 1]; layers as in :func:`gennb.widgets.pack`.
    image_shape
        (channels, height, width). One channel is drawn as ink, three as red, green and blue.
    codes, labels
        Encoded test images, (N, 2) with N at most 4096, and their classes, (N,): what the pad shows as colored dots.
    classes
        Names of the classes; None numbers them.
    extent
        The pad reaches from -extent to extent on both axes.
    columns
        Images on a side of the mosaic under the pad.
    z, pin
        Where the point and the pin start. Both traits follow the reader: ``pad.z`` is where the point is.
    dtype
        How the weights travel: ``"int8"``, ``"float16"`` or ``"float32"``.
    **text
        ``title``, ``hint``, ``caption``, ``label``.

    Examples
    --------
    >>> decoder = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 64), nn.Sigmoid())
    >>> pad = LatentPad(decoder, image_shape=(1, 8, 8), z=(1.0, 0.5))
    >>> pad.z
    [1.0, 0.5]
    """

    _esm, _css = bundle(__file__)

    title = traitlets.Unicode("A latent space to walk in")
    hint = traitlets.Unicode(
        "Drag the point, or focus the pad and use the arrow keys. Pin it, then walk away from the pin."
    )
    caption = traitlets.Unicode(
        "The decoder turns every point into an image, also where no training image was ever encoded: "
        "walk along a line and one digit becomes another, with no jump on the way."
    )
    label = traitlets.Unicode(
        "A square of the latent plane filled with decoded images; beside it the image at one point."
    )
    height = traitlets.List(traitlets.Int(), [600, 760])

    network: traitlets.List[Any] = traitlets.List()
    weights = traitlets.Bytes()
    image_shape = traitlets.List(traitlets.Int())
    codes = traitlets.Bytes()
    labels = traitlets.Bytes()
    classes = traitlets.List(traitlets.Unicode())
    extent = traitlets.Float(3.0)
    columns = traitlets.Int(15)
    z = traitlets.List(traitlets.Float()).tag(link=lambda pad: [(-pad.extent, pad.extent)] * 2)
    pin = traitlets.List(traitlets.Float()).tag(link=lambda pad: [(-pad.extent, pad.extent)] * 2)

    def __init__(
        self,
        decoder: nn.Module,
        *,
        image_shape: tuple[int, int, int],
        codes: Float[Tensor, "n 2"] | None = None,
        labels: Int[Tensor, " n"] | None = None,
        classes: Sequence[str] | None = None,
        extent: float = 3.0,
        columns: int = 15,
        z: Sequence[float] = (0.9, 0.6),
        pin: Sequence[float] = (-1.2, -0.9),
        dtype: str = "int8",
        **text: Any,
    ) -> None:
        shape = check_shape(image_shape)
        check_number(extent, "extent", above=0)
        check_count(columns, "columns")
        check_kind(decoder, "decoder", nn.Module)
        spec, weights = pack(decoder, 2, dtype)
        check_output(spec, math.prod(shape), "decoder", "the pixels of image_shape")
        if codes is None:
            if labels is not None:
                raise ValueError("labels: expected codes with them, got labels alone.")
            codes = torch.zeros(0, 2, device="cpu")
        else:
            check_tensor(codes, "codes", shape=("n", 2))
            if len(codes) > MOST_CODES:
                raise ValueError(
                    f"codes: expected at most {MOST_CODES} for a smooth pad, got {len(codes)}. "
                    "Take the first few: codes[:1000], labels[:1000]."
                )
        kinds, names = check_labels(labels, len(codes), classes)
        super().__init__(
            network=spec,
            weights=weights,
            image_shape=list(shape),
            codes=codes.detach().cpu().numpy().astype("<f2").tobytes(),
            labels=kinds,
            classes=names,
            extent=float(extent),
            columns=columns,
            z=_check_code(z, "z", extent),
            pin=_check_code(pin, "pin", extent),
            **text,
        )

    @classmethod
    def _example(cls) -> dict[str, Any]:
        return {
            "decoder": random_decoder(400, 28 * 28),
            "image_shape": (1, 28, 28),
            "codes": torch.randn(200, 2),
            "labels": torch.arange(200) % 10,
        }

    def _draw(self, figure: Figure) -> None:
        decoder, shape, extent = unpack(self.network, self.weights), self.image_shape, self.extent
        images = decoder(grid_codes(self.columns, extent)).reshape(-1, *shape)
        decoded = decoder(torch.tensor([self.z], dtype=torch.float32)).reshape(shape)
        pad, beside = figure.subplots(1, 2, width_ratios=(2.2, 1))
        draw_images(pad, images, extent, alpha=0.55)
        draw_plane(pad, extent)
        (x, y), (px, py) = self.z, self.pin
        own = HUES["own"]
        pad.plot([px, x], [py, y], color=own, lw=1.2)
        pad.plot(px, py, "o", mfc="white", mec=own, ms=6)
        pad.plot(x, y, "o", mfc=own, mec="white", ms=11, mew=2)
        beside.imshow(as_pixels(decoded), vmin=0, vmax=1, interpolation="nearest")
        beside.set(xticks=[], yticks=[], anchor="N", xlabel=f"z = ({x:.2f}, {y:.2f})")


def random_decoder(hidden: int, pixels: int) -> nn.Sequential:
    """A decoder that nobody has trained, whose images differ over the plane: for examples."""
    layers = nn.Sequential(nn.Linear(2, hidden), nn.Tanh(), nn.Linear(hidden, pixels), nn.Sigmoid())
    with torch.no_grad():
        layers[2].get_parameter("weight").mul_(8)
    return layers


def grid_codes(columns: int, extent: float) -> Tensor:
    """Centers of a grid of columns by columns cells over the square, row by row from the top, (columns², 2)."""
    at = (torch.arange(columns, dtype=torch.float32) + 0.5) * (2 * extent / columns) - extent
    return torch.stack(torch.meshgrid(at, -at, indexing="xy"), dim=-1).reshape(-1, 2)


def _check_code(value: Any, name: str, extent: float) -> list[float]:
    return check_numbers(
        value, name, ("coordinate", -extent, extent), ("coordinate", -extent, extent)
    )
