"""The machines of the part on history against enumeration, linear algebra and the theorems of its pages."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import erf
from torch import Tensor

from gennb import autoencoders, history
from gennb.history import McCullochPitts, Unit

SEEDS = st.integers(0, 2**31 - 1)


def generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


# McCulloch and Pitts


@settings(deadline=None)
@given(SEEDS, st.integers(1, 6), st.integers(1, 4))
def test_units_fire_as_counting_says(seed: int, sources: int, units: int) -> None:
    g = generator(seed)
    x = torch.randint(2, (5, sources), generator=g).float()
    excitatory = torch.randint(3, (units, sources), generator=g).float()
    inhibitory = torch.randint(2, (units, sources), generator=g).float()
    threshold = torch.randint(5, (units,), generator=g).float()
    out = history.fires(x, excitatory, inhibitory, threshold)
    for n in range(5):
        for u in range(units):
            on = [j for j in range(sources) if x[n, j]]
            vetoed = any(inhibitory[u, j] for j in on)
            count = sum(int(excitatory[u, j]) for j in on)
            assert out[n, u] == (count >= threshold[u] and not vetoed)


@settings(deadline=None)
@given(st.integers(1, 4), SEEDS)
def test_two_layers_compute_any_function(n: int, seed: int) -> None:
    outputs = torch.randint(2, (2**n,), generator=generator(seed)).float()
    net = history.net_of_table(outputs)
    rows = torch.cat([history.truth_table(n), torch.ones(2**n, 1)], 1)
    answers = net.run(rows[:, None].expand(-1, 2, -1))[:, 1, net.units.index("out")]
    assert torch.equal(answers, outputs)
    assert len(net.units) == outputs.sum() + 1


def test_a_net_goes_on_from_its_own_past() -> None:
    """A unit that hears itself fires on; one that vetoes itself blinks."""
    units = {
        "on": Unit(1, ("x", "on")),
        "blinks": Unit(1, ("on",), vetoed_by=("blinks",)),
        "twice": Unit(2, ("x", "x")),
    }
    x = torch.tensor([0.0, 1, 0, 0, 0, 0])[None, :, None]
    on, blinks, twice = McCullochPitts(("x",), units).run(x)[0].mT.tolist()
    assert on == [0, 1, 1, 1, 1, 1]
    assert blinks == [0, 0, 1, 0, 1, 0]
    assert twice == [0, 1, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("inputs", "units", "words"),
    [
        (("a", "b"), {}, "at least one unit"),
        (("a", "b"), {"a": Unit(1)}, "a name of its own"),
        (("a", "b"), {"u": Unit(1, ("c",))}, "got 'c'"),
    ],
)
def test_what_is_no_net_is_refused(
    inputs: tuple[str, ...], units: dict[str, Unit], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        McCullochPitts(inputs, units)


def test_a_text_is_no_tuple_of_names() -> None:
    with pytest.raises(TypeError, match="got 'carry'"):
        Unit(2, "carry")  # type: ignore[arg-type]


@pytest.mark.parametrize("rows", [1, 3, 6])
def test_a_table_has_a_power_of_two_of_rows(rows: int) -> None:
    with pytest.raises(ValueError, match="truth table"):
        history.net_of_table(torch.ones(rows))


def test_a_unit_is_on_or_off() -> None:
    with pytest.raises(ValueError, match="zeros and ones"):
        history.net_of_table(torch.tensor([0.0, 0.5]))


# Hebb and Oja


@settings(deadline=None)
@given(SEEDS)
def test_rules_multiply_by_the_second_moments(seed: int) -> None:
    g = generator(seed)
    x = torch.randn(20, 4, generator=g).double()
    w = torch.randn(4, generator=g).double()
    C = x.mT @ x / 20
    torch.testing.assert_close(history.hebbian_update(w, x, 0.1), w + 0.1 * C @ w)
    torch.testing.assert_close(history.oja_update(w, x, 0.1), w + 0.1 * (C @ w - (w @ C @ w) * w))


@pytest.mark.parametrize("seed", range(5))
def test_oja_finds_the_first_principal_component(seed: int) -> None:
    g = generator(seed)
    x = torch.randn(100, 6, generator=g).double() * torch.tensor([3.0, 2, 1, 1, 1, 1])
    x = x - x.mean(0)
    w = torch.randn(6, generator=g).double()
    w = w / w.norm()
    for _ in range(1000):
        w = history.oja_update(w, x, 0.02)
    _, first = autoencoders.principal_components(x, 1)
    assert autoencoders.principal_angles(w[:, None], first)[0] < 0.01
    assert w.norm() == pytest.approx(1, abs=1e-6)


# The perceptron


def cloud(seed: int) -> tuple[Tensor, Tensor]:
    """Examples that a random plane separates."""
    g = generator(seed)
    n, d = (int(torch.randint(*of, (), generator=g)) for of in ((2, 40), (1, 6)))
    x = torch.randn(n, d, generator=g).double()
    u = torch.randn(d + 1, generator=g).double()
    return x, torch.where(x @ u[:-1] + u[-1] > 0, 1.0, -1.0).double()


@settings(max_examples=250, deadline=None)
@given(SEEDS)
def test_mistakes_stay_below_the_bound(seed: int) -> None:
    x, y = cloud(seed)
    unit = history.Perceptron(x.shape[1])
    learned = unit.fit(x, y)
    assert learned.converged
    assert learned.mistakes <= history.mistake_bound(x, y) * (1 + 1e-9)
    assert torch.equal(unit.predict(x), y)


@settings(deadline=None)
@given(SEEDS)
def test_the_rule_is_that_of_one_example_after_the_other(seed: int) -> None:
    x, y = cloud(seed)
    y[0] *= -1  # may be separable no more
    w, mistakes = torch.zeros(x.shape[1] + 1).double(), 0
    for _ in range(7):
        for each, sign in zip(history.extended(x), y, strict=True):
            if sign * (w @ each) <= 0:
                w, mistakes = w + sign * each, mistakes + 1
    unit = history.Perceptron(x.shape[1])
    learned = unit.fit(x, y, epochs=7)
    torch.testing.assert_close(unit.w, w)
    assert learned.mistakes == mistakes
    assert learned.epochs <= 7


@pytest.mark.parametrize("seed", range(10))
def test_the_largest_margin_is_that_of_a_quadratic_program(seed: int) -> None:
    x, y = cloud(seed)
    signed = (history.extended(x) * y[:, None]).numpy()
    start = history.Perceptron(x.shape[1])
    start.fit(x, y)
    w = start.w.numpy()
    found = minimize(
        lambda w: 0.5 * w @ w,
        w / (signed @ w).min(),
        jac=lambda w: w,
        constraints={"type": "ineq", "fun": lambda w: signed @ w - 1, "jac": lambda _: signed},
        options={"maxiter": 1000, "ftol": 1e-14},
    )
    assert history.largest_margin(x, y) == pytest.approx(1 / math.sqrt(found.x @ found.x), rel=1e-5)


@settings(deadline=None)
@given(SEEDS)
def test_there_is_a_plane_or_a_proof_that_there_is_none(seed: int) -> None:
    g = generator(seed)
    n = int(torch.randint(2, 12, (), generator=g))
    x = torch.randint(-2, 3, (n, 2), generator=g).double()
    y = torch.randint(2, (n,), generator=g).double() * 2 - 1
    proof = history.certificate(x, y)
    if proof is None:
        assert history.largest_margin(x, y) > 0
        assert history.Perceptron(2).fit(x, y).converged
    else:
        assert history.largest_margin(x, y) == 0
        assert history.mistake_bound(x, y) == math.inf
        assert (proof >= 0).all()
        assert proof.sum() == pytest.approx(1)
        assert ((proof * y) @ history.extended(x)).abs().max() < 1e-6


def test_learning_that_would_not_end_asks_for_a_limit() -> None:
    x, y = history.truth_table(2), torch.tensor([-1.0, 1, 1, -1])
    with pytest.raises(ValueError, match="epochs=100"):
        history.Perceptron(2).fit(x, y)
    learned = history.Perceptron(2).fit(x, y, epochs=50)
    assert not learned.converged
    assert learned.mistakes >= 50


def test_labels_are_signs() -> None:
    with pytest.raises(ValueError, match=r"From zeros and ones: 2 \* y - 1"):
        history.Perceptron(2).fit(history.truth_table(2), torch.tensor([0.0, 1, 1, 0]))


# Hopfield


def random_network(seed: int, n: int) -> history.Hopfield:
    A = torch.randn(n, n, generator=generator(seed)).double()
    net = history.Hopfield(n).double()
    net.W = (A + A.mT).fill_diagonal_(0)
    return net


def test_energies_are_sums_over_pairs() -> None:
    net = random_network(0, 6)
    s = 2 * history.truth_table(6).double() - 1
    sums = -sum(net.W[i, j] * s[:, i] * s[:, j] for i in range(6) for j in range(i))
    torch.testing.assert_close(net.energy(s), sums)


@settings(deadline=None)
@given(SEEDS, st.integers(2, 12))
def test_asynchronous_recall_never_raises_the_energy(seed: int, n: int) -> None:
    net = random_network(seed, n)
    s = 2 * history.truth_table(n).double()[:64] - 1
    recalled = net.recall(s, sweeps=200, generator=generator(seed))
    assert (recalled.energies.diff(dim=0) <= 1e-9).all()
    assert recalled.settled.all()
    torch.testing.assert_close(recalled.energies[-1], net.energy(recalled.states))
    # Where it rests, no single flip leads lower.
    for i in range(n):
        flipped = recalled.states.clone()
        flipped[:, i] *= -1
        assert (net.energy(flipped) >= recalled.energies[-1] - 1e-9).all()


@settings(deadline=None)
@given(SEEDS)
def test_all_at_once_comes_to_a_cycle_of_two(seed: int) -> None:
    net = random_network(seed, 10)
    s = 2 * history.truth_table(10).double()[::37] - 1
    late = net.recall(s, "synchronous", sweeps=200).states
    torch.testing.assert_close(net.recall(late, "synchronous", sweeps=2).states, late)


def test_a_pattern_and_its_negative_are_kept() -> None:
    g = generator(0)
    xi = torch.randn(20, 1000, generator=g).sign()
    net = history.Hopfield(1000)
    net.store(xi[:10])
    net.store(xi[10:])
    torch.testing.assert_close(net.W, (xi.mT @ xi / 1000).fill_diagonal_(0))
    both = torch.cat([xi, -xi])
    flips = torch.rand(both.shape, generator=g) < 0.2
    recalled = net.recall(torch.where(flips, -both, both), generator=g)
    assert torch.equal(recalled.states, both)


def test_a_thousand_patterns_of_a_thousand_units_are_recalled_at_once() -> None:
    """Too many to be kept: what is held is that they run, and come to rest."""
    xi = torch.randn(1000, 1000, generator=generator(0)).sign()
    net = history.Hopfield(1000)
    net.store(xi)
    recalled = net.recall(xi, sweeps=2, generator=generator(1))
    assert recalled.states.shape == (1000, 1000)
    assert (recalled.energies.diff(dim=0) <= 1e-2).all()


@pytest.mark.parametrize("seed", range(3))
def test_a_tie_is_a_tie(seed: int) -> None:
    """With 401 units and 11 patterns k/N is no binary fraction; whole numbers are the oracle."""
    g = generator(seed)
    xi, s = torch.randn(11, 401, generator=g).sign(), torch.randn(40, 401, generator=g).sign()
    net = history.Hopfield(401)
    net.store(xi)
    recalled = net.recall(s, sweeps=1, generator=generator(seed))
    whole, exact, ties = (xi.mT @ xi).long().fill_diagonal_(0), s.long(), 0
    for i in torch.randperm(401, generator=generator(seed)).tolist():
        h = exact @ whole[i]
        exact[:, i] = torch.where(h == 0, exact[:, i], h.sign())
        ties += int((h == 0).sum())
    assert ties > 10
    assert torch.equal(recalled.states.long(), exact)


def test_all_at_once_follows_the_rows_of_weights_that_are_not_symmetric() -> None:
    net = history.Hopfield(2)
    net.W = torch.tensor([[0.0, 1.0], [-1.0, 0.0]])  # the first follows, the second flees
    moved = net.recall(torch.tensor([[1.0, -1.0]]), "synchronous", sweeps=1).states
    assert moved.tolist() == [[-1.0, -1.0]]


def test_capacity_solves_the_equations_of_its_theory() -> None:
    """Amit, Gutfreund and Sompolinsky's three equations at zero temperature, with y = m / √(2αr)."""
    y = torch.linspace(1.6, 4, 50).double()
    alpha, m = history.retrieval_overlap(y)
    C = 2 / math.sqrt(math.pi) * torch.exp(-(y**2)) * y / m
    r = 1 / (1 - C) ** 2
    torch.testing.assert_close(torch.from_numpy(erf((m / (2 * alpha * r).sqrt()).numpy())), m)


def test_patterns_are_signs() -> None:
    net = history.Hopfield(4)
    with pytest.raises(ValueError, match="expected -1 and \\+1 alone, got 0, 1"):
        net.store(history.truth_table(4))
    with pytest.raises(ValueError, match="expected shape"):
        net.recall(torch.ones(1, 3))
