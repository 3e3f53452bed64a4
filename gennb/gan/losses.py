"""What each side of the game lowers, from logits a with D = σ(a), in forms that neither overflow nor lose digits.

log D = −softplus(−a) and log(1 − D) = −softplus(a) hold for every logit; the logarithm of a rounded D does not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import softplus

from gennb._validate import bare, check_choice, check_kind, check_number, checked
from gennb.networks import Packed


@checked
def discriminator_loss(
    real: Float[Tensor, "batch *rest"], fake: Float[Tensor, "others *rest"]
) -> Float[Tensor, ""]:
    """Negative value of the game, −E log D(x) − E log(1 − D(G(z))), in nats.

    Parameters
    ----------
    real, fake
        Logits of the discriminator on data and on generated examples.

    References
    ----------
    Goodfellow et al., Generative Adversarial Nets, 2014, equation 1. Book: eq-gan-1.
    """
    return softplus(-real).mean() + softplus(fake).mean()


@checked
def minimax_loss(fake: Float[Tensor, "batch *rest"]) -> Float[Tensor, ""]:
    """Generator's loss in the minimax game, E log(1 − D(G(z))), in nats; its slope σ(a) dies where D is sure.

    Parameters
    ----------
    fake
        Logits of the discriminator on generated examples.
    """
    return -softplus(fake).mean()


@checked
def non_saturating_loss(fake: Float[Tensor, "batch *rest"]) -> Float[Tensor, ""]:
    """Generator's loss −E log D(G(z)), in nats; its slope 1 − σ(a) is greatest where D is sure.

    Parameters
    ----------
    fake
        Logits of the discriminator on generated examples.

    References
    ----------
    Goodfellow et al., Generative Adversarial Nets, 2014, section 3. Book: eq-non-saturating.
    """
    return softplus(-fake).mean()


@checked
def feature_matching_loss(
    real: Float[Tensor, "batch *features"], fake: Float[Tensor, "others *features"]
) -> Float[Tensor, ""]:
    """Squared distance between the mean features of data and of generated examples.

    Parameters
    ----------
    real, fake
        Features f(x) and f(G(z)): of an inner layer of the discriminator (feature matching) or of a network that
        stays as it is (a perceptual loss).

    References
    ----------
    Salimans et al., Improved Techniques for Training GANs, 2016, section 3.1. Book: eq-feature-matching.
    """
    return (real.mean(0) - fake.mean(0)).square().sum()


@checked
def critic_loss(
    real: Float[Tensor, "batch *rest"], fake: Float[Tensor, "others *rest"]
) -> Float[Tensor, ""]:
    """Negative difference of a critic's means, E f(G(z)) − E f(x), in the units of x if f is 1-Lipschitz.

    Parameters
    ----------
    real, fake
        Values of the critic on data and on generated examples.

    References
    ----------
    Arjovsky, Chintala and Bottou, Wasserstein GAN, 2017, equation 2. Book: eq-critic.
    """
    return fake.mean() - real.mean()


@checked
def wasserstein_loss(fake: Float[Tensor, "batch *rest"]) -> Float[Tensor, ""]:
    """Generator's loss against a critic, −E f(G(z)).

    Parameters
    ----------
    fake
        Values of the critic on generated examples.
    """
    return -fake.mean()


def clip_weights(module: nn.Module, bound: float) -> None:
    """Force every weight of a critic into [−bound, bound], which bounds its Lipschitz constant, in place.

    References
    ----------
    Arjovsky, Chintala and Bottou, Wasserstein GAN, 2017, algorithm 1.
    """
    check_kind(module, "module", nn.Module)
    bound = check_number(bound, "bound", above=0.0)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.clamp_(-bound, bound)


@checked
def gradient_penalty(
    critic: Callable[[Tensor], Tensor],
    real: Float[Tensor, "batch *example"],
    fake: Float[Tensor, "batch *example"],
) -> Float[Tensor, ""]:
    """Mean squared departure of the critic's slope from one, between data and generated examples.

    The slope is the norm of the gradient at x̂ = u x + (1 − u) G(z), with u uniform in [0, 1], one draw for each
    example from PyTorch's global stream.

    Parameters
    ----------
    critic
        Maps (N, …) to N values, each of its own example alone: no batch normalization.
    real, fake
        As many data as generated examples.

    References
    ----------
    Gulrajani et al., Improved Training of Wasserstein GANs, 2017, equation 3. Book: eq-gradient-penalty.
    """
    _check_function(critic, "critic")
    u = torch.rand(len(real), *(1,) * (real.ndim - 1), dtype=real.dtype, device=real.device)
    with torch.enable_grad():
        between = (u * real + (1 - u) * fake).detach().requires_grad_()
        values = critic(between)
        if not isinstance(values, Tensor) or not values.requires_grad:
            raise TypeError(
                "critic: expected a tensor of values that depend on the examples, got "
                f"{'one that does not' if isinstance(values, Tensor) else type(values).__name__}."
            )
        if values.shape[:1] != real.shape[:1]:
            raise ValueError(
                f"critic: expected a value for each of the {len(real)} examples, got shape {tuple(values.shape)}. "
                "A critic of packs has no penalty."
            )
        (slope,) = torch.autograd.grad(values.sum(), between, create_graph=True)
    # The copies of a parallel critic stand between the batch and the example.
    norms: Tensor = slope.flatten(max(1, values.ndim - 1)).norm(dim=-1)
    return (norms - 1).square().mean()


class AdversarialLoss(nn.Module):
    """What each side of a game lowers on a minibatch, and what keeps a critic within bounds.

    Another game is another value, such as ``AdversarialLoss(hinge_loss, wasserstein_loss)``.

    Parameters
    ----------
    discriminator
        Maps the discriminator's values on data and on generated examples to its loss, a scalar.
    generator
        Maps the values on generated examples to the generator's.
    clip
        The largest weight of a critic, forced upon it before it judges.
    penalty
        Factor of `gradient_penalty`, in the units of the examples.
    logits
        Whether the values have to be free to be any number, as logits and a critic's are.
    """

    def __init__(
        self,
        discriminator: Callable[[Tensor, Tensor], Tensor] = discriminator_loss,
        generator: Callable[[Tensor], Tensor] = non_saturating_loss,
        *,
        clip: float | None = None,
        penalty: float = 0.0,
        logits: bool = True,
    ) -> None:
        super().__init__()
        self.discriminator = bare(_check_function(discriminator, "discriminator"))
        self.generator = bare(_check_function(generator, "generator"))
        self.clip = None if clip is None else check_number(clip, "clip", above=0.0)
        self.penalty = check_number(penalty, "penalty", at_least=0.0)
        self.logits = bool(logits)

    def check_discriminator(self, discriminator: nn.Module) -> None:
        """Refuse a discriminator that this loss cannot train."""
        if self.logits:
            _refuse_bounds(type(_last_layer(discriminator)).__name__)

    def constrain(self, discriminator: nn.Module) -> None:
        """Force the weights of a critic into their bounds."""
        if self.clip is not None:
            clip_weights(discriminator, self.clip)

    @checked
    def of_discriminator(
        self,
        discriminator: Callable[[Tensor], Tensor],
        real: Float[Tensor, "batch *example"],
        fake: Float[Tensor, "batch *example"],
    ) -> Float[Tensor, ""]:
        """What the discriminator lowers, given data and generated examples."""
        values = _judged(discriminator, real), _judged(discriminator, fake)
        if self.logits:
            _refuse_bounds(_last_operation(values[0]))
        loss: Tensor = self.discriminator(*values)
        if self.penalty:
            loss = loss + self.penalty * bare(gradient_penalty)(discriminator, real, fake)
        return loss

    @checked
    def of_generator(
        self,
        discriminator: Callable[[Tensor], Tensor],
        real: Float[Tensor, "batch *example"],
        fake: Float[Tensor, "batch *example"],
    ) -> Float[Tensor, ""]:
        """What the generator lowers, given data and generated examples; of the data most losses make nothing."""
        loss: Tensor = self.generator(_judged(discriminator, fake))
        return loss


class FeatureMatching(AdversarialLoss):
    """The discriminator's loss of the paper, and for the generator the distance of mean features.

    Parameters
    ----------
    features
        A network that stays as it is, examples → features (a perceptual loss). None: the discriminator up to its last
        layer.

    References
    ----------
    Salimans et al., Improved Techniques for Training GANs, 2016, section 3.1. Book: eq-feature-matching.
    """

    def __init__(self, features: nn.Module | None = None) -> None:
        super().__init__()
        if features is not None:
            check_kind(features, "features", nn.Module).requires_grad_(False).eval()
        self.features = features

    def check_discriminator(self, discriminator: nn.Module) -> None:
        """Refuse a discriminator that this loss cannot train."""
        super().check_discriminator(discriminator)
        if self.features is None and not isinstance(discriminator, nn.Sequential):
            raise TypeError(
                "discriminator: feature matching reads the input of the last layer, so it expects "
                f"a torch.nn.Sequential, got {type(discriminator).__name__}."
            )

    @checked
    def of_generator(
        self,
        discriminator: Callable[[Tensor], Tensor],
        real: Float[Tensor, "batch *example"],
        fake: Float[Tensor, "batch *example"],
    ) -> Float[Tensor, ""]:
        """Squared distance between the mean features of data and of generated examples."""
        features = self.features
        if features is None:
            features = check_kind(discriminator, "discriminator", nn.Sequential)[:-1]
        with torch.no_grad():
            wanted = features(real)
        return bare(feature_matching_loss)(wanted, features(fake))

    def train(self, mode: bool = True) -> Self:
        """Switch to training or evaluation; fixed features stay in evaluation."""
        super().train(mode)
        if self.features is not None:
            self.features.eval()
        return self


_NAMED: dict[str, Callable[[nn.Module | None, float, float], AdversarialLoss]] = {
    "minimax": lambda *_: AdversarialLoss(discriminator_loss, minimax_loss),
    "non-saturating": lambda *_: AdversarialLoss(),
    "feature-matching": lambda *_: FeatureMatching(),
    "perceptual": lambda features, *_: FeatureMatching(features),
    "wasserstein": lambda _, clip, __: AdversarialLoss(critic_loss, wasserstein_loss, clip=clip),
    "wasserstein-gp": lambda _, __, penalty: AdversarialLoss(
        critic_loss, wasserstein_loss, penalty=penalty
    ),
}

LOSSES = tuple(_NAMED)
"""Names of the losses that `GAN` takes."""


def named_loss(
    name: str,
    features: nn.Module | None = None,
    clip: float | None = None,
    penalty: float | None = None,
) -> AdversarialLoss:
    """Make the loss of this name, one of `LOSSES`; the others are for the one loss that has them."""
    check_choice(name, "loss", LOSSES)
    for what, value, owner in (
        ("features", features, "perceptual"),
        ("clip", clip, "wasserstein"),
        ("penalty", penalty, "wasserstein-gp"),
    ):
        if value is not None and name != owner:
            raise ValueError(
                f"{what}: only the loss {owner!r} has one, got {type(value).__name__} with loss={name!r}. Leave it out."
            )
    if name == "perceptual" and features is None:
        raise ValueError("features: expected a fixed network for the perceptual loss, got none.")
    return _NAMED[name](
        features, 0.01 if clip is None else clip, 10.0 if penalty is None else penalty
    )


_BOUNDING = {
    *("sigmoid", "logsigmoid", "hardsigmoid", "softplus", "relu", "tanh", "hardtanh"),
    *("softmax", "logsoftmax"),
}
_SHAPING = {
    *("view", "unsafeview", "reshapealias", "squeeze", "unsqueeze", "transpose", "t", "permute"),
    *("flatten", "unflatten", "identity"),
}


def _refuse_bounds(last: str) -> None:
    """Refuse a discriminator by the name of the last thing that it does."""
    if last.lower() in _BOUNDING:
        raise ValueError(
            f"discriminator: expected logits, which may be any number, got what ends in a {last.lower()}. "
            "Leave out the last nn.Sigmoid(), or whatever bounds it: the loss takes logits."
        )


def _last_layer(module: nn.Module) -> nn.Module:
    """Return the layer that makes the values, as far as a chain of layers tells."""
    if isinstance(module, Packed):
        return _last_layer(module.discriminator)
    if isinstance(module, nn.Sequential):
        layers = [m for m in module if type(m).__name__.lower() not in _SHAPING]
        return _last_layer(layers[-1]) if layers else module
    return module


def _last_operation(values: Any) -> str:
    """Return the name of the operation that made the values, whatever module it stands in."""
    node = getattr(values, "grad_fn", None)
    while node is not None:
        name: str = node.name().rstrip("0123456789").removesuffix("Backward")
        if name.lower() not in _SHAPING:
            return name
        node = node.next_functions[0][0]
    return ""


def _judged(discriminator: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    values = _check_function(discriminator, "discriminator")(x)
    if not isinstance(values, Tensor):
        raise TypeError(f"discriminator: expected a tensor of values, got {type(values).__name__}.")
    return values


def _check_function(function: Any, name: str) -> Any:
    if not callable(function) or (isinstance(function, type)):
        raise TypeError(f"{name}: expected a function or module, got {type(function).__name__}.")
    return function
