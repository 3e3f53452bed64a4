"""Hebb's rule, and Oja's, which does not run away."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor

from gennb._validate import check_number, check_tensor, checked


@checked
def hebbian_update(
    w: Float[Tensor, " features"], x: Float[Tensor, "batch features"], lr: float
) -> Float[Tensor, " features"]:
    """Return w + lr·mean(y x), with y = wᵀx: a connection grows with what it carries and what comes of it.

    References
    ----------
    Hebb, The Organization of Behavior, 1949. Book: eq-hebb.
    """
    y = check_tensor(x, "x") @ check_tensor(w, "w")
    return w + check_number(lr, "lr", above=0) * (y @ x) / len(x)


@checked
def oja_update(
    w: Float[Tensor, " features"], x: Float[Tensor, "batch features"], lr: float
) -> Float[Tensor, " features"]:
    """Return w + lr·mean(y (x − y w)), with y = wᵀx: Hebb's rule, and a decay that keeps the length near 1.

    References
    ----------
    Oja, A Simplified Neuron Model as a Principal Component Analyzer, 1982. Book: eq-oja.
    """
    y = check_tensor(x, "x") @ check_tensor(w, "w")
    return w + check_number(lr, "lr", above=0) * (y @ x / len(x) - y.square().mean() * w)
