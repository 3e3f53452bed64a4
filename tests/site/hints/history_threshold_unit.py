"""The hint of the threshold unit, played."""

from __future__ import annotations

from playwright.sync_api import Locator

from ..bench import press, said
from . import plays, share


@plays(
    "Make it a majority vote: all 8 rows agree. Then try exactly one: how many can you get right?"
)
def threshold_unit(root: Locator) -> None:
    assert "All 8 rows" not in said(root)
    root.get_by_role("slider", name="threshold").press("ArrowRight")
    assert "It computes the majority.\nAll 8 rows agree with the goal." in said(root)
    root.get_by_label("exactly one").check()
    assert "no unit" not in said(root)
    root.get_by_role("slider", name="threshold").press("ArrowLeft")
    for name in "bc":  # a alone, unless another one is there
        root.get_by_role("group", name=f"what {name} does").get_by_label("veto").check()
    assert share(root, r"(\d) of 8 rows agree: no unit of this kind does better") < 8
    press(root, "a = 1")
    assert said(root).startswith("0 active synapses")
