"""A finger on every explorable: swipes scroll the page, and only what is meant as a drag or a tap moves anything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator

from ..explorables import NAMES
from .bench import picture, settle, touch

STATE = """root => [...root.querySelectorAll("input, .gnb-dot, .gnb-cursor, output")]
    .map((e) => `${e.value} ${e.style.left} ${e.style.top} ${e.checked}`).join()"""
HALF = "e => e.matches('input') && Number(e.value) < (Number(e.min) + Number(e.max)) / 2"
ALL = ".gnb-draggable, input[type=range]"
TAKEN_ALONG = '.gnb-hump, [aria-label*="Drag a peak"]'  # from where they are
SCROLLED, CHANGED = (True, False), (False, True)
RESTS = 350  # milliseconds


@pytest.fixture
def open_phone(open_bench: Callable[..., Locator]) -> Callable[[str], Locator]:
    """Open an explorable on a phone, on a page that has room to scroll."""

    def open_page(name: str) -> Locator:
        root = open_bench(name, width=390, has_touch=True, is_mobile=True)
        root.page.add_style_tag(content="body { padding-bottom: 1500px }")
        return root

    return open_page


def does(root: Locator, target: Locator, *moves: tuple[float, float], rest: int = 0) -> Any:
    """Whether a finger far from a slider's thumb scrolls the page, and whether it changes the explorable."""

    def now() -> tuple[float, str]:
        settle(root.page)
        return root.page.evaluate("scrollY"), picture(root) + root.evaluate(STATE)

    target.evaluate("e => e.scrollIntoView({ block: 'center' })")
    before = now()
    touch(target, *moves, at=0.92 if target.evaluate(HALF) else 0.08, rest=rest)
    after = now()
    return before[0] != after[0], before[1] != after[1]


@pytest.mark.parametrize("name", NAMES)
def test_only_what_is_meant_moves(open_phone: Callable[[str], Locator], name: str) -> None:
    """Sliders are all alike: after the first one, a swipe is enough."""
    root, sliders = open_phone(name), 0
    for target in root.locator(ALL).all():
        # While others work on the same cores, a swipe may take so long that it is a rest.
        swipes = (does(root, target, (10, -160)) for _ in range(3))
        assert SCROLLED in swipes, f"swipe on {target}"
        sliders += target.evaluate("e => e.matches('input')")
        if sliders > 1:
            continue
        assert does(root, target, (20, -5)) == CHANGED, f"drag aside on {target}"
        assert does(root, target, (-30, 0), (0, -90)) == CHANGED, f"aside, then up on {target}"
        held = does(root, target, (0, -90), (20, 0), rest=RESTS)
        assert held == CHANGED, f"up after a rest on {target}"
        if not target.evaluate(f"e => e.matches(`{TAKEN_ALONG}`)"):
            assert does(root, target) == CHANGED, f"tap on {target}"


def test_a_held_finger_takes_a_point_both_ways(open_phone: Callable[[str], Locator]) -> None:
    root = open_phone("LatentPad")
    pad = root.locator(".gnb-pad")
    pad.evaluate("e => e.scrollIntoView({ block: 'center' })")
    places = []
    for moves in [(0, -60)], [(0, 60)], [(60, 0), (0, 60)]:
        touch(pad, *moves, rest=RESTS)
        settle(root.page)
        place = root.locator(".gnb-handle").bounding_box()
        assert place is not None
        places.append((place["x"], place["y"]))
    (x, y), down, both = places
    assert down == pytest.approx((x, y + 120), abs=2)
    assert both == pytest.approx((x + 60, y + 120), abs=2)
