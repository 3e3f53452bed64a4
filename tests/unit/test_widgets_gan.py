"""The explorables of the adversarial games: their numbers against quadrature, and what they refuse."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import ks_2samp, norm
from torch import Tensor

from gennb.evaluate import frechet_distance, mode_coverage
from gennb.gan import criterion, optimal_discriminator, value
from gennb.widgets import LossGradients, OptimalDiscriminator, RingScrubber, SampleSize
from gennb.widgets.gan.sample_size import _estimates

ROUNDS = [0, 10, 50, 200]
CENTERS = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])


def points(seed: int, n: int = 60) -> Tensor:
    noise = torch.Generator().manual_seed(seed)
    return 0.8 * torch.randn(len(ROUNDS), n, 2, generator=noise)


def ring(**changes: Any) -> RingScrubber:
    options = {
        "runs": {"plain": points(0), "packed": points(1)},
        "centers": CENTERS,
        "std": 0.1,
        "rounds": ROUNDS,
    }
    return RingScrubber(**options | changes)


@pytest.mark.parametrize(
    ("make", "changes", "message"),
    [
        (OptimalDiscriminator, {"data": (3.0, 1.0)}, r"data: expected a mean in \[-2.5, 2.5\]"),
        (OptimalDiscriminator, {"model": (0.0, 0.1)}, "model: expected a standard deviation in"),
        (OptimalDiscriminator, {"d": [0.5] * 12}, "d: expected 13 numbers"),
        (OptimalDiscriminator, {"d": [0.5] * 12 + [1.5]}, "d: expected a probability in"),
        (LossGradients, {"theta": 7.0}, r"theta: expected a number in \[-6, 6\]"),
        (LossGradients, {"s": 0.1}, "s: expected a number in"),
        (LossGradients, {"s": float("nan")}, "s: expected a finite number"),
        (SampleSize, {"n": 50}, r"n: expected a number in \[100, 50000\]"),
        (SampleSize, {"d": 2.5}, "d: expected a whole number, got 2.5"),
        (SampleSize, {"distance": -0.1}, "distance: expected a number in"),
        (ring, {"runs": {}}, "runs: expected at least one run"),
        (ring, {"runs": {"plain": points(0)[:3]}}, r"expected shape \(4, n, 2\), got \(3, 60, 2\)"),
        (ring, {"runs": {"a": points(0), "b": points(0, 9)}}, r"runs\['b'\]: expected shape"),
        (ring, {"runs": {"a": points(0).log()}}, "finite"),
        (ring, {"runs": {"a": torch.zeros(4, 30_000, 2)}}, "at most 100,000 points"),
        (ring, {"rounds": [0, 50, 10, 200]}, "rounds: expected increasing"),
        (ring, {"centers": torch.zeros(4, 3)}, "centers: expected shape"),
        (ring, {"std": 0.0}, "std"),
        (ring, {"extent": 1.2}, "extent: expected a finite number of at least 1.3"),
        (ring, {"at": 4}, "at: expected an index below 4"),
    ],
)
def test_hostile_input(make: Any, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make(**changes)


bells = st.tuples(st.floats(-2.5, 2.5), st.floats(0.5, 1.8))
handles = st.lists(st.floats(0.001, 0.999), min_size=13, max_size=13)


def densities(game: OptimalDiscriminator) -> tuple[Any, Any]:
    mean, std = game.data
    sides = (-1.6, 1.6) if game.two else (0.0,)
    humps = [norm(mean + side, std) for side in sides]
    return lambda x: sum(h.pdf(x) for h in humps) / len(humps), norm(*game.model).pdf


def integral(f: Any) -> float:
    """Over the line, in pieces whose ends are the handles."""
    ends = [-16, *range(-6, 7), 16]
    return sum(quad(f, a, b, epsabs=1e-9, limit=200)[0] for a, b in pairwise(ends))


@settings(max_examples=15, deadline=None, derandomize=True)
@given(bells, bells, st.booleans(), handles)
def test_game_against_quadrature(
    data: tuple[float, float], model: tuple[float, float], two: bool, d: list[float]
) -> None:
    game = OptimalDiscriminator(data=data, model=model, two=two, d=d)
    p, q = densities(game)
    numbers = game.numbers()
    logits = [math.log(v / (1 - v)) for v in d]

    def log_sigmoid(a: float) -> float:
        return min(a, 0.0) - math.log1p(math.exp(-abs(a)))

    def gain(x: float) -> float:
        i = min(11, max(0, math.floor(x) + 6))
        part = min(1.0, max(0.0, x + 6 - i))
        a = (1 - part) * logits[i] + part * logits[i + 1]
        return p(x) * log_sigmoid(a) + q(x) * log_sigmoid(-a)

    def best(x: float) -> float:
        return sum(f * math.log(f / (p(x) + q(x))) for f in (p(x), q(x)) if f > 0)

    def jsd(x: float) -> float:
        middle = (p(x) + q(x)) / 2
        return sum(f * math.log(f / middle) for f in (p(x), q(x)) if f > 0) / 2

    assert numbers["value"] == pytest.approx(integral(gain), abs=1e-5)
    assert numbers["best"] == pytest.approx(integral(best), abs=1e-8)
    assert numbers["jsd"] == pytest.approx(integral(jsd), abs=1e-8)
    assert numbers["best"] == pytest.approx(-math.log(4) + 2 * numbers["jsd"], abs=1e-10)
    assert numbers["value"] <= numbers["best"] + 1e-9  # nothing beats D*


def test_game_agrees_with_the_book_s_functions() -> None:
    game = OptimalDiscriminator(data=(-0.5, 0.7), model=(1.2, 1.4), two=True)
    x = torch.linspace(-16, 16, 6401, dtype=torch.float64)
    p, q = (torch.from_numpy(f(x.numpy())) for f in densities(game))
    numbers = game.numbers()
    assert numbers["best"] == pytest.approx(criterion(p, q, 0.005).item(), abs=1e-9)
    star = optimal_discriminator(p, q)
    assert numbers["best"] == pytest.approx(value(p, q, star, 0.005).item(), abs=1e-9)
    half = torch.full_like(p, 0.5)
    assert numbers["value"] == pytest.approx(value(p, q, half, 0.005).item(), abs=1e-9)


def test_a_learned_discriminator_is_the_best_until_the_model_moves() -> None:
    game = OptimalDiscriminator(data=(-1.0, 0.6), model=(1.5, 1.3))
    game.learned = [*game.data, *game.model, 0.0]
    numbers = game.numbers()
    assert numbers["value"] == pytest.approx(numbers["best"], abs=1e-12)
    for i in range(13):
        for change in (-0.3, 0.3):
            game.bend = [change * (j == i) for j in range(13)]
            assert game.numbers()["value"] <= numbers["best"]
    game.bend, game.model = [0.0] * 13, [0.0, 1.3]
    moved = game.numbers()
    assert moved["value"] < moved["best"] - 0.01


def test_certainty_costs_infinitely_much() -> None:
    assert OptimalDiscriminator(d=[0.5] * 12 + [0.0]).numbers()["value"] == -math.inf
    assert OptimalDiscriminator(d=[1.0] + [0.5] * 12).numbers()["value"] == -math.inf
    assert OptimalDiscriminator(d=[0.001] * 13).numbers()["value"] > -math.inf


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.floats(-6, 6), st.floats(0.4, 2))
def test_gradients_against_autograd(theta: float, s: float) -> None:
    numbers = LossGradients(theta=theta, s=s).numbers()
    z = torch.linspace(-10, 10, 20_001, dtype=torch.float64)
    weight = torch.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    mean = torch.tensor(theta, dtype=torch.float64, requires_grad=True)
    x = mean + s * z
    fixed = mean.detach()  # the discriminator does not move with the generator
    a = ((x - fixed) ** 2 - x**2) / (2 * s**2)
    losses = {
        "minimax": torch.nn.functional.logsigmoid(-a),
        "non-saturating": -torch.nn.functional.logsigmoid(a),
        "wasserstein": x * fixed.sign(),
    }
    for name, each in losses.items():
        (slope,) = torch.autograd.grad(torch.trapezoid(weight * each, z), mean, retain_graph=True)
        assert numbers[name] == pytest.approx(slope.item(), rel=1e-8, abs=1e-10), name
    (slope,) = torch.autograd.grad(torch.trapezoid(weight * x, z) ** 2, mean)
    assert numbers["matching"] == pytest.approx(slope.item(), rel=1e-8, abs=1e-10)
    d = a.detach().sigmoid()
    overlap = torch.trapezoid(weight * d, z)
    assert numbers["overlap"] == pytest.approx(overlap.item(), rel=1e-7, abs=1e-12)
    spread = torch.trapezoid(weight * (d - overlap) ** 2, z).sqrt() * abs(theta) / s**2
    assert numbers["spread"] == pytest.approx(spread.item(), rel=1e-5, abs=1e-7)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(st.floats(-6, 6), st.floats(0.4, 2))
def test_distances_against_quadrature(theta: float, s: float) -> None:
    numbers = LossGradients(theta=theta, s=s).numbers()
    x = torch.linspace(-26, 26, 40_001, dtype=torch.float64).numpy()
    p, q = norm(0, s).pdf(x), norm(theta, s).pdf(x)
    dx = x[1] - x[0]
    best = criterion(torch.from_numpy(p), torch.from_numpy(q), dx).item()
    assert numbers["divergence"] == pytest.approx((best + math.log(4)) / 2, abs=1e-10)
    by_cdf = dx * abs(norm(0, s).cdf(x) - norm(theta, s).cdf(x)).sum()
    assert numbers["distance"] == pytest.approx(by_cdf, abs=1e-8)


@pytest.mark.parametrize(("theta", "s"), [(0.7, 1.0), (-2.5, 0.8), (5.0, 1.7)])
def test_losses_are_the_slopes_of_divergences(theta: float, s: float) -> None:
    def at(mean: float) -> dict[str, float]:
        return LossGradients(theta=mean, s=s).numbers()

    step = 1e-4
    slope = (at(theta + step)["divergence"] - at(theta - step)["divergence"]) / (2 * step)
    numbers = at(theta)
    assert numbers["minimax"] == pytest.approx(2 * slope, abs=1e-7)
    kl_slope = theta / s**2  # of KL(p_g ‖ p) = θ² / 2s²
    assert numbers["non-saturating"] == pytest.approx(kl_slope - 2 * slope, abs=1e-7)


def test_minimax_goes_flat_and_the_non_saturating_loss_does_not() -> None:
    near, far = LossGradients(theta=1.0, s=0.5).numbers(), LossGradients(theta=6.0, s=0.5).numbers()
    assert far["minimax"] < 1e-6 * near["minimax"]
    assert far["non-saturating"] == pytest.approx(24, rel=1e-6)
    assert math.log(2) - far["divergence"] < 1e-6
    assert LossGradients(theta=0.0).numbers()["non-saturating"] == 0


def test_coverage_is_that_of_the_points_in_the_page() -> None:
    runs = {"plain": points(0), "packed": points(1)}
    scrubber = ring(runs=runs, extent=2.0)
    stored = scrubber._unpack()
    drawn = torch.stack(list(runs.values())).double().clamp(-2, 2)
    assert (stored - drawn).abs().max() <= 2.0 / 2**11
    for i, name in enumerate(runs):
        shown = scrubber.coverage()[name]
        for t in range(len(ROUNDS)):
            distance = (stored[i, t, :, None] - CENTERS.double()).square().sum(-1).sqrt()
            inside = distance <= 0.1 * 3
            assert shown["modes"][t] == inside.any(0).sum()
            assert shown["share"][t] == pytest.approx(inside.any(1).double().mean().item())
    rough, exact = scrubber.coverage()["plain"]["share"], mode_coverage(runs["plain"], CENTERS, 0.1)
    assert (rough - exact.quality).abs().max() <= 2 / 60


def test_points_beyond_the_plane_are_drawn_at_its_edge() -> None:
    far = torch.tensor([[5.0, -5.0], [0.0, 0.5]]).expand(len(ROUNDS), 2, 2)
    stored = ring(runs={"far": far}, extent=1.5)._unpack()
    assert stored[0, 0, 0].tolist() == pytest.approx([1.5, -1.5])


def test_two_runs_of_forty_snapshots_are_small() -> None:
    runs = {name: torch.randn(40, 256, 2) for name in ("plain", "packed")}
    scrubber = ring(runs=runs, rounds=list(range(40)))
    assert len(scrubber.points) == 2 * 40 * 256 * 4
    assert len(scrubber.points) <= 2 * 41_000


@pytest.mark.parametrize(("d", "n", "distance"), [(1, 100, 0.0), (3, 100, 0.5), (16, 100, 2.0)])
def test_estimates_are_distributed_like_those_from_samples(d: int, n: int, distance: float) -> None:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        ours = _estimates(d, n, distance, 1000)
        moved = torch.zeros(d).index_fill(0, torch.tensor(0), distance**0.5)
        plain = [
            frechet_distance(torch.randn(n, d), moved + torch.randn(n, d)) for _ in range(1000)
        ]
    assert ks_2samp(ours, torch.stack(plain)).pvalue > 1e-3


@pytest.mark.parametrize("d", [1, 2, 8, 16])
@pytest.mark.parametrize("n", [100, 1000, 50_000])
def test_bias_to_first_order(d: int, n: int) -> None:
    perfect, worse = SampleSize(n=n, n_worse=n, d=d, distance=0.5).expected()
    assert worse - perfect == pytest.approx(0.5)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        ours = _estimates(d, n, 0.0, 4000)
    error = (ours.std() / 4000**0.5).item()
    assert perfect == pytest.approx(ours.mean().item(), abs=4 * error + 0.01 * perfect)
