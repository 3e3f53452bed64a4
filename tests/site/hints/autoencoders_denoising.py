"""The hints of the explorables on denoising, played."""

from __future__ import annotations

from playwright.sync_api import Locator

from ..bench import press, settle, sweep
from . import await_words, plays, share


@plays("Turn up the noise, or draw on the digit by hand. How much can the denoiser take?")
def noise_pad(root: Locator) -> None:
    wrong, left = r"On the pad: (\d+) of", r"Denoised: (\d+) differ"
    noise = root.get_by_role("slider", name="noise")
    noise.fill("0.3")
    assert share(root, left) < share(root, wrong)
    mended = share(root, left)
    noise.fill("0.9")
    assert share(root, left) > mended + 20  # so much is too much
    noise.fill("0")
    assert share(root, wrong) == 0
    sweep(root.locator(".gnb-sketch"), (0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9))
    assert share(root, wrong) > 50
    assert share(root, left) < share(root, wrong)  # a frame fits no digit


@plays(
    "Press Play, and the chain visits the data. Drag its state far away, let go, and it returns."
)
def manifold_walk(root: Locator) -> None:
    near = r"within 0\.\d+ of (\d+) of"
    press(root, "Play")
    await_words(root, r"Step 1\d:")
    assert share(root, near) > 0
    box, mouse = root.locator(".gnb-walk").bounding_box(), root.page.mouse
    assert box is not None
    mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"])
    mouse.down()
    mouse.move(box["x"] + 0.95 * box["width"], box["y"] + 0.05 * box["height"], steps=4)
    await_words(root, r"The chain has not moved yet")
    root.page.wait_for_timeout(300)
    await_words(root, r"The chain has not moved yet")  # it waits in the hand
    mouse.up()
    await_words(root, r"within 0\.\d+ of [1-9]\d* of")
    press(root, "Pause")
    settle(root.page)
