"""The duel in Chromium: it computes what torch computes, trains on demand, and answers on any screen."""

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
from typing import Any

import numpy as np
import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from ipywidgets import embed
from playwright.sync_api import Browser, Locator, Page
from scipy import stats
from torch import Tensor, nn
from torch.nn.utils import parameters_to_vector

from gennb.gan import (
    clip_weights,
    critic_loss,
    discriminator_loss,
    minimax_loss,
    non_saturating_loss,
    wasserstein_loss,
)
from gennb.widgets import Duel, pack
from gennb.widgets.base import HERE

from .conftest import ROOT, Quiet
from .test_explorables import DRAWN, FRAME, changes, page_html, settle

LOSSES = {
    "minimax": minimax_loss,
    "non-saturating": non_saturating_loss,
    "wasserstein": wasserstein_loss,
}
CURVE = "root => root.querySelector('.gnb-graph-line.gnb-hue-{}').getAttribute('d')"
ARROWS = "root => [...root.querySelectorAll('.gnb-map line')].map((a) => a.getAttribute('x2'))"
DATA = ((0.5, -1.5, 0.6), (0.5, 1.5, 0.6))


def player(kind: type[nn.Module] = nn.Tanh, width: int = 16) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(1, width), kind(), nn.Linear(width, width), kind(), nn.Linear(width, 1)
    )


def packed(module: nn.Module) -> list[Any]:
    spec, weights = pack(module, 1, "float32")
    return [spec, base64.b64encode(weights).decode()]


@pytest.fixture(scope="module")
def duel() -> Duel:
    torch.manual_seed(0)
    return Duel(player(), player())


@pytest.fixture(scope="module")
def bench(duel: Duel, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A page with the duel, as the book's extension writes it, and its modules beside it."""
    folder = tmp_path_factory.mktemp("duel")
    shutil.copy(ROOT / "book/_web/explorables.mjs", folder)
    for name in ("controls.js", "curves.js", "trainer.js", "game.js", "duel.js"):
        shutil.copy(HERE / name, folder)
    saved = {"state": embed.dependency_state([duel], drop_defaults=False)}
    (folder / "index.html").write_text(page_html([duel], saved))
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture
def open_bench(browser: Browser, bench: str) -> Iterator[Callable[..., Page]]:
    """Open the bench page; any console error or exception fails the test."""
    problems: list[str] = []
    with ExitStack() as stack:

        def open_page(*, width: int = 1280, **options: Any) -> Page:
            context = browser.new_context(viewport={"width": width, "height": 900}, **options)
            stack.callback(context.close)
            page = context.new_page()
            page.on("pageerror", lambda error: problems.append(str(error)))
            page.on("console", lambda m: m.type in ("error", "warning") and problems.append(m.text))
            page.goto(bench)
            if options.get("java_script_enabled", True):
                page.wait_for_selector(".gnb-explorable[data-ready]")
                settle(page)
                root = page.locator(".gnb").element_handle()
                page.wait_for_function("root => root.dataset.frameMs", arg=root)
            return page

        yield open_page
        assert not problems


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()
    settle(page)


def rounds(root: Locator) -> int:
    said = re.match(r"round ([\d,]+) ", root.locator("output").inner_text())
    assert said
    return int(said[1].replace(",", ""))


def picture(root: Locator) -> list[Any]:
    return [root.evaluate(DRAWN), root.evaluate(ARROWS), root.locator("output").inner_text()]


def mean_of(handle: Locator) -> float:
    return float(handle.get_attribute("aria-valuenow") or "nan")


# What it computes

MODULES = """
    const { learner, adam, random } = await import("./trainer.js");
    const { game, density, drawData, drawNoise, pushForward, noiseCells, measure } = await import("./game.js");
    const network = ([spec, weights], capacity = 1025) => {
        const bytes = Uint8Array.from(atob(weights), (c) => c.charCodeAt(0));
        return learner(spec, new DataView(bytes.buffer), capacity);
    };
"""


def compute(page: Page, code: str, argument: Any = None) -> Any:
    return page.evaluate(f"async (given) => {{ {MODULES} {code} }}", argument)


def discriminator_side(loss: str) -> Callable[[Tensor, Tensor], Tensor]:
    return critic_loss if loss == "wasserstein" else discriminator_loss


def numbers(values: list[float]) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)


