"""Divergences against SciPy, and the importance-weighted bound against its theorem."""

import math
import re
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy

from gennb import evaluate


def random_probabilities(seed: int, outcomes: int) -> torch.Tensor:
    rng = np.random.default_rng(seed)
    return torch.tensor(rng.dirichlet(np.full(outcomes, 0.5), size=2))


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 30))
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
        (lambda: evaluate.kl_divergence(torch.ones(1), torch.tensor([math.nan])), "NaN"),
        (lambda: evaluate.importance_weighted_bound(torch.zeros(10), 3), "divisor"),
        (lambda: evaluate.importance_weighted_bound(torch.zeros(10), 0), "at least 1"),
        (lambda: evaluate.importance_weighted_bound(torch.zeros(0)), "at least one element"),
    ],
)
def test_bad_input_is_refused(call, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        call()
