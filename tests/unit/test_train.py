"""The training loop against loops written by hand."""

from __future__ import annotations

import math
import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from gennb import gan
from gennb.train import History, Player, budget, device, fit, scale, seed
from gennb.train.runtime import derive_seed, random_stream
from gennb.vae import VAE

CPU = torch.device("cpu")


class Noisy(nn.Module):
    """A denoiser with dropout: its loss draws from the global generator in two ways."""

    def __init__(self, width: int = 6) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(width, 8), nn.Tanh(), nn.Dropout(0.2), nn.Linear(8, width)
        )

    def loss(self, x: Tensor) -> Tensor:
        return (self.net(x + 0.1 * torch.randn_like(x)) - x).square().mean()

    def players(self) -> list[Player]:
        return [Player("noisy", list(self.parameters()), self.loss)]


class Duel(nn.Module):
    """A small adversarial pair that writes down who played on what."""

    def __init__(self, steps: int = 1, width: int = 2) -> None:
        super().__init__()
        self.generator = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, width))
        self.discriminator = nn.Sequential(nn.Linear(width, 8), nn.Tanh(), nn.Linear(8, 1))
        self.steps = steps
        self.moves: list[tuple[str, Tensor]] = []

    def fake(self, x: Tensor) -> Tensor:
        return self.generator(torch.randn(len(x), 3, device=x.device))

    def discriminator_loss(self, x: Tensor) -> Tensor:
        self.moves.append(("discriminator", x))
        # No detach: the loop is to leave the generator alone.
        right = nn.functional.softplus(-self.discriminator(x))
        return (right + nn.functional.softplus(self.discriminator(self.fake(x)))).mean()

    def generator_loss(self, x: Tensor) -> Tensor:
        self.moves.append(("generator", x))
        return nn.functional.softplus(-self.discriminator(self.fake(x))).mean()

    def players(self) -> list[Player]:
        return [
            Player(
                "discriminator",
                list(self.discriminator.parameters()),
                self.discriminator_loss,
                steps=self.steps,
                lr=2e-3,
                betas=(0.5, 0.9),
            ),
            Player("generator", list(self.generator.parameters()), self.generator_loss),
        ]


def make(kind: type[nn.Module], *args: int) -> nn.Module:
    torch.manual_seed(11)
    return kind(*args)


def examples(n: int = 53, width: int = 6) -> Tensor:
    return torch.rand(n, width, generator=torch.Generator().manual_seed(5))


def same(a: nn.Module, b: nn.Module) -> bool:
    pairs = zip(a.state_dict().values(), b.state_dict().values(), strict=True)
    return all(torch.equal(p, q) for p, q in pairs)


def quick(model, data, **options):
    return fit(
        model, data, **{"epochs": 2, "batch_size": 10, "progress": False, "device": "cpu"} | options
    )


def orders(n: int, batch_size: int, epochs: int, seed: int) -> list[tuple[Tensor, ...]]:
    """The documented rule: an epoch is one permutation, drawn from the seed and the epoch."""
    return [
        torch.randperm(
            n, generator=torch.Generator().manual_seed(derive_seed(seed, 0, epoch))
        ).split(batch_size)
        for epoch in range(epochs)
    ]


# The updates -------------------------------------------------------------------------------------


def test_one_player_equals_a_loop_written_by_hand_bit_for_bit():
    x = examples()
    model, twin = make(Noisy), make(Noisy)
    history = quick(model, x, epochs=3, lr=0.01, seed=7)

    optimizer = torch.optim.Adam(twin.parameters(), lr=0.01, fused=True)
    losses = []
    with random_stream(derive_seed(7, 1, 0), CPU):
        for epoch in orders(len(x), 10, 3, 7):
            for index in epoch:
                optimizer.zero_grad()
                loss = twin.loss(x[index])
                loss.backward()
                optimizer.step()
                losses.append(loss.detach())
    assert same(model, twin)
    assert torch.equal(history.losses["noisy"], torch.stack(losses))


def test_two_players_equal_a_loop_written_by_hand_bit_for_bit():
    x = examples(width=2)
    model, twin = make(Duel, 3), make(Duel, 3)
    history = quick(model, x, seed=3, lr=5e-3)

    critic = torch.optim.Adam(
        twin.discriminator.parameters(), lr=2e-3, betas=(0.5, 0.9), fused=True
    )
    forger = torch.optim.Adam(twin.generator.parameters(), lr=5e-3, fused=True)
    losses: dict[str, list[Tensor]] = {"discriminator": [], "generator": []}
    with random_stream(derive_seed(3, 1, 0), CPU):
        for epoch in orders(len(x), 10, 2, 3):
            for start in range(0, len(epoch), 3):
                for index in epoch[start : start + 3]:
                    loss = twin.discriminator_loss(x[index])
                    twin.zero_grad()
                    loss.backward()
                    critic.step()
                    losses["discriminator"].append(loss.detach())
                loss = twin.generator_loss(x[epoch[start]])
                twin.zero_grad()
                loss.backward()
                forger.step()
                losses["generator"].append(loss.detach())
    assert same(model, twin)
    for name, values in losses.items():
        assert torch.equal(history.losses[name], torch.stack(values))