def gradients(module: nn.Module) -> Tensor:
    return torch.cat([p.grad.flatten() for p in module.parameters()])


@pytest.mark.parametrize("scale", [1.0, 30.0], ids=["usual", "extreme"])
@pytest.mark.parametrize("kind", [nn.Tanh, nn.ReLU, lambda: nn.LeakyReLU(0.2)])
@pytest.mark.parametrize("loss", LOSSES)
def test_gradients_are_those_of_autograd(
    open_bench: Callable[..., Page], loss: str, kind: Any, scale: float
) -> None:
    torch.manual_seed(4)
    G, D = player(kind, 9), player(kind, 7)
    with torch.no_grad():
        D[-1].weight.mul_(scale * 10)
    x, z = 3 * torch.randn(37, dtype=torch.float64), torch.randn(37, dtype=torch.float64)
    seen = compute(
        open_bench(),
        """
        const [g, d, loss, x, z] = given, G = network(g), D = network(d), n = x.length;
        const rules = { batch: n, prior: "normal", betas: [0, 0.9], clip: 1, seed: 0 };
        const play = game(G, D, rules);
        const ofD = play.discriminatorLoss(loss, Float64Array.from(x), Float64Array.from(z), n);
        const gradientD = [...D.gradients];
        const ofG = play.generatorLoss(loss, Float64Array.from(z), n);
        return { ofD, ofG, gradientD, gradientG: [...G.gradients], kept: [...D.gradients] };
        """,
        [packed(G), packed(D), loss, x.tolist(), z.tolist()],
    )
    G, D = G.double(), D.double()
    near = 1e-9 * scale  # torch's softplus is a straight line beyond 20, 2e-9 off
    value = discriminator_side(loss)(D(x[:, None]), D(G(z[:, None]).detach()))
    value.backward()
    expected = gradients(D)
    assert seen["ofD"] == pytest.approx(value.item(), rel=1e-12, abs=near)
    assert torch.allclose(numbers(seen["gradientD"]), expected, 1e-9, near)
    assert seen["kept"] == seen["gradientD"]  # G's turn leaves D's alone
    value = LOSSES[loss](D(G(z[:, None])))
    value.backward()
    assert seen["ofG"] == pytest.approx(value.item(), rel=1e-12, abs=near)
    assert torch.allclose(numbers(seen["gradientG"]), gradients(G), 1e-9, near)


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
@pytest.mark.parametrize("loss", LOSSES)
def test_ten_rounds_are_those_of_torch(
    open_bench: Callable[..., Page], loss: str, optimizer: str
) -> None:
    """The page's own batches go to torch.optim.Adam, in the order of Algorithm 1 with k = 2."""
    torch.manual_seed(5)
    G, D = player(), player(lambda: nn.LeakyReLU(0.2))
    betas, clip, lr, n = (0.5, 0.99), 0.3, (0.02, 0.003), 16
    seen = compute(
        open_bench(),
        """
        const [g, d, data, loss, betas, clip, lr, n, optimizer] = given, G = network(g), D = network(d);
        const play = game(G, D, { batch: n, prior: "uniform", betas, clip, seed: 7 });
        for (let i = 0; i < 10; i++) play.round({ data, loss, k: 2, lr, optimizer });
        const source = random(7);
        const xs = () => Array.from({ length: n }, () => drawData(data, source));
        const zs = () => Array.from({ length: n }, () => drawNoise("uniform", source));
        const batches = Array.from({ length: 10 }, () => [[xs(), zs()], [xs(), zs()], [zs()]]);
        return { G: [...G.parameters], D: [...D.parameters], batches, rounds: play.rounds };
        """,
        [packed(G), packed(D), DATA, loss, betas, clip, lr, n, optimizer],
    )
    G, D = G.double(), D.double()
    of_d = torch.optim.Adam(D.parameters(), lr[0], betas)
    of_g = (
        torch.optim.SGD(G.parameters(), lr[1])
        if optimizer == "sgd"
        else torch.optim.Adam(G.parameters(), lr[1], betas)
    )

    def clipped() -> None:
        if loss == "wasserstein":
            clip_weights(D, clip)

    for turn in seen["batches"]:
        *for_d, (noise,) = ([numbers(v)[:, None] for v in b] for b in turn)
        for x, z in for_d:
            clipped()
            of_d.zero_grad()
            discriminator_side(loss)(D(x), D(G(z).detach())).backward()
            of_d.step()
        clipped()
        of_g.zero_grad()
        LOSSES[loss](D(G(noise))).backward()
        of_g.step()
    assert seen["rounds"] == 10
    for name, module in (("G", G), ("D", D)):
        assert (numbers(seen[name]) - parameters_to_vector(module.parameters())).abs().max() <= 1e-8


