"""The walk over a density: what travels to the page, and what it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from gennb import data
from gennb.widgets import ManifoldWalk
from gennb.widgets.autoencoders.maps import unpack_maps
from gennb.widgets.autoencoders.plane import SIDE


def maps(n: int = 2) -> list[nn.Module]:
    torch.manual_seed(0)
    return [nn.Sequential(nn.Linear(2, 8 + i), nn.SiLU(), nn.Linear(8 + i, 2)) for i in range(n)]


def walk(**changes: Any) -> ManifoldWalk:
    options = {
        "denoisers": maps(),
        "points": torch.linspace(-1, 1, 40).reshape(20, 2),
        "noise_stds": [0.1, 0.3],
        "residual_stds": [0.1, 0.2],
    }
    return ManifoldWalk(**options | changes)


@torch.no_grad()
def test_each_denoiser_travels_closely() -> None:
    shown, x = walk(), torch.randn(50, 2)
    for packed, own in zip(unpack_maps(shown.networks, shown.weights), maps(), strict=True):
        assert (packed(x) - own(x)).abs().max() < 5e-3


def test_the_shades_are_the_density() -> None:
    assert walk().shades == b""
    p = data.density("moons")
    shades = np.frombuffer(walk(density=p.log_prob, extent=1.5).shades, np.uint8)
    shades = shades.reshape(SIDE, SIDE) / 255
    assert shades.max() == 1
    row, column = 20, 70  # from the top and from the left
    cell = 3 / SIDE
    place = torch.tensor([[-1.5 + cell * (column + 0.5), 1.5 - cell * (row + 0.5)]]).double()
    top = p.log_prob(p.centers).max()
    for at in (place, p.centers[:1]):
        i = int((1.5 - float(at[0, 1])) / cell), int((float(at[0, 0]) + 1.5) / cell)
        assert shades[i] == pytest.approx(float((p.log_prob(at) - top).exp()), abs=0.08)


@torch.no_grad()
def test_in_the_example_more_noise_walks_farther_and_aims_less_well() -> None:
    """As the caption says."""
    shown, log_prob = ManifoldWalk.example(), data.density("moons").log_prob
    x0 = data.load("moons", n=50).x
    lengths, fits = [], []
    for r, noise, residual in zip(
        unpack_maps(shown.networks, shown.weights),
        shown.noise_stds,
        shown.residual_stds,
        strict=True,
    ):
        x, squares = x0, []
        for _ in range(100):
            new = r(x + noise * torch.randn_like(x))
            new += residual * torch.randn_like(x)
            squares.append(float((new - x).square().sum(1).mean()))
            x = new
        lengths.append(sum(squares) / 100)
        fits.append(float(log_prob(x).mean()))
    assert lengths == sorted(lengths)
    assert fits == sorted(fits, reverse=True)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"denoisers": maps()[0]}, "denoisers: expected an instance of list or tuple"),
        ({"denoisers": []}, "denoisers, their number: expected at least 1"),
        ({"denoisers": maps(5)}, "denoisers, their number: expected at most 4"),
        ({"denoisers": ["r", "r"]}, r"denoisers\[0\]: expected an instance of Module"),
        ({"denoisers": [nn.Linear(2, 3)] * 2}, r"denoisers\[0\]: expected 2 outputs"),
        ({"points": torch.randn(5, 3)}, "points: expected shape"),
        ({"points": torch.randn(1001, 2)}, "points: expected at most 1000, got 1001"),
        ({"points": torch.full((3, 2), torch.nan)}, "points: expected finite"),
        ({"noise_stds": [0.1]}, "noise_stds: expected 2 numbers"),
        ({"noise_stds": [0.1, 0.0]}, "noise_stds: expected a standard deviation in"),
        ({"residual_stds": [0.1, -0.1]}, "residual_stds: expected a standard deviation in"),
        ({"extent": 0.0}, "extent: expected a finite number above 0"),
        ({"extent": "wide"}, "extent: expected a number"),
        ({"near": 0.0}, "near: expected a finite number above 0"),
        ({"chosen": 2}, "chosen: expected an index below 2"),
        ({"start": (0.0, 3.0)}, "start: expected a coordinate in"),
        ({"speed": 0.0}, "speed: expected a number in"),
        ({"density": data.density("moons")}, "density: expected a function from points"),
        ({"density": lambda x: x}, "density, its values: expected shape"),
    ],
)
def test_it_refuses_nonsense(changes: dict[str, Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        walk(**changes)
