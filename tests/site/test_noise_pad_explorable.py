"""What the pad of noise computes, against torch, and how it plays."""

from __future__ import annotations

import base64
import math
from collections.abc import Callable

import pytest
import torch
from playwright.sync_api import Locator

from gennb.widgets import Explorable, unpack
from gennb.widgets.autoencoders.mending import sprinkle
from gennb.widgets.kit.maths import uniform
from gennb.widgets.kit.pictures import from_rows

from .bench import (
    FRAME,
    answer_ms,
    calm,
    changes,
    numbers,
    picture,
    press,
    said,
    settle,
    sweep,
    tall,
    touch,
)

UNIFORM = """async ([seed, count]) => {
    const { uniform } = (await import("./kit/maths.js")).random(seed);
    return Array.from({ length: count }, uniform);
}"""

SPRINKLE = """async ([clean, shares]) => {
    const { sprinkle } = await import("./autoencoders/noise_pad.js");
    const noise = (share, seed = 1) => ({ seed, share }), paper = Uint8Array.from(clean);
    const noisy = shares.map((share) => sprinkle(paper, paper, noise(share))), drawn = noisy[0].slice();
    const over = sprinkle(noisy[0], paper, noise(shares[1]), noise(shares[0]));
    const off = sprinkle(noisy[0], paper, noise(0, 2), noise(shares[0]));
    drawn[0] = 1 - drawn[0];
    const kept = sprinkle(drawn, paper, noise(0))[0] === drawn[0];
    return [noisy.map((x) => [...x]), [...over], [...off], kept];
}"""

DISTANCE = """async ([network, weights, x, clean]) => {
    const { distance } = await import("./autoencoders/noise_pad.js");
    const { unpackNetwork } = await import("./kit/network.js");
    const view = new DataView(Uint8Array.from(atob(weights), (c) => c.charCodeAt(0)).buffer);
    const { run } = unpackNetwork(network, view), own = Uint8Array.from(clean), once = [...run(x)];
    return [once, distance(x, own), distance(once, own), distance(run(once), own)];
}"""


@pytest.mark.parametrize("seed", [1, 2, 9999])
def test_python_and_the_page_draw_the_same_numbers(
    open_bench: Callable[..., Locator], seed: int
) -> None:
    drawn = open_bench("NoisePad").page.evaluate(UNIFORM, [seed, 2000])
    assert drawn == uniform(seed, 2000).tolist()


def test_the_page_puts_the_noise_of_python_on_and_takes_it_off(
    open_bench: Callable[..., Locator], explorables: dict[str, Explorable]
) -> None:
    clean = from_rows(explorables["NoisePad"].starts[2], 28)
    shares = [0.5, 0.37, 0.0, 1.0]
    noisy, over, off, kept = open_bench("NoisePad").page.evaluate(
        SPRINKLE, [clean.flatten().tolist(), shares]
    )
    for pixels, share in zip(noisy, shares, strict=True):
        assert pixels == sprinkle(clean, share).flatten().tolist()
    assert over == noisy[1]
    assert off == clean.flatten().tolist()
    assert kept


@torch.no_grad()
def test_the_readout_is_what_torch_computes(
    open_bench: Callable[..., Locator], explorables: dict[str, Explorable]
) -> None:
    shown = explorables["NoisePad"]
    denoiser, given = unpack(shown.network, shown.weights), shown.picture().reshape(1, -1)
    clean = from_rows(shown.starts[0], 28).reshape(1, -1)

    def psnr(x: torch.Tensor) -> float:
        return -10 * math.log10(float((x - clean).double().square().mean()))

    root = open_bench("NoisePad")
    answers = [given, denoiser(given), denoiser(denoiser(given))]
    once, *found = root.page.evaluate(
        DISTANCE,
        [
            shown.network,
            base64.b64encode(shown.weights).decode(),
            *(x[0].tolist() for x in (given, clean)),
        ],
    )
    assert once == pytest.approx(answers[1][0].tolist(), abs=1e-5)
    for x, said_of_it in zip(answers, found, strict=True):
        differ = int(((x > 0.5) != (clean > 0.5)).sum())
        assert said_of_it == {"differ": differ, "psnr": pytest.approx(psnr(x), abs=1e-3)}
    before, after, again = (each.values() for each in found)
    pad_wrong, pad_psnr = before

    def shows(each: object) -> None:
        wrong, decibels = each  # type: ignore[misc]
        read = numbers(said(root))
        assert read == pytest.approx([pad_wrong, 784, pad_psnr, wrong, decibels], abs=0.051)

    shows(after)
    press(root, "Again")
    shows(again)
    assert "denoised 2 times" in root.inner_text()


