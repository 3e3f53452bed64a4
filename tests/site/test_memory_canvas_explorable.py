"""What the memory of letters computes, against torch, and how it recalls."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import torch
from playwright.sync_api import Locator, expect
from torch import Tensor

from gennb.history import Hopfield
from gennb.widgets import Explorable
from gennb.widgets.history.letters import letters
from gennb.widgets.history.memories import flipped

from .bench import (
    FRAME,
    answer_ms,
    calm,
    changes,
    numbers,
    picture,
    press,
    said,
    sweep,
    tall,
    touch,
)
from .hints import await_words

HOPFIELD = """async ([patterns, start, orders]) => {
    const { hopfield } = await import("./history/hopfield.js");
    const net = hopfield(patterns.map((xi) => Int8Array.from(xi)), Int8Array.from(start)), energies = [net.energy()];
    for (const order of orders) {
        if (order.length) for (const i of order) net.update(i);
        else net.updateAll();
        energies.push(net.energy());
    }
    return [[...net.s], energies, net.overlaps(), net.restless()];
}"""

FALLS = """async ([patterns, share, seeds]) => {
    const { flipped, recall } = await import("./history/hopfield.js");
    const held = patterns.map((xi) => Int8Array.from(xi)), ends = [];
    for (let seed = 1; seed <= seeds; seed++) {
        const run = recall(held, flipped(held[seed % held.length], share, seed), false, seed);
        let flips = 0, rises = 0;
        for (let turn = 0; !run.over() && turn < 100 * run.s.length; turn++) flips += run.step();
        run.trail.forEach(([, e], i) => i && (rises += Number(e > run.trail[i - 1][1])));
        ends.push([rises, run.restless().length, flips === run.flips, run.trail.length === 2 * flips + 1]);
    }
    return ends;
}"""

FLIPPED = """async ([s, share, seed]) => {
    const { flipped } = await import("./history/hopfield.js");
    const once = flipped(Int8Array.from(s), share, seed);
    return [[...once], [...flipped(once, share, seed)]];
}"""


def store(patterns: Tensor) -> Hopfield:
    model = Hopfield(patterns.shape[1])
    model.store(patterns)
    return model


def signs(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed)).sign()


@pytest.mark.parametrize("count", [1, 4, 12])
def test_recall_ends_where_torch_ends(open_bench: Callable[..., Locator], count: int) -> None:
    """In the same order of units; with 64 of them W is exact in torch, too, and ties are ties."""
    page, xi = open_bench("MemoryCanvas").page, signs(count, 64)
    model = store(xi)
    for seed in range(5):
        start, sweeps = signs(1, 64, seed=seed + 1), 8
        oracle = model.recall(start, sweeps=sweeps, generator=torch.Generator().manual_seed(seed))
        generator = torch.Generator().manual_seed(seed)
        orders = [torch.randperm(64, generator=generator).tolist() for _ in range(sweeps)]
        ran = orders[: len(oracle.energies) - 1]
        s, energies, overlaps, restless = page.evaluate(
            HOPFIELD, [xi.tolist(), start[0].tolist(), ran]
        )
        assert s == oracle.states[0].tolist()
        assert energies == pytest.approx(oracle.energies[:, 0].tolist(), abs=1e-4)
        assert overlaps == pytest.approx((xi @ oracle.states[0] / 64).tolist())
        assert bool(oracle.settled) == (restless == [])


def test_all_at_once_as_torch_does(open_bench: Callable[..., Locator]) -> None:
    page = open_bench("MemoryCanvas").page
    for count in (1, 3, 12):
        xi, start = signs(count, 64, seed=count), signs(1, 64, seed=99)
        oracle = store(xi).recall(start, "synchronous", sweeps=6)
        sweeps = [[]] * (len(oracle.energies) - 1)
        s, energies, *_ = page.evaluate(HOPFIELD, [xi.tolist(), start[0].tolist(), sweeps])
        assert s == oracle.states[0].tolist()
        assert energies == pytest.approx(oracle.energies[:, 0].tolist(), abs=1e-4)


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_the_energy_never_rises(open_bench: Callable[..., Locator], share: float) -> None:
    page = open_bench("MemoryCanvas").page
    for patterns in (letters().flatten(1), letters()[:3].flatten(1), signs(20, 100)):
        ends = page.evaluate(FALLS, [patterns.tolist(), share, 100])
        assert ends == [[0, 0, True, True]] * 100


def test_the_page_flips_the_units_that_python_flips(open_bench: Callable[..., Locator]) -> None:
    page, x = open_bench("MemoryCanvas").page, letters()[3]
    for share in (0.0, 0.15, 0.2, 0.5, 1.0):
        once, twice = page.evaluate(FLIPPED, [x.flatten().tolist(), share, 1])
        assert once == (2 * flipped((x + 1) / 2, share) - 1).flatten().tolist()
        assert twice == x.flatten().tolist()


def test_the_readout_is_what_torch_computes(
    open_bench: Callable[..., Locator], explorables: dict[str, Explorable]
) -> None:
    shown: Any = explorables["MemoryCanvas"]
    xi, s = letters()[:3].flatten(1), shown.state().reshape(1, -1)
    model = store(xi)
    energy, restless = float(model.energy(s)), int(((s @ model.W * s) < -1e-5).sum())
    best = max(shown.overlaps())
    root = open_bench("MemoryCanvas")
    assert numbers(said(root)) == pytest.approx([energy, best, restless, 144], abs=0.051)
    assert "with H." in said(root)
    press(root, "Recall")
    await_words(root, "Settled in H, a stored pattern")
    assert numbers(said(root))[2:] == pytest.approx([float(model.energy(xi)[0]), 1], abs=0.051)
    assert root.get_by_role("button", name="Recall", exact=True).is_visible()  # it stops by itself
    marks = root.locator(".gnb-depth:visible")
    assert marks.all_inner_texts() == ["H", "O", "P"]
    tops = marks.evaluate_all("all => all.map((e) => parseFloat(e.style.top))")
    depths = model.energy(xi).tolist()
    assert sorted(range(3), key=lambda i: tops[i]) == sorted(range(3), key=lambda i: -depths[i])


def test_rewind_brings_the_cue_back(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("MemoryCanvas")
    cue, words = picture(root), said(root)
    press(root, "One step")
    assert re.match(r"After 0\.\d\d sweeps and 1 flip:", said(root))
    press(root, "One step")
    assert "2 flips" in said(root)
    press(root, "Rewind")
    assert (picture(root), said(root)) == (cue, words)
    press(root, "Recall")
    await_words(root, "Settled in H")
    press(root, "Recall")  # once more, from the cue
    await_words(root, "Not settled")
    await_words(root, "Settled in H")
    press(root, "One step")
    assert said(root).endswith("Settled in H, a stored pattern.")


def test_noise_comes_and_goes(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("MemoryCanvas")
    noise, opened = root.get_by_role("slider", name="noise"), picture(root)
    noise.press("Home")
    assert said(root).endswith("Settled in H, a stored pattern.")
    noise.fill("0.2")
    assert picture(root) == opened  # the same units again
    assert changes(root, lambda: press(root, "Other noise"))
    noise.press("End")
    assert said(root).endswith("Settled in the negative of H, a stored pattern.")
    assert "-1.00, with H" in said(root)


def test_a_stroke_after_recall_begins_anew(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("MemoryCanvas")
    press(root, "Recall")
    await_words(root, "Settled in H")
    sweep(root.locator(".gnb-sketch"), (0.5, 0.1), (0.5, 0.3))
    assert said(root).startswith("Before the first flip")
    assert root.get_by_role("slider", name="noise").input_value() == "0"
    assert numbers(said(root))[1] == pytest.approx(1 - 2 * 3 / 144, abs=0.006)  # three units


def test_keys_flip(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("MemoryCanvas")
    root.get_by_role("slider", name="noise").press("Home")
    pad, keyboard = root.locator(".gnb-sketch"), root.page.keyboard
    pad.focus()
    for key, off in (("Enter", 1), ("Shift+ArrowUp", 2), ("ArrowUp", 2), ("Space", 3), (" ", 2)):
        keyboard.press(key)
        assert numbers(said(root))[1] == pytest.approx(1 - off / 72, abs=0.006), key
    assert root.get_attribute("data-playing") is None
    keyboard.press(".")
    assert said(root).startswith("After")


def test_any_letter_begins_and_too_many_run_together(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("MemoryCanvas")
    root.get_by_role("slider", name="noise").press("Home")
    root.get_by_role("button", name="Begin with P").click()
    assert said(root).endswith("Settled in P, a stored pattern.")
    root.get_by_role("slider", name="stored").press("End")
    assert "Not settled" in said(root)
    press(root, "Recall")
    await_words(root, "Settled in a spurious state")
    expect(root.locator(".gnb-unheld")).to_have_count(0)
    root.get_by_role("slider", name="stored").press("Home")
    expect(root.locator(".gnb-unheld")).to_have_count(7)


def test_all_at_once_may_swing(open_bench: Callable[..., Locator]) -> None:
    """Half of one pattern's units flipped: no unit has anything to go by but itself, and W leaves that out."""
    root = open_bench("MemoryCanvas")
    root.get_by_role("slider", name="stored").press("Home")
    root.get_by_role("slider", name="noise").fill("0.5")
    root.get_by_label("all units at once").check()
    first = picture(root)
    press(root, "One step")
    assert picture(root) != first
    press(root, "One step")
    assert said(root).endswith("two states come back by turns.")
    root.get_by_label("all units at once").uncheck()
    press(root, "Recall")
    await_words(root, r"Settled in (the negative of )?H")


