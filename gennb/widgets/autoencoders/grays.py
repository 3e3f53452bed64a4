"""Gray pictures: as bytes for the page, and of what a code is made of for the still picture."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gennb._validate import check_tensor
from gennb.widgets.autoencoders.pairs import Shape
from gennb.widgets.kit.pictures import MOST


def pack_grays(pictures: Any, shape: Shape) -> bytes:
    """Pack a few pictures (n, 1, height, width) in [0, 1], a byte for each pixel."""
    x = check_tensor(pictures, "pictures", shape=("n", *shape), low=0.0, high=1.0)
    if len(x) > MOST:
        raise ValueError(
            f"pictures: expected at most {MOST}, got {len(x)}. Take pictures[:{MOST}]."
        )
    return (255 * x.detach().cpu().float()).round().to(torch.uint8).numpy().tobytes()


def unpack_grays(packed: bytes, shape: list[int]) -> Tensor:
    """Return the pictures as the page has them, (n, 1, height, width)."""
    grays = np.frombuffer(packed, np.uint8).astype(np.float32) / np.float32(255)
    return torch.from_numpy(grays).reshape(-1, *shape)


def of_units(code: Tensor) -> Tensor:
    """Lay a code out as cells of a square, (1, side, side), dark where a unit is active."""
    side = math.ceil(math.sqrt(len(code)))
    cells = torch.zeros(side**2, dtype=code.dtype, device="cpu")
    cells[: len(code)] = code / code.max().clamp(min=1e-9)
    return cells.reshape(1, side, side)


def of_filter(weights: Tensor) -> Tensor:
    """Shade weights: dark above zero, light below, in between where they vanish."""
    return 0.5 + weights / (2 * weights.abs().max().clamp(min=1e-9))
