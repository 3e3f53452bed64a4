"""The explorables in Chromium: they answer, they compute what torch computes, in time, on any screen."""

from __future__ import annotations

import base64
import functools
import http.server
import json
import re
import shutil
import statistics
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from ipywidgets import embed
from playwright.sync_api import Browser, Locator, Page
from torch import nn

from gennb.widgets import ElboGap, Explorable, FaceSliders, LatentPad, Scrubber, pack, unpack
from gennb.widgets.base import HERE

from .conftest import BUILT, PAGES, ROOT, Quiet, Visit

NAMES = ("LatentPad", "FaceSliders", "Scrubber", "ElboGap")
FRAME = 16  # milliseconds

DRAWN = """root => [...root.querySelectorAll("canvas")].map((c) => c.toDataURL()).join()
    + [...root.querySelectorAll("svg path")].map((p) => p.getAttribute("d")).join()"""
STARTED = "document.querySelectorAll('.gnb-explorable:not([data-ready])').length === 0"


def dense(latent: int, hidden: int, shape: tuple[int, int, int]) -> nn.Sequential:
    size = torch.Size(shape).numel()
    layers = nn.Sequential(
        nn.Linear(latent, hidden), nn.Tanh(), nn.Linear(hidden, size), nn.Sigmoid()
    )
    with torch.no_grad():
        layers[2].weight.mul_(8)
    return layers


def conv_decoder(latent: int = 16) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(latent, 64 * 16),
        nn.Unflatten(1, (64, 4, 4)),
        nn.ReLU(),
        nn.ConvTranspose2d(64, 32, 4, 2, 1),
        nn.ReLU(),
        nn.ConvTranspose2d(32, 16, 4, 2, 1),
        nn.LeakyReLU(0.1),
        nn.ConvTranspose2d(16, 3, 4, 2, 1),
        nn.Sigmoid(),
    )


def conv_encoder(latent: int = 16) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(3, 16, 4, 2, 1),
        nn.SiLU(),
        nn.Conv2d(16, 32, 3, 2, 1, bias=False),
        nn.Softplus(),
        nn.Flatten(),
        nn.Linear(32 * 64, latent + latent * (latent + 1) // 2),
    )


def make_explorables() -> dict[str, Explorable]:
    torch.manual_seed(0)
    labels = torch.arange(200) % 10
    cover = torch.zeros(32, 32, 4, dtype=torch.uint8)
    cover[18:28, 8:24] = torch.tensor([220, 160, 120, 255], dtype=torch.uint8)
    mask = torch.zeros(32, 32)
    mask[16:30, 6:26] = 1
    steps, betas = [0, 10, 100, 1000], [0.5, 1.0, 4.0]
    explorables = (
        LatentPad(
            dense(2, 400, (1, 28, 28)),
            image_shape=(1, 28, 28),
            codes=torch.randn(200, 2),
            labels=labels,
        ),
        FaceSliders(
            conv_encoder(),
            conv_decoder(),
            image_shape=(3, 32, 32),
            directions={n: torch.randn(16) for n in ("smile", "turn", "tilt", "brow")},
            origin=torch.zeros(16),
            cover=cover,
            mask=mask,
        ),
        Scrubber(
            [[dense(2, 32, (1, 14, 14)) for _ in steps] for _ in betas],
            codes=torch.randn(3, 4, 200, 2),
            labels=labels,
            steps=steps,
            betas=betas,
            reconstruction=torch.rand(3, 4) * 90,
            kl=torch.rand(3, 4) * 9,
            image_shape=(1, 14, 14),
        ),
        ElboGap(),
    )
    return dict(zip(NAMES, explorables, strict=True))


@pytest.fixture(scope="module")
def explorables() -> dict[str, Explorable]:
    return make_explorables()


