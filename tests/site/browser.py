"""Find a Chromium for the site tests: the system's, Playwright's, or a new one; the last resort is Debian's."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def _run(*command: str) -> bool:
    """Run a command quietly; report whether it worked."""
    try:
        done = subprocess.run(command, capture_output=True, timeout=600, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _system() -> str | None:
    return next(filter(None, map(shutil.which, NAMES)), None)


def _playwright() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if os.access(path, os.X_OK) else None


def _download() -> str | None:
    _run(sys.executable, "-m", "playwright", "install", "--with-deps", "chromium") or _run(
        sys.executable, "-m", "playwright", "install", "chromium"
    )
    return _playwright()


def _debian() -> str | None:
    if not shutil.which("apt-get"):
        return None
    root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    _run(*root, "apt-get", "update")
    _run(*root, "apt-get", "install", "--yes", "--no-install-recommends", "chromium")
    return _system()


def find() -> str | None:
    """Return the path of a Chromium, installing one if there is none; None if nothing helps."""
    return next(
        (path for path in (f() for f in (_system, _playwright, _download, _debian)) if path), None
    )


if __name__ == "__main__":
    print(find() or sys.exit("No Chromium found, downloaded or installed."))
