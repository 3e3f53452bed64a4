"""Losses against naive formulas and closed forms; the game against Algorithm 1 written by hand."""

import math
from functools import partial

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import distributions as td
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

from gennb import evaluate, gan, train
from gennb.train.runtime import derive_seed, random_stream

F64 = torch.float64
CPU = torch.device("cpu")
SHAPE = (1, 4, 4)
seeds = st.integers(0, 2**32 - 1)


def logits(seed, *shape, spread=5.0):
    return spread * torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=F64)


# Losses


@settings(max_examples=50, deadline=None)
@given(seeds, st.integers(1, 7), st.integers(1, 7))
def test_losses_are_the_formulas_of_the_book(seed, n, m):
    real, fake = logits(seed, n, 1), logits(seed + 1, m, 1)
    value = real.sigmoid().log().mean() + (1 - fake.sigmoid()).log().mean()
    torch.testing.assert_close(gan.discriminator_loss(real, fake), -value, rtol=1e-6, atol=0)
    naive = (1 - fake.sigmoid()).log().mean()
    torch.testing.assert_close(gan.minimax_loss(fake), naive, rtol=1e-6, atol=0)
    torch.testing.assert_close(gan.non_saturating_loss(fake), -fake.sigmoid().log().mean())
    torch.testing.assert_close(gan.critic_loss(real, fake), fake.mean() - real.mean())
    torch.testing.assert_close(gan.wasserstein_loss(fake), -fake.mean())
    oracle = binary_cross_entropy_with_logits(real, torch.ones_like(real))
    oracle += binary_cross_entropy_with_logits(fake, torch.zeros_like(fake))
    torch.testing.assert_close(gan.discriminator_loss(real, fake), oracle)


@pytest.mark.parametrize("dtype", [torch.float32, F64])
def test_losses_are_exact_where_a_probability_would_round_to_zero_or_one(dtype):
    for a in (1e4, 200.0, 40.0):
        sure, fooled = torch.tensor([[-a]], dtype=dtype), torch.tensor([[a]], dtype=dtype)
        small = math.exp(-a)
        exact = {"rel": 1e-6, "abs": 0}
        assert gan.minimax_loss(fooled).item() == pytest.approx(-a, **exact)
        assert gan.minimax_loss(sure).item() == pytest.approx(-small, rel=1e-6, abs=1e-37)
        assert gan.non_saturating_loss(sure).item() == pytest.approx(a, **exact)
        assert gan.non_saturating_loss(fooled).item() == pytest.approx(small, rel=1e-6, abs=1e-37)
        assert gan.discriminator_loss(sure, fooled).item() == pytest.approx(2 * a, **exact)


@pytest.mark.parametrize("dtype", [torch.float32, F64])
def test_slopes_by_the_logit_are_the_closed_forms(dtype):
    values = [-1e4, -50.0, -3.0, 0.0, 2.0, 50.0, 1e4]
    a = torch.tensor(values, dtype=dtype, requires_grad=True)
    sigma = a.detach().double().sigmoid()
    n = len(values)

    def slope(loss):
        return n * torch.autograd.grad(loss, a)[0].double()

    close = {"rtol": 1e-6, "atol": 1e-37}
    torch.testing.assert_close(slope(gan.minimax_loss(a)), -sigma, **close)
    against = -(-a.detach().double()).sigmoid()  # −(1 − σ(a))
    torch.testing.assert_close(slope(gan.non_saturating_loss(a)), against, **close)
    torch.testing.assert_close(slope(gan.wasserstein_loss(a)), -torch.ones(n, dtype=F64))
    zero = torch.zeros(1, dtype=dtype)
    torch.testing.assert_close(slope(gan.discriminator_loss(a, zero)), against, **close)
    torch.testing.assert_close(slope(gan.discriminator_loss(zero, a)), sigma, **close)


