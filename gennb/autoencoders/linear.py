"""The linear case: principal components, and the angles between two planes of codes."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from gennb._validate import check_count, check_tensor, checked


@checked
def principal_components(
    x: Float[Tensor, "examples features"], n: int
) -> tuple[Float[Tensor, " features"], Float[Tensor, "features n"]]:
    """Mean of the examples, and the n orthonormal directions along which they vary most, the widest first.

    Projecting onto them is the best linear code of n numbers in squared error.

    References
    ----------
    Pearson, On Lines and Planes of Closest Fit to Systems of Points in Space, 1901. Eckart and Young, The Approximation
    of One Matrix by Another of Lower Rank, 1936. Book: thm-linear-pca.
    """
    check_count(n, "n", most=check_tensor(x, "x").shape[1])
    mean = x.mean(0)
    centered = (x - mean).double()
    _, directions = torch.linalg.eigh(centered.mT @ centered)
    return mean, directions[:, -n:].flip(1).to(x.dtype)


@checked
def principal_angles(
    a: Float[Tensor, "features n"], b: Float[Tensor, "features n"]
) -> Float[Tensor, " n"]:
    """Angles between the subspaces that the columns of two matrices span, in degrees, the smallest first.

    Small angles are taken from their sines, as the cosine is blind to them.

    References
    ----------
    Björck and Golub, Numerical Methods for Computing Angles Between Linear Subspaces, 1973. Book: eq-principal-angles.
    """
    p, q = (torch.linalg.qr(check_tensor(m, name).double())[0] for m, name in ((a, "a"), (b, "b")))
    cosines = torch.linalg.svdvals(p.mT @ q)
    sines = torch.linalg.svdvals(q - p @ (p.mT @ q)).flip(0)
    return torch.atan2(sines, cosines).rad2deg().to(a.dtype)
