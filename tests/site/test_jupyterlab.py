"""In JupyterLab: a notebook runs, and an explorable answers the keyboard."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import nbformat
import pytest
from playwright.sync_api import Browser

SOURCE = """\
import torch
from torch import nn

from gennb.widgets import LatentPad

torch.manual_seed(0)
decoder = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 64), nn.Sigmoid())
LatentPad(decoder, image_shape=(1, 8, 8), codes=torch.randn(100, 2))"""

DRAWN = "canvases => canvases.map((c) => c.toDataURL()).join()"


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[str]:
    """The address of a JupyterLab with one notebook."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(SOURCE)], metadata={"kernelspec": kernel}
    )
    nbformat.write(notebook, tmp_path / "pad.ipynb")
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


@pytest.mark.slow
def test_an_explorable_moves(lab: str, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{lab}lab/tree/pad.ipynb?reset", timeout=60_000)
    page.locator(".jp-CodeCell .cm-content").first.click(timeout=60_000)
    page.keyboard.press("Shift+Enter")
    canvases = page.locator(".jp-OutputArea canvas")
    canvases.first.wait_for(timeout=90_000)
    before = canvases.evaluate_all(DRAWN)
    page.locator(".jp-OutputArea [tabindex='0'], .jp-OutputArea input").first.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.wait_for_timeout(300)
    assert canvases.evaluate_all(DRAWN) != before
    page.close()
