"""Encoders and decoders: plain chains of layers, so that each can be read, exported and swapped."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from torch import nn

ImageShape = tuple[int, int, int]


def mlp_encoder(image_shape: ImageShape, n_out: int, hidden: Sequence[int]) -> nn.Sequential:
    """Images (N, C, H, W) → (N, n_out) through dense layers with ReLU between them."""
    sizes = [math.prod(image_shape), *hidden]
    return nn.Sequential(nn.Flatten(), *_dense(sizes), nn.Linear(sizes[-1], n_out))


def mlp_decoder(n_latent: int, image_shape: ImageShape, hidden: Sequence[int]) -> nn.Sequential:
    """Codes (N, n_latent) → pixel logits (N, C, H, W) through the mirror image of the dense encoder."""
    sizes = [n_latent, *reversed(hidden)]
    return nn.Sequential(
        *_dense(sizes), nn.Linear(sizes[-1], math.prod(image_shape)), nn.Unflatten(1, image_shape)
    )


def conv_encoder(image_shape: ImageShape, n_out: int, channels: Sequence[int]) -> nn.Sequential:
    """Images → (N, n_out): each strided convolution halves the side (rounding up), one dense layer ends it."""
    layers: list[nn.Module] = []
    for (before, after), side in zip(
        pairwise([image_shape[0], *channels]), _sides(image_shape, channels), strict=True
    ):
        layers += [nn.Conv2d(before, after, _kernel(side), stride=2, padding=1), nn.ReLU()]
    height, width = _halved(image_shape[1:], len(channels))
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(channels[-1] * height * width, n_out))


def conv_decoder(n_latent: int, image_shape: ImageShape, channels: Sequence[int]) -> nn.Sequential:
    """Codes → pixel logits: one dense layer, then transposed convolutions that undo the halvings."""
    height, width = _halved(image_shape[1:], len(channels))
    layers: list[nn.Module] = [
        nn.Linear(n_latent, channels[-1] * height * width),
        nn.Unflatten(1, (channels[-1], height, width)),
    ]
    sides = list(reversed(_sides(image_shape, channels)))
    for (before, after), side in zip(
        pairwise([*reversed(channels), image_shape[0]]), sides, strict=True
    ):
        layers += [nn.ReLU(), nn.ConvTranspose2d(before, after, _kernel(side), stride=2, padding=1)]
    return nn.Sequential(*layers)


def _kernel(side: tuple[int, int]) -> tuple[int, int]:
    """Kernel sizes that, with stride 2 and padding 1, lead from a side to its half rounded up, and back."""
    return (4 - side[0] % 2, 4 - side[1] % 2)


def _dense(sizes: Sequence[int]) -> list[nn.Module]:
    return [layer for pair in pairwise(sizes) for layer in (nn.Linear(*pair), nn.ReLU())]


def _sides(image_shape: ImageShape, channels: Sequence[int]) -> list[tuple[int, int]]:
    return [_halved(image_shape[1:], depth) for depth in range(len(channels))]


def _halved(side: tuple[int, int], times: int) -> tuple[int, int]:
    rows, columns = side
    for _ in range(times):
        rows, columns = math.ceil(rows / 2), math.ceil(columns / 2)
    return rows, columns
