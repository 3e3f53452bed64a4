"""Known factors in a latent space: where they can be read, and which way to walk to change them."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor

from gennb._pixels import GaussianPixels
from gennb._validate import bare, check_images, check_kind, check_tensor, checked

from .gaussian import Gaussian
from .model import VAE


@checked
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
    weights = _least_squares(design, targets)
    return dict(zip(factors, weights.T, strict=True))


@checked
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
    moves = _least_squares(design, centered)
    return dict(zip(factors, moves, strict=True))


@checked
def laplace_posterior(
    model: VAE,
    x: Float[Tensor, "batch channels height width"],
    visible: Float[Tensor, "batch #channels height width"] | None = None,
) -> Gaussian:
    """Approximate p(z|x) by a Gaussian around the encoder's mean, from the decoder's slopes instead of the encoder.

    With the Jacobian J of the decoded visible pixels, the precision is I + JᵀJ/σ² (Gauss–Newton): every direction of
    the latent space is as narrow as the visible pixels that depend on it make it.

    Parameters
    ----------
    model
        With a Gaussian likelihood.
    x
        Images (N, C, H, W) in [0, 1].
    visible
        1 where a pixel is visible, 0 where it is missing; None: all are visible.

    Returns
    -------
    Gaussian
        With a full covariance.

    References
    ----------
    MacKay, A Practical Bayesian Framework for Backpropagation Networks, 1992. Book: eq-laplace.
    """
    if not isinstance(model.likelihood, GaussianPixels):
        raise ValueError(
            f"model: expected a Gaussian likelihood, got {type(model.likelihood).__name__}."
        )
    mean = bare(model.encode)(x).mean.detach().requires_grad_()
    with torch.enable_grad():
        slopes = _jacobian(bare(model.likelihood.mean)(model.decoder(mean)), mean)
    mean = mean.detach()
    if visible is not None:
        slopes = slopes * check_images(visible, "visible").unsqueeze(-1)
    slopes = slopes.flatten(1, -2) / model.log_noise.detach().exp()
    identity = torch.eye(model.n_latent, dtype=mean.dtype, device=mean.device)
    covariance = torch.linalg.inv(identity + slopes.mT @ slopes)
    return Gaussian(mean, torch.linalg.cholesky(covariance))


def _least_squares(
    design: Float[Tensor, "batch inputs"], targets: Float[Tensor, "batch outputs"]
) -> Float[Tensor, "inputs outputs"]:
    """The solution of least norm, on a CPU: CUDA's takes every design for one of full rank."""
    solution: Tensor = torch.linalg.lstsq(design.cpu(), targets.cpu()).solution
    return solution.to(design.device)


def _jacobian(
    images: Float[Tensor, "batch channels height width"], z: Float[Tensor, "batch latent"]
) -> Float[Tensor, "batch channels height width latent"]:
    """Slopes of the images along each latent axis: Jᵀv is linear in v, and its derivative by v is J."""
    v = torch.zeros_like(images, requires_grad=True)
    (pulled_back,) = torch.autograd.grad(images, z, v, create_graph=True)
    columns = [
        torch.autograd.grad(column.sum(), v, retain_graph=True)[0]
        for column in pulled_back.unbind(1)
    ]
    return torch.stack(columns, dim=-1)


def _centered(codes: Tensor, factors: dict[str, Tensor]) -> Tensor:
    check_tensor(codes, "codes")
    check_kind(factors, "factors", Mapping, "Give {name: one value for each code}.")
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