@settings(max_examples=40, deadline=None)
@given(
    n=st.integers(1, 30),
    batch_size=st.integers(1, 40),
    k=st.integers(1, 5),
    epochs=st.integers(1, 3),
)
def test_turns_and_minibatches_follow_the_rule(n, batch_size, k, epochs):
    x = torch.arange(float(2 * n)).view(n, 2) / n
    model = Duel(k)
    history = quick(model, x, epochs=epochs, batch_size=batch_size)
    batches = math.ceil(n / batch_size)
    rounds = math.ceil(batches / k)
    turns = []
    for r in range(rounds):
        turns += ["discriminator"] * min(k, batches - r * k) + ["generator"]
    assert [who for who, _ in model.moves] == turns * epochs
    for e in range(epochs):
        epoch = model.moves[e * len(turns) : (e + 1) * len(turns)]
        seen = torch.cat([batch for who, batch in epoch if who == "discriminator"])
        assert torch.equal(seen[seen[:, 0].argsort()], x)
    assert history.updates_per_epoch == {"discriminator": batches, "generator": rounds}
    assert {name: len(v) for name, v in history.losses.items()} == {
        "discriminator": epochs * batches,
        "generator": epochs * rounds,
    }
    assert history.examples == epochs * n
    assert not history.interrupted


def test_gradients_of_the_other_player_are_not_computed():
    model = make(Duel)
    owner = {id(p): "generator" for p in model.generator.parameters()}
    strangers = []

    def watch(p):
        def hook(_):
            mover = model.moves[-1][0]
            if mover != owner.get(id(p), "discriminator"):
                strangers.append(mover)

        p.register_hook(hook)

    for p in model.parameters():
        watch(p)
    quick(model, examples(width=2))
    assert strangers == []
    assert all(p.requires_grad and p.grad is None for p in model.parameters())


def test_players_may_share_parameters_and_leave_others_untouched():
    net = nn.Linear(2, 2)
    model = nn.ModuleList([net, nn.Linear(2, 2)])
    idle = [p.clone() for p in model[1].parameters()]
    before = net.weight.clone()
    players = [
        Player("up", list(net.parameters()), lambda x: net(x).mean()),
        Player("weight", [net.weight], lambda x: net(x).square().mean()),
    ]
    quick(model, examples(width=2), players=players)
    assert not torch.equal(net.weight, before)
    assert all(torch.equal(p, q) for p, q in zip(model[1].parameters(), idle, strict=True))


def test_frozen_parameters_stay_and_stale_gradients_do_not_count():
    model, twin = make(Noisy), make(Noisy)
    for m in (model, twin):
        m.net[0].requires_grad_(False)
    frozen = model.net[0].weight.clone()
    for p in model.net[3].parameters():
        p.grad = torch.full_like(p, 1e3)
    quick(model, examples())
    quick(twin, examples())
    assert torch.equal(model.net[0].weight, frozen)
    assert not model.net[0].weight.requires_grad
    assert same(model, twin)


def test_data_set_and_tensor_are_the_same_and_batches_may_exceed_the_data():
    x = examples(7)
    a, b = make(Noisy), make(Noisy)
    quick(a, SimpleNamespace(x=x), batch_size=7)
    quick(b, x, batch_size=1000)
    assert same(a, b)


# Randomness, modes, evaluation -------------------------------------------------------------------


def test_only_the_seed_decides_and_the_callers_stream_goes_on():
    x = examples()
    runs = {}
    for start, number in ((1, 0), (2, 0), (2, 1)):
        model = make(Noisy)
        torch.manual_seed(start)
        before = torch.get_rng_state()
        quick(model, x, seed=number)
        assert torch.equal(torch.get_rng_state(), before)
        runs[start, number] = model
    assert same(runs[1, 0], runs[2, 0])
    assert not same(runs[2, 0], runs[2, 1])


def test_noise_is_independent_of_initial_weights_of_the_same_seed():
    torch.manual_seed(0)
    first = torch.randn(6)
    drawn = []

    class Listener(Noisy):
        def loss(self, x):
            drawn.append(torch.randn(6))
            return super().loss(x)

    quick(Listener(), examples(), epochs=1, seed=0)
    assert not torch.equal(drawn[0], first)


def test_modes_are_set_and_given_back():
    model = make(Noisy)
    model.eval()
    model.net[0].train()
    modes = [m.training for m in model.modules()]
    seen = []
    players = [
        Player(
            "p", list(model.parameters()), lambda x: (seen.append(model.training), model.loss(x))[1]
        )
    ]

    def evaluate():
        seen.append((model.training, model.net[2].training, torch.is_grad_enabled()))
        return {}

    quick(model, examples(20), epochs=1, players=players, evaluate=evaluate)
    assert seen == [True, True, (False, False, False)]
    assert [m.training for m in model.modules()] == modes


def test_training_works_inside_no_grad():
    model = make(Noisy)
    before = model.net[0].weight.clone()
    with torch.no_grad():
        quick(model, examples())
        assert not torch.is_grad_enabled()
    assert not torch.equal(model.net[0].weight, before)


