"""In JupyterLab: an explorable answers the keyboard, a panel trains again, a plain notebook's prose is whole."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import nbformat
import pytest
from playwright.sync_api import Browser, Page, expect

PAD = """\
import torch
from torch import nn

from gennb.widgets import LatentPad

torch.manual_seed(0)
decoder = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 64), nn.Sigmoid())
LatentPad(decoder, image_shape=(1, 8, 8), codes=torch.randn(100, 2))"""

PANEL = """\
import matplotlib.pyplot as plt
import torch

from gennb import train, vae, widgets

images = torch.rand(2000, 1, 8, 8)

def again(watch, epochs):
    model = vae.VAE((1, 8, 8), 2)
    train.fit(model, images, epochs=epochs, device="cpu",
              evaluate=lambda: watch(elbo=model.elbo(images).mean()))
    plt.plot([1, 2])

widgets.TrainAgain(again, {"elbo": [-60.0, -50.0]}, epochs=(1, 9999, 2))"""

DRAWN = "canvases => canvases.map((c) => c.toDataURL()).join()"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, built: Path) -> Iterator[str]:
    """The address of a JupyterLab with two notebooks of one cell, and the plain edition."""
    tmp_path = tmp_path_factory.mktemp("lab")
    shutil.copytree(built / "plain", tmp_path / "plain")
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    for name, source in (("pad", PAD), ("panel", PANEL)):
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(source)], metadata={"kernelspec": kernel}
        )
        nbformat.write(notebook, tmp_path / f"{name}.ipynb")
    log = tmp_path / "server.log"
    settings = tmp_path / "settings"
    command = [
        *(sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root", "--ip=127.0.0.1"),
        *("--port=0", "--IdentityProvider.token=", f"--ServerApp.root_dir={tmp_path}"),
        *("--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate", "--LabApp.news_url="),
    ]
    environment = os.environ | {
        "JUPYTERLAB_SETTINGS_DIR": str(settings),
        "JUPYTERLAB_WORKSPACES_DIR": str(settings / "workspaces"),
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
    }
    with log.open("w") as out:
        server = subprocess.Popen(command, stdout=out, stderr=out, env=environment)
    try:
        yield wait_for_address(server, log)
    finally:
        server.terminate()
        server.wait(timeout=30)


def wait_for_address(server: subprocess.Popen[bytes], log: Path, seconds: float = 60) -> str:
    end = time.monotonic() + seconds
    while time.monotonic() < end and server.poll() is None:
        found = re.search(r"http://127\.0\.0\.1:\d+/", log.read_text())
        if found:
            with urlopen(found[0] + "api/status") as answer:
                assert answer.status == 200
            return found[0]
        time.sleep(0.2)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text()}")


def run_notebook(lab: str, browser: Browser, name: str) -> Page:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{lab}lab/tree/{name}.ipynb?reset", timeout=60_000)
    # A cell that is run before its kernel stands is not run at all.
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=90_000)
    page.locator(".jp-CodeCell .cm-content").first.click()
    page.keyboard.press("Shift+Enter")
    return page


def wait_for_busy(page: Page, lab: str, seconds: float = 10) -> str:
    """Return the name of the kernel that works; the server hears of it a little after the page."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for kernel in page.request.get(f"{lab}api/kernels").json():
            if kernel["execution_state"] == "busy":
                return str(kernel["id"])
        page.wait_for_timeout(100)
    pytest.fail("no kernel is busy")


@pytest.mark.slow
def test_an_explorable_moves(lab: str, browser: Browser) -> None:
    page = run_notebook(lab, browser, "pad")
    canvases = page.locator(".jp-OutputArea canvas")
    canvases.first.wait_for(timeout=90_000)
    before = canvases.evaluate_all(DRAWN)
    page.locator(".jp-OutputArea [tabindex='0'], .jp-OutputArea input").first.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.wait_for_timeout(300)
    assert canvases.evaluate_all(DRAWN) != before
    page.close()


@pytest.mark.slow
def test_a_panel_trains_again_and_can_be_interrupted(lab: str, browser: Browser) -> None:
    page = run_notebook(lab, browser, "panel")
    panel = page.locator(".gnb-train-again")
    train = panel.get_by_role("button", name="Train")
    train.click(timeout=90_000)
    panel.locator("img[alt*='elbo: '][alt*='after 2 epochs']").wait_for(timeout=60_000)
    panel.locator(".jp-OutputArea-output img, .jp-OutputArea-output svg").first.wait_for()
    expect(train).to_be_enabled()

    panel.locator(".widget-readout").fill("9999")
    panel.locator(".widget-readout").press("Enter")
    train.click()
    panel.locator(".progress-bar").wait_for(timeout=30_000)
    expect(train).to_be_disabled()
    busy = wait_for_busy(page, lab)
    token = {c["name"]: c["value"] for c in page.context.cookies()}["_xsrf"]
    answer = page.request.post(f"{lab}api/kernels/{busy}/interrupt", headers={"X-XSRFToken": token})
    assert answer.ok
    expect(train).to_be_enabled(timeout=30_000)
    page.close()


RAW = re.compile(
    r"\{[\w:-]+\}`|:::|\$\$|\\\(|\\tag|\b(eq|thm|fig|ex|tab|prop|alg)-[a-z0-9-]+|\[[a-z]+\d{4}[a-z]+\]"
)
PROSE = """() => [...document.querySelectorAll(".jp-RenderedMarkdown")].map((cell) => {
    const copy = cell.cloneNode(true);
    for (const each of copy.querySelectorAll("mjx-container, code, pre")) each.remove();
    return copy.textContent;
})"""


@pytest.mark.slow
@pytest.mark.parametrize("name", ["gan/theory"])
def test_no_raw_name_stands_in_the_prose(
    lab: str, browser: Browser, built: Path, name: str
) -> None:
    source = nbformat.read(built / f"plain/{name}.ipynb", as_version=4)
    cells = [cell for cell in source.cells if cell.cell_type == "markdown"]
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{lab}lab/tree/plain/{name}.ipynb?reset", timeout=60_000)
    prose = page.locator(".jp-RenderedMarkdown")
    expect(prose).to_have_count(len(cells), timeout=60_000)
    expect(prose.locator("mjx-container").first).to_be_attached(timeout=60_000)
    page.wait_for_timeout(2000)
    texts = page.evaluate(PROSE)
    assert [match[0] for text in texts for match in RAW.finditer(text)] == []
    assert sum(len(text.split()) for text in texts) > 1500
    page.close()
