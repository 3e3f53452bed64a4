"""The hint of the explorable on Hopfield's memory, played."""

from __future__ import annotations

from playwright.sync_api import Locator

from ..bench import press, sweep
from . import await_words, plays, share


@plays(
    "Scribble over the letter and press Recall: the energy falls, and the letter comes back. "
    "Then store them all, and it is lost."
)
def memory_canvas(root: Locator) -> None:
    energy = r"energy (-?\d+\.\d)"
    sweep(root.locator(".gnb-sketch"), (0.1, 0.1), (0.9, 0.6), (0.3, 0.9))
    await_words(root, "Not settled")
    before = share(root, energy)
    press(root, "Recall")
    await_words(root, "Settled in H, a stored pattern")
    assert share(root, energy) < before - 20
    root.get_by_role("slider", name="stored").press("End")
    await_words(root, "Before the first flip")  # the scribble is back
    press(root, "Recall")
    await_words(root, "Settled in a spurious state")
