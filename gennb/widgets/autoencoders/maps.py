"""Denoisers of points in the plane: packed for the page, and small ones for an example."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from gennb._validate import check_count, check_kind
from gennb.widgets.kit.checks import check_numbers, check_output
from gennb.widgets.kit.network import Layer, pack, unpack

MOST = 4  # denoisers


def pack_maps(
    denoisers: Sequence[nn.Module],
    noise_stds: Sequence[float],
    residual_stds: Sequence[float],
) -> dict[str, Any]:
    """Pack a few maps of points (N, 2) to points (N, 2), in float16, the weights one after another, and their noise."""
    check_kind(denoisers, "denoisers", (list, tuple), "Give a list, [denoiser] for one alone.")
    check_count(len(denoisers), "denoisers, their number", most=MOST)
    networks, weights = [], b""
    for i, denoiser in enumerate(denoisers):
        check_kind(denoiser, f"denoisers[{i}]", nn.Module)
        network, own = pack(denoiser, 2)
        check_output(network, 2, f"denoisers[{i}]", "the coordinates of a point")
        networks.append(network)
        weights += own
    wide, some = ("standard deviation", 1e-4, 1e4), ("standard deviation", 0.0, 1e4)
    return {
        "networks": networks,
        "weights": weights,
        "noise_stds": check_numbers(noise_stds, "noise_stds", *[wide] * len(denoisers)),
        "residual_stds": check_numbers(residual_stds, "residual_stds", *[some] * len(denoisers)),
    }


def unpack_maps(networks: list[list[Layer]], weights: bytes) -> list[nn.Sequential]:
    """Return the denoisers as the page has them."""
    denoisers = []
    for network in networks:
        shapes = [layer["weight"] for layer in network if "weight" in layer]
        size = sum(2 * (math.prod(shape) + shape[0]) for shape in shapes)
        denoisers.append(unpack(network, weights[:size]))
        weights = weights[size:]
    return denoisers


def small_maps(x: Tensor, noise_stds: list[float]) -> dict[str, Any]:
    """Fit denoisers to points (n, 2) for an example: random features, and on them the best linear map."""
    clean, denoisers, residual_stds = x.repeat(2, 1), [], []
    for std in noise_stds:
        features, last = nn.Sequential(nn.Linear(2, 96), nn.Tanh()), nn.Linear(96, 2)
        with torch.no_grad():
            for parameter in features.parameters():
                parameter.normal_(std=2.0)
            hidden = features(clean + std * torch.randn_like(clean))
            A = torch.cat([hidden, torch.ones(len(hidden), 1)], 1)
            ridge = 1e-3 * len(A) * torch.eye(A.shape[1])
            solution = torch.linalg.solve(A.mT @ A + ridge, A.mT @ clean)
            last.weight.copy_(solution[:-1].mT)
            last.bias.copy_(solution[-1])
            residual_stds.append(float((last(hidden) - clean).square().mean().sqrt()))
        denoisers.append(nn.Sequential(*features, last))
    return {"denoisers": denoisers, "noise_stds": noise_stds, "residual_stds": residual_stds}