def test_draws_are_those_of_their_distributions(open_bench: Callable[..., Page]) -> None:
    data = ((0.3, -2.0, 0.4), (0.7, 1.0, 0.8))
    seen = compute(
        open_bench(),
        """
        const source = random(3), again = random(3), n = 20000;
        const draw = (f) => Array.from({ length: n }, f);
        const uniform = draw(source.uniform);
        return { uniform, same: draw(again.uniform).every((v, i) => v === uniform[i]),
            normal: draw(source.normal), z: draw(() => drawNoise("uniform", source)),
            x: draw(() => drawData(given, source)) };
        """,
        data,
    )

    def mixture(x: Any) -> Any:
        return sum(w * stats.norm(m, s).cdf(x) for w, m, s in data)

    root3 = 3**0.5
    assert seen["same"]
    for name, cdf in (
        ("uniform", stats.uniform.cdf),
        ("normal", stats.norm.cdf),
        ("z", stats.uniform(-root3, 2 * root3).cdf),
        ("x", mixture),
    ):
        draws = np.array(seen[name])
        assert stats.kstest(draws, cdf).pvalue > 1e-3, name
        assert abs(np.corrcoef(draws[1:], draws[:-1])[0, 1]) < 0.03, name


PUSHED = [
    ("z => 0.7 * z + 0.4", stats.norm(0.4, 0.7).cdf),
    ("z => z * z - 1", lambda x: stats.chi2(1).cdf(x + 1)),  # folds at nought
    ("z => Math.abs(z)", stats.halfnorm.cdf),
    ("z => Math.exp(z / 2)", stats.lognorm(0.5).cdf),
]


@pytest.mark.parametrize(("function", "cdf"), PUSHED, ids=[name for name, _ in PUSHED])
def test_densities_pushed_forward(
    open_bench: Callable[..., Page], function: str, cdf: Callable[[Any], Any]
) -> None:
    low, width, count = -5.0, 0.05, 400
    cells = compute(
        open_bench(),
        f"""
        const {{ knots, mass }} = noiseCells("normal", 1024), cells = new Float64Array({count});
        pushForward(knots.map({function}), mass, cells, {low}, {width});
        return [...cells];
        """,
    )
    exact = np.diff(cdf(low + width * np.arange(count + 1)))
    assert np.abs(np.array(cells) - exact).max() < 1e-3
    assert sum(cells) == pytest.approx(exact.sum(), abs=1e-5)


