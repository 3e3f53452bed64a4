"""Each hint has a script that plays it, which test_pages.py does on every page that shows the explorable."""

from __future__ import annotations

import json
import re

from ..explorables import CLASSES, NAMES
from .conftest import BUILT, PAGES
from .hints import HINTS

TEXT = "".join((BUILT / page).read_text() for page in PAGES)


def test_every_explorable_stands_on_a_page() -> None:
    assert set(NAMES) == set(re.findall(r'data-explorable="(\w+)"', TEXT))


def test_every_hint_stands_on_a_page() -> None:
    hints = {kind.hint.default_value for kind in CLASSES.values()} | HINTS.keys()
    assert [hint for hint in hints if json.dumps(hint)[1:-1] not in TEXT] == []
