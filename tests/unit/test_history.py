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

from gennb import autoencoders, data, history
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


# The group method of data handling


def settings_of(knobs: int) -> Tensor:
    """All combinations of three settings: a designed experiment."""
    return torch.cartesian_prod(*[torch.tensor([-1.0, 0.0, 1.0]).double()] * knobs)


@settings(deadline=None, max_examples=20)
@given(SEEDS)
def test_a_designed_experiment_gives_the_law_back(seed: int) -> None:
    """A sum of quadratic functions of two pairs of knobs, with a knob that does nothing: two layers say it exactly."""
    g = generator(seed)
    a, b = torch.randn(2, 6, generator=g).double()
    x, others = settings_of(5), 2 * torch.rand(100, 5, generator=g).double() - 1

    def law(x: Tensor) -> Tensor:
        return history.quadratic(x[:, 0], x[:, 3]) @ a + history.quadratic(x[:, 1], x[:, 2]) @ b

    net = history.GMDH(width=10, most=2)
    net.fit(x, law(x), others, law(others))
    fresh = 3 * torch.randn(50, 5, generator=g).double()
    torch.testing.assert_close(net.predict(fresh), law(fresh), rtol=1e-6, atol=1e-6)
    expected = {
        (0, 0, 0, 0, 0): a[0] + b[0],
        (1, 0, 0, 1, 0): a[3],
        (0, 0, 2, 0, 0): b[5],
        (0, 0, 0, 0, 1): 0.0,
    }
    found = net.polynomial(degree=4)
    assert all(abs(found.get(powers, 0.0) - c) < 1e-6 for powers, c in expected.items())


@settings(deadline=None, max_examples=20)
@given(SEEDS, st.integers(1, 3))
def test_the_polynomial_is_what_the_network_says(seed: int, layers: int) -> None:
    g = generator(seed)
    x, y = torch.randn(40, 3, generator=g).double(), torch.randn(40, generator=g).double()
    net = history.GMDH(width=3, most=layers, gain=0)
    net.fit(x[:20], y[:20], x[20:], y[20:])
    spelled = torch.zeros(40).double()
    for powers, c in net.polynomial(degree=2**layers).items():
        spelled += c * (x ** torch.tensor(powers)).prod(1)
    torch.testing.assert_close(net.predict(x), spelled, rtol=1e-6, atol=1e-8)


def test_a_layer_holds_the_best_of_all_pairs() -> None:
    """Each pair fitted by another routine, and judged by the examples held back."""
    g = generator(0)
    x, y = torch.randn(60, 5, generator=g).double(), torch.randn(60, generator=g).double()
    net = history.GMDH(width=4, most=1)
    net.fit(x[:30], y[:30], x[30:], y[30:])
    errors = {}
    for i in range(5):
        for j in range(i + 1, 5):
            terms = history.quadratic(x[:, i], x[:, j])
            fitted = torch.linalg.lstsq(terms[:30], y[:30, None]).solution
            errors[i, j] = float((terms[30:] @ fitted - y[30:, None]).square().mean())
    best = sorted(errors, key=lambda pair: errors[pair])[:4]
    assert net.layers[0].pairs.tolist() == [list(pair) for pair in best]
    assert net.layers[0].error == pytest.approx(errors[best[0]])
    assert net.network() == [[0]]


def test_growth_asks_for_pairs_and_examples() -> None:
    x, y = torch.randn(8, 3), torch.randn(8)
    with pytest.raises(ValueError, match="at least 2 features"):
        history.GMDH().fit(x[:, :1], y, x[:, :1], y)
    with pytest.raises(ValueError, match="at least 6 examples"):
        history.GMDH().fit(x[:5], y[:5], x, y)
    with pytest.raises(ValueError, match="features"):
        history.GMDH().fit(x, y, x[:, :2], y)
    with pytest.raises(ValueError, match="Call fit first"):
        history.GMDH().predict(x)


# The self-organizing map


def sheet_of(seed: int, rows: int, columns: int, features: int) -> history.SelfOrganizingMap:
    sheet = history.SelfOrganizingMap(rows, columns, features).double()
    sheet.W = torch.randn(rows * columns, features, generator=generator(seed)).double()
    return sheet