def test_densities_integrate_to_one(open_bench: Callable[..., Page], duel: Duel) -> None:
    page = open_bench()
    for prior in ("normal", "uniform"):
        total = compute(
            page,
            """
            const G = network(given[0]), cells = new Float64Array(240);
            const { knots, mass } = noiseCells(given[1], 1024);
            pushForward(G.forward(knots, 1025), mass, cells, -5, 1 / 24);
            return cells.reduce((a, b) => a + b);
            """,
            [[duel.generator, base64.b64encode(duel.generator_weights).decode()], prior],
        )
        assert total == pytest.approx(1, abs=1e-12)
    flat, constant = compute(
        page,
        """
        const cells = [1, 2].map(() => new Float64Array(10)), mass = Float64Array.of(0.25, 0.75);
        pushForward(Float64Array.of(1.5, 1.5, 1.5), mass, cells[0], 0, 1);
        pushForward(Float64Array.of(9.5, 10.5, 12), mass, cells[1], 0, 1);
        return cells.map((c) => [...c]);
        """,
    )
    assert flat == [0, 1, 0, 0, 0, 0, 0, 0, 0, 0]
    assert constant == [0] * 9 + [0.125]  # the rest lies beyond the axis


def test_measures_against_numpy(open_bench: Callable[..., Page]) -> None:
    noise = np.random.default_rng(1)
    p, q = noise.dirichlet(np.ones(50)), noise.dirichlet(np.ones(50))
    a = noise.normal(0, 3, 50)
    seen = compute(open_bench(), "return measure(...given);", [p.tolist(), q.tolist(), a.tolist()])
    d = 1 / (1 + np.exp(-a))
    assert seen["value"] == pytest.approx(p @ np.log(d) + q @ np.log(1 - d), abs=1e-12)
    assert seen["gap"] == pytest.approx((p - q) @ a, abs=1e-12)
    assert seen["distance"] == pytest.approx(np.abs(p - q).sum() / 2, abs=1e-12)
    assert seen["right"] == pytest.approx((p[d > 0.5].sum() + q[d < 0.5].sum()) / 2, abs=1e-12)
    assert seen["fooled"] == pytest.approx(q @ d, abs=1e-12)


def test_generator_finds_the_data(open_bench: Callable[..., Page], duel: Duel) -> None:
    options = {
        n: getattr(duel, n)
        for n in ("data", "loss", "k", "lr", "optimizer", "betas", "clip", "prior")
    }
    distances = []
    page = open_bench()
    for seed in range(3):
        torch.manual_seed(seed)
        distances += compute(
            page,
            """
            const [g, d, o] = given, G = network(g), D = network(d), mean = [];
            const play = game(G, D, { ...o, batch: 128, seed: 1 });
            const { knots, mass } = noiseCells(o.prior, 1024), q = new Float64Array(240);
            const p = q.map((_, i) => density(o.data, -5 + (i + 0.5) / 24) / 24);
            for (let i = 0; i < 2000; i++) {
                play.round(o);
                if (i < 1500 || i % 100) continue;
                pushForward(G.forward(knots, 1025), mass, q, -5, 1 / 24);
                mean.push(measure(p, q, q).distance);
            }
            return [mean.reduce((a, b) => a + b) / mean.length];
            """,
            [packed(player()), packed(player()), options],
        )
    print(distances)
    assert max(distances) < 0.2
    assert statistics.median(distances) < 0.15


def test_minimax_loss_is_flat_where_d_is_sure(open_bench: Callable[..., Page]) -> None:
    """With plain gradient steps and data far away, the other loss gets the generator there."""
    torch.manual_seed(0)
    left = compute(
        open_bench(),
        """
        const [g, d] = given, data = [[0.5, -3, 0.5], [0.5, 3, 0.5]];
        return ["minimax", "non-saturating"].map((loss) => {
            const G = network(g), D = network(d), z = Float64Array.of(-1, 0, 1);
            const rules = { batch: 128, prior: "normal", betas: [0, 0.999], clip: 1, seed: 1 };
            const play = game(G, D, rules);
            const settings = { data, loss, k: 1, lr: [0.02, 0.05], optimizer: "sgd" };
            for (let i = 0; i < 50; i++) play.stepDiscriminator(settings);
            for (let i = 0; i < 400; i++) play.round(settings);
            return Math.max(...G.forward(z, 3).subarray(0, 3).map(Math.abs));
        });
        """,
        [packed(player()), packed(player())],
    )
    assert left[0] < 1.5 < 2 < left[1]


