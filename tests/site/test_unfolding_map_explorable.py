"""The map of the page against that of the library: how its units move, how well they lie, and when it unfolds."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from typing import Any

import pytest
import torch
from playwright.sync_api import Locator, expect
from torch import Tensor

from gennb.history import SelfOrganizingMap
from gennb.widgets import Explorable, UnfoldingMap
from gennb.widgets.history.shapes import PRESETS, SHEETS, SIDE, net

from .bench import FRAME, answer_ms, calm, numbers, picture, press, said, settle, sweep, tall, touch
from .hints import await_words

LEARN = """async ([rows, columns, w, examples]) => {
    const { learn } = await import("./history/som.js"), sheet = { rows, columns, w };
    return examples.map(([x, y, lr, radius]) => [learn(sheet, [x, y], lr, radius), sheet.w]);
}"""

TRAIN = """async ([rows, columns, cells, side, radius, seed, steps]) => {
    const { errors, crossings, middles, scattered, training } = await import("./history/som.js");
    const map = training(scattered(rows, columns, seed), middles(Uint8Array.from(cells), side), side, radius, seed);
    const start = map.w, shown = [];
    for (let k = 0; k < steps; k++) {
        map.step();
        shown.push(map.last.x);
    }
    return { start, w: map.w, shown, seen: map.seen, ...errors(map, map.cells), crossed: crossings(map) };
}"""

ENDS = """async ([rows, columns, cells, side, radius, seeds]) => {
    const { errors, crossings, middles, scattered, training } = await import("./history/som.js");
    const places = middles(Uint8Array.from(cells), side), ends = [];
    for (let seed = 1; seed <= seeds; seed++) {
        const map = training(scattered(rows, columns, seed), places, side, radius, seed);
        while (!map.over()) map.step();
        const { quantization, topographic } = errors(map, places);
        ends.push([crossings(map), topographic, quantization]);
    }
    return ends;
}"""

MEASURES = """async ([rows, columns, w, places]) => {
    const { errors, crossings, lines } = await import("./history/som.js"), sheet = { rows, columns, w };
    return { ...errors(sheet, places), crossed: crossings(sheet), lines: lines(sheet) };
}"""

PLAYING = "document.querySelector('.gnb').dataset.playing !== undefined"


def library(sheet: str, w: Tensor) -> SelfOrganizingMap:
    """The library's map in double precision, with its units in these places."""
    som = SelfOrganizingMap(*SHEETS[sheet], features=2).double()
    som.W = w.double().clone()
    return som


def chance(*shape: int, seed: int = 0) -> Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def exact(values: Any) -> Tensor:
    """Numbers of the page, in its own precision."""
    return torch.tensor(values, dtype=torch.float64)


def middles(density: Tensor) -> Tensor:
    """The middles of what is painted, right and down, from 0 to 1."""
    return (density.nonzero().flip(1).double() + 0.5) / SIDE


def cooled(seen: int, radius: float) -> tuple[float, float]:
    """Learning rate and radius for the example after so many, as the class says."""
    share = seen / 3000
    return 0.5 * 0.04**share, radius * (0.5 / radius) ** share


def crossings(sheet: str, w: Tensor) -> int:
    """Pairs of lines of the net, without a unit in common, that have a point in common: where p + s u = q + t v."""
    pairs = torch.tensor(
        [(a, b) for a, b in itertools.combinations(net(sheet).tolist(), 2) if not {*a} & {*b}]
    )
    (p, u), (q, v) = ((w[ends[:, 0]], w[ends[:, 1]] - w[ends[:, 0]]) for ends in pairs.unbind(1))
    found = torch.linalg.solve(torch.stack([u, -v], -1), (q - p)[..., None])[..., 0]
    return int(((found > 0) & (found < 1)).all(1).sum())


