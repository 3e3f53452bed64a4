"""A bench for explorables: pages without the book around them, and the hands that work on them."""

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
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from explorables import markup, write_scripts
from ipywidgets import embed
from playwright.sync_api import Locator, Page
from pypdfium2 import PdfDocument

from gennb import widgets
from gennb.widgets import Explorable

ROOT = Path(__file__).resolve().parents[2]
FRAME = 16  # milliseconds

STARTED = "document.querySelectorAll('.gnb-explorable:not([data-ready])').length === 0"
DRAWN_ONCE = "[...document.querySelectorAll('.gnb')].every((root) => root.dataset.frameMs)"
PICTURE = """root => [...root.querySelectorAll("canvas")].map((c) => c.toDataURL()).join()
    + [...root.querySelectorAll("svg path")].map((p) => p.getAttribute("d")).join()"""


# The pages


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, *args: Any) -> None:
        pass


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Serve a folder on localhost; give its address, with a slash at the end."""
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def write_bench(folder: Path, explorables: dict[str, Explorable], static: Path) -> None:
    """Write a page for each explorable, ``all.html``, and ``broken.html``, where the first one does not run.

    Style and type are the site's, from its ``_static``. The modules lie beside the pages, so that a test can call what
    a page computes.
    """
    shutil.copy(ROOT / "book/_web/explorables.js", folder)
    shutil.copy(ROOT / "book/_static/gennb.css", folder)
    shutil.copytree(static / "fonts", folder / "fonts")
    sources = Path(widgets.__file__).parent
    shutil.copytree(sources, folder, ignore=shutil.ignore_patterns("*.py"), dirs_exist_ok=True)
    write_scripts(folder / "explorables")
    everything = list(explorables.values())
    for name, each in explorables.items():
        (folder / f"{name}.html").write_text(page_html([each]))
    (folder / "all.html").write_text(page_html(everything))
    first = f"explorables/{type(everything[0]).__name__}.js"
    (folder / "broken.html").write_text(page_html(everything).replace(first, "explorables/no.js"))
    (folder / "explorables/no.js").write_text("not a script")


def page_html(explorables: list[Explorable]) -> str:
    """A page that holds explorables as the book's extension writes them."""
    state = embed.dependency_state(explorables, drop_defaults=False)
    places = "".join(
        markup(
            type(each).__name__,
            each.model_id,
            still=each.still,
            source=f"data:image/png;base64,{base64.b64encode(each.still).decode()}",
            label=each.label,
            title=each.title,
            caption=each.caption,
            height=each.height,
        )
        for each in explorables
    )
    scripts = "".join(
        f'<script defer src="explorables/{type(each).__name__}.js"></script>'
        for each in explorables
    )
    saved = json.dumps({"state": state}).replace("<", r"\u003c")
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Bench</title>
<link rel="icon" href="data:,"><meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="explorables/style.css"><link rel="stylesheet" href="gennb.css">
<style>body {{ margin: 16px auto; max-width: min(700px, 100vw - 32px); color-scheme: light dark;
font-family: "Book Sans" }}</style>
<script type="application/vnd.jupyter.widget-state+json">{saved}</script>
<script src="explorables.js"></script>{scripts}</head><body><main><h1>Bench</h1>{places}</main></body></html>"""


# The hands


def settle(page: Page) -> None:
    """Wait until what was asked for has been drawn."""
    page.evaluate("new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)))")


def tall(root: Locator) -> float:
    """Its height in pixels."""
    settle(root.page)
    box = root.bounding_box()
    assert box is not None
    return box["height"]


def picture(root: Locator) -> str:
    """What an explorable shows in canvases and curves."""
    settle(root.page)
    drawn: str = root.evaluate(PICTURE)
    return drawn


def changes(root: Locator, act: Callable[[], object]) -> bool:
    """Whether an act changes an explorable's picture."""
    before = picture(root)
    act()
    return picture(root) != before


