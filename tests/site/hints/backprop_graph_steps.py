"""The hint of the calculation in steps, played."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from ..bench import press, said, settle
from . import plays


@plays("Step to the end: the slope of b comes in two parts. Then move a: only one of them changes.")
def graph_steps(root: Locator) -> None:
    slope = root.locator(".gnb-number").filter(has_text=re.compile("^b")).locator(".gnb-slope")
    for _ in range(4):
        press(root, "Next step")
    expect(slope).to_have_text("slope 3.00 + 1.00")
    assert "The slopes of the result: a 1.00, b 4.00." in said(root)
    root.get_by_role("slider", name="a", exact=True).press("ArrowRight")
    settle(root.page)
    expect(slope).to_have_text("slope 3.10 + 1.00")
