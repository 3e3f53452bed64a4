"""PyTorch's default type and device are the caller's affair: what is drawn, measured and shown is the same bits."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from matplotlib import pyplot as plt
from torch import Tensor

from gennb import data, evaluate, gan, plot, vae

CPU = torch.device("cpu")


@pytest.fixture(params=["float64", "meta"])
def other_default(request):
    """Afterwards the usual defaults hold again."""

    def choose() -> None:
        if request.param == "float64":
            torch.set_default_dtype(torch.float64)
        else:
            torch.set_default_device("meta")

    yield choose
    torch.set_default_dtype(torch.float32)
    torch.set_default_device(None)


def leaves(thing: Any) -> list[Any]:
    if dataclasses.is_dataclass(thing):
        thing = vars(thing)
    if isinstance(thing, dict):
        thing = list(thing.values())
    if isinstance(thing, list | tuple):
        return [leaf for part in thing for leaf in leaves(part)]
    return [thing]


def same(a: Any, b: Any) -> bool:
    if isinstance(a, Tensor):
        return a.dtype == b.dtype and a.device == b.device and bool(a.equal(b))
    return bool(np.array_equal(a, b))


def generator() -> torch.Generator:
    return torch.Generator(CPU).manual_seed(0)


torch.manual_seed(0)
X = torch.linspace(0, 1, 5 * 16).reshape(5, 1, 4, 4)
Z = torch.linspace(-1, 1, 6).reshape(3, 2)
P, Q = torch.tensor([[0.25, 0.75, 0.0], [0.5, 0.25, 0.25]])
Y = torch.arange(3)
BERNOULLI = vae.VAE((1, 4, 4), 2, hidden=(8,), posterior="full")
GAUSSIAN = vae.VAE((1, 4, 4), 2, "gaussian", hidden=(4,), architecture="conv", noise_std=0.3)
LINE = vae.LinearGaussian(torch.tensor([[1.0], [0.5]]), torch.zeros(2), 0.5)
NORMAL = vae.Gaussian(torch.zeros(3, 1), torch.ones(3, 1))
GAME = gan.GAN(gan.mlp((2, 4, 2)), gan.mlp((2, 4, 1)), loss="wasserstein-gp", prior="uniform")
FACTORS = {"smile": torch.tensor([0.0, 1.0, 0.0, 2.0, 1.0])}
CODES = torch.randn(5, 2)
ESTIMATOR = (lambda z: z.square().sum(-1), torch.zeros(2), torch.zeros(2), Z)

CALLS: dict[str, Callable[[], Any]] = {
    **{name: lambda name=name: data.load(name, "test", n=20) for name in data.NAMES[2:]},
    "density": lambda: [data.density(name) for name in data.DENSITIES],
    "density, sample": lambda: data.density("moons").sample(5, generator()),
    "density, log_prob": lambda: data.density("spiral").log_prob(Z),
    "strokes.render": lambda: data.strokes.render(Y, slant=0.2, x=torch.zeros(3, device=CPU)),
    "faces.render": lambda: data.faces.render(smile=0.8, blur=1.0, cover=0.5),
    "divergences": lambda: [
        f(P, Q) for f in (evaluate.kl_divergence, evaluate.jensen_shannon, evaluate.total_variation)
    ],
    "earth_movers_distance": lambda: evaluate.earth_movers_distance(P, Q),
    "bound": lambda: evaluate.importance_weighted_bound(Z),
    "parzen": lambda: evaluate.parzen_bandwidth(X, X[:3]),
    "inception_score": lambda: evaluate.inception_score(torch.stack([P, Q])),
    "frechet_distance": lambda: evaluate.frechet_distance(CODES, Z),
    "mode_coverage": lambda: evaluate.mode_coverage(Z, Z, 0.1),
    "nearest": lambda: gan.nearest_neighbours(X, X[:3]),
    "interpolate": lambda: gan.interpolate(Z, -Z, 4),
    "theory": lambda: [
        gan.optimal_discriminator(P, Q),
        gan.value(P, Q, P),
        gan.criterion(P, Q),
        gan.criterion_gradient(P, Q),
        gan.mirror_step(P, Q, 0.5),
        gan.bilinear_game((1.0, 0.0), 0.1, 5),
    ],
    "game": lambda: [
        GAME.sample(4, generator()),
        GAME.discriminator_loss(Z),
        GAME.generator_loss(Z),
        GAME.value(Z),
    ],
    "bernoulli": lambda: [
        BERNOULLI.elbo(X, samples=3, generator=generator()),
        BERNOULLI.log_likelihood(X, 5, generator=generator()),
        BERNOULLI.loss(X),
        BERNOULLI.sample(3, generator(), pixel_noise=True),
        BERNOULLI.traverse(Z[0], Z[1], Z[2]),
    ],
    "gaussian": lambda: [
        GAUSSIAN.elbo(X, samples=3, kl="monte-carlo", generator=generator()),
        GAUSSIAN.sample(3, generator(), pixel_noise=True),
        vae.laplace_posterior(GAUSSIAN, X),
        [p.detach() for p in GAUSSIAN.with_full_posterior().state_dict().values()],
    ],
    "line": lambda: [
        vae.LinearGaussian.fit(CODES, 1),
        LINE.sample(3, generator()),
        LINE.log_evidence(Z),
        vae.elbo_from_joint(LINE, Z, NORMAL),
        vae.evidence_by_quadrature(LINE, Z, 10),
        vae.posterior_divergence_by_bayes(LINE, Z, NORMAL),
    ],
    "latent": lambda: [vae.directions(CODES, FACTORS), vae.readouts(CODES, FACTORS)],
    "gradients": lambda: [
        vae.pathwise_gradient(*ESTIMATOR),
        vae.score_function_gradient(*ESTIMATOR),
    ],
    "montage": lambda: plot.montage(X, 2),
    "manifold": lambda: plot.manifold(BERNOULLI, side=3).images[0].get_array(),
    "codes": lambda: plot.codes(Z, Y).collections[0].get_offsets(),
    "curves": lambda: (
        plot.curves([1, 2], {"one": Z.T[:, :2]}, xlabel="", ylabel="").lines[0].get_xydata()
    ),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_default_type_or_device_changes_no_result(name, other_default):
    def result() -> list[Any]:
        torch.default_generator.manual_seed(0)
        return leaves(CALLS[name]())

    expected = result()
    other_default()
    found = result()
    plt.close("all")
    for a, b in zip(found, expected, strict=True):
        assert same(a, b)


def test_what_is_built_under_another_default_has_that_type():
    torch.set_default_dtype(torch.float64)
    try:
        model = vae.VAE((1, 4, 4), 2, "gaussian", hidden=(4,))
        game = gan.GAN(gan.mlp((2, 4, 2), copies=2), gan.mlp((2, 4, 1), copies=2))
        parameters = [*model.parameters(), *game.parameters()]
        results = [model.loss(X.double()), model.sample(2), game.sample(2)]
    finally:
        torch.set_default_dtype(torch.float32)
    assert {x.dtype for x in (*parameters, *results)} == {torch.float64}
