"""Gaussian posteriors: the density, the reparameterization and the divergence from the prior.

A posterior is written with its mean and its scale. The scale is a vector of standard deviations (the usual,
diagonal VAE) or a lower-triangular Cholesky factor (the general case).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import softplus

from gennb._pixels import LOG_2PI
from gennb._validate import bare, check_count, check_dense, check_tensor, checked


@dataclass(frozen=True)
class Gaussian:
    """A batch of Gaussians over the latent space, q(z | x).

    Attributes
    ----------
    mean
        (N, d).
    scale
        Standard deviations (N, d), or lower-triangular factors L (N, d, d) with covariance L Lᵀ.
    """

    mean: Float[Tensor, "batch latent"]
    scale: Float[Tensor, "batch latent"] | Float[Tensor, "batch latent latent"]

    def __post_init__(self) -> None:
        check_dense(self.mean, "mean")
        check_dense(self.scale, "scale")
        if self.mean.ndim != 2 or self.mean.numel() == 0:
            raise ValueError(
                f"mean: expected shape (batch, latent), not empty; got {tuple(self.mean.shape)}. "
                "A single Gaussian is a batch of one: mean[None]."
            )
        n, latent = self.mean.shape
        if self.scale.shape not in ((n, latent), (n, latent, latent)):
            raise ValueError(
                f"scale: expected ({n}, {latent}) standard deviations or ({n}, {latent}, {latent}) "
                f"Cholesky factors to go with the mean; got {tuple(self.scale.shape)}."
            )

    def __len__(self) -> int:
        return len(self.mean)

    @property
    def diagonal(self) -> bool:
        """Whether the scale is a vector of standard deviations."""
        return self.scale.ndim == 2

    @property
    def std(self) -> Float[Tensor, "batch latent"]:
        """Marginal standard deviation of each latent coordinate."""
        return self.scale.abs() if self.diagonal else self.scale.norm(dim=-1)

    @property
    def covariance(self) -> Float[Tensor, "batch latent latent"]:
        """Covariance matrix of each Gaussian."""
        return self.scale.square().diag_embed() if self.diagonal else self.scale @ self.scale.mT

    def width(self, direction: Float[Tensor, " latent"]) -> Float[Tensor, " batch"]:
        """Standard deviation of the projection a·z for a direction a: the square root of aᵀ Σ a."""
        direction = check_tensor(direction, "direction", shape=(self.mean.shape[1],))
        rotated: Tensor = self.scale * direction if self.diagonal else self.scale.mT @ direction
        spread: Tensor = rotated.norm(dim=-1)
        return spread

    def noise(
        self, samples: int = 1, generator: torch.Generator | None = None
    ) -> Float[Tensor, "samples batch latent"]:
        """Standard normal noise ε, ``samples`` draws for each member of the batch."""
        shape = (check_count(samples, "samples"), *self.mean.shape)
        like = self.mean
        return torch.randn(shape, generator=generator, dtype=like.dtype, device=like.device)

    @checked
    def at(
        self, noise: Float[Tensor, "*samples batch latent"]
    ) -> Float[Tensor, "*samples batch latent"]:
        """The latent points that the noise stands for: z = μ + Lε (book: eq-reparameterization)."""
        return bare(reparameterize)(self.mean, self.scale, noise)

    @checked
    def log_prob_at(
        self, noise: Float[Tensor, "*samples batch latent"]
    ) -> Float[Tensor, "*samples batch"]:
        """Log-density at ``self.at(noise)`` in nats, by change of variables (book: eq-cholesky-density)."""
        return bare(standard_normal_log_prob)(noise) - log_det(self.scale)

    @checked
    def log_prob(
        self, z: Float[Tensor, "*samples batch latent"]
    ) -> Float[Tensor, "*samples batch"]:
        """Log-density at z in nats: the noise is recovered from z first."""
        centered = z - self.mean
        if self.diagonal:
            noise = centered / self.scale
        else:
            column = torch.linalg.solve_triangular(self.scale, centered.unsqueeze(-1), upper=False)
            noise = column.squeeze(-1)
        return bare(self.log_prob_at)(noise)

    def kl(self) -> Float[Tensor, " batch"]:
        """Divergence from the prior N(0, I) in nats, in closed form (book: eq-gaussian-kl)."""
        return bare(kl_to_standard_normal)(self.mean, self.scale)


def diagonal_gaussian(raw: Float[Tensor, "batch outputs"]) -> Gaussian:
    """Read 2 d numbers as a posterior: its mean, and the logarithms of its standard deviations."""
    mean, log_std = raw.chunk(2, dim=1)
    return Gaussian(mean, log_std.exp())


def full_gaussian(raw: Float[Tensor, "batch outputs"]) -> Gaussian:
    """Read d (d + 3) / 2 numbers as a posterior: its mean, and a Cholesky factor row by row.

    The diagonal of the factor is the softplus of what is read.
    """
    latent = (math.isqrt(8 * raw.shape[1] + 9) - 3) // 2
    mean, raw = raw.tensor_split([latent], dim=1)
    rows, columns = torch.tril_indices(latent, latent, device=raw.device)
    entries = torch.where(rows == columns, softplus(raw), raw)
    factor = entries.new_zeros(len(raw), latent, latent)
    factor[:, rows, columns] = entries
    return Gaussian(mean, factor)


@checked
def reparameterize(
    mean: Float[Tensor, "batch latent"],
    scale: Float[Tensor, "batch latent"] | Float[Tensor, "batch latent latent"],
    noise: Float[Tensor, "*samples batch latent"],
) -> Float[Tensor, "*samples batch latent"]:
    """Turn noise into a sample, z = μ + σ · ε (by entries) or z = μ + Lε, through which gradients flow.

    Parameters
    ----------
    mean
        (N, d).
    scale
        (N, d) standard deviations, or (N, d, d) lower-triangular factors.
    noise
        (..., N, d), drawn from N(0, I).

    Returns
    -------
    Tensor
        (..., N, d).

    References
    ----------
    Kingma and Welling, Auto-Encoding Variational Bayes, 2014, section 2.4. Book: eq-reparameterization.
    """
    spread = scale * noise if scale.ndim == 2 else torch.einsum("nij,...nj->...ni", scale, noise)
    z: Tensor = mean + spread
    return z


def log_det(scale: Tensor) -> Float[Tensor, " batch"]:
    """Logarithm of the absolute determinant of diag(σ) or of a triangular factor."""
    diagonal = scale if scale.ndim == 2 else scale.diagonal(dim1=-2, dim2=-1)
    return diagonal.abs().log().sum(-1)


@checked
def standard_normal_log_prob(z: Float[Tensor, "*batch latent"]) -> Float[Tensor, "*batch"]:
    """Log-density of N(0, I) in nats: the prior p(z), and the law q₀ of the noise."""
    return -0.5 * (z.square().sum(-1) + z.shape[-1] * LOG_2PI)


@checked
def kl_to_standard_normal(
    mean: Float[Tensor, "batch latent"],
    scale: Float[Tensor, "batch latent"] | Float[Tensor, "batch latent latent"],
) -> Float[Tensor, " batch"]:
    """Kullback–Leibler divergence of N(μ, Σ) from N(0, I) in nats, in closed form.

    It is ½ (tr Σ + ‖μ‖² − d − log det Σ): the trace is the sum of squares of the scale, diagonal or triangular alike.

    References
    ----------
    Kingma and Welling, Auto-Encoding Variational Bayes, 2014, appendix B. Book: eq-gaussian-kl.
    """
    trace = scale.flatten(1).square().sum(-1)
    return 0.5 * (trace + mean.square().sum(-1) - mean.shape[-1]) - log_det(scale)


@checked
def kl_monte_carlo(
    posterior: Gaussian, samples: int = 1, generator: torch.Generator | None = None
) -> Float[Tensor, " batch"]:
    """Estimate the divergence from N(0, I) as the mean of log q(z|x) − log p(z) over draws of q, in nats.

    Unbiased for every number of samples; it may come out negative, the closed form never does.
    """
    noise = posterior.noise(samples, generator)
    z = bare(posterior.at)(noise)
    log_ratio = bare(posterior.log_prob_at)(noise) - bare(standard_normal_log_prob)(z)
    return log_ratio.mean(0)
