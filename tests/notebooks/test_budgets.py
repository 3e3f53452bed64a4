"""A page has two layers. The main path is short, its cells are short, and what is folded has a telling title.

Words are those of the text cells outside of boxes, as ``book/_ext/page_layers.py`` counts them for the line under the
title: headings and exercises count, solutions and displayed formulas do not, a formula in the text is one word. Lines
of code are those of cells that are not folded.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import NamedTuple

import nbformat
import pytest

sys.path.append(str(Path(__file__).resolve().parents[2] / "book" / "_ext"))

from page_layers import count_words, count_words_of_page

ROOT = Path(__file__).resolve().parents[2]
PAGES = [path.relative_to(ROOT / "book").as_posix() for path in (ROOT / "book").glob("*/*.ipynb")]


class Size(NamedTuple):
    """What a reader of the main path meets."""

    words: int
    lines: int  # of visible code
    long_cells: int  # above 15 lines, or 20 for one definition
    long_folded: int  # above 40 lines


BUDGET = Size(1800, 150, 0, 0)
# Pages from before there was a budget. These numbers may only become smaller.
GRANDFATHERED = {
    "gan/evaluation.ipynb": Size(3571, 458, 12, 0),
    "gan/game.ipynb": Size(1800, 267, 5, 0),
    "gan/images.ipynb": Size(1800, 239, 6, 0),
    "gan/losses.ipynb": Size(3864, 874, 16, 0),
    "gan/theory.ipynb": Size(2342, 219, 4, 0),
    "vae/derivation.ipynb": Size(2186, 260, 5, 0),
    "vae/latent-space.ipynb": Size(2222, 498, 12, 0),
}


def is_one_definition(code: str) -> bool:
    body = ast.parse("\n".join(line for line in code.splitlines() if line[:1] not in "%!")).body
    return len(body) == 1 and isinstance(body[0], ast.FunctionDef | ast.ClassDef)


def measure(path: Path) -> Size:
    folded, visible = [], []
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            hidden = {"hide-input", "hide-cell"} & set(cell.metadata.get("tags", []))
            (folded if hidden else visible).append(cell.source)
    lengths = [len(code.splitlines()) for code in visible]
    limits = [20 if is_one_definition(code) else 15 for code in visible]
    return Size(
        count_words_of_page(path)[0],
        sum(lengths),
        sum(length > limit for length, limit in zip(lengths, limits, strict=True)),
        sum(len(code.splitlines()) > 40 for code in folded),
    )


@pytest.mark.parametrize("name", PAGES)
def test_page_is_within_its_budget(name: str) -> None:
    size = measure(ROOT / "book" / name)
    allowed = GRANDFATHERED.get(name, BUDGET)
    over = {
        field: (have, most)
        for field, have, most in zip(Size._fields, size, allowed, strict=True)
        if have > most
    }
    assert not over, "Move what a first reading can do without into boxes and folded cells."


def test_the_list_of_exceptions_only_shrinks() -> None:
    """A page that keeps the budget goes off the list, and no page comes to it: those that follow are within."""
    assert len(GRANDFATHERED) <= 7
    for name, allowed in GRANDFATHERED.items():
        size = measure(ROOT / "book" / name)
        assert any(have > most for have, most in zip(size, BUDGET, strict=True)), name
        assert allowed != BUDGET, name


def test_words_are_counted_on_both_layers() -> None:
    source = """\
## A heading

Three short words, $a + b$ and {eq}`eq-one` [a link](http://example.com).

:::{prf:theorem} A title
:label: thm-one

Inside stand $$
x = 1
$$ (eq-two) three words.
:::

````{dropdown} Two words
Hidden words here.

```python
not = counted
```

:::{prf:proof}
And here.
:::
````

:::{solution} ex-one
:class: dropdown

Hidden.
:::
"""
    assert count_words(source) == (2 + 8 + 2 + 4 + 2 + 1, 6)


def test_a_definition_may_be_longer() -> None:
    assert is_one_definition("@decorated\ndef f():\n    return 1")
    assert not is_one_definition("def f():\n    return 1\n\nf()")
