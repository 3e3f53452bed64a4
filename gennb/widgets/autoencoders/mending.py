"""A denoiser of pictures packed for the page, noise for a picture, and a small denoiser for an example."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from gennb._validate import check_kind
from gennb.widgets.kit.checks import check_output
from gennb.widgets.kit.maths import uniform
from gennb.widgets.kit.network import pack


def pack_mender(denoiser: nn.Module, pixels: int) -> dict[str, Any]:
    """Pack a map of pixels (N, pixels) to as many in [0, 1], in int8."""
    check_kind(denoiser, "denoiser", nn.Module)
    network, weights = pack(denoiser, pixels, "int8")
    check_output(network, pixels, "denoiser", "the pixels of image_shape")
    last = next((layer["op"] for layer in reversed(network) if layer["op"] != "reshape"), "none")
    if last != "sigmoid":
        raise ValueError(
            f"denoiser: expected pixels in [0, 1] from it, got {last} as its last layer. "
            "End it with nn.Sigmoid()."
        )
    return {"network": network, "weights": weights}


def sprinkle(picture: Tensor, share: float) -> Tensor:
    """Put salt and pepper on a share of the pixels, (height, width), as the page does with its first seed."""
    count = picture.numel()
    draws, coins = uniform(1, 2 * count).split(count)
    taken = draws.argsort()[: math.floor(share * count + 0.5)]
    noisy = picture.flatten().index_copy(0, taken, (coins[taken] < 0.5).to(picture.dtype))
    return noisy.reshape(picture.shape)


def small_mender(x: Tensor, hidden: int = 64, steps: int = 150) -> nn.Sequential:
    """Train for an example: x is (n, pixels)."""
    pixels = x.shape[1]
    layers = nn.Sequential(
        nn.Linear(pixels, hidden), nn.ReLU(), nn.Linear(hidden, pixels), nn.Sigmoid()
    )
    optimizer = torch.optim.Adam(layers.parameters(), lr=5e-3)
    for _ in range(steps):
        clean = x[torch.randint(len(x), (50,))]
        noisy = torch.where(torch.rand_like(clean) < 0.3, torch.rand_like(clean).round(), clean)
        optimizer.zero_grad()
        nn.functional.binary_cross_entropy(layers(noisy), clean).backward()
        optimizer.step()
    return layers
