"""A pad over a two-dimensional latent space of images."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
import traitlets
from jaxtyping import Float, Int
from torch import Tensor, nn

from gennb._validate import check_count, check_kind, check_number, check_tensor

from .base import (
    Explorable,
    as_pixels,
    bundle,
    check_codes,
    check_labels,
    check_output,
    check_shape,
    draw_plane,
    grid_codes,
    mosaic,
    still_figure,
    to_png,
)
from .network import pack, unpack

MOST_CODES = 4096


class LatentPad(Explorable):
    """Move a point over a two-dimensional latent space and see what the decoder draws there.

    Parameters
    ----------
    decoder
        Codes (N, 2) to pixels in [0, 1]; layers as in :func:`gennb.widgets.network.pack`.
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

    _esm = bundle("latent_pad.js")

    title = traitlets.Unicode("A latent space to walk in").tag(sync=True)
    hint = traitlets.Unicode(
        "Drag the point, or focus the pad and use the arrow keys. Pin it, then walk away from the pin."
    ).tag(sync=True)
    caption = traitlets.Unicode(
        "The decoder turns every point into an image, also where no training image was ever encoded: "
        "walk along a line and one digit becomes another, with no jump on the way."
    ).tag(sync=True)
    label = traitlets.Unicode(
        "A square of the latent plane filled with decoded images; beside it the image at one point."
    ).tag(sync=True)
    height = traitlets.List(traitlets.Int(), [630, 940]).tag(sync=True)

    network: traitlets.List[Any] = traitlets.List().tag(sync=True)
    weights = traitlets.Bytes().tag(sync=True)
    image_shape = traitlets.List(traitlets.Int()).tag(sync=True)
    codes = traitlets.Bytes().tag(sync=True)
    labels = traitlets.Bytes().tag(sync=True)
    classes = traitlets.List(traitlets.Unicode()).tag(sync=True)
    extent = traitlets.Float(3.0).tag(sync=True)
    columns = traitlets.Int(15).tag(sync=True)
    z = traitlets.List(traitlets.Float()).tag(sync=True)
    pin = traitlets.List(traitlets.Float()).tag(sync=True)

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
            codes = torch.zeros(0, 2)
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
            z=check_codes(z, "z", extent),
            pin=check_codes(pin, "pin", extent),
            **text,
        )
        self.still = self._draw_still(unpack(spec, weights))

    @torch.no_grad()
    def _draw_still(self, decoder: nn.Module) -> bytes:
        shape, extent = self.image_shape, self.extent
        images = decoder(grid_codes(self.columns, extent)).reshape(-1, *shape)
        decoded = decoder(torch.tensor([self.z])).reshape(shape)
        figure = still_figure(6.6, 4.2)
        pad, beside = figure.subplots(1, 2, width_ratios=(2.2, 1))
        square = (-extent, extent, -extent, extent)
        pad.imshow(as_pixels(mosaic(images, self.columns)), extent=square, cmap="gray", alpha=0.55)
        draw_plane(pad, extent)
        (x, y), (px, py) = self.z, self.pin
        pad.plot([px, x], [py, y], color="#2a6fb0", lw=1.2)
        pad.plot(px, py, "o", mfc="white", mec="#2a6fb0", ms=6)
        pad.plot(x, y, "o", mfc="#2a6fb0", mec="white", ms=11, mew=2)
        beside.imshow(as_pixels(decoded), cmap="gray", vmin=0, vmax=1, interpolation="nearest")
        beside.set(xticks=[], yticks=[], anchor="N")
        beside.set_xlabel(f"z = ({x:.2f}, {y:.2f})")
        return to_png(figure)