# How it answers


def test_a_round_is_a_step_of_each(open_bench: Callable[..., Page]) -> None:
    page = open_bench()
    root = page.locator(".gnb")
    own, model = CURVE.format("own"), CURVE.format("model")
    first = picture(root)
    judged, made = root.evaluate(own), root.evaluate(model)
    press(page, "Step D")
    assert root.evaluate(own) != judged
    assert root.evaluate(model) == made
    judged = root.evaluate(own)
    press(page, "Step G")
    assert root.evaluate(own) == judged
    assert root.evaluate(model) != made
    one_by_one = root.evaluate(DRAWN)
    press(page, "Reset")
    assert picture(root) == first
    press(page, "One round")
    assert root.evaluate(DRAWN) == one_by_one
    assert rounds(root) == 1


def test_a_run_repeats_after_reset(open_bench: Callable[..., Page]) -> None:
    page = open_bench()
    root = page.locator(".gnb")
    first = picture(root)
    runs = []
    for _ in range(2):
        for _ in range(7):
            press(page, "One round")
        runs.append(picture(root))
        press(page, "Reset")
        assert picture(root) == first
    assert runs[0] == runs[1] != first


def test_plays_and_pauses(open_bench: Callable[..., Page]) -> None:
    page = open_bench()
    root, output = page.locator(".gnb"), page.locator("output")
    page.wait_for_timeout(500)
    assert rounds(root) == 0  # nothing plays unasked
    press(page, "Play")
    assert output.get_attribute("aria-live") == "off"  # no flood of words
    page.wait_for_function(
        "o => /round [1-9]\\d\\d /.test(o.textContent)", arg=output.element_handle()
    )
    press(page, "Pause")
    settle(page)
    stopped = picture(root)
    assert output.get_attribute("aria-live") == "polite"
    page.wait_for_timeout(500)
    assert picture(root) == stopped
    press(page, "Reset")
    assert rounds(root) == 0


def test_rests_when_out_of_sight(open_bench: Callable[..., Page]) -> None:
    page = open_bench()
    root = page.locator(".gnb")
    page.evaluate("document.body.style.paddingBottom = '3000px'")
    press(page, "Play")
    page.evaluate("scrollTo(0, 2800)")
    page.wait_for_timeout(400)
    before = root.evaluate(DRAWN)
    page.wait_for_timeout(400)
    assert root.evaluate(DRAWN) == before
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(400)
    assert root.evaluate(DRAWN) != before
    press(page, "Pause")


def test_speed_is_rounds_a_second(open_bench: Callable[..., Page]) -> None:
    page = open_bench()
    root = page.locator(".gnb")
    root.get_by_label("speed").fill("3")  # ten a second
    press(page, "Play")
    page.wait_for_timeout(1500)
    press(page, "Pause")
    assert 5 <= rounds(root) <= 25


@pytest.mark.parametrize("width", [1280, 390])
def test_humps_can_be_dragged(open_bench: Callable[..., Page], width: int) -> None:
    page = open_bench(width=width)
    handle = page.get_by_role("slider", name="Hump 2 of the data")
    plot = page.locator(".gnb-duel .gnb-plot").bounding_box()
    box = handle.bounding_box()
    assert plot is not None
    assert box is not None
    x, y = box["x"] + box["width"] / 2 + 3, box["y"] + box["height"] / 2
    curve = CURVE.format("data")
    root = page.locator(".gnb")
    before, model = root.evaluate(curve), root.evaluate(CURVE.format("model"))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 0.1 * plot["width"], y + 30, steps=5)
    page.mouse.up()
    page.mouse.move(x - 50, y)  # let go
    settle(page)
    assert mean_of(handle) == pytest.approx(
        1.5 + 1, abs=0.02
    )  # a tenth of ten units, however gripped
    assert root.evaluate(curve) != before
    assert root.evaluate(CURVE.format("model")) == model
    assert mean_of(page.get_by_role("slider", name="Hump 1 of the data")) == -1.5


