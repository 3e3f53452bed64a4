"""The explorables of the autoencoders: the numbers that they show, and what they refuse."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn
from torch.distributions import Normal, kl_divergence

from gennb.vae import VAE, pathwise_gradient, score_function_gradient
from gennb.widgets import ElboGap, FaceSliders, GradientVariance, LatentPad, Scrubber
from gennb.widgets.vae.gradient_variance import FUNCTIONS


def decoder(latent: int = 2, shape: tuple[int, ...] = (1, 8, 8)) -> nn.Module:
    size = torch.Size(shape).numel()
    return nn.Sequential(
        nn.Linear(latent, 16), nn.Tanh(), nn.Linear(16, size), nn.Unflatten(1, shape), nn.Sigmoid()
    )


def pad(**changes: Any) -> LatentPad:
    z = torch.randn(40, 2)
    return LatentPad(
        decoder(),
        **{"image_shape": (1, 8, 8), "codes": z, "labels": torch.arange(40) % 10, "columns": 5}
        | changes,
    )


def faces(**changes: Any) -> FaceSliders:
    encoder = nn.Sequential(nn.Flatten(), nn.Linear(3 * 64, 8))
    options = {
        "image_shape": (3, 8, 8),
        "directions": {"smile": torch.tensor([3.0, 0, 0, 4.0]), "turn": torch.ones(4)},
        "origin": torch.zeros(4),
        "cover": torch.randint(0, 256, (8, 8, 4), dtype=torch.uint8),
        "mask": torch.rand(8, 8),
    }
    return FaceSliders(encoder, decoder(4, (3, 8, 8)), **options | changes)


def scrubber(**changes: Any) -> Scrubber:
    options = {
        "codes": torch.randn(2, 3, 20, 2),
        "labels": torch.arange(20) % 10,
        "steps": [0, 10, 100],
        "betas": [0.5, 4.0],
        "reconstruction": torch.rand(2, 3) * 50,
        "kl": torch.rand(2, 3),
        "image_shape": (1, 8, 8),
        "columns": 5,
    }
    return Scrubber([[decoder() for _ in range(3)] for _ in range(2)], **options | changes)


@pytest.mark.parametrize(
    ("make", "changes", "message"),
    [
        (pad, {"codes": torch.randn(40, 3)}, "codes: expected shape"),
        (pad, {"codes": torch.full((40, 2), torch.nan)}, "finite"),
        (pad, {"codes": torch.randn(5000, 2), "labels": None}, "at most 4096"),
        (pad, {"codes": None}, "labels alone"),
        (pad, {"labels": torch.arange(39)}, "labels: expected 40"),
        (pad, {"labels": torch.rand(40)}, "labels: expected 40 integers"),
        (pad, {"labels": torch.arange(40) - 1}, "from 0 to 255"),
        (pad, {"classes": ["a", "b"]}, "name for each of 10"),
        (pad, {"image_shape": (1, 9, 9)}, "expected 81 outputs"),
        (pad, {"image_shape": (2, 8, 4)}, "1 or 3 channels"),
        (pad, {"z": (0.0, 4.0)}, "z: expected a coordinate in"),
        (pad, {"extent": 0.0}, "extent"),
        (faces, {"directions": {}}, "at least one"),
        (faces, {"directions": {"smile": torch.zeros(4)}}, "direction, got zeros"),
        (
            faces,
            {"directions": {"smile": torch.ones(5)}},
            r"expected shape \(4\)|expected shape \(4,\)",
        ),
        (faces, {"origin": torch.zeros(5)}, "direct|encoder|decoder|accept"),
        (faces, {"ranges": (1.0, 2.0)}, "expected a lowest in"),
        (faces, {"ranges": {"smile": (-1, 1)}}, "'turn'"),
        (faces, {"readouts": {"smile": torch.ones(4)}}, "turn lacks one"),
        (faces, {"cover": torch.zeros(8, 8, 4)}, "uint8"),
        (faces, {"mask": torch.full((8, 8), 2.0)}, "mask"),
        (faces, {"blur_sigma": 0.0}, "blur_sigma"),
        (scrubber, {"steps": [0, 100, 10]}, "steps: expected increasing"),
        (scrubber, {"betas": [1.0]}, "decoders: expected 1 rows"),
        (scrubber, {"kl": torch.rand(3, 2)}, "kl: expected shape"),
        (scrubber, {"reconstruction": -torch.ones(2, 3)}, "reconstruction"),
        (scrubber, {"step": 3}, "step: expected an index below 3"),
        (ElboGap, {"s": 0.3}, "s: expected"),
        (ElboGap, {"x": 9.0}, "x: expected a number in"),
        (ElboGap, {"std": float("nan")}, "std"),
        (GradientVariance, {"f": "sine"}, "f: expected one of cosine, pixels, square, step"),
        (GradientVariance, {"k": 0.0}, "k: expected a number in"),
        (GradientVariance, {"std": 3.0}, "std: expected a number in"),
    ],
)
def test_hostile_input(make: Any, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make(**changes)


def test_scrubber_refuses_mixed_architectures() -> None:
    row = [decoder(), decoder(), nn.Sequential(nn.Linear(2, 64), nn.Sigmoid())]
    with pytest.raises(ValueError, match="one architecture"):
        Scrubber(
            [row, row],
            codes=torch.randn(2, 3, 20, 2),
            labels=torch.arange(20),
            steps=[0, 1, 2],
            betas=[0, 1],
            reconstruction=torch.ones(2, 3),
            kl=torch.ones(2, 3),
            image_shape=(1, 8, 8),
        )


def test_scrubber_of_forty_snapshots_is_small() -> None:
    torch.manual_seed(0)

    def small() -> nn.Module:
        return nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 196), nn.Sigmoid())

    whole = Scrubber(
        [[small() for _ in range(8)] for _ in range(5)],
        codes=torch.randn(5, 8, 300, 2),
        labels=torch.arange(300) % 10,
        steps=[0, 10, 30, 100, 300, 1000, 3000, 9000],
        betas=[0.1, 0.5, 1, 4, 16],
        reconstruction=torch.rand(5, 8),
        kl=torch.rand(5, 8),
        image_shape=(1, 14, 14),
    )
    # Its style is part of one file for the whole site.
    parts = (whole.weights, whole.codes, whole.still, whole._esm.encode())
    assert sum(map(len, parts)) <= 450_000


def test_directions_have_length_one_unless_read_in_units_of_the_factor() -> None:
    assert faces().directions[0] == pytest.approx([0.6, 0, 0, 0.8])
    a = torch.tensor([1.0, 0, 0, 0])
    sliders = faces(readouts={"smile": a, "turn": 2 * a})
    assert sliders.directions[0] == pytest.approx([3.0, 0, 0, 4.0])
    assert sliders.readouts[1] == [2.0, 0, 0, 0]


@torch.no_grad()
def test_widths_are_those_of_the_projected_posterior() -> None:
    torch.manual_seed(1)
    sliders = faces(dtype="float32")
    encoder, decode = sliders._networks
    seen = decode(torch.tensor([[0.6 * 2, 0, 0, 0.8 * 2]]))
    mean, log_std = encoder(seen)[0].chunk(2)
    draws = mean + log_std.exp() * torch.randn(200_000, 4)
    along = draws @ torch.tensor([0.6, 0, 0, 0.8])
    looked = sliders.look([2.0, 0.0])
    assert looked["widths"][0] == pytest.approx(along.std().item(), rel=0.01)
    assert looked["means"][0] == pytest.approx(along.mean().item(), abs=0.02)


@pytest.mark.parametrize("posterior", ["diagonal", "full"])
@torch.no_grad()
def test_widths_are_those_of_the_vae(posterior: Any) -> None:
    torch.manual_seed(2)
    vae = VAE((3, 8, 8), 4, "gaussian", posterior=posterior, hidden=(12,))
    readout = {"smile": torch.tensor([1.0, -2.0, 0.5, 0.0])}
    sliders = FaceSliders(
        vae.encoder,
        nn.Sequential(vae.decoder, nn.Sigmoid()),
        image_shape=(3, 8, 8),
        directions=readout,
        readouts=readout,
        origin=torch.zeros(4),
        dtype="float32",
    )
    looked = sliders.look([0.7])
    seen = vae.decode(0.7 * readout["smile"][None])
    q = vae.encode(seen)
    noise = torch.eye(4)[:, None]
    factor = torch.stack([(q.at(e[None]) - q.mean)[0, 0] for e in noise], dim=1)  # z = mean + L e
    assert torch.allclose(looked["seen"], seen[0], atol=1e-5)
    assert looked["widths"][0] == pytest.approx(
        (factor.T @ readout["smile"]).norm().item(), rel=1e-4
    )


@torch.no_grad()
def test_cover_and_blur_change_only_what_they_should() -> None:
    cover = torch.zeros(8, 8, 4, dtype=torch.uint8)
    cover[5:, :, 0], cover[5:, :, 3] = 255, 255
    mask = torch.zeros(8, 8)
    mask[:2] = 1
    sliders = faces(cover=cover, mask=mask)
    plain = sliders.look()["seen"]
    covered = sliders.look(covered=True)["seen"]
    assert torch.equal(covered[:, :5], plain[:, :5])
    assert torch.equal(covered[:, 5:], torch.tensor([1.0, 0, 0])[:, None, None].expand(3, 3, 8))
    blurred = sliders.look(blurred=True)["seen"]
    assert torch.equal(blurred[:, 2:], plain[:, 2:])
    assert blurred[:, :2].std() < plain[:, :2].std()


@pytest.mark.parametrize("values", [{}, {"x": -2.0, "w": 0.4, "s": 1.3, "mean": 1.0, "std": 0.5}])
def test_elbo_numbers_against_quadrature(values: dict[str, float]) -> None:
    gap = ElboGap(**values)
    numbers = gap.numbers()
    z = torch.linspace(-14, 14, 40_001, dtype=torch.float64)
    q = Normal(torch.tensor(gap.mean, dtype=z.dtype), torch.tensor(gap.std, dtype=z.dtype))
    prior = Normal(torch.zeros((), dtype=z.dtype), 1.0)
    likelihood = Normal(gap.w * z, gap.s).log_prob(torch.tensor(gap.x, dtype=z.dtype))
    joint = likelihood + prior.log_prob(z)
    evidence = torch.trapezoid(joint.exp(), z).log()
    density = q.log_prob(z).exp()
    assert numbers["evidence"] == pytest.approx(evidence.item(), abs=1e-9)
    assert numbers["reconstruction"] == pytest.approx(
        torch.trapezoid(density * likelihood, z).item(), abs=1e-9
    )
    assert numbers["kl"] == pytest.approx(kl_divergence(q, prior).item(), abs=1e-6)
    true_gap = torch.trapezoid(density * (q.log_prob(z) - joint + evidence), z)
    assert numbers["gap"] == pytest.approx(true_gap.item(), abs=1e-9)
    assert numbers["elbo"] + numbers["gap"] == pytest.approx(numbers["evidence"], abs=1e-12)


@pytest.mark.parametrize(
    ("f", "k", "mean", "std", "baseline"),
    [
        ("cosine", 10.0, 0.3, 1.0, False),
        ("cosine", 3.0, -3.0, 2.0, True),
        ("square", 2.0, 0.0, 1.0, False),
        ("step", 10.0, 0.4, 0.2, True),
        ("pixels", 10.0, 0.0, 1.0, True),
        ("pixels", 4.0, 1.2, 2.0, False),
    ],
)
def test_variances_are_those_of_the_book_s_two_gradients(
    f: str, k: float, mean: float, std: float, baseline: bool
) -> None:
    exact = GradientVariance(f=f, k=k, mean=mean, std=std, baseline=baseline).numbers()
    roll = torch.linspace(-12, 12, 24_001, dtype=torch.float64)
    mass = torch.softmax(-(roll**2) / 2, 0)
    q = torch.tensor([mean], dtype=torch.float64), torch.tensor([std], dtype=torch.float64).log()

    def function(z: torch.Tensor) -> torch.Tensor:
        return FUNCTIONS[f](z[:, 0], k)

    best = mass @ (roll**2 * function((mean + std * roll)[:, None]))
    path = pathwise_gradient(function, *q, roll[:, None])[:, 0]
    score = score_function_gradient(function, *q, roll[:, None], baseline=exact["constant"])[:, 0]
    assert exact["constant"] == pytest.approx(baseline * best.item(), rel=1e-9)
    for name, estimate in (("pathwise", path), ("score", score)):
        slope = mass @ estimate
        assert exact["slope"] == pytest.approx(slope.item(), rel=1e-9, abs=1e-9)
        variance = mass @ (estimate - slope) ** 2
        assert exact[name] == pytest.approx(variance.item(), rel=1e-9, abs=1e-12)


def test_no_other_constant_is_a_better_baseline() -> None:
    best = GradientVariance(f="pixels", k=10.0, mean=0.5, baseline=True).numbers()
    noise = torch.randn(100_000, 1, generator=torch.Generator().manual_seed(0)).double()
    q = torch.tensor([0.5], dtype=torch.float64), torch.zeros(1, dtype=torch.float64)

    def spread(constant: float) -> float:
        return (
            score_function_gradient(
                lambda z: FUNCTIONS["pixels"](z[:, 0], 10.0), *q, noise, baseline=constant
            )[:, 0]
            .var()
            .item()
        )

    assert spread(best["constant"]) == pytest.approx(best["score"], rel=0.02)
    assert spread(best["constant"]) < min(spread(best["constant"] + d) for d in (-1.0, 1.0))
