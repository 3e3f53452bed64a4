"""Loading: names, splits, prefixes, hostile input; the densities against integration and scipy."""

import contextlib
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal

from gennb import data

GENERATED = ("strokes", "faces", *data.DENSITIES)
IMAGES = {"digits": (1, 8, 8), "strokes": (1, 28, 28), "faces": (3, 32, 32)}


@pytest.mark.parametrize("name", [*IMAGES, *data.DENSITIES])
@pytest.mark.parametrize("split", ["train", "test"])
def test_load_keeps_its_promises(name, split):
    loaded = data.load(name, split, n=200)
    assert (len(loaded), loaded.name) == (200, name)
    assert loaded.x.dtype == torch.float32
    assert loaded.x.isfinite().all()
    assert loaded.x.shape[1:] == IMAGES.get(name, (2,))
    if name in IMAGES:
        assert loaded.x.min() >= 0
        assert loaded.x.max() <= 1
        assert loaded.x.max() > 0.95
    if name == "faces":
        assert loaded.y is None
    else:
        assert loaded.y.dtype == torch.int64
        assert loaded.y.shape == (200,)


@pytest.mark.parametrize("name", GENERATED)
def test_fewer_examples_are_a_prefix_and_seeds_and_splits_differ(name):
    few, many = data.load(name, n=70), data.load(name, n=700)
    torch.testing.assert_close(few.x, many.x[:70], rtol=0, atol=0)
    if few.y is not None:
        assert torch.equal(few.y, many.y[:70])
    if few.factors is not None:
        assert all(torch.equal(few.factors[k], many.factors[k][:70]) for k in many.factors)
    for other in (data.load(name, n=70, seed=1), data.load(name, "test", n=70)):
        same = (other.x == few.x).flatten(1).all(1)
        assert not same.any()


def test_drawing_leaves_torch_as_it_was():
    threads, state = torch.get_num_threads(), torch.get_rng_state()
    torch.set_num_threads(2)  # drawing takes one
    try:
        data.load("strokes", n=3)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(threads)
    assert torch.equal(torch.get_rng_state(), state)


def test_digits_are_scikit_learns_and_split_by_class():
    from sklearn.datasets import load_digits

    bunch = load_digits()
    train, test = data.load("digits"), data.load("digits", "test")
    assert (len(train), len(test)) == (1442, 355)
    together = sorted(torch.cat([train.x, test.x]).flatten(1).mul(16).tolist())
    assert together == sorted(bunch.data.tolist())
    shares = test.y.bincount() / torch.from_numpy(np.bincount(bunch.target))
    assert (shares - 0.2).abs().max() < 0.01


def test_slices_masks_and_single_examples_stay_data_sets():
    strokes = data.load("strokes", n=50)
    for part, rows in [
        (strokes[10:20], range(10, 20)),
        (strokes[torch.tensor([3, 1])], [3, 1]),
        (strokes[strokes.y == 7], (strokes.y == 7).nonzero()[:, 0].tolist()),
        (strokes[4], [4]),
        (strokes[-1], [49]),
        (strokes[torch.tensor(7)], [7]),
    ]:
        rows = list(rows)
        assert isinstance(part, data.Dataset)
        assert len(part) == len(rows)
        assert torch.equal(part.x, strokes.x[rows])
        assert torch.equal(part.y, strokes.y[rows])
        assert torch.equal(part.factors["slant"], strokes.factors["slant"][rows])
    with pytest.raises(IndexError, match="expected -50 to 49"):
        strokes[50]
    with pytest.raises(TypeError, match=r"torch\.tensor"):
        strokes[[1, 2]]
    moved = strokes.to("meta")
    assert {moved.x.device.type, moved.y.device.type, moved.factors["x"].device.type} == {"meta"}


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"name": "mnits"}, ValueError, "faces, fashion-mnist"),
        ({"name": None}, ValueError, "strokes"),
        ({"name": ["strokes"]}, ValueError, "strokes"),
        ({"name": "strokes", "split": "validation"}, ValueError, "test, train"),
        ({"name": "strokes", "split": ["train"]}, ValueError, "test, train"),
        ({"name": "strokes", "n": 0}, ValueError, "at least 1"),
        ({"name": "strokes", "n": -5}, ValueError, "at least 1"),
        ({"name": "strokes", "n": 2.0}, TypeError, "integer"),
        ({"name": "strokes", "n": True}, TypeError, "integer"),
        ({"name": "strokes", "n": 60_001}, ValueError, "60,000"),
        ({"name": "ring", "split": "test", "n": 10_001}, ValueError, "10,000"),
        ({"name": "digits", "n": 1443}, ValueError, "1,442"),
        ({"name": "strokes", "seed": -1}, ValueError, "at least 0"),
        ({"name": "strokes", "seed": "0"}, TypeError, "integer"),
        ({"name": "mnist", "fallback": "faces"}, ValueError, "strokes"),
    ],
)
def test_bad_arguments_say_what_was_expected(arguments, error, message):
    with pytest.raises(error, match=message):
        data.load(**arguments)


anything = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.binary(max_size=4)
)