def test_humps_answer_the_keyboard(open_bench: Callable[..., Page]) -> None:
    page = open_bench()
    handle = page.get_by_role("slider", name="Hump 1 of the data")
    for key, mean in (
        ("ArrowRight", -1.4),
        ("ArrowLeft", -1.5),
        ("PageUp", -0.5),
        ("Home", -4),
        ("ArrowLeft", -4),
        ("End", 4),
    ):
        handle.press(key)
        settle(page)
        assert mean_of(handle) == pytest.approx(mean), key
    assert handle.get_attribute("aria-valuetext") == "50% of the data around x = 4.00"
    assert handle.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    assert handle.get_attribute("data-lm-suppress-shortcuts") == "true"


def test_humps_answer_touch_and_the_page_still_scrolls(open_bench: Callable[..., Page]) -> None:
    page = open_bench(width=390, has_touch=True, is_mobile=True)
    touch = "e => getComputedStyle(e).touchAction"
    assert page.locator(".gnb-hump").first.evaluate(touch) == "none"
    assert page.locator(".gnb-duel .gnb-plot").evaluate(touch) == "auto"


@pytest.mark.parametrize("label", ["steps k of D", "rate of D", "rate of G", "width of humps"])
def test_every_slider_changes_the_run(open_bench: Callable[..., Page], label: str) -> None:
    page = open_bench()
    root = page.locator(".gnb")
    press(page, "One round")
    before = root.evaluate(DRAWN)
    press(page, "Reset")
    for _ in range(2):
        root.get_by_label(label).press("ArrowRight")
    press(page, "One round")
    assert root.evaluate(DRAWN) != before


def test_losses_can_be_changed(open_bench: Callable[..., Page]) -> None:
    page = open_bench()
    root = page.locator(".gnb")
    drawn = set()
    for name in ("non-saturating", "minimax", "Wasserstein, weights clipped"):
        page.get_by_label(name).check()
        press(page, "Reset")
        for _ in range(
            4
        ):  # the first step of Adam is the same: its size does not depend on the slope's
            press(page, "One round")
        drawn.add(root.evaluate(CURVE.format("model")))
    assert len(drawn) == 3
    assert "E f(x)" in root.locator("output").inner_text()
    assert page.get_by_label("best D*(x)").is_disabled()
    assert "critic" in root.locator(".gnb-keys").inner_text()


def test_best_discriminator_is_the_share_of_the_data(open_bench: Callable[..., Page]) -> None:
    page = open_bench()
    root = page.locator(".gnb")
    page.get_by_label("best D*(x)").check()
    settle(page)

    def curve(name: str) -> dict[float, float]:
        points = re.findall(r"(-?[\d.]+) (-?[\d.]+)", root.evaluate(CURVE.format(name)))
        return {float(x): 1.12 * (1 - float(y) / 1000) for x, y in points}

    data, model, best = curve("data"), curve("model"), curve("best")
    where = [x for x in best if max(data[x], model[x]) > 0.05 and max(data[x], model[x]) < 1.1]
    assert len(where) > 20
    for x in where:
        assert best[x] == pytest.approx(data[x] / (data[x] + model[x]), abs=0.01)


def test_one_hump_and_back(open_bench: Callable[..., Page]) -> None:
    page = open_bench()
    root = page.locator(".gnb")
    before = root.evaluate(CURVE.format("data"))
    page.get_by_label("two humps").uncheck()
    settle(page)
    assert root.evaluate(CURVE.format("data")) != before
    assert page.locator(".gnb-hump:visible").count() == 1
    assert page.locator(".gnb-hump").first.get_attribute("aria-valuetext").startswith("100%")
    page.get_by_label("two humps").check()
    settle(page)
    assert root.evaluate(CURVE.format("data")) == before


