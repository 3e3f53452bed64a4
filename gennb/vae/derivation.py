"""The derivation of the evidence lower bound, one function for each line of it.

Expectations under a Gaussian are taken by Gauss–Hermite quadrature, so that nothing here is random: on a model
whose evidence is known, each equals sign of the derivation can be tested to rounding error.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from numpy.polynomial.hermite_e import hermegauss
from torch import Tensor

from gennb._pixels import gaussian_log_likelihood
from gennb._validate import bare, check_count, check_number, check_tensor, checked
from gennb.evaluate._inputs import in_double

from .gaussian import Gaussian, kl_to_standard_normal, standard_normal_log_prob


@runtime_checkable
class Decoder(Protocol):
    """What the computable forms of the bound ask of a model with the prior N(0, I)."""

    def log_likelihood(self, x: Tensor, z: Tensor) -> Tensor:
        """Return log p(x|z) in nats: x (N, D) and z (..., N, d) to (..., N)."""
        ...


@runtime_checkable
class LatentModel(Decoder, Protocol):
    """What the other lines of the derivation ask: a model whose evidence and posterior are known."""

    def log_evidence(self, x: Tensor) -> Tensor:
        """Return log p(x) in nats: (N,)."""
        ...

    def exact_posterior(self, x: Tensor) -> Gaussian:
        """Return p(z|x)."""
        ...


@dataclass(frozen=True)
class LinearGaussian:
    """Probabilistic PCA: z ~ N(0, I), x = W z + b + σ ε. Here every quantity of the derivation is known.

    Attributes
    ----------
    weight
        W, (D, d).
    offset
        b, (D,).
    noise_std
        σ > 0, in units of x.

    References
    ----------
    Tipping and Bishop, Probabilistic Principal Component Analysis, 1999.
    """

    weight: Float[Tensor, "observed latent"]
    offset: Float[Tensor, " observed"]
    noise_std: float

    def __post_init__(self) -> None:
        check_tensor(self.weight, "weight", shape=("observed", "latent"))
        check_tensor(self.offset, "offset", shape=(len(self.weight),))
        check_number(self.noise_std, "noise_std", above=0.0)

    @classmethod
    @checked
    def fit(cls, x: Float[Tensor, "batch observed"], n_latent: int) -> LinearGaussian:
        """Maximize the likelihood of data, in closed form: the leading principal axes, and the noise they leave.

        Axis i is scaled by √(λ − σ²), where λ is the variance along it and σ² the mean variance of the axes
        left out. No other choice of W, b and σ gives the data a higher likelihood.

        Raises
        ------
        ValueError
            As many latent variables as the data have directions in which they vary, so that no noise is left.
        """
        check_tensor(x, "x")
        check_count(n_latent, "n_latent")
        rows = in_double(x)
        offset = rows.mean(0)
        spread, axes = torch.linalg.svd(torch.linalg.qr(rows - offset, mode="r").R)[1:]
        rank = int((spread > 10 * torch.finfo(x.dtype).eps * rows.norm()).sum())  # beyond rounding
        if rank == 0:
            raise ValueError("x: expected examples that differ, got some that are all the same.")
        if n_latent >= rank:
            raise ValueError(
                f"n_latent: expected fewer than the rank of the centered data, {rank}, so that there is noise "
                f"left to fit; got {n_latent}. The data vary in no other direction."
            )
        variances = spread.square() / len(x)
        noise = variances[n_latent:].sum() / (x.shape[1] - n_latent)
        weight = axes[:n_latent].mT * (variances[:n_latent] - noise).clamp(min=0).sqrt()
        return cls(weight.to(x), offset.to(x), float(noise.sqrt()))

    @checked
    def log_likelihood(
        self, x: Float[Tensor, "batch observed"], z: Float[Tensor, "*samples batch latent"]
    ) -> Float[Tensor, "*samples batch"]:
        """Ln p(x|z) = log N(x | Wz + b, σ² I) in nats."""
        log_std = torch.tensor(self.noise_std, dtype=x.dtype, device=x.device).log()
        return bare(gaussian_log_likelihood)(x, z @ self.weight.mT + self.offset, log_std)

    @checked
    def log_evidence(self, x: Float[Tensor, "batch observed"]) -> Float[Tensor, " batch"]:
        """Ln p(x) = log N(x | b, W Wᵀ + σ² I) in nats."""
        noise = self.noise_std**2 * torch.eye(len(self.weight), dtype=x.dtype, device=x.device)
        factor = torch.linalg.cholesky(self.weight @ self.weight.mT + noise)
        marginal = Gaussian(self.offset.expand_as(x), factor.expand(len(x), -1, -1))
        return bare(marginal.log_prob)(x)

    @checked
    def exact_posterior(self, x: Float[Tensor, "batch observed"]) -> Gaussian:
        """p(z|x) by the conditional of a joint Gaussian: precision I + WᵀW/σ², the same for every x."""
        covariance = torch.linalg.inv(self._precision)
        mean = (x - self.offset) @ self.weight @ covariance / self.noise_std**2
        return Gaussian(mean, torch.linalg.cholesky(covariance).expand(len(x), -1, -1))

    def sample(
        self, n: int, generator: torch.Generator | None = None
    ) -> Float[Tensor, "n observed"]:
        """Draw n observations: z from the prior, then x given z."""
        observed, latent = self.weight.shape
        noise = torch.randn(
            check_count(n, "n"),
            latent + observed,
            generator=generator,
            dtype=self.weight.dtype,
            device=self.weight.device,
        )
        z, pixel_noise = noise.split([latent, observed], dim=1)
        x: Tensor = z @ self.weight.mT + self.offset + self.noise_std * pixel_noise
        return x

    @cached_property
    def _precision(self) -> Tensor:
        w = self.weight
        identity = torch.eye(w.shape[1], dtype=w.dtype, device=w.device)
        return identity + w.mT @ w / self.noise_std**2


def expectation(values: Float[Tensor, "nodes batch"], weights: Float[Tensor, " nodes"]) -> Tensor:
    """E_q[f] from the values of f at the quadrature's nodes: a weighted sum."""
    return weights @ values


