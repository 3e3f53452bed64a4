"""What the measures ask of their inputs, beyond the checks at every door."""

from __future__ import annotations

import torch
from torch import Tensor

from gennb._validate import check_tensor

LARGEST = torch.finfo(torch.float32).max  # the fourth power is still a float64


def check_probabilities(p: Tensor, name: str) -> Tensor:
    """Return ``p`` if it holds probabilities that sum to one over the last axis."""
    p = check_tensor(p, name, low=0.0, high=1.0)
    if (worst := worst_total(p, 1e-4)) is not None:
        raise ValueError(
            f"{name}: expected probabilities that sum to one over the last axis, got a sum of {worst:g}. "
            f"Divide by {name}.sum(-1, keepdim=True)."
        )
    return p


def worst_total(p: Tensor, tolerance: float, dx: float = 1.0) -> float | None:
    """Return the sum over the last axis that is farthest from one, unless it is near enough for its precision."""
    total = dx * in_double(p.detach()).sum(-1).flatten()
    off = (total - 1).abs()
    near = off.max() <= max(tolerance, 2 * torch.finfo(p.dtype).eps)
    return None if near else float(total[off.argmax()])


def check_rows(x: Tensor, name: str) -> Tensor:
    """Return examples (N, ...) as a float64 matrix (N, d)."""
    check_tensor(x, name, low=-LARGEST, high=LARGEST)
    return in_double(x.reshape(len(x), -1))


def in_double(x: Tensor) -> Tensor:
    """Return ``x`` in float64, on the CPU where its device has no such numbers."""
    return x.to("cpu" if x.device.type == "mps" else x.device, torch.float64)