def test_evaluation_is_recorded_on_fixed_noise_and_disturbs_nothing():
    plain, watched = make(Noisy), make(Noisy)
    noise = []

    def evaluate():
        noise.append(torch.randn(3))
        return {"a": torch.tensor(2.5), "n": len(noise)}

    quick(plain, examples(), epochs=3)
    history = quick(watched, examples(), epochs=3, evaluate=evaluate)
    assert history.evaluations == [{"a": 2.5, "n": n} for n in (1.0, 2.0, 3.0)]
    assert torch.equal(noise[0], noise[1])
    assert torch.equal(noise[0], noise[2])
    assert same(plain, watched)


def test_snapshots_are_the_weights_of_shorter_runs():
    model, short = make(Noisy), make(Noisy)
    start = {k: v.clone() for k, v in model.state_dict().items()}
    history = quick(model, examples(), epochs=4, snapshots=[0, 6, 24])  # 6 rounds an epoch
    quick(short, examples(), epochs=1)
    assert list(history.snapshots) == [0, 6, 24]
    for key in start:
        assert torch.equal(history.snapshots[0][key], start[key])
        assert torch.equal(history.snapshots[6][key], short.state_dict()[key])
        assert torch.equal(history.snapshots[24][key], model.state_dict()[key])


@pytest.mark.parametrize(
    ("count", "rounds"), [(2, [0, 36]), (3, [0, 1, 36]), (4, [0, 1, 6, 36]), (99, None)]
)
def test_a_number_of_snapshots_is_spread_geometrically(count, rounds):
    history = quick(make(Noisy), examples(), epochs=6, snapshots=count)
    kept = list(history.snapshots)
    assert kept == sorted(kept)
    assert kept[0] == 0
    assert kept[-1] == 36
    assert len(kept) <= count
    assert rounds is None or kept == rounds


# When things go wrong ----------------------------------------------------------------------------


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_loss_that_is_not_finite_stops_with_a_diagnosis(bad):
    model = make(Duel, 2)
    turns = iter(range(1000))

    def loss(x):
        value = model.generator_loss(x)
        return value * bad if next(turns) == 4 else value

    critic, forger = model.players()
    players = [critic, Player("forger", forger.parameters, loss)]
    # 60 examples in tens: 6 minibatches, 3 rounds an epoch; the fifth move is in round 5, epoch 2.
    with pytest.raises(
        FloatingPointError, match=r"'forger' is (nan|inf) in round 5 \(epoch 2\)"
    ) as e:
        quick(model, examples(60, 2), players=players)
    assert "loss before was 0." in str(e.value)
    assert all(p.grad is None for p in model.parameters())


def test_the_earliest_of_several_is_named_and_long_epochs_stop_early():
    model = make(Noisy)
    turns = []

    def loss(x):
        turns.append(len(turns))
        return model.loss(x) * (math.nan if len(turns) > 30 else 1)

    with pytest.raises(FloatingPointError, match="in round 31"):
        quick(
            model,
            examples(1000),
            batch_size=1,
            players=[Player("p", list(model.parameters()), loss)],
        )
    assert len(turns) == 100


def test_diagnosis_of_growing_losses_and_of_the_first_update():
    weight = nn.Linear(1, 1, bias=False)
    growth = iter([1.0] * 20 + [10.0**i for i in range(5, 40)] + [math.inf] * 200)
    players = [Player("p", [weight.weight], lambda x: (weight(x) * 0 + next(growth)).mean())]
    with pytest.raises(FloatingPointError, match=r"learning rate too large.*had been growing"):
        quick(weight, torch.ones(200, 1), players=players, batch_size=1)
    players = [Player("p", [weight.weight], lambda x: (weight(x) * 0).log().mean())]
    with pytest.raises(FloatingPointError, match=r"first update.*log of zero"):
        quick(weight, torch.ones(20, 1), players=players)


def interrupted_at(model: Noisy, action, at: int) -> list[Player]:
    turns = iter(range(1, 10_000))

    def loss(x):
        if next(turns) == at:
            action()
        return model.loss(x)

    return [Player("noisy", list(model.parameters()), loss)]


def ctrl_c() -> None:
    os.kill(os.getpid(), signal.SIGINT)