def nodes(
    q: Gaussian, order: int = 10
) -> tuple[Float[Tensor, "nodes batch latent"], Float[Tensor, " nodes"]]:
    """Gauss–Hermite noise for each latent axis, and its weights, which sum to one.

    With ``order`` points an axis, the expectation of any polynomial of degree below 2 · order under q is exact.
    There are order^d nodes: a method for one, two or three latent variables.
    """
    points, masses = hermegauss(check_count(order, "order"))
    latent = q.mean.shape[1]
    grid = torch.cartesian_prod(*[q.mean.new_tensor(points)] * latent).reshape(-1, latent)
    weight = torch.cartesian_prod(*[q.mean.new_tensor(masses / masses.sum())] * latent)
    return grid[:, None].expand(-1, len(q), -1), weight.reshape(-1, latent).prod(-1)


@checked
def posterior_divergence(model: LatentModel, x: Tensor, q: Gaussian) -> Float[Tensor, " batch"]:
    """D[q ‖ p(z|x)] = E_q[log q(z) − log p(z|x)] in nats (equation 3.12)."""
    noise, weights = nodes(q)
    z = bare(q.at)(noise)
    return expectation(bare(q.log_prob_at)(noise) - model.exact_posterior(x).log_prob(z), weights)


@checked
def posterior_divergence_by_bayes(
    model: LatentModel, x: Tensor, q: Gaussian
) -> Float[Tensor, " batch"]:
    """E_q[log q(z) − log p(x|z) − log p(z)] + log p(x) in nats: Bayes' rule put into 3.12 (equation 3.13)."""
    noise, weights = nodes(q)
    z = bare(q.at)(noise)
    inside = (
        bare(q.log_prob_at)(noise) - model.log_likelihood(x, z) - bare(standard_normal_log_prob)(z)
    )
    return expectation(inside, weights) + model.log_evidence(x)


@checked
def elbo_from_evidence(model: LatentModel, x: Tensor, q: Gaussian) -> Float[Tensor, " batch"]:
    """Ln p(x) − D[q ‖ p(z|x)] in nats: the left side of equations 3.14 and 3.15."""
    return model.log_evidence(x) - bare(posterior_divergence)(model, x, q)


@checked
def elbo_from_reconstruction(model: Decoder, x: Tensor, q: Gaussian) -> Float[Tensor, " batch"]:
    """E_q[log p(x|z)] − D[q ‖ p(z)] in nats: the right side of equations 3.14 and 3.15, the one that can be trained."""
    noise, weights = nodes(q)
    reconstruction = expectation(model.log_likelihood(x, bare(q.at)(noise)), weights)
    return reconstruction - bare(kl_to_standard_normal)(q.mean, q.scale)


@checked
def elbo_from_joint(model: Decoder, x: Tensor, q: Gaussian) -> Float[Tensor, " batch"]:
    """E_q[log p(x, z) − log q(z)] in nats: the form in which the bound is defined."""
    noise, weights = nodes(q)
    z = bare(q.at)(noise)
    log_joint = model.log_likelihood(x, z) + bare(standard_normal_log_prob)(z)
    return expectation(log_joint - bare(q.log_prob_at)(noise), weights)


@checked
def elbo_sample(
    model: Decoder, x: Tensor, q: Gaussian, noise: Float[Tensor, "*samples batch latent"]
) -> Float[Tensor, "*samples batch"]:
    """Single draws of log p(x|z) − D[q ‖ p(z)] in nats (equation 3.17)."""
    return model.log_likelihood(x, bare(q.at)(noise)) - bare(kl_to_standard_normal)(q.mean, q.scale)


@checked
def evidence_by_quadrature(
    model: LatentModel, x: Tensor, order: int = 100
) -> Float[Tensor, " batch"]:
    """Ln ∫ p(x|z) p(z) dz in nats by quadrature over the prior; order^d evaluations of the likelihood."""
    q = model.exact_posterior(x)
    prior = Gaussian(torch.zeros_like(q.mean), torch.ones_like(q.mean))
    z, weights = nodes(prior, order)
    return torch.logsumexp(model.log_likelihood(x, z) + weights.log()[:, None], 0)
