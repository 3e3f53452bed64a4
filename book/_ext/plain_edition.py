"""The plain edition: every page as a notebook that any Jupyter shows, for Colab and for download.

Colab and plain Jupyter show MyST's directives and roles raw. This builder walks the finished document, where
references, citations and numbers are resolved, and writes plain Markdown; code cells are copied from the source.

``sphinx-tojupyter`` exists for this too. What its version 0.6.0 was seen to do with this book:

- Code cells are new ones: ids, tags and kept outputs are lost, so that none is folded or compared, and cells with
  ``remove-input`` are left out. So are figures with their captions, as part of the outputs.
- The titles of boxes become stray lines, those of admonitions, exercises and solutions headings; nothing is folded,
  and a proof begins "Proof. Proof."
- The links and the bold type of a table land in front of it; links between pages lead to files that Colab lacks.
- It replaces ``nb_mime_priority_overrides`` for every builder, the site's too, and needs ``dask`` and ``nbdime``.
- It ends the process with status 0 whatever the warnings, so that ``-W`` stops no build.

To mend all that takes most of what stands here.
"""

from __future__ import annotations

import base64
import mimetypes
import re
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import nbformat
from docutils import nodes
from gennb_site import REPOSITORY, ROOT, SITE
from sphinx.application import ENV_PICKLE_FILENAME, Sphinx
from sphinx.builders import Builder

# How JupyterLab and Colab fold the code of a cell away.
FOLDED = {"jupyter": {"source_hidden": True}, "cellView": "form"}


def revision() -> str:
    """Return "@" and the commit that the book is built from, or nothing where that is not known."""
    command = ["git", "-C", str(ROOT), "rev-parse", "--verify", "HEAD"]
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except OSError:
        return ""
    return f"@{done.stdout.strip()}" if done.returncode == 0 else ""


SOURCE = f"git+{REPOSITORY}{revision()}"
SET_UP = f"""\
# @title The book's package: found, or installed at the version that made this notebook. Your PyTorch stays.
import importlib.util
import subprocess
import sys


class NotInstalled(Exception):
    def _render_traceback_(self):  # one line instead of forty
        return [str(self)]


if importlib.util.find_spec("gennb") is None:
    source = "{SOURCE}"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", source]
    if subprocess.run(pip, capture_output=True).returncode:
        raise NotInstalled(
            "This notebook needs the package gennb, which could not be installed. "
            f"Once there is a network, run: pip install {{source}}"
        )
    importlib.invalidate_caches()"""

SPECIAL = re.compile(r"([\\`*_$<])")
CELL_MATH = re.compile(r"\$[^$]+\$")


def is_code_cell(node: nodes.Node) -> bool:
    return (
        isinstance(node, nodes.container)
        and node.get("nb_element") == "cell_code"
    )


def holds_code_cell(node: nodes.Node) -> bool:
    return any(is_code_cell(inner) for inner in node.findall(nodes.container))


def split_title(
    node: nodes.Element,
) -> tuple[nodes.Element, list[nodes.Node]]:
    """Return the title of ``node``, empty where it has none, and the rest of its children."""
    first, *rest = node.children or [nodes.title()]
    if isinstance(first, nodes.title):
        return first, rest
    return nodes.title(), node.children


