"""The hints of the Boltzmann machines, played."""

from __future__ import annotations

from playwright.sync_api import Locator

from ..bench import picture, press, said, settle, sweep
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


@plays(
    "Draw a digit or begin with one below, and press Play. Then heat the machine, and it forgets."
)
def digit_chain(root: Locator) -> None:
    differ = r"(\d+) of \d+ pixels differ"
    root.get_by_role("button", name="Begin with picture 2").click()
    begun = picture(root)
    sweep(root.locator(".gnb-sketch"), (0.3, 0.3), (0.6, 0.3), (0.5, 0.7))
    assert picture(root) != begun
    press(root, "Play")
    await_words(root, r"Step [3-9]")
    kept = share(root, differ)
    root.get_by_label("temperature").press("End")
    root.get_by_label("steps a second").press("End")
    await_words(root, r"Step [4-9]\d")
    assert share(root, differ) > max(150, kept + 40)  # half the pixels would differ by chance
    press(root, "Pause")


@plays("Press Play and watch the two tall bars. When they are level, let the chains go on.")
def contrastive_steps(root: Locator) -> None:
    press(root, "Play")
    await_words(root, r"machine 0\.[45]\d, data 0\.80")
    root.get_by_label("chains go on").check()
    await_words(root, r"machine 0\.(7[5-9]|8\d), data 0\.80")
    press(root, "Pause")
    settle(root.page)