def test_the_two_generator_losses_agree_in_direction_and_differ_by_the_odds():
    a = torch.linspace(-8, 8, 33, dtype=F64, requires_grad=True)
    (saturating,) = torch.autograd.grad(gan.minimax_loss(a), a)
    (non_saturating,) = torch.autograd.grad(gan.non_saturating_loss(a), a)
    torch.testing.assert_close(saturating / non_saturating, a.detach().exp())


def test_feature_matching_looks_at_means_alone():
    real, fake = logits(0, 6, 3), logits(1, 4, 3)
    expected = sum((real[:, i].mean() - fake[:, i].mean()) ** 2 for i in range(3))
    torch.testing.assert_close(gan.feature_matching_loss(real, fake), expected)
    twice = torch.cat([real + 1, real - 1])
    assert gan.feature_matching_loss(real, twice).item() < 1e-20


def linear_critic(weight):
    return lambda x: x.flatten(1) @ weight[:, None] + 3


@settings(max_examples=30, deadline=None)
@given(seeds, st.sampled_from([(5,), (1, 2, 3)]))
def test_gradient_penalty_of_a_linear_critic(seed, shape):
    weight = logits(seed, math.prod(shape), spread=1.0).requires_grad_()
    real, fake = logits(seed + 1, 8, *shape), logits(seed + 2, 8, *shape)
    penalty = gan.gradient_penalty(linear_critic(weight), real, fake)
    length = weight.detach().norm()
    torch.testing.assert_close(penalty.detach(), (length - 1).square())
    (slope,) = torch.autograd.grad(penalty, weight)
    torch.testing.assert_close(slope, 2 * (length - 1) * weight.detach() / length)


def test_gradient_penalty_of_parallel_critics_takes_each_alone():
    critic = gan.ParallelLinear(4, 3, 1).double()
    real, fake = logits(0, 6, 4, 3), logits(1, 6, 4, 3)
    expected = (critic.weight.detach()[:, :, 0].norm(dim=1) - 1).square().mean()
    torch.testing.assert_close(gan.gradient_penalty(critic, real, fake).detach(), expected)


def test_gradient_penalty_looks_between_data_and_generated_examples():
    real, fake = logits(0, 5, 3), logits(1, 5, 3)
    seen = []

    def critic(x):
        seen.append(x.detach())
        return x.square().sum(1) / 2

    penalty = gan.gradient_penalty(critic, real, fake)
    torch.testing.assert_close(penalty.detach(), (seen[0].norm(dim=1) - 1).square().mean())
    share = (seen[0] - fake) / (real - fake)  # one number for each example
    torch.testing.assert_close(share, share[:, :1].expand_as(share))
    assert share.min() >= 0
    assert share.max() <= 1
    assert share[:, 0].unique().numel() == 5


def test_gradient_penalty_of_a_flat_critic_has_a_slope_without_nan():
    weight = torch.zeros(3, requires_grad=True)
    penalty = gan.gradient_penalty(linear_critic(weight), torch.ones(2, 3), torch.zeros(2, 3))
    assert penalty.item() == 1
    assert torch.autograd.grad(penalty, weight)[0].isfinite().all()


def test_gradient_penalty_works_where_gradients_are_switched_off():
    critic = nn.Linear(3, 1)
    with torch.no_grad():
        penalty = gan.gradient_penalty(critic, torch.ones(2, 3), torch.zeros(2, 3))
    torch.testing.assert_close(penalty, (critic.weight.norm() - 1).square())


def test_clip_weights_clips_all_and_only_what_is_too_large():
    network = nn.Sequential(nn.Linear(8, 8), nn.BatchNorm1d(8), nn.Linear(8, 1))
    before = [p.detach().clone() for p in network.parameters()]
    gan.clip_weights(network, 0.1)
    for old, new in zip(before, network.parameters(), strict=True):
        assert torch.equal(new, old.clamp(-0.1, 0.1))
        assert new.requires_grad


# The game


def pair(width=2, hidden=8, **options):
    torch.manual_seed(0)
    generator = gan.mlp((3, hidden, width), nn.Tanh)
    return gan.GAN(generator, gan.mlp((width, hidden, 1), nn.Tanh), **options)


