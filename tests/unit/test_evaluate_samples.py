"""Scores of samples against torch-fidelity, SciPy, closed forms and counting."""

import math
import re

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import sqrtm
from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric
from torch_fidelity.metric_isc import isc_features_to_metric

from gennb import data, evaluate
from gennb.evaluate import samples as module

seeds = st.integers(0, 2**32 - 1)


def features(seed: int, n: int, d: int, spread: float = 1.0) -> torch.Tensor:
    """Correlated features whose scales span a factor of 10**spread."""
    g = torch.Generator().manual_seed(seed)
    scales = torch.logspace(0, -spread, d, dtype=torch.float64)
    mixed = torch.randn(n, d, generator=g, dtype=torch.float64) * scales
    return mixed @ torch.linalg.qr(torch.randn(d, d, generator=g, dtype=torch.float64))[0]


def fidelity(a: torch.Tensor, b: torch.Tensor) -> float:
    statistics = [fid_features_to_statistics(x) for x in (a, b)]
    return fid_statistics_to_metric(*statistics, verbose=False)["frechet_inception_distance"]


def by_definition(a: torch.Tensor, b: torch.Tensor) -> float:
    """The nuclear norm of the product of the centered data, whatever their rank."""
    mean_a, mean_b = a.mean(0), b.mean(0)
    x, y = (a - mean_a) / math.sqrt(len(a) - 1), (b - mean_b) / math.sqrt(len(b) - 1)
    overlap = np.linalg.svd((x @ y.mT).numpy(), compute_uv=False).sum()
    total = (mean_a - mean_b).square().sum() + x.square().sum() + y.square().sum()
    return total.item() - 2 * overlap


@pytest.mark.parametrize(("n", "m", "d"), [(200, 300, 5), (400, 400, 64), (900, 500, 200)])
def test_frechet_agrees_with_torch_fidelity(n, m, d):
    a, b = features(0, n, d), 1.2 * features(1, m, d) + 0.1
    ours = evaluate.frechet_distance(a, b).item()
    assert ours == pytest.approx(fidelity(a, b), rel=1e-8)
    # Its means are float32 where the features are; the covariances are not.
    single = evaluate.frechet_distance(a.float(), b.float()).item()
    assert single == pytest.approx(fidelity(a.float(), b.float()), rel=1e-6)


@pytest.mark.parametrize(("n", "m", "d"), [(20, 30, 50), (50, 400, 64), (2, 2, 3), (40, 41, 40)])
def test_frechet_with_fewer_examples_than_features(n, m, d):
    a, b = features(0, n, d), 1.2 * features(1, m, d) + 0.1
    for x, y in ((a, b), (b, a)):
        ours = evaluate.frechet_distance(x, y).item()
        assert ours == pytest.approx(by_definition(x, y), rel=1e-9)
        assert ours == pytest.approx(fidelity(x, y), rel=1e-6)


def spoil(x: torch.Tensor, how: str) -> torch.Tensor:
    x = x.clone()
    if how == "dead":
        x[:, :10] = 0
    elif how == "constant":
        x[:, 3] = 7.5
    elif how == "repeated":
        x[:, 10:20] = x[:, :10]
    elif how == "same":
        x[:] = x[0]
    elif how == "steep":
        x = x * torch.logspace(0, -12, x.shape[1], dtype=x.dtype)
    elif how == "relu":
        x = x.relu() * (torch.arange(x.shape[1]) % 3 > 0)
    return x


@pytest.mark.parametrize("n", [15, 120])
@pytest.mark.parametrize("how", ["dead", "constant", "repeated", "same", "steep", "relu"])
@pytest.mark.parametrize("both", [True, False])
def test_frechet_is_safe_where_the_covariance_is_singular(n, how, both):
    a, b = features(0, n, 30), 0.7 * features(1, n + 5, 30) + 0.2
    a, b = spoil(a, how), spoil(b, how) if both else b
    total = (a.var(0).sum() + b.var(0).sum() + (a.mean(0) - b.mean(0)).square().sum()).item()
    ours = evaluate.frechet_distance(a, b).item()
    assert ours == pytest.approx(by_definition(a, b), abs=1e-8 * total)
    for x in (a, b):
        again = evaluate.frechet_distance(x, x.flip(0)).item()
        assert 0 <= again <= 1e-9 * x.var(0).sum() + 1e-30 * x.square().sum()