@pytest.mark.parametrize("sheet", SHEETS)
def test_units_move_as_the_library_moves_them(
    open_bench: Callable[..., Locator], sheet: str
) -> None:
    page, count = open_bench("UnfoldingMap").page, 300
    rows, columns = SHEETS[sheet]
    som, x = library(sheet, chance(rows * columns, 2, seed=1)), chance(count, 2)
    rates = [(0.9 * 0.99**k + 0.01, 6 * 0.99**k + 0.3) for k in range(count)]
    examples = [[*place, *rate] for place, rate in zip(x.tolist(), rates, strict=True)]
    learned = page.evaluate(LEARN, [rows, columns, som.W.tolist(), examples])
    assert len(learned) == count
    for k, (winner, w) in enumerate(learned):
        assert winner == int(som.winners(x[k : k + 1])), k
        som.step(x[k], *rates[k])
        torch.testing.assert_close(exact(w), som.W, rtol=0, atol=1e-6)
    assert len({winner for winner, _ in learned}) > 20


@pytest.mark.parametrize("sheet", SHEETS)
def test_it_cools_down_as_it_says(open_bench: Callable[..., Locator], sheet: str) -> None:
    """All of its examples, in the library, with the learning rates and radii of the docstring."""
    page, shown = open_bench("UnfoldingMap").page, UnfoldingMap(preset="ring", sheet=sheet)
    density, steps = shown.density(), 3000
    run = page.evaluate(
        TRAIN, [*SHEETS[sheet], density.flatten().tolist(), SIDE, 3.0, 1, steps + 5]
    )
    assert run["seen"] == steps  # and no more
    torch.testing.assert_close(exact(run["start"]), shown.start(), rtol=0, atol=0)
    som = library(sheet, shown.start())
    for k, x in enumerate(run["shown"][:steps]):
        som.step(exact(x), *cooled(k, 3.0))
    torch.testing.assert_close(exact(run["w"]), som.W, rtol=0, atol=1e-6)
    assert run["quantization"] == pytest.approx(som.quantization_error(middles(density)), abs=1e-6)
    assert run["topographic"] == pytest.approx(som.topographic_error(middles(density)), abs=1e-6)
    assert run["crossed"] == crossings(sheet, som.W)


def test_examples_come_evenly_from_what_is_painted(open_bench: Callable[..., Locator]) -> None:
    page, density = open_bench("UnfoldingMap").page, UnfoldingMap(preset="islands").density()
    cells = density.flatten().tolist()
    runs = [page.evaluate(TRAIN, [8, 8, cells, SIDE, 1.0, seed, 3000]) for seed in (1, 1, 2)]
    assert runs[0] == runs[1]
    assert runs[0]["shown"] != runs[2]["shown"]
    places = exact(runs[0]["shown"] + runs[2]["shown"])
    column, row = (SIDE * places).long().unbind(1)
    counts = torch.zeros(SIDE, SIDE).index_put_((row, column), torch.ones(1), accumulate=True)
    assert ((counts > 0) <= (density > 0)).all()
    cells_painted, mean = int(density.sum()), len(places) / float(density.sum())
    chi = float(((counts - mean) ** 2 / mean)[density > 0].sum())
    assert abs(chi - cells_painted) < 4 * (2 * cells_painted) ** 0.5
    within = (SIDE * places) % 1
    assert (within.mean(0) - 0.5).abs().max() < 4 / (12 * len(places)) ** 0.5
    assert within.std(0).tolist() == pytest.approx([12**-0.5] * 2, rel=0.05)


@pytest.mark.parametrize("sheet", SHEETS)
def test_errors_and_crossings_are_what_python_finds(
    open_bench: Callable[..., Locator], sheet: str
) -> None:
    page, (rows, columns) = open_bench("UnfoldingMap").page, SHEETS[sheet]
    grid = torch.cartesian_prod(torch.arange(rows), torch.arange(columns)).double()
    flat, places = 0.9 * grid / max(rows, columns), chance(500, 2, seed=2)
    kinds = set()
    for noise in (0.001, 0.05, 0.2, 3.0):
        w = flat + noise * (chance(rows * columns, 2, seed=3) - 0.5)
        found = page.evaluate(MEASURES, [rows, columns, w.tolist(), places.tolist()])
        som = library(sheet, w)
        assert found["quantization"] == pytest.approx(som.quantization_error(places), abs=1e-9)
        assert found["topographic"] == pytest.approx(som.topographic_error(places), abs=1e-6)
        assert found["crossed"] == crossings(sheet, w)
        assert sorted(found["lines"]) == sorted(net(sheet).tolist())
        kinds.add((found["crossed"] == 0, found["topographic"] > 0.5))
    assert {(True, False), (False, True)} <= kinds


