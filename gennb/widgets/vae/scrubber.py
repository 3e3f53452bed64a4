"""A scrubber through training time and through β."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import traitlets
from jaxtyping import Float, Int
from torch import Tensor, nn

from gennb._validate import check_count, check_kind, check_number, check_tensor
from gennb.widgets.kit.base import Explorable
from gennb.widgets.kit.bundle import bundle
from gennb.widgets.kit.checks import (
    check_increasing,
    check_index,
    check_labels,
    check_output,
    check_shape,
)
from gennb.widgets.kit.network import pack, unpack
from gennb.widgets.kit.still import SOFT, draw_images, draw_plane
from gennb.widgets.vae.latent_pad import grid_codes, random_decoder

if TYPE_CHECKING:
    from matplotlib.figure import Figure


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
        Indices at which the sliders start; None is the last step, and the β whose two costs are least there. The
        traits follow the reader.
    dtype
        How the weights travel: ``"int8"``, ``"float16"`` or ``"float32"``.
    **text
        ``title``, ``hint``, ``caption``, ``label``.
    """

    _esm, _css = bundle(__file__)

    title = traitlets.Unicode("Watch a latent space form")
    hint = traitlets.Unicode(
        "Play the training, or scrub through it. Then raise β, and see the KL press the codes together."
    )
    caption = traitlets.Unicode(
        "A small β lets the codes spread far outside the prior (dashed circles); a large one presses them into it, "
        "until they say nothing. The bars split the cost at each snapshot, brightest where you are."
    )
    label = traitlets.Unicode(
        "Two squares of the latent plane, decoded images and encoded test images, above a chart of the cost."
    )
    height = traitlets.List(traitlets.Int(), [750, 600])

    network: traitlets.List[Any] = traitlets.List()
    weights = traitlets.Bytes()
    image_shape = traitlets.List(traitlets.Int())
    codes = traitlets.Bytes()
    labels = traitlets.Bytes()
    classes = traitlets.List(traitlets.Unicode())
    steps = traitlets.List(traitlets.Int())
    betas = traitlets.List(traitlets.Float())
    reconstruction: traitlets.List[Any] = traitlets.List()
    kl: traitlets.List[Any] = traitlets.List()
    extent = traitlets.Float()
    columns = traitlets.Int()
    step = traitlets.Int().tag(link=lambda self: {"any": [*range(len(self.steps))]})
    beta = traitlets.Int().tag(link=lambda self: {"any": [*range(len(self.betas))]})

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
        times, weights = check_increasing(steps, "steps"), check_increasing(betas, "betas")
        size = (len(weights), len(times))
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
        packed = [pack(decoder, 2, dtype) for row in decoders for decoder in row]
        spec = packed[0][0]
        check_output(spec, math.prod(shape), "decoders", "the pixels of image_shape")
        if any(other != spec for other, _ in packed):
            raise ValueError("decoders: expected one architecture for all, got several.")
        check_kind(labels, "labels", Tensor)
        kinds, names = check_labels(labels, codes.shape[2], classes)
        last, cheapest = size[1] - 1, int((reconstruction + kl)[:, -1].argmin())
        super().__init__(
            network=spec,
            weights=b"".join(each for _, each in packed),
            image_shape=list(shape),
            codes=codes.detach().clamp(-1e4, 1e4).cpu().numpy().astype("<f2").tobytes(),
            labels=kinds,
            classes=names,
            steps=[int(n) for n in times],
            betas=weights,
            reconstruction=_rounded(reconstruction),
            kl=_rounded(kl),
            extent=float(extent),
            columns=columns,
            step=last if step is None else check_index(step, "step", size[1]),
            beta=cheapest if beta is None else check_index(beta, "beta", size[0]),
            **text,
        )

    @classmethod
    def _example(cls) -> dict[str, Any]:
        return {
            "decoders": [[random_decoder(32, 14 * 14) for _ in range(4)] for _ in range(3)],
            "codes": torch.randn(3, 4, 200, 2) * torch.tensor([1, 0.7, 0.2])[:, None, None, None],
            "labels": torch.arange(200) % 10,
            "steps": [0, 10, 100, 1000],
            "betas": [0.5, 1.0, 4.0],
            "reconstruction": torch.tensor([[55.0], [57], [65]]) + torch.tensor([30.0, 20, 8, 0]),
            "kl": torch.tensor([[9.0], [6], [2]]).expand(3, 4),
            "image_shape": (1, 14, 14),
        }

    def _draw(self, figure: Figure) -> None:
        from gennb.plot import CLASS_COLORS

        extent, at = self.extent, self.beta * len(self.steps) + self.step
        size = len(self.weights) // (len(self.betas) * len(self.steps))
        decoder = unpack(self.network, self.weights[at * size : (at + 1) * size])
        images = decoder(grid_codes(self.columns, extent)).reshape(-1, *self.image_shape)
        codes = np.frombuffer(self.codes, "<f2").reshape(-1, len(self.labels), 2)[at]
        figure.set_figheight(4.6)
        top, bottom = figure.subfigures(2, 1, height_ratios=(3, 1), squeeze=False).flat
        decoded, encoded = top.subplots(1, 2)
        draw_images(decoded, images, extent)
        colors = [CLASS_COLORS[k % len(CLASS_COLORS)] for k in self.labels]
        encoded.scatter(*codes.T, s=5, c=colors, alpha=0.8, lw=0)
        for axes, name in ((decoded, "what the decoder draws"), (encoded, "where test images go")):
            draw_plane(axes, extent)
            axes.set_xlabel(name)
        bars = bottom.subplots()
        cost, names = self.reconstruction[self.beta], [f"{n:,}" for n in self.steps]
        bars.bar(names, cost, color="#9aa4af", label="reconstruction")
        bars.bar(names, self.kl[self.beta], bottom=cost, color=SOFT, label="KL")
        bars.set(title=f"cost at each training step, β = {self.betas[self.beta]:g}", ylabel="nats")
        bars.legend()


def _rounded(values: Tensor) -> list[list[float]]:
    return [[round(max(v, 0.0), 2) for v in row] for row in values.detach().cpu().double().tolist()]
