"""Building blocks that several parts of the book share: plain chains of layers, to be read, exported and swapped."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from typing import TypeVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from gennb._validate import check_count, check_kind, check_number, checked

__all__ = [
    "Maxout",
    "Packed",
    "ParallelLinear",
    "conv_decoder",
    "conv_encoder",
    "glorot_uniform_",
    "he_normal_",
    "mlp",
    "mlp_decoder",
    "mlp_encoder",
    "pooling_encoder",
    "upsampling_decoder",
]

ImageShape = tuple[int, int, int]
Activation = Callable[[], nn.Module]
_Network = TypeVar("_Network", bound=nn.Module)


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
    """A network that judges several examples at once, so that it can see when they are too much alike.

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
    sizes: Sequence[int], activation: Activation = nn.ReLU, copies: int | None = None
) -> nn.Sequential:
    """Dense layers with an activation between them.

    Parameters
    ----------
    sizes
        Widths from the input to the output, (..., sizes[0]) → (..., sizes[-1]).
    activation
        Makes the module that follows each layer but the last: a class, or a function without arguments.
    copies
        Make so many networks at once, with a copy axis before the features (see `ParallelLinear`).
    """
    check_widths(sizes, "sizes", least=2)
    if copies is None:
        return nn.Sequential(*_dense(sizes, activation))
    return nn.Sequential(
        *_dense(sizes, activation, partial(ParallelLinear, check_count(copies, "copies")))
    )


def mlp_encoder(
    image_shape: ImageShape, n_out: int, hidden: Sequence[int], activation: Activation = nn.ReLU
) -> nn.Sequential:
    """Images (N, C, H, W) → (N, n_out) through dense layers.

    Parameters
    ----------
    image_shape
        (C, H, W).
    n_out
        Width of the last layer, which has no activation.
    hidden
        Widths of the layers before it.
    activation
        As for `mlp`.
    """
    check_widths(hidden, "hidden")
    sizes = (math.prod(check_image_shape(image_shape)), *hidden, check_count(n_out, "n_out"))
    return nn.Sequential(nn.Flatten(), *_dense(sizes, activation))


def mlp_decoder(
    n_latent: int,
    image_shape: ImageShape,
    hidden: Sequence[int],
    activation: Activation = nn.ReLU,
    *,
    batch_norm: bool = False,
) -> nn.Sequential:
    """Codes (N, n_latent) → (N, C, H, W), any real numbers, through the mirror image of the dense encoder.

    Arguments as for `mlp_encoder`; ``batch_norm`` normalizes before each activation.
    """
    check_widths(hidden, "hidden")
    n_pixels = math.prod(check_image_shape(image_shape))
    sizes = (check_count(n_latent, "n_latent"), *reversed(hidden), n_pixels)
    return nn.Sequential(
        *_dense(sizes, activation, batch_norm=batch_norm), nn.Unflatten(1, tuple(image_shape))
    )


def conv_encoder(
    image_shape: ImageShape, n_out: int, channels: Sequence[int], activation: Activation = nn.ReLU
) -> nn.Sequential:
    """Images (N, C, H, W) → (N, n_out): each strided convolution halves the side, rounding up; a dense layer ends it.

    Parameters
    ----------
    image_shape, n_out, activation
        As for `mlp_encoder`.
    channels
        After each convolution.
    """
    sides = _sides(image_shape, check_widths(channels, "channels", least=1))
    check_count(n_out, "n_out")
    layers: list[nn.Module] = []
    for (before, after), side in zip(pairwise([image_shape[0], *channels]), sides, strict=False):
        layers += [nn.Conv2d(before, after, _kernel(side), stride=2, padding=1), _made(activation)]
    n_features = channels[-1] * math.prod(sides[-1])
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(n_features, n_out))


def conv_decoder(
    n_latent: int,
    image_shape: ImageShape,
    channels: Sequence[int],
    activation: Activation = nn.ReLU,
    *,
    batch_norm: bool = False,
) -> nn.Sequential:
    """Codes (N, n_latent) → (N, C, H, W): a dense layer, then transposed convolutions that undo the halvings.

    Arguments as for `conv_encoder`, whose mirror image it is; ``batch_norm`` normalizes before each activation.
    """
    sides = _sides(image_shape, check_widths(channels, "channels", least=1))
    layers: list[nn.Module] = [
        nn.Linear(check_count(n_latent, "n_latent"), channels[-1] * math.prod(sides[-1])),
        nn.Unflatten(1, (channels[-1], *sides[-1])),
    ]
    for (before, after), side in zip(
        pairwise([*reversed(channels), image_shape[0]]), sides[-2::-1], strict=True
    ):
        layers += [nn.BatchNorm2d(before)] if batch_norm else []
        layers += [
            _made(activation),
            nn.ConvTranspose2d(before, after, _kernel(side), stride=2, padding=1),
        ]
    return nn.Sequential(*layers)


