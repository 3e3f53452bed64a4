"""Autoencoders against closed forms, SciPy, scikit-learn, plain PyTorch and what the theory says of noise."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import subspace_angles
from sklearn.decomposition import PCA
from torch import nn
from torch.distributions import Bernoulli, Normal

from gennb import autoencoders as ae
from gennb import data, train, vae

OPTIONS = {"progress": False, "device": "cpu"}
SHAPE = (1, 8, 8)


@pytest.fixture(autouse=True)
def seeded():
    return train.seed(0)


def pictures(n: int = 30) -> torch.Tensor:
    return torch.rand(n, *SHAPE)


def model(likelihood="bernoulli") -> ae.Autoencoder:
    return ae.Autoencoder(SHAPE, 3, likelihood, hidden=(12,))


# The model and its losses


def test_there_and_back():
    x, both = pictures(), model()
    y = both.encode(x)
    assert y.shape == (30, 3)
    torch.testing.assert_close(both.decode(y), torch.sigmoid(both.decoder(both.encoder(x))))
    torch.testing.assert_close(both.reconstruct(x), both.decode(y))
    error = (x - both.decode(y)).square().sum((1, 2, 3))
    torch.testing.assert_close(both.squared_error(x), error)


def test_losses_are_negative_log_likelihoods():
    x = pictures().round()
    both = model()
    law = Bernoulli(both.reconstruct(x))
    torch.testing.assert_close(both.log_prob(x), law.log_prob(x).sum((1, 2, 3)))
    torch.testing.assert_close(both.loss(x), -both.log_prob(x).mean())
    for likelihood, std in (("gaussian", 1.0), (ae.GaussianValues(0.3), 0.3)):
        both = model(likelihood)
        law = Normal(both.reconstruct(x), std)
        torch.testing.assert_close(both.log_prob(x), law.log_prob(x).sum((1, 2, 3)))


@given(st.floats(-8, 8), st.floats(0, 1))
def test_matched_units_have_the_plain_difference_as_slope(a, x):
    logit = torch.tensor([a], dtype=torch.float64, requires_grad=True)
    value = torch.tensor([x], dtype=torch.float64)
    for likelihood, mean in (
        (vae.BernoulliPixels(), torch.sigmoid(logit)),
        (ae.GaussianValues(1.0), logit),
    ):
        (slope,) = torch.autograd.grad(-likelihood.log_prob(value, logit), logit)
        torch.testing.assert_close(slope, (mean - value).detach())


def test_a_learned_variance_becomes_the_mean_squared_error():
    both = ae.Autoencoder((4,), 1, ae.GaussianValues(), hidden=())
    x = torch.randn(200, 4)
    for lr in (5e-2, 5e-3):
        train.fit(both, x, epochs=300, lr=lr, batch_size=200, **OPTIONS)
    std = both.likelihood.log_noise.detach().exp()
    expected = (both.squared_error(x).mean() / 4).sqrt().detach()
    torch.testing.assert_close(std, expected, rtol=1e-3, atol=0)


def test_networks_of_ones_own_are_taken():
    encoder, decoder = nn.Linear(5, 2), nn.Linear(2, 5)
    both = ae.Autoencoder((5,), 2, "gaussian", encoder=encoder, decoder=decoder)
    x = torch.randn(4, 5)
    torch.testing.assert_close(both.reconstruct(x), decoder(encoder(x)))
    with pytest.raises(ValueError, match=r"encoder: expected codes of shape \(N, 3\)"):
        ae.Autoencoder((5,), 3, encoder=encoder, decoder=decoder).encode(x)
    with pytest.raises(ValueError, match="decoder: expected examples of shape"):
        ae.Autoencoder((6,), 2, encoder=nn.Linear(6, 2), decoder=decoder).decode(encoder(x))


@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 7, 10), (2, 5, 1)])
def test_convolutions_keep_the_shape_of_the_image(shape):
    both = ae.ConvAutoencoder(shape, 4, channels=(3, 5))
    x = torch.rand(2, *shape)
    assert both.encode(x).shape == (2, 4)
    assert both.reconstruct(x).shape == x.shape
    assert any(isinstance(layer, nn.MaxPool2d) for layer in both.encoder)
    assert any(isinstance(layer, nn.Upsample) for layer in both.decoder)


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="n_code: expected at least 1"):
        ae.Autoencoder(SHAPE, 0)
    with pytest.raises(TypeError, match="n_code: expected an integer"):
        ae.Autoencoder(SHAPE, 2.5)
    with pytest.raises(ValueError, match=r"x: expected values in \[0.0, 1.0\]"):
        model().loss(2 * pictures())
    with pytest.raises(ValueError, match=r"data: expected values in \[0.0, 1.0\]"):
        train.fit(model(), 2 * pictures(), epochs=1, **OPTIONS)
    with pytest.raises(ValueError, match=r"x: expected shape \(batch, 1, 28, 28\)"):
        ae.ConvAutoencoder((1, 28, 28), 4).encode(pictures())
    model("gaussian").loss(2 * pictures())


# The linear case


@given(st.integers(0, 2**31), st.integers(1, 5))
@settings(max_examples=25, deadline=None)
def test_principal_components_are_those_of_scikit_learn(seed, n):
    x = torch.randn(40, 5, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    mean, directions = ae.principal_components(x * torch.arange(1, 6) + 2, n)
    peer = PCA(n).fit((x * torch.arange(1, 6) + 2).numpy())
    torch.testing.assert_close(mean, torch.from_numpy(peer.mean_))
    overlap = (directions * torch.from_numpy(peer.components_.T)).sum(0).abs()
    torch.testing.assert_close(overlap, torch.ones_like(overlap))


@given(st.integers(0, 2**31), st.sampled_from([1e-7, 1e-3, 1.0]))
@settings(max_examples=25, deadline=None)
def test_principal_angles_are_those_of_scipy(seed, tilt):
    rng = torch.Generator().manual_seed(seed)
    a = torch.randn(7, 3, generator=rng, dtype=torch.float64)
    b = a + tilt * torch.randn(7, 3, generator=rng, dtype=torch.float64)
    expected = torch.from_numpy(subspace_angles(a.numpy(), b.numpy())).flip(0).rad2deg()
    torch.testing.assert_close(ae.principal_angles(a, b), expected, rtol=1e-6, atol=1e-9)


def test_a_linear_autoencoder_reaches_the_eigenvalues_left():
    x = torch.randn(300, 5).double() * torch.tensor([3.0, 2.0, 1.0, 0.5, 0.2])
    both = ae.Autoencoder((5,), 2, "gaussian", hidden=()).double()
    for lr in (3e-2, 3e-3, 3e-4):
        train.fit(both, x, epochs=400, lr=lr, batch_size=300, **OPTIONS)
    left = torch.linalg.eigvalsh(torch.cov(x.mT, correction=0))[:3].sum()
    torch.testing.assert_close(both.squared_error(x).mean().detach(), left, rtol=1e-3, atol=0)
    _, basis = ae.principal_components(x, 2)
    assert ae.principal_angles(both.decoder[0].weight.detach(), basis).max() < 1


# Sparse codes


def test_l1_costs_its_weight_for_each_unit_of_activation():
    cost = ae.L1Sparsity(0.5)
    y = torch.tensor([[0.0, 2.0], [1.0, 3.0]])
    assert float(cost(y)) == pytest.approx(0.5 * (2 + 4) / 2)
    assert cost.on(y).tolist() == [[False, True], [True, True]]
    assert float(cost.weight) == 0.5


def test_kl_sparsity_is_the_divergence_of_coins():
    y = torch.rand(50, 4)
    rho = torch.distributions.Bernoulli(0.2)
    expected = 3 * torch.distributions.kl_divergence(rho, Bernoulli(y.mean(0))).sum()
    torch.testing.assert_close(ae.KLSparsity(0.2, 3.0)(y), expected)
    assert float(ae.KLSparsity(0.2)(torch.full((5, 4), 0.2))) == pytest.approx(0, abs=1e-6)


def test_a_price_moves_towards_its_target_in_training_alone():
    price = ae.L1Sparsity(1.0, target=0.5)
    price.eval()
    price(torch.ones(2, 4))
    assert float(price.weight) == 1
    price.train()
    price(torch.ones(2, 4))
    assert float(price.weight) > 1
    before = float(price.weight)
    price(torch.zeros(2, 4))
    assert float(price.weight) < before


def test_a_sparse_code_has_the_share_of_active_units_that_was_asked_for():
    x = data.load("digits").x
    for target in (0.05, 0.2):
        train.seed(1)
        sparse = ae.SparseAutoencoder(SHAPE, 96, ae.L1Sparsity(target=target))
        train.fit(sparse, x, epochs=60, lr=3e-3, **OPTIONS)
        assert float(sparse.active(x).mean()) == pytest.approx(target, rel=0.2)


def test_kl_holds_the_mean_activation():
    x = data.load("digits").x
    sparse = ae.SparseAutoencoder(SHAPE, 96, ae.KLSparsity(0.1, 3.0))
    train.fit(sparse, x, epochs=60, lr=3e-3, **OPTIONS)
    assert sparse.encode(x).mean().item() == pytest.approx(0.1, rel=0.2)


def test_a_filter_is_what_a_unit_adds():
    sparse = ae.SparseAutoencoder(SHAPE, 5, ae.L1Sparsity())
    filters = sparse.filters()
    assert filters.shape == (5, *SHAPE)
    torch.testing.assert_close(filters.flatten(1).norm(dim=1), torch.ones(5))
    y = torch.rand(3, 5)
    output = sparse.decoder[0].bias + y @ filters.flatten(1)
    torch.testing.assert_close(sparse.decode(y).flatten(1), torch.sigmoid(output))


def test_loss_is_reconstruction_and_price():
    x = pictures()
    for price in (ae.L1Sparsity(0.3), ae.KLSparsity(0.1, 2.0)):
        sparse = ae.SparseAutoencoder(SHAPE, 5, price)
        expected = price(sparse.encode(x)) - sparse.log_prob(x).mean()
        torch.testing.assert_close(sparse.loss(x), expected)


# Noise


@pytest.mark.parametrize(
    ("corruption", "mean", "variance"),
    [
        (ae.GaussianNoise(0.5), lambda x: x, lambda x: 0.25 + 0 * x),
        (ae.Masking(0.3), lambda x: 0.7 * x, lambda x: 0.21 * x**2),
        (
            ae.SaltAndPepper(0.4),
            lambda x: 0.6 * x + 0.2,
            lambda x: 0.6 * x**2 + 0.2 - (0.6 * x + 0.2) ** 2,
        ),
    ],
)
def test_corruptions_have_the_mean_and_variance_that_they_say(corruption, mean, variance):
    x = torch.tensor([0.0, 0.3, 1.0]).double().repeat(40_000, 1)
    drawn = corruption.sample(x, torch.Generator().manual_seed(0))
    torch.testing.assert_close(drawn.mean(0), mean(x[0]), rtol=0, atol=0.01)
    torch.testing.assert_close(drawn.var(0), variance(x[0]), rtol=0, atol=0.01)


def test_corruptions_refuse_nonsense():
    for kind in (ae.Masking, ae.SaltAndPepper):
        with pytest.raises(ValueError, match=r"share: expected a number in \[0, 1\]"):
            kind(1.5)
    with pytest.raises(ValueError, match="std: expected a finite number above 0"):
        ae.GaussianNoise(0.0)
    with pytest.raises(TypeError, match="corruption: expected an instance of Corruption"):
        ae.DenoisingAutoencoder(SHAPE, 3, 0.5)


def test_denoising_sees_noise_and_is_judged_by_the_clean():
    x = pictures()
    noisy = ae.GaussianNoise(0.5)
    both = ae.DenoisingAutoencoder(SHAPE, 3, noisy, "gaussian", hidden=(8,))
    torch.manual_seed(3)
    found = both.loss(x)
    torch.manual_seed(3)
    given = noisy.sample(x)
    law = Normal(both.reconstruct(given), 1.0)
    torch.testing.assert_close(found, -law.log_prob(x).sum((1, 2, 3)).mean())
    twice = ae.DenoisingAutoencoder(
        SHAPE, 3, noisy, "gaussian", target_corruption=ae.Masking(0.5), hidden=(8,)
    )
    torch.manual_seed(3)
    found = twice.loss(x)
    torch.manual_seed(3)
    given, target = noisy.sample(x), ae.Masking(0.5).sample(x)
    law = Normal(twice.reconstruct(given), 1.0)
    torch.testing.assert_close(found, -law.log_prob(target).sum((1, 2, 3)).mean())


def gaussian_denoiser(prior: float, noise: float) -> ae.DenoisingAutoencoder:
    """The exact denoiser of N(0, prior²) in one dimension: p(x | x̃) is a Gaussian that is known."""
    shrink = prior**2 / (prior**2 + noise**2)
    left = math.sqrt(shrink) * noise
    both = ae.DenoisingAutoencoder(
        (1,),
        1,
        ae.GaussianNoise(noise),
        ae.GaussianValues(left),
        encoder=nn.Linear(1, 1),
        decoder=nn.Linear(1, 1),
    ).double()
    with torch.no_grad():
        both.encoder.weight.fill_(shrink)
        both.decoder.weight.fill_(1.0)
        both.encoder.bias.zero_()
        both.decoder.bias.zero_()
    return both


def test_the_score_of_a_gaussian_is_tweedies():
    x = torch.linspace(-3, 3, 7).double()[:, None]
    exact = -x / (1.5**2 + 0.5**2)
    torch.testing.assert_close(gaussian_denoiser(1.5, 0.5).score(x), exact)
    masked = ae.DenoisingAutoencoder((1,), 1, ae.Masking(0.5), "gaussian", hidden=())
    with pytest.raises(ValueError, match="only Gaussian noise"):
        masked.score(x.float())


def test_a_chain_with_exact_steps_keeps_the_distribution_and_mixes_as_it_must():
    prior, noise = 1.5, 1.0
    both = gaussian_denoiser(prior, noise)
    rng = torch.Generator().manual_seed(0)
    start = prior * torch.randn(4000, 1, generator=rng).double()
    states = both.chain(start, 60, rng)
    assert states.shape == (61, 4000, 1)
    assert torch.equal(states[0], start)
    assert float(states[-1].std()) == pytest.approx(prior, rel=0.05)
    # x' = a x + noise with a = prior² / (prior² + noise²): an autoregression, whose time is (1 + a) / (1 - a).
    a = prior**2 / (prior**2 + noise**2)
    states = both.chain(start[:200], 3000, rng)
    found = float(ae.autocorrelation_time(states[..., 0]))
    assert found == pytest.approx((1 + a) / (1 - a), rel=0.1)


def test_independent_draws_are_worth_a_step_each():
    assert float(ae.autocorrelation_time(torch.randn(4000, 5))) == pytest.approx(1, abs=0.1)
    with pytest.raises(ValueError, match="numbers that differ"):
        ae.autocorrelation_time(torch.ones(10, 2))


def test_psnr():
    clean = torch.zeros(2, 1, 2, 2)
    noisy = clean + torch.tensor([0.1, 0.01])[:, None, None, None]
    torch.testing.assert_close(ae.psnr(noisy, clean), torch.tensor([20.0, 40.0]))


# Stacks


def test_a_stack_is_its_layers_one_in_the_other():
    stack = ae.StackedAutoencoder((6, 4, 3, 2), linear_code=True)
    x = torch.rand(5, 6)
    up = [layer[0] for layer in stack.encoder]
    y = up[2](torch.sigmoid(up[1](torch.sigmoid(up[0](x)))))
    torch.testing.assert_close(stack.encode(x), y)
    down = [layer for layer in stack.decoder if isinstance(layer, nn.Linear)]
    back = torch.sigmoid(down[2](torch.sigmoid(down[1](torch.sigmoid(down[0](y))))))
    torch.testing.assert_close(stack.decode(y), back)


@pytest.mark.parametrize("corruption", [None, ae.Masking(0.2)])
def test_pretraining_trains_the_layers_in_turn(corruption):
    x = data.load("digits", n=400).x.flatten(1)
    stack = ae.StackedAutoencoder((64, 24, 8))
    fresh = [p.detach().clone() for p in stack.parameters()]
    before = stack.loss(x).item()
    histories = stack.pretrain(x, epochs=30, lr=5e-3, corruption=corruption, **OPTIONS)
    assert len(histories) == 2
    assert all(
        not torch.equal(old, new) for old, new in zip(fresh, stack.parameters(), strict=True)
    )
    assert stack.loss(x).item() < before - 5
    # The first layer alone, as it was trained: the second one has not moved it since.
    outer = ae.Autoencoder((64,), 24, encoder=stack.encoder[0], decoder=stack.decoder[-1])
    assert outer.loss(x).item() < stack.loss(x).item()


def test_a_classifier_begins_with_a_copy_of_the_encoder():
    stack = ae.StackedAutoencoder((64, 16))
    judge = stack.classifier(10)
    images = data.load("digits")
    x = images.x.flatten(1)
    torch.testing.assert_close(judge(x), judge.top(stack.encode(x)))
    kept = stack.encode(x)
    train.fit(judge, (x, images.y), epochs=20, lr=1e-2, **OPTIONS)
    assert judge.error_rate(x, images.y) < 0.1
    torch.testing.assert_close(stack.encode(x), kept)
    wrong = (judge(x).argmax(1) != images.y).double().mean()
    assert judge.error_rate(x, images.y) == pytest.approx(float(wrong))


def test_a_resumed_run_knows_what_it_learns(tmp_path):
    x = pictures()
    path = tmp_path / "run.safetensors"

    def run(price):
        train.seed(0)
        return train.fit(
            ae.SparseAutoencoder(SHAPE, 5, price), x, epochs=1, checkpoint=path, **OPTIONS
        )

    run(ae.L1Sparsity(target=0.1))
    with pytest.raises(ValueError, match=r"target"):
        run(ae.L1Sparsity(target=0.2))
