"""The perceptron of the page against that of the library: its weights, its bound, and when it goes around."""

from __future__ import annotations

import functools
from collections.abc import Callable
from itertools import cycle
from typing import Any

import pytest
import torch
from playwright.sync_api import Locator
from torch import Tensor

from gennb.history import Perceptron, certificate, largest_margin, mistake_bound, radius
from gennb.widgets import Explorable
from gennb.widgets.history.point_sets import PRESETS

from .bench import FRAME, answer_ms, changes, numbers, press, said, settle, sweep, tall

LEARN = """async ([sets, most]) => {
    const { begin, bounds, step, wrong } = await import("./history/perceptron.js");
    return sets.map((points) => {
        const now = begin(points), lessons = [];
        while (lessons.length < most && step(now)) lessons.push([now.last, now.w, now.period]);
        return { lessons, wrong: wrong(now), ...bounds(points) };
    });
}"""
MOST = 100


def tensors(points: Any) -> tuple[Tensor, Tensor]:
    x, y = torch.tensor(points, dtype=torch.float64).split([2, 1], 1)
    return x, y.flatten()


def drawn(count: int, n: int, fine: int = 8, *, on_a_line: bool = False) -> list[Any]:
    """Sets of n points on the grid, with classes by chance, or by a line that may pass through some of them."""
    dice = torch.Generator().manual_seed(n)
    x = torch.randint(-fine, fine + 1, (count, n, 2), generator=dice).double() / fine
    sides = (x * torch.tensor([1.0, -2.0]).double()).sum(-1, keepdim=True) - 0.25
    y = sides if on_a_line else torch.rand(count, n, 1, generator=dice, dtype=torch.float64) - 0.5
    sets: list[Any] = torch.cat([x, torch.where(y > 0, 1.0, -1.0)], -1).tolist()
    return sets


SETS = [*PRESETS.values(), *drawn(16, 4, 2), *drawn(3, 12), *drawn(8, 12, on_a_line=True)]


@functools.cache
def lessons(number: int) -> list[tuple[int, list[float]]]:
    """Which examples of a set a perceptron learns from, one by one, and its weights after each."""
    x, y = tensors(SETS[number])
    perceptron, learned, right = Perceptron(2), list[tuple[int, list[float]]](), 0
    for i in cycle(range(len(x))):
        if perceptron.fit(x[i : i + 1], y[i : i + 1], epochs=1).mistakes:
            learned.append((i, perceptron.w.tolist()))
            right = 0
        else:
            right += 1
        if right == len(x) or len(learned) == MOST:
            break
    return learned


def test_it_learns_as_the_library_does(open_bench: Callable[..., Locator]) -> None:
    learned = open_bench("PerceptronPlane").page.evaluate(LEARN, [SETS, MOST])
    kinds = set()
    for number, page in enumerate(learned):
        x, y = tensors(SETS[number])
        expected = lessons(number)
        assert [(i, w) for i, w, _ in page["lessons"]] == expected
        assert page["radius"] == pytest.approx(radius(x))
        assert page["margin"] == pytest.approx(largest_margin(x, y), abs=1e-9)
        separable = certificate(x, y) is None
        assert (page["margin"] > 0) == separable
        kinds.add((separable, page["wrong"] == 0))
        if separable and page["wrong"] == 0:
            whole = Perceptron(2)
            assert whole.fit(x, y).mistakes == len(expected)
            assert whole.w.tolist() == expected[-1][1]
            assert len(expected) <= mistake_bound(x, y)
    assert {(True, True), (False, False)} <= kinds
    assert (False, True) not in kinds


def test_it_says_truly_that_the_weights_came_back(open_bench: Callable[..., Locator]) -> None:
    learned = open_bench("PerceptronPlane").page.evaluate(LEARN, [SETS, MOST])
    around = 0
    for number, page in enumerate(learned):
        x, y = tensors(SETS[number])
        states = [(len(x) - 1, [0.0] * 3), *lessons(number)]
        periods = [0, *(period for _, _, period in page["lessons"])]
        for k, period in enumerate(periods):
            if period:
                assert states[k] == states[k - period]
                assert period == periods[-1]
            else:
                assert states[k] not in states[:k]
        if periods[-1]:
            around += 1
            assert certificate(x, y) is not None
    assert around > 5


@pytest.mark.parametrize("preset", PRESETS)
def test_it_says_the_numbers_of_the_library(
    open_bench: Callable[..., Locator], preset: str
) -> None:
    root, (x, y) = open_bench("PerceptronPlane"), tensors(PRESETS[preset])
    root.get_by_label(preset, exact=True).check()
    assert said(root).startswith("No mistake yet")
    if preset == "XOR":
        assert "No line separates them: there is no bound." in said(root)
    else:
        at_most = "At most (R/γ)² = "
        bound, r, margin = numbers(said(root).split(at_most)[1])[:3]
        assert bound == int(mistake_bound(x, y))
        assert r == pytest.approx(radius(x), abs=0.0051)
        assert margin == pytest.approx(largest_margin(x, y), abs=0.00051)
    for k, (i, w) in enumerate(lessons([*PRESETS].index(preset))[:8], 1):
        press(root, "Next mistake")
        read = numbers(said(root).split("\n")[0])
        assert read[:2] == [k, i + 1]
        assert read[2:] == pytest.approx(w, abs=0.0051)


