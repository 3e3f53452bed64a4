"""What the plain edition makes of MyST that no page may hold today."""

from __future__ import annotations

from pathlib import Path

import pytest
from docutils.core import publish_doctree
from myst_parser.docutils_ import Parser
from plain_edition import Markdown

SETTINGS = {"myst_enable_extensions": ["colon_fence", "deflist", "dollarmath"]}


@pytest.mark.parametrize(
    ("myst", "plain"),
    [
        ("*a* **b** `c_d` $e_1$", "*a* **b** `c_d` $e_1$"),
        (r"5\$, a\_b, 2 \* 3, [a]", r"5\$, a\_b, 2 \* 3, [a]"),
        (r"1\<2", r"1\<2"),
        ("Text[^1].\n\n[^1]: Note $x$.", "Text<sup>1</sup>.\n\n<sup>1</sup> Note $x$."),
        ("Term\n: Meaning", "**Term**\n\nMeaning"),
        ("- a\n- b", "- a\n- b"),
        ("- a\n\n  - b\n  - c", "- a\n  \n  - b\n  - c"),
        ("1. a\n2. b", "1. a\n1. b"),
        ("> a $x$\n> b", "> a $x$\n> b"),
        # Jupyter would take the marks of a quote into the formula.
        ("> a\n>\n> $$\n> x\n> $$", "a\n\n$$\nx\n$$"),
        ("$$\na \\\\\nb\n$$", "$$\n\\begin{aligned}\na \\\\\nb\n\\end{aligned}\n$$"),
        # Jupyter knows no numbered environments within $$.
        (
            "$$\n\\begin{align*}\na\n\\end{align*}\n$$",
            "$$\n\\begin{aligned}\na\n\\end{aligned}\n$$",
        ),
        (":::{note}\na\n:::", "> **Note.**\n> \n> a"),
        (":::{sidebar} Aside\na\n:::", "> **Aside.**\n> \n> a"),
        (
            "| a | b |\n| - | - |\n| $\\|x\\|$ | `c` **d** |",
            "| a | b |\n| --- | --- |\n| $\\vert x\\vert $ | `c` **d** |",
        ),
        (
            "| a | b |\n| - | - |\n| c \\| d | [e](https://f.org) |",
            "| a | b |\n| --- | --- |\n| c \\| d | [e](https://f.org) |",
        ),
        ("![alt](https://a.org/b.png)", "![alt](https://a.org/b.png)"),
        ("a\n\n% a comment\n\nb", "a\n\nb"),
    ],
)
def test_markdown(myst: str, plain: str) -> None:
    tree = publish_doctree(myst, parser=Parser(), settings_overrides=SETTINGS)
    assert Markdown({}, Path()).write(tree) == plain