class Markdown:
    """Writes the nodes of one page as plain Markdown; a method ``write_<class>`` for each kind of node."""

    def __init__(
        self, numbers: dict[str, dict[str, tuple[int, ...]]], folder: Path
    ) -> None:
        self.numbers = (
            numbers  # of this page: kind of thing → its id → its number
        )
        self.folder = folder
        self.level = 0

    # Walking ------------------------------------------------------------------------------------

    def parts(self, node: nodes.Element) -> Iterator[str | int]:
        """Yield the Markdown blocks of a page and, between them, the indices of its code cells."""
        if is_code_cell(node):
            if node.get("hide_mode") == "input":
                yield f"**{node['prompt_show']}.**"
            yield node["cell_index"]
            for figure in node.findall(nodes.figure):
                yield self.write(figure)
        elif isinstance(
            node, nodes.document | nodes.section
        ) or holds_code_cell(node):
            self.level += isinstance(node, nodes.section)
            children = node.children
            if "label" in node:  # an exercise or a theorem that holds code
                yield f"**{self.heading(node)}.**"
                children = split_title(node)[1]
            for child in children:
                yield from self.parts(child)
            self.level -= isinstance(node, nodes.section)
        else:
            yield self.write(node)

    def write(self, node: nodes.Node) -> str:
        if (
            isinstance(node, nodes.Element) and "realtype" in node
        ):  # a theorem, an algorithm, …
            return self.labelled(node)
        for kind in type(node).__mro__:
            method = getattr(self, f"write_{kind.__name__}", None)
            if method:
                return method(node)
        raise TypeError(
            f"plain edition: no Markdown for <{node.tagname}> at {node.source}"
        )

    def inline(self, node: nodes.Element) -> str:
        return "".join(map(self.write, node.children))

    def blocks(self, children: Iterable[nodes.Node]) -> str:
        written = (self.write(child).strip("\n") for child in children)
        return "\n\n".join(filter(None, written))

    def number(self, kind: str, node: nodes.Element) -> str:
        numbers = self.numbers.get(kind, {})
        found = (numbers[i] for i in node["ids"] if i in numbers)
        return ".".join(map(str, next(found, ())))

    # Inline -------------------------------------------------------------------------------------

    def write_Text(self, node: nodes.Text) -> str:
        return SPECIAL.sub(r"\\\1", node.astext())

    def write_emphasis(self, node: nodes.Element) -> str:
        return f"*{self.inline(node)}*"

    def write_strong(self, node: nodes.Element) -> str:
        return f"**{self.inline(node)}**"

    def write_literal(self, node: nodes.Element) -> str:
        return f"`{node.astext()}`"

    def write_math(self, node: nodes.Element) -> str:
        return f"${node.astext().strip()}$"

    def write_reference(self, node: nodes.Element) -> str:
        uri = node.get("refuri", "#")
        if uri.startswith("#"):  # plain Jupyter keeps no anchors within a page
            return self.inline(node)
        return f"[{self.inline(node)}]({uri})"

    def write_footnote_reference(self, node: nodes.Element) -> str:
        return f"<sup>{node.astext()}</sup>"

    def write_inline(self, node: nodes.Element) -> str:
        return self.inline(node)

    write_abbreviation = write_superscript = write_subscript = write_inline
    write_number_reference = write_reference

    def write_nothing(self, node: nodes.Node) -> str:
        return ""

    write_target = write_raw = write_comment = write_transition = write_nothing
    write_index = write_meta = write_substitution_definition = write_nothing

    # Blocks -------------------------------------------------------------------------------------

    def write_paragraph(self, node: nodes.Element) -> str:
        return self.inline(node)

    def write_title(self, node: nodes.Element) -> str:
        return f"{'#' * self.level} {self.inline(node).strip()}"

    def write_rubric(self, node: nodes.Element) -> str:
        return f"**{self.inline(node).strip()}**"

    write_term = write_rubric

    def write_Element(self, node: nodes.Element) -> str:
        return self.blocks(node.children)

    write_definition = write_Element

    def write_container(self, node: nodes.Element) -> str:
        if node.get("design_component") == "dropdown":
            title, *body = node.children
            return self.details(self.inline(title), body, "details open")
        if isinstance(node.parent, nodes.paragraph | nodes.caption):
            return self.inline(node)  # a glued value
        return self.blocks(node.children)

    def details(
        self, summary: str, body: Iterable[nodes.Node], tag: str = "details"
    ) -> str:
        return f"<{tag}>\n<summary>{summary}</summary>\n\n{self.blocks(body)}\n\n</details>"

    def write_literal_block(self, node: nodes.Element) -> str:
        language = node.get("language", "")
        return f"```{'' if language == 'myst-ansi' else language}\n{node.astext().rstrip()}\n```"

    def write_math_block(self, node: nodes.Element) -> str:
        text = re.sub(
            r"\\(begin|end)\{(align|gather)\*?\}",
            r"\\\1{\2ed}",
            node.astext().strip(),
        )
        if r"\\" in text and r"\begin{" not in text:
            text = f"\\begin{{aligned}}\n{text}\n\\end{{aligned}}"
        number = self.number("displaymath", node) if node.get("label") else ""
        tag = f" \\tag{{{number}}}" if number else ""
        return f"$$\n{text}{tag}\n$$"

    def write_bullet_list(self, node: nodes.Element) -> str:
        return self.items(node, "- ")

    def write_enumerated_list(self, node: nodes.Element) -> str:
        return self.items(node, "1. ")

    def items(self, node: nodes.Element, mark: str) -> str:
        indent = " " * len(mark)
        entries = [
            self.blocks(item.children).replace("\n", f"\n{indent}")
            for item in node.children
        ]
        loose = any("\n" in entry for entry in entries)
        return ("\n\n" if loose else "\n").join(
            mark + entry for entry in entries
        )

    def write_block_quote(self, node: nodes.Element) -> str:
        return self.quote(self.blocks(node.children))

    def quote(self, text: str) -> str:
        # Jupyter finds display math before it knows of quotes, and would take the marks into it.
        return text if "$$" in text else "> " + text.replace("\n", "\n> ")

    def write_Admonition(self, node: nodes.Element) -> str:
        title, body = split_title(node)
        name = self.inline(title).strip() or node.tagname.title()
        return self.quote(f"**{name}.**\n\n{self.blocks(body)}")

    write_sidebar = write_topic = write_Admonition

    def write_figure(self, node: nodes.Element) -> str:
        rest = [c for c in node.children if not isinstance(c, nodes.caption)]
        caption = "".join(map(self.inline, node.findall(nodes.caption)))
        caption = self.numbered("figure", node, caption)
        return f"{self.blocks(rest)}\n\n{caption}".strip()

    def numbered(self, kind: str, node: nodes.Element, caption: str) -> str:
        number = self.number(kind, node)
        label = f"**{kind.title()} {number}.** " if number else ""
        return label + caption

    def write_image(self, node: nodes.Element) -> str:
        path = self.folder / node["uri"]
        if "://" in node["uri"]:
            return f"![{node.get('alt', '')}]({node['uri']})"
        if path.suffix == ".svg" and "jupyter_execute" in path.parts:
            return ""  # the cell draws it
        kind = mimetypes.guess_type(path)[0]
        data = base64.b64encode(path.read_bytes()).decode()
        return f"![{node.get('alt', '')}](data:{kind};base64,{data})"

    def write_table(self, node: nodes.Element) -> str:
        lines = []
        for row in node.findall(nodes.row):
            cells = [self.table_cell(self.blocks(e.children)) for e in row]
            lines.append("| " + " | ".join(cells) + " |")
            if len(lines) == 1:
                lines.append("|" + " --- |" * len(cells))
        title = self.numbered("table", node, self.inline(split_title(node)[0]))
        return "\n".join([title, "", *lines]).strip()

    def table_cell(self, text: str) -> str:
        """Return ``text`` without the bars and line ends that would end the cell."""
        math = CELL_MATH.sub(
            lambda m: m[0].replace(r"\|", r"\Vert ").replace("|", r"\vert "),
            text,
        )
        return math.replace("\n", " ").replace("|", r"\|")

    # Theorems, exercises, sources ----------------------------------------------------------------

    def heading(self, node: nodes.Element) -> str:
        """Return "Theorem 1 (The bound)", "Exercise 2" or "Solution to Exercise 2"."""
        title = " ".join(self.inline(split_title(node)[0]).split())
        kind = node.get("realtype") or (
            "exercise" if "exercise" in node.tagname else ""
        )
        if not kind:
            return title
        number = self.number(node.get("countertype", kind), node)
        words = [kind.title(), number, title.removeprefix("Exercise ")]
        return " ".join(filter(None, words))

    def labelled(self, node: nodes.Element) -> str:
        return (
            f"**{self.heading(node)}.**\n\n{self.blocks(split_title(node)[1])}"
        )

    write_exercise_node = write_exercise_enumerable_node = labelled

    def write_solution_node(self, node: nodes.Element) -> str:
        return self.details(self.heading(node), split_title(node)[1])

    def write_proof_node(self, node: nodes.Element) -> str:
        body = (child for part in node.children for child in part.children)
        return self.blocks(body).replace("Proof. ", "*Proof.* ", 1)

    def write_footnote(self, node: nodes.Element) -> str:
        label, *body = node.children
        return f"<sup>{label.astext()}</sup> {self.blocks(body)}"


