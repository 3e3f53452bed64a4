"""Generators and discriminators: plain chains of layers, so that each can be read, exported and swapped."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor, nn

from gennb._validate import check_count, check_kind, check_number, checked

ImageShape = tuple[int, int, int]


class ParallelLinear(nn.Module):
    """Dense layers side by side, one for each copy of a network: copies that train at once and never meet.

    Maps (N, copies, n_in) to (N, copies, n_out). Since Adam works on every weight alone, copies trained together
    under a mean loss are the independent runs of as many seeds, in one matrix product each.

    Parameters
    ----------
    copies, n_in, n_out
        How many layers, and their widths; each starts as ``nn.Linear`` does.
    """

    def __init__(self, copies: int, n_in: int, n_out: int) -> None:
        super().__init__()
        check_count(copies, "copies")
        bound = 1 / math.sqrt(check_count(n_in, "n_in"))
        check_count(n_out, "n_out")
        self.weight = nn.Parameter(torch.empty(copies, n_in, n_out).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(copies, 1, n_out).uniform_(-bound, bound))

    @checked
    def forward(
        self, x: Float[Tensor, "batch copies features"]
    ) -> Float[Tensor, "batch copies out"]:
        """Apply each copy to its own features."""
        copies, n_in, _ = self.weight.shape
        if x.shape[1:] != (copies, n_in):
            raise ValueError(f"x: expected shape (N, {copies}, {n_in}), got {tuple(x.shape)}.")
        return torch.baddbmm(self.bias, x.transpose(0, 1), self.weight).transpose(0, 1)


class Maxout(nn.Module):
    """Dense layer whose unit is the largest of several linear pieces: a convex function that is itself learned.

    Parameters
    ----------
    n_in, n_out
        Widths.
    pieces
        Linear functions that each unit chooses from.

    References
    ----------
    Goodfellow et al., Maxout Networks, 2013.
    """

    def __init__(self, n_in: int, n_out: int, pieces: int) -> None:
        super().__init__()
        self.pieces = check_count(pieces, "pieces")
        self.linear = nn.Linear(check_count(n_in, "n_in"), check_count(n_out, "n_out") * pieces)

    @checked
    def forward(self, x: Float[Tensor, "*batch features"]) -> Float[Tensor, "*batch out"]:
        """Return the largest piece of each unit."""
        pieces: Tensor = self.linear(x).unflatten(-1, (-1, self.pieces))
        return pieces.amax(-1)


class Packed(nn.Module):
    """A discriminator that judges several examples at once, so that it can see when they are too much alike.

    Parameters
    ----------
    discriminator
        Takes the features of ``size`` examples joined, (..., size × features).
    size
        Examples in a pack. What is left over at the end of a batch is not judged.

    References
    ----------
    Lin, Khetan, Fanti and Oh, PacGAN: The power of two samples in generative adversarial networks, 2018.
    """

    def __init__(self, discriminator: nn.Module, size: int) -> None:
        super().__init__()
        self.discriminator = check_kind(discriminator, "discriminator", nn.Module)
        self.size = check_count(size, "size")

    @checked
    def forward(self, x: Float[Tensor, "batch *copies features"]) -> Tensor:
        """Judge a batch of N examples as N // size packs."""
        packs = len(x) // self.size
        if packs == 0:
            raise ValueError(
                f"x: expected at least {self.size} examples, a pack, got shape {tuple(x.shape)}."
            )
        x = x[: packs * self.size].unflatten(0, (packs, self.size))
        logits: Tensor = self.discriminator(x.movedim(1, -2).flatten(-2))
        return logits


def mlp(
    sizes: Sequence[int], activation: type[nn.Module] = nn.ReLU, copies: int | None = None
) -> nn.Sequential:
    """Dense layers with an activation between them.

    Parameters
    ----------
    sizes
        Widths from the input to the output, (..., sizes[0]) → (..., sizes[-1]).
    activation
        A class of modules that needs no arguments.
    copies
        Make so many networks at once, with a copy axis before the features (see `ParallelLinear`).
    """
    check_kind(sizes, "sizes", Sequence, "Give the widths, such as (2, 64, 1).")
    if len(sizes) < 2:
        raise ValueError(f"sizes: expected the widths of input and output at least, got {sizes!r}.")
    for size in sizes:
        check_count(size, "sizes")
    if not (isinstance(activation, type) and issubclass(activation, nn.Module)):
        raise TypeError(f"activation: expected a class such as nn.ReLU, got {activation!r}.")
    if copies is not None:
        check_count(copies, "copies")
    layers: list[nn.Module] = []
    for n_in, n_out in pairwise(sizes):
        one = nn.Linear(n_in, n_out) if copies is None else ParallelLinear(copies, n_in, n_out)
        layers += [one, activation()]
    return nn.Sequential(*layers[:-1])


