"""Encoders with their decoders, packed for the page."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

from gennb._validate import check_kind
from gennb.widgets.kit.checks import check_output
from gennb.widgets.kit.network import Layer, pack, unpack

Shape = tuple[int, int, int]


class Pair(NamedTuple):
    """What the page gets of an encoder and a decoder, their weights one after another, and what it computes."""

    specs: list[list[Layer]]
    weights: bytes
    encoder: nn.Module  # of images (N, *shape)
    decoder: nn.Module
    shape: Shape

    @property
    def units(self) -> int:
        """How many numbers a code has."""
        return math.prod(self.specs[0][-1]["shape"])

    @property
    def filters(self) -> Tensor:
        """The weights of the decoder's first layer, (outputs, units)."""
        return next(self.decoder.parameters()).detach()

    def picture(self, code: list[float]) -> Tensor:
        """Decode a code."""
        with torch.no_grad():
            pixels: Tensor = self.decoder(torch.tensor([code], dtype=torch.float32, device="cpu"))
            return pixels.reshape(self.shape)

    def trip(self, code: list[float]) -> list[float]:
        """Encode what is decoded at a code."""
        with torch.no_grad():
            landing: list[float] = self.encoder(self.picture(code)[None]).flatten().tolist()
            return landing


def pack_pair(
    encoder: nn.Module,
    decoder: nn.Module,
    shape: Shape,
    dtype: str = "int8",
    units: int | None = None,
    where: str = "",
) -> Pair:
    """Pack an encoder of images, whole or flattened, and the decoder of its codes, with so many numbers each."""
    for name, module in (("encoder", encoder), ("decoder", decoder)):
        check_kind(module, f"{where}{name}", nn.Module)
    first = next(layer for layer in encoder.modules() if not [*layer.children()])
    flat = [nn.Flatten()] if isinstance(first, nn.Linear) else []
    up, weights = _pack(nn.Sequential(*flat, encoder), shape, dtype, f"{where}encoder")
    if units:
        check_output(up, units, f"{where}encoder", "the numbers of a code")
    down, more = _pack(decoder, math.prod(up[-1]["shape"]), dtype, f"{where}decoder")
    check_output(down, math.prod(shape), f"{where}decoder", "the pixels of image_shape")
    with torch.random.fork_rng(devices=[]):  # new layers would draw their weights
        return Pair([up, down], weights + more, unpack(up, weights), unpack(down, more), shape)


def _pack(
    module: nn.Module, shape: int | Shape, dtype: str, name: str
) -> tuple[list[Layer], bytes]:
    """Pack one of several networks, and say which one it was that could not be packed."""
    try:
        return pack(module, shape, dtype)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{name}: {error}") from None


def operations(spec: list[Layer]) -> list[str]:
    """Name the layers that compute something."""
    return [layer["op"] for layer in spec if layer["op"] != "reshape"]


def small_pair(pixels: int, hidden: int, code: int) -> tuple[nn.Module, nn.Module]:
    """Make one that nobody has trained."""
    return (
        nn.Sequential(nn.Linear(pixels, hidden), nn.ReLU(), nn.Linear(hidden, code)),
        nn.Sequential(nn.Linear(code, hidden), nn.ReLU(), nn.Linear(hidden, pixels), nn.Sigmoid()),
    )


def train_pair(
    pair: tuple[nn.Module, nn.Module],
    x: Tensor,
    steps: int,
    cost: Callable[[Tensor], Tensor | float] = lambda code: 0.0,
) -> tuple[nn.Module, nn.Module]:
    """Train for an example: x is (n, pixels), and the cost of a batch of codes comes on top, in nats per picture."""
    encoder, decoder = pair
    optimizer = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=5e-3)
    for _ in range(steps):
        batch = x[torch.randint(len(x), (50,))]
        code = encoder(batch)
        loss = nn.functional.binary_cross_entropy(decoder(code), batch, reduction="sum") / 50
        optimizer.zero_grad()
        (loss + cost(code)).backward()
        optimizer.step()
    return pair
