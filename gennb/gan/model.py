"""The adversarial game as two players of `gennb.train.fit`."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal, get_args

import torch
from jaxtyping import Float
from torch import Tensor, nn

from gennb._validate import bare, check_choice, check_count, check_kind, check_number, checked
from gennb.networks import ParallelLinear
from gennb.train import Player
from gennb.train.runtime import mode

from .losses import AdversarialLoss, discriminator_loss, named_loss

Prior = Literal["normal", "uniform"]


class GAN(nn.Module):
    """A generator that learns to draw examples, and a discriminator that learns to tell them from data.

    Training with :func:`gennb.train.fit` is Algorithm 1 of the 2014 paper with Adam for its stochastic gradients: k
    updates of the discriminator, each on a fresh minibatch of data and of noise, then one of the generator.

    Parameters
    ----------
    generator
        Maps noise (N, …) to examples of the data's shape.
    discriminator
        Maps examples to logits (N, 1), D = σ(logit); for the Wasserstein losses, to the values of a critic.
        A chain whose last layer makes the logit; what enters that layer are its features.
    loss
        An `AdversarialLoss`, or one of `LOSSES` for a common one. All of these but the Wasserstein losses leave the
        discriminator's as in the paper and change the generator's.
    k
        Updates of the discriminator for each one of the generator.
    noise_shape
        Shape of one draw of z. None: the input of the generator's first dense layer.
    prior
        "normal": N(0, 1). "uniform": on [−√3, √3], which has the same variance.
    lr
        Learning rates (discriminator, generator). None: the one given to ``fit``.
    betas
        Of both players' Adam.
    features
        For the loss "perceptual": a network whose weights stay as they are, examples → features.
    clip
        For "wasserstein": the largest weight of the critic; None: 0.01.
    penalty
        For "wasserstein-gp": the factor of the gradient penalty, in the units of the examples. None: 10, as in the
        paper; data of radius one learn faster with about 0.1.

    References
    ----------
    Goodfellow et al., Generative Adversarial Nets, 2014. Book: eq-gan-1, alg-gan.
    """

    def __init__(
        self,
        generator: nn.Module,
        discriminator: nn.Module,
        *,
        loss: str | AdversarialLoss = "non-saturating",
        k: int = 1,
        noise_shape: tuple[int, ...] | None = None,
        prior: Prior = "normal",
        lr: tuple[float, float] | None = None,
        betas: tuple[float, float] = (0.5, 0.999),
        features: nn.Module | None = None,
        clip: float | None = None,
        penalty: float | None = None,
    ) -> None:
        super().__init__()
        self.generator = check_kind(generator, "generator", nn.Module)
        self.discriminator = check_kind(discriminator, "discriminator", nn.Module)
        self.loss = _loss(loss, features, clip, penalty)
        self.loss.check_discriminator(self.discriminator)
        self.k = check_count(k, "k")
        if next(generator.parameters(), None) is None:
            raise ValueError(
                f"generator: expected a module with weights, found none in {type(generator).__name__}."
            )
        shape = _noise_shape(generator) if noise_shape is None else noise_shape
        if not isinstance(shape, tuple | list):
            raise TypeError(f"noise_shape: expected the shape of one draw of z, got {shape!r}.")
        self.noise_shape = tuple(check_count(size, "noise_shape") for size in shape)
        self.prior = check_choice(prior, "prior", get_args(Prior))
        if lr is not None and (not isinstance(lr, tuple | list) or len(lr) != 2):
            raise ValueError(f"lr: expected (discriminator, generator), got {lr!r}.")
        self.lr = (None, None) if lr is None else tuple(check_number(r, "lr", above=0) for r in lr)
        if not isinstance(betas, tuple | list) or len(betas) != 2:
            raise ValueError(f"betas: expected two numbers in [0, 1), got {betas!r}.")
        if max(check_number(beta, "betas", at_least=0.0) for beta in betas) >= 1:
            raise ValueError(f"betas: expected two numbers in [0, 1), got {betas!r}.")
        self.betas = betas

    @checked
    def noise(
        self, n: int, generator: torch.Generator | None = None
    ) -> Float[Tensor, "n *noise_shape"]:
        """Draw z from the prior, on the model's device; ``generator`` has to be there, too."""
        if generator is not None:
            check_kind(generator, "generator", torch.Generator)
        like = next(self.generator.parameters())
        shape = (check_count(n, "n"), *self.noise_shape)
        return _PRIORS[self.prior](shape, generator=generator, dtype=like.dtype, device=like.device)

    @checked
    @torch.no_grad()
    def sample(
        self, n: int, generator: torch.Generator | None = None
    ) -> Float[Tensor, "n *example"]:
        """Draw n examples of p_g, the generator in evaluation mode."""
        with mode(self.generator, training=False):
            examples: Tensor = self.generator(self.noise(n, generator))
        return examples

    @checked
    def value(self, x: Float[Tensor, "batch *example"]) -> Float[Tensor, ""]:
        """Estimate V(D, G) of eq-gan-1 from data x and as many draws of z, in nats."""
        real, fake = self.discriminator(x), self.discriminator(self.sample(len(x)))
        return -bare(discriminator_loss)(real, fake)

    @checked
    def discriminator_loss(self, x: Float[Tensor, "batch *example"]) -> Float[Tensor, ""]:
        """What the discriminator lowers on a minibatch of data."""
        self.loss.constrain(self.discriminator)
        with torch.no_grad():
            fake = self.generator(self.noise(len(x)))
        return self.loss.of_discriminator(self.discriminator, x, fake)

    @checked
    def generator_loss(self, x: Float[Tensor, "batch *example"]) -> Float[Tensor, ""]:
        """What the generator lowers; of the data x all but the feature losses use the number alone."""
        self.loss.constrain(self.discriminator)
        fake = self.generator(self.noise(len(x)))
        return self.loss.of_generator(self.discriminator, x, fake)

    def players(self) -> list[Player]:
        """Discriminator and generator, in the order of their turns."""
        sides = (
            ("discriminator", self.discriminator, self.discriminator_loss, self.k, self.lr[0]),
            ("generator", self.generator, self.generator_loss, 1, self.lr[1]),
        )
        return [
            Player(name, list(module.parameters()), loss, steps=steps, lr=lr, betas=self.betas)
            for name, module, loss, steps, lr in sides
        ]


def _noise_shape(generator: nn.Module) -> tuple[int, ...]:
    for layer in generator.modules():
        if isinstance(layer, nn.Linear) and layer.in_features:  # a lazy one does not know yet
            return (layer.in_features,)
        if isinstance(layer, ParallelLinear):
            return tuple(layer.weight.shape[:2])
    raise ValueError(
        "noise_shape: expected a generator that begins with a dense layer, found none in "
        f"{type(generator).__name__}. Give the shape of one draw of noise."
    )


def _loss(
    loss: Any, features: nn.Module | None, clip: float | None, penalty: float | None
) -> AdversarialLoss:
    if not isinstance(loss, AdversarialLoss):
        return named_loss(loss, features, clip, penalty)
    if (features, clip, penalty) != (None, None, None):
        raise ValueError(
            "loss: expected features, clip or penalty beside the name of a loss only. Give them to the object."
        )
    return loss


def _uniform(shape: tuple[int, ...], **how: Any) -> Tensor:
    """Numbers on [−√3, √3], of variance one."""
    return math.sqrt(3) * (2 * torch.rand(shape, **how) - 1)


_PRIORS: dict[str, Callable[..., Tensor]] = {"normal": torch.randn, "uniform": _uniform}
