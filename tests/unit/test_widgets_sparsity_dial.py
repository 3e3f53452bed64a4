"""The dial of sparsity: the numbers that it shows, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from gennb.widgets import SparsityDial

SHAPE = (1, 4, 4)
Model = tuple[nn.Module, nn.Module]


def model(
    units: int = 9, end: type[nn.Module] = nn.ReLU, *after: nn.Module, pixels: int = 16
) -> Model:
    return (
        nn.Sequential(nn.Linear(pixels, units), end()),
        nn.Sequential(nn.Linear(units, pixels), *after),
    )


def pictures(n: int = 3) -> torch.Tensor:
    return torch.linspace(0, 1, n * 16).reshape(n, *SHAPE)


def dial(**changes: Any) -> SparsityDial:
    torch.manual_seed(0)
    options = {
        "models": [model(), model(9, nn.Sigmoid, nn.Sigmoid())],
        "targets": [0.1, 0.5],
        "pictures": pictures(),
        "image_shape": SHAPE,
    }
    return SparsityDial(**options | changes)


@torch.no_grad()
@pytest.mark.parametrize("at", [0, 1])
def test_numbers_are_those_of_the_networks(at: int) -> None:
    torch.manual_seed(1)
    models = [model(), model(9, nn.Sigmoid, nn.Sigmoid())]
    shown = dial(models=models, model=at)
    shown.picture, shown.unit, shown.silent = 2, 4, True
    encoder, decoder = models[at]
    x = pictures()[2].flatten()
    code = encoder(x)
    heard = code.clone()
    heard[3] = 0
    now = shown.numbers()
    assert now["unit"] == 4
    assert now["activation"] == pytest.approx(float(code[3]), abs=0.01)
    assert now["on"] == int((code > (0.5 if at else 0)).sum())
    before, after = (float((decoder(h) - x).square().sum()) for h in (code, heard))
    assert now["error_before"] == pytest.approx(before, abs=0.03)
    assert now["error"] == pytest.approx(after, abs=0.03)
    shown.unit, shown.silent = 0, False
    now = shown.numbers()
    assert now["unit"] == 1 + int(code.argmax())
    assert now["error"] == now["error_before"]


@torch.no_grad()
def test_a_silenced_unit_takes_just_its_filter_away() -> None:
    shown = dial()
    shown.unit = 1 + int(shown._look()["code"].argmax())
    spoken = shown._look()
    shown.silent = True
    heard = shown._look()
    lost = spoken["rebuilt"] - heard["rebuilt"]
    assert spoken["activation"] > 0
    assert torch.allclose(lost, spoken["activation"] * spoken["filter"], atol=1e-6)


def test_pictures_travel_as_grays() -> None:
    shown = dial()
    assert (shown._images() - pictures()).abs().max() <= 0.5 / 255 + 1e-6


def test_the_size_of_four_models() -> None:
    models = [model(100, pixels=784) for _ in range(4)]
    shown = SparsityDial(models, [0.02, 0.05, 0.1, 0.3], torch.zeros(10, 1, 28, 28))
    assert len(shown.weights) == 4 * (2 * 784 * 100 + 8 * (784 + 100)) == 655_488
    assert len(shown.pictures) == 7840


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"models": [model()]}, "models: expected 2 to 5 pairs, got 1"),
        ({"models": [model()] * 6}, "models: expected 2 to 5 pairs, got 6"),
        ({"models": [model(), model(8)]}, r"models: expected codes of one size.*\[9, 8\]"),
        ({"models": [model(257)] * 2}, r"at most 256, got \[257, 257\]"),
        (
            {"models": [model(), (model()[0], nn.Sequential(*model()[1], nn.ReLU()))]},
            r"models\[1\], decoder: expected one nn.Linear.*relu",
        ),
        ({"models": [model(9, nn.Tanh)] * 2}, r"models\[0\], encoder: expected nn.ReLU.*tanh"),
        ({"image_shape": (1, 5, 5)}, "does not accept an input of shape"),
        ({"image_shape": (3, 4, 4)}, r"image_shape: expected \(1, height, width\)"),
        ({"targets": [0.5, 0.1]}, "targets: expected increasing numbers"),
        ({"targets": [0.1, 1.1]}, "targets: expected a share in"),
        ({"targets": [0.1, 0.2, 0.3]}, "targets: expected one for each of 2 models"),
        ({"pictures": pictures(11)}, "pictures: expected at most 10, got 11"),
        ({"pictures": pictures().flatten(1)}, "pictures: expected shape"),
        ({"pictures": 2 * pictures()}, r"pictures: expected values in \[0.0, 1.0\]"),
        ({"model": 2}, "model: expected an index below 2"),
    ],
)
def test_it_refuses_nonsense(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        dial(**changes)


def test_it_refuses_what_are_no_pairs_and_what_is_too_large() -> None:
    with pytest.raises(TypeError, match=r"models: expected pairs \[\(encoder, decoder\)"):
        dial(models=[nn.Linear(16, 9)] * 2)
    with pytest.raises(TypeError, match="models: expected pairs"):
        dial(models=None)
    with pytest.raises(ValueError, match="models: expected weights of at most 800,000 bytes"):
        SparsityDial([model(144, pixels=784)] * 4, [0.1, 0.2, 0.3, 0.4], torch.zeros(1, 1, 28, 28))
