"""What the walk over a density computes, against torch, and how it plays."""

from __future__ import annotations

import base64
from collections.abc import Callable

import numpy as np
import pytest
import torch
from playwright.sync_api import Locator

from gennb.widgets import Explorable
from gennb.widgets.autoencoders.maps import unpack_maps

from .bench import FRAME, changes, frame_ms, numbers, picture, press, said, settle, sweep, tall

VIEW = """const view = (text) => new DataView(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
    const { unpackNetwork } = await import("./kit/network.js"), { readPoints } = await import("./kit/plane.js");
    const walk = await import("./autoencoders/walk.js");"""

STEPS = f"""async ([networks, weights, index, x, noise, residual, normals, points, near]) => {{
    {VIEW}
    let start = 0, i = 0;
    const denoisers = networks.map((network) => {{
        const {{ run, bytes }} = unpackNetwork(network, view(weights), start);
        start += bytes;
        return run;
    }});
    const data = readPoints(view(points)), met = new Uint8Array(data.length / 2), steps = [], seen = [];
    for (let n = 0; n < normals.length / 4; n++) {{
        steps.push(walk.step(denoisers[index], x, noise, residual, () => normals[i++]));
        x = steps[n].to;
        walk.meet(data, met, x, near);
        seen.push(met.reduce((a, b) => a + b));
    }}
    return [steps, seen];
}}"""

FIELD = f"""async ([networks, weights, extent, columns, cut]) => {{
    {VIEW}
    return walk.fieldOf(unpackNetwork(networks[0], view(weights)).run, extent, columns, cut);
}}"""


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


@torch.no_grad()
@pytest.mark.parametrize("index", [0, 2])
def test_a_step_is_that_of_torch(
    open_bench: Callable[..., Locator], explorables: dict[str, Explorable], index: int
) -> None:
    shown = explorables["ManifoldWalk"]
    r = unpack_maps(shown.networks, shown.weights)[index].double()
    noise, residual = shown.noise_stds[index], shown.residual_stds[index]
    normals = torch.randn(
        100, 2, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0)
    )
    steps, seen = open_bench("ManifoldWalk").page.evaluate(
        STEPS,
        [
            shown.networks,
            encoded(shown.weights),
            index,
            shown.start,
            noise,
            residual,
            normals.flatten().tolist(),
            encoded(shown.points),
            shown.near,
        ],
    )
    points = torch.from_numpy(np.frombuffer(shown.points, "<f2").astype(np.float64)).reshape(-1, 2)
    x, near = torch.tensor(shown.start, dtype=torch.float64), torch.zeros(len(points), dtype=bool)
    for step, (first, second), met in zip(steps, normals, seen, strict=True):
        assert step["from"] == x.tolist()
        corrupted = x + noise * first
        assert step["corrupted"] == pytest.approx(corrupted.tolist(), abs=1e-12)
        denoised = r(corrupted[None])[0]
        assert step["denoised"] == pytest.approx(denoised.tolist(), abs=1e-5)
        expected = (denoised + residual * second).tolist()
        assert step["to"] == pytest.approx(expected, abs=1e-5)
        x = torch.tensor(step["to"], dtype=torch.float64)
        near |= torch.cdist(x[None], points)[0] <= shown.near
        assert met == int(near.sum())


@torch.no_grad()
def test_the_field_is_that_of_torch(
    open_bench: Callable[..., Locator], explorables: dict[str, Explorable]
) -> None:
    shown = explorables["ManifoldWalk"]
    columns, cut = shown.limits["columns"], shown.limits["cut"]
    ends = open_bench("ManifoldWalk").page.evaluate(
        FIELD, [shown.networks, encoded(shown.weights), shown.extent, columns, cut]
    )
    x, tips = torch.tensor(ends).unbind(1)
    assert len(x.unique(dim=0)) == columns**2
    assert x.abs().max() < shown.extent
    moves = unpack_maps(shown.networks, shown.weights)[0](x) - x
    longest = cut * 2 * shown.extent / columns
    lengths = (tips - x).norm(dim=1)
    assert torch.allclose(lengths, moves.norm(dim=1).clamp(max=longest), atol=1e-4)
    assert torch.allclose(
        (tips - x) * moves.norm(dim=1)[:, None], moves * lengths[:, None], atol=1e-4
    )


