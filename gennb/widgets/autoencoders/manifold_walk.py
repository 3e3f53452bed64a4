"""The chain that corrupts and denoises by turns, over a density in the plane."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import traitlets
from jaxtyping import Float
from torch import Tensor, nn

from gennb._validate import check_number
from gennb.widgets.autoencoders.maps import pack_maps, small_maps, unpack_maps
from gennb.widgets.autoencoders.plane import COLUMNS, CUT, Density, draw_walk, pack_plane
from gennb.widgets.kit.base import Explorable, Number
from gennb.widgets.kit.bundle import bundle
from gennb.widgets.kit.checks import check_index, check_numbers

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class ManifoldWalk(Explorable):
    """Walk over a density in the plane by corrupting and denoising, x̃ = x + σ ε, then x ← r(x̃) + s ε′.

    Where r(x̃) is the mean of p(x | x̃), and this is close to N(r(x̃), s² I), the chain's stationary distribution is
    close to that of the data. An arrow is r(x) − x, which is then σ² times the score of the data's density smoothed by
    the noise; where it is longer than 0.9 of the way to the next one it is cut there.

    Parameters
    ----------
    denoisers
        One to four maps r of points (N, 2) to points (N, 2); layers as in :func:`gennb.widgets.pack`. The weights
        travel in float16, 9 kB for 2-64-64-2.
    points
        Data, (n, 2) with n at most 1000.
    noise_stds, residual_stds
        For each denoiser the standard deviations σ of the corruption, and s of what a denoised point leaves open.
    extent
        The plane reaches from -extent to extent on both axes.
    density
        A function from points (n, 2), float64, to log densities in nats, (n,), such as
        ``gennb.data.density("moons").log_prob``; the plane is shaded by it.
    near
        The chain has come near a point when one of its states was within this distance.
    chosen
        Which denoiser is at work, from 0.
    start
        Where the chain begins.
    speed
        Steps a second, 1 to 1,000. Like ``chosen`` and ``start`` this trait follows the reader.
    **text
        ``title``, ``hint``, ``caption``, ``label``.

    References
    ----------
    Bengio, Yao, Alain and Vincent, Generalized Denoising Auto-Encoders as Generative Models, 2013.
    Alain and Bengio, What Regularized Auto-Encoders Learn from the Data-Generating Distribution, 2014.
    Vincent, A Connection Between Score Matching and Denoising Autoencoders, 2011.

    Examples
    --------
    >>> walk = ManifoldWalk.example()
    >>> walk.noise_stds
    [0.1, 0.2, 0.4]
    """

    _esm, _css = bundle(__file__)
    limits = traitlets.Dict({"columns": COLUMNS, "cut": CUT})

    title = traitlets.Unicode("Corrupt, denoise, repeat")
    hint = traitlets.Unicode(
        "Press Play, and the chain visits the data. Drag its state far away, let go, and it returns."
    )
    caption = traitlets.Unicode(
        "The arrows lead to what the denoiser makes of each place: up the density of the data smoothed by the noise. "
        "Small dots are past states; a point of the data is dark once one came near. With little noise the chain keeps "
        "close to the data, but takes short steps and long to get about; with much it walks far, and aims less well."
    )
    label = traitlets.Unicode(
        "Points of the data in the plane, under a field of arrows that lead to them; a state of the chain with the "
        "arrow to where the denoiser would take it."
    )
    height = traitlets.List(traitlets.Int(), [734, 696])

    networks: traitlets.List[Any] = traitlets.List()
    weights = traitlets.Bytes()
    points = traitlets.Bytes()
    shades = traitlets.Bytes()
    noise_stds = traitlets.List(traitlets.Float())
    residual_stds = traitlets.List(traitlets.Float())
    extent = traitlets.Float()
    near = traitlets.Float()
    chosen = traitlets.Int().tag(link=lambda walk: [0, len(walk.networks) - 1])
    start = traitlets.List(traitlets.Float()).tag(
        link=lambda walk: [(-walk.extent, walk.extent)] * 2
    )
    speed = Number(10.0, 1.0, 1000.0)

    def __init__(
        self,
        denoisers: Sequence[nn.Module],
        points: Float[Tensor, "n 2"],
        *,
        noise_stds: Sequence[float],
        residual_stds: Sequence[float],
        extent: float = 2.0,
        density: Density | None = None,
        near: float = 0.1,
        chosen: int = 0,
        start: Sequence[float] = (0.0, 0.0),
        speed: float = 10.0,
        **text: Any,
    ) -> None:
        packed = pack_maps(denoisers, noise_stds, residual_stds)
        packed |= pack_plane(points, density, extent)
        inside = ("coordinate", -extent, extent)
        super().__init__(
            **packed,
            near=check_number(near, "near", above=0),
            chosen=check_index(chosen, "chosen", len(denoisers)),
            start=check_numbers(start, "start", inside, inside),
            speed=speed,
            **text,
        )

    @classmethod
    def _example(cls) -> dict[str, Any]:
        from gennb import data

        x = data.load("moons", n=2000).x
        own = {"points": x[:200], "density": data.density("moons").log_prob, "start": (1.2, -1.2)}
        return small_maps(x, [0.1, 0.2, 0.4]) | own

    def _draw(self, figure: Figure) -> None:
        figure.set_figheight(5)
        denoisers = unpack_maps(self.networks, self.weights)
        draw_walk(figure.subplots(), self, denoisers[self.chosen])
