"""What the threshold unit computes, against ``gennb.history``, and what a hand can set."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest
import torch
from playwright.sync_api import Locator

from gennb.history import fires, truth_table
from gennb.widgets import Explorable, ThresholdUnit
from gennb.widgets.history.truth_tables import unit_table

from .bench import FRAME, answer_ms, press, said, settle, tall, touch

LINES = ("+2", "+1", "0", "veto")
ANSWERS = """async ([settings, rows]) => {
    const { answer } = await import("./history/soma.js");
    return settings.map(([lines, threshold]) => rows.map((row) => {
        const { count, vetoing, fires } = answer(lines, threshold, row);
        return [count, vetoing.join(""), Number(fires)];
    }));
}"""
TABLE = """root => [...root.querySelectorAll("tbody tr")]
    .map((row) => [...row.querySelectorAll("th, td")].map((cell) => cell.textContent))"""


def test_the_page_answers_as_history_does(open_bench: Callable[..., Locator]) -> None:
    """For all lines and thresholds, and all rows."""
    settings = [*product(product(LINES, repeat=3), range(7))]
    excitatory = torch.tensor(
        [[{"+2": 2.0, "+1": 1.0}.get(x, 0.0) for x in s] for s, _ in settings]
    )
    inhibitory = torch.tensor([[float(x == "veto") for x in s] for s, _ in settings])
    thresholds = torch.tensor([float(threshold) for _, threshold in settings])
    rows = truth_table(3)
    found = open_bench("ThresholdUnit").page.evaluate(ANSWERS, [settings, rows.int().tolist()])
    counts, vetoes = rows @ excitatory.mT, rows @ inhibitory.mT
    answers = fires(rows, excitatory, inhibitory, thresholds)
    assert [[row[0] for row in unit] for unit in found] == counts.mT.tolist()
    assert [[len(row[1]) for row in unit] for unit in found] == vetoes.mT.tolist()
    assert [[row[2] for row in unit] for unit in found] == answers.mT.tolist()
    assert found[settings.index((("veto", "+1", "veto"), 1))][-1] == [1, "ac", 0]


def set_lines(root: Locator, *lines: str) -> None:
    for name, line in zip("abc", lines, strict=True):
        group = root.get_by_role("group", name=f"what {name} does")
        group.get_by_label(line, exact=True).check()


def agrees(root: Locator) -> int:
    """How many rows agree, by the table, which the line below it has to say as well."""
    settle(root.page)
    table = root.evaluate(TABLE)
    marks = [row[-1] for row in table]
    assert marks == ["✓" if row[2] == row[3] else "✗" for row in table]
    right = marks.count("✓")
    assert ("All 8" if right == 8 else f"{right} of 8") in said(root)
    return right


@pytest.mark.parametrize(
    ("lines", "threshold", "computes"),
    [
        (("+1", "+1", "+1"), 0, "the constant 1"),
        (("+1", "+1", "+1"), 1, "OR of all three"),
        (("+1", "+1", "+1"), 2, "the majority"),
        (("+1", "+1", "+1"), 3, "AND of all three"),
        (("+1", "+1", "+1"), 4, "the constant 0"),
        (("veto", "veto", "0"), 0, "NOR of a and b"),
        (("veto", "veto", "veto"), 0, "NOR of all three"),
        (("0", "+1", "veto"), 1, "b and not c"),
        (("+2", "+1", "+1"), 2, "a function that is true in 5 of 8 rows"),
        (("+2", "+1", "0"), 2, "a copy of a"),
        (("0", "0", "veto"), 0, "NOT c"),
        (("+2", "+2", "+2"), 6, "AND of all three"),
    ],
)
def test_the_table_and_the_name_are_those_of_the_unit(
    open_bench: Callable[..., Locator], lines: tuple[str, ...], threshold: int, computes: str
) -> None:
    root = open_bench("ThresholdUnit")
    set_lines(root, *lines)
    root.get_by_role("slider", name="threshold").fill(str(threshold))
    assert f"It computes {computes}." in said(root)
    expected = ThresholdUnit(lines, threshold=threshold)
    wish = next(goal["outputs"] for goal in expected.goals if goal["name"] == "majority")
    counts = [
        sum({"+2": 2, "+1": 1}.get(line, 0) * int(x) for line, x in zip(lines, row, strict=True))
        for row in truth_table(3).tolist()
    ]
    for i, (row, output) in enumerate(zip(root.evaluate(TABLE), expected.outputs(), strict=True)):
        inputs, count, unit, goal, _ = row
        assert inputs == " ".join(f"{i:03b}")
        veto = any(line == "veto" and x == "1" for line, x in zip(lines, f"{i:03b}", strict=True))
        assert count == f"{counts[i]}{', veto' * veto}"
        assert [unit, goal] == [str(output), str(wish[i])]
    assert agrees(root) == sum(x == y for x, y in zip(expected.outputs(), wish, strict=True))


@pytest.mark.parametrize("goal", [goal["name"] for goal in ThresholdUnit.example().goals])
def test_the_best_of_all_units_is_told_as_such(
    open_bench: Callable[..., Locator], explorables: dict[str, Explorable], goal: str
) -> None:
    """Some unit reaches the number that is called the best; where that is 8, nothing is said of others."""
    wanted = next(each for each in explorables["ThresholdUnit"].goals if each["name"] == goal)

    def right(setting: tuple[tuple[str, ...], int]) -> int:
        return sum(x == y for x, y in zip(unit_table(*setting), wanted["outputs"], strict=True))

    lines, threshold = max(product(product(LINES, repeat=3), range(7)), key=right)
    root = open_bench("ThresholdUnit")
    root.get_by_label(goal, exact=True).check()
    set_lines(root, *lines)
    root.get_by_role("slider", name="threshold").fill(str(threshold))
    assert agrees(root) == wanted["best"]
    assert ("no unit of this kind does better" in said(root)) == (wanted["best"] < 8)


def present(root: Locator) -> str:
    """The highlighted row, which the buttons of the inputs have to show as well."""
    settle(root.page)
    (row,) = root.locator("tr[aria-current=true]").all()
    digits = row.locator("th").inner_text()
    buttons = root.locator("[aria-pressed]").all()
    assert [f"{name} = {x}" for name, x in zip("abc", digits.split(), strict=True)] == [
        each.inner_text() for each in buttons
    ]
    assert [each.get_attribute("aria-pressed") == "true" for each in buttons] == [
        x == "1" for x in digits.split()
    ]
    return digits


def test_inputs_are_set_by_buttons_and_by_rows(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("ThresholdUnit")
    keyboard = root.page.keyboard
    assert present(root) == "1 0 0"
    press(root, "b = 0")
    assert present(root) == "1 1 0"
    root.get_by_role("button", name="a = 1").press("Space")
    assert present(root) == "0 1 0"
    root.locator("tbody tr").nth(7).locator("td").nth(2).click()
    assert present(root) == "1 1 1"
    assert said(root).startswith("3 active synapses, threshold 1: the unit fires.")
    root.get_by_role("button", name="Inputs 1 1 1").focus()
    for key, row in [
        ("ArrowUp", "1 1 0"),
        ("ArrowDown", "1 1 1"),
        ("ArrowDown", "1 1 1"),
        ("Home", "0 0 0"),
        ("ArrowUp", "0 0 0"),
        ("End", "1 1 1"),
    ]:
        keyboard.press(key)
        assert present(root) == row
        assert root.locator("tr[aria-current=true] button:focus").count() == 1
    assert root.locator("tbody button[tabindex='0']").count() == 1
    press(root, "Reset")
    assert present(root) == "1 0 0"


def test_a_veto_silences_whatever_excites(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("ThresholdUnit")
    state = root.locator("[data-state]")
    set_lines(root, "+2", "+2", "veto")
    assert state.get_attribute("data-state") == "fires"
    press(root, "c = 0")
    assert said(root).startswith("Vetoed by c: silent, whatever excites it.")
    assert state.get_attribute("data-state") == "veto"
    set_lines(root, "veto", "+2", "veto")
    assert said(root).startswith("Vetoed by a, c: ")
    set_lines(root, "0", "+2", "0")
    settle(root.page)
    assert state.get_attribute("data-state") == "silent"


def test_a_line_ends_as_what_it_is(open_bench: Callable[..., Locator]) -> None:
    """Arrowheads for synapses that excite, a circle for a veto, an open end for nothing."""
    root = open_bench("ThresholdUnit")
    for line, heads, rounds in [("+2", 2, 0), ("+1", 1, 0), ("veto", 0, 2), ("0", 0, 0)]:
        set_lines(root, line, line, line)
        settle(root.page)
        for path in root.locator("path[data-does]").all():
            d = path.get_attribute("d") or ""
            assert (d.count("Z"), d.count("A")) == (heads, rounds)
            assert path.get_attribute("data-does") == line


@pytest.mark.parametrize("width", [1280, 390])
def test_its_height_never_changes(
    open_bench: Callable[..., Locator], explorables: dict[str, Explorable], width: int
) -> None:
    root = open_bench("ThresholdUnit", width=width, has_touch=width < 500, is_mobile=width < 500)
    height = tall(root)
    assert height == pytest.approx(explorables["ThresholdUnit"].height[width < 500], abs=2)
    for act in (
        lambda: root.get_by_label("parity").check(),
        lambda: set_lines(root, "veto", "veto", "+1"),
        lambda: [press(root, name) for name in ("b = 0", "c = 0")],
        lambda: root.get_by_role("slider", name="threshold").fill("0"),
        lambda: set_lines(root, "+2", "+1", "+1"),
        lambda: root.get_by_role("slider", name="threshold").fill("6"),
        lambda: root.get_by_label("exactly one").check(),
        lambda: root.get_by_role("slider", name="threshold").fill("1"),
        lambda: set_lines(root, "+1", "veto", "veto"),
        lambda: set_lines(root, "veto", "veto", "veto"),
    ):
        act()
        assert tall(root) == height


def test_a_swipe_over_it_changes_nothing_and_a_tap_does(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("ThresholdUnit", width=390, has_touch=True, is_mobile=True)
    root.page.add_style_tag(content="body { padding-bottom: 1500px }")
    words = said(root)
    for target in (
        root.locator("tbody tr").nth(6),
        root.get_by_role("group", name="what b does"),
        root.get_by_role("button", name="b = 0"),
    ):
        target.evaluate("e => e.scrollIntoView({ block: 'center' })")
        before = root.page.evaluate("scrollY")
        touch(target, (5, -150))
        assert root.page.evaluate("scrollY") > before
        assert said(root) == words
        assert present(root) == "1 0 0"
    row = root.locator("tbody tr").nth(6)
    row.evaluate("e => e.scrollIntoView({ block: 'center' })")
    row.tap()
    assert present(root) == "1 1 0"


def test_it_answers_within_a_frame(open_bench: Callable[..., Locator]) -> None:
    assert answer_ms(open_bench("ThresholdUnit")) <= FRAME
