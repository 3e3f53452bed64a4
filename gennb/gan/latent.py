"""Looks at a generator from outside: walks through its noise, and a search for the images it might have copied."""

from __future__ import annotations

import math

import torch
from jaxtyping import Float, Int
from torch import Tensor

from gennb._validate import check_count, check_tensor, checked
from gennb.evaluate._inputs import in_double

_CHUNK = 2**22  # distances held at once: 32 MiB in float64


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
    check_tensor(end, "end", shape=tuple(start.shape))
    weights = torch.linspace(
        0, 1, check_count(steps, "steps", least=2), dtype=start.dtype, device=start.device
    )
    return torch.lerp(start, end, weights.view(-1, *(1,) * start.ndim))


def nearest_neighbours(
    x: Float[Tensor, "batch *example"], among: Float[Tensor, "others *example"]
) -> tuple[Float[Tensor, " batch"], Int[Tensor, " batch"]]:
    """Euclidean distance from each example to the nearest one of a set, and that one's index.

    The search is a matrix product in float64, and the distance that it finds a norm of differences: an exact copy
    has distance zero. Of equally near ones the first counts.

    Parameters
    ----------
    x
        (N, …), images for instance.
    among
        (M, …), the training set for instance.
    """
    x, among = _check_examples(x, "x"), _check_examples(among, "among")
    if among.shape[1] != x.shape[1]:
        raise ValueError(
            f"among: expected examples of {x.shape[1]} numbers as in x, got {among.shape[1]}."
        )
    rows = in_double(x)
    center = rows.mean(0)  # squares of small numbers cancel less
    rows = rows - center
    shortest, index = rows.new_full((len(x),), math.inf), rows.new_zeros(len(x), dtype=torch.long)
    start = 0
    for part in among.split(max(1, _CHUNK // len(x))):
        others = in_double(part) - center
        excess, where = torch.addmm(others.square().sum(1), rows, others.T, alpha=-2).min(1)
        index = torch.where(excess < shortest, start + where, index)
        shortest = torch.minimum(shortest, excess)
        start += len(part)
    index = index.to(x.device)
    return (x - among[index]).norm(dim=1), index


def _check_examples(x: Tensor, name: str) -> Float[Tensor, "batch features"]:
    if check_tensor(x, name).ndim == 0:
        raise ValueError(f"{name}: expected examples along the first axis, got a single number.")
    return x.reshape(len(x), -1)
