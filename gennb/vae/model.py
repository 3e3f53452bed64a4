"""The variational autoencoder."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from typing import Literal, get_args

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import softplus

from gennb._validate import (
    check_choice,
    check_count,
    check_images,
    check_kind,
    check_number,
    check_tensor,
    checked,
)
from gennb.evaluate import importance_weighted_bound
from gennb.networks import ImageShape, conv_decoder, conv_encoder, mlp_decoder, mlp_encoder
from gennb.train import Player

from .gaussian import Gaussian, kl_monte_carlo, standard_normal_log_prob
from .likelihood import bernoulli_log_likelihood, binarize, draw_pixels, gaussian_log_likelihood

Likelihood = Literal["bernoulli", "gaussian"]
Posterior = Literal["diagonal", "full"]
Architecture = Literal["mlp", "conv"]

CHUNK = 2**24
"""Pixels decoded at once by `VAE.log_likelihood`: 64 MiB in float32."""


def check_visible(visible: Tensor | None, x: Tensor) -> Tensor | None:
    """Return ``visible`` in the shape of the images ``x``: one mask for all channels, or one for each."""
    if visible is None:
        return None
    visible = check_images(visible, "visible")
    if visible.shape not in (x.shape, (len(x), 1, *x.shape[2:])):
        raise ValueError(
            f"visible: expected the shape of the images, {tuple(x.shape)}, or one channel for all; "
            f"got {tuple(visible.shape)}."
        )
    return visible.expand_as(x)


class VAE(nn.Module):
    """A latent-variable model of images and, trained with it, an approximation of its posterior.

    The model is z ~ N(0, I) and x ~ p(x|z), whose parameters the decoder computes from z. The encoder computes
    the mean and the scale of q(z|x) from x, for all images with one set of weights (amortized inference).

    Parameters
    ----------
    image_shape
        (C, H, W) of one image; any size.
    n_latent
        Number d of latent variables.
    likelihood
        "bernoulli" for black and white pixels, "gaussian" for N(x | mean, σ² I) with one noise level σ.
    posterior
        "diagonal": independent coordinates. "full": any covariance, through its Cholesky factor.
    architecture
        "mlp": dense layers. "conv": strided convolutions.
    hidden
        Widths of the encoder's layers from the image inwards (units, or channels of a convolution).
        The decoder mirrors them.
    noise_std
        σ of the Gaussian likelihood, in units of pixel value. None: it is learned.
    binarize
        Draw black and white pixels afresh from the gray levels in each training step.
    reconstruction_weight, kl_weight
        Factors of the two terms of the training loss. (1, 1) is the ELBO; kl_weight is β in a β-VAE.
        They change the loss alone: `elbo` and `log_likelihood` stay what their names say.

    References
    ----------
    Kingma and Welling, Auto-Encoding Variational Bayes, 2014. Rezende, Mohamed and Wierstra, Stochastic
    Backpropagation and Approximate Inference in Deep Generative Models, 2014.
    """

    def __init__(
        self,
        image_shape: ImageShape,
        n_latent: int,
        likelihood: Likelihood = "bernoulli",
        *,
        posterior: Posterior = "diagonal",
        architecture: Architecture = "mlp",
        hidden: Sequence[int] = (400,),
        noise_std: float | None = None,
        binarize: bool = False,
        reconstruction_weight: float = 1.0,
        kl_weight: float = 1.0,
    ) -> None:
        super().__init__()
        check_choice(likelihood, "likelihood", get_args(Likelihood))
        check_choice(posterior, "posterior", get_args(Posterior))
        check_choice(architecture, "architecture", get_args(Architecture))
        check_kind(image_shape, "image_shape", Sequence, "Give (channels, height, width).")
        check_kind(hidden, "hidden", Sequence, "Give one width for each layer, such as (400,).")
        if len(image_shape) != 3:
            raise ValueError(f"image_shape: expected (C, H, W), got {image_shape!r}.")
        for size, axis in zip(image_shape, ("C", "H", "W"), strict=True):
            check_count(size, f"image_shape, {axis}")
        for width in hidden:
            check_count(width, "hidden")
        if not hidden:
            raise ValueError("hidden: expected at least one layer, got none. Try hidden=(400,).")
        if binarize and likelihood != "bernoulli":
            raise ValueError(
                "binarize: only a Bernoulli likelihood speaks of black and white pixels. "
                "Use likelihood='bernoulli', or binarize=False."
            )
        if noise_std is not None and likelihood != "gaussian":
            raise ValueError("noise_std: only a Gaussian likelihood has one. Leave it None.")
        self.image_shape: ImageShape = (image_shape[0], image_shape[1], image_shape[2])
        self.n_latent = check_count(n_latent, "n_latent")
        self.likelihood = likelihood
        self.posterior = posterior
        self.binarize = binarize
        self.reconstruction_weight = check_number(
            reconstruction_weight, "reconstruction_weight", at_least=0.0
        )
        self.kl_weight = check_number(kl_weight, "kl_weight", at_least=0.0)
        self.n_scale = n_latent if posterior == "diagonal" else n_latent * (n_latent + 1) // 2
        encoder, decoder = (
            (mlp_encoder, mlp_decoder) if architecture == "mlp" else (conv_encoder, conv_decoder)
        )
        self.encoder = encoder(self.image_shape, n_latent + self.n_scale, hidden)
        self.decoder = decoder(n_latent, self.image_shape, hidden)
        if likelihood == "gaussian":
            start = check_number(0.1 if noise_std is None else noise_std, "noise_std", above=0.0)
            self.log_noise = nn.Parameter(
                torch.tensor(math.log(start)), requires_grad=noise_std is None
            )

    @checked
    def encode(self, x: Float[Tensor, "batch channels height width"]) -> Gaussian:
        """Approximate posterior q(z|x) of a batch of images in [0, 1]."""
        return self._posterior(check_images(x, "x", self.image_shape))

    @checked
    def decode(
        self, z: Float[Tensor, "batch latent"]
    ) -> Float[Tensor, "batch channels height width"]:
        """Mean of p(x|z): one image in [0, 1] for each code."""
        z = check_tensor(z, "z", shape=("batch", self.n_latent))
        return torch.sigmoid(self.decoder(z))

    @checked
    def reconstruct(
        self, x: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch channels height width"]:
        """Decode the mean of q(z|x)."""
        return self.decode(self.encode(x).mean)

    @checked
    def elbo(
        self,
        x: Float[Tensor, "batch channels height width"],
        *,
        samples: int = 1,
        kl: Literal["closed", "monte-carlo"] = "closed",
        visible: Float[Tensor, "batch _ height width"] | None = None,
        generator: torch.Generator | None = None,
    ) -> Float[Tensor, " batch"]:
        """Evidence lower bound E_q[log p(x|z)] − KL(q(z|x) ‖ p(z)) in nats per example.

        The expectation is the mean over ``samples`` reparameterized draws: an unbiased, differentiable estimate.
        Where ``visible`` is 0 a pixel counts as missing: the encoder sees what stands in its place, but the bound
        is one on the likelihood of the visible pixels (where it is 1) alone.

        References
        ----------
        Equations 3.15 to 3.17. Book: eq-3-15.
        """
        check_choice(kl, "kl", ("closed", "monte-carlo"))
        x = check_images(x, "x", self.image_shape)
        visible = check_visible(visible, x)
        check_count(samples, "samples")
        reconstruction, divergence = self._terms(x, samples, generator, visible)
        if kl == "monte-carlo":
            divergence = kl_monte_carlo(self._posterior(x), samples, generator)
        return reconstruction - divergence

    @checked
    def terms(
        self,
        x: Float[Tensor, "batch channels height width"],
        *,
        samples: int = 1,
        generator: torch.Generator | None = None,
    ) -> tuple[Float[Tensor, " batch"], Float[Tensor, " batch"]]:
        """Compute the two terms of the ELBO, E_q[log p(x|z)] and KL(q(z|x) ‖ p(z)), each in nats per example."""
        x = check_images(x, "x", self.image_shape)
        return self._terms(x, check_count(samples, "samples"), generator)

    @checked
    def loss(self, x: Float[Tensor, "batch channels height width"]) -> Float[Tensor, ""]:
        """Negative weighted ELBO of a minibatch, in nats per example; one draw of z for each image."""
        reconstruction, divergence = self._terms(draw_pixels(x) if self.binarize else x)
        weighted = self.reconstruction_weight * reconstruction - self.kl_weight * divergence
        return -weighted.mean()

    def players(self) -> list[Player]:
        """One player: a VAE is trained by plain descent on a single loss."""
        parameters = [p for p in self.parameters() if p.requires_grad]
        seen = False

        def loss(x: Tensor) -> Tensor:
            nonlocal seen
            if not seen:
                check_images(x, "data", self.image_shape)
                seen = True
            return self.loss(x)

        return [Player("vae", parameters, loss)]

    def with_full_posterior(self) -> VAE:
        """Return a copy whose encoder can put out any covariance and whose decoder is frozen.

        The new encoder starts from the old one: the same means, and on the diagonal of the Cholesky factor about the
        old standard deviations. Training it tightens the bound of an unchanged model.
        """
        if self.posterior == "full":
            raise ValueError("with_full_posterior: the posterior of this model is full already.")
        full = copy.deepcopy(self)
        full.posterior = "full"
        full.n_scale = self.n_latent * (self.n_latent + 1) // 2
        old = self.encoder[-1]
        assert isinstance(old, nn.Linear)
        head = nn.Linear(
            old.in_features,
            self.n_latent + full.n_scale,
            dtype=old.weight.dtype,
            device=old.weight.device,
        )
        rows, columns = torch.tril_indices(self.n_latent, self.n_latent, device=old.weight.device)
        on_diagonal = self.n_latent + (rows == columns).nonzero()[:, 0]
        with torch.no_grad():
            head.weight[self.n_latent :] *= 0.1
            head.bias.zero_()
            head.weight[: self.n_latent] = old.weight[: self.n_latent]
            head.bias[: self.n_latent] = old.bias[: self.n_latent]
            head.bias[on_diagonal] = old.bias[self.n_latent :].exp().expm1().log()
        full.encoder[-1] = head
        full.decoder.requires_grad_(False)
        if self.likelihood == "gaussian":
            full.log_noise.requires_grad_(False)
        return full

    @checked
    @torch.no_grad()
    def log_weights(
        self,
        x: Float[Tensor, "batch channels height width"],
        samples: int,
        *,
        generator: torch.Generator | None = None,
    ) -> Float[Tensor, "samples batch"]:
        """Logarithms of the importance weights p(x, z) / q(z|x) for ``samples`` draws of q(z|x), in nats."""
        x = check_images(x, "x", self.image_shape)
        check_count(samples, "samples")
        posterior = self._posterior(x)
        chunk = max(1, CHUNK // x.numel())
        parts = []
        for start in range(0, samples, chunk):
            noise = posterior.noise(min(chunk, samples - start), generator)
            z = posterior.at(noise)
            log_ratio = standard_normal_log_prob(z) - posterior.log_prob_at(noise)
            parts.append(self._log_likelihood(x, z) + log_ratio)
        return torch.cat(parts)

    @checked
    def log_likelihood(
        self,
        x: Float[Tensor, "batch channels height width"],
        samples: int = 500,
        *,
        generator: torch.Generator | None = None,
    ) -> Float[Tensor, " batch"]:
        """Importance-weighted estimate of log p(x) in nats per example.

        A lower bound in expectation that tightens as ``samples`` grows and is the ELBO's estimate when it is 1.

        References
        ----------
        Burda, Grosse and Salakhutdinov, Importance Weighted Autoencoders, 2016. Book: eq-importance-weighted.
        """
        return importance_weighted_bound(self.log_weights(x, samples, generator=generator))

    @checked
    @torch.no_grad()
    def sample(
        self, n: int, generator: torch.Generator | None = None, *, pixel_noise: bool = False
    ) -> Float[Tensor, "n channels height width"]:
        """Draw z from the prior and return the mean of p(x|z), or a draw from p(x|z) with ``pixel_noise``.

        Only the second is a sample of the model. The first is what papers show.
        """
        like = next(self.decoder.parameters())
        z = torch.randn(
            (check_count(n, "n"), self.n_latent),
            generator=generator,
            dtype=like.dtype,
            device=like.device,
        )
        mean = self.decode(z)
        if not pixel_noise:
            return mean
        if self.likelihood == "bernoulli":
            return binarize(mean, generator)
        noise = torch.randn(mean.shape, generator=generator, dtype=mean.dtype, device=mean.device)
        return mean + self.log_noise.exp() * noise

    @checked
    @torch.no_grad()
    def traverse(
        self,
        origin: Float[Tensor, " latent"],
        direction: Float[Tensor, " latent"],
        steps: Float[Tensor, " steps"],
    ) -> Float[Tensor, "steps channels height width"]:
        """Decode the codes origin + t · direction for each t in ``steps``."""
        origin = check_tensor(origin, "origin", shape=(self.n_latent,))
        direction = check_tensor(direction, "direction", shape=(self.n_latent,))
        steps = check_tensor(steps, "steps", shape=("steps",))
        return self.decode(origin + steps[:, None] * direction)

    def _posterior(self, x: Tensor) -> Gaussian:
        mean, raw = self.encoder(x).split([self.n_latent, self.n_scale], dim=1)
        if self.posterior == "diagonal":
            return Gaussian(mean, raw.exp())
        rows, columns = torch.tril_indices(self.n_latent, self.n_latent, device=x.device)
        entries = torch.where(rows == columns, softplus(raw), raw)
        factor = entries.new_zeros(len(x), self.n_latent, self.n_latent)
        factor[:, rows, columns] = entries
        return Gaussian(mean, factor)

    def _terms(
        self,
        x: Tensor,
        samples: int = 1,
        generator: torch.Generator | None = None,
        visible: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        posterior = self._posterior(x)
        z = posterior.at(posterior.noise(samples, generator))
        return self._log_likelihood(x, z, visible).mean(0), posterior.kl()

    def _log_likelihood(self, x: Tensor, z: Tensor, visible: Tensor | None = None) -> Tensor:
        """Compute log p(x|z) for codes z (S, N, d) and images x (N, C, H, W): (S, N)."""
        output = self.decoder(z.flatten(0, 1)).reshape(*z.shape[:2], -1)
        pixels = x.flatten(1).expand(len(z), -1, -1)
        seen = None if visible is None else visible.flatten(1)
        if self.likelihood == "bernoulli":
            return bernoulli_log_likelihood(pixels, output, seen)
        return gaussian_log_likelihood(pixels, output.sigmoid(), self.log_noise, seen)
