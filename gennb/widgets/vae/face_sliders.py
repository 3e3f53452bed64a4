"""Sliders along learned directions of a face's code."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import torch
import traitlets
from jaxtyping import Float, UInt8
from torch import Tensor, nn

from gennb._validate import check_kind, check_number, check_tensor
from gennb.widgets.kit.base import Explorable
from gennb.widgets.kit.bundle import bundle
from gennb.widgets.kit.checks import check_numbers, check_output, check_shape
from gennb.widgets.kit.maths import grid
from gennb.widgets.kit.network import pack, unpack
from gennb.widgets.kit.still import HUES, as_pixels

if TYPE_CHECKING:
    from matplotlib.figure import Figure


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

    _esm, _css = bundle(__file__)

    title = traitlets.Unicode("One smile, two widths")
    hint = traitlets.Unicode(
        "Move a slider and watch the face. Then cover the mouth: which bell grows wider?"
    )
    caption = traitlets.Unicode(
        "Each bell is the encoder's posterior along that slider; a thin line keeps the bell of the face in full sight. "
        "Where the picture leaves a doubt, the bell is wide."
    )
    label = traitlets.Unicode(
        "A face, its reconstruction, and sliders with a bell curve each for the posterior."
    )
    height = traitlets.List(traitlets.Int(), [641, 622])

    encoder: traitlets.List[Any] = traitlets.List()
    network: traitlets.List[Any] = traitlets.List()
    weights = traitlets.Bytes()
    image_shape = traitlets.List(traitlets.Int())
    names = traitlets.List(traitlets.Unicode())
    directions: traitlets.List[Any] = traitlets.List()
    readouts: traitlets.List[Any] = traitlets.List()
    origin = traitlets.List(traitlets.Float())
    ranges: traitlets.List[Any] = traitlets.List()
    cover = traitlets.Bytes()
    mask = traitlets.Bytes()
    blur_sigma = traitlets.Float()
    values = traitlets.List(traitlets.Float()).tag(link=lambda faces: faces.ranges)
    covered = traitlets.Bool(False)
    blurred = traitlets.Bool(False)
    widths = traitlets.List(traitlets.Float())

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
        self._networks = unpack(spec, weights), unpack(network, more)
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
            height=[max(641, 255 + 58 * len(moves)), 398 + 56 * len(moves)],
            **text,
        )
        self.widths = self.look()["widths"].tolist()

    @classmethod
    def _example(cls) -> dict[str, Any]:
        cover, mask = torch.zeros(32, 32, 4, dtype=torch.uint8), torch.zeros(32, 32)
        cover[18:28, 8:24] = torch.tensor([220, 160, 120, 255], dtype=torch.uint8)
        mask[16:30, 6:26] = 1
        names = ("smile", "turn", "tilt", "brow")
        return {
            "encoder": nn.Sequential(
                *(nn.Conv2d(3, 16, 4, 2, 1), nn.SiLU()),
                *(nn.Conv2d(16, 32, 3, 2, 1, bias=False), nn.Softplus()),
                *(nn.Flatten(), nn.Linear(32 * 64, 16 + 16 * 17 // 2)),
            ),
            "decoder": nn.Sequential(
                *(nn.Linear(16, 64 * 16), nn.Unflatten(1, (64, 4, 4)), nn.ReLU()),
                *(nn.ConvTranspose2d(64, 32, 4, 2, 1), nn.ReLU()),
                *(nn.ConvTranspose2d(32, 16, 4, 2, 1), nn.LeakyReLU(0.1)),
                *(nn.ConvTranspose2d(16, 3, 4, 2, 1), nn.Sigmoid()),
            ),
            "image_shape": (3, 32, 32),
            "directions": {name: torch.randn(16) for name in names},
            "origin": torch.zeros(16),
            "cover": cover,
            "mask": mask,
        }

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
        if values is None:
            values = self.values
        if not isinstance(values, Sequence):
            raise TypeError(f"values: expected a list of numbers, got {type(values).__name__}.")
        t = torch.tensor(
            [check_number(v, "values") for v in values], dtype=torch.float64, device="cpu"
        )
        if t.shape != (len(self.names),):
            raise ValueError(f"values: expected {len(self.names)} numbers, got {tuple(t.shape)}.")
        with torch.no_grad(), torch.device("cpu"):
            return self._look(t, covered, blurred)

    def _look(self, t: Tensor, covered: bool, blurred: bool) -> dict[str, Tensor]:
        encoder, decoder = self._networks
        shape = tuple(self.image_shape)
        origin = torch.tensor(self.origin, dtype=torch.float64)
        z = origin + t @ torch.tensor(self.directions, dtype=torch.float64)
        seen = decoder(z.float()[None]).reshape(shape)
        if blurred:
            mask = torch.frombuffer(bytearray(self.mask), dtype=torch.uint8).float() / 255
            mask = mask.reshape(shape[1:])
            seen = seen + mask * (_blur(seen, self.blur_sigma) - seen)
        if covered:
            paint = torch.frombuffer(bytearray(self.cover), dtype=torch.uint8)
            paint = paint.reshape(*shape[1:], 4).permute(2, 0, 1).float() / 255
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

    def _draw(self, figure: Figure) -> None:
        now, count = self.look(), len(self.names)
        figure.set_figheight(0.75 * max(4, count))
        faces, curves = figure.subfigures(1, 2, width_ratios=(1, 2.2), squeeze=False).flat
        names = {"seen": "what the encoder sees", "rebuilt": "its code, decoded again"}
        for axes, (which, name) in zip(faces.subplots(2, 1), names.items(), strict=True):
            axes.imshow(as_pixels(now[which]), cmap="gray_r", vmin=0, vmax=1)
            axes.set(xticks=[], yticks=[], xlabel=name)
        for k, axes in enumerate(curves.subplots(count, 1, squeeze=False)[:, 0]):
            low, high = self.ranges[k]
            t = grid(low, high, 200)
            bell = (-(((t - now["means"][k]) / now["widths"][k]) ** 2) / 2).exp()
            axes.fill_between(t, bell, color="#cfe2f4", lw=0)
            axes.plot(t, bell, color=HUES["own"])
            axes.plot(0, 0, "o", color=HUES["own"], clip_on=False)
            axes.set(xlim=(low, high), ylim=(0, 1.1), yticks=[], xticks=[])
            axes.set_ylabel(self.names[k], rotation=0, ha="right", va="center")
            axes.set_title(f"width {now['widths'][k]:.2f}", loc="right", pad=1)
            axes.spines["left"].set_visible(False)


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
    """Return (lowest, highest) of one slider, around 0."""
    if isinstance(ranges, Mapping) and name not in ranges:
        raise ValueError(f"ranges: expected one for each direction; {name!r} lacks one.")
    pair = ranges[name] if isinstance(ranges, Mapping) else ranges
    ends = ("lowest", -math.inf, 0.0), ("highest", 0.0, math.inf)
    low, high = check_numbers(pair, f"ranges of {name!r}", *ends)
    if low == high:
        raise ValueError(
            f"ranges: expected two different ends around 0 for {name!r}, got {pair!r}."
        )
    return [low, high]


def _blur(image: Tensor, sigma: float) -> Tensor:
    """A Gaussian blur that repeats the border, cut off at three standard deviations."""
    reach = math.ceil(3 * sigma)
    at = torch.arange(-reach, reach + 1, dtype=torch.float64)
    kernel = torch.exp(-((at / sigma) ** 2) / 2)
    kernel = (kernel / kernel.sum()).to(image.dtype)
    padded = nn.functional.pad(image[:, None], [reach] * 4, mode="replicate")
    across = nn.functional.conv2d(padded, kernel[None, None, None, :])
    return nn.functional.conv2d(across, kernel[None, None, :, None])[:, 0]
