"""Sliders along learned directions of a face's code."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
import traitlets
from jaxtyping import Float, UInt8
from torch import Tensor, nn

from gennb._validate import check_kind, check_number, check_tensor

from .base import Explorable, as_pixels, bundle, check_output, check_shape, still_figure, to_png
from .network import pack, unpack


class FaceSliders(Explorable):
    """Move a face along learned directions of its code, and read beside each slider how sure the encoder is of it.

    The sliders set a code z = origin + Σ t d. Its decoded face, perhaps with the mouth covered or blurred, goes
    back through the encoder; the bell on each slider is q(z|x) seen along that slider.

    Parameters
    ----------
    encoder
        Images (N, C, H, W) to (N, 2L): the means, then the logarithms of the standard deviations. Or to
        (N, L + L(L + 1)/2): the means, then the lower triangle, row by row, of the covariance's Cholesky factor,
        its diagonal through a softplus. Both are what the encoder of a :class:`gennb.vae.VAE` gives.
    decoder
        Codes (N, L) to pixels in [0, 1].
    image_shape
        (channels, height, width).
    directions
        A direction of the latent space, (L,), for each slider, in the order of the sliders.
    origin
        The code, (L,), of the face with all sliders at 0.
    ranges
        (lowest, highest) for all sliders, or by name.
    readouts
        None: directions are scaled to length 1, a slider counts units of the code, and its bell is
        N(dᵀ(μ - origin), dᵀ Σ d). Or vectors a, (L,), with the names of the directions: a slider counts
        units of the factor, t d is added as it is, and its bell is N(aᵀ(μ - origin), aᵀ Σ a).
    cover
        An image (H, W, 4), uint8, red, green, blue, alpha, laid over the face by "cover the mouth".
    mask
        Where "blur the mouth" blurs, (H, W), in [0, 1].
    blur_sigma
        Standard deviation of that blur, in pixels.
    dtype
        How the weights travel: ``"int8"``, ``"float16"`` or ``"float32"``.
    **text
        ``title``, ``hint``, ``caption``, ``label``.

    Notes
    -----
    ``values``, ``covered``, ``blurred`` and ``widths`` follow the reader in a live notebook.
    """

    _esm = bundle("face_sliders.js")

    title = traitlets.Unicode("One smile, two widths").tag(sync=True)
    hint = traitlets.Unicode(
        "Move a slider and watch the face. Then cover the mouth: which bell grows wider?"
    ).tag(sync=True)
    caption = traitlets.Unicode(
        "Each bell is the encoder's posterior along that slider; a thin line keeps the bell of the face in full sight. "
        "Where the picture leaves a doubt, the bell is wide."
    ).tag(sync=True)
    label = traitlets.Unicode(
        "A face, its reconstruction, and sliders with a bell curve each for the posterior."
    ).tag(sync=True)
    height = traitlets.List(traitlets.Int(), [641, 908]).tag(sync=True)

    encoder: traitlets.List[Any] = traitlets.List().tag(sync=True)
    network: traitlets.List[Any] = traitlets.List().tag(sync=True)
    weights = traitlets.Bytes().tag(sync=True)
    image_shape = traitlets.List(traitlets.Int()).tag(sync=True)
    names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    directions: traitlets.List[Any] = traitlets.List().tag(sync=True)
    readouts: traitlets.List[Any] = traitlets.List().tag(sync=True)
    origin = traitlets.List(traitlets.Float()).tag(sync=True)
    ranges: traitlets.List[Any] = traitlets.List().tag(sync=True)
    cover = traitlets.Bytes().tag(sync=True)
    mask = traitlets.Bytes().tag(sync=True)
    blur_sigma = traitlets.Float().tag(sync=True)
    values = traitlets.List(traitlets.Float()).tag(sync=True)
    covered = traitlets.Bool(False).tag(sync=True)
    blurred = traitlets.Bool(False).tag(sync=True)
    widths = traitlets.List(traitlets.Float()).tag(sync=True)

    def __init__(
        self,
        encoder: nn.Module,
        decoder: nn.Module,
        *,
        image_shape: tuple[int, int, int],
        directions: Mapping[str, Float[Tensor, " latent"]],
        origin: Float[Tensor, " latent"],
        ranges: tuple[float, float] | Mapping[str, tuple[float, float]] = (-3.0, 3.0),
        readouts: Mapping[str, Float[Tensor, " latent"]] | None = None,
        cover: UInt8[Tensor, "height width 4"] | None = None,
        mask: Float[Tensor, "height width"] | None = None,
        blur_sigma: float = 2.5,
        dtype: str = "int8",
        **text: Any,
    ) -> None:
        shape = check_shape(image_shape)
        check_tensor(origin, "origin", shape=("latent",))
        latent = len(origin)
        for name, module in (("encoder", encoder), ("decoder", decoder)):
            check_kind(module, name, nn.Module)
        _check_named(directions, "directions")
        if not directions:
            raise ValueError("directions: expected at least one, got none.")
        moves = [_vector(d, f"directions[{name!r}]", latent) for name, d in directions.items()]
        if readouts is None:
            moves = [d / d.norm() for d in moves]
            reads = moves
        else:
            _check_named(readouts, "readouts")
            missing = sorted(set(directions) - set(readouts))
            if missing:
                raise ValueError(
                    f"readouts: expected one for each direction; {', '.join(missing)} lacks one."
                )
            reads = [_vector(readouts[n], f"readouts[{n!r}]", latent) for n in directions]
        spec, weights = pack(encoder, shape, dtype)
        if spec[-1]["shape"] != [latent + latent * (latent + 1) // 2]:
            check_output(spec, 2 * latent, "encoder", "a mean and a log-deviation for each latent")
        network, more = pack(decoder, latent, dtype)
        check_output(network, math.prod(shape), "decoder", "the pixels of image_shape")
        if cover is not None:
            check_kind(cover, "cover", Tensor)
        if cover is not None and (cover.shape != (*shape[1:], 4) or cover.dtype != torch.uint8):
            raise ValueError(
                f"cover: expected uint8 of shape {(*shape[1:], 4)} (red, green, blue, alpha), "
                f"got {cover.dtype} of shape {tuple(cover.shape)}."
            )
        if mask is not None:
            check_tensor(mask, "mask", shape=shape[1:], low=0.0, high=1.0)
        super().__init__(
            encoder=spec,
            network=network,
            weights=weights + more,
            image_shape=list(shape),
            names=list(directions),
            directions=[d.tolist() for d in moves],
            readouts=[a.tolist() for a in reads],
            origin=origin.detach().cpu().double().tolist(),
            ranges=[_range(ranges, name) for name in directions],
            cover=b"" if cover is None else cover.cpu().contiguous().numpy().tobytes(),
            mask=b""
            if mask is None
            else (mask * 255).round().to("cpu", torch.uint8).numpy().tobytes(),
            blur_sigma=check_number(blur_sigma, "blur_sigma", above=0),
            values=[0.0] * len(moves),
            height=[max(641, 255 + 58 * len(moves)), 512 + 66 * len(moves)],
            **text,
        )
        self._modules_packed = unpack(spec, weights), unpack(network, more)
        self.widths = self.look()["widths"].tolist()
        self.still = self._draw_still()

    @torch.no_grad()
    def look(
        self,
        values: Sequence[float] | None = None,
        *,
        covered: bool = False,
        blurred: bool = False,
    ) -> dict[str, Tensor]:
        """What the page shows for these slider values, computed with torch from the packed weights.

        Returns
        -------
        dict
            ``seen`` and ``rebuilt``, images (C, H, W); ``means`` and ``widths`` of the posterior on the sliders, (K,).
        """
        encoder, decoder = self._modules_packed
        shape = tuple(self.image_shape)
        if values is None:
            values = self.values
        if not isinstance(values, Sequence):
            raise TypeError(f"values: expected a list of numbers, got {type(values).__name__}.")
        t = torch.tensor([check_number(v, "values") for v in values], dtype=torch.float64)
        if t.shape != (len(self.names),):
            raise ValueError(f"values: expected {len(self.names)} numbers, got {tuple(t.shape)}.")
        origin = torch.tensor(self.origin, dtype=torch.float64)
        z = origin + t @ torch.tensor(self.directions, dtype=torch.float64)
        seen = decoder(z.float()[None]).reshape(shape)
        if blurred:
            mask = (
                torch.frombuffer(bytearray(self.mask), dtype=torch.uint8).reshape(shape[1:]) / 255
            )
            seen = seen + mask * (_blur(seen, self.blur_sigma) - seen)
        if covered:
            paint = torch.frombuffer(bytearray(self.cover), dtype=torch.uint8)
            paint = paint.reshape(*shape[1:], 4).permute(2, 0, 1) / 255
            seen = seen + paint[3] * (paint[: shape[0]] - seen)
        mean, scale = encoder(seen[None])[0].double().tensor_split([len(self.origin)])
        reads = torch.tensor(self.readouts, dtype=torch.float64)
        along = (
            reads * scale.exp() if len(scale) == len(mean) else reads @ _cholesky(scale, len(mean))
        )
        return {
            "seen": seen,
            "rebuilt": decoder(mean.float()[None]).reshape(shape),
            "means": reads @ (mean - origin),
            "widths": along.norm(dim=1),
        }

    def _draw_still(self) -> bytes:
        now = self.look()
        figure = still_figure(6.6, 0.75 * max(4, len(self.names)))
        faces, curves = figure.subfigures(1, 2, width_ratios=(1, 2.2), squeeze=False).flat
        for axes, image, name in zip(
            faces.subplots(2, 1),
            (now["seen"], now["rebuilt"]),
            ("what the encoder sees", "its code, decoded again"),
            strict=True,
        ):
            axes.imshow(as_pixels(image), cmap="gray_r", vmin=0, vmax=1)
            axes.set(xticks=[], yticks=[])
            axes.set_xlabel(name, fontsize=8)
        rows = curves.subplots(len(self.names), 1, squeeze=False)[:, 0]
        for axes, name, (low, high), mean, width in zip(
            rows, self.names, self.ranges, now["means"], now["widths"], strict=True
        ):
            t = torch.linspace(low, high, 200, dtype=torch.float64)
            bell = torch.exp(-(((t - mean) / width) ** 2) / 2)
            axes.fill_between(t, bell, color="#cfe2f4", lw=0)
            axes.plot(t, bell, color="#2a6fb0")
            axes.plot(0, 0, "o", color="#2a6fb0", clip_on=False)
            axes.set(xlim=(low, high), ylim=(0, 1.1), yticks=[], xticks=[])
            axes.set_ylabel(name, rotation=0, ha="right", va="center")
            axes.set_title(f"width {width:.2f}", fontsize=8, loc="right", pad=1)
            axes.spines[["top", "left", "right"]].set_visible(False)
        return to_png(figure)


def _check_named(value: Any, name: str) -> None:
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise TypeError(f"{name}: expected vectors by name, got {value!r}.")


def _vector(value: Any, name: str, latent: int) -> Tensor:
    vector = check_tensor(value, name, shape=(latent,)).detach().cpu().double()
    if not vector.norm() > 0:
        raise ValueError(f"{name}: expected a vector with a direction, got zeros.")
    return vector


def _cholesky(entries: Tensor, size: int) -> Tensor:
    rows, columns = torch.tril_indices(size, size)
    factor = entries.new_zeros(size, size)
    factor[rows, columns] = torch.where(rows == columns, nn.functional.softplus(entries), entries)
    return factor


def _range(
    ranges: tuple[float, float] | Mapping[str, tuple[float, float]], name: str
) -> list[float]:
    pair = ranges.get(name) if isinstance(ranges, Mapping) else ranges
    if not isinstance(pair, Sequence) or not all(isinstance(end, int | float) for end in pair):
        raise ValueError(f"ranges: expected (lowest, highest) for {name!r}, got {pair!r}.")
    if len(pair) != 2 or not pair[0] <= 0 <= pair[1] or not pair[0] < pair[1]:
        raise ValueError(f"ranges: expected (lowest, highest) around 0 for {name!r}, got {pair!r}.")
    return [float(pair[0]), float(pair[1])]


def _blur(image: Tensor, sigma: float) -> Tensor:
    """A Gaussian blur that repeats the border, cut off at three standard deviations."""
    reach = math.ceil(3 * sigma)
    at = torch.arange(-reach, reach + 1, dtype=torch.float64)
    kernel = torch.exp(-((at / sigma) ** 2) / 2)
    kernel = (kernel / kernel.sum()).to(image.dtype)
    padded = nn.functional.pad(image[:, None], [reach] * 4, mode="replicate")
    across = nn.functional.conv2d(padded, kernel[None, None, None, :])
    return nn.functional.conv2d(across, kernel[None, None, :, None])[:, 0]
