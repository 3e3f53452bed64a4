"""The hint of the perceptron in the plane, played."""

from __future__ import annotations

from playwright.sync_api import Locator

from ..bench import press
from . import await_words, plays, share


@plays("Choose XOR and press Play: the weights come back, forever. Flip a point, and it learns.")
def perceptron_plane(root: Locator) -> None:
    root.get_by_label("XOR", exact=True).check()
    press(root, "Play")
    back = r"The weights are where they were (\d+) mistakes ago: it goes around forever"
    period = share(root, back)
    count = share(root, r"^(\d+) mistakes")
    await_words(root, rf"^{count + period + 1:.0f} mistakes")
    assert share(root, back) == period
    press(root, "Flip class")
    await_words(root, "A whole pass without a mistake: the line separates them")
    await_words(root, r"At most .* mistakes")
