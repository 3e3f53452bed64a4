"""Stacked autoencoders: one inside the other, trained from the outside inwards."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from gennb._pixels import PixelLikelihood
from gennb._validate import check_count, check_kind, check_tensor, checked
from gennb.networks import check_widths
from gennb.train import History, Player, fit

from .corruption import Corruption
from .denoising import DenoisingAutoencoder
from .model import Autoencoder, Likelihood


class StackedAutoencoder(Autoencoder):
    """A deep autoencoder of logistic units whose layers can be trained one at a time, each on the codes of the last.

    Parameters
    ----------
    sizes
        Values of an example, units of each hidden layer, numbers of the code.
    likelihood
        As for `Autoencoder`.
    linear_code
        Whether the units of the code are linear, as in the autoencoder of 2006.

    References
    ----------
    Bengio, Lamblin, Popovici and Larochelle, Greedy Layer-Wise Training of Deep Networks, 2007. Vincent et al., Stacked
    Denoising Autoencoders, 2010. Hinton and Salakhutdinov, Reducing the Dimensionality of Data with Neural Networks,
    2006. Book: eq-stack, alg-greedy-autoencoders.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        likelihood: Likelihood | PixelLikelihood = "bernoulli",
        *,
        linear_code: bool = False,
    ) -> None:
        check_widths(sizes, "sizes", least=2)
        up = [nn.Sequential(nn.Linear(low, high), nn.Sigmoid()) for low, high in pairwise(sizes)]
        if linear_code:
            del up[-1][1]
        down = [nn.Linear(high, low) for low, high in pairwise(sizes)][::-1]
        between = [layer for each in down for layer in (each, nn.Sigmoid())][:-1]
        super().__init__(
            sizes[:1],
            sizes[-1],
            likelihood,
            encoder=nn.Sequential(*up),
            decoder=nn.Sequential(*between),
        )

    @checked
    def pretrain(
        self,
        x: Float[Tensor, "examples values"],
        *,
        epochs: int,
        corruption: Corruption | None = None,
        **options: Any,
    ) -> list[History]:
        """Train the layers one after another, the first on ``x`` and each other one on the codes of those before it.

        With a corruption each layer learns to denoise its own clean inputs. ``options`` go to ``train.fit``.
        """
        self._supported(x, "x")
        histories: list[History] = []
        likelihood: Likelihood | PixelLikelihood = self.likelihood
        layers = zip(self.encoder.children(), list(self.decoder.children())[::-2], strict=True)
        for up, down in layers:
            layer = _layer(up, down, likelihood, corruption)
            histories.append(fit(layer, x, epochs=epochs, **options))
            with torch.no_grad():
                x = up(x.to(down.weight))
            likelihood = "bernoulli"
        return histories

    def classifier(self, n_classes: int) -> Classifier:
        """Return a classifier that begins with a copy of the encoder, and has one new layer for the classes."""
        return Classifier(self.encoder, self.n_code, n_classes)


def _layer(
    up: nn.Module,
    down: Any,
    likelihood: Likelihood | PixelLikelihood,
    corruption: Corruption | None,
) -> Autoencoder:
    """One layer of a stack, as an autoencoder of its own."""
    shape, n_code = (down.out_features,), down.in_features
    if corruption is None:
        return Autoencoder(shape, n_code, likelihood, encoder=up, decoder=down)
    return DenoisingAutoencoder(shape, n_code, corruption, likelihood, encoder=up, decoder=down)


class Classifier(nn.Module):
    """A network of features, and a linear layer with a softmax on top; all of it is trained.

    Parameters
    ----------
    features
        Maps examples to (N, n_features). It is copied.
    n_features, n_classes
        Numbers that it gives, and classes to tell apart.
    """

    def __init__(self, features: nn.Module, n_features: int, n_classes: int) -> None:
        super().__init__()
        self.features = copy.deepcopy(check_kind(features, "features", nn.Module))
        self.top = nn.Linear(
            check_count(n_features, "n_features"), check_count(n_classes, "n_classes", least=2)
        )

    @checked
    def forward(self, x: Float[Tensor, "batch *data"]) -> Float[Tensor, "batch classes"]:
        """Return a logit for each class."""
        logits: Tensor = self.top(self.features(x))
        return logits

    @checked
    def loss(self, x: Float[Tensor, "batch *data"], y: Int[Tensor, " batch"]) -> Float[Tensor, ""]:
        """Return the mean of −log p(y | x) in nats."""
        return cross_entropy(self(x), y)

    @checked
    @torch.no_grad()
    def error_rate(self, x: Float[Tensor, "batch *data"], y: Int[Tensor, " batch"]) -> float:
        """Return the share of the examples whose most probable class is another one than y."""
        return float((self(check_tensor(x, "x")).argmax(1) != y).double().mean())

    def players(self) -> list[Player]:
        """One player: all weights descend on the loss."""
        return [Player("classifier", list(self.parameters()), self.loss)]