def test_the_quick_way_is_left_where_rounding_would_show():
    """Singular values over 14 decades: squared, most of them drown."""
    x = torch.diag(torch.logspace(0, -14, 40, dtype=torch.float64))
    x = torch.linalg.qr(features(0, 40, 40, 0.0))[0] @ x @ torch.linalg.qr(features(1, 40, 40))[0]
    expected = np.logspace(0, -14, 40).sum()
    ours = module._nuclear_norm(x, torch.tensor(1e-9)).item()
    assert ours == pytest.approx(expected, rel=1e-12)
    assert module._nuclear_norm(x, torch.tensor(1.0)).item() != pytest.approx(expected, rel=1e-8)


@settings(max_examples=50, deadline=None)
@given(seeds, st.integers(2, 12), st.integers(2, 12), st.integers(1, 8), st.floats(-3, 3))
def test_frechet_properties(seed, n, m, d, shift):
    """Symmetric, zero on equal sets, blind to rotation; a shift adds its square, and scaling by s scales by s²."""
    a, b = features(seed, n, d), features(seed ^ 1, m, d)
    distance = evaluate.frechet_distance
    scale = (a.var(0).sum() + b.var(0).sum()).item()
    ab = distance(a, b).item()
    close = {"abs": 3e-9 * scale, "rel": 1e-9}
    assert ab >= 0
    assert distance(b, a).item() == pytest.approx(ab, **close)
    assert distance(a, a[torch.randperm(n)]).item() == pytest.approx(0, **close)
    assert distance(a, a + shift).item() == pytest.approx(d * shift**2, **close)
    assert distance(3 * a, 3 * b).item() == pytest.approx(9 * ab, abs=9 * close["abs"], rel=1e-9)
    turn = torch.linalg.qr(torch.randn(d, d, dtype=torch.float64))[0]
    assert distance(a @ turn, b @ turn).item() == pytest.approx(ab, **close)


@settings(max_examples=50, deadline=None)
@given(seeds, st.integers(1, 8))
def test_frechet_gaussian_agrees_with_the_matrix_square_root(seed, d):
    a, b = features(seed, 3 * d + 2, d, 0.5), features(seed ^ 1, 3 * d + 2, d, 0.5) + 1
    moments = [z for x in (a, b) for z in (x.mean(0), x.mT.cov().reshape(d, d))]
    (m, A, n, B) = (z.numpy() for z in moments)
    expected = np.sum((m - n) ** 2) + np.trace(A + B - 2 * sqrtm(A @ B).real)
    ours = evaluate.frechet_gaussian(*moments).item()
    assert ours == pytest.approx(expected, rel=1e-7, abs=1e-9)
    assert ours == pytest.approx(evaluate.frechet_distance(a, b).item(), rel=1e-7, abs=1e-9)


def test_frechet_gaussian_in_closed_form():
    """Commuting covariances: ‖Δm‖² + Σ (√a − √b)², also where one is a point or flat."""
    m, n = torch.tensor([1.0, 2.0, 0.0]), torch.tensor([0.0, 2.5, 1.0])
    a, b = torch.tensor([4.0, 1.0, 0.0]), torch.tensor([1.0, 0.25, 9.0])
    shift = (m - n).square().sum()
    for x, y in ((a, b), (a, a), (a, 0 * b), (0 * a, 0 * b), (b, a)):
        expected = shift + (x.sqrt() - y.sqrt()).square().sum()
        ours = evaluate.frechet_gaussian(m, x.diag(), n, y.diag())
        assert ours.item() == pytest.approx(expected.item(), abs=1e-12)


