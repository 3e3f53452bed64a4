"""Divergences against SciPy and their inequalities, and the importance-weighted bound against its theorem."""

import math
import re
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy, wasserstein_distance

from gennb import evaluate

seeds = st.integers(0, 2**32 - 1)


def random_probabilities(seed: int, outcomes: int, n: int = 2) -> torch.Tensor:
    rng = np.random.default_rng(seed)
    return torch.tensor(rng.dirichlet(np.full(outcomes, 0.5), size=n))


def random_places(seed: int, *sizes: int) -> list[torch.Tensor]:
    """Samples with ties within and between them."""
    rng = np.random.default_rng(seed)
    return [torch.tensor(np.round(rng.normal(size=n) * 3, rng.integers(0, 3))) for n in sizes]


@settings(max_examples=100, deadline=None)
@given(seeds, st.integers(2, 30))
def test_divergences_agree_with_scipy(seed, outcomes):
    p, q = random_probabilities(seed, outcomes)
    assert evaluate.kl_divergence(p, q).item() == pytest.approx(entropy(p, q), rel=1e-9, abs=1e-12)
    expected = jensenshannon(p, q) ** 2
    assert evaluate.jensen_shannon(p, q).item() == pytest.approx(expected, rel=1e-7, abs=1e-9)


def test_divergences_at_the_edges():
    p, q = torch.tensor([[1.0, 0.0], [0.0, 1.0]], dtype=torch.float64)
    assert evaluate.kl_divergence(p, p).item() == 0
    assert evaluate.kl_divergence(p, q).item() == math.inf
    assert evaluate.jensen_shannon(p, q).item() == pytest.approx(math.log(2), abs=1e-15)
    assert evaluate.total_variation(p, p).item() == 0
    assert evaluate.total_variation(p, q).item() == 1


@settings(max_examples=100, deadline=None)
@given(seeds, st.integers(2, 30))
def test_divergences_keep_their_bounds_and_inequalities(seed, outcomes):
    """KL is not negative, Pinsker: TV² ≤ KL / 2, TV² / 2 ≤ JSD ≤ TV log 2, and TV is a metric."""
    p, q, r = random_probabilities(seed, outcomes, 3)
    kl, js = evaluate.kl_divergence(p, q).item(), evaluate.jensen_shannon(p, q).item()
    tv = evaluate.total_variation(p, q).item()
    assert kl >= -1e-15
    assert 0 <= tv <= 1 + 1e-15
    assert tv**2 <= kl / 2 + 1e-12
    assert tv**2 / 2 - 1e-12 <= js <= tv * math.log(2) + 1e-12
    around = evaluate.total_variation(p, r) + evaluate.total_variation(r, q)
    assert tv <= around.item() + 1e-12
    assert tv == evaluate.total_variation(q, p).item()


def test_total_variation_is_the_largest_difference_on_an_event():
    p, q = random_probabilities(3, 8)
    events = torch.cartesian_prod(*[torch.tensor([0.0, 1.0], dtype=torch.float64)] * 8)
    expected = (events @ (p - q)).abs().max()
    torch.testing.assert_close(evaluate.total_variation(p, q), expected)


@settings(max_examples=100, deadline=None)
@given(seeds, st.integers(1, 20), st.integers(1, 20), st.booleans())
def test_earth_movers_distance_agrees_with_scipy(seed, n, m, weighted):
    a, b = random_places(seed, n, m)
    weights = [random_probabilities(seed, k, 1)[0] for k in (n, m)] if weighted else []
    expected = wasserstein_distance(a, b, *weights)
    assert evaluate.earth_movers_distance(a, b, *weights).item() == pytest.approx(
        expected, rel=1e-9, abs=1e-12
    )


@settings(max_examples=100, deadline=None)
@given(seeds, st.integers(1, 9), st.integers(1, 9), st.floats(-5, 5))
def test_earth_movers_distance_is_a_metric_and_follows_a_shift(seed, n, m, shift):
    a, b, c = random_places(seed, n, m, 7)
    distance = evaluate.earth_movers_distance
    assert distance(a, b) <= distance(a, c) + distance(c, b) + 1e-9
    torch.testing.assert_close(distance(a, b), distance(b, a))
    assert distance(a, a[torch.randperm(n)]).item() == 0
    assert distance(a, a + shift).item() == pytest.approx(abs(shift), abs=1e-9)


def test_earth_movers_distance_has_a_slope_where_jensen_shannon_has_none():
    """Two lumps of mass at distance t: the first grows with t, the second is stuck at log 2."""
    t = torch.tensor(0.7, requires_grad=True)
    apart = evaluate.earth_movers_distance(t + torch.zeros(5), torch.zeros(3))
    apart.backward()
    assert apart.item() == pytest.approx(0.7, abs=1e-6)
    assert t.grad is not None
    assert t.grad.item() == pytest.approx(1, abs=1e-6)


def test_importance_weighted_bound_never_falls_and_ends_at_the_evidence():
    """Log-normal weights with mean one: the evidence is ln 1 = 0 and the ELBO is -s²/2."""
    g = torch.Generator().manual_seed(0)
    spread = 1.5
    log_w = spread * torch.randn(2**17, generator=g, dtype=torch.float64) - spread**2 / 2
    bounds = [evaluate.importance_weighted_bound(log_w, 2**i).item() for i in range(18)]
    assert bounds[0] == pytest.approx(-(spread**2) / 2, abs=0.02)
    assert all(a < b for a, b in pairwise(bounds[:9]))
    assert bounds[-1] == pytest.approx(0, abs=0.05)


def test_importance_weighted_bound_is_a_logarithm_of_a_mean():
    log_w = torch.randn(12, 3, dtype=torch.float64)
    expected = torch.stack([log_w[:6].exp().mean(0).log(), log_w[6:].exp().mean(0).log()]).mean(0)
    torch.testing.assert_close(evaluate.importance_weighted_bound(log_w, 6), expected)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: evaluate.kl_divergence(torch.tensor([0.5, 0.4]), torch.tensor([0.5, 0.5])), "0.9"),
        (lambda: evaluate.kl_divergence(torch.tensor([1.5, -0.5]), torch.tensor([0.5, 0.5])), "[0"),
        (lambda: evaluate.jensen_shannon(torch.ones(1), torch.tensor([0.5, 0.5])), "shape of p"),
        (lambda: evaluate.total_variation(torch.ones(1), torch.tensor([0.5, 0.5])), "shape of p"),
        (lambda: evaluate.kl_divergence(torch.ones(1), torch.tensor([math.nan])), "NaN"),
        (lambda: evaluate.earth_movers_distance(torch.ones(2, 1), torch.ones(2)), "shape (places)"),
        (
            lambda: evaluate.earth_movers_distance(torch.ones(2), torch.ones(2), torch.ones(1)),
            "each of the 2 places",
        ),
        (
            lambda: evaluate.earth_movers_distance(torch.ones(2), torch.ones(2), torch.ones(2)),
            "weights_a: expected probabilities",
        ),
        (lambda: evaluate.importance_weighted_bound(torch.zeros(10), 3), "divisor"),
        (lambda: evaluate.importance_weighted_bound(torch.zeros(10), 0), "at least 1"),
        (lambda: evaluate.importance_weighted_bound(torch.zeros(0)), "at least one element"),
    ],
)
def test_bad_input_is_refused(call, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        call()
