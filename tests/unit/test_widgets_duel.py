"""The duel's Python side: what travels to the page, its still picture of any game, and what it refuses."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
import torch
from ipywidgets import embed
from PIL import Image
from torch import nn

from gennb.widgets import Duel, unpack

from ..explorables import player


def duel(**changes: Any) -> Duel:
    torch.manual_seed(0)
    players = {"generator": player(), "discriminator": player(kind=nn.LeakyReLU)}
    return Duel(**players | changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"loss": "wasserstein", "prior": "uniform", "data": ((1, 0.5, 0.4),)},
        {"generator": nn.Sequential(nn.Linear(1, 1))},
    ],
)
def test_still_shows_any_game(changes: dict[str, Any]) -> None:
    image = Image.open(io.BytesIO(duel(**changes).still))
    image.load()
    assert image.width >= 500
    assert len(image.convert("RGB").getcolors()) > 8


def test_weights_travel_as_they_are() -> None:
    torch.manual_seed(1)
    G, D = player(), player(kind=nn.ReLU)
    widget = Duel(G, D)
    z = torch.randn(50, 1)
    with torch.no_grad():
        for module, spec, weights in (
            (G, widget.generator, widget.generator_weights),
            (D, widget.discriminator, widget.discriminator_weights),
        ):
            assert torch.equal(unpack(spec, weights)(z), module(z))
            flat = torch.cat([p.flatten() for p in module.parameters()])
            assert torch.equal(torch.frombuffer(bytearray(weights), dtype=torch.float32), flat)


def test_weights_travel_as_bytes_and_are_small() -> None:
    widget = duel()
    saved = json.dumps(embed.dependency_state([widget], drop_defaults=False))
    buffers = {buffer["path"][0] for buffer in json.loads(saved)[widget.model_id]["buffers"]}
    assert {"generator_weights", "discriminator_weights"} <= buffers
    assert len(saved) <= 85_000


def test_weights_of_humps_sum_to_one() -> None:
    assert duel(data=((1, -2, 0.5), (3, 2, 0.6))).data == [[0.25, -2.0, 0.5], [0.75, 2.0, 0.6]]
    assert duel(data=[[7, 1, 1]]).data == [[1.0, 1.0, 1.0]]


def without_bias() -> nn.Module:
    return nn.Sequential(nn.Linear(1, 8, bias=False), nn.Tanh(), nn.Linear(8, 1))


def not_finite() -> nn.Module:
    module = player()
    module[0].weight.data[0] = torch.nan
    return module


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"generator": "mlp"}, TypeError, "generator: expected an instance of Module"),
        ({"generator": nn.Sequential()}, ValueError, "generator: .*at least one layer"),
        ({"generator": nn.Sequential(nn.Tanh())}, ValueError, "generator: .*from 1 number to 1"),
        ({"generator": nn.Sequential(nn.Linear(2, 1))}, ValueError, "generator: .*accept"),
        ({"discriminator": nn.Sequential(nn.Linear(1, 2))}, ValueError, "from 1 number to 1"),
        ({"discriminator": nn.Sequential(nn.Linear(1, 1), nn.Sigmoid())}, TypeError, "Sigmoid"),
        ({"discriminator": without_bias()}, TypeError, "bias"),
        ({"discriminator": not_finite()}, ValueError, "discriminator: .*finite"),
        ({"generator": player(width=100)}, ValueError, "at most 5000 parameters"),
        ({"data": ()}, TypeError, "one or two humps"),
        ({"data": ((1, 0),)}, ValueError, "weight, mean"),
        ({"data": ((0, 0, 1),)}, ValueError, "expected a weight in"),
        ({"data": ((1, 5, 1),)}, ValueError, "expected a mean in"),
        ({"data": ((1, 0, 0.1),)}, ValueError, "expected a standard deviation in"),
        ({"loss": "hinge"}, ValueError, "loss: expected one of"),
        ({"optimizer": "lbfgs"}, ValueError, "optimizer: expected one of"),
        ({"prior": "cauchy"}, ValueError, "prior: expected one of"),
        ({"k": 0}, ValueError, "k: expected at least 1"),
        ({"k": 6}, ValueError, "k: expected at most 5"),
        ({"lr": 0.1}, TypeError, "lr: expected 2 numbers"),
        ({"lr": (0.1, 0.5)}, ValueError, "lr: expected a rate of G in"),
        ({"betas": (0.5, 1.0)}, ValueError, "betas"),
        ({"batch_size": 5000}, ValueError, "batch_size"),
        ({"clip": 0.0}, ValueError, "clip"),
        ({"speed": 0}, ValueError, "speed"),
        ({"tilte": "x"}, TypeError, "unexpected tilte"),
    ],
)
def test_hostile_input(changes: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        duel(**changes)
