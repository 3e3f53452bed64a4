"""The panel that trains again: its knobs, what a click does, and what it refuses."""

from __future__ import annotations

import base64
import os
import queue
import re
import signal
import threading
from contextlib import nullcontext, suppress
from types import SimpleNamespace
from typing import Any

import ipywidgets
import pytest
import torch
from matplotlib import pyplot as plt
from torch import nn

from gennb.train import Player, fit
from gennb.widgets import TrainAgain

DEFAULT = {"loss": [3.0, 2.5]}
KNOBS: dict[str, Any] = {"epochs": (1, 9, 3), "lr": (0.0, 0.5, 0.1), "kind": ["plain", "noisy"]}


def train(watch: Any, epochs: int, lr: float = 0.1, kind: str = "plain") -> None:
    """A line through the origin, fitted to points on y = 3x."""
    torch.manual_seed(0)
    line = nn.Linear(1, 1, bias=False)
    x = torch.linspace(-1, 1, 20)[:, None]

    def loss(batch: Any) -> Any:
        return (line(batch) - 3 * batch).square().mean()

    players = [Player("line", list(line.parameters()), loss)]
    evaluate = {"evaluate": lambda: watch(loss=loss(x))}
    fit(line, x, epochs=epochs, lr=lr, players=players, device="cpu", progress=False, **evaluate)


def words(panel: TrainAgain) -> str:
    return re.match(r'<img alt="(.*?)"', panel.picture.value)[1]


def svg(panel: TrainAgain) -> str:
    return base64.b64decode(re.search(r"base64,(.*?)\"", panel.picture.value)[1]).decode()


def test_knobs_are_sliders_and_menus_that_start_where_told():
    panel = TrainAgain(train, DEFAULT, **KNOBS)
    kinds = {name: type(knob) for name, knob in panel.knobs.items()}
    assert kinds == {
        "epochs": ipywidgets.IntSlider,
        "lr": ipywidgets.FloatSlider,
        "kind": ipywidgets.Dropdown,
    }
    values = {name: knob.value for name, knob in panel.knobs.items()}
    assert values == {"epochs": 3, "lr": 0.1, "kind": "plain"}
    assert (panel.knobs["epochs"].min, panel.knobs["epochs"].max) == (1, 9)


def test_knobs_say_their_names_without_underscores():
    panel = TrainAgain(lambda watch, kl_weight: None, {}, kl_weight=[1.0, 4.0])
    assert panel.knobs["kl_weight"].description == "kl weight"


def test_nothing_is_trained_before_a_click():
    panel = TrainAgain(lambda watch, epochs: pytest.fail("trained"), DEFAULT, epochs=(1, 2, 1))
    assert words(panel) == "loss, the page&#x27;s run: 2.5 after 2 epochs"


def test_a_click_trains_with_the_chosen_values_and_draws_every_epoch():
    pictures = []
    panel = TrainAgain(train, DEFAULT, **KNOBS)
    panel.picture.observe(lambda change: pictures.append(words(panel)), "value")
    panel.knobs["epochs"].value = 4
    panel.button.click()
    assert len(pictures) == 4
    assert re.findall(r"loss: \S+ after (\d) epochs", " ".join(pictures)) == ["1", "2", "3", "4"]
    ends = [float(re.search(r"loss: (\S+) after", picture)[1]) for picture in pictures]
    assert ends == sorted(ends, reverse=True)
    assert all("the page" in picture for picture in pictures)


def test_the_plot_holds_both_runs():
    panel = TrainAgain(train, DEFAULT, **KNOBS)
    lines = svg(panel).count("stroke-dasharray")
    panel.button.click()
    assert lines > 0
    assert svg(panel).count("stroke-dasharray") == lines  # the page's run, dashed
    assert "<dc:date>" not in svg(panel)


def test_each_click_starts_anew_and_gets_what_the_knobs_say():
    asked = []
    panel = TrainAgain(
        lambda watch, **knobs: (asked.append(knobs), watch(a=len(asked))), {}, n=[2, 5], m=(0, 3, 1)
    )
    panel.button.click()
    panel.knobs["n"].value = 5
    panel.button.click()
    assert asked == [{"n": 2, "m": 1}, {"n": 5, "m": 1}]
    assert words(panel) == "a: 2 after 1 epochs"


