"""What a decoder's output says about data: log-likelihoods in nats per example, constants included."""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import softplus

from gennb._validate import check_number, check_tensor, checked

LOG_2PI = math.log(2 * math.pi)


@checked
def bernoulli_log_likelihood(
    x: Float[Tensor, "*#batch pixels"],
    logits: Float[Tensor, "*#batch pixels"],
    visible: Float[Tensor, "*#batch pixels"] | None = None,
) -> Float[Tensor, "*batch"]:
    """Log-probability log p(x|z) of pixels in {0, 1}, summed over the visible ones, from the decoder's logits.

    With a = logit, one pixel gives x log σ(a) + (1 − x) log(1 − σ(a)) = x a − log(1 + eᵃ), which never overflows.
    For gray pixels in (0, 1) the same number is a cross-entropy, not the logarithm of a density: the Bernoulli
    law has no mass there (Loaiza-Ganem and Cunningham, 2019).

    References
    ----------
    Kingma and Welling, 2014, appendix C.1. Book: eq-bernoulli-likelihood.
    """
    each: Tensor = x * logits - softplus(logits)
    return each.sum(-1) if visible is None else (visible * each).sum(-1)


@checked
def gaussian_log_likelihood(
    x: Float[Tensor, "*#batch pixels"],
    mean: Float[Tensor, "*#batch pixels"],
    log_std: Float[Tensor, ""],
    visible: Float[Tensor, "*#batch pixels"] | None = None,
) -> Float[Tensor, "*batch"]:
    """Log-density of N(x | mean, σ² I) in nats, summed over the visible pixels, with its constants (equation 3.11).

    Without −D log σ − (D/2) log 2π the noise level σ could not be learned, and the value would not be a likelihood.

    References
    ----------
    Kingma and Welling, 2014, appendix C.2. Book: eq-3-11.
    """
    squared = (x - mean).square()
    count: int | Tensor = x.shape[-1]
    if visible is not None:
        squared, count = visible * squared, visible.sum(-1)
    return -0.5 * (squared.sum(-1) * torch.exp(-2 * log_std) + count * (LOG_2PI + 2 * log_std))


def binarize(
    x: Float[Tensor, "*shape"], generator: torch.Generator | None = None
) -> Float[Tensor, "*shape"]:
    """Draw each pixel as a Bernoulli variable with the gray level as its probability.

    Called afresh for every minibatch this is *dynamic* binarization; called once for the whole data set it is
    *fixed*. The two give different likelihoods and must be told apart.
    """
    return draw_pixels(check_tensor(x, "x", low=0.0, high=1.0), generator)


def draw_pixels(
    x: Float[Tensor, "*shape"], generator: torch.Generator | None = None
) -> Float[Tensor, "*shape"]:
    """As `binarize`, without its look at the range, which would wait for the device at every update."""
    uniform = torch.rand(x.shape, generator=generator, dtype=x.dtype, device=x.device)
    return (uniform < x).to(x.dtype)


class PixelLikelihood(nn.Module):
    """p(x|z) of independent pixels, from a decoder's output: any real numbers, the sigmoid of which is the mean."""

    support: tuple[float | None, float | None] = (0.0, 1.0)
    """Lowest and highest value that the data may have."""

    def __init__(self) -> None:
        super().__init__()

    @checked
    def mean(self, output: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """Mean of the pixels, in (0, 1)."""
        return torch.sigmoid(output)

    def log_prob(
        self,
        x: Float[Tensor, "*batch pixels"],
        output: Float[Tensor, "*batch pixels"],
        visible: Float[Tensor, "*batch pixels"] | None = None,
    ) -> Float[Tensor, "*batch"]:
        """Log p(x|z) in nats, summed over the visible pixels."""
        raise NotImplementedError

    def draw(
        self, mean: Float[Tensor, "*shape"], generator: torch.Generator | None = None
    ) -> Float[Tensor, "*shape"]:
        """Draw pixels around their mean."""
        raise NotImplementedError


class BernoulliPixels(PixelLikelihood):
    """Black and white pixels, each white with the probability that the decoder says."""

    def log_prob(self, x: Tensor, output: Tensor, visible: Tensor | None = None) -> Tensor:
        """Log p(x|z) in nats (`bernoulli_log_likelihood`)."""
        return bernoulli_log_likelihood(x, output, visible)

    @checked
    def draw(
        self, mean: Float[Tensor, "*shape"], generator: torch.Generator | None = None
    ) -> Float[Tensor, "*shape"]:
        """Draw pixels, zero or one."""
        return draw_pixels(mean, generator)


class GaussianPixels(PixelLikelihood):
    """Pixels N(mean, σ²), with one noise level σ for all.

    Parameters
    ----------
    noise_std
        σ, in units of pixel value. None: it is learned.
    """

    def __init__(self, noise_std: float | None = None) -> None:
        super().__init__()
        start = check_number(0.1 if noise_std is None else noise_std, "noise_std", above=0.0)
        self.log_noise = nn.Parameter(
            torch.tensor(math.log(start)), requires_grad=noise_std is None
        )

    def log_prob(self, x: Tensor, output: Tensor, visible: Tensor | None = None) -> Tensor:
        """Log p(x|z) in nats (`gaussian_log_likelihood`)."""
        return gaussian_log_likelihood(x, self.mean(output), self.log_noise, visible)

    @checked
    def draw(
        self, mean: Float[Tensor, "*shape"], generator: torch.Generator | None = None
    ) -> Float[Tensor, "*shape"]:
        """Draw pixels around their mean, some of which may be beyond zero or one."""
        noise = torch.randn(mean.shape, generator=generator, dtype=mean.dtype, device=mean.device)
        return mean + self.log_noise.exp() * noise


class GaussianValues(GaussianPixels):
    """Any numbers N(mean, σ²): the decoder's output is the mean itself, without a squashing function.

    Parameters
    ----------
    noise_std
        σ, in units of the data. None: it is learned.
    """

    support = (None, None)

    @checked
    def mean(self, output: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """Mean of the data: the output as it is."""
        return output
