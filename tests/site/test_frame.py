"""What every explorable has from its frame: one screen on a phone, a row that plays, keys, a reset, a link."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from gennb.widgets import Explorable

from ..explorables import NAMES
from .bench import DRAWN_ONCE, STARTED, press, said, settle, sweep, tick
from .conftest import BUILT

SCREEN = 780  # pixels of a phone's 844 that its browser leaves
PHONE: Any = {"width": 390, "has_touch": True, "is_mobile": True}
SETTINGS = """root => [...root.querySelectorAll("input, [aria-pressed], [role=slider], .gnb-dot")]
    .map((e) => [e.type === "range" ? e.value : e.checked, e.ariaPressed, e.ariaValueNow, e.style.left, e.style.top])"""

DRAWN = """root => [...root.querySelectorAll("canvas, svg path, svg line")].filter((e) => e.checkVisibility())
    .map((e) => e.toDataURL?.() ?? e.getAttribute("d") ?? e.getAttribute("x2"))"""
SMALL = """root => [...root.querySelectorAll("*")].filter((e) => parseFloat(getComputedStyle(e).fontSize) < 12
    && [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())).map((e) => e.outerHTML)"""


def everything(root: Locator) -> list[Any]:
    """All that an explorable shows, once nothing is being drawn: a mosaic comes in slices."""
    shown: list[Any] = []
    while shown != (shown := [said(root), *(root.evaluate(what) for what in (SETTINGS, DRAWN))]):
        root.page.wait_for_timeout(100)
    return shown


def stir(root: Locator, *, switches: bool = True) -> None:
    """Move whatever can be moved."""
    if switches:
        for box in root.locator("input[type=checkbox]:enabled").all():
            box.click()
    for choice in root.locator("fieldset").all():
        choice.locator("input").last.check()
    for i, target in enumerate(root.locator(".gnb-draggable:visible").all()):
        sweep(target, (0.5, 0.5), (0.3 + 0.1 * i, 0.35))
    for slider in root.locator("input[type=range]").all():
        slider.press("ArrowRight")
        slider.press("PageDown")
    settle(root.page)


# On a phone


@pytest.mark.parametrize("name", NAMES)
def test_a_phone_shows_all_of_it_at_once(open_bench: Callable[..., Locator], name: str) -> None:
    root = open_bench(name, **PHONE)
    for _ in range(2):
        assert root.bounding_box()["height"] <= SCREEN
        assert root.evaluate(SMALL) == []
        for target in root.locator("button, summary, label, input[type=range]").all():
            if target.is_visible():
                assert target.bounding_box()["height"] >= 24, target
        tick(root)


def test_what_it_shows_is_folded_on_a_phone(open_bench: Callable[..., Locator]) -> None:
    root = open_bench("ElboGap", **PHONE)
    caption, fold = root.locator("details p"), root.locator("summary")
    expect(caption).not_to_be_visible()
    fold.tap()
    expect(caption).to_be_visible()
    wide = open_bench("ElboGap")
    expect(wide.locator("details p")).to_be_visible()
    expect(wide.locator("summary")).not_to_be_visible()


# The row that plays


@pytest.fixture(params=NAMES)
def player(request: pytest.FixtureRequest, open_bench: Callable[..., Locator]) -> Locator:
    """An explorable that plays."""
    root = open_bench(request.param)
    if root.locator(".gnb-play").count() == 0:
        pytest.skip("plays nothing")
    return root


def plays(root: Locator) -> bool:
    return root.get_attribute("data-playing") is not None


def test_keys_play_step_and_reset(player: Locator) -> None:
    keyboard, first = player.page.keyboard, everything(player)
    assert player.locator("kbd").all_inner_texts() == ["Space", ".", "R"]
    player.locator(".gnb-title").click()
    keyboard.press("Space")
    assert plays(player)
    keyboard.press("Space")
    assert not plays(player)
    keyboard.press("r")
    assert everything(player) == first
    keyboard.press(".")
    stepped = everything(player)
    assert stepped != first
    keyboard.press("Space")
    keyboard.press(".")
    assert not plays(player)  # a step pauses
    play = player.locator(".gnb-play")
    play.focus()
    keyboard.press("Space")
    assert plays(player)  # once, not by the button and by the key
    shortcuts = (
        "root => [...root.querySelectorAll('[aria-keyshortcuts]')].map((e) => e.ariaKeyShortcuts)"
    )
    assert sorted(player.evaluate(shortcuts)) == [".", "Space", "r"]


def test_keys_are_the_cards_alone(open_bench: Callable[..., Locator]) -> None:
    roots = open_bench("all")
    for key in ("Space", "."):
        roots.page.keyboard.press(key)
    assert not any(plays(root) for root in roots.all())


def test_the_row_stays_in_sight_while_it_plays(player: Locator) -> None:
    page = player.page
    page.add_style_tag(content="body { padding-bottom: 1500px }")
    page.set_viewport_size({"width": 1000, "height": 330})
    row = player.locator(".gnb-transport")
    player.evaluate("e => e.scrollIntoView({ block: 'start' })")
    settle(page)
    assert row.bounding_box()["y"] > 330
    bottom = """root => new Promise((done) => {
        root.querySelector(".gnb-play").click();
        requestAnimationFrame(() => done(root.querySelector(".gnb-transport").getBoundingClientRect().bottom));
    })"""
    assert player.evaluate(bottom) <= 331
    player.locator(".gnb-transport button").nth(1).click()  # a step pauses
    assert not plays(player)


# Reset


@pytest.mark.parametrize("name", NAMES)
def test_reset_resets_all(open_bench: Callable[..., Locator], name: str) -> None:
    root = open_bench(name)
    first = everything(root)
    if step := root.locator("[aria-keyshortcuts='.']").all():
        step[0].click()
    stir(root)
    for chip in root.locator(".gnb-chip[aria-pressed]").all()[:1]:
        chip.click()
    assert everything(root) != first
    press(root, "Reset")
    assert everything(root) == first


# A link


@pytest.fixture
def open_link(browser: Browser) -> Iterator[Callable[..., Locator]]:
    """Open an address with a fresh browser, and give the explorable there."""
    contexts = []
    problems: list[str] = []

    def open_address(address: str, name: str, *, without_clipboard: bool = False) -> Locator:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        contexts.append(context)
        page = context.new_page()
        if without_clipboard:
            page.add_init_script("delete Navigator.prototype.clipboard")
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda m: m.type in ("error", "warning") and problems.append(m.text))
        page.goto(address)
        page.wait_for_function(STARTED)
        page.wait_for_function(DRAWN_ONCE)
        return page.locator(f"#gnb-{name} .gnb")

    yield open_address
    for context in contexts:
        context.close()
    assert problems == []


def copied(root: Locator) -> str:
    """The address that a click on the link's button copies."""
    root.get_by_role("button", name="Copy link").click()
    expect(root.get_by_role("button", name="Copied")).to_be_visible()
    address: str = root.page.evaluate("navigator.clipboard.readText()")
    return address


