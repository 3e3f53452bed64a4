"""Interrupted and resumed training against training without a pause."""

from __future__ import annotations

import copy
import functools
import math
import os
import re
import signal
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from gennb.train import History, Player, checkpoint, fit
from gennb.vae import VAE


class Pair(nn.Module):
    """Two players with noise, dropout and running statistics; three steps against one."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(2)
        self.generator = nn.Sequential(nn.Linear(3, 8), nn.BatchNorm1d(8), nn.Linear(8, 4))
        self.critic = nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.3), nn.Tanh(), nn.Linear(8, 1))
        self.turns = 0
        self.act = {}

    def turn(self) -> None:
        self.turns += 1
        if self.turns in self.act:
            self.act[self.turns]()

    def fake(self, x: Tensor) -> Tensor:
        return self.generator(torch.randn(len(x), 3))

    def critic_loss(self, x: Tensor) -> Tensor:
        self.turn()
        return (self.critic(self.fake(x)) - self.critic(x)).tanh().mean()

    def generator_loss(self, x: Tensor) -> Tensor:
        self.turn()
        return self.critic(self.fake(x)).tanh().neg().mean()

    def players(self) -> list[Player]:
        critic, generator = (list(m.parameters()) for m in (self.critic, self.generator))
        return [
            Player("critic/a", critic, self.critic_loss, steps=3),  # a slash must not confuse names
            Player("critic", generator, self.generator_loss, lr=1e-2),
        ]


X = torch.rand(103, 4, generator=torch.Generator().manual_seed(3))  # 11 minibatches, 4 rounds
TURNS = 15  # in an epoch: 11 of the critic, 4 of the generator


def train(model: nn.Module, **options) -> History:
    usual = {
        "epochs": 3,
        "batch_size": 10,
        "progress": False,
        "device": "cpu",
        "snapshots": [0, 2, 7],
    }
    return fit(
        model,
        options.pop("data", X),
        **usual | {"evaluate": lambda: {"r": torch.rand(()).item()}} | options,
    )


def assert_equal_runs(a: tuple[nn.Module, History], b: tuple[nn.Module, History]) -> None:
    torch.testing.assert_close(a[0].state_dict(), b[0].state_dict(), rtol=0, atol=0)
    torch.testing.assert_close(a[1].losses, b[1].losses, rtol=0, atol=0)
    torch.testing.assert_close(a[1].snapshots, b[1].snapshots, rtol=0, atol=0)
    assert a[1].evaluations == b[1].evaluations
    assert a[1].examples == b[1].examples
    assert a[1].interrupted == b[1].interrupted
    assert len(a[1].seconds) == len(b[1].seconds)


@pytest.fixture(scope="module")
def whole() -> tuple[Pair, History]:
    model = Pair()
    return model, train(model)


def ctrl_c() -> None:
    os.kill(os.getpid(), signal.SIGINT)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(stops=st.lists(st.integers(1, 2 * TURNS), min_size=1, max_size=3))
def test_interrupt_and_resume_is_bit_identical(stops, whole, tmp_path_factory):
    path = tmp_path_factory.mktemp("resume") / "run.safetensors"
    for stop in stops:
        model = Pair()
        model.act = {stop: ctrl_c}
        history = train(model, checkpoint=path)
    if history.interrupted:
        torch.manual_seed(stops[0])  # a fresh process would have another random state
        model = Pair()
        history = train(model, checkpoint=path)
    assert_equal_runs((model, history), whole)


@pytest.mark.parametrize("stop", range(1, 3 * TURNS + 1, 4))
def test_a_crash_anywhere_resumes_from_the_last_epoch(stop, whole, tmp_path):
    path = tmp_path / "run.safetensors"

    def crash():
        raise (KeyboardInterrupt if stop % 8 == 1 else RuntimeError)

    model = Pair()
    model.act = {stop: crash}
    if stop % 8 == 1:
        assert train(model, checkpoint=path).interrupted
    else:
        with pytest.raises(RuntimeError):
            train(model, checkpoint=path)
    assert path.exists() == (stop > TURNS)
    model = Pair()
    history = train(model, checkpoint=path)
    assert model.turns == 3 * TURNS - (stop - 1) // TURNS * TURNS
    assert_equal_runs((model, history), whole)


def test_more_epochs_extend_a_finished_run(whole, tmp_path):
    path = tmp_path / "run.safetensors"
    train(Pair(), epochs=1, checkpoint=path, snapshots=[0, 2])
    model = Pair()
    assert_equal_runs((model, train(model, checkpoint=path)), whole)
    again = Pair()
    history = train(again, checkpoint=path)
    assert again.turns == 0
    assert_equal_runs((again, history), whole)


def test_nothing_but_the_checkpoint_is_left_in_the_folder(tmp_path):
    path = tmp_path / "run.safetensors"
    train(Pair(), checkpoint=str(path))
    assert list(tmp_path.iterdir()) == [path]


def test_tied_weights_are_kept(tmp_path):
    class Tied(nn.Module):
        def __init__(self):
            super().__init__()
            torch.manual_seed(0)
            self.a, self.b = nn.Linear(4, 4), nn.Linear(4, 4)
            self.b.weight = self.a.weight

        def players(self):
            return [
                Player(
                    "p", list(self.parameters()), lambda x: (self.b(self.a(x)) - x).square().mean()
                )
            ]

    one, two = Tied(), Tied()
    history = train(one)
    for epochs in (1, 3):
        two = Tied()
        resumed = train(two, epochs=epochs, checkpoint=tmp_path / "a.safetensors", snapshots=[0, 2])
    assert two.b.weight is two.a.weight
    assert torch.equal(one.a.weight, two.a.weight)
    assert torch.equal(history.losses["p"], resumed.losses["p"])


@pytest.mark.parametrize(
    ("what", "options"),
    [
        ("seed was 0, and now is 1", {"seed": 1}),
        ("batch_size was 10, and now is 20", {"batch_size": 20, "snapshots": None}),
        ("data was", {"data": X[:-1]}),
        ("data was", {"data": X.view(103, 2, 2)}),
        ("data was", {"data": X.flip(0)}),
        ("player 'critic/a' lr was 0.001, and now is 0.1", {"lr": 0.1}),
        ("players was", {"players": None}),
        ("3 epochs behind it, more than the 2", {"epochs": 2, "snapshots": None}),
    ],
)
def test_a_checkpoint_of_another_run_is_refused(what, options, tmp_path):
    path = tmp_path / "run.safetensors"
    train(Pair(), checkpoint=path)
    before = path.read_bytes()
    model = Pair()
    if "players" in options:
        options = {"players": model.players()[:1]}
    weights = {k: v.clone() for k, v in model.state_dict().items()}
    with pytest.raises(ValueError, match=what):
        train(model, checkpoint=path, **options)
    assert path.read_bytes() == before
    torch.testing.assert_close(model.state_dict(), weights, rtol=0, atol=0)


def test_a_checkpoint_of_another_network_is_refused(tmp_path):
    path = tmp_path / "run.safetensors"
    train(Pair(), checkpoint=path)
    other = Pair()
    other.register_buffer("extra", torch.zeros(2))
    with pytest.raises(ValueError, match=r"weights\.extra was nothing"):
        train(other, checkpoint=path)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_damaged_checkpoint_is_refused(data, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "damaged.safetensors"
    tensors = {"weights": torch.rand(7, 5), "round": torch.tensor(3), "flags": torch.tensor([True])}
    checkpoint.write(path, tensors, {"round": 3})
    content = path.read_bytes()
    at = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        path.write_bytes(content[:at])
    else:
        flipped = content[at] ^ (1 << data.draw(st.integers(0, 7)))
        path.write_bytes(content[:at] + bytes([flipped]) + content[at + 1 :])
    with pytest.raises(ValueError, match=re.escape(str(path))):
        checkpoint.read(path)


@pytest.mark.parametrize("keep", [0, 4, 100, -1])
def test_fit_refuses_a_truncated_checkpoint(keep, tmp_path):
    path = tmp_path / "run.safetensors"
    train(Pair(), checkpoint=path)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ValueError, match=r"run.safetensors is damaged.*Delete it"):
        train(Pair(), checkpoint=path)


def test_fit_refuses_an_altered_weight_and_a_stranger(tmp_path):
    path = tmp_path / "run.safetensors"
    train(Pair(), checkpoint=path)
    content = bytearray(path.read_bytes())
    content[-5] ^= 1
    path.write_bytes(content)
    with pytest.raises(ValueError, match="checksum"):
        train(Pair(), checkpoint=path)
    save_file({"a": torch.ones(2)}, path)
    with pytest.raises(ValueError, match="not written by"):
        train(Pair(), checkpoint=path)


def test_a_crash_while_writing_leaves_the_old_checkpoint(tmp_path, monkeypatch):
    path = tmp_path / "run.safetensors"
    train(Pair(), epochs=1, checkpoint=path, snapshots=None)
    before = path.read_bytes()

    def half(tensors, file, metadata):
        file.write_bytes(before[: len(before) // 2])
        raise OSError("disk full")

    monkeypatch.setattr(checkpoint, "save_file", half)
    with pytest.raises(OSError, match="disk full"):
        train(Pair(), checkpoint=path, snapshots=None)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_bad_loss_leaves_the_checkpoint_of_the_last_epoch(whole, tmp_path):
    path = tmp_path / "run.safetensors"
    model = Pair()
    good = model.generator_loss

    @functools.wraps(good)
    def bad(x):
        return good(x) * (float("nan") if model.turns > TURNS + 5 else 1)

    model.generator_loss = bad
    with pytest.raises(FloatingPointError):
        train(model, checkpoint=path)
    assert all(v.isfinite().all() for v in load_file(path).values())
    model = Pair()
    assert_equal_runs((model, train(model, checkpoint=path)), whole)


# What counts as the same run ---------------------------------------------------------------------


class Scaled(nn.Module):
    def __init__(self, **settings) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.net = nn.Sequential(nn.Linear(4, 4), settings.pop("layer", nn.Dropout(0.1)))
        for name, value in settings.items():
            setattr(self, name, value)

    def loss(self, x: Tensor) -> Tensor:
        return (self.net(x) - x).square().mean()

    def other_loss(self, x: Tensor) -> Tensor:
        return self.loss(x).sqrt()

    def player(self, **options) -> Player:
        return Player("p", list(self.parameters()), options.pop("loss", self.loss), **options)


@dataclass(frozen=True)
class Clip:
    bound: float


def quiet(x: Tensor, weight: float = 1.0) -> Tensor:
    return weight * x


@pytest.mark.parametrize(
    ("then", "now", "what"),
    [
        ({"kl_weight": 1.0}, {"kl_weight": 4.0}, "its model.kl_weight was 1.0, and now is 4.0"),
        ({"_weight": 1}, {"_weight": 2}, "its model._weight was 1, and now is 2"),
        ({"loss_name": "minimax"}, {"loss_name": "wasserstein"}, "loss_name was minimax"),
        ({"binarize": True}, {"binarize": False}, "binarize was True, and now is False"),
        ({"weights": (1.0, 2.0)}, {"weights": [1.0, 3.0]}, r"weights was \[1.0, 2.0\]"),
        ({"prior": {"std": 1.0}}, {"prior": {"std": 2.0}}, "prior.std was 1.0, and now is 2.0"),
        ({"rate": math.inf}, {"rate": 1.0}, "rate was inf"),
        ({"act": torch.relu}, {"act": torch.tanh}, r"act was .*relu, and now is .*tanh"),
        ({"kind": Clip(0.1)}, {"kind": Clip(0.2)}, "kind.bound was 0.1, and now is 0.2"),
        ({"act": partial(quiet, weight=1)}, {"act": partial(quiet, weight=3)}, "act.weight was 1"),
        ({"layer": nn.Dropout(0.1)}, {"layer": nn.Dropout(0.2)}, r"net\.1\.p was 0.1"),
        (
            {"layer": nn.LeakyReLU(0.1)},
            {"layer": nn.LeakyReLU(0.2)},
            r"net\.1\.negative_slope was 0.1, and now is 0.2",
        ),
        ({"layer": nn.ReLU()}, {"layer": nn.Tanh()}, r"modules\.net\.1 was ReLU, and now is Tanh"),
        ({"layer": nn.Sequential()}, {"layer": nn.Sequential(nn.Dropout())}, "was nothing"),
        ({"layer": nn.Sequential(nn.Dropout())}, {"layer": nn.Sequential()}, "now is nothing"),
    ],
)
def test_every_setting_of_a_model_counts(then, now, what, tmp_path):
    path = tmp_path / "run.safetensors"
    for settings_, words in ((then, None), (copy.deepcopy(then), None), (now, what)):
        model = Scaled(**settings_)
        with nullcontext() if words is None else pytest.raises(ValueError, match=words):
            train(model, players=[model.player()], checkpoint=path, snapshots=None)


SGD = {"optimizer": torch.optim.SGD}


@pytest.mark.parametrize(
    ("then", "now", "what"),
    [
        ({}, {"lr": 0.1}, "player 'p' lr was 0.001, and now is 0.1"),
        ({}, {"betas": (0.5, 0.9)}, r"player 'p' betas was \[0.9, 0.999\]"),
        ({}, SGD, "player 'p' optimizer was Adam, and now is SGD"),
        (SGD, SGD | {"options": {"momentum": 0.9}}, "options.momentum was nothing, and now is 0.9"),
        ({}, {"loss": "other_loss"}, "loss was Scaled.loss, and now is Scaled.other_loss"),
        (
            {"schedule": lambda n: {"lr": 0.1 / (1 + n)}},
            {"schedule": lambda n: {"lr": 0.1 / (1 + n // 100)}},
            r"schedule\(1\).lr was 0.05, and now is 0.1",
        ),
        (
            {"schedule": [{"lr": 0.1}, *[{"lr": 0.2}] * 50].__getitem__},
            {"schedule": [{"lr": 0.1}, *[{"lr": 0.3}] * 90].__getitem__},
            r"schedule\(1\).lr was 0.2, and now is 0.3",
        ),
    ],
)
def test_every_setting_of_a_player_counts(then, now, what, tmp_path):
    path = tmp_path / "run.safetensors"
    for options, words in ((then, None), (then, None), (now, what)):
        model = Scaled()
        loss = {"loss": getattr(model, options["loss"])} if "loss" in options else {}
        with nullcontext() if words is None else pytest.raises(ValueError, match=words):
            player = model.player(**options | loss)
            train(model, players=[player], checkpoint=path, snapshots=None)


def test_a_vae_of_another_weight_is_another_run(tmp_path):
    x = torch.rand(20, 1, 4, 4, generator=torch.Generator().manual_seed(0))
    for weight in (1, 4, 10):
        model = VAE((1, 4, 4), 2, hidden=(3,), kl_weight=weight)
        expected = nullcontext() if weight == 1 else pytest.raises(ValueError, match="kl_weight")
        with expected:
            train(model, data=x, checkpoint=tmp_path / "a.safetensors", snapshots=None)


def test_simultaneous_and_taking_turns_are_two_runs(tmp_path):
    model = Scaled()
    players = [model.player()]
    train(model, players=players, checkpoint=tmp_path / "a.safetensors", snapshots=None)
    with pytest.raises(ValueError, match="simultaneous was False, and now is True"):
        train(
            model,
            players=players,
            checkpoint=tmp_path / "a.safetensors",
            snapshots=None,
            simultaneous=True,
        )


# The same bits -----------------------------------------------------------------------------------


def in_two_halves(path, make, options) -> list[tuple[nn.Module, History]]:
    """Train eight epochs without a pause, and four and four with a new model for the second half."""
    runs = []
    for checkpoint_, epochs in ((None, 8), (path, 4), (path, 8)):
        model, more = make(), {"snapshots": None, "epochs": epochs, "checkpoint": checkpoint_}
        runs.append((model, train(model, **options(model), **more)))
    return [runs[0], runs[2]]


@pytest.mark.parametrize(
    "descent",
    [
        SGD | {"options": {"momentum": 0.9, "nesterov": True}},
        SGD,
        {"optimizer": torch.optim.RMSprop, "options": {"centered": True}},
        {"optimizer": torch.optim.AdamW, "options": {"amsgrad": True}, "betas": (0.5, 0.9)},
        {"optimizer": torch.optim.Adagrad},
        {"optimizer": torch.optim.NAdam},
        {"optimizer": torch.optim.Adadelta},
        {"optimizer": torch.optim.Rprop},
        {"optimizer": torch.optim.ASGD},
        SGD | {"schedule": lambda n: {"lr": 0.1 / (1 + n), "momentum": min(0.9, n / 50)}},
    ],
    ids=lambda descent: descent["optimizer"].__name__,
)
def test_any_optimizer_and_schedule_resume_bit_by_bit(descent, tmp_path):
    runs = in_two_halves(
        tmp_path / "a.safetensors", Scaled, lambda m: {"players": [m.player(**descent)]}
    )
    assert_equal_runs(*runs)


def test_what_a_schedule_left_behind_is_resumed(tmp_path):
    jump = SGD | {"schedule": lambda n: {"lr": 0.1, "momentum": 0.9} if n == 5 else {}}
    runs = in_two_halves(
        tmp_path / "a.safetensors", Scaled, lambda m: {"players": [m.player(**jump)]}
    )
    assert_equal_runs(*runs)


def test_names_of_settings_do_not_collide(tmp_path):
    path = tmp_path / "run.safetensors"
    for seed, expected in (
        (3, nullcontext()),
        (4, pytest.raises(ValueError, match=r"model\.seed was 3")),
    ):
        model = Scaled(seed=seed, data="mine", weights=[1.0], players_=2)
        with expected:
            train(model, players=[model.player()], checkpoint=path, snapshots=None)
    model = Scaled(seed=3, data="mine", weights=[1.0], players_=2)
    with pytest.raises(ValueError, match="its data was"):
        train(model, players=[model.player()], checkpoint=path, snapshots=None, data=X.flip(0))


def test_memory_formats_resume_bit_by_bit(tmp_path):
    x = torch.rand(60, 1, 8, 8, generator=torch.Generator().manual_seed(0))

    def make():
        torch.manual_seed(0)
        model = VAE((1, 8, 8), 2, architecture="conv", hidden=(4, 8))
        return model.to(memory_format=torch.channels_last)

    whole, halves = in_two_halves(tmp_path / "a.safetensors", make, lambda _: {"data": x})
    assert_equal_runs(whole, halves)
    # A model that is not in that format yet is put into it.
    model = make().to(memory_format=torch.contiguous_format)
    train(model, data=x, epochs=9, checkpoint=tmp_path / "a.safetensors", snapshots=None)
    strides = [p.stride() for p in whole[0].parameters()]
    assert [p.stride() for p in model.parameters()] == strides


def test_what_was_resumed_is_no_window_on_the_file(tmp_path):
    path = tmp_path / "run.safetensors"
    train(Pair(), epochs=1, checkpoint=path, snapshots=[0, 2])
    model = Pair()
    history = train(model, epochs=1, checkpoint=path, snapshots=[0, 2])
    before = copy.deepcopy((model.state_dict(), history))
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.write(b"\xff" * size)
    assert_equal_runs((model, history), (model, before[1]))
    os.truncate(path, 1)
    assert_equal_runs((model, history), (model, before[1]))
    torch.testing.assert_close(model.state_dict(), before[0], rtol=0, atol=0)
