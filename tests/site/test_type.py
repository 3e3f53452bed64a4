"""The book's own type: no page is laid out by what the reader's machine has installed."""

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
from .conftest import BUILT, PAGES, Visit, one_of_each

INSTALLED = {
    "none but the book's": str(Path(fontpkg_source_sans_3.__file__).parent),
    "DejaVu": str(Path(matplotlib.get_data_path(), "fonts/ttf")),
    "Liberation": next(map(str, Path("/usr/share/fonts").rglob("liberation*")), None),
}


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


@pytest.mark.parametrize("elsewhere", ["DejaVu"], indirect=True)  # the widest
def test_pages_fit_a_phone(elsewhere: Browser, site: str) -> None:
    """With the system's fonts it is seen on every page (test_pages.py), and that each letter is of the book's type."""
    page = elsewhere.new_page(viewport={"width": 390, "height": 844})
    widths = {}
    for path in one_of_each(PAGES):
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
