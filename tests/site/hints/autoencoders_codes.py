"""The hints of the explorables of codes and of their sparsity, played."""

from __future__ import annotations

from playwright.sync_api import Locator

from ..bench import picture, press, said, settle, sweep
from . import plays, share


@plays(
    "Drag the point to where there are no dots: is that a digit? Then go round, until it settles."
)
def code_plane(root: Locator) -> None:
    pad = root.locator(".gnb-pad")
    sweep(pad, (0.5, 0.5), (0.06, 0.06))
    gap = share(root, r"usual gap ([\d.]+)")
    assert share(root, r"Nearest code: ([\d.]+)") > 2 * gap  # a hole
    before = share(root, r"Round trip: ([\d.]+)")
    press(root, "Go round")
    settle(root.page)
    assert "after 1 round trip\n" in said(root)
    for _ in range(5):
        press(root, "20 times")
    assert share(root, r"Round trip: ([\d.]+)") < 0.05 * before


@plays("Turn the dial, and choose a picture. Then silence a unit: what does the picture lose?")
def sparsity_dial(root: Locator) -> None:
    on = r"(\d+) of \d+ units are on"
    dial = root.get_by_label("units on")
    dial.press("Home")
    sparse = share(root, on)
    dial.press("End")
    assert share(root, on) > sparse
    dial.press("Home")
    root.get_by_role("button", name="Picture 2").click()
    before, error = picture(root), share(root, r"Squared error ([\d.]+)")
    root.get_by_label("silence the unit").check()
    assert picture(root) != before
    assert share(root, r"([\d.]+) before it was silenced") == error
    assert share(root, r"Squared error ([\d.]+)") != error