def pooling_encoder(
    image_shape: ImageShape, n_out: int, channels: Sequence[int], activation: Activation = nn.ReLU
) -> nn.Sequential:
    """Images (N, C, H, W) → (N, n_out): convolutions of 3 × 3, each with the maxima of 2 × 2, then a dense layer.

    Arguments as for `conv_encoder`. Pooling halves the sides, rounding up.
    """
    sides = _sides(image_shape, check_widths(channels, "channels", least=1))
    layers: list[nn.Module] = []
    for before, after in pairwise([image_shape[0], *channels]):
        layers += [nn.Conv2d(before, after, 3, padding=1), _made(activation)]
        layers += [nn.MaxPool2d(2, ceil_mode=True)]
    n_features = channels[-1] * math.prod(sides[-1])
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(n_features, check_count(n_out, "n_out")))


def upsampling_decoder(
    n_latent: int,
    image_shape: ImageShape,
    channels: Sequence[int],
    activation: Activation = nn.ReLU,
) -> nn.Sequential:
    """Codes (N, n_latent) → (N, C, H, W): a dense layer, then pixels doubled, each time with a convolution of 3 × 3.

    Arguments as for `pooling_encoder`, whose mirror image it is.
    """
    sides = _sides(image_shape, check_widths(channels, "channels", least=1))
    layers: list[nn.Module] = [
        nn.Linear(check_count(n_latent, "n_latent"), channels[-1] * math.prod(sides[-1])),
        nn.Unflatten(1, (channels[-1], *sides[-1])),
    ]
    for (before, after), side in zip(
        pairwise([*reversed(channels), image_shape[0]]), sides[-2::-1], strict=True
    ):
        layers += [_made(activation), nn.Upsample(side), nn.Conv2d(before, after, 3, padding=1)]
    return nn.Sequential(*layers)


def he_normal_(network: _Network) -> _Network:
    """Draw all dense and convolutional weights anew from N(0, 2/n), n the inputs of a unit; thresholds become zero.

    A signal keeps its mean square on its way through layers of rectified units. Returns the network itself.

    References
    ----------
    He, Zhang, Ren and Sun, Delving Deep into Rectifiers, 2015.
    """
    return _drawn_anew(network, partial(nn.init.kaiming_normal_, nonlinearity="relu"))


def glorot_uniform_(network: _Network, gain: float = 1.0) -> _Network:
    """Draw all dense and convolutional weights anew, uniform on ±gain·√(6/(n + m)); thresholds become zero.

    n and m are the inputs and the outputs of a layer. Signals and slopes keep about their size through units that have
    the slope 1/gain at zero: 1 for tanh, 4 for logistic units. Returns the network itself.

    References
    ----------
    Glorot and Bengio, Understanding the Difficulty of Training Deep Feedforward Neural Networks, 2010.
    """
    check_number(gain, "gain", above=0)
    return _drawn_anew(network, partial(nn.init.xavier_uniform_, gain=gain))


def _drawn_anew(network: _Network, draw: Callable[[Tensor], Tensor]) -> _Network:
    check_kind(network, "network", nn.Module)
    for layer in network.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d):
            draw(layer.weight)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
    return network


def check_image_shape(image_shape: ImageShape) -> ImageShape:
    """Return ``image_shape`` if it is (C, H, W)."""
    check_kind(image_shape, "image_shape", Sequence, "Give (channels, height, width).")
    if len(image_shape) != 3:
        raise ValueError(f"image_shape: expected (C, H, W), got {image_shape!r}.")
    for size, axis in zip(image_shape, "CHW", strict=True):
        check_count(size, f"image_shape, {axis}")
    return image_shape


def check_widths(widths: Sequence[int], name: str, least: int = 0) -> Sequence[int]:
    """Return ``widths`` if it holds at least so many whole numbers above zero."""
    check_kind(widths, name, Sequence, "Give one width for each layer, such as (64, 32).")
    for width in widths:
        check_count(width, name)
    if len(widths) < least:
        raise ValueError(
            f"{name}: expected at least {('one layer', 'input and output')[least - 1]}, got {widths!r}. "
            f"Try {name}=(64, 32)."
        )
    return widths


def _dense(
    sizes: Sequence[int],
    activation: Activation,
    layer: Callable[[int, int], nn.Module] = nn.Linear,
    *,
    batch_norm: bool = False,
) -> list[nn.Module]:
    _made(activation)  # a wrong one is refused where none is needed, too
    layers: list[nn.Module] = []
    for i, (n_in, n_out) in enumerate(pairwise(sizes)):
        if i:
            layers += [nn.BatchNorm1d(n_in)] if batch_norm else []
            layers += [_made(activation)]
        layers += [layer(n_in, n_out)]
    return layers


def _made(activation: Activation) -> nn.Module:
    made = None if isinstance(activation, nn.Module) or not callable(activation) else activation()
    if not isinstance(made, nn.Module):
        raise TypeError(f"activation: expected a class such as nn.ReLU, got {activation!r}.")
    return made


def _kernel(side: tuple[int, int]) -> tuple[int, int]:
    """Kernel sizes that, with stride 2 and padding 1, lead from a side to its half rounded up, and back."""
    return (4 - side[0] % 2, 4 - side[1] % 2)


def _sides(image_shape: ImageShape, channels: Sequence[int]) -> list[tuple[int, int]]:
    """Height and width before the first halving, and after each."""
    _, height, width = check_image_shape(image_shape)
    return [(-(-height // 2**i), -(-width // 2**i)) for i in range(len(channels) + 1)]
