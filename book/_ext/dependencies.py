"""Which modules of a package a piece of code depends on: those that it imports, directly or through others.

Read from the sources, without running them. A package whose names load when they are first used says where these
live, in a literal ``_HOME = {name: submodule}`` of its own or of the packages below it. A name of such a package that
is found nowhere makes the code depend on all of it, so that what cannot be told is never left out.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path


class Names(ast.NodeVisitor):
    """Collects the dotted names that code imports, and the attributes that it takes from them."""

    def __init__(self, package: str) -> None:
        self.package = package.split(".")
        self.aliases: dict[str, str] = {}
        self.used: set[str] = set()

    def visit_Import(self, node: ast.Import) -> None:
        for name in node.names:
            head = name.name.partition(".")[0]
            self.aliases[name.asname or head] = (
                name.name if name.asname else head
            )
            self.used.add(name.name)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        above = self.package[: len(self.package) - node.level + 1]
        base = [*above] * bool(node.level) + [node.module] * bool(node.module)
        for name in node.names:
            self.aliases[name.asname or name.name] = dotted = ".".join(
                [*base, name.name]
            )
            self.used.add(dotted)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        names, inner = [node.attr], node.value
        while isinstance(inner, ast.Attribute):
            names, inner = [inner.attr, *names], inner.value
        if isinstance(inner, ast.Name) and inner.id in self.aliases:
            self.used.add(".".join([self.aliases[inner.id], *names]))
        self.generic_visit(node)

    def visit_If(self, node: ast.If) -> None:
        running = (
            node.orelse
            if "TYPE_CHECKING" in ast.unparse(node.test)
            else [node.test, *node.body, *node.orelse]
        )
        for part in running:
            self.visit(part)


class Modules:
    """The modules of a package, and what depends on them.

    Parameters
    ----------
    root
        The folder that the package lies in.
    package
        Its name.
    """

    def __init__(self, root: Path, package: str = "gennb") -> None:
        self.root = root
        self.package = package
        self._trees: dict[str, ast.Module] = {}

    @cached_property
    def files(self) -> dict[str, Path]:
        """The file of each module, by its dotted name."""
        paths = sorted((self.root / self.package).rglob("*.py"))
        return {
            ".".join(
                path.relative_to(self.root).with_suffix("").parts
            ).removesuffix(".__init__"): path
            for path in paths
        }

    def behind(self, code: str) -> set[Path]:
        """Return the files of all modules that running the code may load."""
        return self._closure(self._loaded(ast.parse(code), ""))

    def behind_module(self, name: str) -> set[Path]:
        """Return the files of a module, and of all that importing it may load."""
        return self._closure({name})

    def direct(self, name: str) -> set[str]:
        """Return the modules that a module names itself."""
        within = (
            name
            if self.files[name].stem == "__init__"
            else name.rpartition(".")[0]
        )
        return self._loaded(self._tree(name), within)

    def _closure(self, names: set[str]) -> set[Path]:
        found: set[str] = set()
        waiting = set(names)
        while waiting:
            name = waiting.pop()
            found.add(name)
            above = {name.rpartition(".")[0]} & self.files.keys()
            waiting |= (self.direct(name) | above) - found
        return {self.files[name] for name in found}

    def _loaded(self, tree: ast.Module, within: str) -> set[str]:
        names = Names(within)
        names.visit(tree)
        return set(self._resolve(names.used))

    def _resolve(self, names: Iterable[str]) -> Iterator[str]:
        """Yield the modules that dotted names load: the longest that is one, and where the rest of the name lives."""
        for dotted in names:
            module, rest = dotted, ""
            while module and module not in self.files:
                module, _, rest = module.rpartition(".")
            if module:
                yield module
                yield from self._lazily(module, rest) if rest else ()

    def _lazily(self, module: str, name: str) -> Iterator[str]:
        """Yield where a name lives that its package loads when it is first used."""
        own = self._bound(module)
        if "__getattr__" not in own or name in own:
            return
        for package in (module, *self._packages_in(module)):
            homes = self._bound(package).get("_HOME")
            if homes is not None and name in (known := ast.literal_eval(homes)):
                yield f"{package}.{known[name]}"
                return
        yield from (m for m in self.files if m.startswith(f"{module}."))

    def _packages_in(self, module: str) -> list[str]:
        return [
            name
            for name, path in self.files.items()
            if name.rpartition(".")[0] == module and path.stem == "__init__"
        ]

    def _tree(self, name: str) -> ast.Module:
        if name not in self._trees:
            source = self.files[name].read_text(encoding="utf-8")
            self._trees[name] = ast.parse(source)
        return self._trees[name]

    def _bound(self, name: str) -> dict[str, ast.expr | None]:
        """Return the names that a module binds at its top, with the expression that it assigns to them, if any."""
        bound: dict[str, ast.expr | None] = {}
        for node in self._tree(name).body:
            if isinstance(node, ast.Assign | ast.AnnAssign):
                targets = (
                    node.targets
                    if isinstance(node, ast.Assign)
                    else [node.target]
                )
                bound |= {ast.unparse(t): node.value for t in targets}
            elif isinstance(node, ast.Import | ast.ImportFrom):
                bound |= {a.asname or a.name: None for a in node.names}
            elif isinstance(node, ast.FunctionDef | ast.ClassDef):
                bound[node.name] = None
        return bound
