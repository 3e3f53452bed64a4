"""Train again with other settings, where a kernel runs."""

from __future__ import annotations

import base64
import html
import inspect
import io
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import ipywidgets
from IPython import get_ipython

from gennb._validate import check_kind, check_number

Curves = dict[str, list[float]]


class TrainAgain(ipywidgets.VBox):  # type: ignore[misc]
    """A panel of knobs that trains once more when asked, and draws the run beside the one that the page shows.

    It needs a kernel, which is busy meanwhile. Interrupting the kernel ends the training early. The site shows the
    page's own run and the names of the knobs.

    Parameters
    ----------
    run
        Called as ``run(watch, **knobs)`` with the chosen values; it trains, and may draw. ``watch(**numbers)`` adds a
        point to the plot and returns the numbers, as :func:`gennb.train.fit` wants them of ``evaluate``.
    default
        The page's own run: for each name the numbers after every epoch, in the order in which ``watch`` gets them.
    **knobs
        A tuple (lowest, highest, start) makes a slider, of whole numbers if all three are; a list of numbers or strings
        a menu that starts at the first.

    Raises
    ------
    TypeError, ValueError
        A knob of neither kind, a start out of range, or a ``run`` that does not take these knobs.
    """

    def __init__(
        self,
        run: Callable[..., object],
        default: Mapping[str, Sequence[float]],
        **knobs: tuple[float, float, float] | list[float] | list[str],
    ) -> None:
        self.run = _check_run(run, knobs)
        self.default = _check_default(default)
        self.knobs = {name: _knob(name, values) for name, values in knobs.items()}
        self.button = ipywidgets.Button(description="Train", button_style="primary")
        self.button.on_click(self._train)
        self.picture = ipywidgets.HTML(_picture(self.default, {}))
        self.drawn = ipywidgets.Output()
        row = ipywidgets.Layout(flex_flow="row wrap", align_items="center")
        super().__init__(
            [
                ipywidgets.Box([*self.knobs.values(), self.button], layout=row),
                self.picture,
                self.drawn,
            ]
        )
        self.add_class("gnb-train-again")

    def __repr__(self) -> str:
        return f"TrainAgain({', '.join(self.knobs)})"

    def _train(self, button: ipywidgets.Button) -> None:
        self.button.disabled = True
        try:
            _where_interrupts_arrive(self._draw_run)
        finally:
            self.button.disabled = False

    def _draw_run(self) -> None:
        from matplotlib import pyplot as plt

        curves: Curves = {}

        def watch(**numbers: float) -> dict[str, float]:
            point = {name: float(number) for name, number in numbers.items()}
            for name, number in point.items():
                curves.setdefault(name, []).append(number)
            self.picture.value = _picture(self.default, curves)
            return point

        self.drawn.clear_output(wait=True)
        with self.drawn:
            self.run(watch, **{name: knob.value for name, knob in self.knobs.items()})
            plt.show()


def _where_interrupts_arrive(work: Callable[[], None]) -> None:
    """Do the work on the main thread: JupyterLab answers a click on another, which no interrupt reaches."""
    shell = get_ipython()
    if shell is None or threading.current_thread() is threading.main_thread():
        work()
        return
    done = threading.Event()

    def interruptible() -> None:
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            with suppress(KeyboardInterrupt):  # it would end the kernel
                work()
        finally:
            signal.signal(signal.SIGINT, before)
            done.set()

    shell.kernel.io_loop.add_callback(interruptible)
    done.wait()


def _check_run(run: Any, knobs: dict[str, Any]) -> Callable[..., object]:
    if not callable(run):
        raise TypeError(f"run: expected a function of watch and the knobs, got {run!r}.")
    if not knobs:
        raise TypeError(
            "knobs: expected at least one to turn, got none. Write for example epochs=(1, 20, 4)."
        )
    try:
        inspect.signature(run).bind(None, **knobs)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"run: expected a function of watch and of the knobs {', '.join(knobs)}: {error}."
        ) from None
    function: Callable[..., object] = run
    return function


def _check_default(default: Any) -> Curves:
    check_kind(default, "default", Mapping, "Give {'elbo': [numbers after every epoch]}.")
    for name, numbers in default.items():
        check_kind(name, "default, a name", str)
        check_kind(numbers, f"default, {name}", Sequence, "Give a list of numbers.")
    return {
        name: [check_number(number, f"default, {name}") for number in numbers]
        for name, numbers in default.items()
    }


def _knob(name: str, values: Any) -> ipywidgets.Widget:
    """Make a slider or a menu for the values of a knob."""
    look = {"description": name.replace("_", " "), "style": {"description_width": "initial"}}
    if isinstance(values, tuple) and len(values) == 3:
        for value in values:
            check_number(value, name)
        low, high, start = values
        if not low <= start <= high or low == high:
            raise ValueError(
                f"{name}: expected (lowest, highest, start) with the start between two different ends, "
                f"got {values!r}."
            )
        look |= {"min": low, "max": high, "value": start}
        if all(isinstance(value, int) for value in values):
            return ipywidgets.IntSlider(**look)
        return ipywidgets.FloatSlider(step=(high - low) / 100, **look)
    if isinstance(values, list) and values:
        for value in values:
            if not isinstance(value, str):
                check_number(value, name)
        if len(set(values)) < len(values):
            raise ValueError(f"{name}: expected choices that differ, got {values!r}.")
        return ipywidgets.Dropdown(options=values, value=values[0], **look)
    raise TypeError(
        f"{name}: expected a tuple (lowest, highest, start) for a slider or a list of choices for a menu, "
        f"got {values!r}."
    )


def _picture(default: Curves, curves: Curves) -> str:
    """Draw both runs against epochs, as an HTML image that says in words where they end."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    from gennb.plot import PALETTE

    figure = Figure(figsize=(6, 2.4), layout="constrained", facecolor="none")
    ax = figure.add_subplot(xlabel="epoch", facecolor="none")
    said = []
    for name, color in zip({**default, **curves}, [*PALETTE.values()] * 99, strict=False):
        for run, line, label in ((default, "--", f"{name}, the page's run"), (curves, "-", name)):
            if numbers := run.get(name):
                ax.plot(
                    range(1, len(numbers) + 1), numbers, line, marker=".", color=color, label=label
                )
                said.append(f"{label}: {numbers[-1]:.4g} after {len(numbers)} epochs")
    if said:
        ax.legend()
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    drawn = io.BytesIO()
    figure.savefig(drawn, format="svg", metadata={"Date": None})
    data = base64.b64encode(drawn.getvalue()).decode()
    return f'<img alt="{html.escape("; ".join(said) or "no run yet")}" src="data:image/svg+xml;base64,{data}">'
