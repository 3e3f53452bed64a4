"""The variational autoencoder."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any, Literal, get_args

import torch
from jaxtyping import Float
from torch import Tensor, nn

from gennb._pixels import BernoulliPixels, GaussianPixels, PixelLikelihood, draw_pixels
from gennb._validate import (
    bare,
    check_choice,
    check_count,
    check_images,
    check_kind,
    check_number,
    check_tensor,
    checked,
)
from gennb.evaluate import importance_weighted_bound
from gennb.networks import (
    ImageShape,
    check_image_shape,
    check_widths,
    conv_decoder,
    conv_encoder,
    mlp_decoder,
    mlp_encoder,
)
from gennb.train import Player
from gennb.train.player import with_first_look

from .gaussian import (
    Gaussian,
    diagonal_gaussian,
    full_gaussian,
    kl_monte_carlo,
    reparameterize,
    standard_normal_log_prob,
)

Likelihood = Literal["bernoulli", "gaussian"]
Posterior = Literal["diagonal", "full"]
Architecture = Literal["mlp", "conv"]
Divergence = Callable[[Gaussian, int, torch.Generator | None], Tensor]

_NETWORKS = {"mlp": (mlp_encoder, mlp_decoder), "conv": (conv_encoder, conv_decoder)}
_POSTERIORS = {"diagonal": diagonal_gaussian, "full": full_gaussian}
_DIVERGENCES: dict[str, Divergence] = {
    "closed": lambda q, samples, generator: q.kl(),
    "monte-carlo": kl_monte_carlo,
}

CHUNK = 2**24
"""Pixels decoded at once by `VAE.log_likelihood`: 64 MiB in float32."""


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
        "bernoulli" for black and white pixels, "gaussian" for N(x | mean, σ² I) with one noise level σ; or an object,
        such as `GaussianPixels`.
    posterior
        "diagonal": independent coordinates. "full": any covariance, through its Cholesky factor.
    architecture
        "mlp": dense layers. "conv": strided convolutions.
    hidden
        Widths of the encoder's layers from the image inwards (units, or channels of a convolution).
        The decoder mirrors them.
    encoder
        Maps images to the 2 d numbers of a diagonal posterior (d means, d logarithms of standard deviations) or the
        d (d + 3) / 2 of a full one. None: made by ``architecture`` and ``hidden``.
    decoder
        Maps codes (N, d) to (N, C, H, W), any real numbers: their sigmoid is the mean. None: as the encoder.
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
        likelihood: Likelihood | PixelLikelihood = "bernoulli",
        *,
        posterior: Posterior = "diagonal",
        architecture: Architecture = "mlp",
        hidden: Sequence[int] = (400,),
        encoder: nn.Module | None = None,
        decoder: nn.Module | None = None,
        noise_std: float | None = None,
        binarize: bool = False,
        reconstruction_weight: float = 1.0,
        kl_weight: float = 1.0,
    ) -> None:
        super().__init__()
        channels, height, width = check_image_shape(image_shape)
        self.image_shape: ImageShape = (channels, height, width)
        self.n_latent = d = check_count(n_latent, "n_latent")
        self.likelihood = _likelihood(likelihood, noise_std)
        self.posterior = _POSTERIORS[check_choice(posterior, "posterior", get_args(Posterior))]
        if binarize and not isinstance(self.likelihood, BernoulliPixels):
            raise ValueError(
                "binarize: only a Bernoulli likelihood speaks of black and white pixels. "
                "Use likelihood='bernoulli', or binarize=False."
            )
        self.binarize = binarize
        self.reconstruction_weight = check_number(
            reconstruction_weight, "reconstruction_weight", at_least=0.0
        )
        self.kl_weight = check_number(kl_weight, "kl_weight", at_least=0.0)
        check_choice(architecture, "architecture", get_args(Architecture))
        check_widths(hidden, "hidden", least=1)
        make_encoder, make_decoder = _NETWORKS[architecture]
        if encoder is None:
            n_out = {"diagonal": 2 * d, "full": d * (d + 3) // 2}[posterior]
            encoder = make_encoder(self.image_shape, n_out, hidden)
        if decoder is None:
            decoder = make_decoder(d, self.image_shape, hidden)
        self.encoder = check_kind(encoder, "encoder", nn.Module)
        self.decoder = check_kind(decoder, "decoder", nn.Module)

    @property
    def log_noise(self) -> nn.Parameter:
        """Logarithm of the noise level σ of a Gaussian likelihood."""
        if not isinstance(self.likelihood, GaussianPixels):
            raise AttributeError("log_noise: only a Gaussian likelihood has one.")
        return self.likelihood.log_noise

    @checked
    def encode(self, x: Float[Tensor, "batch channels height width"]) -> Gaussian:
        """Approximate posterior q(z|x) of a batch of images in [0, 1]."""
        return self._posterior(check_images(x, "x", self.image_shape))

    @checked
    def decode(
        self, z: Float[Tensor, "batch latent"]
    ) -> Float[Tensor, "batch channels height width"]:
        """Mean of p(x|z): one image in [0, 1] for each code."""
        return self._decode(check_tensor(z, "z", shape=("batch", self.n_latent)))

    @checked
    def reconstruct(
        self, x: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch channels height width"]:
        """Decode the mean of q(z|x)."""
        return self._decode(bare(self.encode)(x).mean)

    @checked
    def elbo(
        self,
        x: Float[Tensor, "batch channels height width"],
        *,
        samples: int = 1,
        kl: Literal["closed", "monte-carlo"] = "closed",
        visible: Float[Tensor, "batch #channels height width"] | None = None,
        generator: torch.Generator | None = None,
    ) -> Float[Tensor, " batch"]:
        """Evidence lower bound E_q[log p(x|z)] − KL(q(z|x) ‖ p(z)) in nats per example.

        The expectation is the mean over ``samples`` reparameterized draws: an unbiased, differentiable estimate.
        Where ``visible`` is 0 a pixel counts as missing: the encoder sees what stands in its place, but the bound
        is one on the likelihood of the visible pixels (where it is 1) alone. One channel of it stands for all.

        References
        ----------
        Equations 3.15 to 3.17. Book: eq-3-15.
        """
        check_images(x, "x", self.image_shape)
        if visible is not None:
            visible = check_images(visible, "visible").expand_as(x)
        divergence = _DIVERGENCES[check_choice(kl, "kl", _DIVERGENCES)]
        check_count(samples, "samples")
        reconstruction, kl_term = self._terms(x, samples, generator, visible, divergence)
        return reconstruction - kl_term

    @checked
    def terms(
        self,
        x: Float[Tensor, "batch channels height width"],
        *,
        samples: int = 1,
        generator: torch.Generator | None = None,
    ) -> tuple[Float[Tensor, " batch"], Float[Tensor, " batch"]]:
        """Compute the two terms of the ELBO, E_q[log p(x|z)] and KL(q(z|x) ‖ p(z)), each in nats per example."""
        check_images(x, "x", self.image_shape)
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
        loss = with_first_look(self.loss, lambda x: check_images(x, "data", self.image_shape))
        return [Player("vae", parameters, loss)]

    def with_full_posterior(self) -> VAE:
        """Return a copy whose encoder can put out any covariance and whose decoder is frozen.

        The new encoder starts from the old one: the same means, and on the diagonal of the Cholesky factor about the
        old standard deviations. Training it tightens the bound of an unchanged model.
        """
        if self.posterior is full_gaussian:
            raise ValueError("with_full_posterior: the posterior of this model is full already.")
        full = copy.deepcopy(self)
        full.posterior = full_gaussian
        if not isinstance(full.encoder, nn.Sequential) or not isinstance(
            full.encoder[-1], nn.Linear
        ):
            raise TypeError("encoder: expected a chain that ends in an nn.Linear, to be widened.")
        old, d = full.encoder[-1], self.n_latent
        weight = old.weight
        head = nn.Linear(
            old.in_features, d * (d + 3) // 2, device=weight.device, dtype=weight.dtype
        )
        rows, columns = torch.tril_indices(d, d, device=weight.device)
        on_diagonal = d + (rows == columns).nonzero()[:, 0]
        with torch.no_grad():
            head.weight[d:] *= 0.1
            head.bias.zero_()
            head.weight[:d] = weight[:d]
            head.bias[:d] = old.bias[:d]
            head.bias[on_diagonal] = old.bias[d:].exp().expm1().log()
        full.encoder[-1] = head
        full.decoder.requires_grad_(False)
        full.likelihood.requires_grad_(False)
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
        q = bare(self.encode)(x)
        check_count(samples, "samples")
        chunk = max(1, CHUNK // x.numel())
        parts = []
        for start in range(0, samples, chunk):
            noise = q.noise(min(chunk, samples - start), generator)
            z = bare(reparameterize)(q.mean, q.scale, noise)
            log_ratio = bare(standard_normal_log_prob)(z) - bare(q.log_prob_at)(noise)
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
        log_weights = bare(self.log_weights)(x, samples, generator=generator)
        return bare(importance_weighted_bound)(log_weights)

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
        mean = self._decode(z)
        return self.likelihood.draw(mean, generator) if pixel_noise else mean

    @checked
    @torch.no_grad()
    def traverse(
        self,
        origin: Float[Tensor, " latent"],
        direction: Float[Tensor, " latent"],
        steps: Float[Tensor, " steps"],
    ) -> Float[Tensor, "steps channels height width"]:
        """Decode the codes origin + t · direction for each t in ``steps``."""
        for x, name in ((origin, "origin"), (direction, "direction")):
            check_tensor(x, name, shape=(self.n_latent,))
        check_tensor(steps, "steps")
        return self._decode(origin + steps[:, None] * direction)

    def _decode(self, z: Tensor) -> Tensor:
        return bare(self.likelihood.mean)(self.decoder(z))

    def _posterior(self, x: Tensor) -> Gaussian:
        q = self.posterior(self.encoder(x))
        if q.mean.shape[1] != self.n_latent:
            raise ValueError(
                f"encoder: expected the numbers of a posterior over {self.n_latent} latent variables, got those of "
                f"one over {q.mean.shape[1]}."
            )
        return q

    def _terms(
        self,
        x: Tensor,
        samples: int = 1,
        generator: torch.Generator | None = None,
        visible: Tensor | None = None,
        divergence: Divergence = _DIVERGENCES["closed"],
    ) -> tuple[Tensor, Tensor]:
        q = self._posterior(x)
        z = bare(reparameterize)(q.mean, q.scale, q.noise(samples, generator))
        return self._log_likelihood(x, z, visible).mean(0), divergence(q, samples, generator)

    def _log_likelihood(self, x: Tensor, z: Tensor, visible: Tensor | None = None) -> Tensor:
        """Compute log p(x|z) for codes z (S, N, d) and images x (N, C, H, W): (S, N)."""
        output = self.decoder(z.flatten(0, 1)).reshape(*z.shape[:2], -1)
        seen = None if visible is None else visible.flatten(1)
        return self.likelihood.log_prob(x.flatten(1), output, seen)


def _likelihood(likelihood: Any, noise_std: float | None) -> PixelLikelihood:
    if noise_std is not None and likelihood != "gaussian":
        raise ValueError(
            "noise_std: only a Gaussian likelihood, named, has one. Leave it None, or give it to the object."
        )
    if isinstance(likelihood, PixelLikelihood):
        return likelihood
    check_choice(likelihood, "likelihood", get_args(Likelihood))
    return GaussianPixels(noise_std) if likelihood == "gaussian" else BernoulliPixels()
