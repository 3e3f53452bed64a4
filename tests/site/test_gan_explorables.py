"""The explorables of the adversarial games in Chromium: they answer, and compute what torch and SciPy compute."""

from __future__ import annotations

import base64
import math
import statistics
from collections.abc import Callable
from typing import Any

import pytest
import torch
from playwright.sync_api import Locator
from scipy.integrate import quad
from scipy.stats import ks_2samp, norm

from gennb.evaluate import frechet_distance, frechet_gaussian, mode_coverage
from gennb.widgets import Explorable, LossGradients, OptimalDiscriminator, SampleSize

from .bench import FRAME, calm, changes, frame_ms, numbers, picture, press, said, settle, sweep
from .conftest import Visit


def game_state(seed: int) -> dict[str, Any]:
    random = torch.Generator().manual_seed(seed)
    u = torch.rand(22, generator=random, dtype=torch.float64)
    means, widths = (5 * u[:4] - 2.5).tolist(), (0.5 + 1.3 * u[4:8]).tolist()
    return {
        "data": [means[0], widths[0]],
        "model": [means[1], widths[1]],
        "two": seed % 2 == 0,
        "learned": [means[2], widths[2], means[3], widths[3], seed % 4 == 0] if seed % 3 else [],
        "bend": (6 * u[9:] - 3).tolist(),
    }


def by_quadrature(state: dict[str, Any]) -> dict[str, float]:
    """V, C(G) and JSD by SciPy, from their definitions."""

    def log_data(x: float, mean: float, std: float, two: bool) -> float:
        sides = (-1.6, 1.6) if two else (0.0,)
        return math.log(math.fsum(norm.pdf(x, mean + s, std) for s in sides) / len(sides))

    def log_sigmoid(a: float) -> float:
        return min(a, 0.0) - math.log1p(math.exp(-abs(a)))

    def terms(x: float) -> tuple[float, float, float]:
        log_p, log_q = log_data(x, *state["data"], state["two"]), norm.logpdf(x, *state["model"])
        p, q = math.exp(log_p), math.exp(log_q)
        i = min(11, max(0, math.floor(x) + 6))
        part = min(1.0, max(0.0, x + 6 - i))
        a = (1 - part) * state["bend"][i] + part * state["bend"][i + 1]
        if state["learned"]:
            mean, std, *other, two = state["learned"]
            a += log_data(x, mean, std, two) - norm.logpdf(x, *other)
        star = log_p - log_q
        return (
            p * log_sigmoid(a) + q * log_sigmoid(-a),
            p * log_sigmoid(star) + q * log_sigmoid(-star),
            (p * math.log(2 * p / (p + q)) + q * math.log(2 * q / (p + q))) / 2,
        )

    return {
        name: sum(
            quad(lambda x, k=k: terms(x)[k], i, i + 1, epsabs=1e-9)[0] for i in range(-13, 13)
        )
        for k, name in enumerate(("value", "best", "divergence"))
    }


def test_game_agrees_with_scipy(open_bench: Callable[..., Locator]) -> None:
    states = [game_state(seed) for seed in range(8)]
    answers = open_bench("OptimalDiscriminator").page.evaluate(
        """async ([states, limits]) => {
            const { gameNumbers } = await import("./gan/value.js");
            return states.map((state) => gameNumbers({ ...state, limits }));
        }""",
        [states, OptimalDiscriminator().limits],
    )
    for state, answer in zip(states, answers, strict=True):
        assert answer == pytest.approx(by_quadrature(state), abs=1e-6)
        assert answer["best"] == pytest.approx(-math.log(4) + 2 * answer["divergence"], abs=1e-10)
        assert answer["value"] <= answer["best"]
        game = OptimalDiscriminator()
        for name, setting in state.items():
            setattr(game, name, setting)
        twin = game.numbers()
        assert list(answer.values()) == pytest.approx(list(twin.values()), abs=1e-10)


