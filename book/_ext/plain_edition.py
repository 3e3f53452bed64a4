"""The plain edition: every page as a notebook that any Jupyter shows, for Colab and for download.

Colab and plain Jupyter show MyST's directives and roles raw. This builder walks the finished document, where
references, citations and numbers are resolved, and writes plain Markdown; code cells are copied from the source.
"""

from __future__ import annotations

import base64
import mimetypes
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from docutils import nodes
from gennb_site import REPOSITORY, SITE
from sphinx.application import Sphinx
from sphinx.builders import Builder

# How JupyterLab and Colab fold the code of a cell away.
FOLDED = {"jupyter": {"source_hidden": True}, "cellView": "form"}
SET_UP = f"""\
# On Colab this installs the book's package; Colab's own PyTorch stays as it is. Elsewhere it does nothing.
import sys

if "google.colab" in sys.modules:
    %pip install --quiet git+{REPOSITORY}"""

SPECIAL = re.compile(r"([\\`*_$<])")
CELL_MATH = re.compile(r"\$[^$]+\$")


def is_code_cell(node: nodes.Node) -> bool:
    return (
        isinstance(node, nodes.container)
        and node.get("nb_element") == "cell_code"
    )


def holds_code_cell(node: nodes.Node) -> bool:
    return any(is_code_cell(inner) for inner in node.findall(nodes.container))


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
            if "label" in node:
                yield f"**{self.heading(node)}.**"
            for child in node.children:
                if not ("label" in node and isinstance(child, nodes.title)):
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

    def blocks(self, node: nodes.Element) -> str:
        return "\n\n".join(
            filter(
                None, (self.write(child).strip("\n") for child in node.children)
            )
        )

    def number(self, kind: str, node: nodes.Element) -> str:
        numbers = self.numbers.get(kind, {})
        return next(
            (
                ".".join(map(str, numbers[i]))
                for i in node["ids"]
                if i in numbers
            ),
            "",
        )

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

    write_abbreviation = write_superscript = write_subscript = (
        write_number_reference
    ) = write_inline
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
        return self.blocks(node)

    def write_container(self, node: nodes.Element) -> str:
        if node.get("design_component") == "dropdown":
            title, *body = node.children
            return self.details(
                self.inline(title), nodes.container("", *body), "details open"
            )
        if not isinstance(node.parent, nodes.paragraph | nodes.caption):
            return self.blocks(node)
        return self.inline(node)  # a glued value

    def details(
        self, summary: str, body: nodes.Element, tag: str = "details"
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
            self.blocks(item).replace("\n", f"\n{indent}")
            for item in node.children
        ]
        loose = any("\n" in entry for entry in entries)
        return ("\n\n" if loose else "\n").join(
            mark + entry for entry in entries
        )

    def write_definition(self, node: nodes.Element) -> str:
        return self.blocks(node)

    def write_block_quote(self, node: nodes.Element) -> str:
        return self.quote(self.blocks(node))

    def quote(self, text: str) -> str:
        # Jupyter finds display math before it knows of quotes, and would take the marks into it.
        return text if "$$" in text else "> " + text.replace("\n", "\n> ")

    def write_Admonition(self, node: nodes.Element) -> str:
        title, *body = node.children
        if isinstance(title, nodes.title):
            name = self.inline(title).strip()
        else:
            name, body = node.tagname.title(), node.children
        return self.quote("\n\n".join([f"**{name}.**", *map(self.write, body)]))

    write_sidebar = write_topic = write_Admonition

    def write_figure(self, node: nodes.Element) -> str:
        caption = next(
            (self.inline(c) for c in node.findall(nodes.caption)), ""
        )
        rest = [
            self.write(child)
            for child in node.children
            if not isinstance(child, nodes.caption)
        ]
        number = self.number("figure", node)
        label = f"**Figure {number}.** " if number else ""
        return "\n\n".join(filter(None, [*rest, label + caption]))

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
            cells = [self.table_cell(self.blocks(entry)) for entry in row]
            lines.append("| " + " | ".join(cells) + " |")
            if len(lines) == 1:
                lines.append("|" + " --- |" * len(cells))
        title = "".join(
            f"**{self.inline(t)}**\n\n"
            for t in node.children
            if t.tagname == "title"
        )
        return title + "\n".join(lines)

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
        title = next(
            (
                self.inline(t).strip()
                for t in node.children
                if t.tagname == "title"
            ),
            "",
        )
        kind = node.get("realtype") or (
            "exercise" if "exercise" in node.tagname else ""
        )
        if not kind:
            return re.sub(r"\s+", " ", title)
        number = self.number(node.get("countertype", kind), node)
        return " ".join(
            filter(
                None, [kind.title(), number, title.removeprefix("Exercise ")]
            )
        )

    def labelled(self, node: nodes.Element) -> str:
        body = [child for child in node.children if child.tagname != "title"]
        return f"**{self.heading(node)}.**\n\n" + "\n\n".join(
            map(self.write, body)
        )

    write_exercise_node = write_exercise_enumerable_node = labelled

    def write_solution_node(self, node: nodes.Element) -> str:
        body = [child for child in node.children if child.tagname != "title"]
        return self.details(self.heading(node), nodes.container("", *body))

    def write_proof_node(self, node: nodes.Element) -> str:
        text = "\n\n".join(self.blocks(child) for child in node.children)
        return text.replace("Proof. ", "*Proof.* ", 1)

    def write_citation(self, node: nodes.Element) -> str:
        label, *body = node.children
        return f"\\[{label.astext()}\\] " + "\n\n".join(map(self.write, body))

    def write_footnote(self, node: nodes.Element) -> str:
        label, *body = node.children
        return f"<sup>{label.astext()}</sup> " + "\n\n".join(
            map(self.write, body)
        )


