"""What holds for every page, seen in one visit: nothing is foreign, broken, cut off, too heavy or out of reach."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from fontTools.ttLib import TTFont
from playwright.sync_api import Browser, Locator, Page, expect
from playwright.sync_api import TimeoutError as Late
from pypdf import PdfReader

from .bench import FRAME, answer_ms, answers, changes, control, drag, press, sheets, words
from .conftest import PAGES, Visit, one_of_each, visits
from .hints import play_hint

BUDGET = 1_500_000  # bytes, gzipped: everything that a first visit loads

# What is not ours: a rule of axe, a mark of the markup that breaks it, and whose it is.
THEIRS = [
    ("region", "logo__image", "the theme puts its logo outside every landmark"),
    ("aria-allowed-role", "doc-biblioentry", "docutils' markup of a citation"),
    ("aria-deprecated-role", "doc-biblioentry", "docutils' markup of a citation"),
    ("aria-required-children", "citation-list", "docutils' markup of a list of citations"),
]

TEXTS = """() => {
  const texts = {}, walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { data, parentElement: parent } = walker.currentNode;
    if (!data.trim() || parent.closest("mjx-container, script, style, noscript, .math")) continue;
    const family = getComputedStyle(parent).fontFamily;
    texts[family] = [...new Set((texts[family] ?? "") + data)].join("");
  }
  return texts;
}"""
CHINESE = range(0x2E80, 0x10000)  # of the glossary: the only text left to the reader's fonts

# axe takes milliseconds for each element, and a page has thousands that are alike: of the tokens of code one of each
# kind stays, and the glyphs of formulas, which hold no text that could be read, go.
LESS_OF_THE_SAME = """() => {
  for (const formula of document.querySelectorAll("mjx-math")) formula.replaceChildren();
  const seen = new Set();
  for (const token of [...document.querySelectorAll(":is(.highlight, .sig) :is(span, em)")].reverse()) {
    const kind = token.className + Boolean(token.closest(".cell_output")) + token.parentElement.className;
    if (!seen.has(kind)) seen.add(kind);
    else if (!token.childElementCount) token.replaceWith(token.textContent);
  }
}"""

# Of texts alike in color, background, size and weight, one stands for all.
ONE_OF_EACH = """() => {
  const behind = (e) => {
    for (; e; e = e.parentElement) {
      const { backgroundColor: color, backgroundImage: image } = getComputedStyle(e);
      if (image !== "none" || !/^rgba\\(.*, 0\\)$|^transparent$/.test(color)) return color + image;
    }
  };
  const seen = new Set();
  for (const e of document.querySelectorAll("body *")) {
    e.removeAttribute("data-one-of-each");
    if (![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) || !e.checkVisibility()) continue;
    const { color, fontSize, fontWeight, opacity } = getComputedStyle(e);
    const look = [color, fontSize, fontWeight, opacity, behind(e)].join();
    if (!seen.has(look)) e.setAttribute("data-one-of-each", "");
    seen.add(look);
  }
}"""
WIDE = """[...document.querySelectorAll("body *")]
    .filter((e) => e.getBoundingClientRect().right > innerWidth + 1)
    .map((e) => e.outerHTML.slice(0, 120)).slice(0, 5)"""
CUT = """[...document.querySelectorAll(".math > mjx-container")].filter((e) => {
  const block = e.parentElement.closest("p, li, dd, td, th, figcaption, div, summary");
  const number = e.parentElement.querySelector(".eqno")?.getBoundingClientRect().left ?? Infinity;
  const room = Math.min(block.getBoundingClientRect().right, number, innerWidth) + 1;
  return e.checkVisibility() && (e.scrollWidth > Math.max(e.clientWidth, block.clientWidth) + 1
      || [...e.querySelectorAll("mjx-c")].some((c) => c.getBoundingClientRect().right > room));
}).map((e) => e.querySelector("mjx-math").dataset.latex)"""
TABLES = """[...document.querySelectorAll(".bd-article table:has(thead)")].filter((table) =>
    [table, table.parentElement].some((e) => e.clientWidth && e.scrollWidth > e.clientWidth + 1)
).map((table) => table.innerText.slice(0, 120))"""
# Names of texts with less contrast, size or weight than they should have. A size of zero is for screen readers.
TOO_FAINT = """() => {
  const linear = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  const light = (color) => {
    const [r, g, b] = color.match(/[\\d.]+/g).map((v) => linear(v / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
  };
  const behind = (e) => {
    for (; e; e = e.parentElement) {
      const color = getComputedStyle(e).backgroundColor;
      if (!/^rgba\\(.*, 0\\)$/.test(color)) return color;
    }
    return "rgb(255, 255, 255)";
  };
  const faint = new Set();
  for (const e of document.querySelectorAll(".bd-article *:not(mjx-container *, svg *, script)")) {
    if (![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) continue;
    if (!e.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    const { color, fontSize, fontWeight } = getComputedStyle(e), size = parseFloat(fontSize);
    const ratio = light(color) / light(behind(e)), contrast = Math.max(ratio, 1 / ratio);
    const needed = e.closest("figcaption, caption, .gnb-caption") && !e.matches(".headerlink") ? 7 : 4.5;
    if (contrast < needed || (size && size < 12) || fontWeight < 400)
      faint.add([e.parentElement.className, e.tagName, e.className, contrast, fontSize, fontWeight].join(" "));
  }
  return [...faint];
}"""
CONTRAST = {"runOnly": ["color-contrast"]}
ALL_ELSE = {"rules": {"color-contrast": {"enabled": False}}}


NARROW = 643  # pixels: A4 without its margins
KINDS = {  # what is linked, and what its preview has to hold
    "equation": ("#equation-", ".eqno"),
    "theorem": ("#thm-", ".admonition-title"),
    "exercise": ("#ex-", ".admonition-title"),
    "figure": ("#fig-", "svg"),
    "citation": ("bibliography.html#id", ".citation"),
    "term": ("#term-", "strong"),
    "symbol": ("#symbol-", "strong mjx-container"),
}
# What is not dark on white of what is printed, and what of the screen is printed with it.
ON_PAPER = """() => {
  const dark = (color) => Math.max(...color.match(/[\\d.]+/g).slice(0, 3).map(Number)) < 200;
  const faults = new Set();
  for (const e of document.querySelectorAll("body, body *:not(mjx-container *, svg, svg *)")) {
    if (!e.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    const { backgroundColor: back, color, filter } = getComputedStyle(e), name = `${e.tagName}.${e.className}`;
    const written = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!/^rgba\\(.*, 0\\)$|^rgb\\(255, 255, 255\\)$/.test(back)) faults.add(`${name} on ${back}`);
    if (written && !dark(color)) faults.add(`${name} in ${color}`);
    if (filter !== "none") faults.add(`${name} with ${filter}`);
    if (e.matches("nav *, header *, button, input, .gnb, .headerlink, .prev-next-area, .bd-sidebar *"))
      faults.add(name);
  }
  return [...faults];
}"""
PLATES = """() => [...document.querySelectorAll(".gnb-plate")].map((plate) => ({
  title: plate.querySelector(".gnb-plate-title").innerText,
  caption: plate.querySelector("figcaption").innerText,
  tall: plate.querySelector("img").getBoundingClientRect().height,
}))"""


def links(page: Page, kind: str) -> Locator:
    """The links of a kind that can be seen."""
    found = page.locator(f".bd-article a.internal[href*='{KINDS[kind][0]}']")
    return found.filter(visible=True)


@pytest.fixture(scope="module", params=PAGES)
def seen(request: pytest.FixtureRequest, browser: Browser, site: str) -> Iterator[Visit]:
    """A page, read to its end, its mathematics drawn. The tests below change it more and more."""
    with visits(browser, site) as open_page:
        seen = open_page(request.param, color_scheme="light", reduced_motion="reduce")
        for screen in range(30):
            seen.page.evaluate(f"scrollTo({{top: {700 * screen}, behavior: 'instant'}})")
            seen.page.wait_for_timeout(10)
        seen.page.wait_for_load_state("networkidle")
        yield seen


@pytest.fixture
def sample(seen: Visit) -> Visit:
    """One page of each part, for what is made alike on all."""
    if seen.path not in one_of_each(PAGES):
        pytest.skip("seen on another page of this part")
    return seen


def test_transfer_is_small(seen: Visit) -> None:
    sizes = {r.url: len(gzip.compress(r.body())) for r in seen.responses if r.status == 200}
    assert sum(sizes.values()) <= BUDGET, sorted(sizes.items(), key=lambda item: -item[1])[:5]


def test_mathematics_is_drawn(seen: Visit) -> None:
    article = seen.page.locator(".bd-article")
    written = article.locator("span.math, div.math").count()
    assert article.locator("mjx-container").count() >= written
    assert seen.page.locator("mjx-merror").all_inner_texts() == []


def test_pictures_are_described(seen: Visit) -> None:
    bare = ".bd-article img:not([alt]), .bd-article img[alt=''], svg[role=img]:not([aria-label])"
    assert [
        e.evaluate("e => e.outerHTML.slice(0, 200)") for e in seen.page.locator(bare).all()
    ] == []


def test_every_text_is_in_the_books_type(seen: Visit, built: Path) -> None:
    """It asks for the book's faces, and they have each of its characters."""
    texts = seen.page.evaluate(TEXTS)
    assert [name for name in texts if not name.startswith(('"Book Sans"', '"Book Mono"'))] == []
    fonts = [TTFont(path).getBestCmap() for path in (built / "_static/fonts").glob("sans*.woff2")]
    assert len(fonts) == 2
    known = {chr(code) for code in fonts[0].keys() & fonts[1].keys()} | set("\n\t\xad\u200b")
    assert set().union(*texts.values()) - known - set(map(chr, CHINESE)) == set()


def until_still(target: Locator) -> None:
    """Bring into sight, and wait until what is set above no longer moves it."""
    target.scroll_into_view_if_needed()
    target.evaluate("""async (e) => {
      const top = () => e.getBoundingClientRect().top;
      for (let last = NaN, still = 0; still < 15; last = top()) {
        still = top() === last ? still + 1 : 0;
        await new Promise(requestAnimationFrame);
      }
    }""")


def point_at(link: Locator, preview: Locator) -> None:
    """Hover until the preview comes: what is set above a link may still take it from under the pointer."""
    for _ in range(3):
        until_still(link)
        link.page.mouse.move(0, 0)
        link.hover()
        with suppress(Late):
            return preview.wait_for(timeout=2000)


def test_every_kind_of_link_shows_where_it_leads(sample: Visit) -> None:
    """On hover, until the escape key; every page of the parts has terms, symbols and citations."""
    page, preview, shown = sample.page, sample.page.get_by_role("tooltip"), set()
    page.evaluate("scrollTo({top: 0, behavior: 'instant'})")
    for kind, (_, content) in KINDS.items():
        for link in links(page, kind).all()[:1]:
            point_at(link, preview)
            expect(preview).to_be_visible()
            expect(preview.locator(content).first).to_be_visible()
            expect(link).to_have_attribute("aria-describedby", "gnb-preview")
            bare = preview.locator("span.math, div.math").filter(
                has_not=page.locator("mjx-container")
            )
            expect(bare).to_have_count(0)
            inside = preview.bounding_box()
            assert inside["x"] >= 0
            assert inside["x"] + inside["width"] <= 1280
            page.keyboard.press("Escape")
            expect(preview).to_have_count(0)
            shown.add(kind)
    page.mouse.move(0, 0)
    if not sample.path.startswith("appendices/"):
        assert {"term", "symbol", "citation"} <= shown


def test_every_hint_keeps_its_promise(seen: Visit) -> None:
    for root in seen.page.locator(".gnb").all():
        play_hint(root)
        press(root, "Reset")


def test_every_explorable_answers(seen: Visit) -> None:
    roots = seen.page.locator(".gnb").all()
    assert len(roots) == seen.page.locator(".gnb-explorable").count()
    for root in roots:
        act = control(root)
        assert answers(root)
        assert changes(root, lambda act=act: drag(act))
        assert answer_ms(root) <= FRAME


@pytest.mark.parametrize("width", [390, 768, 1280, 1600])
def test_nothing_is_cut(seen: Visit, width: int) -> None:
    """Neither page nor tables scroll to the side; no formula does or meets its number; text is large and dark."""
    page = seen.page
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate("document.querySelectorAll('details').forEach((each) => each.open = true)")
    page.wait_for_timeout(50)  # until the column is seen to have changed
    page.evaluate("window.MathJax && MathJax.startup.promise")
    assert page.evaluate("document.documentElement.scrollWidth") <= width, page.evaluate(WIDE)
    assert page.evaluate(CUT) == []
    assert page.evaluate(TABLES) == []
    assert page.evaluate(TOO_FAINT) == []


def test_the_next_page_is_at_hand(sample: Visit) -> None:
    """Its link stands on the screen at the end, with the question that it answers; the line above is full."""
    page, link = sample.page, sample.page.locator(".prev-next-area .right-next")
    for width, height in ((390, 844), (1280, 900)):
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate("scrollTo({top: document.documentElement.scrollHeight, behavior: 'instant'})")
        page.wait_for_timeout(100)
        if link.count():
            expect(link).to_be_in_viewport(ratio=1)
            expect(link.locator(".gnb-question")).to_contain_text("?")
        if (line := page.locator(".gnb-progress")).count():
            assert line.bounding_box()["width"] == pytest.approx(width, abs=20)


@contextmanager
def on_paper(page: Page) -> Iterator[list[dict[str, Any]]]:
    """Lay a page out for the printer, in the dark; give the plates that stand for its explorables."""
    page.emulate_media(media="print", color_scheme="dark")
    page.locator("html[data-theme=dark]").wait_for()
    page.set_viewport_size({"width": NARROW, "height": 900})
    page.wait_for_timeout(200)
    yield page.evaluate(PLATES)
    page.emulate_media(media="screen", color_scheme="light")
    page.set_viewport_size({"width": 1280, "height": 900})


def test_in_the_dark_it_is_black_on_white_on_paper(seen: Visit) -> None:
    with on_paper(seen.page) as plates:
        assert seen.page.evaluate(ON_PAPER) == []
        assert len(plates) == seen.page.locator(".gnb-explorable").count()
        assert [plate for plate in plates if plate["tall"] < 100 or not plate["caption"]] == []
        assert seen.page.locator(".bd-main h1:visible").count() == 1


def test_what_is_on_paper_is_printed(sample: Visit) -> None:
    page = sample.page
    with on_paper(page) as plates:
        pdf = page.pdf(prefer_css_page_size=True)
        text = "".join(sheets(pdf))
        said = [page.locator(".bd-main h1:visible").inner_text()]
        said += [plate[key] for plate in plates for key in ("title", "caption")]
        assert [words(each)[:60] for each in said if words(each)[:60] not in text] == []
        if plates:
            printed = PdfReader(io.BytesIO(pdf)).pages
            assert len({image.name for sheet in printed for image in sheet.images}) >= len(plates)


def test_axe_finds_nothing_of_ours(seen: Visit) -> None:
    page = seen.page
    page.evaluate(LESS_OF_THE_SAME)
    found = violations(page, None, ALL_ELSE)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.locator(f"html[data-theme={scheme}]").wait_for()
        page.wait_for_function("document.getAnimations().every(a => a.playState !== 'running')")
        page.wait_for_timeout(200)  # a change of theme runs down the page, level by level
        assert page.evaluate(TOO_FAINT) == [], scheme
        page.evaluate(ONE_OF_EACH)
        found += violations(page, {"include": ["[data-one-of-each]"]}, CONTRAST)
    assert not found, "\n".join(found)


def test_nothing_came_from_another_host(seen: Visit) -> None:
    assert seen.external == []


def test_nothing_complained(seen: Visit) -> None:
    assert seen.problems == []


def test_a_gray_that_is_too_light_is_found(page: Page) -> None:
    page.evaluate("""document.querySelector(".bd-article").insertAdjacentHTML(
        "beforeend", "<p style='color: #ccc; background: #fff'>Can you read this?</p>")""")
    page.evaluate(LESS_OF_THE_SAME)
    page.evaluate(ONE_OF_EACH)
    assert violations(page, {"include": ["[data-one-of-each]"]}, CONTRAST)


def violations(page: Page, where: Any, options: dict[str, Any]) -> list[str]:
    """What axe finds on a page, or in a part of it, and is not theirs."""
    options |= {"resultTypes": ["violations"], "preload": False}
    found = Axe().run(page, context=where, options=options)
    return [
        f"{violation['id']}: {node['html'][:200]}\n  {node['failureSummary']}"
        for violation in found.response["violations"]
        for node in violation["nodes"]
        if not any(v == violation["id"] and mark in node["html"] for v, mark, _ in THEIRS)
    ]
