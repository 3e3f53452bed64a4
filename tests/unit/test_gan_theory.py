"""The game without networks, against optimization, SciPy, finite differences and closed forms."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats
from scipy.spatial import distance

from gennb import evaluate, gan

F64 = torch.float64
LOG2 = math.log(2)
seeds = st.integers(0, 2**32 - 1)


@st.composite
def distributions(draw, zeros=True):
    """Two probability vectors, from nearly even to nearly all in one outcome, with outcomes that never occur."""
    rng = np.random.default_rng(draw(seeds))
    outcomes = draw(st.integers(2, 30))
    pair = []
    for _ in range(2):
        weights = rng.gamma(draw(st.sampled_from([0.1, 1.0, 20.0])), size=outcomes) + 1e-12
        if zeros and draw(st.booleans()):
            weights *= rng.random(outcomes) < 0.7
            weights[rng.integers(outcomes)] += 1.0
        pair.append(torch.from_numpy(weights / weights.sum()))
    return pair


def best_answer(p_data, p_g):
    """Maximize V by bisection on the sign of its slope, one outcome beside the other: V is concave in each D."""
    low, high = torch.zeros_like(p_data), torch.ones_like(p_data)
    for _ in range(34):
        middle = ((low + high) / 2).requires_grad_()
        (slope,) = torch.autograd.grad(gan.value(p_data, p_g, middle), middle)
        low = torch.where(slope > 0, middle.detach(), low)
        high = torch.where(slope > 0, high, middle.detach())
    return (low + high) / 2


@settings(max_examples=240, deadline=None)
@given(distributions())
def test_propositions_1_and_theorem_1_on_random_distributions(pair):
    p_data, p_g = pair
    found = best_answer(p_data, p_g)
    occurs = p_data + p_g > 0
    closed = gan.optimal_discriminator(p_data, p_g)
    torch.testing.assert_close(closed[occurs], found[occurs], atol=1e-6, rtol=0)
    assert (closed[~occurs] == 0.5).all()
    c = gan.criterion(p_data, p_g)
    assert abs(c - gan.value(p_data, p_g, found)) < 1e-8
    assert abs(c - gan.value(p_data, p_g, closed)) < 1e-10
    jsd = float(distance.jensenshannon(p_data, p_g)) ** 2
    assert abs(float(c) - (-2 * LOG2 + 2 * jsd)) < 1e-10
    assert abs(float(c) - (-2 * LOG2 + 2 * float(evaluate.jensen_shannon(p_data, p_g)))) < 1e-10
    assert -2 * LOG2 - 1e-12 <= c <= 1e-12


@settings(max_examples=100, deadline=None)
@given(distributions(), seeds)
def test_no_discriminator_is_worth_more_than_the_criterion(pair, seed):
    d = torch.rand(20, len(pair[0]), generator=torch.Generator().manual_seed(seed), dtype=F64)
    p_data, p_g = (p.expand_as(d) for p in pair)
    values = gan.value(p_data, p_g, d)
    assert (values <= gan.criterion(p_data, p_g) + 1e-12).all()
    naive = (p_data * d.log() + p_g * (1 - d).log()).sum(-1)
    torch.testing.assert_close(values, naive)


def test_the_generator_that_copies_the_data_is_left_with_minus_log_4():
    p = torch.tensor([0.1, 0.2, 0.7], dtype=F64)
    assert gan.criterion(p, p).item() == pytest.approx(-math.log(4), abs=1e-15)
    assert gan.optimal_discriminator(p, p).tolist() == [0.5] * 3
    assert gan.value(p, p, torch.full_like(p, 0.5)).item() == pytest.approx(-math.log(4))


def test_a_discriminator_that_rules_out_what_occurs_pays_everything():
    p_data, p_g = torch.tensor([0.5, 0.5, 0.0]), torch.tensor([0.0, 0.5, 0.5])
    assert gan.value(p_data, p_g, torch.tensor([0.0, 0.5, 0.0])) == -math.inf
    assert gan.value(p_data, p_g, torch.tensor([1.0, 0.5, 1.0])) == -math.inf
    assert gan.value(p_data, p_g, torch.tensor([1.0, 0.5, 0.0])).item() == pytest.approx(-LOG2)


# Slopes in function space


@settings(max_examples=100, deadline=None)
@given(distributions(zeros=False), st.data())
def test_criterion_gradient_is_the_slope_of_the_criterion(pair, data):
    p_data, p_g = pair
    leaf = p_g.clone().requires_grad_()
    (slope,) = torch.autograd.grad(gan.criterion(p_data, leaf), leaf)
    gradient = gan.criterion_gradient(p_data, p_g)
    torch.testing.assert_close(gradient, slope, atol=1e-9, rtol=1e-9)
    # C is 1-smooth and convex relative to the entropy, so a shift of probability is bracketed.
    i, j = (data.draw(st.integers(0, len(p_g) - 1)) for _ in range(2))
    shift = torch.zeros_like(p_g)
    step = 1e-4 * float(min(p_g[i], p_g[j]))
    shift[i] += step
    shift[j] -= step
    ahead, behind = (gan.criterion(p_data, p_g + sign * shift) for sign in (1, -1))
    assert float(ahead - behind) / 2 == pytest.approx(float(gradient @ shift), rel=1e-6, abs=1e-14)


def test_criterion_gradient_where_a_probability_is_zero():
    p_data, p_g = torch.tensor([0.5, 0.5, 0.0, 0.0]), torch.tensor([0.0, 0.5, 0.5, 0.0])
    expected = torch.tensor([-math.inf, -LOG2, 0.0, -LOG2])
    torch.testing.assert_close(gan.criterion_gradient(p_data, p_g), expected)


GAMES = {
    "value": lambda p, q, d: gan.value(p, q, d),
    "criterion": lambda p, q, d: gan.criterion(p, q),
    "optimal_discriminator": lambda p, q, d: gan.optimal_discriminator(p, q) @ d,
    "criterion_gradient": lambda p, q, d: gan.criterion_gradient(p, q)[2:] @ d[2:],
    "mirror_step": lambda p, q, d: gan.mirror_step(p, q) @ d,
    "short mirror_step": lambda p, q, d: gan.mirror_step(p, q, 0.5) @ d,
}


@pytest.mark.parametrize("name", GAMES)
def test_slopes_are_finite_differences_where_probabilities_touch_zero(name):
    """With p = w² / Σ w², which lies flat where it is zero: outcomes that neither, one, or both draw."""
    w = torch.tensor([0.0, 1.0, 0.0, 0.7, -0.4], dtype=F64)
    v = torch.tensor([0.0, 0.0, 0.5, 1.1, 0.3], dtype=F64)
    u = torch.tensor(
        [0.0, math.pi / 2, 0.0, 0.4, 0.9], dtype=F64
    )  # D = sin² u: sure where it may be
    inputs = [x.requires_grad_() for x in (w, v, u)]

    def game(w, v, u):
        p, q = (x.square() / x.square().sum() for x in (w, v))
        return GAMES[name](p, q, u.sin().square())

    slopes = torch.autograd.grad(game(*inputs), inputs, allow_unused=True, materialize_grads=True)
    inputs = [x.detach() for x in inputs]
    for k, slope in enumerate(slopes):
        for i in range(5):
            sides = [[x.clone() for x in inputs] for _ in range(2)]
            sides[0][k][i] += 1e-5
            sides[1][k][i] -= 1e-5
            numeric = (game(*sides[0]) - game(*sides[1])) / 2e-5
            if numeric.isfinite():  # not where D rules out what would then occur
                torch.testing.assert_close(slope[i], numeric, rtol=1e-4, atol=2e-4)
    assert torch.cat(slopes).isfinite().all()


def test_slopes_of_the_tabular_game_are_never_nan():
    p_data = torch.tensor([0.5, 0.5, 0.0, 0.0], requires_grad=True)
    p_g = torch.tensor([0.0, 0.5, 0.5, 0.0], requires_grad=True)
    d = torch.tensor([1.0, 0.5, 0.0, 0.0], requires_grad=True)
    for result in (
        gan.value(p_data, p_g, d),
        gan.criterion(p_data, p_g),
        gan.optimal_discriminator(p_data, p_g).sum(),
        gan.criterion_gradient(p_data, p_g)[1:].sum(),
        gan.mirror_step(p_data, p_g, 0.5).square().sum(),
        gan.mirror_step(p_data, p_g).square().sum(),
    ):
        slopes = torch.autograd.grad(
            result, (p_data, p_g, d), allow_unused=True, materialize_grads=True
        )
        assert not torch.cat(slopes).isnan().any()


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32])
def test_distributions_of_every_precision_are_taken_as_they_come(dtype):
    p = (3 * torch.randn(2, 1000, generator=torch.Generator().manual_seed(0))).softmax(1).to(dtype)
    for q in (p[0], p[0] / p[0].sum()):
        assert gan.criterion(q, p[1]).isfinite()


@settings(max_examples=100, deadline=None)
@given(distributions(zeros=False), st.floats(0.01, 1))
def test_mirror_steps_lower_the_criterion_as_fast_as_the_theorem_says(pair, rate):
    p_data, p_g = pair
    distance_at_first = float(evaluate.kl_divergence(p_data, p_g))
    before = gan.criterion(p_data, p_g)
    for t in range(1, 40):
        p_g = gan.mirror_step(p_data, p_g, rate)
        after = gan.criterion(p_data, p_g)
        assert after <= before + 1e-12
        assert float(after) + 2 * LOG2 <= distance_at_first / (rate * t) + 1e-12
        assert p_g.sum().item() == pytest.approx(1, abs=1e-12)
        before = after


@settings(max_examples=50, deadline=None)
@given(distributions(zeros=False), st.floats(0.01, 1))
def test_mirror_step_is_the_step_it_claims(pair, rate):
    """It minimizes rate · <gradient, p> + KL(p || p_g): softmax of log p_g − rate · gradient."""
    p_data, p_g = pair
    oracle = (p_g.log() - rate * gan.criterion_gradient(p_data, p_g)).softmax(-1)
    torch.testing.assert_close(gan.mirror_step(p_data, p_g, rate), oracle)


@settings(max_examples=50, deadline=None)
@given(distributions())
def test_mirror_step_at_rate_one_is_the_mean_and_halves_the_total_variation(pair):
    p_data, p_g = pair
    moved = gan.mirror_step(p_data, p_g)
    torch.testing.assert_close(moved, (p_data + p_g) / 2, atol=1e-15, rtol=1e-14)
    before, after = (evaluate.total_variation(p_data, p) for p in (p_g, moved))
    assert after.item() == pytest.approx(before.item() / 2, rel=1e-12, abs=1e-15)


def test_slower_than_rate_one_the_generator_never_finds_what_it_never_drew():
    p_data, p_g = torch.tensor([0.5, 0.5]), torch.tensor([1.0, 0.0])
    assert gan.mirror_step(p_data, p_g, 0.5).tolist() == [1.0, 0.0]


def test_the_tabular_game_is_played_for_many_pairs_at_once():
    g = torch.Generator().manual_seed(0)
    p_data, p_g = torch.rand(2, 3, 4, 6, generator=g, dtype=F64).softmax(-1)
    one = gan.mirror_step(p_data[1, 2], p_g[1, 2], 0.3)
    torch.testing.assert_close(gan.mirror_step(p_data, p_g, 0.3)[1, 2], one)
    assert gan.criterion(p_data, p_g).shape == (3, 4)


# Densities on a grid


def test_criterion_on_a_grid_is_the_integral():
    x = torch.linspace(-12, 12, 4001, dtype=F64)
    dx = float(x[1] - x[0])
    p, q = stats.norm(-0.7, 1.1), stats.norm(1.0, 0.6)
    p_data, p_g = (torch.from_numpy(f.pdf(x.numpy())) for f in (p, q))

    def integrand(t):
        a, b = p.pdf(t), q.pdf(t)
        return a * np.log(a / (a + b)) + b * np.log(b / (a + b))

    exact = integrate.quad(integrand, -9, 9, epsabs=1e-11, limit=200)[0]
    assert gan.criterion(p_data, p_g, dx).item() == pytest.approx(exact, abs=1e-8)
    d = gan.optimal_discriminator(p_data, p_g)
    assert gan.value(p_data, p_g, d, dx).item() == pytest.approx(exact, abs=1e-8)
    narrow = p_data.float(), p_g.float()  # here D* is one to seven digits
    d = gan.optimal_discriminator(*narrow)
    assert gan.value(*narrow, d, dx).item() == pytest.approx(exact, abs=1e-5)


def test_between_gaussians_of_one_width_the_best_logit_is_linear():
    x = torch.linspace(-3, 3, 101, dtype=F64)
    p_data, p_g = ((-0.5 * (x - m) ** 2).exp() for m in (1.0, -0.5))
    logit = gan.optimal_discriminator(p_data, p_g).logit()
    torch.testing.assert_close(logit, 1.5 * x - 0.375)


def bump(x, center):
    """A density that is exactly zero more than one away from its center, and smooth."""
    heights = (1 - (x - center) ** 2).clamp_min(0) ** 2
    return heights / (heights.sum() * (x[1] - x[0]))


def test_apart_the_criterion_is_flat_and_the_generator_learns_nothing():
    x = torch.linspace(-5, 5, 1001, dtype=F64)
    dx = float(x[1] - x[0])
    p_data = bump(x, -1.5)
    for at, apart in ((0.0, False), (1.0, True), (3.0, True)):
        shift = torch.tensor(at, dtype=F64, requires_grad=True)
        p_g = bump(x, shift)
        c = gan.criterion(p_data, p_g, dx)
        (slope,) = torch.autograd.grad(c, shift)
        mass = (p_data * dx, p_g.detach() * dx)
        if apart:
            assert abs(c.item()) < 1e-12
            assert slope.item() == 0
            assert evaluate.jensen_shannon(*mass).item() == pytest.approx(LOG2, abs=1e-12)
        else:
            assert c.item() < -0.01
            assert slope.item() > 0.1
            assert evaluate.jensen_shannon(*mass).item() < LOG2 - 0.01


# The bilinear game

starts = st.tuples(st.floats(-3, 3), st.floats(-3, 3))


@settings(max_examples=50, deadline=None)
@given(starts, st.floats(0.01, 1.5))
def test_moving_at_once_spirals_outward_and_in_turn_stays_on_an_ellipse(start, rate):
    path = gan.bilinear_game(start, rate, 50)
    assert path.dtype == F64
    assert path.shape == (51, 2)
    assert path[0].tolist() == list(start)
    growth = (1 + rate**2) ** (torch.arange(51, dtype=F64) / 2)
    torch.testing.assert_close(path.norm(dim=1), path[0].norm() * growth, rtol=1e-10, atol=1e-12)
    x, y = gan.bilinear_game(start, rate, 50, alternating=True).T
    invariant = x**2 + y**2 - rate * x * y
    torch.testing.assert_close(invariant, invariant[0].expand_as(invariant), rtol=1e-9, atol=1e-10)


def test_bilinear_game_moves_against_and_with_the_slope():
    assert gan.bilinear_game((1.0, 2.0), 0.5, 1)[1].tolist() == [0.0, 2.5]
    assert gan.bilinear_game((1.0, 2.0), 0.5, 1, alternating=True)[1].tolist() == [0.0, 2.0]


# Bad input

P = torch.tensor([0.25, 0.75])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: gan.criterion(P, torch.tensor([0.5, 0.6])), "p_g.*total probability.*1.1"),
        (lambda: gan.criterion(torch.tensor([1.5, -0.5]), P), "p_data"),
        (lambda: gan.criterion(P, torch.ones(3) / 3), "p_g.*points = 2 as in p_data"),
        (lambda: gan.criterion(P, P, dx=0.5), "p_data.*dx"),
        (lambda: gan.criterion(P, P, dx=0.0), "dx.*above 0"),
        (
            lambda: gan.criterion(torch.tensor(1.0), torch.tensor(1.0)),
            r"p_data: expected axes \(\*batch, points\)",
        ),
        (lambda: gan.criterion(torch.tensor([math.nan, 1.0]), P), "p_data.*finite"),
        (lambda: gan.value(P, P, torch.tensor([0.5, 1.1])), r"d: expected values in \[0"),
        (lambda: gan.value(P, P, torch.tensor([0.5])), "d: expected points = 2 as in p_data"),
        (lambda: gan.optimal_discriminator(P, -P), "p_g"),
        (lambda: gan.criterion_gradient(P, torch.zeros(2, 1)), "p_g"),
        (lambda: gan.mirror_step(P, P, 0.0), "rate.*above 0"),
        (lambda: gan.mirror_step(P, P, 1.5), "rate.*1.5"),
        (lambda: gan.bilinear_game((1.0, math.inf), 0.1, 3), "start"),
        (lambda: gan.bilinear_game((1.0, 1.0, 1.0), 0.1, 3), "start"),
        (lambda: gan.bilinear_game((1.0, 1.0), -0.1, 3), "rate"),
        (lambda: gan.bilinear_game((1.0, 1.0), 1e30, 30), "rate.*steps"),
        (lambda: gan.bilinear_game((1.0, 1.0), 0.1, 0), "steps"),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises((TypeError, ValueError), match=words):
        call()
