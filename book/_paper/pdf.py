"""The book as one PDF: Chromium prints the document twice, since only what is printed has page numbers."""

from __future__ import annotations

import io
import re
from datetime import datetime
from typing import Any

from playwright.sync_api import Page
from pypdf import PdfReader

DATE = re.compile(rb"D:\d{14}\+00'00'")


def page_numbers(pdf: bytes) -> dict[str, int]:
    """Return the page of each place that a link leads to, by its id."""
    reader = PdfReader(io.BytesIO(pdf))
    pages = {page.indirect_reference: i for i, page in enumerate(reader.pages)}
    places = reader.named_destinations.items()
    return {
        name.removeprefix("/"): pages[place.page.indirect_reference] + 1
        for name, place in places
    }


def make_pdf(page: Page, date: datetime) -> bytes:
    """Print the document in a page, its table of contents numbered, with an outline and tags."""
    options: dict[str, Any] = {"prefer_css_page_size": True}
    page.evaluate(
        "numbers => number(numbers)", page_numbers(page.pdf(**options))
    )
    page.evaluate("nameFormulas()")
    pdf = page.pdf(**options, outline=True, tagged=True)
    return DATE.sub(f"D:{date:%Y%m%d%H%M%S}+00'00'".encode(), pdf)
