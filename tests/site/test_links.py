"""Every link inside the site leads to a file that exists, and to an anchor in it."""

from __future__ import annotations

import functools
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup

from .conftest import PAGES


@functools.cache
def parse(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


@functools.cache
def anchors(path: Path) -> set[str]:
    return {
        tag[key] for tag in parse(path).find_all(True) for key in ("id", "name") if tag.get(key)
    }


@pytest.mark.parametrize("page", PAGES)
def test_links_resolve(built: Path, page: str) -> None:
    here = built / page
    broken = []
    for tag in parse(here).find_all(["a", "img", "script", "link"]):
        link = tag.get("href") or tag.get("src") or ""
        parts = urlsplit(link)
        if parts.scheme or parts.netloc or not link or link == "#":
            continue
        target = (here.parent / unquote(parts.path)).resolve() if parts.path else here
        if target.is_dir():
            target /= "index.html"
        known = target.is_file()
        if known and parts.fragment and target.suffix == ".html":
            known = unquote(parts.fragment) in anchors(target)
        if not known:
            broken.append(link)
    assert broken == []
