"""Values of −1 and +1: labels, and the states of Hopfield's units."""

from __future__ import annotations

from torch import Tensor

from gennb._validate import check_tensor


def check_signs(x: Tensor, name: str, shape: tuple[int | str, ...]) -> Tensor:
    """Return ``x`` if it holds −1 and +1 alone, and has a shape as in `check_tensor`."""
    check_tensor(x, name, shape=shape)
    if (x.abs() != 1).any():
        found = ", ".join(f"{value:g}" for value in x.unique()[:4].tolist())
        raise ValueError(
            f"{name}: expected -1 and +1 alone, got {found}. From zeros and ones: 2 * {name} - 1."
        )
    return x
