"""Known factors in a latent space: where they can be read, and which way to walk to change them."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from gennb._validate import check_tensor


def readouts(
    codes: Float[Tensor, "batch latent"], factors: dict[str, Float[Tensor, " batch"]]
) -> dict[str, Float[Tensor, " latent"]]:
    """Fit the weights a with which a·z + const best predicts each factor, by least squares.

    The spread of a posterior along a readout is what the code leaves open about the factor, in the factor's own
    units (`Gaussian.width`).

    Returns
    -------
    dict
        For each factor, (d,): units of the factor per unit of code.
    """
    design = _centered(codes, factors)
    targets = torch.stack([f - f.mean() for f in factors.values()], dim=1).to(codes)
    weights = torch.linalg.lstsq(design, targets).solution
    return dict(zip(factors, weights.T, strict=True))


def directions(
    codes: Float[Tensor, "batch latent"], factors: dict[str, Float[Tensor, " batch"]]
) -> dict[str, Float[Tensor, " latent"]]:
    """Fit the mean change of the code when one factor grows by one unit and the others stay, by least squares.

    This is the way to walk through the latent space to change that factor alone.

    Returns
    -------
    dict
        For each factor, (d,): units of code per unit of the factor.
    """
    centered = _centered(codes, factors)
    design = torch.stack([f - f.mean() for f in factors.values()], dim=1).to(codes)
    moves = torch.linalg.lstsq(design, centered).solution
    return dict(zip(factors, moves, strict=True))


def _centered(codes: Tensor, factors: dict[str, Tensor]) -> Tensor:
    codes = check_tensor(codes, "codes", shape=("batch", "latent"))
    if not factors:
        raise ValueError("factors: expected at least one named factor, got none.")
    for name, values in factors.items():
        check_tensor(values, f"factors[{name!r}]", shape=(len(codes),))
    if len(codes) <= max(codes.shape[1], len(factors)):
        raise ValueError(
            f"codes: expected more examples than latent variables and factors, got {len(codes)} "
            f"for {codes.shape[1]} and {len(factors)}. A least-squares fit needs more."
        )
    return codes - codes.mean(0)
