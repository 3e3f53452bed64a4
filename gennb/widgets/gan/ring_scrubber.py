"""A scrubber through the training of GANs on a ring of Gaussians."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import traitlets
from jaxtyping import Float
from torch import Tensor

from gennb._validate import check_count, check_number, check_tensor
from gennb.evaluate import mode_coverage
from gennb.widgets.kit.base import Explorable
from gennb.widgets.kit.bundle import bundle
from gennb.widgets.kit.checks import check_increasing, check_index
from gennb.widgets.kit.still import MUTED, draw_plane

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_POINTS = 100_000
WITHIN = 3.0


class RingScrubber(Explorable):
    """Scrub GANs through their training on a mixture of Gaussians: which modes they reach, keep and drop.

    Parameters
    ----------
    runs
        Generated points by name, ``{"plain": (T, n, 2), …}``: T snapshots, point number i always from the same
        noise, so that it can be followed. All of one shape. A point travels in four bytes, 55 kB in the page for 40
        snapshots of 256 points.
    centers
        Modes of the data, (modes, 2).
    std
        Standard deviation of each mode. A mode is covered when a point lies within three of its center.
    rounds
        Rounds of training at the snapshots, T increasing whole numbers.
    extent
        The planes reach from -extent to extent on both axes, around all the modes; points beyond are drawn at the
        edge. None leaves the modes a small margin.
    at
        The snapshot to start at. The trait follows the reader, and runs between snapshots.
    **text
        ``title``, ``hint``, ``caption``, ``label``.
    """

    _esm, _css = bundle(__file__)
    limits = traitlets.Dict({"within": WITHIN})

    title = traitlets.Unicode("Which modes survive?")
    hint = traitlets.Unicode(
        "Play the training, or scrub through it by slider or on the curve. Every dot is one piece of noise throughout."
    )
    caption = traitlets.Unicode(
        "A circle has the radius of three standard deviations of its mode, and fills when a sample lies in it. Colored "
        "samples lie in a mode, gray ones in none; the trails show where each came from since the last snapshot."
    )
    label = traitlets.Unicode(
        "Generated samples in the plane among the circles of the data's modes, a square for each run. Below, the "
        "number of modes covered over the rounds of training."
    )
    height = traitlets.List(traitlets.Int(), [840, 635])

    names = traitlets.List(traitlets.Unicode())
    points = traitlets.Bytes()
    centers: traitlets.List[Any] = traitlets.List()
    std = traitlets.Float()
    rounds = traitlets.List(traitlets.Int())
    extent = traitlets.Float()
    at = traitlets.Float().tag(link=lambda ring: (0, len(ring.rounds) - 1))

    def __init__(
        self,
        runs: Mapping[str, Float[Tensor, "snapshots n 2"]],
        centers: Float[Tensor, "modes 2"],
        std: float,
        *,
        rounds: Sequence[int],
        extent: float | None = None,
        at: int = 0,
        **text: Any,
    ) -> None:
        times = check_increasing(rounds, "rounds", lambda n, name: check_count(n, name, least=0))
        if not isinstance(runs, Mapping):
            raise TypeError(
                f"runs: expected points by name, {{'plain': points}}, got {type(runs).__name__}."
            )
        if not runs or not all(isinstance(name, str) for name in runs):
            raise ValueError(f"runs: expected at least one run with a name, got {list(runs)!r}.")
        shape: tuple[int | str, ...] = (len(times), "n", 2)
        for name, values in runs.items():
            shape = tuple(check_tensor(values, f"runs[{name!r}]", shape=shape).shape)
        points = torch.stack([values.detach().cpu().double() for values in runs.values()])
        if points.numel() > 2 * MOST_POINTS:
            raise ValueError(
                f"runs: expected at most {MOST_POINTS:,} points in all, got {points.numel() // 2:,}. "
                "Keep fewer snapshots or points: each costs four bytes in the page."
            )
        modes = check_tensor(centers, "centers", shape=("modes", 2)).detach().cpu().double()
        check_number(std, "std", above=0)
        reach = float(modes.abs().max()) + WITHIN * std
        if extent is None:
            extent = reach + std
        check_number(extent, "extent", at_least=reach)
        super().__init__(
            names=list(runs),
            points=points.clamp(-extent, extent).numpy().astype("<f2").tobytes(),
            centers=modes.tolist(),
            std=float(std),
            rounds=times,
            extent=extent,
            at=float(check_index(at, "at", len(times))),
            **text,
        )

    def coverage(self) -> dict[str, dict[str, Tensor]]:
        """For each run the numbers that the explorable shows: ``modes`` covered and ``share`` of samples in one, (T,).

        They count the points as the page has them, rounded to float16.
        """
        counted = mode_coverage(self._unpack(), self._modes, self.std, WITHIN)
        return {
            name: {"modes": counted.modes[i], "share": counted.quality[i]}
            for i, name in enumerate(self.names)
        }

    @property
    def _modes(self) -> Tensor:
        return torch.tensor(self.centers, dtype=torch.float64, device="cpu")

    def _unpack(self) -> Tensor:
        """Points as the page has them, (runs, T, n, 2)."""
        points = np.frombuffer(self.points, "<f2").astype(np.float64)
        return torch.from_numpy(points).reshape(len(self.names), len(self.rounds), -1, 2)

    @classmethod
    def _example(cls) -> dict[str, Any]:
        """One run ends on three of eight modes, the other on all."""
        angles, start = torch.arange(8) * math.pi / 4, torch.randn(256, 2)
        centers = torch.stack([angles.cos(), angles.sin()], dim=1)
        goals = {
            name: centers[torch.arange(256) % modes] + 0.12 * start
            for name, modes in (("plain", 3), ("packed", 8))
        }
        return {
            "runs": {
                name: torch.stack([torch.lerp(0.2 * start, goal, t / 7) for t in range(8)])
                for name, goal in goals.items()
            },
            "centers": centers,
            "std": 0.1,
            "rounds": [0, 10, 30, 100, 300, 1000, 3000, 9000],
        }

    def _draw(self, figure: Figure) -> None:
        from gennb.plot import CLASS_COLORS

        at, count, last = round(self.at), len(self.names), len(self.rounds) - 1
        points, covered = self._unpack()[:, at], self.coverage()
        heights = (figure.get_figwidth() / max(2, count), 1.5)
        figure.set_figheight(sum(heights))
        top, bottom = figure.subfigures(2, 1, height_ratios=heights, squeeze=False).flat
        curve = bottom.subplots()
        radius = WITHIN * self.std
        for k, axes in enumerate(top.subplots(1, count, squeeze=False).flat):
            color = CLASS_COLORS[k % len(CLASS_COLORS)]
            near = torch.cdist(points[k], self._modes) <= radius
            reached = near.any(0).nonzero().flatten().tolist()
            draw_plane(axes, self.extent, [(x, y, radius) for x, y in self.centers], reached)
            for chosen, shade in ((near.any(1), color), (~near.any(1), MUTED)):
                axes.scatter(*points[k][chosen].T, s=4, color=shade, lw=0)
            axes.set_title(self.names[k])
            curve.step(range(last + 1), covered[self.names[k]]["modes"], where="mid", color=color)
        ticks = sorted({round(part * last / 4) for part in range(5)})
        curve.set_xticks(ticks, [f"{self.rounds[t]:,}" for t in ticks])
        curve.axvline(at, color="#24292f", lw=0.8)
        curve.set(ylim=(0, len(self.centers) * 1.18), yticks=[0, len(self.centers)], xlabel="round")
        curve.set_ylabel("modes covered")