def test_says_when_a_hump_is_left_out(open_bench: Callable[..., Page]) -> None:
    page = open_bench()
    page.locator(".gnb-hump").first.press("Home")
    page.locator(".gnb-hump").nth(1).press("End")
    press(page, "One round")
    assert "Mode collapse" not in page.locator("output").inner_text()  # it has left out both
    page.locator(".gnb-hump").nth(1).press("Home")
    for _ in range(4):
        page.locator(".gnb-hump").nth(1).press("PageUp")
    settle(page)
    said = page.locator("output").inner_text()
    assert "Mode collapse: hardly any z goes to the hump around x = \u22124.0" in said


def test_controls_stand_where_python_says(open_bench: Callable[..., Page]) -> None:
    page = open_bench()
    root = page.locator(".gnb")
    assert root.get_by_label("rate of D").get_attribute("aria-valuetext") == "0.020"
    assert root.get_by_label("rate of G").get_attribute("aria-valuetext") == "0.0020"
    assert root.get_by_label("steps k of D").input_value() == "1"
    assert page.get_by_label("non-saturating").is_checked()
    assert page.get_by_label("Adam for G").is_checked()
    page.get_by_label("Adam for G").uncheck()
    assert root.get_by_label("rate of G").get_attribute("aria-valuetext") == "0.050"
    page.get_by_label("Adam for G").check()
    assert root.get_by_label("rate of G").get_attribute("aria-valuetext") == "0.0020"


def test_a_frame_of_training_is_short(open_bench: Callable[..., Page]) -> None:
    page = open_bench()
    root = page.locator(".gnb")
    page.get_by_label("best D*(x)").check()
    press(page, "Play")
    times = []
    for _ in range(60):
        settle(page)
        times.append(float(root.get_attribute("data-frame-ms") or "nan"))
    press(page, "Pause")
    print(f"median {statistics.median(times):.2f} ms, {rounds(root)} rounds")
    assert rounds(root) > 60
    assert statistics.median(times) <= FRAME


def test_picture_changes_with_every_control(open_bench: Callable[..., Page]) -> None:
    page = open_bench()
    root = page.locator(".gnb")
    assert changes(page, root, lambda: press(page, "One round"))
    assert changes(page, root, lambda: page.locator(".gnb-hump").first.press("ArrowLeft"))


def test_fits_a_phone(open_bench: Callable[..., Page]) -> None:
    page = open_bench(width=390)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    outside = page.locator(".gnb").evaluate(
        """root => [...root.querySelectorAll("svg, input, button, p, span, label, legend")].filter((e) => {
            const box = e.getBoundingClientRect();
            return box.left < -1 || box.right > 391;
        }).map((e) => e.outerHTML)"""
    )
    assert outside == []


@pytest.mark.parametrize(("width", "place"), [(1280, 0), (390, 1)])
def test_reserved_height_is_about_right(
    open_bench: Callable[..., Page], duel: Duel, width: int, place: int
) -> None:
    box = open_bench(width=width).locator(".gnb").bounding_box()
    assert box is not None
    assert box["height"] == pytest.approx(duel.height[place], rel=0.06)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing(open_bench: Callable[..., Page], scheme: str, width: int) -> None:
    page = open_bench(color_scheme=scheme, width=width)
    page.get_by_label("best D*(x)").check()
    press(page, "One round")
    found = Axe().run(page).response["violations"]
    assert not found, json.dumps(found, indent=1)[:3000]


def test_still_picture_without_scripts(open_bench: Callable[..., Page], duel: Duel) -> None:
    still = open_bench(java_script_enabled=False).locator(".gnb-explorable img")
    assert still.is_visible()
    assert still.get_attribute("alt") == duel.label