def test_it_says_where_it_is(
    open_bench: Callable[..., Locator], explorables: dict[str, Explorable]
) -> None:
    root, (x, y) = open_bench("ManifoldWalk"), explorables["ManifoldWalk"].start
    read = numbers(said(root))
    assert read[:2] == pytest.approx([x, y], abs=0.005)
    was, count = read[:2], 0
    for n in range(1, 6):
        press(root, "One step")
        step, x, y, square, _, met, of = numbers(said(root))
        assert (step, of) == (n, 200)
        assert square == pytest.approx((x - was[0]) ** 2 + (y - was[1]) ** 2, abs=0.03)
        assert met >= count
        was, count = [x, y], met
    assert root.locator("path.gnb-walk-corrupt").get_attribute("d") != ""


def test_another_noise_and_another_place_begin_anew(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("ManifoldWalk")
    plane, opened = root.locator(".gnb-walk"), picture(root)
    press(root, "One step")
    field = root.locator("path.gnb-walk-field").get_attribute("d")
    root.get_by_label("0.4").check()
    assert said(root).startswith("The chain has not moved yet: x = (1.20, -1.20).")
    assert root.locator("path.gnb-walk-field").get_attribute("d") != field
    press(root, "One step")
    sweep(plane, (0.5, 0.5), (0.25, 0.25))
    assert said(root).startswith("The chain has not moved yet: x = (-1.00, 1.00).")
    plane.press("ArrowRight")
    assert numbers(said(root))[:2] == pytest.approx([-0.95, 1.0], abs=0.02)
    plane.press("Shift+ArrowDown")
    assert numbers(said(root))[:2] == pytest.approx([-0.95, 0.75], abs=0.02)
    press(root, "One step")
    press(root, "Reset")
    assert picture(root) == opened


def test_the_trail_builds_up_and_is_drawn_again(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("ManifoldWalk")
    root.get_by_label("steps a second").press("End")
    press(root, "Play")
    root.page.wait_for_function(
        "o => Number(o.textContent.match(/^Step ([\\d,]+)/)?.[1].replace(',', '')) > 600",
        arg=root.locator("output").element_handle(),
    )
    times = [frame_ms(root) for _ in range(20)]
    press(root, "Pause")
    assert sorted(times)[10] <= FRAME
    inked = """root => {
        const canvas = root.querySelectorAll("canvas.gnb-points")[1], { width, height } = canvas;
        const copy = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
        copy.drawImage(canvas, 0, 0);
        const { data } = copy.getImageData(0, 0, width, height);
        return data.filter((v, i) => i % 4 === 3 && v > 0).length;
    }"""
    before = root.evaluate(inked)
    assert before > 1000
    root.page.evaluate("document.documentElement.dataset.theme = 'dark'")
    settle(root.page)
    assert root.evaluate(inked) == pytest.approx(before, rel=0.02)


@pytest.mark.parametrize("width", [1280, 390])
def test_its_height_never_changes(
    open_bench: Callable[..., Locator], explorables: dict[str, Explorable], width: int
) -> None:
    root = open_bench("ManifoldWalk", width=width, has_touch=width < 500, is_mobile=width < 500)
    height = tall(root)
    assert height == pytest.approx(explorables["ManifoldWalk"].height[width < 500], abs=2)
    root.get_by_label("steps a second").press("End")
    press(root, "Play")
    for _ in range(20):
        root.page.wait_for_timeout(50)
        assert tall(root) == height
    press(root, "Pause")
    assert changes(root, lambda: press(root, "One step"))
    assert tall(root) == height
