"""The dial of sparsity in Chromium: it computes what torch computes, and says so."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
import torch
from playwright.sync_api import Locator
from torch import nn

from gennb.widgets import Explorable, SparsityDial
from gennb.widgets.autoencoders.overcomplete import look
from gennb.widgets.autoencoders.pairs import pack_pair

from .bench import FRAME, answer_ms, changes, numbers, picture, press, said, settle

LOOK = """async ([networks, weights, x, unit, silent]) => {
    const { lookAt, readModels } = await import("./autoencoders/sparsity_dial.js");
    const bytes = Uint8Array.from(atob(weights), (c) => c.charCodeAt(0));
    return readModels(networks, new DataView(bytes.buffer)).map((model) => {
        const now = lookAt(model, Float32Array.from(x), unit, silent);
        return { ...now, code: [...now.code], rebuilt: [...now.rebuilt],
            filter: [...model.filter(now.unit - 1, now.code.length)] };
    });
}"""


@pytest.fixture
def dial(explorables: dict[str, Explorable]) -> SparsityDial:
    shown = explorables["SparsityDial"]
    assert isinstance(shown, SparsityDial)
    return shown


@pytest.mark.parametrize("unit", [0, 7])
@pytest.mark.parametrize("silent", [False, True])
def test_each_model_looks_as_in_torch(
    open_bench: Callable[..., Locator], unit: int, silent: bool
) -> None:
    torch.manual_seed(0)
    shape, x = (1, 6, 6), torch.rand(1, 6, 6)
    pairs = [
        pack_pair(nn.Sequential(*first, kind()), nn.Sequential(nn.Linear(20, 36), *after), shape)
        for first, kind, after in (
            ([nn.Linear(36, 20)], nn.ReLU, [nn.Sigmoid()]),
            ([nn.Flatten(), nn.Linear(36, 20)], nn.Sigmoid, []),
            ([nn.Conv2d(1, 5, 5), nn.Flatten()], nn.ReLU, [nn.Unflatten(1, shape), nn.Sigmoid()]),
        )
    ]
    weights = base64.b64encode(b"".join(pair.weights for pair in pairs)).decode()
    given = [[pair.specs for pair in pairs], weights, x.flatten().tolist(), unit, silent]
    for pair, now in zip(pairs, open_bench("SparsityDial").page.evaluate(LOOK, given), strict=True):
        expected = look(pair, x, unit, silent)
        for name in ("unit", "on"):
            assert now[name] == expected[name]
        for name in ("code", "rebuilt", "filter"):
            assert now[name] == pytest.approx(expected[name].flatten().tolist(), abs=1e-5)
        assert now["activation"] == pytest.approx(expected["activation"], abs=1e-5)
        assert now["error"] == pytest.approx(expected["error"], abs=1e-4)
        assert now["errorBefore"] == pytest.approx(expected["error_before"], abs=1e-4)


def test_it_says_the_numbers_of_python(open_bench: Callable[..., Locator]) -> None:
    dial, root = SparsityDial.example(), open_bench("SparsityDial")
    slider = root.locator("input[type=range]")
    for model, chosen, name in ((0, 1, "Home"), (1, 4, "ArrowRight"), (2, 9, "End")):
        slider.press(name)
        root.get_by_role("button", name=f"Picture {chosen}", exact=True).click()
        dial.model, dial.picture = model, chosen - 1
        for silent in (False, True):
            root.get_by_label("silence the unit").set_checked(silent)
            dial.silent = silent
            now, units = dial.numbers(), dial._pairs[0].units
            on, of, share, target, unit, activation, error, last = numbers(said(root))
            assert (on, of, unit) == (now["on"], units, now["unit"])
            assert share == pytest.approx(100 * now["on"] / units, abs=0.051)
            assert target == 100 * dial.targets[model]
            assert activation == pytest.approx(now["activation"], abs=0.0051)
            assert error == pytest.approx(now["error"], abs=0.0051)
            assert last == (pytest.approx(now["error_before"], abs=0.0051) if silent else 784)


def test_a_unit_is_chosen_by_pointing_or_by_keys(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("SparsityDial")
    field, name = root.locator(".gnb-units"), root.locator(".gnb-figure").last
    assert "most active: unit " in name.inner_text()
    field.press("Home")
    field.press("ArrowRight")
    assert said(root).split("\n")[1].startswith("Unit 1:")
    field.press("ArrowDown")
    assert said(root).split("\n")[1].startswith("Unit 7:")  # 36 units in rows of six
    assert "filter of unit 7\n" in name.inner_text()
    box = field.bounding_box()
    assert box is not None
    shown = picture(root)
    field.hover(position={"x": box["width"] * 0.99, "y": 2})
    assert said(root).split("\n")[1].startswith("Unit 6:")
    root.locator(".gnb-hint").hover()
    assert picture(root) == shown
    field.click(position={"x": 2, "y": box["height"] * 0.99})
    root.locator(".gnb-hint").hover()
    assert said(root).split("\n")[1].startswith("Unit 31:")


def test_only_a_unit_that_is_on_is_missed(open_bench: Callable[..., Locator]) -> None:
    root, seen = (
        open_bench("SparsityDial"),
        "root => root.querySelectorAll('canvas')[1].toDataURL()",
    )
    spoken = root.evaluate(seen)
    root.get_by_label("silence the unit").check()
    settle(root.page)
    assert root.evaluate(seen) != spoken
    for unit in range(1, 37):
        root.locator(".gnb-units").press("Home" if unit == 1 else "ArrowRight")
        if unit == 1:
            root.locator(".gnb-units").press("ArrowRight")
        off = "activation 0.00" in said(root)
        assert (root.evaluate(seen) == spoken) >= off


def test_pictures_are_chosen_and_reset(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("SparsityDial")
    opened, words = picture(root), said(root)
    fifth = root.get_by_role("button", name="Picture 5")
    assert changes(root, fifth.click)
    assert fifth.get_attribute("aria-pressed") == "true"
    assert root.locator(".gnb-start[aria-pressed=true]").count() == 1
    press(root, "Reset")
    assert (picture(root), said(root)) == (opened, words)


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_jumps_while_the_reader_plays(
    open_bench: Callable[..., Locator], dial: SparsityDial, width: int
) -> None:
    root = open_bench("SparsityDial", width=width)
    height = root.bounding_box()["height"]
    assert height == pytest.approx(dial.height[width < 480], abs=3)
    for key in ("Home", "ArrowRight", "End"):
        root.locator("input[type=range]").press(key)
        for silent in (True, False):
            root.get_by_label("silence the unit").set_checked(silent)
            for chosen in (1, 6, 10):
                root.get_by_role("button", name=f"Picture {chosen}", exact=True).click()
                assert root.bounding_box()["height"] == height, said(root)


def test_it_answers_within_a_frame(open_bench: Callable[..., Locator]) -> None:
    assert answer_ms(open_bench("SparsityDial")) <= FRAME
