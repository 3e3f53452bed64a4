"""The plane of codes in Chromium: it computes what torch computes, and says so."""

from __future__ import annotations

import base64
import math
from collections.abc import Callable

import pytest
import torch
from playwright.sync_api import Locator

from gennb.widgets import CodePlane, Explorable
from gennb.widgets.autoencoders.codes import unpack_codes

from .bench import FRAME, answer_ms, changes, numbers, picture, press, said, settle, sweep

TRIPS = """async ([networks, weights, codes]) => {
    const { readPairs } = await import("./autoencoders/pairs.js");
    const bytes = Uint8Array.from(atob(weights), (c) => c.charCodeAt(0));
    const [{ encode, decode }] = readPairs(networks, new DataView(bytes.buffer));
    return codes.map((y) => [[...decode(y)], [...encode(decode(y))]]);
}"""
SEARCH = """async ([points, from]) => {
    const { nearest } = await import("./autoencoders/code_plane.js");
    return from.map((y) => nearest(y, Float32Array.from(points.flat())));
}"""


@pytest.fixture
def plane(explorables: dict[str, Explorable]) -> CodePlane:
    shown = explorables["CodePlane"]
    assert isinstance(shown, CodePlane)
    return shown


def somewhere(plane: CodePlane, count: int = 20) -> torch.Tensor:
    """Codes all over the plane."""
    dice = torch.Generator().manual_seed(0)
    places = 2 * torch.rand(count, 2, generator=dice, dtype=torch.float64) - 1
    return places * plane.extent + torch.tensor(plane.center, dtype=torch.float64)


def digits(plane: CodePlane) -> int:
    return 2 - math.floor(math.log10(plane.extent / 2))


def test_round_trips_are_those_of_torch(
    open_bench: Callable[..., Locator], plane: CodePlane
) -> None:
    codes = somewhere(plane).tolist()
    weights = base64.b64encode(plane.weights).decode()
    answers = open_bench("CodePlane").page.evaluate(TRIPS, [plane.networks, weights, codes])
    for code, (pixels, landing) in zip(codes, answers, strict=True):
        expected = plane._pair.picture(code).flatten()
        assert pixels == pytest.approx(expected.tolist(), abs=1e-5)
        assert landing == pytest.approx(plane._pair.trip(code), abs=1e-4)


def test_the_nearest_code_is_that_of_torch(
    open_bench: Callable[..., Locator], plane: CodePlane
) -> None:
    points = torch.from_numpy(unpack_codes(plane.codes)) * plane.extent
    places = somewhere(plane) - torch.tensor(plane.center, dtype=torch.float64)
    found = open_bench("CodePlane").page.evaluate(SEARCH, [points.tolist(), places.tolist()])
    expected = torch.cdist(places, points).min(1)
    assert [each["index"] for each in found] == expected.indices.tolist()
    distances = [each["distance"] for each in found]
    assert distances == pytest.approx(expected.values.tolist(), abs=1e-5)


def test_it_says_the_numbers_of_python(
    open_bench: Callable[..., Locator], plane: CodePlane
) -> None:
    landing, near = plane.round_trip(), 0.51 * 10.0 ** -digits(plane)
    points = torch.from_numpy(unpack_codes(plane.codes)) * plane.extent
    y = torch.tensor(plane.y) - torch.tensor(plane.center)
    distance, index = (points - y).norm(dim=1).min(0)
    x, up, nearest, label, gap, length, to_x, to_up = numbers(said(open_bench("CodePlane")))
    assert (x, up) == pytest.approx(tuple(plane.y), abs=near)
    assert (to_x, to_up) == pytest.approx(tuple(landing), abs=near)
    assert nearest == pytest.approx(float(distance), abs=near / 10)
    assert label == plane.labels[int(index)]
    assert gap == pytest.approx(plane.gap, abs=near / 10)
    assert length == pytest.approx(math.dist(plane.y, landing), abs=near / 5)


def test_keys_walk_the_plane(open_bench: Callable[..., Locator], plane: CodePlane) -> None:
    root, near = open_bench("CodePlane"), 0.51 * 10.0 ** -digits(plane)
    pad, (x, up), extent = root.locator(".gnb-pad"), plane.center, plane.extent
    pad.press("Home")
    assert numbers(said(root))[:2] == pytest.approx([x, up], abs=near)
    for key in ("ArrowRight", "Shift+ArrowUp", "ArrowDown"):
        pad.press(key)
    expected = [x + extent / 30, up + extent * (1 / 6 - 1 / 30)]
    assert numbers(said(root))[:2] == pytest.approx(expected, abs=1.1 * near)
    for _ in range(10):
        pad.press("Shift+ArrowLeft")
    assert numbers(said(root))[0] == pytest.approx(x - extent, abs=near)


def test_going_round_follows_the_arrow(
    open_bench: Callable[..., Locator], plane: CodePlane
) -> None:
    root = open_bench("CodePlane")
    sweep(root.locator(".gnb-pad"), (0.5, 0.5), (0.1, 0.2))
    trail = root.locator(".gnb-trail")
    for trip in range(1, 4):
        landing = numbers(said(root))[-2:]
        press(root, "Go round")
        assert f"after {trip} round trip" in said(root)
        near = 1.1 * 10.0 ** -digits(plane)
        assert numbers(said(root))[:2] == pytest.approx(landing, abs=near)
        assert (trail.get_attribute("d") or "").count("L") == trip
    press(root, "20 times")
    assert "after 23 round trips" in said(root)
    root.locator(".gnb-pad").press("ArrowRight")
    assert "round trips" not in said(root)  # a hand begins anew
    assert trail.get_attribute("d") == ""


def test_a_class_is_brought_out_over_decoded_images(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("CodePlane")
    images = root.locator("canvas.gnb-images")
    assert not images.is_visible()
    chip = root.get_by_role("button", name="3", exact=True)
    shown = picture(root)
    assert changes(root, chip.click)
    assert chip.get_attribute("aria-pressed") == "true"
    chip.click()
    assert picture(root) == shown
    assert changes(root, root.get_by_label("decoded images").check)
    assert images.is_visible()


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_jumps_while_the_reader_plays(
    open_bench: Callable[..., Locator], plane: CodePlane, width: int
) -> None:
    root = open_bench("CodePlane", width=width)
    height = root.bounding_box()["height"]
    assert height == pytest.approx(plane.height[width < 480], abs=3)
    for x in (0.02, 0.5, 0.98):
        for y in (0.02, 0.5, 0.98):
            sweep(root.locator(".gnb-pad"), (0.4, 0.4), (x, y))
            for button in ("Go round", "20 times"):
                press(root, button)
                assert root.bounding_box()["height"] == height, (x, y, said(root))


def test_it_answers_within_a_frame(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("CodePlane")
    settle(root.page)
    assert answer_ms(root) <= FRAME
