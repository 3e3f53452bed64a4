"""Walks through a generator's noise."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from gennb._validate import check_count, check_tensor, checked


@checked
def interpolate(
    start: Float[Tensor, "*shape"], end: Float[Tensor, "*shape"], steps: int
) -> Float[Tensor, "steps *shape"]:
    """Codes on the straight line from ``start`` to ``end``, both included, as in figure 3 of the 2014 paper.

    Parameters
    ----------
    start, end
        Codes, or batches of codes, of one shape.
    steps
        2 or more.
    """
    check_tensor(start, "start")
    check_tensor(end, "end")
    weights = torch.linspace(
        0, 1, check_count(steps, "steps", least=2), dtype=start.dtype, device=start.device
    )
    return torch.lerp(start, end, weights.view(-1, *(1,) * start.ndim))