@pytest.fixture
def heeds_ctrl_c() -> Iterator[None]:
    """Python's own answer to Ctrl-C: what runs in a shell's background may inherit that it is ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeds_ctrl_c")
def test_ctrl_c_finishes_the_round_and_returns_the_history():
    model, twin = make(Noisy), make(Noisy)
    before = signal.getsignal(signal.SIGINT)
    history = quick(
        model, examples(), players=interrupted_at(model, ctrl_c, 8), evaluate=lambda: {"e": 1}
    )
    assert signal.getsignal(signal.SIGINT) is before
    assert history.interrupted
    assert len(history.losses["noisy"]) == 8
    assert history.examples == 53 + 20
    assert len(history.evaluations) == 1
    assert len(history.seconds) == 2
    whole = quick(twin, examples(), snapshots=[8])
    assert torch.equal(history.losses["noisy"], whole.losses["noisy"][:8])
    assert all(torch.equal(whole.snapshots[8][k], v) for k, v in model.state_dict().items())
    assert not whole.interrupted


@pytest.mark.usefixtures("heeds_ctrl_c")
def test_a_second_ctrl_c_interrupts_at_once():
    model = make(Noisy)
    before = signal.getsignal(signal.SIGINT)

    def twice():
        ctrl_c()
        ctrl_c()

    with pytest.raises(KeyboardInterrupt):
        quick(model, examples(), players=interrupted_at(model, twice, 3))
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.usefixtures("heeds_ctrl_c")
def test_ctrl_c_in_the_last_round_interrupts_nothing():
    model = make(Noisy)
    history = quick(model, examples(), players=interrupted_at(model, ctrl_c, 12))
    assert not history.interrupted
    assert len(history.losses["noisy"]) == 12


@pytest.mark.usefixtures("heeds_ctrl_c")
def test_who_ignores_ctrl_c_goes_on_ignoring_it():
    model = make(Noisy)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    history = quick(model, examples(), players=interrupted_at(model, ctrl_c, 8))
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    assert not history.interrupted


def test_a_keyboard_interrupt_inside_a_loss_returns_model_and_history():
    model, twin = make(Noisy), make(Noisy)

    def stop():
        raise KeyboardInterrupt

    history = quick(model, examples(), players=interrupted_at(model, stop, 9))
    assert history.interrupted
    assert len(history.losses["noisy"]) == 8
    whole = quick(twin, examples(), snapshots=[8])
    assert all(torch.equal(whole.snapshots[8][k], v) for k, v in model.state_dict().items())


def test_other_errors_pass_through_and_leave_the_surroundings_as_they_were():
    model = make(Noisy).eval()
    state, before = torch.get_rng_state(), signal.getsignal(signal.SIGINT)

    def fail():
        raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="mine"):
        quick(model, examples(), players=interrupted_at(model, fail, 3))
    assert torch.equal(torch.get_rng_state(), state)
    assert signal.getsignal(signal.SIGINT) is before
    assert not model.training


def test_fit_runs_outside_the_main_thread():
    model, twin = make(Noisy), make(Noisy)
    thread = threading.Thread(target=quick, args=(model, examples()))
    thread.start()
    thread.join()
    quick(twin, examples())
    assert same(model, twin)


linear = nn.Linear(6, 1)
weights = list(linear.parameters())
twice = Player("p", weights, lambda x: linear(x).mean(), steps=2)


@pytest.mark.parametrize(
    ("error", "match", "options"),
    [
        (TypeError, "epochs.*integer", {"epochs": 1.5}),
        (ValueError, "epochs.*at least 1", {"epochs": 0}),
        (ValueError, "batch_size.*at least 1", {"batch_size": 0}),
        (ValueError, "lr", {"lr": 0.0}),
        (ValueError, "lr", {"lr": math.nan}),
        (ValueError, "seed", {"seed": -1}),
        (ValueError, "seed", {"seed": 2**32}),
        (TypeError, "seed", {"seed": None}),
        (ValueError, "device.*'abacus'", {"device": "abacus"}),
        (ValueError, "device.*xff", {"device": b"\xff"}),  # PyTorch refuses it without a word
        (TypeError, "evaluate", {"evaluate": 3}),
        (TypeError, "evaluate.*dict", {"evaluate": lambda: 3.0}),
        (ValueError, "snapshots.*at least 2", {"snapshots": 1}),
        (ValueError, "snapshots.*from 0 to 12", {"snapshots": [13]}),
        (ValueError, "snapshots", {"snapshots": [-1]}),
        (TypeError, "snapshots", {"snapshots": "all"}),
        (TypeError, "players.*list", {"players": 3}),
        (TypeError, "players.*list", {"players": ["vae"]}),
        (ValueError, "players.*one or more", {"players": []}),
        (TypeError, "data.*NoneType", {"data": None}),
        (TypeError, "data.*list", {"data": [[1.0]]}),
        (TypeError, r"data\[1\]|data: expected.*tuple", {"data": (torch.ones(3, 6), [1, 2, 3])}),
        (TypeError, "data: expected", {"data": ()}),
        (ValueError, r"data\[1\].*3 examples, got 2", {"data": (torch.ones(3, 6), torch.ones(2))}),
        (ValueError, r"data\[1\].*NaN", {"data": (torch.ones(3, 6), torch.full((3,), math.nan))}),
        (ValueError, "data: expected a dense", {"data": torch.ones(0, 6, dtype=torch.uint8)}),
        (ValueError, "simultaneous", {"simultaneous": True, "players": [twice], "model": linear}),
        (ValueError, "data.*at least one", {"data": torch.empty(0, 6)}),
        (ValueError, "data.*NaN", {"data": torch.full((3, 6), math.nan)}),
        (ValueError, "data.*single number", {"data": torch.tensor(1.0)}),
        (TypeError, "model.*Module", {"model": "vae"}),
        (TypeError, "checkpoint", {"checkpoint": 3}),
        (ValueError, "checkpoint.*safetensors", {"checkpoint": "weights.pt"}),
        (ValueError, "checkpoint.*folder", {"checkpoint": "no/such/folder/a.safetensors"}),
    ],
)
def test_hostile_arguments(error, match, options):
    arguments = {"model": make(Noisy), "data": examples()} | options
    with pytest.raises(error, match=match):
        quick(arguments.pop("model"), arguments.pop("data"), **arguments)


@pytest.mark.parametrize(
    ("error", "match", "arguments"),
    [
        (TypeError, "name", {"name": 3}),
        (TypeError, "name", {"name": ""}),
        (ValueError, "got 0", {"parameters": []}),
        (TypeError, "got Tensor", {"parameters": [torch.ones(3)]}),
        (TypeError, "got NoneType", {"parameters": None}),
        (
            ValueError,
            "all frozen",
            {"parameters": [nn.Parameter(torch.ones(3), requires_grad=False)]},
        ),
        (TypeError, "function as loss", {"loss": 3.0}),
        (ValueError, "steps", {"steps": 0}),
        (TypeError, "steps", {"steps": 1.0}),
        (ValueError, "lr", {"lr": -1.0}),
        (ValueError, "betas", {"betas": (0.9, 1.0)}),
        (ValueError, "betas", {"betas": (0.9,)}),
        (TypeError, "class of torch.optim", {"optimizer": "adam"}),
        (TypeError, "class of torch.optim", {"optimizer": torch.optim.SGD([torch.ones(1)])}),
        (ValueError, "LBFGS evaluates", {"optimizer": torch.optim.LBFGS}),
        (TypeError, "options.*dict", {"options": 0.9}),
        (TypeError, "function as schedule, got float", {"schedule": 0.9}),
    ],
)
def test_hostile_players(error, match, arguments):
    usual = {"name": "p", "parameters": weights, "loss": lambda x: x.sum()}
    with pytest.raises(error, match=match):
        Player(**usual | arguments)


@pytest.mark.parametrize(
    ("error", "match", "loss"),
    [
        (TypeError, "scalar tensor.*float", lambda x: 1.0),
        (ValueError, r"scalar.*\(10, 1\).*mean", lambda x: linear(x)),
        (ValueError, "without a gradient", lambda x: linear(x).detach().mean()),
        (
            ValueError,
            "no gradient reaches",
            lambda x: (x * torch.ones(1, requires_grad=True)).mean(),
        ),
    ],
)
def test_hostile_losses(error, match, loss):
    with pytest.raises(error, match=match):
        quick(linear, examples(), players=[Player("p", weights, loss)])


def test_bad_values_of_an_optimizer_and_bad_schedules_are_named():
    for words, options in [
        ("that SGD takes.*Invalid momentum", {"options": {"momentum": -1.0}}),
        ("that SGD takes.*unexpected.*'alpha'", {"options": {"alpha": 0.9}}),
        ("that SGD takes.*multiple values.*'lr'", {"options": {"lr": 0.9}}),
        ("that SGD takes.*unexpected.*'betas'", {"betas": (0.5, 0.9)}),
        (
            r"schedule that returns a dict with some of .*lr, .*momentum",
            {"schedule": lambda _: 0.1},
        ),
        (r"schedule that returns.*'rate'", {"schedule": lambda _: {"rate": 0.1}}),
    ]:
        player = Player(
            "p", weights, lambda x: linear(x).mean(), optimizer=torch.optim.SGD, **options
        )
        with pytest.raises(ValueError, match=words):
            quick(linear, examples(), players=[player])


def test_lazy_layers_are_to_see_a_batch_first():
    lazy = nn.Sequential(nn.LazyLinear(3))
    player = Player("p", list(lazy.parameters()), lambda x: lazy(x).square().mean())
    with pytest.raises(ValueError, match=r"lazy layers.*Run one batch.*model\(x\[:2\]\)"):
        quick(lazy, examples(), players=[player])
    lazy(examples()[:2])
    quick(lazy, examples(), players=[player])


def test_raw_images_are_told_their_missing_axis():
    model = VAE((1, 4, 4), 2, hidden=(3,))
    with pytest.raises(ValueError, match=r"channel axis with data\[:, None\]"):
        quick(model, torch.rand(20, 4, 4))
    with pytest.raises(TypeError, match=r"float\(\) / 255"):
        quick(model, torch.ones(20, 1, 4, 4, dtype=torch.uint8))


def test_players_must_be_the_models_and_have_names_of_their_own():
    model = make(Noisy)
    with pytest.raises(TypeError, match=r"players\(\).*Linear"):
        quick(linear, examples())
    with pytest.raises(ValueError, match="parameters of the model"):
        quick(model, examples(), players=[Player("p", weights, lambda x: linear(x).mean())])
    with pytest.raises(ValueError, match=r"name of its own.*'noisy', 'noisy'"):
        quick(model, examples(), players=model.players() * 2)


# Several tensors, other optimizers, all at once ---------------------------------------------------


class Labeled(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Linear(6, 3)
        self.seen: list[tuple[Tensor, ...]] = []

    def unlabeled(self, x: Tensor, scale: float = 0.1) -> Tensor:
        self.seen.append((x,))
        return (scale * self.net(x)).square().mean()

    def loss(self, x: Tensor, y: Tensor) -> Tensor:
        self.seen.append((x, y))
        return nn.functional.cross_entropy(self.net(x), y)

    def everything(self, *tensors: Tensor) -> Tensor:
        self.seen.append(tensors)
        return self.net(tensors[0]).square().mean()

    def fit(self, loss, data, **options) -> History:
        return quick(self, data, players=[Player("p", list(self.parameters()), loss)], **options)


def labels(n: int = 53) -> Tensor:
    return torch.arange(n) % 3


def test_a_loss_gets_the_tensors_that_it_asks_for():
    x, y, z = examples(), labels(), torch.arange(53) > 20
    for loss, data, width in [
        ("loss", (x, y), 2),
        ("loss", [x, y, z], 2),
        ("loss", SimpleNamespace(x=x, y=y), 2),
        ("unlabeled", (x, y), 1),
        ("unlabeled", SimpleNamespace(x=x, y=y), 1),
        ("unlabeled", SimpleNamespace(x=x, y=None), 1),
        ("everything", (x, y, z), 3),
        ("everything", x, 1),
    ]:
        model = make(Labeled)
        model.fit(getattr(model, loss), data, epochs=1)
        order = torch.cat(orders(53, 10, 1, 0)[0])
        columns = [torch.cat(column) for column in zip(*model.seen, strict=True)]
        assert len(columns) == width
        for column, whole in zip(columns, (x, y, z), strict=False):
            assert torch.equal(column, whole[order])
            assert column.dtype == whole.dtype


def test_a_module_and_a_built_in_function_are_losses_too():
    class Distance(nn.Module):
        def __init__(self, model):
            super().__init__()
            self.model = [model]

        def forward(self, x, y):
            return (self.model[0](x) - y).square().mean()

    line = nn.Linear(1, 1)
    x = torch.linspace(-1, 1, 40)[:, None]
    line_player = Player("p", list(line.parameters()), Distance(line), lr=0.1)
    quick(line, (x, 3 * x + 1), epochs=60, players=[line_player])
    assert line.weight.item() == pytest.approx(3, abs=0.05)
    with pytest.raises(ValueError, match="without a gradient"):
        quick(line, x, players=[Player("p", list(line.parameters()), torch.sum)])


def test_too_few_tensors_are_named():
    model = make(Labeled)
    for data in (examples(), (examples(),), SimpleNamespace(x=examples(), y=None)):
        with pytest.raises(TypeError, match="'p': its loss takes x, y, but the data are 1 tensor"):
            model.fit(model.loss, data)


def test_sequences_of_whole_numbers_are_data():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Embedding(5, 4), nn.Flatten(), nn.Linear(8, 5))
    tokens = torch.arange(90).view(30, 3) % 5

    def loss(x: Tensor) -> Tensor:
        return nn.functional.cross_entropy(model(x[:, :2]), x[:, 2])

    player = Player("p", list(model.parameters()), loss, lr=0.1)
    history = quick(model, tokens, epochs=30, players=[player])
    assert history.losses["p"].dtype == torch.float32
    assert history.losses["p"][-1] < 0.1


@pytest.mark.parametrize(
    ("optimizer", "options"),
    [
        (torch.optim.SGD, {"momentum": 0.9}),
        (torch.optim.RMSprop, {"alpha": 0.9}),
        (torch.optim.AdamW, {"weight_decay": 0.1}),
        (torch.optim.Adagrad, {}),
        (torch.optim.Adam, {"foreach": True}),
    ],
)
def test_another_optimizer_with_a_schedule_equals_a_loop_written_by_hand(optimizer, options):
    x, y = examples(), labels()
    model, twin = make(Labeled), make(Labeled)

    def schedule(n: int) -> dict[str, float]:
        return {"lr": 0.1 / (1 + n)}

    player = Player(
        "p",
        list(model.parameters()),
        model.loss,
        lr=7.0,
        optimizer=optimizer,
        options=options,
        schedule=schedule,
    )
    quick(model, (x, y), epochs=2, players=[player])
    by_hand = optimizer(twin.parameters(), lr=7.0, **options)
    n = 0
    for epoch in orders(53, 10, 2, 0):
        for index in epoch:
            by_hand.param_groups[0]["lr"] = 0.1 / (1 + n)
            by_hand.zero_grad()
            twin.loss(x[index], y[index]).backward()
            by_hand.step()
            n += 1
    torch.testing.assert_close(model.state_dict(), twin.state_dict(), rtol=1e-5, atol=1e-7)


def test_all_move_at_once_by_the_same_weights_and_noise():
    x = examples(width=2)
    model, twin = make(Duel), make(Duel)
    history = quick(model, x, epochs=2, seed=4, simultaneous=True)
    descents = [
        torch.optim.Adam(twin.discriminator.parameters(), lr=2e-3, betas=(0.5, 0.9), fused=True),
        torch.optim.Adam(twin.generator.parameters(), lr=1e-3, fused=True),
    ]
    with random_stream(derive_seed(4, 1, 0), CPU):
        for epoch in orders(53, 10, 2, 4):
            for index in epoch:
                noise = torch.randn(len(index), 3)
                real, fake = (twin.discriminator(v) for v in (x[index], twin.generator(noise)))
                softplus = nn.functional.softplus
                losses = [(softplus(-real) + softplus(fake)).mean(), softplus(-fake).mean()]
                sides = [list(twin.discriminator.parameters()), list(twin.generator.parameters())]
                slopes = [
                    torch.autograd.grad(loss, side, retain_graph=True)
                    for loss, side in zip(losses, sides, strict=True)
                ]
                for side, slope, descent in zip(sides, slopes, descents, strict=True):
                    for p, g in zip(side, slope, strict=True):
                        p.grad = g
                    descent.step()
    torch.testing.assert_close(model.state_dict(), twin.state_dict(), rtol=1e-5, atol=1e-7)
    assert [len(v) for v in history.losses.values()] == [12, 12]
    assert not same(model, make(Duel))


def test_the_bilinear_game_spirals_out_when_both_move_at_once_and_circles_in_turns():
    class Bilinear(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.x, self.y = (nn.Parameter(torch.tensor([v])) for v in (1.0, 0.0))

        def players(self) -> list[Player]:
            plain = {"optimizer": torch.optim.SGD, "lr": 0.1}
            return [
                Player("x", [self.x], lambda _: (self.x * self.y).sum(), **plain),
                Player("y", [self.y], lambda _: -(self.x * self.y).sum(), **plain),
            ]

    for at_once in (True, False):
        game = Bilinear()
        quick(game, torch.zeros(50, 1), epochs=1, batch_size=1, simultaneous=at_once)
        path = gan.bilinear_game((1.0, 0.0), 0.1, 50, alternating=not at_once)
        torch.testing.assert_close(torch.cat([game.x, game.y]), path[-1].float())


# Seeds, devices, budgets, history ----------------------------------------------------------------


def test_seed_reaches_python_numpy_and_torch():
    def draw():
        legacy = np.random.rand()  # noqa: NPY002
        return random.random(), legacy, torch.rand(()).item()

    generator = seed(4)
    first = draw()
    assert seed(4) is generator
    assert draw() == first
    seed(5)
    assert all(a != b for a, b in zip(draw(), first, strict=True))
    for wrong, error in ((-1, ValueError), (2**32, ValueError), (1.0, TypeError), ("1", TypeError)):
        with pytest.raises(error, match="seed"):
            seed(wrong)


def test_device_prefers_accelerators_and_obeys_the_environment(monkeypatch):
    monkeypatch.delenv("GENNB_DEVICE", raising=False)
    cuda, mps = torch.cuda.is_available(), torch.backends.mps.is_available()
    assert device().type == ("cuda" if cuda else "mps" if mps else "cpu")
    monkeypatch.setenv("GENNB_DEVICE", "cpu")
    assert device() == CPU
    monkeypatch.setenv("GENNB_DEVICE", "abacus")
    with pytest.raises(ValueError, match=r"GENNB_DEVICE.*abacus"):
        device()


def test_one_example_alone_is_refused_where_batch_normalization_needs_more():
    model = make(Noisy)
    model.net = nn.Sequential(nn.Linear(6, 6), nn.BatchNorm1d(6))
    with pytest.raises(ValueError, match="batch_size: 10 leaves one of the 51 examples alone"):
        quick(model, examples(51))
    for options in ({"batch_size": 1}, {"batch_size": 50}, {"batch_size": 17}):
        with pytest.raises(ValueError, match="alone"):
            quick(model, examples(1 if options["batch_size"] == 17 else 51), **options)
    quick(model, examples(52))
    quick(make(Noisy), examples(51))


@pytest.mark.skipif(torch.cuda.is_available(), reason="asks for a CUDA device that is not there")
def test_a_missing_accelerator_is_named():
    with pytest.raises(ValueError, match=r"device: .*'cuda'"):
        quick(make(Noisy), examples(), device="cuda")


def test_numbers_of_numpy_train(tmp_path):
    model, twin = make(Noisy), make(Noisy)
    path = tmp_path / "a.safetensors"
    three = {"epochs": np.int64(2), "batch_size": torch.tensor(10), "seed": np.int64(3)}
    history = quick(
        model, examples(), **three, lr=np.float32(0.5), snapshots=np.int64(2), checkpoint=path
    )
    quick(twin, examples(), epochs=2, batch_size=10, seed=3, lr=0.5)
    assert same(model, twin)
    assert len(history.snapshots) == 2


@pytest.mark.parametrize("default", ["device", "dtype"])
def test_other_defaults_change_nothing(default, tmp_path):
    """State the device and the precision wherever a tensor is made: "meta" has no numbers at all."""
    x = examples()
    runs = []
    for changed in (False, True):
        models = [make(Labeled) for _ in range(2)]
        path = tmp_path / f"{changed}.safetensors"
        if changed and default == "device":
            torch.set_default_device("meta")
        elif changed:
            torch.set_default_dtype(torch.float64)
        try:
            for model, epochs in zip(models, (2, 4), strict=True):
                options = {"epochs": epochs, "checkpoint": path, "snapshots": 3}
                history = model.fit(model.unlabeled, x, **options, evaluate=lambda: {"a": 1.0})
            history.plot()
        finally:
            torch.set_default_device(None)
            torch.set_default_dtype(torch.float32)
        runs.append((models[1], history))
    assert same(runs[0][0], runs[1][0])
    torch.testing.assert_close(runs[0][1].losses, runs[1][1].losses, rtol=0, atol=0)


def test_scale_and_budget(monkeypatch):
    for name, value in (("fast", 1), ("book", 20), ("paper", 300)):
        monkeypatch.setenv("GENNB_SCALE", name)
        assert scale() == name
        assert budget(fast=1, book=20, paper=300) == value
    assert budget(fast=1, book=20) == 20
    monkeypatch.delenv("GENNB_SCALE")
    assert scale() == "book"
    monkeypatch.setenv("GENNB_SCALE", "huge")
    with pytest.raises(ValueError, match=r"GENNB_SCALE.*huge"):
        budget(fast=1, book=2)


def test_history_plots_losses_over_epochs_and_their_means():
    matplotlib = pytest.importorskip("matplotlib")
    with matplotlib.rc_context({"backend": "agg"}):
        history = History(
            {"a": torch.tensor([1.0, 3.0, 5.0, 7.0, 9.0]), "b": torch.tensor([2.0, 4.0])},
            {"a": 2, "b": 1},
        )
        ax = history.plot()
        lines = [line.get_xydata().tolist() for line in ax.lines]
        assert lines[0] == [[0.5, 1], [1, 3], [1.5, 5], [2, 7], [2.5, 9]]
        assert lines[1] == [[0.5, 2], [1.5, 6]]
        assert lines[3] == [[0.5, 2], [1.5, 4]]
        assert [text.get_text() for text in ax.get_legend().get_texts()] == ["a", "b"]
        assert history.plot(ax) is ax


def test_speed_and_seconds_leave_evaluation_out():
    start = time.perf_counter()
    history = quick(make(Noisy), examples(), epochs=3, evaluate=lambda: (time.sleep(0.3), {})[1])
    elapsed = time.perf_counter() - start
    assert len(history.seconds) == 3
    assert min(history.seconds) > 0
    assert sum(history.seconds) < elapsed - 0.9 + 1e-3
    assert history.examples_per_second == 159 / sum(history.seconds)
    assert math.isnan(History({}, {}).examples_per_second)


@pytest.mark.parametrize("shown", [True, False])
def test_progress_shows_the_mean_loss_of_the_last_epoch(shown, capsys):

    def slow():
        time.sleep(0.15)  # longer than tqdm's interval between two pictures
        return {}

    history = quick(make(Noisy), examples(), epochs=2, progress=shown, evaluate=slow)
    printed = capsys.readouterr().err
    mean = f"noisy={history.epoch_losses('noisy')[0]:.4g}"
    assert (mean in printed) == shown
    assert bool(printed) == shown


def test_the_loop_costs_little_over_one_written_by_hand():
    """The true figure is in benchmarks/vae.py; a busy machine needs this margin."""
    x = torch.rand(3000, 200)

    def model():
        return Noisy(200)

    def by_hand():
        net = model()
        optimizer = torch.optim.Adam(net.parameters(), lr=1e-3, fused=True)
        for index in torch.randperm(len(x)).split(50):
            optimizer.zero_grad()
            net.loss(x.index_select(0, index)).backward()
            optimizer.step()

    def timed(work):
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        pairs = [
            (timed(lambda: quick(model(), x, epochs=1, batch_size=50)), timed(by_hand))
            for _ in range(8)
        ]
    finally:
        torch.set_num_threads(threads)
    ours, bare = (min(times) for times in zip(*pairs, strict=True))
    assert ours <= 1.5 * bare


def test_importing_the_loop_stays_light():
    import subprocess
    import sys

    code = (
        "import sys, gennb.train; "
        "print(*[m for m in ('lightning', 'matplotlib', 'torchvision', 'anywidget') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_cuda_agrees_with_the_cpu():
    class Quiet(Noisy):
        def loss(self, x):
            return (self.net[3](self.net[1](self.net[0](x))) - x).square().mean()

    results = {}
    for where in ("cpu", "cuda"):
        model = make(Quiet)
        state = torch.cuda.get_rng_state()
        history = quick(model, examples(), epochs=5, device=where)
        assert torch.equal(torch.cuda.get_rng_state(), state)
        assert next(model.parameters()).device.type == where
        results[where] = (
            history.losses["noisy"],
            {k: v.cpu() for k, v in model.state_dict().items()},
        )
    torch.testing.assert_close(results["cpu"], results["cuda"], atol=1e-4, rtol=1e-4)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_cuda_gives_the_same_numbers_twice_and_resumes(tmp_path):
    first, second, resumed = make(Noisy), make(Noisy), make(Noisy)
    quick(first, examples(), epochs=4, device="cuda")
    torch.rand(5, device="cuda")
    quick(second, examples(), epochs=4, device="cuda")
    for epochs in (2, 4):
        quick(
            resumed, examples(), epochs=epochs, device="cuda", checkpoint=tmp_path / "a.safetensors"
        )
    for twin in (second, resumed):
        torch.testing.assert_close(first.state_dict(), twin.state_dict(), atol=1e-6, rtol=1e-5)
