"""The hints of the Boltzmann machines, played."""

from __future__ import annotations

from playwright.sync_api import Locator

from ..bench import press, said, settle
from . import await_words, plays, share

VARIATION = r"total variation (\d\.\d+) from"


@plays("Press Play, and wait until the bars agree. Then heat the machine.")
def four_units(root: Locator) -> None:
    press(root, "Play")
    await_words(root, r"total variation 0\.0[0-4]")
    flips = set()
    for _ in range(12):  # the bars stand, the units do not
        flips.add(said(root).split("sweep ")[1][0])
        root.page.wait_for_timeout(60)
    assert len(flips) > 1
    root.get_by_label("temperature").press("End")
    assert share(root, r"After ([\d]+) sweeps") < 500  # the count begins anew
    await_words(root, r"total variation 0\.0[0-4]")
    press(root, "Pause")
    settle(root.page)
