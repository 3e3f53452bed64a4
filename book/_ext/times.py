"""What each page took to run, where ``{nb-exec-table}`` stands: its title and its seconds, in the book's order."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from myst_nb.ext.execution_tables import ExecutionStatsNode
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform


def row(*cells: nodes.Node) -> nodes.row:
    return nodes.row(
        "", *(nodes.entry("", nodes.paragraph("", "", cell)) for cell in cells)
    )


class Times(SphinxPostTransform):
    """Write the table in place of myst-nb's, which shows file names and marks."""

    default_priority = 7  # before myst-nb's and before references are resolved

    def run(self, **kwargs: Any) -> None:
        for place in list(self.document.findall(ExecutionStatsNode)):
            body = nodes.tbody()
            for page in self.env.collect_relations():
                result = NbMetadataCollector.get_exec_data(self.env, page)
                if result and result["runtime"] is not None:
                    body += row(
                        self.link(page), nodes.Text(f"{result['runtime']:.0f}")
                    )
            head = nodes.thead(
                "", row(nodes.Text("Page"), nodes.Text("Seconds"))
            )
            columns = (nodes.colspec(colwidth=80), nodes.colspec(colwidth=20))
            place.replace_self(
                nodes.table("", nodes.tgroup("", *columns, head, body, cols=2))
            )

    def link(self, page: str) -> pending_xref:
        title = nodes.inline("", self.env.titles[page].astext())
        return pending_xref(
            "",
            title,
            refdoc=self.env.docname,
            reftarget=f"/{page}",
            reftype="doc",
            refdomain="std",
            refexplicit=True,
            refwarn=True,
        )


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_post_transform(Times)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