def mlp_generator(
    n_noise: int,
    image_shape: ImageShape,
    hidden: Sequence[int] = (256, 256),
    *,
    batch_norm: bool = True,
) -> nn.Sequential:
    """Noise (N, n_noise) → images (N, C, H, W) in (0, 1): dense layers with ReLU, then a sigmoid.

    Parameters
    ----------
    batch_norm
        Normalize before each rectifier, which guards against collapse. The 2014 paper had none.
    """
    widths = [check_count(n_noise, "n_noise"), *_check_hidden(hidden)]
    n_pixels = math.prod(_check_image_shape(image_shape))
    layers: list[nn.Module] = []
    for n_in, n_out in pairwise(widths):
        layers += [nn.Linear(n_in, n_out)]
        layers += [nn.BatchNorm1d(n_out), nn.ReLU()] if batch_norm else [nn.ReLU()]
    return nn.Sequential(
        *layers, nn.Linear(widths[-1], n_pixels), nn.Sigmoid(), nn.Unflatten(1, image_shape)
    )


def mlp_discriminator(
    image_shape: ImageShape,
    hidden: Sequence[int] = (256,),
    pieces: int | None = None,
    dropout: tuple[float, float] = (0.0, 0.0),
) -> nn.Sequential:
    """Images (N, C, H, W) → logits (N, 1) through dense layers.

    Parameters
    ----------
    image_shape, hidden
        (C, H, W), and the widths of the layers.
    pieces
        Maxout units of so many pieces, as in 2014. None: leaky rectifiers of slope 0.2.
    dropout
        Share of the pixels, and of each layer's units, that are left out in training.
    """
    widths = [math.prod(_check_image_shape(image_shape)), *_check_hidden(hidden)]
    check_kind(dropout, "dropout", Sequence, "Give two numbers in [0, 1).")
    rates = [check_number(rate, "dropout", at_least=0.0) for rate in dropout]
    if len(rates) != 2 or max(rates) >= 1:
        raise ValueError(f"dropout: expected two numbers in [0, 1), got {dropout!r}.")
    layers: list[nn.Module] = [nn.Flatten()]
    for i, (n_in, n_out) in enumerate(pairwise(widths)):
        layers += [nn.Dropout(rates[i > 0])] * (rates[i > 0] > 0)
        if pieces is None:
            layers += [nn.Linear(n_in, n_out), nn.LeakyReLU(0.2)]
        else:
            layers += [Maxout(n_in, n_out, pieces)]
    layers += [nn.Dropout(rates[1])] * (rates[1] > 0)
    return nn.Sequential(*layers, nn.Linear(widths[-1], 1))


def conv_generator(
    n_noise: int, image_shape: ImageShape, channels: Sequence[int] = (64, 32)
) -> nn.Sequential:
    """Noise (N, n_noise) → images in (0, 1): a dense layer, then transposed convolutions that double the side.

    Parameters
    ----------
    channels
        After the dense layer, and after each doubling but the last, which makes the image. The sides have to be
        divisible by two as often.

    References
    ----------
    Radford, Metz and Chintala, Unsupervised Representation Learning with Deep Convolutional Generative
    Adversarial Networks, 2016: its batch normalization and rectifiers.
    """
    check_count(n_noise, "n_noise")
    height, width = _reduced(image_shape, channels)
    layers: list[nn.Module] = [
        nn.Linear(n_noise, channels[0] * height * width),
        nn.Unflatten(1, (channels[0], height, width)),
    ]
    for before, after in pairwise([*channels, image_shape[0]]):
        layers += [
            nn.BatchNorm2d(before),
            nn.ReLU(),
            nn.ConvTranspose2d(before, after, 4, stride=2, padding=1),
        ]
    return nn.Sequential(*layers, nn.Sigmoid())


def conv_discriminator(
    image_shape: ImageShape, channels: Sequence[int] = (32, 64)
) -> nn.Sequential:
    """Images (N, C, H, W) → logits (N, 1): strided convolutions that halve the side, with leaky rectifiers.

    There is no batch normalization: it would let examples of a batch speak of each other, which a gradient penalty
    must not see.
    """
    height, width = _reduced(image_shape, channels)
    layers: list[nn.Module] = []
    for before, after in pairwise([image_shape[0], *channels]):
        layers += [nn.Conv2d(before, after, 4, stride=2, padding=1), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(channels[-1] * height * width, 1))


def _check_hidden(hidden: Sequence[int]) -> Sequence[int]:
    check_kind(hidden, "hidden", Sequence, "Give the widths of the layers, such as (256,).")
    for size in hidden:
        check_count(size, "hidden")
    return hidden


def _check_image_shape(image_shape: ImageShape) -> ImageShape:
    check_kind(image_shape, "image_shape", Sequence, "Give (channels, height, width).")
    if len(image_shape) != 3:
        raise ValueError(f"image_shape: expected (C, H, W), got {image_shape!r}.")
    for size in image_shape:
        check_count(size, "image_shape")
    return image_shape


def _reduced(image_shape: ImageShape, channels: Sequence[int]) -> tuple[int, int]:
    """Height and width after one halving for each entry of channels."""
    _, height, width = _check_image_shape(image_shape)
    check_kind(channels, "channels", Sequence, "Give one number for each layer, such as (32, 64).")
    for count in channels:
        check_count(count, "channels")
    factor = 2 ** len(channels)
    if not channels or height % factor or width % factor:
        raise ValueError(
            f"channels: expected one entry for each of the times that {height}×{width} is halved "
            f"without a remainder, got {len(channels)}."
        )
    return height // factor, width // factor
