"""The hints of the autoencoders, played."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator

from ..bench import changes, drag, numbers, press, said, settle, sweep
from . import await_words, plays, share


@plays("Drag the peak of q, sideways and up or down, or use the sliders. Make the bars short.")
def elbo_gap(root: Locator) -> None:
    lengths = """root => [...root.querySelectorAll(".gnb-pieces")].map((bar) =>
        [...bar.children].reduce((sum, piece) => sum + piece.getBoundingClientRect().width, 0))"""
    peak = """root => {
        const d = root.querySelector(".gnb-graph-line.gnb-hue-posterior").getAttribute("d");
        const points = [...d.matchAll(/(-?[\\d.]+) (-?[\\d.]+)/g)].map((m) => [m[1] / 1000, m[2] / 1000]);
        return points.reduce((a, b) => (b[1] < a[1] ? b : a));
    }"""
    before, gap = root.evaluate(lengths), share(root, r"gap (\d\.\d+)")
    handle = root.locator(".gnb-bells .gnb-handle").evaluate(
        "e => [parseFloat(e.style.left) / 100, parseFloat(e.style.top) / 100]"
    )
    sweep(root.locator(".gnb-bells .gnb-plot"), tuple(handle), tuple(root.evaluate(peak)))
    settle(root.page)
    after = root.evaluate(lengths)
    assert share(root, r"gap (\d\.\d+)") < min(0.02, gap)
    assert max(after) < min(before)
    assert after[0] == pytest.approx(after[1], abs=1)


def walk(root: Locator) -> None:
    pad = root.locator(".gnb-pad")
    before = numbers(said(root))[:2]
    assert changes(root, lambda: drag(pad))
    dragged = numbers(said(root))[:2]
    pad.focus()
    assert changes(root, lambda: root.page.keyboard.press("ArrowRight"))
    assert before != dragged != numbers(said(root))[:2]


@plays(
    "Drag the point, or focus the pad and use the arrow keys. Pin it, then walk away from the pin."
)
def latent_pad(root: Locator) -> None:
    walk(root)
    ends = "root => [...root.querySelectorAll('.gnb-strip canvas')].map((c) => c.toDataURL())"
    press(root, "Pin the point here")
    settle(root.page)
    assert len(set(root.evaluate(ends))) == 1
    for _ in range(4):
        root.locator(".gnb-pad").press("Shift+ArrowLeft")
    settle(root.page)
    assert len(set(root.evaluate(ends))) > 4


@plays("Drag the point, or focus the square and use the arrow keys.")
def first_pad(root: Locator) -> None:
    walk(root)


@plays(
    "Play the training, or scrub through it. Then raise β, and see the KL press the codes together."
)
def scrubber(root: Locator) -> None:
    step, beta = root.get_by_label("training step"), root.get_by_label("weight β")
    last = step.get_attribute("aria-valuetext")
    kl, codes = r"KL (\d+\.\d)", "root => root.querySelector('.gnb-points').toDataURL()"
    assert share(root, kl) > 0.5  # it opens where the codes say something
    press(root, "Play the training")
    await_words(root, rf"^step (?!{last},)")
    await_words(root, rf"^step {last},")
    assert changes(root, lambda: step.press("ArrowLeft"))
    step.press("End")
    before, seen = share(root, kl), root.evaluate(codes)
    for _ in range(int(beta.get_attribute("max")) - int(beta.input_value())):
        beta.press("ArrowRight")
        settle(root.page)
        assert share(root, kl) < before
        before = share(root, kl)
    assert root.evaluate(codes) != seen


@plays("Move a slider and watch the face. Then cover the mouth: which bell grows wider?")
def face_sliders(root: Locator) -> None:
    assert changes(root, lambda: root.locator("input[type=range]").first.press("ArrowRight"))
    root.get_by_label("cover the mouth").check()
    await_words(root, "changed most")
    widths = [
        [float(v) for v in re.findall(r"\d+\.\d+", row.inner_text())]
        for row in root.locator(".gnb-width").all()
    ]
    assert any(now > was for now, was in widths)


@plays("Raise k until the other one is. Then roll the die, take another f, or drag q sideways.")
def gradient_variance(root: Locator) -> None:
    await_words(root, "one pathwise roll")
    faster = root.get_by_label("k", exact=True)
    while "one pathwise roll" in said(root):
        faster.press("ArrowRight")
    await_words(root, "one score-function roll")
    press(root, "Roll the die")
    await_words(root, r"\d,\d{3} rolls")
    press(root, "Pause")
    assert changes(root, lambda: root.get_by_label("s(kz)").check())
    assert changes(root, lambda: drag(root.locator(".gnb-plot").first))
