"""Packed networks: what comes back is what went in, and what cannot be packed says why."""

from __future__ import annotations

import json

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from gennb.widgets import pack, unpack

DENSE = (
    (2,),
    lambda: [
        nn.Linear(2, 24),
        nn.SiLU(),
        nn.Linear(24, 16),
        nn.Tanh(),
        nn.Linear(16, 9),
        nn.Sigmoid(),
    ],
)
DECODER = (
    (5,),
    lambda: [
        nn.Linear(5, 8 * 4 * 4),
        nn.Unflatten(1, (8, 4, 4)),
        nn.Sequential(nn.LeakyReLU(0.2), nn.ConvTranspose2d(8, 6, 4, 2, 1)),
        nn.ReLU(),
        nn.ConvTranspose2d(6, 3, 3, 2, 1, output_padding=1, bias=False),
        nn.Sigmoid(),
    ],
)
ENCODER = (
    (3, 15, 12),
    lambda: [
        nn.Conv2d(3, 5, (3, 4), (2, 1), (1, 2)),
        nn.Softplus(),
        nn.Conv2d(5, 4, 3),
        nn.Flatten(),
        nn.Identity(),
        nn.Linear(4 * 6 * 11, 6),
    ],
)


@pytest.fixture(params=[DENSE, DECODER, ENCODER], ids=["dense", "decoder", "encoder"])
def case(request: pytest.FixtureRequest) -> tuple[nn.Module, torch.Tensor]:
    torch.manual_seed(0)
    shape, layers = request.param
    return nn.Sequential(*layers()), torch.randn(32, *shape)


@pytest.mark.parametrize(("dtype", "error"), [("float32", 0.0), ("float16", 2e-3), ("int8", 2e-2)])
def test_roundtrip(case: tuple[nn.Module, torch.Tensor], dtype: str, error: float) -> None:
    module, x = case
    spec, weights = pack(module, tuple(x.shape[1:]), dtype)
    again = unpack(json.loads(json.dumps(spec)), weights)
    with torch.no_grad():
        assert (again(x) - module(x)).abs().max() <= error
        assert again(x).shape == module(x).shape


def test_int8_is_the_nearest_of_255_levels_in_each_row() -> None:
    layer = nn.Linear(50, 7)
    with torch.no_grad():
        layer.weight.mul_(torch.logspace(-6, 3, 7)[:, None])  # rows of very different size
    again = unpack(*pack(nn.Sequential(layer), 50, "int8"))[0]
    step = layer.weight.abs().amax(1, keepdim=True) / 127
    assert ((again.weight - layer.weight).abs() <= step * 0.5001).all()
    assert torch.equal(again.bias, layer.bias)


@pytest.mark.parametrize(("dtype", "size"), [("float32", 4), ("float16", 2), ("int8", 1)])
def test_size_in_bytes(dtype: str, size: int) -> None:
    _, weights = pack(nn.Sequential(nn.Linear(10, 20), nn.ReLU(), nn.Linear(20, 5)), 10, dtype)
    scales = (20 + 5) * (4 + 4) if dtype == "int8" else (20 + 5) * size  # with the biases
    assert len(weights) == (200 + 100) * size + scales


@pytest.mark.parametrize(
    ("module", "shape", "dtype", "error", "message"),
    [
        (
            nn.Sequential(nn.Linear(2, 3), nn.GELU()),
            2,
            "int8",
            TypeError,
            "GELU.*Use Linear, Conv2d",
        ),
        (
            nn.Sequential(nn.Sequential(nn.BatchNorm1d(2))),
            2,
            "int8",
            TypeError,
            r"\[0\]\[0\].*BatchNorm1d",
        ),
        (nn.Conv2d(4, 4, 3, groups=2), (4, 8, 8), "int8", TypeError, "groups 1"),
        (nn.Conv2d(4, 4, 3, padding="same"), (4, 8, 8), "int8", TypeError, "padding"),
        (nn.Softplus(beta=2), 2, "int8", TypeError, "beta"),
        (nn.Linear(3, 2), 2, "int8", ValueError, "does not accept"),
        (nn.Linear(3, 2), (2, 3), "int8", ValueError, "Flatten"),
        (nn.Linear(3, 2), 3, "float64", ValueError, "dtype"),
        (nn.Linear(3, 2), (0,), "int8", ValueError, "input_shape"),
        (nn.Linear(3, 2), (3.0,), "int8", ValueError, "input_shape"),
        (nn.Sequential(), 3, "int8", ValueError, "at least one layer"),
        ("decoder", 3, "int8", TypeError, "str"),
    ],
)
def test_hostile_input(module, shape, dtype, error, message) -> None:
    with pytest.raises(error, match=message):
        pack(module, shape, dtype)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_parameters_that_are_not_finite(value: float) -> None:
    layer = nn.Linear(3, 2)
    layer.bias.data[1] = value
    with pytest.raises(ValueError, match="finite"):
        pack(layer, 3, "int8")


def test_float16_overflow() -> None:
    layer = nn.Linear(3, 2)
    layer.weight.data[0, 0] = 1e5
    with pytest.raises(ValueError, match="overflows float16"):
        pack(layer, 3, "float16")
    pack(layer, 3, "float32")


@settings(max_examples=25, deadline=None)
@given(st.integers(-400, 400).filter(bool))
def test_weights_of_the_wrong_length(change: int) -> None:
    spec, weights = pack(nn.Linear(10, 8), 10, "float16")
    wrong = weights[:change] if change < 0 else weights + bytes(change)
    with pytest.raises(ValueError, match="bytes"):
        unpack(spec, wrong)
