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

F64 = torch.float64
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


def test_slopes_at_a_zero_are_those_of_the_terms_that_occur():
    p = torch.tensor([0.5, 0.5, 0.0], dtype=F64, requires_grad=True)
    q = torch.tensor([0.25, 0.75, 0.0], dtype=F64, requires_grad=True)
    by_p, by_q = torch.autograd.grad(evaluate.kl_divergence(p, q), (p, q))
    expected = torch.tensor([math.log(2) + 1, math.log(2 / 3) + 1, 0.0], dtype=F64)
    torch.testing.assert_close(by_p, expected)
    torch.testing.assert_close(by_q, torch.tensor([-2.0, -2 / 3, 0.0], dtype=F64))


@pytest.mark.parametrize("measure", ["kl_divergence", "jensen_shannon", "total_variation"])
@settings(max_examples=40, deadline=None)
@given(seed=seeds, outcomes=st.integers(3, 8))
def test_slopes_are_finite_differences_where_probabilities_touch_zero(measure, seed, outcomes):
    """A probability that is zero is at its least, so whatever smooth function it is of w, it lies flat there."""
    rng = np.random.default_rng(seed)
    w, v = (torch.tensor(rng.normal(size=outcomes)) for _ in range(2))
    w[0] = v[0] = w[1] = 0.0
    if measure != "kl_divergence":  # infinite where q lacks what p has
        v[2] = 0.0

    def between(w, v):
        p, q = (x.square() / x.square().sum() for x in (w, v))
        return getattr(evaluate, measure)(p, q)

    slopes = torch.autograd.grad(between(*(x.requires_grad_() for x in (w, v))), (w, v))
    w, v = w.detach(), v.detach()
    for i in range(outcomes):
        step = 1e-5 * torch.eye(outcomes, dtype=F64)[i]
        for slope, ahead, behind in (
            (slopes[0], (w + step, v), (w - step, v)),
            (slopes[1], (w, v + step), (w, v - step)),
        ):
            numeric = (between(*ahead) - between(*behind)) / 2e-5
            if numeric.isfinite():
                torch.testing.assert_close(slope[i], numeric, rtol=1e-4, atol=1e-4)
    assert not torch.cat(slopes).isnan().any()


def test_the_way_of_the_earth_mover_has_slopes_at_ties_and_empty_places():
    a = torch.tensor([0.0, 1.0, 1.0], dtype=F64, requires_grad=True)
    b = torch.tensor([1.0, 2.0], dtype=F64, requires_grad=True)
    weights = torch.tensor([0.5, 0.5, 0.0], dtype=F64, requires_grad=True)
    evaluate.earth_movers_distance(a, b, weights).backward()
    assert all(x.grad.isfinite().all() for x in (a, b, weights))
    assert a.grad.sum().item() == pytest.approx(-1)  # all of it moves to the right
    assert b.grad.sum().item() == pytest.approx(1)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32, F64])
def test_probabilities_of_every_precision_are_taken_as_they_come(dtype):
    logits = 3 * torch.randn(50, 1000, generator=torch.Generator().manual_seed(0))
    exact = logits.double().softmax(1)
    came = logits.softmax(1).to(dtype)
    score = evaluate.inception_score(came)
    assert score.dtype == F64
    expected = evaluate.inception_score(exact)
    assert score.item() == pytest.approx(expected.item(), rel=1e-6 + torch.finfo(dtype).eps)
    mended = came / came.sum(-1, keepdim=True)  # what the message advises
    for p in (came, mended):
        assert evaluate.jensen_shannon(p, p.roll(1, 0)).isfinite().all()
        assert (evaluate.kl_divergence(p, p) == 0).all()


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
    assert distance(a, a[torch.randperm(n)]).item() == pytest.approx(0, abs=1e-12)
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
        (
            lambda: evaluate.jensen_shannon(torch.ones(1), torch.tensor([0.5, 0.5])),
            "q: expected outcomes = 1 as in p",
        ),
        (
            lambda: evaluate.total_variation(torch.ones(1), torch.tensor([0.5, 0.5])),
            "q: expected outcomes = 1 as in p",
        ),
        (lambda: evaluate.kl_divergence(torch.ones(1), torch.tensor([math.nan])), "NaN"),
        (
            lambda: evaluate.earth_movers_distance(torch.ones(2, 1), torch.ones(2)),
            "a: expected axes (a,)",
        ),
        (
            lambda: evaluate.earth_movers_distance(torch.ones(2), torch.ones(2), torch.ones(1)),
            "weights_a: expected a = 2 as in a",
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