@settings(deadline=None, max_examples=20)
@given(SEEDS, st.integers(1, 4), st.integers(2, 4), st.floats(0.3, 3))
def test_a_step_moves_the_winner_and_its_neighbors(
    seed: int, rows: int, columns: int, radius: float
) -> None:
    sheet = sheet_of(seed, rows, columns, 3)
    before, x = sheet.W.clone(), torch.randn(3, generator=generator(seed + 1)).double()
    sheet.step(x, 0.3, radius)
    c = min(range(rows * columns), key=lambda k: float((x - before[k]).norm()))
    for k in range(rows * columns):
        far = (c // columns - k // columns) ** 2 + (c % columns - k % columns) ** 2
        pull = 0.3 * math.exp(-far / (2 * radius**2))
        torch.testing.assert_close(sheet.W[k], before[k] + pull * (x - before[k]))


@settings(deadline=None, max_examples=20)
@given(SEEDS, st.floats(0.3, 3))
def test_a_pass_moves_units_to_weighted_means(seed: int, radius: float) -> None:
    sheet = sheet_of(seed, 3, 4, 2)
    x = torch.randn(30, 2, generator=generator(seed + 1)).double()
    winners, places = torch.cdist(x, sheet.W).argmin(1), sheet.grid
    sheet.fit(x, [radius])
    for k in range(12):
        h = torch.exp(-(places[winners] - places[k]).square().sum(1) / (2 * radius**2))
        torch.testing.assert_close(sheet.W[k], (h[:, None] * x).sum(0) / h.sum())


def test_without_neighbors_it_is_k_means() -> None:
    sheet, x = sheet_of(0, 3, 4, 2), torch.randn(200, 2, generator=generator(1)).double()
    sheet.W[0] = 100.0  # wins nothing
    centers = sheet.W.clone()
    sheet.fit(x, [1e-3] * 5)
    for _ in range(5):
        winners = torch.cdist(x, centers).argmin(1)
        for k in winners.unique().tolist():
            centers[k] = x[winners == k].mean(0)
    torch.testing.assert_close(sheet.W, centers)


@settings(deadline=None, max_examples=20)
@given(SEEDS)
def test_errors_are_those_of_their_definitions(seed: int) -> None:
    sheet, x = sheet_of(seed, 4, 3, 2), torch.randn(25, 2, generator=generator(seed + 1)).double()
    distances = torch.cdist(x, sheet.W)
    assert torch.equal(sheet.winners(x), distances.argmin(1))
    assert sheet.quantization_error(x) == pytest.approx(float(distances.amin(1).mean()))
    apart = 0
    for row in distances.argsort(1)[:, :2].tolist():
        (i, j), (k, m) = (divmod(unit, 3) for unit in row)
        apart += max(abs(i - k), abs(j - m)) > 1
    assert sheet.topographic_error(x) == pytest.approx(apart / 25)


def test_a_sheet_is_spread_along_the_principal_components() -> None:
    g = generator(0)
    x = torch.randn(500, 3, generator=g).double() * torch.tensor([3.0, 1.0, 0.1]) + 5
    sheet = history.SelfOrganizingMap(5, 4, 3).double()
    sheet.spread(x)
    variances, axes = torch.linalg.eigh(torch.cov(x.mT, correction=0))
    corners = sheet.W[[0, 3, 16, 19]] - x.mean(0)
    along = (corners @ axes.flip(1))[:, :2].abs() / variances.flip(0)[:2].sqrt()
    torch.testing.assert_close(along, torch.full((4, 2), 2.0).double())
    assert sheet.topographic_error(x) == 0
    line = history.SelfOrganizingMap(1, 4, 1)
    line.spread(torch.arange(10.0)[:, None])
    assert sheet.W.isfinite().all()


def test_a_map_unfolds_from_chaos() -> None:
    """Over the unit square, for five starts: no example's two nearest units are far apart, as before most were."""
    for seed in range(5):
        x = torch.rand(2000, 2, generator=generator(seed)).double()
        sheet = sheet_of(seed, 8, 8, 2)
        assert sheet.topographic_error(x) > 0.5
        sheet.fit(x, [4 * 0.125 ** (k / 29) for k in range(30)])
        assert sheet.topographic_error(x) < 0.1
        assert sheet.quantization_error(x) < 0.06


def test_maps_need_units_and_examples() -> None:
    with pytest.raises(ValueError, match="rows: expected at least 1"):
        history.SelfOrganizingMap(0, 3, 2)
    with pytest.raises(ValueError, match="at least 2"):
        history.SelfOrganizingMap(1, 1, 2)
    sheet = history.SelfOrganizingMap(2, 2, 3)
    with pytest.raises(ValueError, match="at least 2 examples"):
        sheet.fit(torch.ones(1, 3), [1.0])
    with pytest.raises(ValueError, match="expected shape"):
        sheet.winners(torch.ones(4, 2))


# The neocognitron


def answers_by_hand(u: Tensor, a: Tensor, b: Tensor, r: float) -> Tensor:
    """Equation by equation, cell by cell."""
    batch, channels, height, width = u.shape
    half, c = a.shape[2] // 2, history.window(a.shape[2]).double() / channels
    out = torch.zeros(batch, len(a), height, width).double()
    for n, k, y, x in torch.cartesian_prod(*(torch.arange(s) for s in out.shape)).tolist():
        excited, seen = 0.0, 0.0
        for i in range(-half, half + 1):
            for j in range(-half, half + 1):
                if 0 <= y + i < height and 0 <= x + j < width:
                    here = u[n, :, y + i, x + j]
                    excited += float(a[k, :, i + half, j + half] @ here)
                    seen += float(c[i + half, j + half] * here.square().sum())
        share = (1 + excited) / (1 + r / (1 + r) * float(b[k]) * seen**0.5)
        out[n, k, y, x] = r * max(0.0, share - 1)
    return out


def test_s_cells_are_the_equation() -> None:
    g = generator(0)
    u, a = (
        torch.rand(2, 3, 5, 6, generator=g).double(),
        torch.rand(4, 3, 3, 3, generator=g).double(),
    )
    b = torch.rand(4, generator=g).double()
    torch.testing.assert_close(history.s_cells(u, a, b, 1.5), answers_by_hand(u, a, b, 1.5))


def test_c_cells_are_the_equation() -> None:
    u = torch.rand(1, 2, 6, 6, generator=generator(0)).double()
    d = history.window(3).double()
    d = d / d[1, 1]
    sums = torch.zeros(1, 2, 3, 3).double()
    for k, y, x in torch.cartesian_prod(*(torch.arange(s) for s in (2, 3, 3))).tolist():
        for i in range(3):
            for j in range(3):
                row, column = 2 * y + i - 1, 2 * x + j - 1
                if 0 <= row < 6 and 0 <= column < 6:
                    sums[0, k, y, x] += d[i, j] * u[0, k, row, column]
    z = ((1 + sums) / (1 + sums.mean(1, keepdim=True)) - 1).clamp(min=0)
    torch.testing.assert_close(history.c_cells(u, 3, 2), z / (0.5 + z))


@settings(deadline=None, max_examples=20)
@given(SEEDS, st.floats(0.5, 5), st.floats(0.2, 1))
def test_s_cells_answer_to_angles(seed: int, r: float, contrast: float) -> None:
    """One window and one feature: the answer is that of the angle between them, at any contrast."""
    feature, seen = torch.rand(2, 5, 5, generator=generator(seed)).double()
    c = history.window(5).double()
    a, b = 1e7 * c * feature, 1e7 * (c * feature.square()).sum().sqrt()
    answer = history.s_cells(contrast * seen[None, None], a[None, None], b[None], r)[0, 0, 2, 2]
    cosine = (c * feature * seen).sum() / (
        (c * feature.square()).sum() * (c * seen.square()).sum()
    ).sqrt()
    torch.testing.assert_close(answer, ((1 + r) * cosine - r).relu(), atol=1e-4, rtol=0)


def digits_of(n: int) -> Tensor:
    return torch.nn.functional.pad(data.load("digits", n=n).x, (8,) * 4)


def test_a_stage_grows_until_nothing_is_silent() -> None:
    x, stage = digits_of(20), history.Stage(500, 3, 2.0, blur=3)
    stage.grow(x, generator(0))
    assert 10 < len(stage.b) < 500
    heard = history.s_cells(x, stage.a, stage.b, 2.0).amax(1)
    c = history.window(3)[None, None]
    v = torch.nn.functional.conv2d(x.square(), c, padding=1)[:, 0].sqrt()
    assert (heard[v > 0.11 * v.max()] > 0).all()
    c = history.window(3).sqrt()
    features = torch.nn.functional.normalize((stage.a / c).flatten(1), dim=1)
    alike = features @ features.mT - 2 * torch.eye(len(features))
    assert alike.max() < 2 / 3 + 1e-4  # nobody answers to the feature of another


def test_planes_move_with_the_picture() -> None:
    x, net = digits_of(20), history.Neocognitron([history.Stage(8, 3, blur=3, stride=2)])
    net.grow(x, generator(0))
    torch.testing.assert_close(net(x.roll((4, -2), (2, 3))), net(x).roll((2, -1), (2, 3)))
    again = history.Neocognitron([history.Stage(8, 3, blur=3, stride=2)])
    again.grow(x, generator(0))
    assert torch.equal(again(x), net(x))
    assert (net(x) >= 0).all()
    assert (net(x) < 1).all()


def test_windows_have_a_middle_and_pictures_something_in_them() -> None:
    with pytest.raises(ValueError, match="odd"):
        history.Stage(4, 4)
    with pytest.raises(ValueError, match="odd"):
        history.c_cells(torch.ones(1, 1, 4, 4), 2, 1)
    with pytest.raises(ValueError, match="zeros alone"):
        history.Stage(4, 3).grow(torch.zeros(2, 1, 6, 6))
    with pytest.raises(ValueError, match="Call grow first"):
        history.Stage(4, 3)(torch.ones(2, 1, 6, 6))
    with pytest.raises(ValueError, match="got none"):
        history.Neocognitron([])
