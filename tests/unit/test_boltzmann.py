"""Boltzmann machines against plain sums over all states, autograd, and what the theory says of chains and bounds."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from gennb import train
from gennb.boltzmann import (
    DBM,
    DBN,
    RBM,
    BoltzmannMachine,
    ContrastiveDivergence,
    EnergyModel,
    ExactGradient,
    Learning,
    PersistentContrastiveDivergence,
    base_rates,
    draw,
    states,
)
from gennb.boltzmann.annealing import anneal, log_mean

CLOSE = {"rtol": 0, "atol": 1e-10}
seeds = st.integers(0, 10_000)


def every(n: int) -> Tensor:
    """All states of n units, spelled out."""
    return torch.tensor(list(itertools.product([0.0, 1.0], repeat=n)), dtype=torch.float64)


def random_weights(machine, seed: int, scale: float = 1.0):
    machine = machine.double()
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in machine.parameters():
            weight.copy_(scale * torch.randn(weight.shape, generator=generator).double())
        if isinstance(machine, BoltzmannMachine):
            upper = machine.W.triu(1)
            machine.W.copy_((upper + upper.mT) * machine.connections)
    return machine


def general(seed: int) -> BoltzmannMachine:
    joined = 1 - torch.eye(5)
    joined[1, 4] = joined[4, 1] = 0
    return random_weights(BoltzmannMachine(3, 2, connections=joined), seed)


def restricted(seed: int) -> RBM:
    return random_weights(RBM(4, 3), seed)


def deep(seed: int) -> DBM:
    return random_weights(DBM((3, 2, 2, 2)), seed)


MACHINES: dict[str, Callable[[int], EnergyModel]] = {
    "general": general,
    "restricted": restricted,
    "deep": deep,
}
machines = pytest.mark.parametrize("make", MACHINES.values(), ids=MACHINES)


def sizes(machine: EnergyModel) -> list[int]:
    if isinstance(machine, DBM):
        return list(machine.sizes)
    return [machine.n_visible, machine.n_hidden]


def energy_by_hand(machine: EnergyModel, layers: list[list[float]]) -> float:
    """The energy, term by term, as the book writes it."""
    if isinstance(machine, BoltzmannMachine):
        s = [*layers[0], *layers[1]]
        units = sum(machine.b[i].item() * s[i] for i in range(len(s)))
        pairs = itertools.combinations(range(len(s)), 2)
        return -units - sum(machine.W[i, j].item() * s[i] * s[j] for i, j in pairs)
    if isinstance(machine, RBM):
        weights, biases = [machine.W], [machine.b, machine.c]
    else:
        weights, biases = list(machine.W), list(machine.b)
    total = 0.0
    for bias, layer in zip(biases, layers, strict=True):
        total -= sum(b * s for b, s in zip(bias.tolist(), layer, strict=True))
    for W, low, high in zip(weights, layers, layers[1:], strict=False):
        for i, j in itertools.product(range(len(low)), range(len(high))):
            total -= low[i] * W[i, j].item() * high[j]
    return total


def table(machine: EnergyModel) -> dict[tuple[float, ...], Tensor]:
    """exp(−E) of all joint states, gathered by the state of the visible units."""
    split = sizes(machine)
    found: dict[tuple[float, ...], list[float]] = {}
    for s in every(sum(split)):
        layers = [part.tolist() for part in s.split(split)]
        found.setdefault(tuple(layers[0]), []).append(math.exp(-energy_by_hand(machine, layers)))
    return {v: torch.tensor(terms, dtype=torch.float64) for v, terms in found.items()}


@machines
@settings(max_examples=8, deadline=None)
@given(seed=seeds)
def test_energies_and_all_that_follows_from_them(make, seed):
    machine = make(seed)
    terms = table(machine)
    v = every(machine.n_visible)
    sums = torch.stack([terms[tuple(row.tolist())].sum() for row in v])
    torch.testing.assert_close(machine.free_energy(v), -sums.log(), **CLOSE)
    log_z = sums.sum().log()
    torch.testing.assert_close(machine.log_partition().value, log_z, **CLOSE)
    assert machine.log_partition().standard_error == 0
    torch.testing.assert_close(machine.log_prob(v), (sums / sums.sum()).log(), **CLOSE)
    torch.testing.assert_close(machine.log_prob(v, 2.0), sums.log() - 2, **CLOSE)


@machines
def test_energy_of_each_joint_state(make):
    machine = make(1)
    split = sizes(machine)
    s = every(sum(split))
    by_hand = [energy_by_hand(machine, [p.tolist() for p in row.split(split)]) for row in s]
    energies = machine.energy(*s.split(split, 1))
    torch.testing.assert_close(energies, torch.tensor(by_hand, dtype=torch.float64), **CLOSE)


@machines
@settings(max_examples=8, deadline=None)
@given(seed=seeds)
def test_the_gradient_is_that_of_the_log_likelihood(make, seed):
    """Its sign as well: data less model."""
    machine = make(seed)
    v = every(machine.n_visible)[torch.randint(2**machine.n_visible, (7,))]
    machine.log_prob(v).mean().backward()
    exact = machine.gradient(v)
    if isinstance(machine, DBM):  # its averages over data are mean fields
        model = machine._model_moments()
        value = machine._log_partition()
        for (name, _), slope in zip(
            machine.named_parameters(),
            torch.autograd.grad(value, list(machine.parameters())),
            strict=True,
        ):
            torch.testing.assert_close(model[name], slope, **CLOSE)
        return
    for name, weight in machine.named_parameters():
        slope = weight.grad
        if isinstance(machine, BoltzmannMachine) and name == "W":  # each pair stands there twice
            slope = (slope + slope.mT) * machine.connections
        torch.testing.assert_close(exact[name], slope, **CLOSE)


@machines
@pytest.mark.parametrize("steps", [None, 80])
def test_samples_have_the_distribution(make, steps):
    machine = make(3)
    drawn = machine.sample(40_000, torch.Generator().manual_seed(0), steps=steps)
    v = every(machine.n_visible)
    p = machine.log_prob(v).exp()
    digits = 2 ** torch.arange(machine.n_visible - 1, -1, -1)
    seen = torch.bincount((drawn.long() * digits).sum(1), minlength=len(v)) / len(drawn)
    assert 0.5 * (seen - p).abs().sum() < 0.012


@machines
def test_a_step_leaves_the_distribution_as_it_is(make):
    machine = make(4)
    states_ = machine.sample_states(100_000, torch.Generator().manual_seed(1), steps=None)
    moved = machine._run(states_, 1, torch.Generator().manual_seed(2))
    assert not torch.equal(states_, moved)
    before, after = (machine._averages(machine._free(s)) for s in (states_, moved))
    exact = machine._model_moments()
    for name in exact:
        torch.testing.assert_close(before[name], exact[name], rtol=0, atol=0.01)
        torch.testing.assert_close(after[name], exact[name], rtol=0, atol=0.01)


def test_states_count_up():
    assert torch.equal(states(3), every(3).float())
    assert states(0).shape == (1, 0)
    with pytest.raises(ValueError, match=r"at most 20 units.*got 21, which have 2,097,152 states"):
        states(21)


def test_base_rates_are_those_of_the_data_and_two_more():
    x = states(3).double()[[1, 3, 7, 7]]
    rates = base_rates(x).sigmoid()
    torch.testing.assert_close(rates, torch.tensor([3 / 6, 4 / 6, 5 / 6]).double())
    with pytest.raises(ValueError, match="data"):
        base_rates(2 * x)


def test_draws_have_their_probability():
    p = torch.tensor([0.0, 0.2, 1.0]).expand(50_000, 3)
    seen = draw(p, torch.Generator().manual_seed(0)).mean(0)
    torch.testing.assert_close(seen, p[0], rtol=0, atol=0.01)


def test_a_machine_refuses_to_enumerate_too_many_units():
    with pytest.raises(ValueError, match=r"got 500, which have about 3\.3 × 10\^150 states.*'ais'"):
        RBM(784, 500).log_partition()
    with pytest.raises(ValueError, match="at most 20 units"):
        BoltzmannMachine(18, 3).distribution()


# General machines


def test_a_conditional_is_a_ratio_of_joint_probabilities():
    machine, n = general(5), 5
    s = every(n)
    for temperature in (1.0, 2.5):
        p = machine.distribution(temperature=temperature)
        on = machine.conditional(s, temperature=temperature)
        for i in range(n):
            turned = s.clone()
            turned[:, i] = 1 - s[:, i]
            other = (turned @ 2 ** torch.arange(n - 1, -1, -1).double()).long()
            chance = torch.where(s[:, i] == 1, p, p[other]) / (p + p[other])
            torch.testing.assert_close(on[:, i], chance, **CLOSE)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_gibbs_sampling_reaches_equilibrium_at_a_temperature(temperature):
    machine = general(6)
    generator = torch.Generator().manual_seed(0)
    s = torch.zeros(50_000, 5, dtype=torch.float64)
    for sweeps in (1, 60):
        s = machine.gibbs(s, sweeps, temperature=temperature, generator=generator)
    number = (s @ 2 ** torch.arange(4, -1, -1).double()).long()
    seen = torch.bincount(number, minlength=32) / len(s)
    assert 0.5 * (seen - machine.distribution(temperature=temperature)).abs().sum() < 0.02


def test_clamped_units_stay_and_the_others_follow_their_posterior():
    machine = general(7)
    v = torch.tensor([1.0, 0.0, 1.0], dtype=torch.float64)
    s = torch.cat([v, torch.zeros(2, dtype=torch.float64)]).repeat(40_000, 1)
    s = machine.gibbs(s, 30, clamped=True, generator=torch.Generator().manual_seed(0))
    assert (s[:, :3] == v).all()
    h = every(2)
    posterior = (-machine.energy(v.expand(4, 3), h)).softmax(0)
    seen = torch.bincount((2 * s[:, 3] + s[:, 4]).long(), minlength=4) / len(s)
    assert 0.5 * (seen - posterior).abs().sum() < 0.01


def test_from_weights_and_what_it_refuses():
    W = torch.tensor([[0.0, 1.0], [1.0, 0.0]])
    machine = BoltzmannMachine.from_weights(W, torch.tensor([0.5, -0.5]), 2)
    assert machine.energy(torch.ones(1, 2)).item() == pytest.approx(-1)
    with pytest.raises(ValueError, match=r"symmetric.*got 1 in row 0, column 1, and 0"):
        BoltzmannMachine.from_weights(W.triu(), torch.zeros(2), 2)
    with torch.no_grad():
        machine.W[0, 0] = 1
    with pytest.raises(ValueError, match="symmetric"):
        machine.distribution()


# Restricted machines


@settings(max_examples=8, deadline=None)
@given(seed=seeds)
def test_conditionals_and_transitions_of_a_restricted_machine(seed):
    rbm = restricted(seed)
    v, h = every(4), every(3)
    joint = torch.stack([-rbm.energy(row.expand(8, 4), h) for row in v]).flatten().softmax(0)
    joint = joint.view(16, 8)
    p_h, p_v = joint / joint.sum(1, keepdim=True), joint / joint.sum(0)
    torch.testing.assert_close(rbm.hidden_given_visible(v), p_h @ h, **CLOSE)
    torch.testing.assert_close(rbm.visible_given_hidden(h), p_v.mT @ v, **CLOSE)
    T = rbm.transition_matrix()
    torch.testing.assert_close(T, p_h @ p_v.mT, **CLOSE)
    flow = joint.sum(1)[:, None] * T
    torch.testing.assert_close(flow, flow.mT, **CLOSE)  # detailed balance


def test_pseudo_likelihood_is_the_sum_of_conditionals():
    rbm = restricted(8)
    v = every(4)
    log_p = rbm.log_prob(v)
    expected = torch.zeros(16, dtype=torch.float64)
    for i in range(4):
        turned = v.clone()
        turned[:, i] = 1 - v[:, i]
        expected += log_p - torch.logaddexp(log_p, rbm.log_prob(turned))
    torch.testing.assert_close(rbm.pseudo_log_likelihood(v), expected, **CLOSE)


def test_the_gap_of_free_energies_is_one_of_log_likelihoods():
    rbm = restricted(8)
    data, held_out = every(4)[:5], every(4)[5:8]
    gap = rbm.log_prob(data).mean() - rbm.log_prob(held_out).mean()
    torch.testing.assert_close(rbm.free_energy_gap(data, held_out), gap.detach(), **CLOSE)


def test_gibbs_steps_and_reconstructions_follow_the_conditionals():
    rbm = restricted(9)
    v = torch.tensor([1.0, 0.0, 0.0, 1.0], dtype=torch.float64).repeat(60_000, 1)
    T = rbm.transition_matrix()
    for steps in (1, 3):
        seen = rbm.gibbs(v, steps, generator=torch.Generator().manual_seed(steps)).mean(0)
        expected = torch.linalg.matrix_power(T, steps)[9] @ every(4)
        torch.testing.assert_close(seen, expected, rtol=0, atol=0.01)
    means = rbm.reconstruct(v, torch.Generator().manual_seed(0)).mean(0)
    torch.testing.assert_close(means, T[9] @ every(4), rtol=0, atol=0.01)


# Partition functions by annealing


@machines
@pytest.mark.parametrize("of_data", [False, True])
def test_annealing_brackets_the_partition_function(make, of_data):
    machine = make(10)
    exact = machine.log_partition().value
    generator = torch.Generator().manual_seed(0)
    options = {"temperatures": 200, "chains": 500, "generator": generator}
    if of_data:
        options["data"] = machine.sample(50, generator, steps=None)
    particles = machine.sample_states(500, generator, steps=None)
    for estimate in (
        machine.log_partition("ais", **options),
        machine.log_partition("reverse-ais", particles=particles, **options),
    ):
        assert 0 < estimate.standard_error < 0.05
        assert abs(estimate.value - exact) < 4 * estimate.standard_error


@machines
def test_weights_are_right_on_average_however_few_the_temperatures(make):
    machine = make(11)
    generator = torch.Generator().manual_seed(0)
    path = machine._path(None)
    betas = torch.tensor([0.0, 0.4, 1.0], dtype=torch.float64)
    weights = anneal(path, betas, path.start(200_000, generator), generator)
    ratio = machine.log_partition().value - path.log_base
    mean, error = log_mean(weights)
    assert abs(mean - ratio) < 4 * error
    back = anneal(
        path, betas.flip(0), path.at(machine._draw_exactly(200_000, generator)), generator
    )
    mean, error = log_mean(back)
    assert abs(mean + ratio) < 4 * error


def test_log_mean_and_its_error():
    weights = torch.tensor([1.0, 2.0, 3.0, 6.0], dtype=torch.float64)
    value, error = log_mean(weights.log() + 1000)
    assert value == pytest.approx(1000 + math.log(3))
    assert error == pytest.approx(weights.std().item() / 3 / 2)


def test_what_annealing_refuses():
    rbm = restricted(0)
    with pytest.raises(ValueError, match="rise from 0 to 1"):
        rbm.log_partition("ais", temperatures=torch.tensor([0.0, 0.7, 0.5, 1.0]))
    with pytest.raises(ValueError, match="draws of the machine"):
        rbm.log_partition("reverse-ais")
    with pytest.raises(ValueError, match="chains: expected at least 2"):
        rbm.log_partition("ais", chains=1)


# Learning


@pytest.mark.parametrize("make", [general, restricted], ids=["general", "restricted"])
def test_directions_are_data_less_fantasies(make):
    machine = make(12)
    v = every(machine.n_visible)[[0, 3, 3, 5]]
    exact = machine.gradient(v)
    for name, value in ExactGradient()._direction(machine, v).items():
        torch.testing.assert_close(value, exact[name], **CLOSE)
    decayed = ExactGradient(weight_decay=0.1)._direction(machine, v)
    torch.testing.assert_close(decayed["W"], exact["W"] - 0.1 * machine.W, **CLOSE)
    torch.testing.assert_close(decayed["b"], exact["b"], **CLOSE)


@pytest.mark.parametrize("k", [1, 3])
def test_contrastive_divergence_on_average(k):
    """The mean of many directions is the difference of exact averages before and after k steps."""
    rbm = restricted(13)
    v = every(4)[[2, 2, 7, 9]]
    torch.manual_seed(0)
    found = ContrastiveDivergence(k)._direction(rbm, v.repeat(20_000, 1))
    p = torch.zeros(16, dtype=torch.float64).index_add_(
        0, torch.tensor([2, 2, 7, 9]), torch.full((4,), 0.25, dtype=torch.float64)
    )
    p_k = p @ torch.linalg.matrix_power(rbm.transition_matrix(), k)
    s = every(4)
    h = rbm.hidden_given_visible(s)
    expected = {"W": s.mT @ ((p - p_k)[:, None] * h), "b": (p - p_k) @ s, "c": (p - p_k) @ h}
    for name, value in expected.items():
        torch.testing.assert_close(found[name], value, rtol=0, atol=0.01)


def test_persistent_chains_go_on_where_they_were():
    rbm = RBM(4, 3, learning=PersistentContrastiveDivergence(k=2, chains=50))
    before = rbm.particles.clone()
    assert "particles" in rbm.state_dict()
    rbm.learning._direction(rbm, torch.ones(5, 4))
    assert rbm.particles.shape == (50, 4)
    assert not torch.equal(before, rbm.particles)
    v = torch.ones(5, 4)
    torch.manual_seed(0)
    moved = rbm._run(rbm.particles.clone(), 2)
    torch.manual_seed(0)
    direction = rbm.learning._direction(rbm, v)
    assert torch.equal(rbm.particles, moved)
    means = [rbm.hidden_given_visible(s).detach() for s in (v, moved)]
    products = [s.mT @ h / len(s) for s, h in zip((v, moved), means, strict=True)]
    torch.testing.assert_close(direction["W"], products[0] - products[1])
    rbm.learn_by(ContrastiveDivergence())
    assert "particles" not in rbm.state_dict()


@pytest.mark.parametrize("make", [general, restricted], ids=["general", "restricted"])
def test_a_centered_direction_is_the_gradient_of_the_centered_machine(make):
    """Written in centered parameters, the likelihood has this gradient; brought back, it is the direction."""
    machine = make(14)
    v = every(machine.n_visible)[[1, 3, 4, 6, 6]]
    plain = ExactGradient()._direction(machine, v)
    means = machine._averages(machine._held(v))
    found = ExactGradient(centered=True)._direction(machine, v)
    names = [name for name, _ in machine.named_parameters()]
    if isinstance(machine, RBM):
        mu, lam = means["b"], means["c"]

        def back(W, b, c):
            return W, b - W @ lam, c - W.mT @ mu

        start = (machine.W, machine.b + machine.W @ lam, machine.c + machine.W.mT @ mu)
    else:
        mu = means["b"]

        def back(W, b):
            return W, b - W @ mu

        start = (machine.W, machine.b + machine.W @ mu)

    centered = [x.detach().requires_grad_() for x in start]
    now = back(*centered)
    # The chain rule: what the likelihood gains by centered parameters, from what it gains by the plain ones.
    twice = {"W": 2 if isinstance(machine, BoltzmannMachine) else 1}
    gains = [plain[name] / twice.get(name, 1) for name in names]
    slopes = torch.autograd.grad(now, centered, gains)
    slopes = list(slopes)
    if not isinstance(machine, RBM):
        slopes[0] = (slopes[0] + slopes[0].mT) * machine.connections
    step = 1e-6
    moved = back(*(x + step * g for x, g in zip(centered, slopes, strict=True)))
    for name, new, old in zip(names, moved, now, strict=True):
        torch.testing.assert_close((new - old) / step, found[name], rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    "learning",
    [
        ExactGradient(),
        ExactGradient(centered=True),
        ContrastiveDivergence(10),
        PersistentContrastiveDivergence(1, 500),
    ],
    ids=["exact", "centered", "cd-10", "pcd"],
)
def test_learning_recovers_a_distribution(learning):
    target = torch.tensor([0.3, 0.02, 0.1, 0.08, 0.05, 0.25, 0.05, 0.15], dtype=torch.float64)
    torch.manual_seed(0)
    x = every(3)[torch.multinomial(target, 4000, replacement=True)].float()
    counted = torch.bincount((x @ torch.tensor([4.0, 2.0, 1.0])).long(), minlength=8) / len(x)
    rbm = RBM(3, 4, learning=learning)
    train.fit(rbm, x, epochs=100, batch_size=200, lr=0.3, progress=False, device="cpu")
    log_q = rbm.log_prob(states(3)).detach()
    gap = (counted * (counted.log() - log_q)).sum()
    assert gap < (0.01 if isinstance(learning, ExactGradient) else 0.03)


def test_a_general_machine_learns_what_needs_hidden_units():
    """Exclusive or: no machine of its three visible units alone has it, since it has no pairs that agree."""
    x = torch.tensor([[0.0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0]])
    gaps = {}
    for hidden in (0, 1):
        learning = ExactGradient(momentum=0.9)
        machine = random_weights(BoltzmannMachine(3, hidden, learning=learning), 0).float()
        train.fit(machine, x, epochs=400, lr=0.5, progress=False, device="cpu")
        gaps[hidden] = -machine.log_prob(x).mean().item() - math.log(4)
    assert gaps[0] > 0.65
    assert gaps[1] < 0.1


def test_the_loss_has_the_directions_gradient_and_a_meaning():
    rbm = restricted(15)
    rbm.learn_by(ExactGradient())
    v = every(4)[[1, 2, 8]]
    loss = rbm.loss(v)
    direction = rbm.learning._direction(rbm, v)
    loss.backward()
    for name, weight in rbm.named_parameters():
        torch.testing.assert_close(weight.grad, -direction[name], **CLOSE)

    def mean_energy(v: Tensor, p: Tensor) -> Tensor:
        h = every(3)
        energy = torch.stack([rbm.energy(row.expand(8, 4), h) for row in v])
        return (p[:, None] * (-energy).softmax(1) * energy).sum()

    of_data = mean_energy(v, torch.full((3,), 1 / 3, dtype=torch.float64))
    of_model = mean_energy(every(4), rbm.log_prob(every(4)).exp())
    torch.testing.assert_close(loss, of_data - of_model, **CLOSE)


def test_a_checkpoint_goes_on_and_refuses_another_rule(tmp_path):
    x = every(4).float()

    def run(epochs: int, path=None, learning: Learning | None = None) -> RBM:
        torch.manual_seed(0)
        rbm = RBM(4, 3, learning=learning or PersistentContrastiveDivergence(1, 20))
        train.fit(
            rbm, x, epochs=epochs, batch_size=4, checkpoint=path, progress=False, device="cpu"
        )
        return rbm

    path = tmp_path / "rbm.safetensors"
    run(2, path)
    resumed, whole = run(5, path), run(5)
    for name, value in whole.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[name]), name
    with pytest.raises(ValueError, match="another run"):
        run(6, path, PersistentContrastiveDivergence(2, 20))


def test_what_learning_refuses():
    rbm = RBM(4, 3)
    with pytest.raises(ValueError, match=r"zeros and ones.*torch\.bernoulli"):
        train.fit(rbm, torch.rand(10, 4), epochs=1, progress=False)
    with pytest.raises(
        ValueError, match=r"data: expected 4 units.*Flatten the images: data\.flatten\(1\)"
    ):
        train.fit(rbm, torch.ones(10, 1, 2, 2), epochs=1, progress=False)
    with pytest.raises(ValueError, match="k: expected at least 1"):
        ContrastiveDivergence(0)
    with pytest.raises(ValueError, match=r"momentum: expected a number in \[0, 1\)"):
        ExactGradient(momentum=1.0)
    with torch.no_grad():
        rbm.W[0, 0] = math.nan
    with pytest.raises(ValueError, match="W: expected finite weights"):
        rbm.free_energy(torch.ones(1, 4))


# Deep belief networks


def belief(seed: int) -> DBN:
    return random_weights(DBN((3, 2, 2, 3)), seed)


@settings(max_examples=8, deadline=None)
@given(seed=seeds)
def test_a_belief_network_by_enumeration(seed):
    dbn = belief(seed)
    v = every(3)
    s = every(7)
    layers = s.split((2, 2, 3), 1)
    log_z = dbn.log_partition().value
    torch.testing.assert_close(log_z, dbn.top.log_partition().value, **CLOSE)
    joint = torch.stack([-dbn.energy(row.expand(128, 3), *layers) for row in v])
    torch.testing.assert_close(
        joint.flatten().logsumexp(0), log_z, **CLOSE
    )  # all below is normalized
    torch.testing.assert_close(dbn.log_prob(v), joint.logsumexp(1) - log_z, **CLOSE)
    bound = dbn.bound(v, samples=None)
    assert (bound <= dbn.log_prob(v) + 1e-12).all()


def test_the_energy_of_a_belief_network_by_hand():
    dbn = belief(1)
    v, h1, h2, h3 = (every(n)[-2:-1] for n in (3, 2, 2, 3))
    sigma = torch.sigmoid
    below = 0.0
    for low, high, layer in ((v, h1, dbn.down[0]), (h1, h2, dbn.down[1])):
        p = sigma(high @ layer.weight.mT + layer.bias)
        below += (low * p.log() + (1 - low) * (1 - p).log()).sum()
    expected = dbn.top.energy(h2, h3) - below
    torch.testing.assert_close(dbn.energy(v, h1, h2, h3), expected, **CLOSE)


def test_a_second_layer_begins_where_the_first_one_is():
    """Turned upside down it has the same hidden distribution, so that nothing changes and the bound is exact."""
    rbm = restricted(2)
    turned = RBM(3, 4).double()
    with torch.no_grad():
        turned.W.copy_(rbm.W.mT)
        turned.b.copy_(rbm.c)
        turned.c.copy_(rbm.b)
    dbn = DBN.from_rbms([rbm, turned])
    v = every(4)
    torch.testing.assert_close(dbn.log_prob(v), rbm.log_prob(v), **CLOSE)
    torch.testing.assert_close(dbn.bound(v, samples=None), rbm.log_prob(v), **CLOSE)


def test_draws_for_the_bound_average_to_it():
    dbn = belief(3)
    v = every(3)
    drawn = dbn.bound(v, samples=20_000, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(drawn, dbn.bound(v, samples=None), rtol=0, atol=0.03)
    shifted = dbn.bound(v, samples=None, log_partition=0.0)
    torch.testing.assert_close(
        shifted - dbn.log_partition().value, dbn.bound(v, samples=None), **CLOSE
    )


def test_a_belief_network_draws_from_its_distribution():
    dbn = belief(4)
    for steps in (None, 200):
        drawn = dbn.sample(40_000, torch.Generator().manual_seed(0), steps=steps)
        number = (drawn @ torch.tensor([4.0, 2.0, 1.0], dtype=torch.float64)).long()
        seen = torch.bincount(number, minlength=8) / len(drawn)
        assert 0.5 * (seen - dbn.log_prob(every(3)).exp()).abs().sum() < 0.012


def test_wake_sleep_teaches_each_side_by_the_other():
    """Data teach the generative weights and the top, dreams the recognition weights."""
    dbn = belief(5)
    v = every(3)
    parts = {"wake": dbn.down, "top": dbn.top, "sleep": dbn.up}
    for player in dbn.players():
        dbn.zero_grad()
        player.loss(v).backward()
        moved = {
            n
            for n, part in parts.items()
            if any(p.grad is not None and p.grad.any() for p in part.parameters())
        }
        assert moved == {player.name}
    # On average the wake loss is what recognition says of data, by enumeration.
    torch.manual_seed(0)
    drawn = dbn._wake_loss(v.repeat(20_000, 1))
    inner = every(4).split((2, 2), 1)
    expected = 0.0
    for row in v:
        layers = [row.expand(16, 3), *inner]
        expected -= (dbn._log_recognized(layers).exp() * dbn._log_below(layers)).sum() / 8
    torch.testing.assert_close(drawn, expected, rtol=0, atol=0.02)


def test_wake_sleep_raises_the_likelihood():
    torch.manual_seed(0)
    x = torch.tensor([[0.0, 0, 1, 1], [1, 1, 0, 0], [1, 0, 1, 0]]).repeat(40, 1)
    dbn = DBN((4, 3, 3))
    dbn.pretrain(x, epochs=20, lr=0.1, batch_size=20, progress=False, device="cpu")
    before = dbn.log_prob(x).mean().item()
    train.fit(dbn, x, epochs=120, lr=0.1, batch_size=20, progress=False, device="cpu")
    after = dbn.log_prob(x).mean().item()
    assert after > before + 0.3


def test_pretraining_stacks_machines():
    x = draw(torch.full((200, 6), 0.5), torch.Generator().manual_seed(0))
    dbn = DBN((6, 5, 4, 3), learning=ContrastiveDivergence(2))
    histories = dbn.pretrain(x, epochs=2, lr=0.1, progress=False, device="cpu")
    assert len(histories) == 3
    for down, up in zip(dbn.down, dbn.up, strict=True):
        assert torch.equal(down.weight, up.weight.mT)
    assert dbn.top.learning.k == 2
    with pytest.raises(ValueError, match="as many visible units as the one below"):
        DBN.from_rbms([RBM(4, 3), RBM(4, 3)])


def test_a_classifier_begins_with_the_recognition_weights():
    dbn = belief(6)
    network = dbn.classifier(10)
    v = every(3)
    h = v
    for up in dbn.up:
        h = torch.sigmoid(up(h))
    h = torch.sigmoid(h @ dbn.top.W + dbn.top.c)
    torch.testing.assert_close(network[:-1](v), h, **CLOSE)
    assert network(v).shape == (8, 10)
    with torch.no_grad():
        network[0].weight.zero_()
    assert dbn.up[0].weight.any()  # a copy


# Deep Boltzmann machines


def test_two_layers_are_a_restricted_machine():
    rbm, dbm = restricted(3), DBM((4, 3)).double()
    with torch.no_grad():
        dbm.W[0].copy_(rbm.W)
        dbm.b[0].copy_(rbm.b)
        dbm.b[1].copy_(rbm.c)
    v = every(4)
    torch.testing.assert_close(dbm.log_prob(v), rbm.log_prob(v), **CLOSE)
    torch.testing.assert_close(
        dbm.bound(v), rbm.log_prob(v), **CLOSE
    )  # the mean field is the posterior
    ours, theirs = dbm.gradient(v[:5]), rbm.gradient(v[:5])
    for name, other in {"W.0": "W", "b.0": "b", "b.1": "c"}.items():
        torch.testing.assert_close(ours[name], theirs[other], **CLOSE)


def test_layers_given_their_neighbors():
    dbm = deep(4)
    s = every(9)
    layers = list(s.split(dbm.sizes, 1))
    p = (-dbm.energy(*layers)).softmax(0)
    digits = 2 ** torch.arange(8, -1, -1).double()
    for number, first in ((0, 0), (1, 3), (2, 5), (3, 7)):
        on = dbm.conditional(number, *layers)
        for i in range(dbm.sizes[number]):
            turned = s.clone()
            turned[:, first + i] = 1 - turned[:, first + i]
            other = p[(turned @ digits).long()]
            chance = torch.where(s[:, first + i] == 1, p, other) / (p + other)
            torch.testing.assert_close(on[:, i], chance, **CLOSE)


@settings(max_examples=8, deadline=None)
@given(seed=seeds)
def test_mean_fields_bound_the_likelihood_and_rise(seed):
    dbm = random_weights(DBM((3, 3, 2)), seed, 2.0)
    v = every(3)
    bounds = torch.stack([dbm.bound(v, sweeps=n) for n in (1, 2, 5, 20, 100)])
    assert (bounds.diff(dim=0) >= -1e-10).all()
    assert (bounds <= dbm.log_prob(v) + 1e-10).all()
    means = dbm.mean_field(v, sweeps=500)
    for i, mean in enumerate(means, 1):  # a fixed point
        torch.testing.assert_close(
            mean, torch.sigmoid(dbm._input(i, [v, *means])), rtol=0, atol=1e-6
        )


def test_the_bound_by_hand():
    dbm = deep(5)
    v = every(3)
    means = dbm.mean_field(v, sweeps=3)
    q = torch.cat(means, 1)
    h = every(6)
    expected = []
    for row, mean in zip(v, q, strict=True):
        log_q = (h * mean.log() + (1 - h) * (1 - mean).log()).sum(1)
        log_joint = -dbm.energy(row.expand(64, 3), *h.split((2, 2, 2), 1))
        expected.append((log_q.exp() * (log_joint - log_q)).sum())
    bound = torch.stack(expected) - dbm.log_partition().value
    torch.testing.assert_close(dbm.bound(v, sweeps=3), bound, **CLOSE)


def test_a_deep_machine_learns():
    torch.manual_seed(0)
    x = torch.tensor([[0.0, 0, 1, 1], [1, 1, 0, 0], [1, 0, 1, 0]]).repeat(40, 1)
    dbm = DBM((4, 3, 2), learning=PersistentContrastiveDivergence(5, 200, centered=True))
    dbm.pretrain(x, epochs=20, lr=0.1, batch_size=20, progress=False, device="cpu")
    before = dbm.log_prob(x).mean().item()
    train.fit(dbm, x, epochs=60, lr=0.2, batch_size=20, progress=False, device="cpu")
    after = dbm.log_prob(x).mean().item()
    assert after > max(before, -math.log(3) - 0.35)


def test_pretraining_doubles_the_inputs_that_will_come_from_two_sides():
    from gennb.boltzmann.dbm import _Replicated

    rbm = random_weights(_Replicated(3, 2, (2, 1), learning=ExactGradient()), 6)
    v = every(3)
    # As a plain machine over both copies, with their weights and biases tied:
    twice = RBM(6, 2).double()
    with torch.no_grad():
        twice.W.copy_(rbm.W.repeat(2, 1))
        twice.b.copy_(rbm.b.repeat(2))
        twice.c.copy_(rbm.c)
    torch.testing.assert_close(rbm._log_partition(), twice._log_partition(), **CLOSE)
    both = torch.cat([v, v], 1)
    found, expected = (m._averages(m._held(x)) for m, x in ((rbm, v), (twice, both)))
    torch.testing.assert_close(found["W"], expected["W"][:3] + expected["W"][3:], **CLOSE)
    model, whole = rbm._model_moments(), twice._model_moments()
    torch.testing.assert_close(model["W"], whole["W"][:3] + whole["W"][3:], **CLOSE)
    torch.testing.assert_close(model["b"], whole["b"][:3] + whole["b"][3:], **CLOSE)
    torch.testing.assert_close(
        torch.sigmoid(rbm._odd_input(both)), torch.sigmoid(rbm.c + 2 * v @ rbm.W), **CLOSE
    )