@settings(deadline=None, max_examples=60)
@given(name=anything, split=anything, n=anything, seed=anything)
def test_hostile_arguments_raise_only_the_two_errors(name, split, n, seed):
    for arguments in (
        {"name": name},
        {"name": "ring", "split": split},
        {"name": "ring", "n": n},
        {"name": "ring", "n": 2, "seed": seed},
    ):
        try:
            loaded = data.load(**arguments)
        except (ValueError, TypeError) as error:
            message = str(error)
        else:
            message = f"expected a Dataset of {arguments['name']}" * (len(loaded) > 0)
        assert "expected" in message or "has 60,000" in message


@settings(deadline=None, max_examples=60)
@given(
    factor=st.sampled_from(["smile", "cover", "smlie", "digit"]),
    value=st.one_of(anything, st.just(torch.zeros(0)), st.just(torch.zeros(2, 2))),
)
def test_hostile_factors_raise_only_the_two_errors(factor, value):
    for render in (data.faces.render, lambda **f: data.strokes.render(3, **f)):
        with contextlib.suppress(ValueError, TypeError):
            assert render(**{factor: value}).isfinite().all()


# Densities


@pytest.mark.parametrize("name", data.DENSITIES)
def test_density_integrates_to_one(name):
    density = data.density(name)
    step = 0.02
    axis = torch.arange(-2, 2, step, dtype=torch.float64)
    p = density.log_prob(torch.cartesian_prod(axis, axis)).exp()
    assert abs(p.sum().item() * step**2 - 1) < 1e-9


@pytest.mark.parametrize("name", data.DENSITIES)
def test_log_prob_is_scipys(name):
    density = data.density(name)
    x = density.sample(50, torch.Generator().manual_seed(0)).double() * 1.1
    parts = [multivariate_normal(c, density.std**2).pdf(x) for c in density.centers.numpy()]
    torch.testing.assert_close(
        density.log_prob(x), torch.from_numpy(np.log(np.mean(parts, 0))), rtol=0, atol=1e-8
    )
    single = density.log_prob(x.float())
    assert single.dtype == torch.float32
    torch.testing.assert_close(single.double(), density.log_prob(x), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("name", data.DENSITIES)
def test_samples_follow_the_density(name):
    density = data.density(name)
    loaded = data.load(name, n=20_000)
    drawn = density.sample(20_000, torch.Generator().manual_seed(1))
    # The entropy from samples is that of the density on a grid, to four standard errors.
    axis = torch.arange(-2, 2, 0.02, dtype=torch.float64)
    log_p = density.log_prob(torch.cartesian_prod(axis, axis))
    entropy = -(log_p.exp() * log_p).sum().item() * 0.02**2
    for x in (loaded.x, drawn):
        log_prob = density.log_prob(x.double())
        error = log_prob.std().item() / math.sqrt(len(x))
        assert abs(-log_prob.mean().item() - entropy) < 4 * error
        torch.testing.assert_close(
            x.mean(0).double(), density.centers.mean(0), rtol=0, atol=4 / math.sqrt(len(x))
        )
    nearest = torch.cdist(loaded.x.double(), density.centers).argmin(1)
    if name in ("ring", "grid"):
        assert (density.labels[nearest] == loaded.y).double().mean() > 0.99
        counts = loaded.y.bincount(minlength=len(density.centers)).double()
        expected = len(loaded) / len(counts)
        assert ((counts - expected).abs() < 5 * math.sqrt(expected)).all()


def test_the_ring_has_eight_modes_at_equal_angles():
    ring = data.density("ring")
    gaps = torch.cdist(ring.centers, ring.centers) + 9 * torch.eye(8)
    torch.testing.assert_close(
        gaps.amin(1), torch.full((8,), 2 * math.sin(math.pi / 8)).double(), rtol=0, atol=1e-7
    )
    torch.testing.assert_close(ring.centers.norm(dim=1), torch.ones(8).double())


def test_curves_are_smooth_along_their_middle():
    for name in ("moons", "spiral"):
        density = data.density(name)
        arm = density.centers[density.labels == 0][8:-8]
        between = (arm[1:] + arm[:-1]) / 2
        dip = density.log_prob(arm[1:]) - density.log_prob(between)
        assert dip.abs().max() < 0.1


def test_sampling_is_repeatable_by_generator_or_global_seed():
    density = data.density("moons")
    one, two = (density.sample(9, torch.Generator().manual_seed(5)) for _ in range(2))
    assert torch.equal(one, two)
    torch.manual_seed(5)
    assert torch.equal(density.sample(9), one)


@pytest.mark.parametrize(
    ("x", "error"),
    [
        (torch.zeros(2), ValueError),
        (torch.zeros(4, 3), ValueError),
        (torch.zeros(0, 2), ValueError),
        (torch.full((1, 2), math.nan), ValueError),
        (torch.zeros(1, 2, dtype=torch.int64), TypeError),
        ([[0.0, 0.0]], TypeError),
    ],
)
def test_log_prob_refuses(x, error):
    with pytest.raises(error, match="expected"):
        data.density("two").log_prob(x)


def test_density_names_its_choices():
    with pytest.raises(ValueError, match="grid, moons, ring, spiral, two"):
        data.density("rings")
    with pytest.raises(ValueError, match="at least 1"):
        data.density("ring").sample(0)