@pytest.mark.parametrize("name", NAMES)
def test_a_copied_link_opens_the_same_state(
    open_link: Callable[..., Locator], bench: str, name: str
) -> None:
    root = open_link(f"{bench}{name}.html", name)
    first = everything(root)
    before = root.page.evaluate("[history.length, location.href]")
    assert urlsplit(copied(root)).query == ""  # nothing has moved
    stir(root, switches=False)
    moved = everything(root)
    assert root.page.evaluate("[history.length, location.href]") == before
    there = open_link(copied(root), name)
    assert everything(there) == moved != first
    press(there, "Reset")
    assert everything(there) == first


@pytest.mark.parametrize(
    ("name", "label"), [("FaceSliders", "cover the mouth"), ("LossGradients", "logarithmic")]
)
def test_a_link_carries_switches(
    open_link: Callable[..., Locator], bench: str, name: str, label: str
) -> None:
    root = open_link(f"{bench}{name}.html", name)
    root.get_by_label(label).check()
    assert open_link(copied(root), name).get_by_label(label).is_checked()


def linked(name: str, state: Any) -> str:
    return f"{linking({name: state})}#gnb-{name}"


def linking(states: dict[str, Any]) -> str:
    """A query that sets the state of several explorables."""
    texts = {
        f"gnb-{name}": state if isinstance(state, str) else json.dumps(state)
        for name, state in states.items()
    }
    return f"?{urlencode(texts)}"