def test_game_shows_what_its_sliders_say(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("OptimalDiscriminator")
    for slider, value in zip(
        root.locator("input[type=range]").all(), ("0.5", "1.2", "-1", "0.8"), strict=True
    ):
        slider.fill(value)
    game = OptimalDiscriminator(data=(0.5, 1.2), model=(-1.0, 0.8)).numbers()
    shown = numbers(said(root).split("\n")[0])
    assert shown[:3] == pytest.approx([game["value"], game["best"], game["jsd"]], abs=6e-4)
    root.get_by_label("two humps").check()
    two = OptimalDiscriminator(data=(0.5, 1.2), model=(-1.0, 0.8), two=True).numbers()
    assert numbers(said(root))[1] == pytest.approx(two["best"], abs=6e-4)


def test_best_discriminator_stays_the_best_until_the_reader_bends_it(
    open_bench: Callable[..., Locator],
) -> None:
    root = open_bench("OptimalDiscriminator")
    assert "A better D gets" in said(root)
    press(root, "Make D the best")
    values = []
    for label, value in (("mean of model", "0"), ("width of data", "1.5"), ("mean of model", "2")):
        root.get_by_label(label).fill(value)
        value, best, *_ = numbers(said(root))
        assert value == best
        assert "stays the best while you move the densities" in said(root)
        values.append(best)
    assert len(set(values)) == 3
    root.locator(".gnb-knob").nth(6).press("PageUp")
    value, best, *_ = numbers(said(root))
    assert value < best
    root.get_by_label("mean of model").fill("-2")
    assert "A better D gets" in said(root)  # it is the reader's own now, and stays behind
    press(root, "Make D the best")
    assert "stays the best" in said(root)
    root.get_by_role("button", name="everywhere").click()
    assert numbers(said(root))[0] == pytest.approx(-1.386)


def test_a_model_that_is_the_data_leaves_minus_log_four(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("OptimalDiscriminator")
    for slider, value in zip(
        root.locator("input[type=range]").all(), ("0", "1", "0", "1"), strict=True
    ):
        slider.fill(value)
    assert numbers(said(root))[:3] == pytest.approx([-1.386, -1.386, 0])
    assert "The model is the data" in said(root)


def test_handles_answer_the_keyboard(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("OptimalDiscriminator")
    handles = root.get_by_role("slider", name="D at x =")
    assert handles.count() == 13
    assert root.locator(".gnb-knob[tabindex='0']").count() == 1
    root.locator(".gnb-knob[tabindex='0']").focus()
    focused = root.page.locator(":focus")
    for key, d in (("ArrowUp", 0.55), ("PageDown", 0.35), ("ArrowDown", 0.3)):
        root.page.keyboard.press(key)
        settle(root.page)
        assert float(focused.get_attribute("aria-valuenow")) == pytest.approx(d, abs=1e-3)
    root.page.keyboard.press("ArrowRight")
    assert focused.get_attribute("aria-label") == "D at x = 1"
    assert float(focused.get_attribute("aria-valuenow")) == pytest.approx(0.5)
    root.page.keyboard.press("Home")
    assert "V(D) = -\u221e" in said(root)
    assert "certain, D = 0, yet data fall there" in said(root)
    root.page.keyboard.press("End")
    assert "certain, D = 1, yet the model puts samples there" in said(root)
    root.page.keyboard.press("PageDown")
    assert "\u221e" not in said(root)


def test_a_stroke_takes_every_handle_along(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("OptimalDiscriminator")
    sweep(root.locator(".gnb-plot").nth(1), (0.02, 0.2), (0.98, 0.9))
    settle(root.page)
    values = [float(h.get_attribute("aria-valuenow")) for h in root.locator(".gnb-knob").all()]
    assert values == sorted(values, reverse=True)
    assert values[0] > 0.85
    assert values[-1] < 0.1
    assert numbers(said(root))[0] > -1.2  # data on the left, model on the right: a better D


def test_a_peak_can_be_dragged(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("OptimalDiscriminator")
    plot, handle = root.locator(".gnb-plot").first, root.locator(".gnb-handle.gnb-hue-model")
    box, at = plot.bounding_box(), handle.bounding_box()
    x = (at["x"] + at["width"] / 2 - box["x"]) / box["width"]
    y = (at["y"] + at["height"] / 2 - box["y"]) / box["height"]
    sweep(plot, (x, y), (x - 1 / 12, y - 0.2))
    settle(root.page)
    mean, width = (
        float(root.get_by_label(f"{n} of model").input_value()) for n in ("mean", "width")
    )
    assert mean == pytest.approx(0, abs=0.03)
    assert width == pytest.approx(1 / (1 / 1.1 + 0.2 * 0.88 * math.sqrt(2 * math.pi)), abs=0.03)
    assert root.get_by_label("mean of data").input_value() == "-1"


def test_gradients_agree_with_torch(open_bench: Callable[..., Locator]) -> None:
    random = torch.Generator().manual_seed(0)
    u = torch.rand(12, 2, generator=random, dtype=torch.float64)
    settings = [{"theta": 12 * a - 6, "s": 0.4 + 1.6 * b} for a, b in u.tolist()]
    settings.append({"theta": 0.0, "s": 1.0})
    answers = open_bench("LossGradients").page.evaluate(
        """async (settings) => {
            const { lossNumbers } = await import("./gan/loss_gradients.js");
            return settings.map(lossNumbers);
        }""",
        settings,
    )
    z = torch.linspace(-10, 10, 20_001, dtype=torch.float64)
    weight = torch.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    for at, answer in zip(settings, answers, strict=True):
        theta = torch.tensor(at["theta"], dtype=torch.float64, requires_grad=True)
        x, fixed = theta + at["s"] * z, theta.detach()
        a = ((x - fixed) ** 2 - x**2) / (2 * at["s"] ** 2)
        for name, loss in (
            ("minimax", torch.nn.functional.logsigmoid(-a)),
            ("non-saturating", -torch.nn.functional.logsigmoid(a)),
        ):
            (slope,) = torch.autograd.grad(
                torch.trapezoid(weight * loss, z), theta, retain_graph=True
            )
            assert answer[name] == pytest.approx(slope.item(), rel=1e-6, abs=1e-9)
        assert answer["wasserstein"] == math.copysign(1, at["theta"]) * (at["theta"] != 0)
        assert answer == pytest.approx(LossGradients(**at).numbers(), rel=1e-9, abs=1e-12)


def test_gradients_are_shown_and_can_be_logarithmic(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("LossGradients")
    root.get_by_role("slider", name="mean θ").fill("-3")
    root.get_by_role("slider", name="width s").fill("1.5")
    at = LossGradients(theta=-3.0, s=1.5).numbers()
    shown = numbers(said(root).split("\n")[0])
    assert shown[0] == -3
    assert shown[2] == pytest.approx(at["overlap"], abs=0.006)
    assert shown[3] == pytest.approx(at["divergence"], abs=6e-4)
    cells = [c.inner_text().replace("\u2212", "-") for c in root.locator("td:last-child").all()]
    assert numbers(cells[0]) == pytest.approx([at["minimax"], at["spread"]], abs=0.006)
    assert numbers(cells[1]) == pytest.approx([at["non-saturating"], at["spread"]], abs=0.006)
    assert [numbers(c)[0] for c in cells[2:]] == [-1, -6]
    log = root.get_by_label("logarithmic")
    assert changes(root, log.check)
    assert "0.001" in root.locator(".gnb-plot").nth(1).inner_text()


OUTSIDE = """root => {
    const card = root.querySelector(".gnb-body").getBoundingClientRect(), range = document.createRange();
    return Math.max(...[...root.querySelectorAll(".gnb-table :is(th, td)")].map((cell) => {
        range.selectNodeContents(cell);
        return range.getBoundingClientRect().right - card.right;
    }));
}"""


@pytest.mark.parametrize("width", [390, 600, 768, 1280])
def test_the_table_of_losses_stays_in_its_card(visit: Callable[..., Visit], width: int) -> None:
    root = visit("gan/losses.html", width=width).page.locator(".gnb")
    root.get_by_role("slider", name="width s").fill("0.4")
    for theta in ("-6", "-3.5", "2", "4", "6"):
        root.get_by_role("slider", name="mean θ").fill(theta)
        settle(root.page)
        assert root.evaluate(OUTSIDE) <= 0, theta


def test_far_apart_the_minimax_loss_is_said_to_be_flat(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("LossGradients")
    root.get_by_role("slider", name="mean θ").fill("5")
    root.get_by_role("slider", name="width s").fill("0.5")
    assert "the minimax loss are flat" in said(root)
    assert "with almost \u03b8/s\u00b2 = 20.0" in said(root)
    root.get_by_role("slider", name="mean θ").fill("0")
    assert "no loss pulls" in said(root)


def test_ring_counts_what_torch_counts(
    open_bench: Callable[..., Locator], explorables: dict[str, Explorable]
) -> None:
    scrubber = explorables["RingScrubber"]
    answers = open_bench("RingScrubber").page.evaluate(
        """async ([bytes, centers, radius, snapshots]) => {
            const { modeCoverage } = await import("./gan/ring_scrubber.js");
            const { readPoints } = await import("./kit/plane.js");
            const view = new DataView(Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0)).buffer);
            const all = readPoints(view), size = all.length / snapshots;
            return Array.from({ length: snapshots }, (_, i) => {
                const points = all.slice(i * size, (i + 1) * size);
                const { modes, share } = modeCoverage(points, centers, radius);
                return { points: [...points], modes, share };
            });
        }""",
        [
            base64.b64encode(scrubber.points).decode(),
            scrubber.centers,
            3 * scrubber.std,
            2 * len(scrubber.rounds),
        ],
    )
    page_points = torch.tensor([a["points"] for a in answers], dtype=torch.float64)
    counted = mode_coverage(
        page_points.unflatten(1, (-1, 2)), torch.tensor(scrubber.centers, dtype=torch.float64), 0.1
    )
    assert [a["modes"] for a in answers] == counted.modes.tolist()
    assert [a["share"] for a in answers] == pytest.approx(counted.quality.tolist(), abs=1e-12)
    of_python = scrubber.coverage()
    assert counted.modes.tolist() == [m for run in of_python.values() for m in run["modes"]]
    assert counted.modes.max() == 8


def test_ring_shows_its_counts(
    open_bench: Callable[..., Locator], explorables: dict[str, Explorable]
) -> None:
    root = open_bench("RingScrubber")
    slider = root.locator("input[type=range]")
    scrubber = explorables["RingScrubber"]
    of_python = scrubber.coverage()
    for t in (7, 6, 3):
        slider.fill(str(t))
        head, *lines = said(root).split("\n")
        assert numbers(head) == [scrubber.rounds[t]]
        for line, (name, run) in zip(lines, of_python.items(), strict=True):
            assert line.startswith(name)
            share = 100 * run["share"][t].item()
            assert numbers(line)[:3] == pytest.approx([run["modes"][t].item(), 8, share], abs=0.51)
    reached = root.locator(".gnb-plane").first.locator(".gnb-reached")
    assert reached.count() == of_python["plain"]["modes"][3]


def test_ring_plays_and_pauses(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("RingScrubber")
    assert said(root).startswith("Round 0\n")
    root.page.wait_for_timeout(500)
    assert said(root).startswith("Round 0\n")  # nothing plays unasked
    press(root, "Play the training")
    output = root.locator("output").element_handle()
    started = "o => !o.textContent.startsWith('Round 0\\n')"  # a busy machine may pass by the second snapshot
    root.page.wait_for_function(started, arg=output)
    assert root.locator("output").get_attribute("aria-live") == "off"
    press(root, "Pause")
    stopped = said(root)
    root.page.wait_for_timeout(400)
    assert said(root) == stopped
    assert root.locator("output").get_attribute("aria-live") == "polite"
    press(root, "Play the training")
    end = "o => o.ariaLive === 'polite'"  # it stops there
    root.page.wait_for_function(end, arg=output, timeout=120_000)
    assert said(root).startswith("Round 9,000")
    assert root.get_by_role("button", name="Play the training").is_visible()


CURSOR = "root => parseFloat(root.querySelector('.gnb-cursor').style.left)"


@pytest.mark.parametrize(("motion", "between"), [("reduce", False), ("no-preference", True)])
def test_ring_moves_between_snapshots_unless_asked_not_to(
    open_bench: Callable[..., Locator], motion: str, between: bool
) -> None:
    root = open_bench("RingScrubber", reduced_motion=motion)
    press(root, "Play the training")
    places = set()
    for _ in range(12):
        settle(root.page)
        places.add(7 * root.evaluate(CURSOR) / 100)
    assert any(abs(at - round(at)) > 0.02 for at in places) == between


def test_gradients_for_another_width_take_a_frame(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("LossGradients")
    slider = root.get_by_role("slider", name="width s")
    times = []
    for i in range(40):
        slider.fill(str(0.5 + 0.05 * (i % 20)))
        times.append(frame_ms(root))
    print(f"{calm(times):.2f} ms")
    assert calm(times) <= FRAME


@pytest.mark.parametrize("rank", [1, 2, 5, 16])
def test_distance_agrees_with_torch(open_bench: Callable[..., Locator], rank: int) -> None:
    """From roots of two covariances, of which one may be singular."""
    noise = torch.Generator().manual_seed(0)
    a, b = torch.randn(2, 16, 16, generator=noise, dtype=torch.float64)
    a[:, rank:] = 0
    overlap = open_bench("SampleSize").page.evaluate(
        """async (columns) => {
            const { nuclearNorm } = await import("./gan/sample_size.js");
            return nuclearNorm(columns);
        }""",
        (a.mT @ b).mT.tolist(),
    )
    zero = torch.zeros(16, dtype=torch.float64)
    ours = a.square().sum() + b.square().sum() - 2 * overlap
    assert ours.item() == pytest.approx(
        frechet_gaussian(zero, a @ a.mT, zero, b @ b.mT).item(), rel=1e-6
    )


@pytest.mark.parametrize(("d", "n", "distance"), [(1, 100, 0.0), (3, 100, 0.5), (16, 100, 0.25)])
def test_estimates_are_those_from_samples(
    open_bench: Callable[..., Locator], d: int, n: int, distance: float
) -> None:
    answers = open_bench("SampleSize").page.evaluate(
        """async ([d, n, distance]) => {
            const { estimate } = await import("./gan/sample_size.js");
            const { random } = await import("./kit/maths.js");
            const dice = random(3);
            return Array.from({ length: 1000 }, () => {
                const { still, along } = estimate(d, n, dice);
                return still + 2 * along * Math.sqrt(distance) + distance;
            });
        }""",
        [d, n, distance],
    )
    noise = torch.Generator().manual_seed(0)
    moved = torch.zeros(d).index_fill(0, torch.tensor(0), distance**0.5)
    plain = [
        frechet_distance(
            torch.randn(n, d, generator=noise), moved + torch.randn(n, d, generator=noise)
        ).item()
        for _ in range(1000)
    ]
    assert ks_2samp(answers, plain).pvalue > 1e-3
    expected, _ = SampleSize(n=n, d=d).expected()
    assert statistics.mean(answers) == pytest.approx(distance + expected, rel=0.1)


def test_a_perfect_model_loses_until_it_has_samples(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("SampleSize")
    assert said(root).endswith("The perfect model loses 5 times of 5.")
    plot, ring = root.locator(".gnb-plot"), root.locator(".gnb-handle.gnb-hue-own")
    box, at = plot.bounding_box(), ring.bounding_box()
    x = (at["x"] + at["width"] / 2 - box["x"]) / box["width"]
    sweep(plot, (x, 0.5), (x + 0.25, 0.5))
    assert said(root).endswith("loses 0 times of 5.")
    assert root.get_by_label("n, perfect").get_attribute("aria-valuetext") == "500"
    assert root.get_by_label("n, worse").get_attribute("aria-valuetext") == "10,000"
    root.get_by_label("dimension d").fill("16")
    assert said(root).endswith("loses 5 times of 5.")
    root.get_by_label("dimension d").fill("1")
    assert said(root).endswith("loses 0 times of 5.")
    root.get_by_label("distance, worse").fill("0")
    assert "the other, as perfect, 0.00, in truth 0.00" in said(root)


def test_samples_are_drawn_until_there_are_many(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("SampleSize")
    opened, shown = said(root), picture(root)
    root.get_by_label("distance, worse").fill("0.5")
    press(root, "Draw samples")
    output = root.locator("output").element_handle()
    root.page.wait_for_function("o => o.textContent.endsWith('times of 100.')", arg=output)
    assert root.get_by_role("button", name="Draw samples").is_visible()  # the end stops it
    perfect, truth, worse, other, *_ = numbers(said(root))
    assert (truth, other) == (0, 0.5)
    assert [perfect, worse] == pytest.approx(SampleSize(distance=0.5).expected(), rel=0.1)
    press(root, "Reset")
    assert (said(root), picture(root)) == (opened, shown)
