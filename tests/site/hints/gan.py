"""The hints of the adversarial games, played."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Locator

from ..bench import changes, numbers, press, said, settle, sweep
from . import await_words, plays, share

VARIATION = r"total variation (\d\.\d+)"


@contextmanager
def hold(handle: Locator, dx: float) -> Iterator[None]:
    """Drag a handle so many pixels to the right; hold it meanwhile, then let go."""
    handle.scroll_into_view_if_needed()
    box, mouse = handle.bounding_box(), handle.page.mouse
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + dx, y, steps=5)
    yield
    mouse.up()


@plays(
    "Press Play. Once the generator has found the data, drag a hump away, let go, and see who notices first."
)
def duel(root: Locator) -> None:
    press(root, "Play")
    await_words(root, r"total variation 0\.[012]")
    width = root.locator(".gnb-duel .gnb-plot").bounding_box()["width"]
    with hold(root.get_by_role("slider", name="Hump 2 of the data"), 0.15 * width):
        root.page.wait_for_timeout(500)
        waits = said(root)
        assert share(root, VARIATION) > 0.3
        root.page.wait_for_timeout(500)
        assert said(root) == waits
    when = r"(at once|after \d+ round)"
    answer = await_words(root, f"saw half of the change {when}.*G made up half of it {when}")
    saw, followed = (sum(map(int, re.findall(r"\d+", part))) for part in answer.groups())
    assert saw <= followed
    press(root, "Pause")


@plays(
    "Draw D through its handles and raise V(D) as far as you can. Then make D the best, and move the model."
)
def optimal_discriminator(root: Locator) -> None:
    plots = root.locator(".gnb-plot")
    value, best, *_ = numbers(said(root))
    sweep(plots.nth(1), (0.02, 0.2), (0.98, 0.9))
    drawn = numbers(said(root))[0]
    assert value < drawn < best
    press(root, "Make D the best")
    for dx in (-40, 90):
        with hold(root.locator(".gnb-handle.gnb-hue-model"), dx):
            pass
        value, ceiling, *_ = numbers(said(root))
        assert value == ceiling != best
        best = ceiling


@plays("Drag the model away from the data. Then make both narrow, and look on a logarithmic scale.")
def loss_gradients(root: Locator) -> None:
    sweep(root.locator(".gnb-plot").first, (0.66, 0.5), (0.9, 0.5))
    assert share(root, r"(\d\.\d) widths away") > 5
    root.get_by_label("width s").press("Home")
    await_words(root, "the minimax loss are flat here")
    assert changes(root, root.get_by_label("logarithmic").check)
    dots = root.locator(".gnb-point:visible")
    assert dots.count() >= 4  # a millionth is out of sight, the others are not


@plays(
    "Play the training, or scrub through it by slider or on the curve. Every dot is one piece of noise throughout."
)
def ring_scrubber(root: Locator) -> None:
    assert said(root).startswith("Round 0\n")
    slider = root.locator("input[type=range]")
    slider.press("End")
    settle(root.page)
    last = said(root).split("\n")[0]
    slider.press("Home")
    press(root, "Play the training")
    await_words(root, rf"^{last}\n")
    assert changes(root, lambda: slider.press("Home"))
    assert changes(root, lambda: sweep(root.locator(".gnb-plot"), (0.3, 0.5), (0.6, 0.5)))


@plays("Drag the perfect model to more samples until it wins. Then raise the dimension.")
def sample_size(root: Locator) -> None:
    plot, ring = root.locator(".gnb-plot"), root.locator(".gnb-handle.gnb-hue-own")
    assert share(root, r"loses (\d+) times of \d+\.$") > 0
    plot.scroll_into_view_if_needed()
    box, at = plot.bounding_box(), ring.bounding_box()
    start = (at["x"] + at["width"] / 2 - box["x"]) / box["width"]
    sweep(plot, (start, 0.5), (start + 0.25, 0.5))
    assert share(root, r"loses (\d+) times of \d+\.$") == 0
    root.get_by_label("dimension d").fill("16")
    assert share(root, r"loses (\d+) times of \d+\.$") > 0
