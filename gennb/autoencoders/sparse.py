"""Sparse autoencoders: more units than needed, of which few are on at a time."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import linear

from gennb._pixels import PixelLikelihood
from gennb._validate import check_count, check_kind, check_number, check_within, checked
from gennb.networks import check_widths

from .model import Autoencoder, Likelihood

STEP = 0.01
"""By which share the weight of `L1Sparsity` moves in a minibatch that misses its target by all of it."""


class Sparsity(nn.Module):
    """What a code costs, beyond the loss of the reconstruction; it says which units go with it."""

    unit: type[nn.Module]
    decoder: type[nn.Linear] = nn.Linear

    def forward(self, y: Tensor) -> Tensor:
        """Return the cost of the codes (N, units) of a minibatch, in nats per example."""
        raise NotImplementedError

    def on(self, y: Tensor) -> Tensor:
        """Tell which units count as on."""
        raise NotImplementedError


class UnitColumns(nn.Linear):
    """A dense layer whose weights from each unit have length one: no activation can shrink at their expense."""

    def forward(self, y: Tensor) -> Tensor:
        """Map (..., n_in) to (..., n_out)."""
        return linear(y, self.weight / self.weight.norm(dim=0), self.bias)


class L1Sparsity(Sparsity):
    """λ times the sum of the activations, of rectified units, of which most are exactly zero.

    Parameters
    ----------
    weight
        λ, in nats for each unit of activation; with a target, where it begins. From high up it kills units for good.
    target
        Share of the units to be on. With it λ is no longer fixed: in training it rises while more of them are on, and
        falls while there are fewer. None: λ stays as it is.

    References
    ----------
    Olshausen and Field, Emergence of Simple-Cell Receptive Field Properties by Learning a Sparse Code for Natural
    Images, 1996. Book: eq-l1-sparsity.
    """

    unit = nn.ReLU
    decoder = UnitColumns
    weight: Tensor

    def __init__(self, weight: float = 0.1, *, target: float | None = None) -> None:
        super().__init__()
        # What moves by shares of itself cannot begin at zero.
        weight = check_number(weight, "weight", at_least=0.0 if target is None else 1e-6)
        self.register_buffer("weight", torch.tensor(weight))
        self.target = None if target is None else check_share(target, "target")

    @checked
    def forward(self, y: Float[Tensor, "batch units"]) -> Float[Tensor, ""]:
        """Return λ times the sum of the activations, the mean over the minibatch; in training λ then makes its move."""
        cost: Tensor = self.weight.clone() * y.abs().sum(1).mean()
        if self.training and self.target is not None:
            with torch.no_grad():
                miss = (self.on(y).to(y.dtype).mean() / self.target - 1).clamp(-1, 1)
                self.weight.mul_((STEP * miss).exp())
        return cost

    @checked
    def on(self, y: Float[Tensor, "batch units"]) -> Tensor:
        """Tell which units count as on: those above zero."""
        return y > 0


class KLSparsity(Sparsity):
    """β Σ KL(ρ ‖ ρ̂) over logistic units, ρ̂ being the mean activation of a unit in the minibatch.

    Parameters
    ----------
    target
        ρ, the mean activation that a unit should have.
    weight
        β, in nats of loss for each nat of divergence.

    References
    ----------
    Ng, Sparse Autoencoder, CS294A Lecture Notes, 2011. Book: eq-kl-sparsity.
    """

    unit = nn.Sigmoid

    def __init__(self, target: float, weight: float = 1.0) -> None:
        super().__init__()
        self.target = check_share(target, "target")
        self.weight = check_number(weight, "weight", at_least=0.0)

    @checked
    def forward(self, y: Float[Tensor, "batch units"]) -> Float[Tensor, ""]:
        """Return β Σ KL(ρ ‖ ρ̂)."""
        rho, mean = self.target, y.mean(0).clamp(1e-6, 1 - 1e-6)
        each = rho * (math.log(rho) - mean.log())
        rest = (1 - rho) * (math.log(1 - rho) - (1 - mean).log())
        cost: Tensor = self.weight * (each + rest).sum()
        return cost

    @checked
    def on(self, y: Float[Tensor, "batch units"]) -> Tensor:
        """Tell which units count as on: those above one half."""
        return y > 0.5


class SparseAutoencoder(Autoencoder):
    """An autoencoder of one layer with many units, few of which may be on at a time.

    Parameters
    ----------
    shape, likelihood
        As for `Autoencoder`.
    n_code
        Units; there may be more than values in an example.
    sparsity
        What activations cost: `L1Sparsity` or `KLSparsity`.

    References
    ----------
    Ng, Sparse Autoencoder, CS294A Lecture Notes, 2011. Book: eq-sparse-loss.
    """

    def __init__(
        self,
        shape: Sequence[int],
        n_code: int,
        sparsity: Sparsity,
        likelihood: Likelihood | PixelLikelihood = "bernoulli",
    ) -> None:
        n = math.prod(check_widths(shape, "shape", least=1))
        check_kind(sparsity, "sparsity", Sparsity, "Try L1Sparsity(target=0.1).")
        check_count(n_code, "n_code")
        super().__init__(
            shape,
            n_code,
            likelihood,
            encoder=nn.Sequential(nn.Flatten(), nn.Linear(n, n_code), sparsity.unit()),
            decoder=nn.Sequential(sparsity.decoder(n_code, n), nn.Unflatten(1, tuple(shape))),
        )
        self.sparsity = sparsity

    @checked
    @torch.no_grad()
    def active(self, x: Float[Tensor, "batch *data"]) -> Float[Tensor, " batch"]:
        """Share of the units that are on for each example."""
        y = self.encode(x)
        return self.sparsity.on(y).to(y.dtype).mean(1)

    @torch.no_grad()
    def filters(self) -> Float[Tensor, "code *data"]:
        """What each unit adds to the decoder's output when its activation is one: ``(n_code, *shape)``."""
        layer = self.decoder.get_submodule("0")
        assert isinstance(layer, nn.Linear)
        one = torch.eye(self.n_code, device=layer.weight.device, dtype=layer.weight.dtype)
        filters: Tensor = (layer(one) - layer.bias).unflatten(1, self.shape)
        return filters

    def _loss(self, x: Tensor) -> Tensor:
        y = self.encoder(x)
        cost: Tensor = self.sparsity(y)
        return cost - self._log_prob(x, y).mean()


def check_share(value: float, name: str) -> float:
    """Return a share that is neither nothing nor all."""
    return check_within(value, name, 1e-6, 1 - 1e-6, "share, such as 0.1,")
