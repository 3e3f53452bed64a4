"""The door of the package: numbers, axes that bind, and values that nobody can look at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from jaxtyping import Float, Int
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensorMode

from gennb import data, train, vae
from gennb._axes import Axes, bind
from gennb._validate import check_count, check_device, check_images, check_number, checked

SIZES = st.lists(st.integers(1, 3), max_size=3).map(tuple)


def fits(*tensors: tuple[str, tuple[int, ...]]) -> bool:
    try:
        bind(tuple((f"x{i}", Axes(axes), shape) for i, (axes, shape) in enumerate(tensors)))
    except ValueError:
        return False
    return True


@given(SIZES, SIZES)
def test_names_bind_exactly(a, b):
    assert fits(("*batch latent", (*a, 5)), ("*batch latent", (*b, 5))) == (a == b)
    assert fits(("latent *batch", (5, *a)), ("*batch latent", (*b, 5))) == (a == b)
    assert fits(("*batch latent", (*a, 5)), ("*others latent", (*b, 5)))
    assert not fits(("*batch latent", (*a, 5)), ("*batch latent", (*a, 4)))


@given(SIZES, SIZES)
def test_what_may_stand_for_all_is_what_broadcasts(a, b):
    try:
        both = np.broadcast_shapes(a, b)
    except ValueError:
        both = None
    assert fits(("*#batch", a), ("*#batch", b)) == (both is not None)
    assert fits(("*#batch", a), ("*batch", b)) == fits(("*batch", b), ("*#batch", a)) == (both == b)


@given(SIZES, SIZES, SIZES)
def test_what_may_stand_for_all_does_so_for_any_number_of_tensors(a, b, c):
    try:
        np.broadcast_shapes(a, b, c)
        together = True
    except ValueError:
        together = False
    assert fits(("*#batch 2", (*a, 2)), ("*#batch", b), ("7 *#batch", (7, *c))) == together


@given(SIZES)
def test_a_shape_fits_axes_of_its_own_number_alone(shape):
    for axes in ("", "a", "a b", "_ _", "a b c", "_ a 3"):
        words = axes.split()
        right = len(words) == len(shape) and ("3" not in words or shape[-1] == 3)
        assert fits((axes, shape)) == right
    for axes in ("...", "*any", "*_"):
        assert fits((axes, shape), (axes + " 2", (*shape, 2)))
    assert fits(("a ...", shape)) == (len(shape) >= 1)
    assert fits(("...", shape), ("...", (*shape, 1)))


def test_one_size_may_stand_for_all_where_it_says_so():
    assert fits(("#batch 2", (1, 2)), ("batch 2", (3, 2)))
    assert not fits(("#batch 2", (3, 2)), ("batch 2", (1, 2)))
    assert not fits(("#batch 2", (2, 2)), ("batch 2", (3, 2)))
    assert not fits(("square square", (2, 3)))


@dataclass(frozen=True)
class Line:
    slope: Float[Tensor, "latent"]  # noqa: F821

    @checked
    def __post_init__(self) -> None: ...

    @checked
    def at(self, z: Float[Tensor, "batch latent"]) -> Float[Tensor, " batch"]:
        return z @ self.slope


@checked
def both(
    x: Float[Tensor, "batch 2"] | Float[Tensor, "batch 2 2"] | None,
    y: Int[Tensor, " batch"],
    line: Line | None = None,
    generator: torch.Generator | None = None,
    n: int = 1,
) -> int:
    return n


def test_annotations_of_every_kind_are_kept():
    y = torch.arange(3)
    assert both(torch.zeros(3, 2), y) == both(torch.zeros(3, 2, 2), y, n=1) == both(None, y=y) == 1
    assert both(None, torch.arange(4), Line(torch.ones(5)), torch.Generator(), 7) == 7
    for words, call in {
        "y: expected batch = 3 as in x": lambda: both(torch.zeros(3, 2), torch.arange(4)),
        r"x: expected axes \(batch, 2\) or \(batch, 2, 2\), got \(3, 3\)": (
            lambda: both(torch.zeros(3, 3), y)
        ),
        "x: expected a torch.Tensor, got list": lambda: both([1.0], y),
        "y: expected a tensor of integers, got torch.float32": lambda: both(None, torch.ones(3)),
        "line: expected an instance of Line, got int": lambda: both(None, y, 3),
        "generator: expected an instance of Generator": lambda: both(None, y, None, 3),
        "y: expected at least one element": lambda: both(None, torch.arange(0)),
        r"slope: expected axes \(latent,\)": lambda: Line(torch.ones(2, 2)),
        r"z: expected latent = 2 as in slope \(2,\), got 3 in \(4, 3\)": (
            lambda: Line(torch.ones(2)).at(torch.ones(4, 3))
        ),
    }.items():
        with pytest.raises((TypeError, ValueError), match=words):
            call()


def test_shapes_that_contradict_each_other_are_refused():
    zeros, ones = torch.zeros, torch.ones
    q = vae.Gaussian(zeros(3, 2), ones(3, 2))
    for call, words in [
        (lambda: vae.kl_to_standard_normal(zeros(3, 2), ones(3, 5)), "scale.*latent = 2.*mean.*5"),
        (lambda: vae.kl_to_standard_normal(zeros(3, 2), ones(1, 2)), "stand for all, expand"),
        (lambda: vae.kl_to_standard_normal(zeros(3, 2), ones(3, 2, 5)), "scale.*latent"),
        (lambda: vae.bernoulli_log_likelihood(zeros(3, 5), zeros(3, 1)), "logits.*pixels = 5"),
        (lambda: vae.bernoulli_log_likelihood(zeros(3, 5), zeros(2, 5)), r"logits.*batch = \(3,\)"),
        (lambda: vae.gaussian_log_likelihood(zeros(3, 5), zeros(3, 1), zeros(())), "mean.*pixels"),
        (lambda: vae.reparameterize(zeros(3, 2), ones(3, 2), ones(7, 1, 2)), "noise.*batch = 3"),
        (lambda: q.at(ones(1, 2)), "noise.*batch = 3 as in mean"),
        (lambda: q.log_prob(ones(4, 3, 1)), "z.*latent = 2 as in mean"),
    ]:
        with pytest.raises(ValueError, match=words):
            call()


def test_one_example_may_stand_for_all_codes():
    x, logits = torch.rand(5), torch.randn(4, 3, 5)
    one = vae.bernoulli_log_likelihood(x, logits)
    assert torch.equal(one, vae.bernoulli_log_likelihood(x.expand(4, 3, 5), logits))


def test_numbers_of_numpy_and_of_tensors_are_numbers():
    for three in (3, np.int64(3), np.uint8(3), np.array(3), torch.tensor(3)):
        assert check_count(three, "n") == 3
        assert type(check_count(three, "n")) is int
    for tenth in (np.float32(0.1), np.float64(0.1), torch.tensor(0.1), np.array(0.1)):
        assert check_number(tenth, "lr") == pytest.approx(0.1)
        assert type(check_number(tenth, "lr")) is float
    assert train.seed(np.int64(3)).initial_seed() == 3
    for bad in (True, np.True_, torch.tensor(True), np.array([3]), torch.ones(1).long(), "3", None):
        with pytest.raises(TypeError, match="n: expected an integer"):
            check_count(bad, "n")
        with pytest.raises(TypeError, match="lr: expected a number"):
            check_number(bad, "lr")
    with pytest.raises(TypeError, match="expected an integer"):
        check_count(np.float64(3), "n")


def test_the_missing_axis_is_the_one_that_is_missing():
    model = vae.VAE((1, 28, 28), 2, hidden=(4,))
    color = vae.VAE((3, 8, 8), 2, hidden=(4,))
    for call, mend in [
        (lambda: model.elbo(torch.rand(100, 28, 28)), r"Add the channel axis with x\[:, None\]\.$"),
        (lambda: model.elbo(torch.rand(1, 28, 28)), r"Add the batch axis with x\[None\]\.$"),
        (
            lambda: color.elbo(torch.rand(3, 8, 8)),
            r"or the batch axis with x\[None\] if .* in color",
        ),
        (
            lambda: check_images(torch.rand(7, 8, 8), "x", (1, 8, 8)),
            r"channel axis with x\[:, None",
        ),
        (
            lambda: check_images(torch.rand(7, 8, 8), "x", (3, 8, 8)),
            r"x\[None\], or .*x\[:, None\]",
        ),
        (
            lambda: check_images(torch.rand(2, 8, 8), "x", (2, 8, 8)),
            r"batch axis with x\[None\]\.$",
        ),
        (lambda: model.decode(torch.zeros(2)), r"Add the batch axis with z\[None\]\.$"),
    ]:
        with pytest.raises(ValueError, match=mend):
            call()


def test_transforms_look_at_no_value():
    torch.manual_seed(0)
    model = vae.VAE((1, 4, 4), 2, hidden=(8,))
    z, x = torch.randn(5, 2), torch.rand(5, 1, 4, 4)
    images = torch.func.vmap(lambda z: model.decode(z[None])[0])(z)
    torch.testing.assert_close(images, model.decode(z))
    slopes = torch.func.vmap(torch.func.jacrev(lambda z: model.decode(z[None])[0]))(z)
    whole = torch.autograd.functional.jacobian(model.decode, z)
    torch.testing.assert_close(slopes, torch.stack([whole[i, ..., i, :] for i in range(5)]))
    elbo = torch.func.vmap(lambda x: model.elbo(x[None])[0], randomness="different")(x)
    assert elbo.isfinite().all()
    with pytest.raises(ValueError, match="z: expected"):
        torch.func.vmap(lambda z: model.decode(z[None]))(torch.randn(5, 3))


def test_what_holds_no_values_passes_by_its_shape():
    model = vae.VAE((1, 4, 4), 2, hidden=(8,))
    with FakeTensorMode(allow_non_fake_inputs=True) as mode:
        assert model.decode(mode.from_tensor(torch.zeros(5, 2))).shape == (5, 1, 4, 4)
    z = torch.randn(5, 2)
    compiled = torch.compile(model.decode, backend="eager", fullgraph=True)
    torch.testing.assert_close(compiled(z), model.decode(z))
    meta = model.to("meta")
    assert meta.decode(z.to("meta")).shape == (5, 1, 4, 4)
    with pytest.raises(ValueError, match="z: expected"):
        meta.decode(torch.zeros(5, 3, device="meta"))


def test_a_device_that_is_not_there_is_named():
    assert check_device("cpu", "device") == torch.device("cpu")
    with pytest.raises(ValueError, match="device: expected a device of this machine"):
        data.load("ring", n=3).to("nowhere")