def test_frechet_distance_nears_that_of_the_gaussians_as_samples_grow():
    g = torch.Generator().manual_seed(0)
    z = torch.randn(2, 40_000, 3, generator=g)
    a, b = z[0] * torch.tensor([1.0, 2.0, 0.5]), z[1] * torch.tensor([2.0, 2.0, 1.5]) + 0.5
    assert evaluate.frechet_distance(a, b).item() == pytest.approx(0.75 + 1 + 1, rel=0.02)


def test_inception_score_agrees_with_torch_fidelity():
    g = torch.Generator().manual_seed(0)
    logits = 4 * torch.randn(1000, 10, generator=g, dtype=torch.float64)
    probs = logits.softmax(1)
    for splits in (1, 10):
        peer = isc_features_to_metric(logits, splits, shuffle=False)
        for p in (probs, logits.float().softmax(1)):
            ours = evaluate.inception_score(p.unflatten(0, (splits, -1)))
            assert ours.mean().item() == pytest.approx(peer["inception_score_mean"], rel=1e-6)
            std = ours.std(correction=0).item()
            assert std == pytest.approx(peer["inception_score_std"], rel=1e-5, abs=1e-12)


def test_inception_score_at_the_edges():
    assert evaluate.inception_score(torch.eye(10)).item() == pytest.approx(10, rel=1e-12)
    assert evaluate.inception_score(torch.eye(10)[[3, 3, 3]]).item() == pytest.approx(1, rel=1e-12)
    assert evaluate.inception_score(torch.full((5, 4), 0.25)).item() == pytest.approx(1, rel=1e-12)
    mixed = torch.eye(3)[[0, 0, 0, 1]]
    entropy = -(0.75 * math.log(0.75) + 0.25 * math.log(0.25))
    assert evaluate.inception_score(mixed).item() == pytest.approx(math.exp(entropy), rel=1e-12)


@settings(max_examples=50, deadline=None)
@given(seeds, st.integers(1, 20), st.integers(1, 10))
def test_inception_score_lies_between_one_and_the_number_of_classes(seed, n, classes):
    p = torch.tensor(np.random.default_rng(seed).dirichlet(np.full(classes, 0.3), size=n))
    assert 1 - 1e-12 <= evaluate.inception_score(p).item() <= min(n, classes) + 1e-9


def test_mode_coverage_counts():
    """A center at distance 3 std counts, one a little farther does not; sets are counted apart."""
    centers = torch.tensor([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]])
    near = [[0.0, 0.0], [0.0, 1.5], [10.0, 1.4], [0.0, 5.0]]
    far = [[10.0, 1.51], [5.0, 5.0], [50.0, 0.0], [0.0, 8.5]]
    coverage = evaluate.mode_coverage(torch.tensor([near, far]), centers, 0.5)
    assert coverage.modes.tolist() == [2, 1]
    assert coverage.quality.tolist() == [0.75, 0.25]
    assert coverage.counts.tolist() == [[2, 1, 0], [0, 0, 1]]
    alone = evaluate.mode_coverage(torch.tensor(far), centers, 0.5, within=3.1)
    assert alone.modes.item() == 2
    assert alone.quality.item() == 0.5


def test_mode_coverage_of_the_ring_itself():
    """In the plane a share of 1 - exp(-k²/2) of a round Gaussian lies within k std of its center."""
    ring = data.density("ring")
    points = ring.sample(20_000, torch.Generator().manual_seed(0)).reshape(4, 5000, 2)
    for within in (1.0, 2.0):
        coverage = evaluate.mode_coverage(points, ring.centers, ring.std, within)
        assert coverage.modes.tolist() == [8] * 4
        assert coverage.counts.shape == (4, 8)
        # Neighboring modes are 7.6 std apart, and so do not meet.
        assert coverage.counts.sum(-1).tolist() == (5000 * coverage.quality).round().tolist()
        expected = 1 - math.exp(-(within**2) / 2)
        assert coverage.quality.mean().item() == pytest.approx(expected, abs=0.012)


