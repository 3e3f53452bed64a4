"""What the explorables of the Boltzmann machines compute, against torch."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
import torch
from playwright.sync_api import Locator, Page

from gennb.boltzmann import RBM, BoltzmannMachine, states
from gennb.widgets import ContrastiveSteps, Explorable, FourUnits
from gennb.widgets.boltzmann.restricted import unpack_machine

from .bench import FRAME, calm, changes, picture, press, said, settle, sweep, tall, touch

SWEEPS = """async ([strengths, temperature, uniforms]) => {
    const { sweep, distribution } = await import("./boltzmann/four_units.js");
    const s = [0, 1, 0, 1], seen = [];
    let i = 0;
    for (let n = 0; n < uniforms.length / 4; n++) {
        sweep(s, strengths, temperature, () => uniforms[i++]);
        seen.push([...s]);
    }
    return [seen, distribution(strengths, temperature)];
}"""


@pytest.mark.parametrize("temperature", [1.0, 2.5])
def test_four_units_sweep_as_torch_does(
    open_bench: Callable[..., Locator], temperature: float
) -> None:
    strengths = FourUnits.example().strengths
    ways = torch.combinations(torch.arange(4), 2)
    W = torch.zeros(4, 4, dtype=torch.float64)
    W[ways[:, 0], ways[:, 1]] = torch.tensor(strengths[:6], dtype=torch.float64)
    b = torch.tensor(strengths[6:], dtype=torch.float64)
    machine = BoltzmannMachine.from_weights(W + W.mT, b, 4)
    uniforms = torch.rand(200, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)

    page = open_bench("FourUnits").page
    seen, p = page.evaluate(SWEEPS, [strengths, temperature, uniforms.flatten().tolist()])
    assert p == pytest.approx(machine.distribution(temperature=temperature).tolist(), abs=1e-12)
    s, generator = torch.tensor([[0.0, 1, 0, 1]]).double(), torch.Generator().manual_seed(0)
    for state in seen:
        s = machine.gibbs(s, temperature=temperature, generator=generator)
        assert s[0].tolist() == state


CHAIN = """async ([network, weights, bias, start, temperature, uniforms]) => {
    const { freeEnergy, gibbs, readMachine } = await import("./boltzmann/restricted.js");
    const view = (text) => new DataView(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
    const machine = readMachine(network, view(weights), view(bias));
    let v = Uint8Array.from(start), i = 0;
    const steps = Array.from({ length: uniforms.length / (machine.b.length + machine.c.length) }, () => {
        const step = gibbs(machine, v, temperature, () => uniforms[i++]);
        v = step.v;
        return [step.excited, step.h, step.means, step.v].map((each) => [...each]).concat([freeEnergy(machine, v)]);
    });
    return [freeEnergy(machine, Uint8Array.from(start)), steps];
}"""


@pytest.mark.parametrize("temperature", [1.0, 2.5])
def test_digit_chain_steps_as_torch_does(
    open_bench: Callable[..., Locator], explorables: dict[str, Explorable], temperature: float
) -> None:
    shown = explorables["DigitChain"]
    W, b, c = unpack_machine(shown.network, shown.weights, shown.bias)
    rbm = RBM(*W.shape).double()
    rbm.load_state_dict({"W": W, "b": b, "c": c})
    v = shown.picture().flatten()[None].double()
    dice = torch.Generator().manual_seed(0)
    uniforms = [
        torch.rand(1, n, generator=dice, dtype=torch.float64) for _ in range(20) for n in W.mT.shape
    ]
    before, steps = open_bench("DigitChain").page.evaluate(
        CHAIN,
        [
            shown.network,
            *(base64.b64encode(each).decode() for each in (shown.weights, shown.bias)),
            v[0].tolist(),
            temperature,
            torch.cat(uniforms, 1)[0].tolist(),
        ],
    )
    assert before == pytest.approx(rbm.free_energy(v).item(), abs=1e-6)
    dice.manual_seed(0)
    for excited, h, means, state, energy in steps:
        expected = (rbm.hidden_given_visible(v).logit() / temperature).sigmoid()[0]
        assert excited == pytest.approx(expected.tolist(), abs=1e-9)
        on = torch.tensor([h], dtype=torch.float64)
        expected = (rbm.visible_given_hidden(on).logit() / temperature).sigmoid()[0]
        assert means == pytest.approx(expected.tolist(), abs=1e-9)
        v = rbm.gibbs(v, temperature=temperature, generator=dice)
        assert v[0].tolist() == state
        assert energy == pytest.approx(rbm.free_energy(v).item(), abs=1e-6)


def test_a_step_of_a_large_machine_takes_part_of_a_frame(
    open_bench: Callable[..., Locator],
) -> None:
    times = open_bench("DigitChain").page.evaluate(
        """async ([visible, hidden]) => {
            const { gibbs } = await import("./boltzmann/restricted.js");
            const W = Float32Array.from({ length: visible * hidden }, () => Math.random() - 0.5);
            const machine = { W, b: new Float32Array(visible), c: new Float32Array(hidden) };
            let v = new Uint8Array(visible);
            return Array.from({ length: 30 }, () => {
                const start = performance.now();
                v = gibbs(machine, v, 1, Math.random).v;
                return performance.now() - start;
            });
        }""",
        [784, 500],
    )
    assert calm(times) <= FRAME / 2


INK = """root => {
    const canvas = root.querySelector(".gnb-sketch canvas"), { width, height } = canvas;
    const copy = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
    copy.drawImage(canvas, 0, 0);
    return copy.getImageData(0, 0, width, height).data.filter((v, i) => i % 4 === 3 && v > 0).length;
}"""


def ink(root: Locator) -> int:
    """Pixels of the drawing that are black."""
    settle(root.page)
    return int(root.evaluate(INK))


def test_a_mouse_draws_and_rubs_out(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("DigitChain")
    pad = root.locator(".gnb-sketch")
    press(root, "Clear")
    assert ink(root) == 0
    sweep(pad, (0.2, 0.5), (0.8, 0.5))
    line = ink(root)
    assert line == pytest.approx(2 * 0.6 * 28, abs=6)  # two pixels wide, without a gap
    root.get_by_label("eraser").check()
    sweep(pad, (0.5, 0.2), (0.5, 0.8))
    assert ink(root) == line - 4
    root.get_by_label("eraser").uncheck()
    sweep(pad, (0.5, 0.9), (1.3, 0.9), (1.3, 0.1), (0.5, 0.1))  # out and in again
    assert ink(root) == pytest.approx(line - 4 + 2 * 2 * 0.5 * 28, abs=6)


def test_keys_draw_and_rub_out(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("DigitChain")
    pad = root.locator(".gnb-sketch")
    press(root, "Clear")
    for keys, black in [
        (["Space"], 4),
        (["ArrowRight", "ArrowRight"], 4),
        (["Enter"], 8),
        (3 * ["Shift+ArrowDown"], 14),
        (["Delete"], 10),
        (["."], 10),
    ]:
        for key in keys:
            pad.press(key)
        assert ink(root) == black
    assert said(root).startswith("Step 1:")  # the full stop steps
    pad.press("ArrowLeft")
    assert said(root).startswith("Step 1:")  # a brush that only moves changes no drawing
    pad.press("Space")
    assert said(root).startswith("The chain has not moved yet.")
    pad.press("r")
    assert ink(root) > 14


def test_a_finger_draws_downward_once_it_has_the_brush(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("DigitChain", width=390, has_touch=True, is_mobile=True)
    root.page.add_style_tag(content="body { padding-bottom: 1500px }")
    pad = root.locator(".gnb-sketch")
    root.get_by_role("button", name="Clear").tap()
    for act, black, scrolled in [
        (lambda: touch(pad, (0, -100)), 0, True),
        (lambda: touch(pad, at=0.5), 4, False),
        (lambda: touch(pad, (0, -40), at=0.2), 20, False),
        (lambda: touch(root.locator(".gnb-hint")), 20, False),
        (lambda: touch(pad, (0, -100), at=0.8), 20, True),
    ]:
        pad.evaluate("e => e.scrollIntoView({ block: 'center' })")
        before = root.page.evaluate("scrollY")
        act()
        assert ink(root) == pytest.approx(black, abs=4 if black > 4 else 0)
        assert (root.page.evaluate("scrollY") != before) == scrolled


def test_the_chain_runs_from_any_start_and_goes_back(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("DigitChain")
    opened, words = picture(root), said(root)
    assert changes(root, root.get_by_role("button", name="Begin with picture 4").click)
    begun = said(root)
    assert begun.startswith("The chain has not moved yet.")
    press(root, "Play")
    root.page.wait_for_function(
        "o => /^Step \\d/.test(o.textContent)",
        arg=root.locator("output").element_handle(),
    )
    press(root, "Pause")
    root.get_by_label("temperature").press("End")  # a cold chain may keep all its units
    assert changes(root, lambda: press(root, "One step"))
    assert "probable at temperature 1." in said(root)
    press(root, "Reset")
    assert (picture(root), said(root)) == (opened, words)


@pytest.mark.parametrize("width", [390, 1280])
def test_a_step_does_not_move_what_stands_below(
    open_bench: Callable[..., Locator], width: int
) -> None:
    root = open_bench("DigitChain", width=width)
    before = tall(root)
    press(root, "One step")
    assert tall(root) == pytest.approx(before, abs=2)


def test_a_filter_is_chosen_by_pointing_or_by_keys(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("DigitChain")
    units, name = root.locator(".gnb-units"), root.locator(".gnb-figure").last
    assert "strongest now: unit " in name.inner_text()
    units.press("Home")
    units.press("ArrowRight")
    settle(root.page)
    assert "filter of unit 1\n" in name.inner_text()
    box = units.bounding_box()
    assert box is not None
    units.hover(position={"x": box["width"] * 0.99, "y": 2})
    settle(root.page)
    assert "filter of unit 6\n" in name.inner_text()  # 30 units in rows of six
    units.click(position={"x": 2, "y": box["height"] / 4})
    root.locator(".gnb-hint").hover()
    settle(root.page)
    assert "filter of unit 7\n" in name.inner_text()


STEPS = """async ([machine, v, uniforms]) => {
    const { direction, draw, hiddenGiven, logProb, visibleGiven } = await import("./boltzmann/lesson.js");
    let i = 0, states = v;
    const means = hiddenGiven(machine), back = visibleGiven(machine), uniform = () => uniforms[i++];
    for (let k = 0; k < 5; k++) states = draw(draw(states, means, uniform), back, uniform);
    return [states, direction(v, states, means), logProb(machine)];
}"""

LESSON = """async ([rule, rate, seed, updates]) => {
    const { lesson, leftShare, logProb } = await import("./boltzmann/lesson.js");
    const { random } = await import("./kit/maths.js");
    const now = lesson(random(seed)), shares = [];
    for (let n = 0; n < updates; n++) {
        now.update({ rule, rate, share: 0.8 });
        if (n >= updates - 2000 && n % 50 === 0) shares.push(leftShare(logProb(now.machine).map(Math.exp)));
    }
    return shares.reduce((a, b) => a + b) / shares.length;
}"""


@torch.no_grad()
def test_contrastive_steps_are_those_of_torch(open_bench: Callable[..., Locator]) -> None:
    torch.manual_seed(0)
    machine = RBM(6, 3).double()
    for parameter in machine.parameters():
        torch.nn.init.normal_(parameter)
    v = torch.randint(64, (50,))
    generator = torch.Generator().manual_seed(0)
    fantasies = machine.gibbs(states(6).double()[v], 5, generator=generator)
    generator.manual_seed(0)
    uniforms = [
        torch.rand(50, n, generator=generator, dtype=torch.float64).flatten() for n in (3, 6) * 5
    ]
    given = {name: value.tolist() for name, value in machine.named_parameters()}

    page = open_bench("ContrastiveSteps").page
    seen, change, log_p = page.evaluate(STEPS, [given, v.tolist(), torch.cat(uniforms).tolist()])
    assert states(6).double()[torch.tensor(seen)].equal(fantasies)
    data = machine._averages(machine._free(states(6).double()[v]))
    model = machine._averages(machine._free(fantasies))
    for name, value in data.items():
        expected = (value - model[name]).flatten().tolist()
        assert torch.tensor(change[name]).flatten().tolist() == pytest.approx(expected, abs=1e-6)
    assert log_p == pytest.approx(machine.log_prob(states(6).double()).tolist(), abs=1e-9)


def shares(page: Page, rule: str) -> list[float]:
    """Mass on the left after 4,000 to 6,000 updates, on average, for several seeds; in the data it is 0.8."""
    return [page.evaluate(LESSON, [rule, 0.05, seed, 6000]) for seed in (1, 2, 3)]


def test_a_short_chain_learns_the_share_last(open_bench: Callable[..., Locator]) -> None:
    page = open_bench("ContrastiveSteps").page
    assert max(shares(page, "CD-1")) < 0.62
    assert min(shares(page, "CD-5")) > 0.65
    assert shares(page, "chains go on") == pytest.approx([0.8] * 3, abs=0.08)
    assert page.evaluate(LESSON, ["CD-1", 0.1, 1, 20_000]) > 0.65


def test_contrastive_steps_show_the_data_of_python(open_bench: Callable[..., Locator]) -> None:
    page = open_bench("ContrastiveSteps").page
    data = "async () => (await import('./boltzmann/lesson.js')).dataOf(0.8)"
    assert page.evaluate(data) == pytest.approx(ContrastiveSteps().data(), abs=1e-12)


def test_an_update_has_four_stages(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("ContrastiveSteps")

    def drawn() -> tuple[int, int, int]:
        """Units still unknown; pairs marked + and −."""
        marks = (
            ".gnb-ladder circle.gnb-unknown",
            ".gnb-plus .gnb-together",
            ".gnb-minus .gnb-together",
        )
        unknown, plus, minus = (root.locator(mark).count() for mark in marks)
        return unknown, plus, minus

    assert said(root).startswith("Nothing learned yet.")
    assert drawn() == (18, 0, 0)
    unknown = []
    for stage in range(1, 9):
        press(root, "One step")
        assert said(root).startswith(f"{(stage - 1) % 4 + 1} of 4")
        assert f"After {stage // 4} updates" in said(root)
        unknown.append(drawn()[0])
    assert unknown == [12, 9, 0, 0] * 2
    on = [
        [
            root.locator(f".gnb-{side} circle.gnb-on").evaluate_all(
                f"all => all.filter((c) => c.cy.baseVal.value {row} 60).length"
            )
            for row in "<>"
        ]
        for side in ("plus", "minus")
    ]
    assert drawn()[1:] == tuple(hidden * visible for hidden, visible in on)
    press(root, "Reset")
    assert drawn() == (18, 0, 0)
