"""The VAE against enumeration, closed forms, automatic differentiation and torch.distributions."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import distributions as td

import gennb
from gennb import data, train, vae
from gennb.vae import VAE, Gaussian, LinearGaussian

F64 = torch.float64
seeds = st.integers(0, 2**32 - 1)


def random_gaussian(seed: int, n: int, latent: int, *, diagonal: bool = False) -> Gaussian:
    g = torch.Generator().manual_seed(seed)
    mean = torch.randn(n, latent, generator=g, dtype=F64)
    std = torch.rand(n, latent, generator=g, dtype=F64) + 0.2
    if diagonal:
        return Gaussian(mean, std)
    lower = torch.randn(n, latent, latent, generator=g, dtype=F64).tril(-1)
    return Gaussian(mean, lower + std.diag_embed())


def random_linear(seed: int, observed: int, latent: int, noise_std: float) -> LinearGaussian:
    g = torch.Generator().manual_seed(seed)
    weight = torch.randn(observed, latent, generator=g, dtype=F64)
    return LinearGaussian(weight, torch.randn(observed, generator=g, dtype=F64), noise_std)


def as_torch(q: Gaussian) -> td.Distribution:
    return td.MultivariateNormal(q.mean, scale_tril=q.scale.diag_embed() if q.diagonal else q.scale)


# Gaussians


@settings(max_examples=40, deadline=None)
@given(seeds, st.integers(1, 6), st.integers(1, 5), st.booleans())
def test_gaussian_agrees_with_torch_distributions(seed, n, latent, diagonal):
    q = random_gaussian(seed, n, latent, diagonal=diagonal)
    oracle = as_torch(q)
    noise = q.noise(7, torch.Generator().manual_seed(1))
    z = q.at(noise)
    torch.testing.assert_close(q.log_prob(z), oracle.log_prob(z))
    torch.testing.assert_close(q.log_prob_at(noise), oracle.log_prob(z))
    prior = td.MultivariateNormal(torch.zeros(latent, dtype=F64), torch.eye(latent, dtype=F64))
    torch.testing.assert_close(q.kl(), td.kl_divergence(oracle, prior))
    torch.testing.assert_close(q.covariance, oracle.covariance_matrix)
    torch.testing.assert_close(q.std, oracle.variance.sqrt())
    direction = torch.randn(latent, dtype=F64)
    expected = torch.einsum("i,nij,j->n", direction, oracle.covariance_matrix, direction).sqrt()
    torch.testing.assert_close(q.width(direction), expected)


@pytest.mark.parametrize("diagonal", [True, False])
def test_samples_have_the_mean_and_covariance_they_claim(diagonal):
    q = random_gaussian(3, 1, 3, diagonal=diagonal)
    z = q.at(q.noise(200_000, torch.Generator().manual_seed(0)))[:, 0]
    torch.testing.assert_close(z.mean(0), q.mean[0], atol=0.02, rtol=0)
    torch.testing.assert_close(z.T.cov(), q.covariance[0], atol=0.05, rtol=0)


@pytest.mark.parametrize("diagonal", [True, False])
def test_monte_carlo_divergence_is_unbiased(diagonal):
    q = random_gaussian(4, 3, 4, diagonal=diagonal)
    repeats = 400
    wide = Gaussian(q.mean.repeat(repeats, 1), torch.cat([q.scale] * repeats))
    estimates = vae.kl_monte_carlo(wide, 50, torch.Generator().manual_seed(0)).view(repeats, -1)
    error = (estimates.mean(0) - q.kl()).abs()
    assert (error < 4 * estimates.std(0) / math.sqrt(repeats)).all()


# The derivation


@settings(max_examples=60, deadline=None)
@given(seeds, st.integers(1, 6), st.integers(1, 3), st.floats(0.3, 3), st.booleans())
def test_every_line_of_the_derivation_holds(seed, observed, latent, noise_std, diagonal):
    model = random_linear(seed, observed, latent, noise_std)
    x = model.sample(4, torch.Generator().manual_seed(seed))
    q = random_gaussian(seed + 1, 4, latent, diagonal=diagonal)
    close = {"atol": 1e-6, "rtol": 1e-12}
    divergence = vae.posterior_divergence(model, x, q)
    torch.testing.assert_close(divergence, vae.posterior_divergence_by_bayes(model, x, q), **close)
    oracle = td.kl_divergence(as_torch(q), as_torch(model.exact_posterior(x)))
    torch.testing.assert_close(divergence, oracle, **close)
    elbo = vae.elbo_from_reconstruction(model, x, q)
    torch.testing.assert_close(elbo + oracle, model.log_evidence(x), **close)
    torch.testing.assert_close(elbo, vae.elbo_from_evidence(model, x, q), **close)
    torch.testing.assert_close(elbo, vae.elbo_from_joint(model, x, q), **close)
    assert (elbo <= model.log_evidence(x) + 1e-9).all()


def test_linear_gaussian_evidence_and_posterior_against_torch_distributions():
    model = random_linear(0, 4, 2, 0.6)
    x = model.sample(5, torch.Generator().manual_seed(0))
    covariance = model.weight @ model.weight.T + 0.36 * torch.eye(4, dtype=F64)
    oracle = td.MultivariateNormal(model.offset, covariance)
    torch.testing.assert_close(model.log_evidence(x), oracle.log_prob(x))
    # Condition the joint Gaussian of (z, x) by its blocks, rather than through the precision.
    gain = model.weight.T @ torch.linalg.inv(covariance)
    posterior = model.exact_posterior(x)
    torch.testing.assert_close(posterior.mean, (x - model.offset) @ gain.T)
    expected = torch.eye(2, dtype=F64) - gain @ model.weight
    torch.testing.assert_close(posterior.covariance, expected.expand(5, 2, 2))


@pytest.mark.parametrize("dtype", [torch.float32, F64])
def test_probabilistic_pca_of_data_that_do_not_fill_their_space(dtype):
    """Digits have three pixels that are never inked: 61 of 64 directions vary."""
    x = data.load("digits").x.flatten(1).to(dtype)
    model = LinearGaussian.fit(x, 60)
    variances = torch.linalg.eigvalsh(x.double().T.cov(correction=0)).flip(0)
    assert model.weight.dtype == dtype
    assert model.noise_std**2 == pytest.approx(float(variances[60:].mean()), rel=1e-4)
    found = torch.linalg.eigvalsh((model.weight.T @ model.weight).double()).flip(0)
    torch.testing.assert_close(found, variances[:60] - variances[60:].mean(), rtol=1e-4, atol=1e-6)
    for n_latent in (61, 62, 63):
        with pytest.raises(ValueError, match=f"n_latent: .*rank.* 61.*got {n_latent}"):
            LinearGaussian.fit(x, n_latent)


def test_probabilistic_pca_speaks_of_the_rank_of_few_or_constant_examples():
    few = torch.randn(5, 8, generator=torch.Generator().manual_seed(0))
    assert LinearGaussian.fit(few, 3).weight.shape == (8, 3)
    with pytest.raises(ValueError, match=r"n_latent: .*rank.* 4.*got 4"):
        LinearGaussian.fit(few, 4)
    with pytest.raises(ValueError, match=r"x: .*all the same"):
        LinearGaussian.fit(torch.ones(5, 8), 1)


def test_evidence_by_quadrature_is_the_evidence_where_the_likelihood_is_not_too_sharp():
    model = random_linear(2, 3, 2, 1.5)
    x = model.sample(6, torch.Generator().manual_seed(1))
    torch.testing.assert_close(
        vae.evidence_by_quadrature(model, x), model.log_evidence(x), atol=1e-6, rtol=0
    )


def test_single_draws_average_to_the_bound():
    model = random_linear(5, 4, 2, 0.8)
    x = model.sample(3, torch.Generator().manual_seed(0))
    q = random_gaussian(6, 3, 2)
    draws = vae.elbo_sample(model, x, q, q.noise(100_000, torch.Generator().manual_seed(0)))
    error = (draws.mean(0) - vae.elbo_from_reconstruction(model, x, q)).abs()
    assert (error < 4 * draws.std(0) / math.sqrt(len(draws))).all()


def test_pages_show_the_equations_without_their_doors():
    for shown in (vae.Gaussian.log_prob_at, vae.elbo_from_joint, vae.VAE.log_weights):
        source = str(gennb.show(shown)._repr_markdown_())
        assert "bare" not in source
        assert "checked" not in source
    assert "return standard_normal_log_prob(noise) - log_det(self.scale)" in str(
        gennb.show(vae.Gaussian.log_prob_at)._repr_markdown_()
    )


# Likelihoods


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_bernoulli_log_likelihood(seed):
    g = torch.Generator().manual_seed(seed)
    logits = torch.randn(3, 17, generator=g, dtype=F64) * 20
    x = (torch.rand(3, 17, generator=g) < 0.5).double()
    expected = td.Bernoulli(logits=logits).log_prob(x).sum(-1)
    torch.testing.assert_close(vae.bernoulli_log_likelihood(x, logits), expected)


def test_bernoulli_probabilities_of_all_images_sum_to_one():
    logits = torch.randn(6, dtype=F64)
    images = torch.cartesian_prod(*[torch.tensor([0.0, 1.0], dtype=F64)] * 6)
    total = vae.bernoulli_log_likelihood(images, logits.expand_as(images)).exp().sum()
    assert total.item() == pytest.approx(1, abs=1e-12)


def test_bernoulli_survives_extreme_logits():
    x = torch.tensor([[1.0, 0.0]])
    assert vae.bernoulli_log_likelihood(x, torch.tensor([[1e4, -1e4]])).item() == 0
    assert vae.bernoulli_log_likelihood(x, torch.tensor([[-1e4, 1e4]])).item() == -2e4


@settings(max_examples=40, deadline=None)
@given(seeds, st.floats(0.01, 10))
def test_gaussian_log_likelihood(seed, std):
    g = torch.Generator().manual_seed(seed)
    x, mean = torch.randn(2, 3, 17, generator=g, dtype=F64)
    log_std = torch.tensor(std, dtype=F64).log()
    expected = td.Normal(mean, std).log_prob(x).sum(-1)
    torch.testing.assert_close(vae.gaussian_log_likelihood(x, mean, log_std), expected)


def test_binarize_draws_with_the_grey_level_as_probability():
    x = torch.tensor([0.0, 0.2, 0.7, 1.0]).expand(100_000, 4)
    drawn = vae.binarize(x, torch.Generator().manual_seed(0))
    assert set(drawn.unique().tolist()) == {0.0, 1.0}
    torch.testing.assert_close(drawn.mean(0), x[0], atol=0.006, rtol=0)


# Gradients


def test_both_gradient_estimators_agree_with_autograd_on_a_quadratic():
    """E[(z - a)²] = (μ - a)² + σ², whose gradient needs no sampling."""
    a = torch.tensor([0.5, -1.0], dtype=F64)
    mean = torch.tensor([0.2, 0.3], dtype=F64, requires_grad=True)
    log_std = torch.tensor([-0.3, 0.4], dtype=F64, requires_grad=True)
    ((mean - a).square() + (2 * log_std).exp()).sum().backward()
    exact = torch.cat([mean.grad, log_std.grad])
    noise = torch.randn(400_000, 2, generator=torch.Generator().manual_seed(0), dtype=F64)

    def f(z):
        return (z - a).square().sum(-1)

    mean, log_std = mean.detach(), log_std.detach()
    for estimate in (
        vae.pathwise_gradient(f, mean, log_std, noise),
        vae.score_function_gradient(f, mean, log_std, noise),
        vae.score_function_gradient(f, mean, log_std, noise, baseline=3.0),
    ):
        error = (estimate.mean(0) - exact).abs()
        assert (error < 4 * estimate.std(0) / math.sqrt(len(noise))).all()


def test_decoder_gradients_at_single_draws_average_to_the_gradient_of_the_bound():
    """The distribution of z does not depend on θ, so the gradient goes inside the expectation."""
    model = random_linear(7, 4, 2, 0.8)
    x = model.sample(3, torch.Generator().manual_seed(0))
    q = random_gaussian(8, 3, 2)
    model.weight.requires_grad_()
    (exact,) = torch.autograd.grad(vae.elbo_from_reconstruction(model, x, q).sum(), model.weight)
    noise = q.noise(20_000, torch.Generator().manual_seed(0)).view(200, 100, 3, 2)
    values = [vae.elbo_sample(model, x, q, draws).mean(0).sum() for draws in noise]
    estimates = torch.stack([torch.autograd.grad(value, model.weight)[0] for value in values])
    error = (estimates.mean(0) - exact).abs()
    assert (error < 4 * estimates.std(0) / math.sqrt(len(estimates))).all()


# The model


def model_and_images(**options) -> tuple[VAE, torch.Tensor]:
    torch.manual_seed(0)
    model = VAE((1, 6, 5), 2, hidden=(16, 8), **options).double()
    return model, torch.rand(4, 1, 6, 5, dtype=F64).round()


ALL = [
    {"likelihood": likelihood, "posterior": posterior, "architecture": architecture}
    for likelihood in ("bernoulli", "gaussian")
    for posterior in ("diagonal", "full")
    for architecture in ("mlp", "conv")
]


@pytest.mark.parametrize("options", ALL, ids=lambda o: "-".join(o.values()))
def test_elbo_is_the_mean_of_log_joint_minus_log_q(options):
    model, x = model_and_images(**options)
    q = model.encode(x)
    z = q.at(q.noise(20_000, torch.Generator().manual_seed(0)))
    mean = model.decode(z.flatten(0, 1)).view(len(z), *x.shape).detach()
    if isinstance(model.likelihood, vae.BernoulliPixels):
        likelihood = td.Bernoulli(mean).log_prob(x)
    else:
        likelihood = td.Normal(mean, model.log_noise.exp().item()).log_prob(x)
    prior = td.Normal(torch.zeros(2, dtype=F64), 1).log_prob(z).sum(-1)
    draws = (likelihood.flatten(2).sum(-1) + prior - as_torch(q).log_prob(z)).detach()
    for kl in ("closed", "monte-carlo"):
        elbo = model.elbo(x, samples=20_000, kl=kl, generator=torch.Generator().manual_seed(1))
        assert elbo.shape == (4,)
        assert ((elbo - draws.mean(0)).abs() < 6 * draws.std(0) / math.sqrt(len(z))).all()


@pytest.mark.parametrize("options", ALL, ids=lambda o: "-".join(o.values()))
def test_importance_weighted_likelihood_approaches_the_integral(options):
    model, x = model_and_images(**options)
    with torch.no_grad():
        model.encoder[-1].bias[2:] += 1.0  # a wide q has weights of small variance
        if isinstance(model.likelihood, vae.GaussianPixels):
            model.log_noise.fill_(0.0)
    # ln p(x) on a fine grid over the two latent variables: no encoder, no sampling.
    line = torch.linspace(-7, 7, 281, dtype=F64)
    z = torch.cartesian_prod(line, line)
    with torch.no_grad():
        mean = model.decode(z)
        if isinstance(model.likelihood, vae.BernoulliPixels):
            log_lik = td.Bernoulli(mean[:, None]).log_prob(x).flatten(2).sum(-1)
        else:
            log_lik = td.Normal(mean[:, None], model.log_noise.exp()).log_prob(x).flatten(2).sum(-1)
    prior = td.Normal(torch.zeros(2, dtype=F64), 1).log_prob(z).sum(-1, keepdim=True)
    exact = torch.logsumexp(log_lik + prior, 0) + 2 * math.log(14 / 280)
    estimate = model.log_likelihood(x, 20_000, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(estimate, exact, atol=0.05, rtol=0)


def test_log_likelihood_does_not_depend_on_the_chunk(monkeypatch):
    model, x = model_and_images()
    whole = model.log_weights(x, 64, generator=torch.Generator().manual_seed(0))
    monkeypatch.setattr("gennb.vae.model.CHUNK", x.numel() * 10)
    pieces = model.log_weights(x, 64, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(whole, pieces)


def test_loss_is_the_weighted_negative_elbo_and_reaches_every_parameter():
    model, x = model_and_images(reconstruction_weight=0.5, kl_weight=3.0)
    torch.manual_seed(5)
    loss = model.loss(x)
    torch.manual_seed(5)
    reconstruction, divergence = model.terms(x)
    torch.testing.assert_close(loss, (3 * divergence - 0.5 * reconstruction).mean())
    loss.backward()
    (player,) = model.players()
    assert sum(p.numel() for p in player.parameters) == sum(p.numel() for p in model.parameters())
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in player.parameters)


def test_training_refuses_pixels_beyond_one_before_the_first_step():
    model, x = model_and_images()
    for bad in (255 * x, x - 1):
        with pytest.raises(ValueError, match="data"):
            train.fit(model, bad, epochs=1, progress=False, device="cpu")


def test_gradients_are_found_where_they_are_switched_off():
    model, x = model_and_images(likelihood="gaussian", noise_std=0.3)
    inside = vae.laplace_posterior(model, x)
    mean, noise = torch.zeros(2, dtype=F64), torch.randn(5, 2, dtype=F64)
    slopes = vae.pathwise_gradient(lambda z: z.square().sum(1), mean, mean, noise)
    with torch.no_grad():
        torch.testing.assert_close(vae.laplace_posterior(model, x).scale, inside.scale)
        again = vae.pathwise_gradient(lambda z: z.square().sum(1), mean, mean, noise)
    torch.testing.assert_close(again, slopes)


def test_directions_take_the_least_change_where_a_factor_never_varied():
    codes, smile = torch.randn(2, 50, 3, dtype=F64)[0], torch.randn(50, dtype=F64)
    both = vae.directions(codes, {"smile": smile, "blur": torch.zeros(50, dtype=F64)})
    torch.testing.assert_close(both["smile"], vae.directions(codes, {"smile": smile})["smile"])
    assert (both["blur"] == 0).all()


def test_pixel_noise_draws_from_the_likelihood():
    model, _ = model_and_images()
    drawn = model.sample(5, torch.Generator().manual_seed(0), pixel_noise=True)
    assert set(drawn.unique().tolist()) <= {0.0, 1.0}
    gaussian, _ = model_and_images(likelihood="gaussian", noise_std=0.3)
    mean = gaussian.sample(2000, torch.Generator().manual_seed(0))
    noisy = gaussian.sample(2000, torch.Generator().manual_seed(0), pixel_noise=True)
    assert (noisy - mean).std().item() == pytest.approx(0.3, rel=0.02)
    assert not gaussian.log_noise.requires_grad


@pytest.mark.parametrize("architecture", ["mlp", "conv"])
@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 32, 32), (1, 7, 5), (2, 1, 3)])
def test_any_image_size(architecture, shape):
    model = VAE(shape, 3, architecture=architecture, hidden=(4, 3, 2))
    x = torch.rand(2, *shape)
    assert model.reconstruct(x).shape == x.shape
    assert model.sample(3).shape == (3, *shape)
    walk = model.traverse(torch.zeros(3), torch.ones(3), torch.linspace(-1, 1, 5))
    torch.testing.assert_close(walk[2:3], model.decode(torch.zeros(1, 3)))


@pytest.mark.gpu
def test_cpu_and_cuda_agree():
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    model, x = model_and_images(posterior="full")
    noise = model.encode(x).noise(3, torch.Generator().manual_seed(0))
    on_cpu = model.encode(x).at(noise)
    on_gpu = model.cuda().encode(x.cuda()).at(noise.cuda())
    torch.testing.assert_close(on_cpu, on_gpu.cpu(), atol=1e-8, rtol=1e-6)


# Transforms


@pytest.mark.parametrize("options", ALL, ids=lambda o: "-".join(o.values()))
def test_bound_and_decoder_can_be_transformed(options):
    """Jacobians by torch.func are those of autograd; a vmapped bound is, in expectation, the bound of each example."""
    model, x = model_and_images(**options)
    z = torch.randn(3, 2, dtype=F64)
    expected = torch.autograd.functional.jacobian(model.decode, z)
    torch.testing.assert_close(torch.func.jacrev(model.decode)(z), expected)

    def bound(x):
        return model.elbo(x[None], samples=20_000)[0]

    torch.manual_seed(0)
    with torch.no_grad():
        one_by_one = torch.func.vmap(bound, randomness="different")(x[:2])
    expected = model.elbo(x[:2], samples=20_000).detach()
    torch.testing.assert_close(one_by_one, expected, atol=0.3, rtol=0.02)
    slope = torch.func.grad(lambda x: model.elbo(x, samples=3).sum())(x)
    assert slope.isfinite().all()


# Missing pixels


@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian"])
def test_hidden_pixels_are_integrated_out(likelihood):
    """Given z the pixels are independent, so leaving some out is the likelihood of the others."""
    model, x = model_and_images(likelihood=likelihood)
    visible = torch.ones(4, 1, 6, 5, dtype=F64)
    visible[:, :, 2:4] = 0

    def bound(**options):
        return model.elbo(x, generator=torch.Generator().manual_seed(0), **options)

    torch.testing.assert_close(bound(visible=torch.ones_like(visible)), bound())
    q = model.encode(x)
    z = q.at(q.noise(1, torch.Generator().manual_seed(0)))[0]
    mean = model.decode(z)
    if likelihood == "bernoulli":
        each = td.Bernoulli(mean).log_prob(x)
    else:
        each = td.Normal(mean, model.log_noise.exp()).log_prob(x)
    expected = (each * visible).flatten(1).sum(1) - q.kl()
    torch.testing.assert_close(bound(visible=visible), expected)


def test_full_posterior_starts_where_the_diagonal_one_stands():
    model, x = model_and_images()
    full = model.with_full_posterior()
    torch.testing.assert_close(full.encode(x).mean, model.encode(x).mean)
    torch.testing.assert_close(full.encode(x).std, model.encode(x).std, rtol=0.25, atol=0)
    z = torch.randn(3, 2, dtype=F64)
    torch.testing.assert_close(full.decode(z), model.decode(z))
    assert not any(p.requires_grad for p in full.decoder.parameters())
    assert all(p.requires_grad for p in model.decoder.parameters())
    with pytest.raises(ValueError, match="full already"):
        full.with_full_posterior()


def test_laplace_posterior_is_exact_for_a_linear_decoder():
    """At code 0, logits of slope 4w give pixels of slope w: the linear-Gaussian model to first order."""
    model, x = model_and_images(likelihood="gaussian", noise_std=0.3)
    weight = 0.2 * torch.randn(30, 2, dtype=F64)
    linear = torch.nn.Linear(2, 30).double()
    with torch.no_grad():
        linear.weight.copy_(4 * weight)
        linear.bias.zero_()
        model.encoder[-1].weight.zero_()
        model.encoder[-1].bias.zero_()
    model.decoder = torch.nn.Sequential(linear, torch.nn.Unflatten(1, (1, 6, 5)))
    visible = (torch.rand(4, 1, 6, 5) < 0.6).double()
    found = vae.laplace_posterior(model, x, visible)
    for i, seen in enumerate(visible.flatten(1).bool()):
        oracle = LinearGaussian(weight[seen], torch.zeros(int(seen.sum()), dtype=F64), 0.3)
        expected = oracle.exact_posterior(x[i].flatten()[seen][None])
        torch.testing.assert_close(
            found.covariance[i], expected.covariance[0], rtol=2e-3, atol=5e-4
        )
        assert (found.covariance[i].diagonal() < 0.95).all()


# Latent space


def test_readouts_and_directions_recover_a_linear_world():
    g = torch.Generator().manual_seed(0)
    smile, turn = torch.randn(2, 500, generator=g, dtype=F64)
    moves = torch.tensor([[1.0, 0.5, 0.0, -2.0], [0.0, 1.0, -1.0, 0.5]], dtype=F64)
    codes = torch.stack([smile, turn], 1) @ moves + 3.0
    factors = {"smile": smile, "turn": turn}
    found = vae.directions(codes, factors)
    torch.testing.assert_close(torch.stack(list(found.values())), moves)
    noisy = codes + 1e-3 * torch.randn(codes.shape, generator=g, dtype=F64)
    for name, weights in vae.readouts(noisy, factors).items():
        read = (noisy - noisy.mean(0)) @ weights
        assert torch.corrcoef(torch.stack([read, factors[name]]))[0, 1] > 0.9999


# Bad input


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: VAE((28, 28), 2), ValueError, "expected (C, H, W)"),
        (lambda: VAE((1, 28, 0), 2), ValueError, "image_shape, W"),
        (lambda: VAE((1, 28, 28), 0), ValueError, "n_latent: expected at least 1"),
        (lambda: VAE((1, 28, 28), 2.0), TypeError, "n_latent: expected an integer"),
        (lambda: VAE((1, 28, 28), 2, "poisson"), ValueError, "bernoulli, gaussian"),
        (lambda: VAE((1, 28, 28), 2, posterior="banded"), ValueError, "diagonal, full"),
        (lambda: VAE((1, 28, 28), 2, architecture="rnn"), ValueError, "conv, mlp"),
        (lambda: VAE((1, 28, 28), 2, hidden=()), ValueError, "at least one layer"),
        (lambda: VAE((1, 28, 28), 2, noise_std=0.1), ValueError, "Gaussian likelihood"),
        (lambda: VAE((1, 28, 28), 2, "gaussian", noise_std=0.0), ValueError, "noise_std"),
        (lambda: VAE((1, 28, 28), 2, "gaussian", binarize=True), ValueError, "black and white"),
        (lambda: VAE((1, 28, 28), 2, kl_weight=-1.0), ValueError, "kl_weight"),
        (lambda: VAE((1, 28, 28), 2, kl_weight=math.nan), ValueError, "kl_weight"),
        (lambda: Gaussian(torch.zeros(3), torch.ones(3)), ValueError, "mean[None]"),
        (lambda: Gaussian(torch.zeros(2, 3), torch.ones(3, 3)), ValueError, "Cholesky"),
        (lambda: LinearGaussian(torch.ones(3), torch.ones(3), 1.0), ValueError, "weight"),
        (lambda: LinearGaussian(torch.ones(3, 1), torch.ones(3), -1.0), ValueError, "noise_std"),
        (lambda: vae.directions(torch.ones(3, 2), {}), ValueError, "at least one named factor"),
        (lambda: vae.readouts(torch.ones(2, 2), {"a": torch.ones(2)}), ValueError, "more examples"),
        (lambda: vae.binarize(torch.tensor([2.0])), ValueError, "Rescale or clamp"),
    ],
)
def test_bad_arguments_are_refused_with_a_mend(call, error, words):
    with pytest.raises(error) as caught:
        call()
    assert words in str(caught.value)


@pytest.mark.parametrize("method", ["encode", "elbo", "terms", "reconstruct", "log_likelihood"])
@pytest.mark.parametrize(
    ("x", "error", "words"),
    [
        (torch.rand(1, 6, 5), ValueError, "x[None]"),
        (torch.rand(2, 1, 5, 6), ValueError, "expected shape (batch, 1, 6, 5)"),
        (torch.rand(0, 1, 6, 5), ValueError, "at least one element"),
        (torch.full((2, 1, 6, 5), math.nan), ValueError, "NaN"),
        (torch.rand(2, 1, 6, 5) * 255, ValueError, "[0.0, 1.0]"),
        (torch.zeros(2, 1, 6, 5, dtype=torch.uint8), TypeError, "/ 255"),
        ([[0.5]], TypeError, "torch.Tensor"),
    ],
)
def test_bad_images_are_refused_with_a_mend(method, x, error, words):
    with pytest.raises(error) as caught:
        getattr(VAE((1, 6, 5), 2, hidden=(4,)), method)(x)
    assert words in str(caught.value)


def test_bad_codes_and_counts_are_refused():
    model = VAE((1, 6, 5), 2, hidden=(4,))
    with pytest.raises(ValueError, match=r"expected shape \(batch, 2\)"):
        model.decode(torch.zeros(3, 5))
    with pytest.raises(ValueError, match="n: expected at least 1"):
        model.sample(0)
    with pytest.raises(ValueError, match="samples: expected at least 1"):
        model.log_likelihood(torch.rand(1, 1, 6, 5), 0)
    with pytest.raises(ValueError, match="closed, monte-carlo"):
        model.elbo(torch.rand(1, 1, 6, 5), kl="analytic")
