"""A scrubber through training time and through β."""

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


class Scrubber(Explorable):
    """Scrub through the training of VAEs with a two-dimensional code, one for each weight β of the KL.

    Parameters
    ----------
    decoders
        ``decoders[b][s]``: codes (N, 2) to pixels in [0, 1], for β number b at snapshot s; all of one architecture.
        Keep them small: in int8 a network 2-32-196 takes 7.5 kB.
    codes
        Means of q(z|x) of the same test images at each snapshot, (betas, steps, N, 2).
    labels
        Their classes, (N,).
    steps, betas
        Training steps of the snapshots, and the values of β, increasing.
    reconstruction, kl
        The two costs -E[ln p(x|z)] and KL(q ‖ prior) in nats per image, (betas, steps).
    image_shape
        (channels, height, width).
    classes
        Names of the classes; None numbers them.
    extent
        The planes reach from -extent to extent on both axes.
    columns
        Images on a side of the mosaic.
    step, beta
        Indices at which the sliders start; None is the last step and the middle β. The traits follow the reader.
    dtype
        How the weights travel: ``"int8"``, ``"float16"`` or ``"float32"``.
    **text
        ``title``, ``hint``, ``caption``, ``label``.
    """

    _esm = bundle("scrubber.js")

    title = traitlets.Unicode("Watch a latent space form").tag(sync=True)
    hint = traitlets.Unicode(
        "Scrub through training, or play it. Then change β and see what the KL term presses together."
    ).tag(sync=True)
    caption = traitlets.Unicode(
        "A small β lets the codes spread far outside the prior (dashed circles); a large one presses them into it, "
        "until they say nothing. The bars split the cost at each snapshot, brightest where you are."
    ).tag(sync=True)
    label = traitlets.Unicode(
        "Two squares of the latent plane, decoded images and encoded test images, above a chart of the cost."
    ).tag(sync=True)
    height = traitlets.List(traitlets.Int(), [737, 822]).tag(sync=True)

    network: traitlets.List[Any] = traitlets.List().tag(sync=True)
    weights = traitlets.Bytes().tag(sync=True)
    image_shape = traitlets.List(traitlets.Int()).tag(sync=True)
    codes = traitlets.Bytes().tag(sync=True)
    labels = traitlets.Bytes().tag(sync=True)
    classes = traitlets.List(traitlets.Unicode()).tag(sync=True)
    steps = traitlets.List(traitlets.Int()).tag(sync=True)
    betas = traitlets.List(traitlets.Float()).tag(sync=True)
    reconstruction: traitlets.List[Any] = traitlets.List().tag(sync=True)
    kl: traitlets.List[Any] = traitlets.List().tag(sync=True)
    extent = traitlets.Float().tag(sync=True)
    columns = traitlets.Int().tag(sync=True)
    step = traitlets.Int().tag(sync=True)
    beta = traitlets.Int().tag(sync=True)

    def __init__(
        self,
        decoders: Sequence[Sequence[nn.Module]],
        *,
        codes: Float[Tensor, "betas steps n 2"],
        labels: Int[Tensor, " n"],
        steps: Sequence[int],
        betas: Sequence[float],
        reconstruction: Float[Tensor, "betas steps"],
        kl: Float[Tensor, "betas steps"],
        image_shape: tuple[int, int, int],
        classes: Sequence[str] | None = None,
        extent: float = 4.0,
        columns: int = 11,
        step: int | None = None,
        beta: int | None = None,
        dtype: str = "int8",
        **text: Any,
    ) -> None:
        shape = check_shape(image_shape)
        for name, values in (("steps", steps), ("betas", betas)):
            if not isinstance(values, Sequence):
                raise TypeError(f"{name}: expected a list of numbers, got {type(values).__name__}.")
            for value in values:
                check_number(value, name)
            if len(values) == 0 or sorted(set(values)) != list(values):
                raise ValueError(f"{name}: expected increasing numbers, got {list(values)!r}.")
        size = (len(betas), len(steps))
        if not isinstance(decoders, Sequence) or not all(
            isinstance(row, Sequence) and all(isinstance(net, nn.Module) for net in row)
            for row in decoders
        ):
            raise TypeError("decoders: expected lists of networks, decoders[beta][step].")
        if len(decoders) != size[0] or any(len(row) != size[1] for row in decoders):
            raise ValueError(
                f"decoders: expected {size[0]} rows (betas) of {size[1]} networks (steps), "
                f"got rows of {[len(row) for row in decoders]}."
            )
        check_tensor(codes, "codes", shape=(*size, "n", 2))
        check_tensor(reconstruction, "reconstruction", shape=size, low=0.0)
        check_tensor(kl, "kl", shape=size, low=-1e-4)
        check_number(extent, "extent", above=0)
        check_count(columns, "columns")
        step = size[1] - 1 if step is None else step
        beta = size[0] // 2 if beta is None else beta
        check_count(step, "step", least=0)
        check_count(beta, "beta", least=0)
        if not (0 <= step < size[1] and 0 <= beta < size[0]):
            raise ValueError(
                f"step, beta: expected indices below {size[1]} and {size[0]}, got {step}, {beta}."
            )
        packed = [pack(decoder, 2, dtype) for row in decoders for decoder in row]
        spec = packed[0][0]
        check_output(spec, math.prod(shape), "decoders", "the pixels of image_shape")
        if any(other != spec for other, _ in packed):
            raise ValueError("decoders: expected one architecture for all, got several.")
        check_kind(labels, "labels", Tensor)
        kinds, names = check_labels(labels, codes.shape[2], classes)
        super().__init__(
            network=spec,
            weights=b"".join(weights for _, weights in packed),
            image_shape=list(shape),
            codes=codes.detach().clamp(-1e4, 1e4).cpu().numpy().astype("<f2").tobytes(),
            labels=kinds,
            classes=names,
            steps=[int(n) for n in steps],
            betas=[float(b) for b in betas],
            reconstruction=_rounded(reconstruction),
            kl=_rounded(kl),
            extent=float(extent),
            columns=columns,
            step=step,
            beta=beta,
            **text,
        )
        self.still = self._draw_still(
            unpack(*packed[beta * size[1] + step]), codes[beta, step], labels
        )

    @torch.no_grad()
    def _draw_still(self, decoder: nn.Module, codes: Tensor, labels: Tensor) -> bytes:
        from gennb.plot import CLASS_COLORS

        extent = self.extent
        images = decoder(grid_codes(self.columns, extent)).reshape(-1, *self.image_shape)
        figure = still_figure(6.6, 4.6)
        top, bottom = figure.subfigures(2, 1, height_ratios=(3, 1), squeeze=False).flat
        decoded, encoded = top.subplots(1, 2)
        square = (-extent, extent, -extent, extent)
        decoded.imshow(as_pixels(mosaic(images, self.columns)), extent=square, cmap="gray")
        colors = [CLASS_COLORS[int(k) % len(CLASS_COLORS)] for k in labels]
        x, y = codes.detach().cpu().T
        encoded.scatter(x, y, s=5, c=colors, alpha=0.8, lw=0)
        for axes, name in ((decoded, "what the decoder draws"), (encoded, "where test images go")):
            draw_plane(axes, extent)
            axes.set_xlabel(name, fontsize=8)
        bars = bottom.subplots()
        cost, divergence = self.reconstruction[self.beta], self.kl[self.beta]
        places = range(len(self.steps))
        bars.bar(places, cost, color="#9aa4af", label="reconstruction")
        bars.bar(places, divergence, bottom=cost, color="#94b7d7", label="KL")
        bars.set_xticks(list(places), [f"{n:,}" for n in self.steps], fontsize=7)
        bars.set_ylabel("nats", fontsize=8)
        bars.set_title(f"cost at each training step, β = {self.betas[self.beta]:g}", fontsize=8)
        bars.legend(frameon=False, fontsize=7)
        bars.spines[["top", "right"]].set_visible(False)
        return to_png(figure)


def _rounded(values: Tensor) -> list[list[float]]:
    return [[round(max(v, 0.0), 2) for v in row] for row in values.detach().cpu().double().tolist()]
