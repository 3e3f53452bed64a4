"""Denoising autoencoders: to undo what a corruption did, one must know what examples look like."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from gennb._pixels import PixelLikelihood
from gennb._validate import bare, check_count, check_kind, check_tensor, checked

from .corruption import Corruption, GaussianNoise
from .model import Autoencoder, Likelihood


class DenoisingAutoencoder(Autoencoder):
    """An autoencoder that is given corrupted examples and has to bring back the clean ones.

    Parameters
    ----------
    shape, n_code, likelihood
        As for `Autoencoder`.
    corruption
        C(x̃ | x), drawn afresh for each example at each update.
    target_corruption
        Spoils what has to be brought back, too, with noise of its own (noise2noise). None: it is clean.
    **networks
        ``hidden``, ``activation``, ``encoder``, ``decoder``, as for `Autoencoder`.

    References
    ----------
    Vincent, Larochelle, Bengio and Manzagol, Extracting and Composing Robust Features with Denoising Autoencoders,
    2008. Lehtinen et al., Noise2Noise: Learning Image Restoration without Clean Data, 2018. Book: eq-denoising-loss.
    """

    def __init__(
        self,
        shape: Sequence[int],
        n_code: int,
        corruption: Corruption,
        likelihood: Likelihood | PixelLikelihood = "bernoulli",
        *,
        target_corruption: Corruption | None = None,
        **networks: Any,
    ) -> None:
        super().__init__(shape, n_code, likelihood, **networks)
        mend = "Try GaussianNoise(0.5)."
        self.corruption = check_kind(corruption, "corruption", Corruption, mend)
        if target_corruption is not None:
            check_kind(target_corruption, "target_corruption", Corruption, mend)
        self.target_corruption = target_corruption

    @checked
    @torch.no_grad()
    def score(self, x: Float[Tensor, "batch *data"]) -> Float[Tensor, "batch *data"]:
        """Estimate the gradient of log p_σ(x) by x as (r(x) − x) / σ², p_σ being the density of the corrupted examples.

        With Gaussian noise and a Gaussian likelihood the best reconstruction is r(x̃) = E[x | x̃], for which this is no
        estimate but Tweedie's formula.

        References
        ----------
        Vincent, A Connection Between Score Matching and Denoising Autoencoders, 2011. Alain and Bengio, What
        Regularized Auto-Encoders Learn from the Data-Generating Distribution, 2014. Book: eq-tweedie.
        """
        if not isinstance(self.corruption, GaussianNoise):
            raise ValueError(
                "score: only Gaussian noise tells it. Use corruption=GaussianNoise(0.1)."
            )
        return (bare(self.reconstruct)(x) - x) / self.corruption.std**2

    @checked
    @torch.no_grad()
    def chain(
        self,
        x: Float[Tensor, "chains *data"],
        steps: int,
        generator: torch.Generator | None = None,
    ) -> Float[Tensor, "states chains *data"]:
        """Alternate corruption and reconstruction: x̃ ~ C(x̃ | x), then x ~ p(x | x̃). Return all states, x first.

        If p(x | x̃) were exact, the chain would leave the distribution of the data as it is.

        References
        ----------
        Bengio, Yao, Alain and Vincent, Generalized Denoising Auto-Encoders as Generative Models, 2013.
        Book: alg-denoising-chain.
        """
        states = [check_tensor(x, "x", shape=("chains", *self.shape))]
        for _ in range(check_count(steps, "steps")):
            corrupted = self.corruption._sample(states[-1], generator)
            mean = self._decode(self.encoder(corrupted))
            states.append(bare(self.likelihood.draw)(mean, generator))
        return torch.stack(states)

    def _loss(self, x: Tensor) -> Tensor:
        y = self.encoder(self.corruption._sample(x))
        target = x if self.target_corruption is None else self.target_corruption._sample(x)
        return -self._log_prob(target, y).mean()


@checked
def psnr(
    x: Float[Tensor, "batch *data"], clean: Float[Tensor, "batch *data"]
) -> Float[Tensor, " batch"]:
    """Peak signal-to-noise ratio 10 log₁₀(1 / mean squared error) of each example in decibels, its peak being one."""
    error = (x - clean).flatten(1).square().mean(1)
    return -10 * error.log10()


@checked
def autocorrelation_time(series: Float[Tensor, "steps chains"]) -> Float[Tensor, ""]:
    """Steps of a chain that are worth one independent draw: 1 + 2 Σ ρ(t), from chains of one number each.

    The correlations ρ are means over the chains. The sum ends where the lag t is five times what it has come to, as
    noise alone would follow. Where the chains are not many times as long as this, the answer is too small.

    References
    ----------
    Sokal, Monte Carlo Methods in Statistical Mechanics: Foundations and New Algorithms, 1997. Book: eq-autocorrelation.
    """
    x = check_tensor(series, "series").double()
    n = len(x)
    if n < 2:
        raise ValueError(f"series: expected at least two steps, got {n}.")
    deviation = x - x.mean()
    spectrum = torch.fft.rfft(deviation, 2 * n, dim=0).abs().square()
    products = torch.fft.irfft(spectrum, 2 * n, dim=0)[:n].mean(1)
    if not products[0] > 0:
        raise ValueError("series: expected numbers that differ, got one and the same.")
    correlations = products / torch.arange(n, 0, -1, device=x.device)
    times = 2 * (correlations / correlations[0]).cumsum(0) - 1
    lags = torch.arange(n, device=x.device)
    ends = (lags >= 5 * times).nonzero()
    end = int(ends[0]) if len(ends) else n - 1
    steps: Tensor = times[end].clamp_min(1.0)
    return steps