def examples(n=60, width=2):
    return torch.randn(n, width, generator=torch.Generator().manual_seed(7)) + 1


def weights(module):
    return [p.detach().clone() for p in module.parameters()]


def options_of(loss):
    return {"loss": loss, "features": nn.Linear(2, 4) if loss == "perceptual" else None}


@pytest.mark.parametrize("loss", gan.LOSSES)
def test_each_side_moves_in_its_own_turn_alone(loss):
    for turn in (0, 1):
        model = pair(**options_of(loss))
        sides = [model.discriminator, model.generator]
        before = [weights(side) for side in sides]
        train.fit(
            model, examples(), epochs=1, players=[model.players()[turn]], progress=False, device=CPU
        )
        for i, side in enumerate(sides):
            same = all(map(torch.equal, before[i], weights(side)))
            # The last layer of a Wasserstein critic is clipped on both turns, so that it is what the loss saw.
            assert same == (i != turn) or (loss == "wasserstein" and i == 0)


@pytest.mark.parametrize("k", [1, 3])
def test_discriminator_sees_k_fresh_minibatches_a_round_and_the_generator_one(k):
    model = pair(k=k)
    seen = []
    for name in ("discriminator_loss", "generator_loss"):

        def spy(who, loss, x):
            seen.append((who, x))
            return loss(x)

        setattr(model, name, partial(spy, name[0], getattr(model, name)))
    x = examples(90)
    history = train.fit(model, x, epochs=1, batch_size=10, progress=False, device=CPU)
    assert "".join(who for who, _ in seen) == ("d" * k + "g") * (9 // k)
    shown = torch.cat([batch for who, batch in seen if who == "d"])
    assert sorted(shown.tolist()) == sorted(x.tolist())
    assert {name: len(v) for name, v in history.losses.items()} == {
        "discriminator": 9,
        "generator": 9 // k,
    }


@pytest.mark.parametrize(
    ("loss", "generator_loss"),
    [
        ("minimax", lambda d: (1 - d).log().mean()),
        ("non-saturating", lambda d: -d.log().mean()),
    ],
)
def test_training_is_algorithm_1_written_by_hand(loss, generator_loss):
    x, k, lr = examples(), 2, (2e-3, 1e-3)
    mine = pair(loss=loss, k=k, lr=lr).double()
    model = pair(loss=loss, k=k, lr=lr).double()
    train.fit(model, x.double(), epochs=3, batch_size=10, seed=5, progress=False, device=CPU)

    G, D = mine.generator, mine.discriminator
    adam_d, adam_g = (
        torch.optim.Adam(net.parameters(), lr=rate, betas=(0.5, 0.999))
        for net, rate in zip((D, G), lr, strict=True)
    )
    with random_stream(derive_seed(5, 1, 0), CPU):
        for epoch in range(3):
            order = torch.Generator().manual_seed(derive_seed(5, 0, epoch))
            batches = x.double()[torch.randperm(len(x), generator=order)].split(10)
            for i, batch in enumerate(batches):
                fake = G(torch.randn(10, 3, dtype=F64)).detach()
                value = D(batch).sigmoid().log() + (1 - D(fake).sigmoid()).log()
                adam_d.zero_grad()
                (-value.mean()).backward()
                adam_d.step()
                if i % k == k - 1:
                    adam_g.zero_grad()
                    generator_loss(D(G(torch.randn(10, 3, dtype=F64))).sigmoid()).backward()
                    adam_g.step()
    for ours, theirs in zip(weights(model), weights(mine), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-6, atol=1e-9)


class Taped(gan.GAN):
    """A game whose noise stands on a tape."""

    def noise(self, n, generator=None):
        z = self.tape[self.turn % len(self.tape)][:n]
        self.turn += 1
        return z


def taped(networks, tape, loss):
    # A wide clip, since Adam's epsilon tells small gradients from those of a mean over the copies.
    clip = {"clip": 0.3} if loss == "wasserstein" else {}
    model = Taped(*networks, loss=loss, k=2, lr=(2e-3, 1e-3), **clip).double()
    model.tape, model.turn = tape, 0
    return model


@pytest.mark.parametrize(
    "loss", ["minimax", "non-saturating", "wasserstein", "wasserstein-gp", "feature-matching"]
)
def test_copies_trained_together_are_the_runs_of_each_alone(loss, monkeypatch):
    copies, sizes = 3, ((2, 8, 1), (1, 8, 1))
    torch.manual_seed(0)
    together = [gan.mlp(size, nn.Tanh, copies=copies) for size in sizes]
    x = logits(0, 40, copies, 1, spread=1.0)
    tape = logits(1, 30, 10, copies, 2, spread=1.0)
    # The penalty draws the places where it looks: the same for every copy.
    monkeypatch.setattr(torch, "rand", lambda *shape, **how: torch.full(shape, 0.3, **how))
    alone = []
    for copy in range(copies):
        networks = [gan.mlp(size, nn.Tanh) for size in sizes]
        for one, many in zip(networks, together, strict=True):
            for layer, wide in zip(one, many, strict=True):
                if isinstance(layer, nn.Linear):
                    layer.weight.data = wide.weight.detach()[copy].T.clone()
                    layer.bias.data = wide.bias.detach()[copy, 0].clone()
        model = taped(networks, tape[:, :, copy], loss)
        run = {"epochs": 10, "batch_size": 10, "progress": False, "device": CPU}
        train.fit(model, x[:, copy], **run)
        alone.append(model)
    model = taped(together, tape, loss)
    train.fit(model, x, **run)
    z = logits(2, 50, copies, 2, spread=1.0)
    for copy in range(copies):
        for side in ("generator", "discriminator"):
            inputs = z if side == "generator" else x
            many = getattr(model, side)(inputs)[:, copy]
            torch.testing.assert_close(
                many, getattr(alone[copy], side)(inputs[:, copy]), atol=1e-5, rtol=0
            )


def test_a_critic_never_judges_with_weights_beyond_the_clip():
    model = pair(loss="wasserstein", clip=0.05, lr=(0.1, 0.01))
    largest = []
    model.discriminator.register_forward_pre_hook(
        lambda module, _: largest.append(
            max(p.detach().abs().max().item() for p in module.parameters())
        )
    )
    train.fit(model, examples(), epochs=2, batch_size=10, progress=False, device=CPU)
    assert max(largest) <= 0.05 + 1e-9
    assert max(p.abs().max().item() for p in model.discriminator.parameters()) <= 0.05 + 1e-9


def test_losses_of_the_players_are_those_of_the_module():
    x = examples()
    for loss in gan.LOSSES:
        model = pair(**options_of(loss)).eval()
        torch.manual_seed(3)
        got = [p.loss(x).item() for p in model.players()]
        torch.manual_seed(3)
        fake = model.generator(torch.randn(60, 3))
        real, judged = model.discriminator(x), model.discriminator(fake)
        if loss.startswith("wasserstein"):
            first = gan.critic_loss(real, judged)
            if loss == "wasserstein-gp":
                first = first + 10 * gan.gradient_penalty(model.discriminator, x, fake)
        else:
            first = gan.discriminator_loss(real, judged)
        fake = model.generator(torch.randn(60, 3))
        judged = model.discriminator(fake)
        if loss in ("feature-matching", "perceptual"):
            f = model.loss.features or model.discriminator[:-1]
            second = (f(x).mean(0) - f(fake).mean(0)).square().sum()
        else:
            second = {
                "minimax": gan.minimax_loss,
                "non-saturating": gan.non_saturating_loss,
            }.get(loss, gan.wasserstein_loss)(judged)
        assert got == pytest.approx([first.item(), second.item()], rel=1e-5)


def test_value_is_the_estimate_of_equation_1():
    model = pair()
    x = examples()
    torch.manual_seed(1)
    got = model.value(x)
    torch.manual_seed(1)
    d_real = model.discriminator(x).sigmoid()
    d_fake = model.discriminator(model.generator(torch.randn(60, 3))).sigmoid()
    torch.testing.assert_close(got, d_real.log().mean() + (1 - d_fake).log().mean())
    nn.init.zeros_(model.discriminator[-1].weight)
    nn.init.zeros_(model.discriminator[-1].bias)
    assert model.value(x).item() == pytest.approx(-math.log(4))


def test_perceptual_features_stay_as_they_are():
    features = nn.Sequential(nn.Linear(2, 4), nn.BatchNorm1d(4), nn.Dropout(0.5))
    before = {name: v.clone() for name, v in features.state_dict().items()}
    model = pair(loss="perceptual", features=features)
    generator = weights(model.generator)
    train.fit(model, examples(), epochs=2, progress=False, device=CPU)
    assert not any(map(torch.equal, generator, weights(model.generator)))
    for name, now in features.state_dict().items():
        assert torch.equal(now, before[name])
    model.train()
    assert model.generator.training
    assert not any(m.training for m in features.modules())
    assert not any(p.requires_grad for p in features.parameters())


@pytest.mark.parametrize("prior", ["normal", "uniform"])
def test_noise_has_mean_zero_and_variance_one(prior):
    z = pair(prior=prior).noise(100_000, torch.Generator().manual_seed(0))
    assert z.shape == (100_000, 3)
    assert z.mean().abs() < 0.01
    assert z.var().item() == pytest.approx(1, abs=0.01)
    assert z.flatten(1).T.corrcoef().tril(-1).abs().max() < 0.02
    kurtosis = (z**4).mean().item()
    if prior == "uniform":
        assert z.abs().max() <= math.sqrt(3)
        assert kurtosis == pytest.approx(1.8, abs=0.02)
    else:
        assert kurtosis == pytest.approx(3, abs=0.05)


def test_noise_takes_the_shape_that_the_generator_begins_with():
    assert pair().noise_shape == (3,)
    copies = gan.GAN(gan.mlp((2, 4, 1), copies=5), gan.mlp((1, 4, 1), copies=5))
    assert copies.noise(7).shape == (7, 5, 2)
    given = gan.GAN(nn.Conv1d(2, 1, 1), nn.Flatten(), noise_shape=(2, 6))
    assert given.sample(3).shape == (3, 1, 6)
    assert pair().double().noise(2).dtype == F64


def test_samples_come_from_their_generator_alone():
    model = pair()
    one, two, other = (model.sample(5, torch.Generator().manual_seed(s)) for s in (1, 1, 2))
    assert torch.equal(one, two)
    assert not torch.equal(one, other)
    assert not one.requires_grad
    torch.manual_seed(4)
    state = torch.get_rng_state()
    model.sample(5, torch.Generator().manual_seed(1))
    assert torch.equal(torch.get_rng_state(), state)
    torch.testing.assert_close(
        one, model.generator(model.noise(5, torch.Generator().manual_seed(1))).detach()
    )


def test_players_take_the_rates_that_were_given():
    d, g = pair(k=4, lr=(0.1, 0.2), betas=(0.0, 0.9)).players()
    assert (d.name, d.steps, d.lr, d.betas) == ("discriminator", 4, 0.1, (0.0, 0.9))
    assert (g.name, g.steps, g.lr, g.betas) == ("generator", 1, 0.2, (0.0, 0.9))
    assert [p.lr for p in pair().players()] == [None, None]


def test_one_dimensional_game_finds_its_data():
    """Two unequal modes; five runs side by side. At first a generator is more than 0.5 away, in total variation."""
    copies = 5
    g = torch.Generator().manual_seed(1)
    left = torch.rand(8_000, copies, 1, generator=g) < 0.6
    e = torch.randn(8_000, copies, 1, generator=g)
    x = torch.where(left, -1 + 0.5 * e, 1.5 + 0.35 * e)
    edges = torch.linspace(-5, 5, 51, dtype=F64)
    cdf = 0.6 * td.Normal(-1.0, 0.5).cdf(edges) + 0.4 * td.Normal(1.5, 0.35).cdf(edges)
    mass = cdf.diff() / cdf.diff().sum()

    def distances(model):
        samples = model.sample(20_000, torch.Generator().manual_seed(2))[..., 0]
        inside = samples.clamp(-4.99, 4.99)
        counts = torch.stack([inside[:, i].histc(50, -5, 5) for i in range(copies)]).double()
        return evaluate.total_variation(mass.expand(copies, -1), counts / 20_000)

    torch.manual_seed(0)
    networks = (gan.mlp((1, 32, 32, 1), nn.Tanh, copies=copies) for _ in range(2))
    model = gan.GAN(*networks, k=3, lr=(4e-3, 1e-3))
    before = distances(model)
    train.fit(model, x, epochs=15, batch_size=100, progress=False, device=CPU)
    after = distances(model)
    assert before.min() > 0.5
    assert after.max() < 0.3


# Bad input


def tiny():
    return gan.mlp((3, 4, 2)), gan.mlp((2, 4, 1))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: gan.GAN(*tiny(), loss="hinge"), "loss: expected one of.*minimax.*hinge"),
        (lambda: gan.GAN(*tiny(), k=0), "k: expected"),
        (lambda: gan.GAN(*tiny(), lr=1e-3), "lr.*discriminator, generator"),
        (lambda: gan.GAN(*tiny(), lr=(1e-3, 0.0)), "lr"),
        (lambda: gan.GAN(*tiny(), betas=(0.5, 1.0)), "betas"),
        (lambda: gan.GAN(*tiny(), betas=0.5), "betas"),
        (lambda: gan.GAN(*tiny(), prior="cauchy"), "prior"),
        (lambda: gan.GAN(*tiny(), noise_shape=3), "noise_shape"),
        (lambda: gan.GAN(*tiny(), noise_shape=(0,)), "noise_shape"),
        (lambda: gan.GAN(nn.Conv1d(2, 1, 1), tiny()[1]), "noise_shape.*dense layer"),
        (lambda: gan.GAN(nn.LazyLinear(2), tiny()[1]), "noise_shape.*Give the shape"),
        (lambda: gan.GAN(nn.Identity(), tiny()[1], noise_shape=(2,)), "generator.*weights"),
        (lambda: gan.GAN(tiny()[0], "D"), "discriminator"),
        (lambda: gan.GAN(*tiny(), loss="perceptual"), "features"),
        (lambda: gan.GAN(*tiny(), features=nn.Linear(2, 2)), "features"),
        (lambda: gan.GAN(*tiny(), loss="perceptual", features=len), "features"),
        (lambda: gan.GAN(tiny()[0], nn.Linear(2, 1), loss="feature-matching"), "discriminator"),
        (lambda: gan.GAN(*tiny(), loss="wasserstein", clip=0.0), "clip"),
        (lambda: gan.GAN(*tiny(), loss="wasserstein-gp", penalty=-1.0), "penalty"),
        (lambda: gan.GAN(*tiny(), clip=0.1), "clip: only the loss 'wasserstein'"),
        (lambda: gan.GAN(*tiny(), loss=gan.AdversarialLoss(), penalty=1.0), "loss: .*object"),
        (lambda: gan.GAN(*tiny(), loss=3), "loss"),
        (lambda: gan.AdversarialLoss(3), "discriminator: expected a function"),
        (lambda: gan.GAN(*tiny()).noise(0), "n: expected"),
        (lambda: gan.GAN(*tiny()).sample(2, generator=3), "generator"),
        (lambda: gan.GAN(*tiny()).value(torch.zeros(0, 2)), "x: expected"),
        (lambda: gan.GAN(*tiny()).discriminator_loss(torch.zeros(5, 3)), "fake: .*in real"),
        (lambda: gan.discriminator_loss(torch.zeros(0, 1), torch.zeros(2, 1)), "real: expected"),
        (lambda: gan.minimax_loss(torch.zeros(0)), "fake: expected"),
        (lambda: gan.minimax_loss(torch.tensor([1])), "fake: expected floating"),
        (lambda: gan.feature_matching_loss(torch.ones(2, 3), torch.ones(2, 1)), "fake.*features"),
        (lambda: gan.clip_weights(nn.Linear(1, 1), 0.0), "bound"),
        (lambda: gan.clip_weights("critic", 0.1), "module"),
        (
            lambda: gan.gradient_penalty(nn.Linear(2, 1), torch.ones(2, 2), torch.ones(3, 2)),
            "fake: expected batch = 2 as in real",
        ),
        (lambda: gan.gradient_penalty(3, torch.ones(2, 2), torch.ones(2, 2)), "critic"),
        (lambda: gan.gradient_penalty(lambda x: 3, torch.ones(2, 2), torch.ones(2, 2)), "critic"),
        (
            lambda: gan.gradient_penalty(
                lambda x: torch.ones(2, 1), torch.ones(2, 2), torch.ones(2, 2)
            ),
            "critic",
        ),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises((TypeError, ValueError), match=words):
        call()


