"""Interrupted and resumed training against training without a pause."""

from __future__ import annotations

import os
import re
import signal

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from gennb.train import History, Player, checkpoint, fit


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
        ("players was", {"lr": 0.1}),
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
    with pytest.raises(ValueError, match="weights was"):
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

    def bad(x):
        return good(x) * (float("nan") if model.turns > TURNS + 5 else 1)

    model.generator_loss = bad
    with pytest.raises(FloatingPointError):
        train(model, checkpoint=path)
    assert all(v.isfinite().all() for v in load_file(path).values())
    model = Pair()
    assert_equal_runs((model, train(model, checkpoint=path)), whole)