def test_watch_returns_what_evaluate_has_to():
    seen = {}

    def run(watch: Any, n: int) -> None:
        seen.update(watch(a=torch.tensor(1.5), b=2))

    TrainAgain(run, {}, n=[1]).button.click()
    assert seen == {"a": 1.5, "b": 2.0}
    assert {type(value) for value in seen.values()} == {float}


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_the_button_rests_during_a_run_and_returns_even_after_an_error(error):
    states = []

    def run(watch: Any, n: int) -> None:
        states.append(panel.button.disabled)
        raise error

    panel = TrainAgain(run, {}, n=[1])
    with suppress(error):  # the panel shows it, where there is a kernel
        panel.button.click()
    assert states == [True]
    assert not panel.button.disabled


def test_a_click_on_another_thread_trains_on_the_main_one_where_ctrl_c_arrives(monkeypatch):
    """JupyterLab answers clicks on a thread of its own."""
    loop: queue.Queue[Any] = queue.Queue()
    kernel = SimpleNamespace(io_loop=SimpleNamespace(add_callback=loop.put))
    monkeypatch.setattr(
        "gennb.widgets.kit.panel.get_ipython", lambda: SimpleNamespace(kernel=kernel)
    )
    seen = []

    def run(watch: Any, n: int) -> None:
        seen.append((threading.current_thread() is threading.main_thread(), panel.button.disabled))
        os.kill(os.getpid(), signal.SIGINT)

    panel = TrainAgain(run, {}, n=[1])
    panel.drawn = nullcontext()
    panel.drawn.clear_output = lambda wait: None
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as in a kernel at rest
    try:
        click = threading.Thread(target=panel.button.click)
        click.start()
        loop.get(timeout=10)()
        click.join(timeout=10)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
    assert not click.is_alive()
    assert seen == [(True, True)]
    assert not panel.button.disabled


def test_figures_of_the_run_are_shown(monkeypatch):
    shown = []
    plt.close("all")
    monkeypatch.setattr(plt, "show", lambda: shown.append(plt.get_fignums()))

    TrainAgain(lambda watch, n: plt.figure(7), {}, n=[1]).button.click()
    assert shown == [[7]]
    plt.close("all")


@pytest.mark.parametrize(
    ("error", "match", "changes"),
    [
        (TypeError, "run: expected a function", {"run": 3}),
        (TypeError, "knobs epochs, lr, kind, size: .*size", {"size": [1]}),
        (TypeError, "run: .*missing", {"run": lambda watch, missing, **rest: None}),
        (TypeError, "epochs: expected a tuple", {"epochs": 3}),
        (TypeError, "epochs: expected a tuple", {"epochs": (1, 9)}),
        (TypeError, "kind: expected a tuple", {"kind": []}),
        (TypeError, "epochs: expected a number", {"epochs": (1, "9", 3)}),
        (ValueError, "epochs: .*between", {"epochs": (1, 9, 10)}),
        (ValueError, "epochs: .*between", {"epochs": (9, 1, 3)}),
        (ValueError, "lr: expected a finite", {"lr": (0.0, float("inf"), 1.0)}),
        (ValueError, "kind: .*differ", {"kind": ["plain", "plain"]}),
        (TypeError, "kind: expected a number", {"kind": ["plain", None]}),
        (TypeError, "default: expected", {"default": [1.0]}),
        (TypeError, "default, loss: expected a number", {"default": {"loss": ["low"]}}),
    ],
)
def test_hostile_arguments(error, match, changes):
    with pytest.raises(error, match=match):
        TrainAgain(**{"run": train, "default": DEFAULT} | KNOBS | changes)


def test_its_name_is_short():
    assert repr(TrainAgain(train, DEFAULT, **KNOBS)) == "TrainAgain(epochs, lr, kind)"


def test_a_panel_without_knobs_is_refused():
    with pytest.raises(TypeError, match="at least one to turn"):
        TrainAgain(lambda watch: None, DEFAULT)
