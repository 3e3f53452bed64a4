"""Zeros and ones: all states of a few units, and a look at whether data are such."""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor

from gennb._validate import check_count, check_dense, check_tensor

MOST = 20
"""Units whose states are enumerated at most: a million states."""


def states(n: int, like: Tensor | None = None) -> Float[Tensor, "states n"]:
    """All 2ⁿ states of n binary units, in the order of the numbers that they spell.

    Parameters
    ----------
    n
        Units, at most `MOST`; the first one is the leading digit.
    like
        A tensor whose precision and device they shall have.
    """
    check_enumerable(check_count(n, "n", least=0), "states")
    like = torch.zeros(1) if like is None else check_dense(like, "like")
    digits = torch.arange(n - 1, -1, -1, device=like.device)
    numbers = torch.arange(2**n, device=like.device)
    return (numbers[:, None] >> digits & 1).to(like.dtype)


def check_enumerable(n: int, what: str, mend: str = "") -> None:
    """Refuse to enumerate more than `MOST` units, and say how many states that would be."""
    if n > MOST:
        power = n * math.log10(2)
        count = f"{2**n:,}" if n < 40 else f"about {10 ** (power % 1):.1f} × 10^{int(power)}"
        raise ValueError(
            f"{what}: expected at most {MOST} units to enumerate, got {n}, which have {count} states. {mend}".rstrip()
        )


def check_bits(x: Tensor, name: str) -> Tensor:
    """Return ``x`` if it holds zeros and ones alone."""
    check_tensor(x, name, low=0.0, high=1.0)
    try:
        gray = ((x != 0) & (x != 1)).any().item()
    except RuntimeError:  # in a transform no value can be seen
        gray = False
    if gray:
        raise ValueError(
            f"{name}: expected zeros and ones, got values between them. Draw them from the gray levels with "
            f"torch.bernoulli({name}), or cut with ({name} > 0.5).float()."
        )
    return x