@pytest.mark.parametrize("width", [1280, 390])
def test_its_height_never_changes(
    open_bench: Callable[..., Locator], explorables: dict[str, Explorable], width: int
) -> None:
    root = open_bench("MemoryCanvas", width=width, has_touch=width < 500, is_mobile=width < 500)
    height = tall(root)
    assert height == pytest.approx(explorables["MemoryCanvas"].height[width < 500], abs=2)
    stored = root.get_by_role("slider", name="stored")
    for act in (
        lambda: press(root, "One step"),
        lambda: stored.press("End"),
        lambda: [press(root, "One step") for _ in range(40)],
        lambda: root.get_by_role("slider", name="noise").fill("1"),
        lambda: stored.press("Home"),
        lambda: root.get_by_role("slider", name="noise").fill("0.5"),
        lambda: root.get_by_label("all units at once").check(),
        lambda: [press(root, "One step") for _ in range(8)],
        lambda: root.get_by_role("button", name="Begin with D").click(),
    ):
        act()
        assert tall(root) == height


def test_a_finger_flips(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("MemoryCanvas", width=390, has_touch=True, is_mobile=True)
    root.get_by_role("slider", name="noise").press("Home")
    touch(root.locator(".gnb-sketch"), at=0.5)
    assert numbers(said(root))[1] == pytest.approx(1 - 1 / 72, abs=0.006)


def test_it_answers_within_a_frame(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("MemoryCanvas")
    assert answer_ms(root) <= FRAME
    times = root.page.evaluate(
        """async () => {
            const { hopfield, recall } = await import("./history/hopfield.js");
            const sign = (i, p) => Math.sin(i * i * (p + 1)) < 0 ? -1 : 1;
            const pattern = (p) => Int8Array.from({ length: 1024 }, (_, i) => sign(i, p));
            const held = Array.from({ length: 10 }, (_, p) => pattern(p));
            return Array.from({ length: 30 }, (_, seed) => {
                const cue = held[0].map((s, i) => (i % 3 ? s : -s));
                const start = performance.now(), run = recall(held, cue, false, seed);
                for (let turn = 0; turn < 20 && !run.over(); turn++) run.step();
                held.map((xi) => hopfield(held, xi).energy());
                return performance.now() - start;
            });
        }"""
    )
    assert calm(times) <= FRAME