def control(root: Locator) -> Locator:
    """The first thing on it that changes its picture by the arrow keys to the left and to the right."""
    return root.locator(
        "[role=application], [role=slider]:not([aria-orientation=vertical]), input[type=range]"
    ).first


def answers(root: Locator) -> bool:
    """Whether its first control moves its picture, the way that is free: it may stand at an end."""
    return any(
        changes(root, lambda key=key: control(root).press(key))
        for key in ("ArrowLeft", "ArrowRight")
    )


def tick(root: Locator) -> None:
    """Switch on whatever can be."""
    for box in root.locator("input[type=checkbox]:enabled").all():
        box.check()
    settle(root.page)


def sweep(target: Locator, *path: tuple[float, float]) -> None:
    """Drag over an element along a path in fractions of its width and height."""
    target.scroll_into_view_if_needed()
    box, mouse = target.bounding_box(), target.page.mouse
    assert box is not None
    for i, (x, y) in enumerate(path):
        mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=4)
        if i == 0:
            mouse.down()
    mouse.up()


def drag(target: Locator) -> None:
    """Drag from an element's middle to the left and up."""
    sweep(target, (0.5, 0.5), (0.3, 0.4))


def touch(target: Locator, *moves: tuple[float, float], at: float = 0.4, rest: int = 0) -> None:
    """Put a finger on an element, part ``at`` of its width; rest; move it by so many pixels in small steps; lift it."""
    box, page = target.bounding_box(), target.page
    assert box is not None
    finger = page.context.new_cdp_session(page)
    x, y = box["x"] + at * box["width"], box["y"] + box["height"] / 2

    def send(kind: str, *points: dict[str, float]) -> None:
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})

    send("touchStart", {"x": x, "y": y})
    page.wait_for_timeout(rest)
    for right, down in moves:
        for _ in range(8):
            x, y = x + right / 8, y + down / 8
            send("touchMove", {"x": x, "y": y})
            page.wait_for_timeout(16)
    page.wait_for_timeout(100 * bool(moves))  # a finger lifted at once would throw the page
    send("touchEnd")
    finger.detach()


def press(root: Locator, button: str) -> None:
    """Press an explorable's button and wait until that has been drawn."""
    root.get_by_role("button", name=button, exact=True).click()
    settle(root.page)


def said(root: Locator) -> str:
    """What an explorable says below its picture, with plain minus signs."""
    settle(root.page)
    return root.locator("output").inner_text().replace("\u2212", "-")


def words(text: str) -> str:
    """A text without its spaces, which a PDF places by itself."""
    return re.sub(r"\s", "", text)


def sheets(pdf: bytes) -> list[str]:
    """What stands on each sheet of a PDF, without spaces."""
    return [words(sheet.get_textpage().get_text_range()) for sheet in PdfDocument(pdf)]


def numbers(text: str) -> list[float]:
    """The numbers in a text."""
    return [float(v) for v in re.findall(r"-?\d+(?:\.\d+)?", text.replace(",", ""))]


def frame_ms(root: Locator) -> float:
    """Milliseconds that an explorable took to draw its last frame."""
    settle(root.page)
    return float(root.get_attribute("data-frame-ms") or "nan")


def calm(times: list[float]) -> float:
    """The lower quartile of times: while others work on the same cores, what is slow tells of them."""
    return statistics.quantiles(times, n=4)[0]


def answer_ms(root: Locator, count: int = 20) -> float:
    """Milliseconds that an explorable takes to draw its answer to a key: the median of ``count``.

    Of three rounds the calmest counts, since other tests use the same cores.
    """
    control(root).focus()
    medians = []
    for _ in range(3):
        times = []
        for i in range(count):
            root.page.keyboard.press("ArrowLeft" if i % 2 else "ArrowRight")
            times.append(frame_ms(root))
        medians.append(statistics.median(times))
        if medians[-1] <= FRAME:
            break
    return min(medians)
