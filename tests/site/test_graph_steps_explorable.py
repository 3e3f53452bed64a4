"""The calculation of the page against the package's sweep, and what steps show."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from gennb.backprop import Value
from gennb.widgets.backprop.calculations import CALCULATIONS

from .bench import press, said

SWEEP = """async ([calculation, all]) => {
    const { sweep } = await import("./backprop/calculation.js");
    return all.map((inputs) => {
        const { values, back, last } = sweep(calculation, inputs), slopes = { [last]: 1 };
        for (const { from, part } of back.flat()) slopes[from] = (slopes[from] ?? 0) + part;
        return { values, slopes };
    });
}"""
WRITE: dict[str, Callable[..., Value]] = {
    "+": lambda u, v: u + v,
    "−": lambda u, v: u - v,
    "×": lambda u, v: u * v,
    "tanh": lambda u: u.tanh(),
}
NUMBERS = [[2.0, 1.0, 0.0], [-1.3, 0.7, 2.9], [0.0, -3.0, 0.4]]


def swept(calculation: dict[str, Any], inputs: list[float]) -> dict[str, Value]:
    known = {name: Value(x) for name, x in zip(calculation["inputs"], inputs, strict=False)}
    for name, operation, *taken in calculation["steps"]:
        known[name] = WRITE[operation](*(known[each] for each in taken))
    known[name].backward()
    return known


@pytest.mark.parametrize("name", CALCULATIONS)
def test_values_and_slopes_are_the_packages(open_bench: Callable[..., Locator], name: str) -> None:
    page, calculation = open_bench("GraphSteps").page, CALCULATIONS[name]
    for inputs, found in zip(NUMBERS, page.evaluate(SWEEP, [calculation, NUMBERS]), strict=True):
        for each, value in swept(calculation, inputs).items():
            assert found["values"][each] == pytest.approx(value.data, abs=1e-12)
            assert found["slopes"][each] == pytest.approx(value.grad, abs=1e-12)


def box(root: Locator, name: str) -> Locator:
    return root.locator(".gnb-number").filter(has_text=re.compile(f"^{name}"))


def test_steps_go_there_and_back(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("GraphSteps")
    expect(box(root, "c").locator(".gnb-made")).to_have_text("?")
    press(root, "Next step")
    expect(box(root, "c").locator(".gnb-made")).to_have_text("3.00")
    expect(box(root, "y").locator(".gnb-made")).to_have_text("?")
    press(root, "Next step")
    assert "y = 3.00 × 1.00 = 3.00" in said(root)
    expect(box(root, "y").locator(".gnb-slope")).to_have_text("slope 1.00")
    expect(root.locator(".gnb-local:visible")).to_have_count(0)
    press(root, "Next step")
    expect(root.locator(".gnb-local:visible")).to_have_text(["× 1.00", "× 3.00"])
    press(root, "Next step")
    expect(root.locator(".gnb-local:visible")).to_have_count(4)
    press(root, "Step back")
    expect(root.locator(".gnb-local:visible")).to_have_count(2)
    for _ in range(2):
        press(root, "Next step")
    assert said(root).startswith("Before the first step")  # from the end to the beginning


def test_another_calculation_brings_its_own(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("GraphSteps")
    expect(root.locator(".gnb-slider:visible")).to_have_count(2)
    press(root, "Next step")
    root.get_by_label("an error").check()
    assert said(root).startswith("Before the first step: w = 0.50, x = 2.00, t = -0.40.")
    expect(root.get_by_role("slider", name="t", exact=True)).to_be_visible()
    for _ in range(4):
        press(root, "Next step")
    expect(box(root, "e").locator(".gnb-slope")).to_have_text("slope 1.40 + 1.40")
    press(root, "Reset")
    expect(box(root, "c")).to_be_visible()


def test_it_plays_to_the_end_and_stops(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("GraphSteps")
    press(root, "Play")
    expect(root.locator("output")).to_contain_text("The slopes of the result", timeout=20_000)
    expect(root.get_by_role("button", name="Play", exact=True)).to_be_visible()
