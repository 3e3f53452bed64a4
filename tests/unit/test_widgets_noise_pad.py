"""The pad of noise: what it opens with, and what it refuses."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from gennb.widgets import NoisePad, unpack
from gennb.widgets.autoencoders.mending import sprinkle

SHAPE = (1, 4, 4)


def mender() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(16, 8), nn.ReLU(), nn.Linear(8, 16), nn.Sigmoid())


def pictures(n: int = 3) -> torch.Tensor:
    return (torch.arange(n * 16).reshape(n, 1, 4, 4) % 3 == 0).float()


@pytest.mark.parametrize("share", [0.0, 0.1, 0.25, 0.5, 1.0])
def test_noise_takes_its_share_of_the_pixels(share: float) -> None:
    taken = round(share * 784)
    on_paper, on_ink = (sprinkle(torch.full((28, 28), v), share) for v in (0.0, 1.0))
    same = on_paper == on_ink  # where the coin has decided
    assert int(same.sum()) == taken
    assert float(on_paper[same].mean() if taken else 0.5) == pytest.approx(0.5, abs=0.1)
    assert not on_paper[~same].any()
    assert on_ink[~same].all()


def test_more_noise_takes_more_of_the_same_pixels() -> None:
    clean = torch.zeros(28, 28)
    few, many = sprinkle(clean, 0.2), sprinkle(clean, 0.6)
    assert (few <= many).all()
    assert few.sum() < many.sum()


def test_it_opens_with_noise_on_its_first_picture() -> None:
    x = pictures()
    for starts in (x, x.flatten(1)):
        shown = NoisePad(mender(), starts, image_shape=SHAPE, noise=0.5)
        assert torch.equal(shown.picture(), sprinkle(x[0, 0], 0.5))
        assert shown.starts[0] == [0b1001, 0b0010, 0b0100, 0b1001]
    clean = NoisePad(mender(), x, image_shape=SHAPE, noise=0.0)
    assert torch.equal(clean.picture(), x[0, 0])


@torch.no_grad()
def test_it_packs_its_denoiser_closely() -> None:
    shown, x = NoisePad(mender(), pictures(), image_shape=SHAPE), torch.rand(100, 16)
    assert (unpack(shown.network, shown.weights)(x) - mender()(x)).abs().max() < 0.01


def test_its_example_mends() -> None:
    shown = NoisePad.example()
    denoiser, clean = unpack(shown.network, shown.weights), NoisePad._example()["starts"]
    noisy = torch.stack([sprinkle(x.reshape(28, 28), 0.25).flatten() for x in clean])
    with torch.no_grad():
        wrong = (denoiser(noisy) > 0.5) != (clean > 0.5)
    assert wrong.sum() < 0.7 * (noisy != clean).sum()


def test_it_refuses_nonsense() -> None:
    x, layers = pictures(), mender()
    with pytest.raises(TypeError, match="denoiser: expected an instance of Module, got str"):
        NoisePad("denoiser", x, image_shape=SHAPE)
    with pytest.raises(ValueError, match="denoiser: expected 16 outputs"):
        NoisePad(nn.Linear(16, 9), x, image_shape=SHAPE)
    with pytest.raises(ValueError, match=r"denoiser: expected pixels in \[0, 1\].*got linear"):
        NoisePad(layers[:-1], x, image_shape=SHAPE)
    with pytest.raises(ValueError, match="starts: expected zeros and ones"):
        NoisePad(layers, x * 0.5, image_shape=SHAPE)
    with pytest.raises(ValueError, match="starts: expected at most 10 pictures"):
        NoisePad(layers, pictures(11), image_shape=SHAPE)
    with pytest.raises(ValueError, match=r"image_shape: expected \(1, height, width\)"):
        NoisePad(layers, x, image_shape=(1, 4, 40))
    with pytest.raises(ValueError, match="noise: expected a number in"):
        NoisePad(layers, x, image_shape=SHAPE, noise=1.5)
