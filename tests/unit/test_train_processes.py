"""Two processes on CPU, joined by gloo, against one."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from gennb.train import Player, fit

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("lightning") is None, reason="needs the extra 'distributed'"
)
# Minibatches of 10, the last of 1: then one of two processes has nothing to do.
X = torch.rand(31, 4, generator=torch.Generator().manual_seed(3))


class Quiet(nn.Module):
    """An autoencoder against a critic, without noise."""

    def __init__(self) -> None:
        super().__init__()
        self.code = nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 4))
        self.critic = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 1))

    def players(self) -> list[Player]:
        code, critic = list(self.code.parameters()), list(self.critic.parameters())
        return [
            Player(
                "critic", critic, lambda x: (self.critic(self.code(x)) - self.critic(x)).mean(), 2
            ),
            Player("code", code, lambda x: ((self.code(x) - x).square() - self.critic(x)).mean()),
        ]


class Noisy(Quiet):
    """The same, and it writes down its noise."""

    def players(self) -> list[Player]:
        self.noise: list[Tensor] = []

        def loss(x: Tensor) -> Tensor:
            self.noise.append(torch.randn(()))
            return (self.code(x) - x + self.noise[-1]).square().mean()

        return [Player("code", list(self.code.parameters()), loss)]


def run(kind: type[Quiet], start: int = 0, **options) -> tuple[Quiet, dict]:
    """Train a fresh model and return it with all that can be compared."""
    torch.manual_seed(start)
    model = kind()
    usual = {"epochs": 3, "batch_size": 10, "lr": 0.01, "progress": False}
    history = fit(model, X, **usual | options)
    return model, {
        "weights": model.state_dict(),
        "losses": history.losses,
        "interrupted": history.interrupted,
    }


def work(folder: Path) -> None:
    """What each of the two processes does."""
    from lightning.fabric import Fabric

    # What runs in a shell's background may have inherited that Ctrl-C is ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    fabric = Fabric(accelerator="cpu", devices=2, num_nodes=1, strategy="ddp")
    fabric.launch()
    rank, results = fabric.global_rank, {}
    # Each process begins with weights of its own: those of the first count.
    results["quiet"] = run(Quiet, start=rank, fabric=fabric)[1]
    model, results["noisy"] = run(Noisy, fabric=fabric)
    results["noise"] = torch.stack(model.noise)
    for epochs in (1, 3):
        saved = {"epochs": epochs, "checkpoint": folder / "a.safetensors"}
        results["resumed"] = run(Noisy, fabric=fabric, **saved)[1]

    # Ctrl-C reaches one process only; both stop, and together.
    calls = []

    def interrupt() -> dict[str, float]:
        calls.append(rank)
        if calls == [1]:
            os.kill(os.getpid(), signal.SIGINT)
        return {}

    results["stopped"] = run(Quiet, fabric=fabric, evaluate=interrupt)[1]
    torch.save(results, folder / f"{rank}.pt")


@pytest.fixture(scope="module")
def both(tmp_path_factory) -> list[dict]:
    folder = tmp_path_factory.mktemp("processes")
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, __file__, str(folder)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [torch.load(folder / f"{rank}.pt") for rank in range(2)]


def test_two_processes_equal_one_at_the_same_global_batch(both):
    alone = run(Quiet, device="cpu")[1]
    for result in both:
        torch.testing.assert_close(result["quiet"]["weights"], alone["weights"], atol=1e-5, rtol=0)
        torch.testing.assert_close(result["quiet"]["losses"], alone["losses"], atol=1e-5, rtol=0)


def test_noise_differs_and_weights_do_not(both):
    first, second = (result["noise"] for result in both)
    # 4 minibatches in each of 3 epochs; the second process sits out the last, of one example.
    assert (len(first), len(second)) == (12, 9)
    assert not set(first.tolist()) & set(second.tolist())
    torch.testing.assert_close(both[0]["noisy"], both[1]["noisy"], atol=0, rtol=0)


def test_each_process_resumes_its_own_noise(both):
    for result in both:
        torch.testing.assert_close(result["resumed"], result["noisy"], atol=0, rtol=0)


def test_ctrl_c_in_one_process_stops_both_together(both):
    for result in both:
        assert result["stopped"]["interrupted"]
    # The first epoch ends, and with the second the loop looks around.
    torch.testing.assert_close(both[0]["stopped"], both[1]["stopped"], atol=0, rtol=0)
    assert len(both[0]["stopped"]["losses"]["code"]) == 4


def test_a_fabric_of_one_is_no_different():
    from lightning.fabric import Fabric

    fabric = Fabric(accelerator="cpu", devices=1)
    torch.testing.assert_close(
        run(Noisy, fabric=fabric)[1], run(Noisy, device="cpu")[1], atol=0, rtol=0
    )


if __name__ == "__main__":
    work(Path(sys.argv[1]))