def test_gradient_penalty_refuses_a_critic_of_packs():
    critic = gan.Packed(gan.mlp((4, 8, 1)), 2)
    with pytest.raises(ValueError, match="critic: expected a value for each of the 6 examples"):
        gan.gradient_penalty(critic, torch.rand(6, 2), torch.rand(6, 2))


class Judge(nn.Module):
    """A discriminator whose sigmoid no list of layers shows."""

    def __init__(self):
        super().__init__()
        self.layers = gan.mlp((2, 4, 1))

    def forward(self, x):
        return torch.sigmoid(self.layers(x)).squeeze(1)


@pytest.mark.parametrize("loss", ["minimax", "non-saturating", "wasserstein"])
@pytest.mark.parametrize(
    "end", [[nn.Sigmoid()], [nn.Softplus(), nn.Flatten()], [nn.Sequential(nn.Tanh())]]
)
def test_a_discriminator_that_bounds_its_logits_is_refused(loss, end):
    generator, discriminator = tiny()
    with pytest.raises(ValueError, match=r"discriminator: .*Leave out the last nn\.Sigmoid\(\)"):
        gan.GAN(generator, nn.Sequential(*discriminator, *end), loss=loss)
    packed = gan.Packed(nn.Sequential(nn.Linear(4, 1), *end), 2)
    with pytest.raises(ValueError, match=r"Leave out the last nn\.Sigmoid\(\)"):
        gan.GAN(generator, packed, loss=loss)