def test_it_plays_until_none_is_wrong_and_then_anew(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("PerceptronPlane")
    mistakes = Perceptron(2).fit(*tensors(PRESETS["separable"])).mistakes
    slider = root.get_by_label("mistakes a second")
    slider.press("End")
    press(root, "Play")
    root.page.wait_for_function("document.querySelector('.gnb').dataset.playing === undefined")
    assert said(root).startswith(f"{mistakes} mistakes")
    assert said(root).endswith("A whole pass without a mistake: the line separates them.")
    assert not changes(root, lambda: press(root, "Next mistake"))
    slider.press("Home")
    press(root, "Play")
    assert said(root).startswith("1 mistake,")


def test_the_line_is_where_the_weights_say(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("PerceptronPlane")
    for w in ([0.5, 1.0, -0.25], [-2.0, 0.0, 1.0], [0.0, -0.5, 3.0]):
        parts = root.page.evaluate(
            "async (w) => (await import('./history/perceptron_plane.js')).halves(w)", w
        )
        corners = {name: numbers(parts[name]) for name in ("line", "plus", "minus", "normal")}

        def sides(place: list[float], w: list[float] = w) -> list[float]:
            pairs = zip(place[::2], place[1::2], strict=True)
            return [
                w[0] * x - w[1] * y + w[2] for x, y in pairs
            ]  # down the page is up in the plane

        assert sides(corners["line"]) == pytest.approx([0, 0], abs=1e-3)
        assert min(sides(corners["plus"])) > -1e-3
        assert max(sides(corners["minus"])) < 1e-3
        foot, tip = sides(corners["normal"])[:2]
        assert foot == pytest.approx(0, abs=1e-3)
        assert tip == pytest.approx(0.3 * (w[0] ** 2 + w[1] ** 2) ** 0.5, abs=1e-3)


def chosen(root: Locator) -> list[float]:
    """Number, class and place of the chosen point."""
    settle(root.page)
    return numbers(root.locator(".gnb-flip .gnb-note").inner_text().replace("\u2212", "-"))


def place(x: float, y: float) -> tuple[float, float]:
    """A point as a share of the plane's width and height."""
    return 0.5 + x / 2.3, 0.5 - y / 2.3


def test_points_are_moved_and_flipped_by_hand(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("PerceptronPlane")
    plane, points = root.locator(".gnb-perceptron"), PRESETS["separable"]
    x, y, sign = points[0]
    assert chosen(root) == pytest.approx([1, sign, x, y], abs=0.0051)
    press(root, "Next mistake")
    x, y, sign = points[4]
    sweep(plane, place(x + 0.02, y), place(x + 0.02, y))  # a click beside it takes it as it is
    assert chosen(root) == pytest.approx([5, sign, x, y], abs=0.0051)
    assert said(root).startswith("1 mistake,")
    sweep(plane, place(x + 0.02, y), place(x + 0.27, y + 0.5))
    assert chosen(root) == pytest.approx([5, sign, x + 0.25, y + 0.5], abs=0.02)
    assert said(root).startswith("No mistake yet")  # it begins anew
    sweep(plane, place(-0.5, 0.9), place(-0.5, 0.9))
    assert chosen(root) == pytest.approx([5, sign, -0.5, 0.9], abs=0.02)
    sweep(plane, place(-0.5, 0.9), (0.5, -0.5))
    assert chosen(root)[3] == 1  # no farther
    press(root, "Flip class")
    assert chosen(root)[1] == -sign


def test_points_are_moved_and_flipped_by_keys(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("PerceptronPlane")
    plane, (x, y, sign) = root.locator(".gnb-perceptron"), PRESETS["separable"][1]
    plane.press("n")
    assert chosen(root) == pytest.approx([2, sign, x, y], abs=0.0051)
    plane.press("ArrowRight")
    plane.press("Shift+ArrowDown")
    assert chosen(root) == pytest.approx([2, sign, x + 1 / 32, y - 1 / 8], abs=0.0051)
    bound = said(root).split("\n")[1]
    plane.press("f")
    assert chosen(root)[1] == -sign
    assert said(root).split("\n")[1] != bound
    plane.press("Shift+N")
    plane.press("Shift+N")
    assert chosen(root)[0] == len(PRESETS["separable"])
    for name in PRESETS:
        assert not root.get_by_label(name, exact=True).is_checked()  # they are the reader's now
    root.get_by_label("separable", exact=True).check()
    assert chosen(root)[0] == 1


@pytest.mark.parametrize("width", [1280, 390])
def test_its_height_never_changes(
    open_bench: Callable[..., Locator], explorables: dict[str, Explorable], width: int
) -> None:
    root = open_bench("PerceptronPlane", width=width, has_touch=width < 500, is_mobile=width < 500)
    height = tall(root)
    assert height == pytest.approx(explorables["PerceptronPlane"].height[width < 500], abs=2)
    root.get_by_label("mistakes a second").press("End")
    for preset in reversed(PRESETS):
        root.get_by_label(preset, exact=True).check()
        assert tall(root) == height
        press(root, "Play")
        for _ in range(5):
            root.page.wait_for_timeout(50)
            assert tall(root) == height, said(root)
        root.locator(".gnb-play").click()


def test_it_answers_within_a_frame(open_bench: Callable[..., Locator]) -> None:
    assert answer_ms(open_bench("PerceptronPlane")) <= FRAME
