"""Generators and discriminators: the shared chains of layers, as adversarial nets have them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from itertools import pairwise

from torch import nn

from gennb._validate import check_count, check_kind, check_number
from gennb.networks import (
    ImageShape,
    Maxout,
    check_image_shape,
    check_widths,
    conv_decoder,
    conv_encoder,
    mlp_decoder,
)

leaky = partial(nn.LeakyReLU, 0.2)


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
    n_noise, image_shape
        Width of the noise, and (C, H, W).
    hidden
        Widths of the layers between them, from the noise outwards.
    batch_norm
        Normalize before each rectifier, which guards against collapse. The 2014 paper had none.
    """
    check_count(n_noise, "n_noise")
    outwards = check_widths(hidden, "hidden")[::-1]
    decoder = mlp_decoder(n_noise, image_shape, outwards, batch_norm=batch_norm)
    return decoder.append(nn.Sigmoid())


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
    widths = [math.prod(check_image_shape(image_shape)), *check_widths(hidden, "hidden")]
    check_kind(dropout, "dropout", Sequence, "Give two numbers in [0, 1).")
    rates = [check_number(rate, "dropout", at_least=0.0) for rate in dropout]
    if len(rates) != 2 or max(rates) >= 1:
        raise ValueError(f"dropout: expected two numbers in [0, 1), got {dropout!r}.")
    layers: list[nn.Module] = [nn.Flatten()]
    for i, (n_in, n_out) in enumerate(pairwise(widths)):
        layers += [nn.Dropout(rates[i > 0])] * (rates[i > 0] > 0)
        if pieces is None:
            layers += [nn.Linear(n_in, n_out), leaky()]
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
    n_noise, image_shape
        Width of the noise, and (C, H, W).
    channels
        After the dense layer, and after each doubling but the last, which makes the image.

    References
    ----------
    Radford, Metz and Chintala, Unsupervised Representation Learning with Deep Convolutional Generative
    Adversarial Networks, 2016: its batch normalization and rectifiers.
    """
    check_count(n_noise, "n_noise")
    outwards = check_widths(channels, "channels", least=1)[::-1]
    return conv_decoder(n_noise, image_shape, outwards, batch_norm=True).append(nn.Sigmoid())


def conv_discriminator(
    image_shape: ImageShape, channels: Sequence[int] = (32, 64)
) -> nn.Sequential:
    """Images (N, C, H, W) → logits (N, 1): strided convolutions that halve the side, with leaky rectifiers.

    There is no batch normalization: it would let examples of a batch speak of each other, which a gradient penalty
    must not see.

    Parameters
    ----------
    image_shape
        (C, H, W).
    channels
        After each convolution.
    """
    return conv_encoder(image_shape, 1, channels, leaky)
