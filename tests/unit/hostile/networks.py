"""Good calls of ``gennb.networks``."""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from gennb import networks

from . import gan
from .inputs import SHAPE, Call

SHARED = ("Maxout", "Packed", "ParallelLinear", "mlp")

GOOD: dict[str, Callable[[], Call]] = {
    **{
        name.replace("gan", "networks"): call
        for name, call in gan.GOOD.items()
        if name.split(".")[1] in SHARED
    },
    "networks.mlp_encoder": lambda: (
        networks.mlp_encoder,
        {"image_shape": SHAPE, "n_out": 2, "hidden": (4, 3), "activation": nn.Tanh},
    ),
    "networks.mlp_decoder": lambda: (
        networks.mlp_decoder,
        {
            "n_latent": 2,
            "image_shape": SHAPE,
            "hidden": (4, 3),
            "activation": nn.Tanh,
            "batch_norm": True,
        },
    ),
    "networks.conv_encoder": lambda: (
        networks.conv_encoder,
        {"image_shape": SHAPE, "n_out": 2, "channels": (4, 3), "activation": nn.Tanh},
    ),
    "networks.conv_decoder": lambda: (
        networks.conv_decoder,
        {
            "n_latent": 2,
            "image_shape": SHAPE,
            "channels": (4, 3),
            "activation": nn.Tanh,
            "batch_norm": True,
        },
    ),
    "networks.pooling_encoder": lambda: (
        networks.pooling_encoder,
        {"image_shape": SHAPE, "n_out": 2, "channels": (4, 3), "activation": nn.Tanh},
    ),
    "networks.glorot_uniform_": lambda: (
        networks.glorot_uniform_,
        {"network": nn.Linear(2, 3), "gain": 4.0},
    ),
    "networks.he_normal_": lambda: (networks.he_normal_, {"network": nn.Linear(2, 3)}),
    "networks.upsampling_decoder": lambda: (
        networks.upsampling_decoder,
        {"n_latent": 2, "image_shape": SHAPE, "channels": (4, 3), "activation": nn.Tanh},
    ),
}
