"""A scrubber through the training of GANs on a ring of Gaussians."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
import traitlets
from jaxtyping import Float
from torch import Tensor

from gennb._validate import check_count, check_number, check_tensor
from gennb.evaluate import mode_coverage

from .base import STYLE, Explorable, bundle, still_figure, to_png
from .optimal_discriminator import CURVES

LEVELS = 4095  # of a coordinate: twelve bits, two coordinates in three bytes
MOST_POINTS = 100_000
WITHIN = 3.0


class RingScrubber(Explorable):
    """Scrub GANs through their training on a mixture of Gaussians: which modes they reach, keep and drop.

    Parameters
    ----------
    runs
        Generated points by name, ``{"plain": (T, n, 2), …}``: T snapshots, point number i always from the same
        noise, so that it can be followed. All of one shape. A point travels in three bytes, 41 kB in the page for 40
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
        The snapshot to start at; None is the last. The trait follows the reader, and runs between snapshots.
    **text
        ``title``, ``hint``, ``caption``, ``label``.
    """

    _esm = bundle("ring_scrubber.js")
    _css = STYLE + CURVES

    title = traitlets.Unicode("Which modes survive?").tag(sync=True)
    hint = traitlets.Unicode(
        "Play the training, or scrub through it by slider or on the curve. Every dot is one piece of noise throughout."
    ).tag(sync=True)
    caption = traitlets.Unicode(
        "A circle has the radius of three standard deviations of its mode, and fills when a sample lies in it. Colored "
        "samples lie in a mode, gray ones in none; the trails show where each came from since the last snapshot."
    ).tag(sync=True)
    label = traitlets.Unicode(
        "Generated samples in the plane among the circles of the data's modes, a square for each run. Below, the "
        "number of modes covered over the rounds of training."
    ).tag(sync=True)
    height = traitlets.List(traitlets.Int(), [813, 1101]).tag(sync=True)

    names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    points = traitlets.Bytes().tag(sync=True)
    centers: traitlets.List[Any] = traitlets.List().tag(sync=True)
    std = traitlets.Float().tag(sync=True)
    rounds = traitlets.List(traitlets.Int()).tag(sync=True)
    extent = traitlets.Float().tag(sync=True)
    at = traitlets.Float().tag(sync=True)

    def __init__(
        self,
        runs: Mapping[str, Float[Tensor, "snapshots n 2"]],
        centers: Float[Tensor, "modes 2"],
        std: float,
        *,
        rounds: Sequence[int],
        extent: float | None = None,
        at: int | None = None,
        **text: Any,
    ) -> None:
        if not isinstance(rounds, Sequence) or isinstance(rounds, str):
            raise TypeError(f"rounds: expected a list of integers, got {type(rounds).__name__}.")
        for value in rounds:
            check_count(value, "rounds", least=0)
        if len(rounds) == 0 or sorted(set(rounds)) != list(rounds):
            raise ValueError(f"rounds: expected increasing numbers, got {list(rounds)!r}.")
        if not isinstance(runs, Mapping):
            raise TypeError(
                f"runs: expected points by name, {{'plain': points}}, got {type(runs).__name__}."
            )
        if not runs or not all(isinstance(name, str) for name in runs):
            raise ValueError(f"runs: expected at least one run with a name, got {list(runs)!r}.")
        shape: tuple[int | str, ...] = (len(rounds), "n", 2)
        for name, values in runs.items():
            shape = tuple(check_tensor(values, f"runs[{name!r}]", shape=shape).shape)
        points = torch.stack([values.detach().cpu().double() for values in runs.values()])
        if points.numel() > 2 * MOST_POINTS:
            raise ValueError(
                f"runs: expected at most {MOST_POINTS:,} points in all, got {points.numel() // 2:,}. "
                "Keep fewer snapshots or points: each costs three bytes in the page."
            )
        modes = check_tensor(centers, "centers", shape=("modes", 2)).detach().cpu().double()
        check_number(std, "std", above=0)
        reach = float(modes.abs().max()) + WITHIN * std
        if extent is None:
            extent = reach + std
        check_number(extent, "extent", at_least=reach)
        at = len(rounds) - 1 if at is None else check_count(at, "at", least=0)
        if at >= len(rounds):
            raise ValueError(f"at: expected an index below {len(rounds)}, got {at}.")
        super().__init__(
            names=list(runs),
            points=_pack(points, extent),
            centers=modes.tolist(),
            std=float(std),
            rounds=list(rounds),
            extent=extent,
            at=float(at),
            **text,
        )
        self.still = self._draw_still(at)

    def coverage(self) -> dict[str, dict[str, Tensor]]:
        """For each run the numbers that the explorable shows: ``modes`` covered and ``share`` of samples in one, (T,).

        They count the points as the page has them, rounded to twelve bits.
        """
        counted = mode_coverage(self._unpack(), self._modes, self.std, WITHIN)
        return {
            name: {"modes": counted.modes[i], "share": counted.quality[i]}
            for i, name in enumerate(self.names)
        }

    @property
    def _modes(self) -> Tensor:
        return torch.tensor(self.centers, dtype=torch.float64)

    def _unpack(self) -> Tensor:
        """Points as the page has them, (runs, T, n, 2)."""
        first, shared, last = np.frombuffer(self.points, np.uint8).reshape(-1, 3).T.astype(np.int64)
        levels = np.stack([first << 4 | shared >> 4, (shared & 15) << 8 | last], axis=1)
        points = torch.from_numpy(2 * self.extent * levels / LEVELS - self.extent)
        return points.reshape(len(self.names), len(self.rounds), -1, 2)

    def _draw_still(self, at: int) -> bytes:
        from matplotlib.patches import Circle

        from gennb.plot import CLASS_COLORS

        points, covered = self._unpack()[:, at], self.coverage()
        count = len(self.names)
        figure = still_figure(6.6, 6.6 / max(2, count) + 1.5)
        heights = (6.6 / max(2, count), 1.5)
        top, bottom = figure.subfigures(2, 1, height_ratios=heights, squeeze=False).flat
        curve = bottom.subplots()
        for k, (axes, name) in enumerate(
            zip(top.subplots(1, count, squeeze=False).flat, self.names, strict=True)
        ):
            color = CLASS_COLORS[k % len(CLASS_COLORS)]
            near = torch.cdist(points[k], self._modes) <= WITHIN * self.std
            for mode, reached in zip(self.centers, near.any(0), strict=True):
                axes.add_patch(
                    Circle(
                        mode,
                        WITHIN * self.std,
                        fc="#59636e22" if reached else "none",
                        ec="#59636e",
                        ls="-" if reached else (0, (3, 4)),
                        lw=0.8,
                    )
                )
            for chosen, shade in ((near.any(1), color), (~near.any(1), "#59636e")):
                axes.scatter(*points[k][chosen].T, s=4, color=shade, lw=0)
            axes.set(
                xlim=(-self.extent, self.extent), ylim=(-self.extent, self.extent), aspect="equal"
            )
            axes.set(xticks=[], yticks=[])
            axes.set_title(name, fontsize=9)
            axes.spines[:].set_color("#d5dae0")
            curve.step(range(len(self.rounds)), covered[name]["modes"], where="mid", color=color)
        ticks = sorted({round(part * (len(self.rounds) - 1) / 4) for part in range(5)})
        curve.set_xticks(ticks, [f"{self.rounds[t]:,}" for t in ticks])
        curve.axvline(at, color="#24292f", lw=0.8)
        curve.set(ylim=(0, len(self.centers) * 1.18), yticks=[0, len(self.centers)], xlabel="round")
        curve.set_ylabel("modes covered", fontsize=8)
        curve.spines[["top", "right"]].set_visible(False)
        return to_png(figure)


def _pack(points: Tensor, extent: float) -> bytes:
    """Two coordinates of twelve bits in three bytes."""
    levels = ((points / extent + 1) / 2 * LEVELS).round().clamp(0, LEVELS).to(torch.int64)
    x, y = levels.reshape(-1, 2).T
    packed = torch.stack([x >> 4, (x & 15) << 4 | y >> 8, y & 255], dim=1)
    return packed.to(torch.uint8).numpy().tobytes()
