"""The explorables of the autoencoders in Chromium: they compute what torch computes, and say so."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable

import pytest
import torch
from playwright.sync_api import Locator
from torch import nn

from gennb.widgets import ElboGap, Explorable, FaceSliders, GradientVariance, pack, unpack
from gennb.widgets.vae.gradient_variance import FUNCTIONS
from gennb.widgets.vae.latent_pad import random_decoder

from .bench import FRAME, calm, changes, numbers, picture, press, said, settle


def test_keys_walk_the_pad(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("LatentPad")
    pad = root.locator(".gnb-pad")
    pad.press("Home")
    assert numbers(said(root))[:3] == [0, 0, -1.84]  # z, and log p(z) in nats
    for key in ("ArrowRight", "Shift+ArrowUp", "ArrowDown"):
        pad.press(key)
    assert numbers(said(root))[:2] == [0.1, 0.4]
    for _ in range(10):
        pad.press("Shift+ArrowLeft")
    assert numbers(said(root))[:2] == [-3, 0.4]


def test_pad_names_the_nearest_class(
    open_bench: Callable[..., Locator], explorables: dict[str, Explorable]
) -> None:
    pad = explorables["LatentPad"]
    codes = torch.frombuffer(bytearray(pad.codes), dtype=torch.float16).float().reshape(-1, 2)
    labels = torch.frombuffer(bytearray(pad.labels), dtype=torch.uint8).long()
    nearest = (codes - torch.tensor(pad.z)).norm(dim=1).argsort()[:15]
    votes = labels[nearest].bincount(minlength=10)
    words = re.search(r"(\d+) of the 15 nearest codes: (\d)", said(open_bench("LatentPad")))
    count, winner = words.groups()
    assert int(count) == votes.max()
    assert votes[int(winner)] == votes.max()


def test_codes_can_be_shown_and_one_class_brought_out(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("LatentPad")
    root.get_by_label("encoded test images").check()
    points = "root => root.querySelector('.gnb-points').toDataURL()"
    settle(root.page)
    shown = root.evaluate(points)
    root.get_by_role("button", name="3", exact=True).click()
    assert root.evaluate(points) != shown
    root.get_by_role("button", name="3", exact=True).click()
    assert root.evaluate(points) == shown


@pytest.mark.parametrize(
    ("dtype", "tolerance"), [("float32", 1e-5), ("float16", 2e-2), ("int8", 2e-2)]
)
@pytest.mark.parametrize(
    ("make", "shape"),
    [
        (lambda: random_decoder(400, 28 * 28), (2,)),
        (lambda: FaceSliders._example()["decoder"], (16,)),
        (lambda: nn.Sequential(FaceSliders._example()["encoder"], nn.Sigmoid()), (3, 32, 32)),
    ],
    ids=["dense", "conv-decoder", "conv-encoder"],
)
def test_javascript_agrees_with_torch(
    open_bench: Callable[..., Locator],
    make: Callable[[], nn.Module],
    shape: tuple[int, ...],
    dtype: str,
    tolerance: float,
) -> None:
    torch.manual_seed(3)
    module, x = make(), torch.randn(20, *shape)
    spec, weights = pack(module, shape, dtype)
    answer = torch.tensor(
        open_bench("LatentPad").page.evaluate(
            """async ([spec, weights, inputs]) => {
            const { unpackNetwork } = await import("./kit/network.js");
            const bytes = Uint8Array.from(atob(weights), (c) => c.charCodeAt(0));
            const network = unpackNetwork(spec, new DataView(bytes.buffer));
            return inputs.map((x) => [...network.run(x)]);
        }""",
            [spec, base64.b64encode(weights).decode(), x.flatten(1).tolist()],
        )
    )
    with torch.no_grad():
        assert (answer - module(x).flatten(1)).abs().max() <= tolerance
        assert (answer - unpack(spec, weights)(x).flatten(1)).abs().max() <= 1e-5


def test_faces_agree_with_torch(
    open_bench: Callable[..., Locator], explorables: dict[str, Explorable]
) -> None:
    faces = explorables["FaceSliders"]
    root = open_bench("FaceSliders")
    root.locator("input[type=range]").nth(1).fill("-1.5")
    root.get_by_label("cover the mouth").check()
    root.get_by_label("blur the mouth").check()
    settle(root.page)
    looked = faces.look([0, -1.5, 0, 0], covered=True, blurred=True)
    clear = faces.look([0, -1.5, 0, 0])
    for row, now, was in zip(
        root.locator(".gnb-width").all(), looked["widths"], clear["widths"], strict=True
    ):
        assert [float(v) for v in re.findall(r"[\d.]+", row.inner_text())] == pytest.approx(
            [now.item(), was.item()], abs=0.006
        )
    for canvas, image in zip(
        root.locator("canvas").all(), (looked["seen"], looked["rebuilt"]), strict=True
    ):
        drawn = canvas.evaluate(
            "c => [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]"
        )
        drawn = torch.tensor(drawn).reshape(32, 32, 4)[..., :3].permute(2, 0, 1) / 255
        assert (drawn - image).abs().max() <= 1 / 255


def test_gap_shows_the_numbers_of_python(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("ElboGap")
    for slider, value in zip(
        root.locator("input[type=range]").all(), ("1.1", "0.7", "-0.8"), strict=True
    ):
        slider.fill(value)
    nats = ElboGap(mean=1.1, std=0.7, x=-0.8).numbers()
    shown = numbers(said(root))
    assert shown == pytest.approx([nats[k] for k in ("evidence", "elbo", "gap")], abs=0.0051)


def test_evidence_does_not_move_with_q(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("ElboGap")
    width = "root => root.querySelector('.gnb-pieces .gnb-piece-evidence').style.width"
    before = root.evaluate(width)
    assert changes(root, lambda: root.locator("input[type=range]").first.fill("1.7"))
    assert root.evaluate(width) == before


def test_variances_agree_with_torch(open_bench: Callable[..., Locator]) -> None:
    u = torch.rand(12, 3, generator=torch.Generator().manual_seed(0)).double()
    settings = [
        {"f": f, "k": 0.2 + 9.8 * a, "mean": 6 * b - 3, "std": 0.2 + 1.8 * c, "baseline": i > 5}
        for i, ((a, b, c), f) in enumerate(zip(u.tolist(), 3 * list(FUNCTIONS), strict=True))
    ]
    answers = open_bench("GradientVariance").page.evaluate(
        """async (settings) => {
            const { gradientNumbers } = await import("./vae/gradient_variance.js");
            return settings.map(gradientNumbers);
        }""",
        settings,
    )
    for at, answer in zip(settings, answers, strict=True):
        assert answer == pytest.approx(GradientVariance(**at).numbers(), rel=1e-6, abs=1e-9)


def test_a_faster_cosine_turns_the_tables(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("GradientVariance")
    assert said(root).startswith("Variance 0.048 against 0.50: one pathwise roll is worth 10 of")
    root.get_by_label("k", exact=True).fill("1")  # with the numbers that the page prints
    assert said(root).startswith("Variance 0.30 against 0.41: one score-function roll is worth")
    root.get_by_label("width of q").fill("0.5")
    assert said(root).startswith("Variance 0.18 against 1.93: one pathwise roll")
    root.get_by_label("width of q").fill("1")
    root.get_by_label("k", exact=True).fill("10")
    assert said(root).startswith("Variance 0.50 against 50.0: one score-function roll is worth 100")
    root.get_by_label("pixels").check()
    root.get_by_label("mean of q").fill("0")
    assert said(root).startswith("Variance 84.3 against 300: one pathwise roll")
    root.get_by_label("best baseline c").check()
    assert said(root).startswith("Variance 45.3 against 84.3: one score-function roll")


def test_rolls_add_up_and_average_to_the_exact_slope(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("GradientVariance")
    opened, shown = said(root), picture(root)
    press(root, "Roll the die")
    output = root.locator("output").element_handle()
    root.page.wait_for_function("o => o.textContent.includes('20,000 rolls')", arg=output)
    assert root.get_by_role("button", name="Roll the die").is_visible()  # the end stops it
    _, path, path_error, score, score_error, exact = numbers(said(root).split("\n")[1])
    assert abs(path - exact) < 4 * path_error < 4 * score_error
    assert abs(score - exact) < 4 * score_error
    at = GradientVariance().numbers()
    assert score_error == pytest.approx((at["score"] / 20_000) ** 0.5, rel=0.1)
    root.get_by_label("s(kz)").check()
    press(root, "Reset")
    assert (said(root), picture(root)) == (opened, shown)


def test_scrubber_plays_and_pauses(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("Scrubber", reduced_motion="reduce")
    page, output = root.page, root.locator("output").element_handle()
    assert "step 1,000" in said(root)
    page.wait_for_timeout(900)
    assert "step 1,000" in said(root)  # nothing plays unasked
    press(root, "Play the training")
    page.wait_for_function("o => o.textContent.includes('step 10,')", arg=output)
    press(root, "Pause")
    paused = said(root)
    page.wait_for_timeout(900)
    assert said(root) == paused


@pytest.mark.parametrize(
    ("make", "latent", "parameters"),
    [
        (lambda: random_decoder(900, 28 * 28), 2, 7e5),
        (lambda: FaceSliders._example()["decoder"], 16, 5.9e4),
    ],
    ids=["dense", "convolution"],
)
def test_a_decoder_runs_within_a_frame(
    open_bench: Callable[..., Locator],
    make: Callable[[], nn.Module],
    latent: int,
    parameters: float,
) -> None:
    module = make()
    assert sum(p.numel() for p in module.parameters()) >= 0.99 * parameters
    spec, weights = pack(module, latent, "int8")
    times = open_bench("LatentPad").page.evaluate(
        """async ([spec, weights, latent]) => {
            const { unpackNetwork } = await import("./kit/network.js");
            const bytes = Uint8Array.from(atob(weights), (c) => c.charCodeAt(0));
            const network = unpackNetwork(spec, new DataView(bytes.buffer));
            return Array.from({ length: 50 }, () => {
                const z = Array.from({ length: latent }, () => 2 * Math.random() - 1);
                const start = performance.now();
                network.run(z);
                return performance.now() - start;
            });
        }""",
        [spec, base64.b64encode(weights).decode(), latent],
    )
    print(f"{calm(times):.2f} ms")
    assert calm(times) <= FRAME
