"""The plane of an autoencoder's codes: the numbers that it shows, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from gennb.widgets import CodePlane
from gennb.widgets.autoencoders.codes import unpack_codes

SHAPE = (1, 4, 4)


def encoder(units: int = 2) -> nn.Sequential:
    return nn.Sequential(nn.Linear(16, 8), nn.Tanh(), nn.Linear(8, units))


def decoder() -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 16), nn.Sigmoid(), nn.Unflatten(1, SHAPE)
    )


def plane(**changes: Any) -> CodePlane:
    torch.manual_seed(0)
    codes = 30 + 5 * torch.randn(50, 2)
    options = {
        "encoder": encoder(),
        "decoder": decoder(),
        "image_shape": SHAPE,
        "codes": codes,
        "labels": torch.arange(50) % 10,
    }
    return CodePlane(**options | changes)


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_the_plane_is_a_square_around_the_codes(scale: float) -> None:
    torch.manual_seed(0)
    codes = scale * torch.randn(50, 2) + torch.tensor([10 * scale, 0.0])
    shown = plane(codes=codes)
    kept = torch.from_numpy(unpack_codes(shown.codes)) * shown.extent + torch.tensor(shown.center)
    assert torch.allclose(kept, codes.double(), rtol=0, atol=shown.extent / 4000)
    reach = torch.from_numpy(unpack_codes(shown.codes)).abs().amax(0)
    assert float(reach.max()) == pytest.approx(1 / 1.08, rel=1e-3)
    apart = torch.cdist(kept, kept).fill_diagonal_(torch.inf)
    assert shown.gap == pytest.approx(float(apart.amin(1).median()), rel=1e-3)


def test_the_point_starts_on_the_first_code_or_where_it_is_told() -> None:
    torch.manual_seed(0)
    codes = 30 + 5 * torch.randn(50, 2)
    assert plane(codes=codes).y == codes[0].tolist()
    assert plane(codes=codes, y=(31.0, 29.0)).y == [31.0, 29.0]


def test_a_round_trip_is_that_of_the_networks() -> None:
    up, down = encoder(), decoder()
    shown = plane(encoder=up, decoder=down, dtype="float32", y=(31.0, 29.0))
    with torch.no_grad():
        landing = up(down(torch.tensor([[31.0, 29.0]])).flatten(1))
    assert shown.round_trip() == pytest.approx(landing[0].tolist(), abs=1e-5)


def test_an_encoder_may_take_images() -> None:
    up = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8, 2))
    shown = plane(encoder=up, dtype="float32", y=(31.0, 29.0))
    with torch.no_grad():
        landing = up(shown._pair.picture([31.0, 29.0])[None])
    assert shown.round_trip() == pytest.approx(landing[0].tolist(), abs=1e-5)
    flat = nn.Sequential(nn.Flatten(), encoder())
    assert plane(encoder=flat).networks[0][0][-1]["shape"] == [2]


def test_it_leaves_the_dice_alone() -> None:
    arguments = {"encoder": encoder(), "decoder": decoder(), "image_shape": SHAPE}
    codes, labels = torch.randn(50, 2), torch.arange(50) % 10
    torch.manual_seed(3)
    expected = torch.rand(3)
    torch.manual_seed(3)
    CodePlane(**arguments, codes=codes, labels=labels)
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"encoder": encoder(3)}, "encoder: expected 2 outputs"),
        ({"decoder": encoder()}, r"decoder: module\[0\].*does not accept an input of shape \(2,\)"),
        ({"decoder": nn.Linear(2, 9)}, "decoder: expected 16 outputs"),
        ({"codes": torch.zeros(50, 2)}, "codes: expected two that differ"),
        ({"codes": torch.randn(50, 3)}, "codes: expected shape"),
        ({"codes": torch.randn(5000, 2)}, "codes: expected at most 4096"),
        ({"codes": torch.full((50, 2), torch.nan)}, "codes: expected finite values"),
        ({"labels": torch.arange(49)}, "labels: expected 50 integers"),
        ({"classes": ["a"]}, "classes: expected a name for each of 10"),
        ({"y": (99.0, 0.0)}, "y: expected a coordinate in"),
        ({"image_shape": (2, 4, 2)}, "1 or 3 channels"),
        ({"dtype": "int4"}, "dtype: expected one of"),
    ],
)
def test_it_refuses_nonsense(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        plane(**changes)


def test_it_refuses_what_is_no_network_or_tensor() -> None:
    with pytest.raises(TypeError, match="encoder: expected an instance of Module, got str"):
        plane(encoder="mlp")
    with pytest.raises(TypeError, match="labels: expected an instance of Tensor, got NoneType"):
        plane(labels=None)
    with pytest.raises(TypeError, match="BatchNorm1d cannot be packed"):
        plane(encoder=nn.Sequential(nn.Linear(16, 2), nn.BatchNorm1d(2)))
