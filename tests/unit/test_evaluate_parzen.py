"""Parzen windows against sums of densities by SciPy and scikit-learn, and within their memory."""

import math
import re
import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logsumexp
from scipy.stats import multivariate_normal, norm
from sklearn.neighbors import KernelDensity

from gennb import data
from gennb.evaluate import likelihood, parzen_bandwidth, parzen_log_likelihood


def by_sums(samples: torch.Tensor, test: torch.Tensor, sigma: float) -> np.ndarray:
    """The definition: every density by SciPy, every difference taken before it is squared."""
    x, y = (z.reshape(len(z), -1).double().numpy() for z in (samples, test))
    logs = norm.logpdf(y[:, None], x[None], sigma).sum(-1)
    return logsumexp(logs, axis=1) - math.log(len(x))


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 12),
    st.sampled_from([(), (1,), (3,), (2, 3, 4)]),
    st.floats(-3, 3),
    st.sampled_from([0.0, 1e3, -1e5]),
)
def test_log_likelihood_is_the_log_of_a_mean_of_densities(seed, n, shape, log_sigma, offset):
    """Also far from the origin, and for a window far narrower or wider than the sample."""
    g = torch.Generator().manual_seed(seed)
    samples = torch.randn(n, *shape, generator=g, dtype=torch.float64) + offset
    test = torch.cat([samples[:1], samples.mean(0) + torch.randn(4, *shape, generator=g)])
    sigma = math.exp(log_sigma)
    ours = parzen_log_likelihood(samples, test, sigma)
    np.testing.assert_allclose(ours, by_sums(samples, test, sigma), rtol=1e-9, atol=1e-7)


def test_one_sample_is_one_gaussian():
    mean, test = torch.randn(1, 5, dtype=torch.float64), torch.randn(7, 5, dtype=torch.float64)
    expected = multivariate_normal(mean[0].numpy(), 0.3**2).logpdf(test.numpy())
    np.testing.assert_allclose(parzen_log_likelihood(mean, test, 0.3), expected, rtol=1e-12)


def test_agrees_with_scikit_learn_also_in_parts(monkeypatch):
    g = torch.Generator().manual_seed(0)
    samples, test = torch.rand(370, 1, 9, 9, generator=g, dtype=torch.float64).split([300, 70])
    # Unless one leaf holds all samples it is wrong in many dimensions (scikit-learn issues 7492, 25799).
    peer = KernelDensity(bandwidth=0.2, leaf_size=300).fit(samples.flatten(1))
    whole = parzen_log_likelihood(samples, test, 0.2)
    np.testing.assert_allclose(whole, peer.score_samples(test.flatten(1)), rtol=1e-10)
    monkeypatch.setattr(likelihood, "CHUNK", 1000)  # three examples at a time, then one
    torch.testing.assert_close(
        parzen_log_likelihood(samples, test, 0.2), whole, rtol=1e-12, atol=1e-12
    )


@pytest.mark.parametrize("sigma", [1e-4, 0.02, 0.1, 0.2, 1.0])
def test_single_precision_is_used_only_where_it_is_good_enough(sigma):
    samples, test = data.load("strokes", n=500).x, data.load("strokes", "test", n=100).x
    single = parzen_log_likelihood(samples, torch.cat([test, samples[:5]]), sigma)
    double = parzen_log_likelihood(samples.double(), torch.cat([test, samples[:5]]), sigma)
    off = (single - double).abs().max().item()
    assert off < 2e-3
    assert (off > 1e-9) == (sigma >= 0.1)


def test_a_test_example_that_is_a_sample_keeps_its_exact_distance():
    """The expanded square |a|² - 2ab + |b|² in single precision would be off by more than 1e-3 nats."""
    x = 100 + torch.randn(5, 784)
    expected = -784 * math.log(math.sqrt(2 * math.pi) * 1e-3) - math.log(5)
    torch.testing.assert_close(
        parzen_log_likelihood(x, x, 1e-3), torch.full((5,), expected, dtype=torch.float64)
    )


def test_log_likelihood_integrates_to_one():
    x = torch.linspace(-8, 8, 4001, dtype=torch.float64)
    density = parzen_log_likelihood(torch.tensor([-1.0, 0.5, 3.0]), x, 0.4).exp()
    assert torch.trapezoid(density, x).item() == pytest.approx(1, abs=1e-12)


def test_bandwidth_is_the_best_of_the_candidates():
    g = torch.Generator().manual_seed(0)
    samples, validation = torch.randn(500, 3, generator=g, dtype=torch.float64).split([400, 100])
    chosen = parzen_bandwidth(samples, validation)
    torch.testing.assert_close(
        chosen.candidates, torch.tensor(np.logspace(-1, 0, 10)), rtol=1e-12, atol=0
    )
    means = [
        parzen_log_likelihood(samples, validation, s).mean().item()
        for s in chosen.candidates.tolist()
    ]
    np.testing.assert_allclose(chosen.log_likelihood, means, rtol=1e-12)
    assert chosen.sigma == chosen.candidates[np.argmax(means)].item()
    assert 0.1 < chosen.sigma < 1
    assert parzen_bandwidth(samples, validation, torch.tensor([3.0, 0.5, 2.0])).sigma == 0.5


MEMORY = """
import pathlib, re, torch
from gennb.evaluate import parzen_log_likelihood

def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text())[1])

parzen_log_likelihood(*torch.rand(2, 10, 784), 0.2)
before = peak()
result = parzen_log_likelihood(*torch.rand(2, 10_000, 784), 0.2)
assert result.isfinite().all()
print(peak() - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak memory from /proc")
def test_ten_thousand_images_against_ten_thousand_take_less_than_a_gibibyte():
    run = subprocess.run([sys.executable, "-c", MEMORY], capture_output=True, text=True, check=True)
    mebibytes = int(run.stdout) / 1024
    assert 60 < mebibytes < 1024  # the inputs, which are 60, among them


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda x: parzen_log_likelihood(x, x, 0.0), "sigma: expected a finite number"),
        (lambda x: parzen_log_likelihood(x, x, -1.0), "sigma: expected a finite number"),
        (lambda x: parzen_log_likelihood(x, x, math.nan), "sigma: expected a finite number"),
        (
            lambda x: parzen_log_likelihood(x, x[:, :2], 1.0),
            "test: expected *shape = (3,) as in samples",
        ),
        (
            lambda x: parzen_log_likelihood(x[0, 0], x, 1.0),
            "samples: expected axes (samples, *shape)",
        ),
        (lambda x: parzen_log_likelihood(x[:0], x, 1.0), "samples: expected at least one"),
        (lambda x: parzen_log_likelihood(x, x / 0, 1.0), "test: expected finite"),
        (
            lambda x: parzen_bandwidth(x, x[:, :2]),
            "validation: expected *shape = (3,) as in samples",
        ),
        (lambda x: parzen_bandwidth(x, x, torch.tensor([0.1, 0.0])), "candidates: expected"),
    ],
)
def test_bad_input_is_refused(call, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        call(torch.ones(4, 3))