@pytest.mark.parametrize("preset", ["square", "ring", "arch"])
def test_a_large_radius_unfolds_from_any_start_and_the_least_never(
    open_bench: Callable[..., Locator], preset: str
) -> None:
    """As the hint says; and as the caption says, the examples lie almost as near to the units of a tangle."""
    page, count = open_bench("UnfoldingMap").page, 20
    cells = UnfoldingMap(preset=preset).density().flatten().tolist()
    large, least = (
        torch.tensor(page.evaluate(ENDS, [8, 8, cells, SIDE, radius, count]))
        for radius in (4.0, 0.5)
    )
    assert len(large) == len(least) == count
    assert large[:, 0].tolist() == [0] * count
    assert large[:, 1].max() < 0.02
    assert least[:, 0].min() > 50
    assert least[:, 1].min() > 0.2
    assert 1 < float(least[:, 2].mean() / large[:, 2].mean()) < 1.2


def path(root: Locator, look: str) -> list[float]:
    """The numbers of one of the plane's curves."""
    settle(root.page)
    found = re.findall(r"-?\d+(?:\.\d+)?(?:e-?\d+)?", drawn(root, look))
    return [float(v) for v in found]


def drawn(root: Locator, look: str) -> str:
    return root.locator(f"path.gnb-som-{look}").get_attribute("d") or ""


def middle(root: Locator) -> tuple[float, float]:
    """Where the last example is drawn."""
    d = path(root, "example")
    return sum(d[0::2]) / 4, sum(d[1::2]) / 4


def test_it_says_the_numbers_of_the_library(
    open_bench: Callable[..., Locator], explorables: dict[str, Explorable]
) -> None:
    root, shown = open_bench("UnfoldingMap"), explorables["UnfoldingMap"]
    assert isinstance(shown, UnfoldingMap)
    som, places = library("8x8", shown.start()), middles(shown.density())
    for k in range(4):
        lr, radius = cooled(k, 4.0)
        crossed = crossings("8x8", som.W)
        expected = [k, 3000, radius, lr, som.quantization_error(places)]
        assert numbers(said(root)) == [
            *(pytest.approx(v, abs=0.0051 if i == 2 else 0.00051) for i, v in enumerate(expected)),
            pytest.approx(100 * som.topographic_error(places), abs=0.051),
            crossed,
        ]
        assert said(root).endswith(f"{crossed:,} pairs of lines cross: the net is folded.")
        press(root, "Next example")
        x = exact(middle(root))  # as drawn, to four digits
        som.step(x, lr, radius)


def test_it_shows_the_example_the_winner_and_who_moved(
    open_bench: Callable[..., Locator], explorables: dict[str, Explorable]
) -> None:
    root, shown = open_bench("UnfoldingMap"), explorables["UnfoldingMap"]
    assert isinstance(shown, UnfoldingMap)
    assert not any(drawn(root, look) for look in ("example", "winner", "moved"))
    press(root, "Next example")
    som, x = library("8x8", shown.start()), exact(middle(root))
    winner = int(som.winners(x[None]))
    som.step(x, 0.5, 4.0)
    moved = exact(path(root, "moved")).reshape(64, 2, 2)
    torch.testing.assert_close(moved[:, 0], shown.start(), rtol=0, atol=1e-4)
    torch.testing.assert_close(moved[:, 1], som.W, rtol=0, atol=2e-4)
    left, y, radius = path(root, "winner")[:3]
    assert [left + radius, y] == pytest.approx(som.W[winner].tolist(), abs=2e-4)
    ends = exact(path(root, "net")).reshape(-1, 2, 2)
    expected = som.W[torch.tensor(sorted(net("8x8").tolist()))]
    torch.testing.assert_close(ends, expected, rtol=0, atol=2e-4)