def test_a_sigmoid_out_of_sight_is_found_at_the_first_update():
    model = gan.GAN(tiny()[0], Judge())
    with pytest.raises(ValueError, match=r"discriminator: .*Leave out the last nn\.Sigmoid\(\)"):
        train.fit(model, examples(), epochs=1, progress=False, device=CPU)


def test_a_loss_of_probabilities_is_a_value_that_takes_them():
    """Binary cross-entropy as the textbooks have it is the game of the paper."""

    def judge(real, fake):
        return -real.log().mean() - (1 - fake).log().mean()

    loss = gan.AdversarialLoss(judge, lambda fake: -fake.log().mean(), logits=False)
    generator, discriminator = tiny()
    mine = gan.GAN(generator, nn.Sequential(*discriminator, nn.Sigmoid()), loss=loss)
    paper = gan.GAN(generator, discriminator)
    for a, b in zip(mine.players(), paper.players(), strict=True):
        torch.manual_seed(0)
        expected = b.loss(examples())
        torch.manual_seed(0)
        torch.testing.assert_close(a.loss(examples()), expected)


def test_looking_at_samples_changes_no_model_and_one_alone_can_be_drawn():
    train.seed(0)
    model = gan.GAN(gan.mlp_generator(4, (1, 4, 4), (8,)), gan.mlp_discriminator((1, 4, 4), (8,)))
    before = {name: value.clone() for name, value in model.state_dict().items()}
    one = model.sample(1, torch.Generator().manual_seed(1))
    many = model.sample(3, torch.Generator().manual_seed(1))
    assert (len(one), len(many)) == (1, 3)
    assert model.generator.training
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
