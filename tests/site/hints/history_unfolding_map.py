"""The hint of the map that unfolds, played."""

from __future__ import annotations

from playwright.sync_api import Locator

from ..bench import press
from . import await_words, plays, share


@plays(
    "Press Play: the net unfolds. Then set the first radius to 0.5 and play again: it ends in a tangle."
)
def unfolding_map(root: Locator) -> None:
    tangled, over = r"([\d,]+) pairs of lines cross: the net is folded", r"^3,000 of 3,000 examples"
    await_words(root, tangled)
    root.get_by_role("slider", name="examples a second").press("End")
    press(root, "Play")
    await_words(root, over)
    await_words(root, "No two lines cross: the net lies flat")
    assert share(root, r"Topographic error (\d+\.\d) %") < 1
    root.get_by_role("slider", name="first radius").fill("0.5")
    await_words(root, r"^0 of 3,000 examples: radius 0\.50")
    press(root, "Play")
    await_words(root, over)
    await_words(root, tangled)
    assert share(root, r"Topographic error (\d+\.\d) %") > 10