def test_examples_are_shown_while_it_plays_slowly(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("UnfoldingMap")
    speed, example = (
        root.get_by_role("slider", name="examples a second"),
        root.locator("path.gnb-som-example"),
    )
    speed.fill("1.5")  # thirty-two
    press(root, "Play")
    await_words(root, r"^\d\d+ of")
    expect(example).to_have_attribute("d", "")
    speed.fill("1.2")  # sixteen
    expect(example).to_have_attribute("d", re.compile("M"))
    speed.fill("1.5")
    expect(example).to_have_attribute("d", "")
    press(root, "Pause")
    expect(example).to_have_attribute("d", re.compile("M"))


def test_it_plays_to_the_end_and_then_anew(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("UnfoldingMap")
    root.get_by_role("slider", name="examples a second").press("End")
    press(root, "Play")
    root.page.wait_for_function(f"!({PLAYING})")
    words, shown = said(root), picture(root)
    assert words.startswith("3,000 of 3,000 examples: radius 0.50, learning rate 0.020.")
    press(root, "Next example")  # there is none
    assert (said(root), picture(root)) == (words, shown)
    root.get_by_role("slider", name="examples a second").press("Home")
    press(root, "Play")
    await_words(root, "^1 of 3,000")
    press(root, "Pause")
    root.get_by_role("slider", name="examples a second").press("End")
    press(root, "Play")
    root.page.wait_for_function(f"!({PLAYING})")
    assert (said(root), picture(root)) == (words, shown)  # the same examples again


def test_another_start_another_sheet(open_bench: Callable[..., Locator]) -> None:
    root, shown = open_bench("UnfoldingMap"), UnfoldingMap()
    press(root, "Next example")
    press(root, "Other start")
    shown.seed = 2
    for sheet, name in (("8x8", "8 × 8"), ("12x12", "12 × 12"), ("chain", "chain of 40")):
        root.get_by_label(name, exact=True).check()
        shown.sheet = sheet
        assert said(root).startswith("0 of 3,000")
        units = exact(path(root, "units")).reshape(-1, 3)[:, :2]
        torch.testing.assert_close(units, shown.start(), rtol=0, atol=1e-4)


def test_a_new_first_radius_begins_anew(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("UnfoldingMap")
    start = picture(root)
    press(root, "Next example")
    assert said(root).startswith("1 of 3,000 examples: radius 4.00")
    root.get_by_role("slider", name="first radius").press("ArrowRight")
    assert said(root).startswith("0 of 3,000 examples: radius 4.25")
    assert picture(root) == start


def test_densities_are_chosen(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("UnfoldingMap")
    for preset in [*PRESETS][::-1]:
        root.get_by_label(preset, exact=True).check()
        som = library("8x8", UnfoldingMap().start())
        places = middles(UnfoldingMap(preset=preset).density())
        assert numbers(said(root))[4] == pytest.approx(som.quantization_error(places), abs=0.00051)
    sweep(root.locator(".gnb-som"), (0.02, 0.02), (0.02, 0.98))
    assert said(root).startswith("0 of 3,000")
    for preset in PRESETS:
        assert not root.get_by_label(preset, exact=True).is_checked()  # it is the reader's now


def test_a_density_is_drawn_by_hand(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("UnfoldingMap")
    press(root, "Next example")
    press(root, "Clear")
    assert said(root) == "There is nothing to learn from: draw where examples come from."
    for button in ("Next example", "Play"):
        press(root, button)
        assert not root.page.evaluate(PLAYING)
        assert said(root).startswith("There is nothing")
    pad = root.locator(".gnb-som")
    sweep(pad, (0.25, 0.5), (0.75, 0.5))  # a band two cells high
    assert said(root).startswith("0 of 3,000")
    band = []
    for _ in range(12):
        press(root, "Next example")
        band.append(middle(root))
    assert all(0.2 < x < 0.8 and abs(y - 0.5) <= 1 / SIDE + 1e-3 for x, y in band)
    assert max(x for x, _ in band) - min(x for x, _ in band) > 0.2
    root.get_by_label("eraser").check()
    sweep(pad, (0.25, 0.5), (0.75, 0.5))
    assert said(root).startswith("There is nothing")


def test_a_density_is_drawn_by_keys(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("UnfoldingMap")
    press(root, "Clear")
    pad, keyboard = root.locator(".gnb-som"), root.page.keyboard
    pad.focus()
    keyboard.press(" ")
    assert said(root).startswith("0 of 3,000")
    assert not root.page.evaluate(PLAYING)  # the space is the brush's
    for key in ("ArrowDown", "ArrowDown", "Shift+ArrowLeft"):
        keyboard.press(key)
    places = []
    for _ in range(12):
        keyboard.press(".")
        places.append(middle(root))
    top, left, right = 11 / SIDE, 10 / SIDE, 13 / SIDE
    assert all(left <= x <= right and top <= y <= 15 / SIDE for x, y in places)
    assert min(y for _, y in places) < 13 / SIDE < max(y for _, y in places)
    for key in ("Delete", "ArrowRight", "Delete", "ArrowUp", "Delete", "ArrowUp", "Delete"):
        keyboard.press(key)
    assert said(root).startswith("There is nothing")


def test_it_waits_for_the_hand_that_draws(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("UnfoldingMap")
    root.get_by_role("slider", name="examples a second").fill("1.5")
    press(root, "Play")
    await_words(root, r"^\d\d+ of")
    pad, mouse = root.locator(".gnb-som"), root.page.mouse
    box = pad.bounding_box()
    assert box is not None
    mouse.move(box["x"] + 5, box["y"] + 5)
    mouse.down()
    await_words(root, "^0 of 3,000")
    root.page.wait_for_timeout(300)
    assert said(root).startswith("0 of 3,000")
    mouse.up()
    await_words(root, r"^\d\d+ of")


def test_a_finger_draws(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("UnfoldingMap", width=390, has_touch=True, is_mobile=True)
    root.get_by_role("button", name="Clear").tap()
    await_words(root, "There is nothing")
    touch(root.locator(".gnb-som"), at=0.5)
    await_words(root, "^0 of 3,000")


@pytest.mark.parametrize("width", [1280, 390])
def test_its_height_never_changes(
    open_bench: Callable[..., Locator], explorables: dict[str, Explorable], width: int
) -> None:
    root = open_bench("UnfoldingMap", width=width, has_touch=width < 500, is_mobile=width < 500)
    height = tall(root)
    assert height == pytest.approx(explorables["UnfoldingMap"].height[width < 500], abs=2)
    radius = root.get_by_role("slider", name="first radius")
    root.get_by_role("slider", name="examples a second").press("End")

    def to_the_end() -> None:
        press(root, "Play")
        root.page.wait_for_function(f"!({PLAYING})")

    acts: list[Callable[[], Any]] = [
        lambda: press(root, "Next example"),
        lambda: root.get_by_label("chain of 40", exact=True).check(),
        to_the_end,
        lambda: root.get_by_label("12 × 12", exact=True).check(),
        lambda: radius.press("Home"),
        to_the_end,
        lambda: press(root, "Clear"),
    ]
    for act in acts:
        act()
        assert tall(root) == height, said(root)


def test_it_answers_within_a_frame(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("UnfoldingMap")
    root.get_by_label("12 × 12", exact=True).check()
    assert answer_ms(root) <= FRAME
    frames = []
    root.get_by_role("slider", name="examples a second").press("End")
    press(root, "Play")
    for _ in range(12):
        settle(root.page)
        frames.append(float(root.get_attribute("data-frame-ms") or "nan"))
    assert calm(frames) <= FRAME