NONSENSE = [None, 1.5, [1e300] * 2, [[]] * 2, [-1e300] * 13]


def test_nonsense_in_a_link_does_no_harm(
    open_link: Callable[..., Locator], bench: str, explorables: dict[str, Explorable]
) -> None:
    def opened(query: str) -> dict[str, Locator]:
        page = open_link(f"{bench}all.html{query}", NAMES[0]).page
        return {name: page.locator(f"#gnb-{name} .gnb") for name in NAMES}

    first = {name: everything(root) for name, root in opened("").items()}
    for text in ("{", "null", '{"title": "x", "hint": 3, "__proto__": 1}'):
        roots = opened(linking(dict.fromkeys(NAMES, text)))
        assert {name: everything(root) for name, root in roots.items()} == first
    for nonsense in NONSENSE:
        states = {name: dict.fromkeys(explorables[name].linked, nonsense) for name in NAMES}
        for name, root in opened(linking(states)).items():
            assert "NaN" not in said(root), name
            assert "undefined" not in root.inner_text(), name
            assert not root.evaluate(
                "e => [...e.querySelectorAll('path')].some((p) => p.outerHTML.includes('NaN'))"
            ), name


def test_a_link_keeps_to_the_limits(open_link: Callable[..., Locator], bench: str) -> None:
    address = f"{bench}ElboGap.html{linked('ElboGap', {'mean': 1e9, 'std': -1, 'x': '2', 'w': 3})}"
    sliders = open_link(address, "ElboGap").locator("input[type=range]")
    assert [slider.input_value() for slider in sliders.all()] == ["3", "0.4", "1.5"]


def test_a_link_from_disk(open_link: Callable[..., Locator]) -> None:
    """Where no page may write to the clipboard, the address bar gets the link."""
    page = (BUILT / "gan/losses.html").as_uri()
    root = open_link(page, "LossGradients", without_clipboard=True)
    slider = root.get_by_role("slider", name="mean")
    slider.fill("-3")
    with root.page.expect_navigation():
        root.get_by_role("button", name="Copy link").click()
    root.page.wait_for_function(STARTED)
    assert slider.input_value() == "-3"
    address = urlsplit(root.page.url)
    assert json.loads(parse_qs(address.query)["gnb-LossGradients"][0]) == {"theta": -3}
    assert address.fragment == "gnb-LossGradients"


def test_a_link_leads_to_its_explorable(open_link: Callable[..., Locator], site: str) -> None:
    root = open_link(
        f"{site}vae/latent-space.html{linked('FaceSliders', {'covered': True})}", "FaceSliders"
    )
    root.page.wait_for_timeout(500)
    assert -50 < root.bounding_box()["y"] < 450
    assert root.locator("input[type=checkbox]:checked").count() == 1


ELSEWHERE = """() => {
    const saved = JSON.parse(document.querySelector("script[type*=widget-state]").textContent).state;
    const { state } = Object.values(saved).find(({ state }) => state.mean !== undefined);
    const fail = () => { throw new Error("set"); };
    const model = { get: (name) => state[name], set: fail, save_changes: fail, on() {}, off() {} };
    const el = document.createElement("div");
    document.body.append(el);
    gennbExplorables.ElboGap.render({ model, el });
    return [...el.querySelectorAll("button")].map((button) => button.textContent);
}"""


def test_a_notebook_has_no_link(open_link: Callable[..., Locator], bench: str) -> None:
    """JupyterLab and Colab draw an explorable in a place of their own."""
    address = f"{bench}ElboGap.html{linked('ElboGap', {'mean': 1})}"
    page: Page = open_link(address, "ElboGap").page
    assert page.evaluate(ELSEWHERE) == ["Reset"]