@pytest.fixture(scope="module")
def bench(
    explorables: dict[str, Explorable], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A page with the four explorables, as the book's extension writes them, and one that is broken."""
    folder = tmp_path_factory.mktemp("bench")
    shutil.copy(ROOT / "book/_web/explorables.mjs", folder)
    for name in ("network.js", "controls.js"):
        shutil.copy(HERE / name, folder)
    everything = list(explorables.values())
    saved = {"state": embed.dependency_state(everything, drop_defaults=False)}
    (folder / "index.html").write_text(page_html(everything, saved))
    saved["state"][everything[0].model_id]["state"]["_esm"] = (
        "export default { render() { throw Error('no') } }"
    )
    (folder / "broken.html").write_text(page_html(everything, saved))
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def page_html(explorables: list[Explorable], saved: dict[str, object]) -> str:
    places = "".join(
        f'<div class="gnb-explorable" data-model="{e.model_id}" style="min-height:{e.height[0]}px"><noscript>'
        f'<img src="data:image/png;base64,{base64.b64encode(e.still).decode()}" alt="{e.label}">'
        "</noscript></div>"
        for e in explorables
    )
    state = json.dumps(saved).replace("<", r"\u003c")
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Bench</title>
<link rel="icon" href="data:,"><meta name="viewport" content="width=device-width, initial-scale=1">
<style>body {{ margin: 16px auto; max-width: 700px; color-scheme: light dark; font-family: sans-serif }}</style>
</head><body><main><h1>Bench</h1>{places}</main>
<script type="application/vnd.jupyter.widget-state+json">{state}</script>
<script type="module" src="explorables.mjs"></script></body></html>"""


@pytest.fixture
def open_bench(browser: Browser, bench: str) -> Iterator[Callable[..., Page]]:
    """Open the bench page; any console error or exception fails the test."""
    problems: list[str] = []
    with ExitStack() as stack:

        def open_page(path: str = "index.html", *, width: int = 1280, **options: object) -> Page:
            context = browser.new_context(viewport={"width": width, "height": 900}, **options)
            stack.callback(context.close)
            page = context.new_page()
            page.on("pageerror", lambda error: problems.append(str(error)))
            page.on("console", lambda m: m.type in ("error", "warning") and problems.append(m.text))
            page.goto(bench + path)
            if options.get("java_script_enabled", True):
                page.wait_for_function(STARTED)
                settle(page)
            return page

        yield open_page
        if "broken" not in "".join(problems):
            assert not problems


def settle(page: Page) -> None:
    """Wait until what was asked for has been drawn."""
    page.evaluate("new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)))")


def explorable(page: Page, name: str) -> Locator:
    return page.locator(".gnb").nth(NAMES.index(name))


def changes(page: Page, root: Locator, act: Callable[[], object]) -> bool:
    settle(page)
    page.wait_for_function("root => root.dataset.frameMs", arg=root.element_handle())
    before = root.evaluate(DRAWN)
    act()
    settle(page)
    return root.evaluate(DRAWN) != before


def drag(page: Page, target: Locator) -> None:
    target.scroll_into_view_if_needed()
    box = target.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.4 * box["height"], steps=4)
    page.mouse.up()


def control(root: Locator) -> Locator:
    """The first thing on it that changes its picture by arrow keys."""
    return root.locator(".gnb-pad, .gnb-hump, input[type=range]").first


@pytest.mark.parametrize("key", ["ArrowRight", "ArrowLeft"])
@pytest.mark.parametrize("name", NAMES)
def test_answers_the_keyboard(open_bench: Callable[..., Page], name: str, key: str) -> None:
    page = open_bench()
    root = explorable(page, name)
    control(root).press("ArrowLeft")
    control(root).focus()
    assert changes(page, root, lambda: page.keyboard.press(key))


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", NAMES)
def test_answers_the_pointer(open_bench: Callable[..., Page], name: str, width: int) -> None:
    page = open_bench(width=width)
    root = explorable(page, name)
    assert changes(page, root, lambda: drag(page, control(root)))


def test_plot_of_the_gap_can_be_dragged(open_bench: Callable[..., Page]) -> None:
    page = open_bench()
    root = explorable(page, "ElboGap")
    assert changes(page, root, lambda: drag(page, root.locator(".gnb-plot")))
    assert "= 0.00" not in root.locator("output").inner_text()


def test_answers_touch(open_bench: Callable[..., Page]) -> None:
    page = open_bench(width=390, has_touch=True, is_mobile=True)
    root = explorable(page, "LatentPad")
    pad = root.locator(".gnb-pad")
    assert changes(page, root, lambda: pad.tap(position={"x": 60, "y": 70}))
    assert pad.evaluate("e => getComputedStyle(e).touchAction") == "none"
    assert root.evaluate("e => getComputedStyle(e).touchAction") == "auto"


def test_keys_walk_the_pad(open_bench: Callable[..., Page]) -> None:
    page = open_bench()
    root = explorable(page, "LatentPad")
    pad, output = root.locator(".gnb-pad"), root.locator("output")
    pad.press("Home")
    settle(page)
    assert "z = (0.00, 0.00)   log p(z) = \u22121.84 nats" in output.text_content()
    for key in ("ArrowRight", "Shift+ArrowUp", "ArrowDown"):
        pad.press(key)
    settle(page)
    assert "z = (0.10, 0.40)" in output.text_content()
    for _ in range(10):
        pad.press("Shift+ArrowLeft")
    settle(page)
    assert "z = (\u22123.00, 0.40)" in output.text_content()


def test_pad_names_the_nearest_class(
    open_bench: Callable[..., Page], explorables: dict[str, Explorable]
) -> None:
    pad = explorables["LatentPad"]
    codes = torch.frombuffer(bytearray(pad.codes), dtype=torch.float16).float().reshape(-1, 2)
    labels = torch.frombuffer(bytearray(pad.labels), dtype=torch.uint8).long()
    nearest = (codes - torch.tensor(pad.z)).norm(dim=1).argsort()[:15]
    votes = labels[nearest].bincount(minlength=10)
    said = explorable(open_bench(), "LatentPad").locator("output").text_content()
    count, winner = re.search(r"(\d+) of the 15 nearest codes: (\d)", said).groups()
    assert int(count) == votes.max()
    assert votes[int(winner)] == votes.max()


def test_codes_can_be_shown_and_one_class_brought_out(open_bench: Callable[..., Page]) -> None:
    page = open_bench()
    root = explorable(page, "LatentPad")
    root.get_by_label("encoded test images").check()
    points = "root => root.querySelector('.gnb-points').toDataURL()"
    settle(page)
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
        (lambda: dense(2, 400, (1, 28, 28)), (2,)),
        (conv_decoder, (16,)),
        (lambda: nn.Sequential(conv_encoder(), nn.Sigmoid()), (3, 32, 32)),
    ],
    ids=["dense", "conv-decoder", "conv-encoder"],
)
def test_javascript_agrees_with_torch(
    open_bench: Callable[..., Page],
    make: Callable[[], nn.Module],
    shape: tuple[int, ...],
    dtype: str,
    tolerance: float,
) -> None:
    torch.manual_seed(3)
    module, x = make(), torch.randn(20, *shape)
    spec, weights = pack(module, shape, dtype)
    answer = torch.tensor(
        open_bench().evaluate(
            """async ([spec, weights, inputs]) => {
            const { unpackNetwork } = await import("./network.js");
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
    open_bench: Callable[..., Page], explorables: dict[str, Explorable]
) -> None:
    faces = explorables["FaceSliders"]
    page = open_bench()
    root = explorable(page, "FaceSliders")
    root.locator("input[type=range]").nth(1).fill("-1.5")
    root.get_by_label("cover the mouth").check()
    root.get_by_label("blur the mouth").check()
    settle(page)
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


def test_gap_shows_the_numbers_of_python(open_bench: Callable[..., Page]) -> None:
    page = open_bench()
    root = explorable(page, "ElboGap")
    for slider, value in zip(
        root.locator("input[type=range]").all(), ("1.1", "0.7", "-0.8"), strict=True
    ):
        slider.fill(value)
    settle(page)
    numbers = ElboGap(mean=1.1, std=0.7, x=-0.8).numbers()
    said = [
        float(v.replace("\u2212", "-"))
        for v in re.findall(r"\u2212?\d+\.\d+", root.locator("output").inner_text())
    ]
    assert said == pytest.approx([numbers[k] for k in ("evidence", "elbo", "gap")], abs=0.0051)


def test_evidence_does_not_move_with_q(open_bench: Callable[..., Page]) -> None:
    page = open_bench()
    root = explorable(page, "ElboGap")
    width = "root => root.querySelector('.gnb-pieces .gnb-piece-evidence').style.width"
    before, drawn = root.evaluate(width), root.evaluate(DRAWN)
    root.locator("input[type=range]").first.fill("1.7")
    settle(page)
    assert root.evaluate(DRAWN) != drawn
    assert root.evaluate(width) == before


def test_scrubber_plays_and_pauses(open_bench: Callable[..., Page]) -> None:
    page = open_bench(reduced_motion="reduce")
    root = explorable(page, "Scrubber")
    output = root.locator("output")
    assert "step 1,000" in output.inner_text()
    page.wait_for_timeout(900)
    assert "step 1,000" in output.inner_text()  # nothing plays unasked
    root.get_by_role("button", name="Play the training").click()
    page.wait_for_function("o => o.textContent.includes('step 10,')", arg=output.element_handle())
    root.get_by_role("button", name="Pause").click()
    page.wait_for_timeout(900)
    assert "step 10," in output.inner_text()


@pytest.mark.parametrize(
    ("make", "latent", "parameters"),
    [(lambda: dense(2, 900, (1, 28, 28)), 2, 7e5), (conv_decoder, 16, 5.9e4)],
    ids=["dense", "convolution"],
)
def test_a_decoder_runs_within_a_frame(
    open_bench: Callable[..., Page], make: Callable[[], nn.Module], latent: int, parameters: float
) -> None:
    module = make()
    assert sum(p.numel() for p in module.parameters()) >= 0.99 * parameters
    spec, weights = pack(module, latent, "int8")
    times = open_bench().evaluate(
        """async ([spec, weights, latent]) => {
            const { unpackNetwork } = await import("./network.js");
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
    print(f"median {statistics.median(times):.2f} ms")
    assert statistics.median(times) <= FRAME


def frame_times(page: Page, root: Locator, count: int = 50) -> list[float]:
    """Milliseconds that the explorable took to draw each of ``count`` answers to a key."""
    control(root).focus()
    times = []
    for i in range(count):
        page.keyboard.press("ArrowLeft" if i % 2 else "ArrowRight")
        settle(page)
        times.append(float(root.get_attribute("data-frame-ms") or "nan"))
    return times


@pytest.mark.parametrize("name", NAMES)
def test_an_explorable_answers_within_a_frame(open_bench: Callable[..., Page], name: str) -> None:
    page = open_bench()
    root = explorable(page, name)
    if name == "FaceSliders":
        root.get_by_label("cover the mouth").check()
    median = statistics.median(frame_times(page, root))
    print(f"median {median:.2f} ms")
    assert median <= FRAME


def test_fits_a_phone(open_bench: Callable[..., Page]) -> None:
    page = open_bench(width=390)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    for root in page.locator(".gnb").all():
        inside = root.evaluate(
            """root => [...root.querySelectorAll("canvas, input, button, p, span")].every((e) => {
                const box = e.getBoundingClientRect();
                return box.left >= -1 && box.right <= 391;
            })"""
        )
        assert inside


@pytest.mark.parametrize("scale", [1, 2])
def test_points_are_sharp_on_any_screen(open_bench: Callable[..., Page], scale: int) -> None:
    page = open_bench(device_scale_factor=scale)
    points = explorable(page, "Scrubber").locator("canvas.gnb-points")
    pixels, css = points.evaluate("c => [c.width, c.clientWidth]")
    assert pixels == pytest.approx(scale * css, abs=1)


@pytest.mark.parametrize(("width", "place"), [(1280, 0), (390, 1)])
def test_reserved_height_is_about_right(
    open_bench: Callable[..., Page], explorables: dict[str, Explorable], width: int, place: int
) -> None:
    page = open_bench(width=width)
    for name, widget in explorables.items():
        height = explorable(page, name).bounding_box()["height"]
        assert height == pytest.approx(widget.height[place], rel=0.1), name


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing(open_bench: Callable[..., Page], scheme: str, width: int) -> None:
    page = open_bench(color_scheme=scheme, width=width)
    explorable(page, "LatentPad").get_by_label("encoded test images").check()
    explorable(page, "FaceSliders").get_by_label("cover the mouth").check()
    settle(page)
    found = Axe().run(page).response["violations"]
    assert not found, json.dumps(found, indent=1)[:3000]


def test_colors_follow_the_theme(open_bench: Callable[..., Page]) -> None:
    page = open_bench(color_scheme="light")
    root = explorable(page, "LatentPad")
    ink = "root => getComputedStyle(root).color"
    light, drawn = root.evaluate(ink), root.evaluate(DRAWN)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    settle(page)
    assert root.evaluate(ink) != light
    assert root.evaluate(DRAWN) != drawn


def test_nothing_moves_by_itself(open_bench: Callable[..., Page]) -> None:
    page = open_bench(reduced_motion="reduce")
    assert page.evaluate("document.getAnimations().length") == 0
    moving = """[...document.querySelectorAll(".gnb, .gnb *")].filter((e) => {
        const style = getComputedStyle(e);
        return style.transitionDuration !== "0s" || style.animationName !== "none";
    }).length"""
    assert page.evaluate(moving) == 0


def test_focus_is_visible(open_bench: Callable[..., Page]) -> None:
    page = open_bench()
    root = explorable(page, "FaceSliders")
    slider = root.locator("input[type=range]").first
    slider.scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    before = slider.screenshot()
    page.keyboard.press("Tab")
    slider.focus()
    assert slider.screenshot() != before
    pad = explorable(page, "LatentPad").locator(".gnb-pad")
    pad.focus()
    assert pad.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"


def test_keys_stay_with_the_control_in_jupyterlab(open_bench: Callable[..., Page]) -> None:
    """JupyterLab binds the arrow keys; it leaves alone what carries this attribute."""
    page = open_bench()
    for name in NAMES:
        focus = control(explorable(page, name))
        focus.focus()
        assert focus.get_attribute("data-lm-suppress-shortcuts") == "true"


def test_still_pictures_without_scripts(open_bench: Callable[..., Page]) -> None:
    page = open_bench(java_script_enabled=False)
    stills = page.locator(".gnb-explorable img")
    assert stills.count() == len(NAMES)
    for still in stills.all():
        assert still.is_visible()
        assert still.get_attribute("alt")
        assert still.bounding_box()["width"] > 400


def test_a_broken_explorable_leaves_its_still_picture(browser: Browser, bench: str) -> None:
    page = browser.new_page()
    page.goto(bench + "broken.html")
    page.wait_for_function("document.querySelectorAll('[data-ready]').length === 4")
    assert page.locator(".gnb").count() == 3  # the others stand
    first = page.locator(".gnb-explorable").first
    assert first.locator("img").is_visible()
    assert "still picture" in first.get_by_role("status").inner_text()
    page.close()


def test_the_loader_is_small_and_shares_its_style(open_bench: Callable[..., Page]) -> None:
    page = open_bench()
    sheets = "[...document.querySelectorAll('style')].filter((s) => s.textContent.includes('.gnb-readout'))"
    assert page.evaluate(f"{sheets}.length") == 1
    assert (ROOT / "book/_web/explorables.mjs").stat().st_size <= 3200


WITH_EXPLORABLES = [
    page for page in PAGES if 'class="gnb-explorable"' in (BUILT / page).read_text()
]


@pytest.mark.parametrize("path", WITH_EXPLORABLES)
def test_every_explorable_of_the_book_answers(visit: Callable[..., Visit], path: str) -> None:
    seen = visit(path)
    seen.page.wait_for_function(STARTED)
    roots = seen.page.locator(".gnb").all()
    assert len(roots) == seen.page.locator(".gnb-explorable").count() > 0
    for root in roots:
        act = control(root)
        assert changes(seen.page, root, lambda act=act: act.press("ArrowLeft"))
        assert changes(seen.page, root, lambda act=act: drag(seen.page, act))
        assert statistics.median(frame_times(seen.page, root, 20)) <= FRAME
    assert seen.problems == []
    assert seen.external == []