def new_text(parts: list[str], position: int) -> nbformat.NotebookNode:
    return nbformat.v4.new_markdown_cell(
        "\n\n".join(parts), id=f"text-{position}"
    )


def copy_code(cell: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return a code cell of the source as plain Jupyter and nbval want it."""
    cell.metadata.pop("mystnb", None)
    tags = cell.metadata.get("tags", [])
    if "nbval-check-output" in tags:
        # nbval compares nothing with a cell that has not run.
        cell.execution_count = 1
    else:
        cell.outputs, cell.execution_count = [], None
    if "hide-cell" in tags:
        cell.metadata |= FOLDED
    return cell


def assemble(
    parts: Iterable[str | int], source: list[nbformat.NotebookNode], url: str
) -> list[nbformat.NotebookNode]:
    """Return the cells of a page: text, and between it every code cell of the source, in the source's order."""
    cells: list[nbformat.NotebookNode] = []
    text: list[str] = []
    copied = 0

    def flush() -> None:
        if text:
            cells.append(new_text(text, len(cells)))
            text.clear()

    # Last come the cells after the last one that the page shows.
    for part in [*parts, len(source) - 1]:
        if isinstance(part, int):
            flush()
            cells += [
                copy_code(cell)
                for cell in source[copied : part + 1]
                if cell.cell_type == "code"
            ]
            copied = part + 1
        elif part.startswith("# "):
            note = (
                f"*This is the plain edition of [a page of the book]({url}).*"
            )
            cells += [
                new_text([part, note], 0),
                nbformat.v4.new_code_cell(SET_UP, id="set-up", metadata=FOLDED),
            ]
        elif part:
            if part.startswith("#"):
                flush()
            text.append(part)
    return cells


class PlainBuilder(Builder):
    """Writes ``<page>.ipynb`` for every page that is a notebook."""

    name = "plain"
    format = "plain"
    supported_image_types = ["image/svg+xml", "image/png", "image/jpeg"]  # noqa: RUF012
    allow_parallel = True

    def get_outdated_docs(self) -> set[str]:
        # One page shows titles and numbers of others: all are written again, or none.
        return set() if self.is_written() else self.env.found_docs

    def is_written(self) -> bool:
        """Tell if every notebook is of this revision, newer than the pages as read and these extensions."""
        environment = Path(self.doctreedir) / ENV_PICKLE_FILENAME
        sources = [environment, *Path(__file__).parent.glob("*.py")]
        changed = max(path.stat().st_mtime for path in sources if path.exists())
        targets = map(
            self.target, filter(self.is_notebook, self.env.found_docs)
        )
        return all(
            path.exists()
            and path.stat().st_mtime > changed
            and SOURCE in path.read_text(encoding="utf-8")
            for path in targets
        )

    def is_notebook(self, docname: str) -> bool:
        return self.env.doc2path(docname).endswith(".ipynb")

    def target(self, docname: str) -> Path:
        return Path(self.outdir) / f"{docname}.ipynb"

    def get_target_uri(self, docname: str, typ: str | None = None) -> str:
        return f"{SITE}{docname}.html"

    def get_relative_uri(
        self, from_: str, to: str, typ: str | None = None
    ) -> str:
        return "" if from_ == to else self.get_target_uri(to)

    def prepare_writing(self, docnames: set[str]) -> None:
        pass

    def write_doc(self, docname: str, doctree: nodes.document) -> None:
        if not self.is_notebook(docname):
            return
        source = nbformat.read(self.env.doc2path(docname), as_version=4)
        numbers = self.env.toc_fignumbers.get(docname, {})
        parts = Markdown(numbers, Path(self.srcdir)).parts(doctree)
        source.cells = assemble(
            parts, source.cells, self.get_target_uri(docname)
        )
        target = self.target(docname)
        target.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(source, target)


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_builder(PlainBuilder)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
