"""States of a few units, all of them."""

from __future__ import annotations

from torch import Tensor

from gennb.widgets.kit.pictures import from_rows


def every_state(units: int) -> Tensor:
    """Return all states of so many units, the first one as the leading digit: (2^units, units) in float64."""
    return from_rows([*range(2**units)], units).double()
