"""One ES module and one style sheet for an explorable, from the files beside it and those that they import."""

from __future__ import annotations

import re
from pathlib import Path

STYLE = (Path(__file__).parent / "kit.css").read_text(encoding="utf-8")
END = "export default { render };\n"

_IMPORT = re.compile(r'^import \{\s*([\w$]+(?:,\s*[\w$]+)*),?\s*\} from "(\.[\w./-]+)";\n', re.M)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const|let) ([\w$]+))", re.M)
_DEFINITION = re.compile(r"^(?:async )?(?:function|class|const|let) ([\w$]+)", re.M)
_LEFT = re.compile(r"^(?:import|export)\b.*", re.M)
_COMMENT = re.compile(
    r"^[ \t]*(?://[^\n]*)?\n|^[ \t]*/\*\*.*?\*/[ \t]*\n|/\*\*.*?\*/ ?", re.MULTILINE | re.DOTALL
)

_INDENT = re.compile(r"^[ \t]+", re.MULTILINE)


def bundle(python_file: str) -> tuple[str, str]:
    """Return the module of ``name.js`` beside ``name.py``, and the shared styles with those of ``name.css``, if any."""
    own = Path(python_file).with_suffix(".css")
    style = own.read_text(encoding="utf-8") if own.exists() else ""
    return join(Path(python_file).with_suffix(".js")), STYLE + style


def join(entry: Path) -> str:
    """Return one module made of ``entry`` and all that it imports, less comments, blank lines and indentation.

    Each file stays a scope of its own, a function that returns what it exports: no two names collide.

    Raises
    ------
    ValueError
        An import of a name that is not exported there, that is defined here as well, or in any form but
        ``import { a, b } from "./file.js";``; files that import one another; an export that is not a definition's.
    """
    exports: dict[Path, list[str]] = {}
    scopes: list[str] = []

    def resolved(path: Path, importers: tuple[Path, ...]) -> str:
        """Return a file's source with its imports taken from the scopes of others, which come before it."""
        source = _COMMENT.sub("", path.read_text(encoding="utf-8"))
        body = _IMPORT.sub("", source)
        exports[path] = _EXPORT.findall(body)
        body = _EXPORT.sub("", body)
        taken, lines = set(_DEFINITION.findall(body)), []
        for listed, file in _IMPORT.findall(source):
            other = (path.parent / file).resolve()
            scope = f"${other.parent.name}_{other.stem}"
            if other in importers:
                raise ValueError(f"{path.name}: {file} imports it in turn. Move what both need.")
            if other not in exports:
                inner = resolved(other, (*importers, path))
                given = ", ".join(exports[other])
                scopes.append(f"const {scope} = (() => {{\n{inner}return {{ {given} }};\n}})();\n")
            for name in (names := re.findall(r"[\w$]+", listed)):
                if name not in exports[other]:
                    raise ValueError(
                        f"{path.name}: expected {name} among the exports of {file}, got {exports[other]}."
                    )
                if name in taken:
                    raise ValueError(f"{path.name}: {name} is imported and defined. Rename one.")
                taken.add(name)
            lines.append(f"const {{ {', '.join(names)} }} = {scope};\n")
        if left := _LEFT.search(body.removesuffix(END) if path == entry else body):
            raise ValueError(
                f'{path.name}: expected import {{ a, b }} from "./file.js"; or export before a '
                f"definition, got {left[0]}"
            )
        return "".join(lines) + _INDENT.sub("", body)

    entry = entry.resolve()
    last = resolved(entry, ())
    if not last.endswith(END):
        raise ValueError(f"{entry.name}: expected {END.strip()} as its last line.")
    return "".join(scopes) + last