def test_noise_comes_and_goes(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("NoisePad")
    noise = root.get_by_role("slider", name="noise")
    opened = picture(root)
    noise.press("Home")
    assert said(root).startswith("On the pad: 0 of 784 pixels differ from the clean digit, PSNR ∞")
    noise.fill("0.25")
    assert picture(root) == opened  # the same pixels again
    assert changes(root, lambda: press(root, "Sprinkle"))
    wrong = numbers(said(root))[0]
    assert wrong == pytest.approx(98, abs=25)  # half of the pixels that the noise takes
    press(root, "Again")
    assert changes(root, root.get_by_role("button", name="Begin with picture 4").click)
    assert "denoised\n" in root.inner_text() + "\n"
    assert numbers(said(root))[0] == pytest.approx(98, abs=25)
    noise.press("Home")
    assert numbers(said(root))[0] == 0


def test_strokes_are_noise_too_and_stay(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("NoisePad")
    noise, pad = root.get_by_role("slider", name="noise"), root.locator(".gnb-sketch")
    noise.press("Home")
    sweep(pad, (0.1, 0.05), (0.9, 0.05))
    line = numbers(said(root))[0]
    assert line == pytest.approx(2 * 0.8 * 28, abs=6)
    noise.fill("0.02")
    noise.press("Home")
    assert line - 4 <= numbers(said(root))[0] <= line
    root.get_by_label("eraser").check()
    sweep(pad, (0.05, 0.05), (0.95, 0.05))
    assert numbers(said(root))[0] < 6


def test_an_empty_pad_has_no_clean_digit(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("NoisePad")
    press(root, "Clear")
    assert said(root).startswith("On the pad: 0 of 784 pixels are ink; there is no clean digit")
    assert "PSNR" not in said(root)
    sweep(root.locator(".gnb-sketch"), (0.2, 0.2), (0.8, 0.2))
    assert numbers(said(root))[0] > 20
    root.get_by_role("slider", name="noise").fill("0.5")
    assert numbers(said(root))[0] == pytest.approx(0.25 * 784 + 15, abs=40)


@pytest.mark.parametrize("width", [1280, 390])
def test_its_height_never_changes(
    open_bench: Callable[..., Locator], explorables: dict[str, Explorable], width: int
) -> None:
    root = open_bench("NoisePad", width=width, has_touch=width < 500, is_mobile=width < 500)
    height = tall(root)
    assert height == pytest.approx(explorables["NoisePad"].height[width < 500], abs=2)
    for act in (
        lambda: root.get_by_role("slider", name="noise").fill("1"),
        lambda: press(root, "Again"),
        lambda: root.get_by_role("slider", name="noise").fill("0"),
        lambda: press(root, "Clear"),
        lambda: sweep(root.locator(".gnb-sketch"), (0.1, 0.1), (0.9, 0.9)),
        lambda: [press(root, "Again") for _ in range(12)],
    ):
        act()
        assert tall(root) == height


def test_a_finger_draws(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("NoisePad", width=390, has_touch=True, is_mobile=True)
    root.get_by_role("button", name="Clear").tap()
    touch(root.locator(".gnb-sketch"), at=0.5)
    settle(root.page)
    assert numbers(said(root))[0] == 4


def test_a_large_denoiser_answers_within_a_frame(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("NoisePad")
    assert answer_ms(root) <= FRAME
    times = root.page.evaluate(
        """async () => {
            const { unpackNetwork } = await import("./kit/network.js");
            const linear = (out, into) => ({ op: "linear", shape: [out], weight: [out, into], dtype: "int8" });
            const relu = { op: "relu", shape: [256] }, sigmoid = { op: "sigmoid", shape: [784] };
            const bytes = new DataView(new ArrayBuffer(2 * 256 * 784 + 8 * (256 + 784)));
            const { run } = unpackNetwork([linear(256, 784), relu, linear(784, 256), sigmoid], bytes);
            return Array.from({ length: 30 }, () => {
                const start = performance.now();
                for (let k = 0; k < 9; k++) run(new Float32Array(784));
                return performance.now() - start;
            });
        }"""
    )
    assert calm(times) <= FRAME