x = torch.randn(4, 3)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: evaluate.frechet_distance(x, x[:, :2]), "b: expected features = 3 as in a"),
        (lambda: evaluate.frechet_distance(x, x[:1]), "b: expected at least two examples"),
        (lambda: evaluate.frechet_distance(x / 0, x), "a: expected finite"),
        (lambda: evaluate.frechet_distance(x[0], x), "a: expected axes (a, features)"),
        (lambda: evaluate.frechet_distance(x.double() * 1e200, x), "a: expected values in"),
        (
            lambda: evaluate.frechet_gaussian(x[0], x[:3], x[0], torch.eye(3)),
            "cov_a: expected a symmetric",
        ),
        (
            lambda: evaluate.frechet_gaussian(x[0], torch.eye(3), x[0], -torch.eye(3)),
            "cov_b: expected a positive semi-definite matrix, got an eigenvalue of -1",
        ),
        (
            lambda: evaluate.frechet_gaussian(x[0], torch.eye(2), x[0], torch.eye(3)),
            "cov_a: expected d = 3 as in mean_a",
        ),
        (lambda: evaluate.inception_score(torch.full((2, 3), 0.5)), "sum to one"),
        (
            lambda: evaluate.inception_score(torch.tensor([0.5, 0.5])),
            "probs: expected axes (*batch, samples, classes)",
        ),
        (lambda: evaluate.mode_coverage(x, x[:, :2], 1.0), "centers: expected d = 3 as in samples"),
        (lambda: evaluate.mode_coverage(x[:, 0], x, 1.0), "samples: expected axes (*batch, n, d)"),
        (lambda: evaluate.mode_coverage(x, x, 0.0), "std: expected a finite number above 0"),
        (lambda: evaluate.mode_coverage(x, x, 1.0, -1.0), "within: expected a finite number"),
    ],
)
def test_bad_input_is_refused(call, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        call()


# Nearest neighbors


def draws(seed, *shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@settings(max_examples=40, deadline=None)
@given(seeds, st.integers(1, 12), st.integers(1, 40), st.sampled_from([0.0, 300.0]))
def test_nearest_neighbours_agree_with_all_distances(seed, n, others, offset):
    x, among = draws(seed, n, 2, 3) + offset, draws(seed + 1, others, 2, 3) + offset
    distance, index = evaluate.nearest_neighbours(x, among)
    every = (x.flatten(1)[:, None] - among.flatten(1)).norm(dim=-1)
    torch.testing.assert_close(distance, every.amin(1), atol=1e-12, rtol=1e-9)
    assert torch.equal(index, every.argmin(1))


def test_a_copy_is_found_at_distance_zero_among_near_copies():
    """Far from the origin |x|² − 2xy + |y|² has no digits left in single precision; the copy is found all the same."""
    among = 100 + 0.01 * torch.randn(500, 784, generator=torch.Generator().manual_seed(0))
    order = torch.randperm(500, generator=torch.Generator().manual_seed(1))
    distance, index = evaluate.nearest_neighbours(among[order], among)
    assert torch.equal(index, order)
    assert torch.equal(distance, torch.zeros(500))
    assert distance.dtype == among.dtype


def test_the_search_gives_the_same_in_pieces(monkeypatch):
    x, among = draws(0, 50, 4), draws(1, 30, 4)
    whole = evaluate.nearest_neighbours(x, among)
    monkeypatch.setattr(module, "CHUNK", 70)
    for a, b in zip(whole, evaluate.nearest_neighbours(x, among), strict=True):
        torch.testing.assert_close(a, b)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda: evaluate.nearest_neighbours(torch.zeros(2, 3), torch.zeros(4, 2)),
            r"among.*\(3,\) as in x",
        ),
        (lambda: evaluate.nearest_neighbours(torch.tensor(1.0), torch.zeros(4, 2)), "x: expected"),
        (lambda: evaluate.nearest_neighbours([[1.0]], torch.zeros(4, 2)), "x: expected"),
    ],
)
def test_a_search_among_other_things_is_refused(call, words):
    with pytest.raises((TypeError, ValueError), match=words):
        call()
