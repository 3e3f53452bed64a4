"""The book's own type: no text needs another, and no page is laid out by what the reader's machine has installed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import fontpkg_source_sans_3
import matplotlib
import pytest
from fontTools.ttLib import TTFont
from playwright.sync_api import Browser

from gennb.widgets import Explorable

from .bench import DRAWN_ONCE, STARTED
from .conftest import BUILT, PAGES, Visit

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
CHINESE = range(
    0x2E80, 0x10000
)  # of the glossary: the only text that is left to the reader's fonts
INSTALLED = {
    "none but the book's": str(Path(fontpkg_source_sans_3.__file__).parent),
    "DejaVu": str(Path(matplotlib.get_data_path(), "fonts/ttf")),
    "Liberation": next(map(str, Path("/usr/share/fonts").rglob("liberation*")), None),
}


@pytest.fixture(scope="module")
def drawn(browser: Browser, site: str) -> dict[str, dict[str, set[str]]]:
    """The characters that each page shows, by the fonts that it asks for."""
    drawn = {}
    with closing(browser.new_context()) as context:
        page = context.new_page()
        for path in PAGES:
            page.goto(site + path)
            page.evaluate("window.MathJax && MathJax.startup.promise")
            drawn[path] = {k: set(v) for k, v in page.evaluate(TEXTS).items()}
    return drawn


def test_every_text_asks_for_the_books_type(drawn: dict[str, dict[str, set[str]]]) -> None:
    ours = ('"Book Sans"', '"Book Mono"')
    asked = {(page, family) for page, texts in drawn.items() for family in texts}
    assert {each for each in asked if not each[1].startswith(ours)} == set()


def test_the_books_type_has_every_character(
    drawn: dict[str, dict[str, set[str]]], built: Path
) -> None:
    fonts = [TTFont(path).getBestCmap() for path in (built / "_static/fonts").glob("sans*.woff2")]
    assert len(fonts) == 2
    known = {chr(code) for code in fonts[0].keys() & fonts[1].keys()} | set("\n\t\xad\u200b")
    known |= set(map(chr, CHINESE))
    missing = {page: set().union(*texts.values()) - known for page, texts in drawn.items()}
    assert {page: characters for page, characters in missing.items() if characters} == {}


@pytest.fixture(scope="module", params=INSTALLED)
def elsewhere(
    request: pytest.FixtureRequest,
    launch: Callable[..., Browser],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Browser]:
    """A Chromium on a machine with other fonts."""
    if INSTALLED[request.param] is None:
        pytest.skip(f"{request.param} is not installed")
    folder = tmp_path_factory.mktemp("fonts")
    settings = folder / "fonts.conf"
    settings.write_text(
        f"<fontconfig><dir>{INSTALLED[request.param]}</dir>"
        f"<cachedir>{folder}/cache</cachedir></fontconfig>"
    )
    with closing(launch(FONTCONFIG_FILE=str(settings))) as browser:
        yield browser


def test_every_page_fits_a_phone(elsewhere: Browser, site: str) -> None:
    page = elsewhere.new_page(viewport={"width": 390, "height": 844})
    widths = {}
    for path in PAGES:
        page.goto(site + path)
        page.evaluate("window.MathJax && MathJax.startup.promise")
        widths[path] = page.evaluate("document.documentElement.scrollWidth")
    assert {path: width for path, width in widths.items() if width > 390} == {}


@pytest.mark.parametrize(("width", "place"), [(1280, 0), (390, 1)])
def test_reserved_heights_hold(
    elsewhere: Browser, bench: str, explorables: dict[str, Explorable], width: int, place: int
) -> None:
    page = elsewhere.new_page(viewport={"width": width, "height": 900})
    page.goto(f"{bench}all.html")
    page.wait_for_function(STARTED)
    page.wait_for_function(DRAWN_ONCE)
    heights = page.evaluate("[...document.querySelectorAll('.gnb')].map((e) => e.offsetHeight)")
    reserved = [widget.height[place] for widget in explorables.values()]
    off = {
        name: (height, room)
        for name, height, room in zip(explorables, heights, reserved, strict=True)
        if abs(height - room) > 0.1 * room
    }
    assert off == {}


def test_every_icon_is_in_the_cut_font(visit: Callable[..., Visit]) -> None:
    """The theme's icons are drawn from a font that holds no others."""
    seen = visit("vae/training.html")
    shown = seen.page.evaluate(
        """[...document.querySelectorAll(".fa-solid, .fas")].filter((e) => e.checkVisibility())
            .map((e) => getComputedStyle(e, "::before").content.codePointAt(1))"""
    )
    (path,) = (BUILT / "_static/vendor/fontawesome").glob("*/webfonts/fa-solid-900.woff2")
    assert path.stat().st_size < 10_000
    assert shown
    assert set(shown) <= set(TTFont(path).getBestCmap())
