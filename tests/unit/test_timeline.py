"""The timeline: twenty-three milestones in order, each with a source that says its year, and a way onwards."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

BOOK = Path(__file__).resolve().parents[2] / "book"
PREPRINTS = {
    "kingma2014auto",
    "bahdanau2015neural",
    "he2016deep",
    "wang2017select",
}  # dated by these


def milestones() -> list[list[str]]:
    cells = json.loads((BOOK / "history/timeline.ipynb").read_text(encoding="utf-8"))["cells"]
    (table,) = ("".join(cell["source"]) for cell in cells if cell["id"] == "milestones")
    return [re.split(r"\n  - ", row.strip()) for row in table.split("\n* - ")[2:]]


def entries() -> dict[str, str]:
    text = (BOOK / "references.bib").read_text(encoding="utf-8")
    return {found[1]: found[0] for found in re.finditer(r"@\w+\{([^,]+),.*?\n\}", text, re.S)}


def test_they_are_all_there_and_in_order() -> None:
    years = [int(year) for year, *_ in milestones()]
    assert len(years) == 23
    assert years == sorted(years)


@pytest.mark.parametrize("row", milestones(), ids=lambda row: f"{row[0]} {row[1].split()[-2]}")
def test_every_milestone_has_its_primary_source(row: list[str]) -> None:
    """The source is of the same year, or has a preprint that is; and its authors are those named."""
    year, who, _, here = row
    (key,) = re.findall(r"`([^`,]+)`", who)
    entry = entries()[key]
    printed = re.search(r"year\s*=\s*\{(\d+)\}", entry)
    assert printed
    preprints = {f"20{short}" for short in re.findall(r"\b(\d\d)\d\d\.\d{4,5}\b", entry)}
    assert year in {printed[1]} | preprints
    for name in re.sub(r" \{cite.*| and others", "", who).replace(" and ", ", ").split(", "):
        assert name.split()[-1] in entry.replace('{\\"u}', "ü")
    (page,) = re.findall(r"\{doc\}`([^`]+)`", here) or [None]
    if page is None:
        assert here.strip(": \n") == f"{{cite:t}}`{key}`"
    else:
        stem = (BOOK / "history" / page).resolve()
        assert any(stem.with_suffix(suffix).is_file() for suffix in (".ipynb", ".md"))
        assert key in stem.with_suffix(".ipynb").read_text(encoding="utf-8")