class PlainBuilder(Builder):
    """Writes ``<page>.ipynb`` for every page that is a notebook."""

    name = "plain"
    format = "plain"
    supported_image_types = ["image/svg+xml", "image/png", "image/jpeg"]  # noqa: RUF012
    allow_parallel = True

    def get_outdated_docs(self) -> set[str]:
        return self.env.found_docs

    def get_target_uri(self, docname: str, typ: str | None = None) -> str:
        return f"{SITE}{docname}.html"

    def get_relative_uri(
        self, from_: str, to: str, typ: str | None = None
    ) -> str:
        return "" if from_ == to else self.get_target_uri(to)

    def prepare_writing(self, docnames: set[str]) -> None:
        pass

    def write_doc(self, docname: str, doctree: nodes.document) -> None:
        path = Path(self.env.doc2path(docname))
        if path.suffix != ".ipynb":
            return
        source = nbformat.read(path, as_version=4)
        page = Markdown(
            self.env.toc_fignumbers.get(docname, {}), Path(self.srcdir)
        )
        cells: list[nbformat.NotebookNode] = []
        text: list[str] = []
        copied = 0

        def flush() -> None:
            if text:
                name = f"text-{len(cells)}"
                cells.append(
                    nbformat.v4.new_markdown_cell("\n\n".join(text), id=name)
                )
                text.clear()

        for part in page.parts(doctree):
            if isinstance(part, int):
                flush()
                cells += [
                    c
                    for c in source.cells[copied : part + 1]
                    if c.cell_type == "code"
                ]
                copied = part + 1
            elif part.startswith("# "):
                url = self.get_target_uri(docname)
                text += [
                    part,
                    f"*This is the plain edition of [a page of the book]({url}).*",
                ]
                flush()
                cells.append(nbformat.v4.new_code_cell(SET_UP, id="set-up"))
            elif part:
                if part.startswith("#"):
                    flush()
                text.append(part)
        flush()
        cells += [
            cell for cell in source.cells[copied:] if cell.cell_type == "code"
        ]
        for cell in cells:
            cell.metadata.pop("mystnb", None)
            tags = cell.metadata.get("tags", [])
            if "nbval-check-output" in tags:
                # nbval compares nothing with a cell that has not run.
                cell.execution_count = 1
            elif cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
            if "hide-cell" in tags:
                cell.metadata |= FOLDED
        target = Path(self.outdir) / f"{docname}.ipynb"
        target.parent.mkdir(parents=True, exist_ok=True)
        notebook = nbformat.v4.new_notebook(
            cells=cells, metadata=source.metadata
        )
        nbformat.write(notebook, target)


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_builder(PlainBuilder)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
