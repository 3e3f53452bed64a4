"""Every explorable in Chromium: it answers in time, by any hand, on any screen, and to any eye."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator

from gennb.widgets import Explorable

from ..explorables import NAMES
from .bench import ROOT, STARTED, changes, control, drag, settle, sweep, tick


@pytest.mark.parametrize("name", NAMES)
def test_answers_the_keyboard(open_bench: Callable[..., Locator], name: str) -> None:
    """With every slider, but for those that only rule what comes later, which their own tests try."""
    root = open_bench(name)
    control(root).press("ArrowLeft")
    for key in ("ArrowRight", "ArrowLeft"):
        assert changes(root, lambda key=key: root.page.keyboard.press(key)), key
    for slider in root.locator("input[type=range]:not([data-later])").all():
        slider.press("Home")
        for key in ("ArrowRight", "ArrowLeft"):
            assert changes(root, lambda key=key, slider=slider: slider.press(key)), slider


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", NAMES)
def test_answers_the_pointer(open_bench: Callable[..., Locator], name: str, width: int) -> None:
    root = open_bench(name, width=width)
    assert changes(root, lambda: drag(control(root)))
    for i, target in enumerate(root.locator(".gnb-draggable").all()):
        stroke = ((0.5, 0.5), (0.25 + 0.1 * i, 0.35))
        assert changes(root, lambda target=target, stroke=stroke: sweep(target, *stroke)), target


def test_fits_a_phone(open_bench: Callable[..., Locator]) -> None:
    page = open_bench("all", width=390).page
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    outside = page.evaluate(
        """[...document.querySelectorAll(".gnb :is(canvas, svg, input, button, p, span, td, label, legend)")]
            .filter((e) => {
                const box = e.getBoundingClientRect();
                return box.left < -1 || box.right > 391;
            }).map((e) => e.outerHTML)"""
    )
    assert outside == []


@pytest.mark.parametrize(("width", "place"), [(1280, 0), (390, 1)])
def test_reserved_height_is_about_right(
    open_bench: Callable[..., Locator], explorables: dict[str, Explorable], width: int, place: int
) -> None:
    roots = open_bench("all", width=width).all()
    for root, (name, widget) in zip(roots, explorables.items(), strict=True):
        height = root.bounding_box()["height"]
        assert height == pytest.approx(widget.height[place], rel=0.1), name


@pytest.mark.parametrize("scale", [1, 2])
def test_points_are_sharp_on_any_screen(open_bench: Callable[..., Locator], scale: int) -> None:
    page = open_bench("all", device_scale_factor=scale).page
    for root in page.locator(".gnb").all():
        tick(root)
    for points in page.locator("canvas.gnb-points").all():
        pixels, css = points.evaluate("c => [c.width, c.clientWidth]")
        assert pixels == pytest.approx(scale * css, abs=1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing(open_bench: Callable[..., Locator], scheme: str, width: int) -> None:
    page = open_bench("all", color_scheme=scheme, width=width).page
    for root in page.locator(".gnb").all():
        tick(root)
    found = Axe().run(page).response["violations"]
    assert not found, json.dumps(found, indent=1)[:3000]


@pytest.mark.parametrize("name", NAMES)
def test_colors_follow_the_theme(open_bench: Callable[..., Locator], name: str) -> None:
    root = open_bench(name, color_scheme="light")
    ink = "root => getComputedStyle(root).color"
    light, dark = root.evaluate(ink), "document.documentElement.dataset.theme = 'dark'"
    moved = changes(root, lambda: root.page.evaluate(dark))
    assert moved == (root.locator("canvas:is(.gnb-images, .gnb-points)").count() > 0)
    assert root.evaluate(ink) != light


def test_nothing_moves_by_itself(open_bench: Callable[..., Locator]) -> None:
    page = open_bench("all", reduced_motion="reduce").page
    assert page.evaluate("document.getAnimations().length") == 0
    moving = """[...document.querySelectorAll(".gnb, .gnb *")].filter((e) => {
        const style = getComputedStyle(e);
        return style.transitionDuration !== "0s" || style.animationName !== "none";
    }).length"""
    assert page.evaluate(moving) == 0


def test_focus_is_outlined(open_bench: Callable[..., Locator]) -> None:
    for focused in open_bench("all").locator("[tabindex='0']").all():
        focused.press("ArrowUp")
        assert focused.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"


def test_focus_is_seen_on_a_slider(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("FaceSliders")
    slider = root.locator("input[type=range]").first
    slider.scroll_into_view_if_needed()
    settle(root.page)
    before = slider.screenshot()
    root.page.keyboard.press("Tab")
    slider.focus()
    assert slider.screenshot() != before


def test_keys_stay_with_the_control_in_jupyterlab(open_bench: Callable[..., Locator]) -> None:
    """JupyterLab binds the arrow keys; it leaves alone what carries this attribute."""
    for root in open_bench("all").all():
        for each in root.locator("[tabindex], input[type=range]").all():
            each.focus()
            assert each.get_attribute("data-lm-suppress-shortcuts") == "true"


def test_still_pictures_without_scripts(
    open_bench: Callable[..., Locator], explorables: dict[str, Explorable]
) -> None:
    page = open_bench("all", java_script_enabled=False).page
    stills = page.locator(".gnb-explorable img").all()
    for still, widget in zip(stills, explorables.values(), strict=True):
        assert still.is_visible()
        assert still.get_attribute("alt") == widget.label != ""
        assert still.bounding_box()["width"] > 400


def test_a_broken_explorable_leaves_its_still_picture(browser: Browser, bench: str) -> None:
    page = browser.new_page()
    page.goto(f"{bench}broken.html")
    page.wait_for_function(STARTED)
    assert page.locator(".gnb").count() == len(NAMES) - 1  # the others stand
    first = page.locator(".gnb-explorable").first
    assert first.locator("img").is_visible()
    assert "still picture" in first.locator(".gnb-still-note").inner_text()
    page.close()


def test_the_loader_is_small() -> None:
    assert (ROOT / "book/_web/explorables.js").stat().st_size <= 3400
