"""The autoencoder: data through a narrow code and back, and how well they come out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal, get_args

from jaxtyping import Float
from torch import Tensor, nn

from gennb._pixels import BernoulliPixels, GaussianValues, PixelLikelihood
from gennb._validate import bare, check_choice, check_count, check_kind, check_tensor, checked
from gennb.networks import (
    Activation,
    ImageShape,
    check_image_shape,
    check_widths,
    mlp,
    pooling_encoder,
    upsampling_decoder,
)
from gennb.train import Player
from gennb.train.player import with_first_look

Likelihood = Literal["bernoulli", "gaussian"]


class Autoencoder(nn.Module):
    """A network that describes x by a code y = f(x), and a network that makes x̂ = g(y) of it.

    Parameters
    ----------
    shape
        Axes of one example: (C, H, W) for an image, (n,) for n numbers.
    n_code
        Numbers in a code.
    likelihood
        What the decoder's output says of x. "bernoulli": a probability for each value, through a logistic function; the
        loss is the cross-entropy. "gaussian": the mean of N(x̂, I), as it is; the loss is half the squared error and a
        constant. Or an object, such as `GaussianValues`.
    hidden
        Widths of the dense layers from the data to the code; the decoder mirrors them.
    activation
        Follows each of these layers: a class such as ``nn.ReLU``.
    encoder
        Maps ``(N, *shape)`` to (N, n_code). None: made by ``hidden`` and ``activation``.
    decoder
        Maps (N, n_code) to ``(N, *shape)``, before the likelihood's own function. None: as the encoder.

    References
    ----------
    Rumelhart, Hinton and Williams, Learning Internal Representations by Error Propagation, 1986. Hinton and
    Salakhutdinov, Reducing the Dimensionality of Data with Neural Networks, 2006. Book: eq-autoencoder.
    """

    def __init__(
        self,
        shape: Sequence[int],
        n_code: int,
        likelihood: Likelihood | PixelLikelihood = "bernoulli",
        *,
        hidden: Sequence[int] = (256,),
        activation: Activation = nn.ReLU,
        encoder: nn.Module | None = None,
        decoder: nn.Module | None = None,
    ) -> None:
        super().__init__()
        self.shape = tuple(check_widths(shape, "shape", least=1))
        self.n_code = check_count(n_code, "n_code")
        self.likelihood = _likelihood(likelihood)
        sizes = (math.prod(self.shape), *check_widths(hidden, "hidden"), n_code)
        if encoder is None:
            encoder = nn.Sequential(nn.Flatten(), *mlp(sizes, activation))
        if decoder is None:
            chain = mlp(sizes[::-1], activation)
            decoder = nn.Sequential(*chain, nn.Unflatten(1, self.shape))
        self.encoder = check_kind(encoder, "encoder", nn.Module)
        self.decoder = check_kind(decoder, "decoder", nn.Module)

    @checked
    def encode(self, x: Float[Tensor, "batch *data"]) -> Float[Tensor, "batch code"]:
        """Return the codes f(x) of examples ``(N, *shape)``, which may lie outside the likelihood's support."""
        code: Tensor = self.encoder(check_tensor(x, "x", shape=("batch", *self.shape)))
        if code.shape[1:] != (self.n_code,):
            raise ValueError(
                f"encoder: expected codes of shape (N, {self.n_code}), got {tuple(code.shape)}."
            )
        return code

    @checked
    def decode(self, y: Float[Tensor, "batch code"]) -> Float[Tensor, "batch *data"]:
        """Return the examples g(y) that codes (N, n_code) stand for: the means of p(x|y)."""
        return self._decode(check_tensor(y, "y", shape=("batch", self.n_code)))

    @checked
    def reconstruct(self, x: Float[Tensor, "batch *data"]) -> Float[Tensor, "batch *data"]:
        """Return x̂ = g(f(x))."""
        return self._decode(bare(self.encode)(x))

    @checked
    def log_prob(self, x: Float[Tensor, "batch *data"]) -> Float[Tensor, " batch"]:
        """Log p(x | y) at the code y = f(x) of x itself, in nats per example.

        It is the likelihood of a reconstruction, not of x: a code that may be anything has no p(y).
        """
        return self._log_prob(self._supported(x, "x"), bare(self.encode)(x))

    @checked
    def squared_error(self, x: Float[Tensor, "batch *data"]) -> Float[Tensor, " batch"]:
        """Return ‖x − x̂‖², summed over the values of an example, in the square of their unit."""
        return (x - bare(self.reconstruct)(x)).flatten(1).square().sum(1)

    @checked
    def loss(self, x: Float[Tensor, "batch *data"]) -> Float[Tensor, ""]:
        """Mean of −log p(x | f(x)) over a minibatch, in nats per example, and what a kind of autoencoder adds."""
        return self._loss(self._supported(x, "x"))

    def players(self) -> list[Player]:
        """One player: all weights descend on the loss."""
        loss = with_first_look(self._loss, lambda x: self._supported(x, "data"))
        return [Player("autoencoder", list(self.parameters()), loss)]

    def _loss(self, x: Tensor) -> Tensor:
        return -self._log_prob(x, self.encoder(x)).mean()

    def _decode(self, y: Tensor) -> Tensor:
        output: Tensor = self.decoder(y)
        if output.shape[1:] != self.shape:
            raise ValueError(
                f"decoder: expected examples of shape {self.shape}, got {tuple(output.shape[1:])}."
            )
        return bare(self.likelihood.mean)(output)

    def _log_prob(self, x: Tensor, y: Tensor) -> Tensor:
        return self.likelihood.log_prob(x.flatten(1), self.decoder(y).flatten(1))

    def _supported(self, x: Any, name: str) -> Tensor:
        low, high = self.likelihood.support
        return check_tensor(x, name, shape=("batch", *self.shape), low=low, high=high)


class ConvAutoencoder(Autoencoder):
    """An autoencoder of images by convolutions: pooling on the way to the code, upsampling on the way back.

    Parameters
    ----------
    image_shape
        (C, H, W).
    n_code, likelihood, activation
        As for `Autoencoder`.
    channels
        After each convolution from the image inwards; each is followed by pooling, which halves the sides.

    References
    ----------
    Masci, Meier, Ciresan and Schmidhuber, Stacked Convolutional Auto-Encoders for Hierarchical Feature Extraction,
    2011.
    """

    def __init__(
        self,
        image_shape: ImageShape,
        n_code: int,
        likelihood: Likelihood | PixelLikelihood = "bernoulli",
        *,
        channels: Sequence[int] = (16, 32),
        activation: Activation = nn.ReLU,
    ) -> None:
        check_image_shape(image_shape)
        check_count(n_code, "n_code")
        super().__init__(
            image_shape,
            n_code,
            likelihood,
            encoder=pooling_encoder(image_shape, n_code, channels, activation),
            decoder=upsampling_decoder(n_code, image_shape, channels, activation),
        )


def _likelihood(likelihood: Any) -> PixelLikelihood:
    if isinstance(likelihood, PixelLikelihood):
        return likelihood
    check_choice(likelihood, "likelihood", get_args(Likelihood))
    return BernoulliPixels() if likelihood == "bernoulli" else GaussianValues(1.0)
