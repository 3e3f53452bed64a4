"""The execution cache: a page runs again if it changes, or a module that it imports.

The pages that have to run do so several at a time, as many as there are cores: myst-nb would run them one after the
other, each on all cores, which serves networks as small as ours badly. CSS and JavaScript are no reason to run a page.
"""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nbformat
from dependencies import Modules
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn, JupyterCacheAbstract
from jupyter_cache.executors.utils import ExecutionResult, single_nb_execution
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

ROOT = Path(__file__).resolve().parents[2]
LOG = logging.getLogger(__name__)


def scale() -> str:
    return os.environ.get("GENNB_SCALE", "book")


class Fingerprints:
    """What the outputs of pages depend on besides the pages: modules, results of the part, versions, scale, data."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.modules = Modules(root)
        places = [
            root / "data",
            *map(Path, filter(None, [os.environ.get("GENNB_DATA")])),
        ]
        mnist = any((place / "MNIST" / "raw").is_dir() for place in places)
        self.around = f"{scale()} {mnist} {platform.python_version()}".encode()

    def of(self, path: Path) -> str:
        page = nbformat.read(path, as_version=4)
        lines = "\n".join(c.source for c in page.cells if c.cell_type == "code")
        code = "\n".join(
            line for line in lines.splitlines() if line[:1] not in "%!"
        )
        files = self.modules.behind(code) | {self.root / "constraints.txt"}
        keys = f"gennb.{path.parent.name}.exercises"  # which check() looks for
        if keys in self.modules.files and "gennb.check(" in code:
            files |= self.modules.behind_module(keys)
        files |= set(path.parent.glob("results/*.json"))
        digest = hashlib.sha256(self.around)
        for file in sorted(files):
            name = file.relative_to(self.root).as_posix()
            digest.update(name.encode() + b"\0" + file.read_bytes())
        return digest.hexdigest()[:16]


def choose_cache(app: Sphinx, config: Config) -> None:
    config.nb_execution_cache_path = str(
        Path(app.outdir).parent / ".jupyter_cache"
    )


def stale_pages(
    app: Sphinx,
    env: BuildEnvironment,
    added: set[str],
    changed: set[str],
    removed: set[str],
) -> list[str]:
    """Return the pages whose modules have changed since Sphinx read them."""
    prints = Fingerprints(ROOT)
    before = getattr(env, "gennb_fingerprints", {})
    pages = {page: Path(env.doc2path(page)) for page in env.found_docs}
    env.gennb_fingerprints = now = {
        page: prints.of(path)
        for page, path in pages.items()
        if path.suffix == ".ipynb"
    }
    return [page for page in now if now[page] != before.get(page)]


def to_run(
    cache: JupyterCacheAbstract, pages: dict[Path, str]
) -> dict[Path, nbformat.NotebookNode]:
    """Return the pages with no record of having run with this fingerprint; a record with another one goes."""
    waiting = {}
    for path in pages:
        page = nbformat.read(path, as_version=4)
        try:
            record = cache.match_cache_notebook(page)
        except KeyError:
            waiting[path] = page
            continue
        if record.data.get("fingerprint") != pages[path]:
            cache.remove_cache(record.pk)
            waiting[path] = page
    return waiting


def fill_cache(
    app: Sphinx, env: BuildEnvironment, changed: Iterable[str]
) -> None:
    """Run the changed pages that are not in the cache. myst-nb runs those that fail once more, and reports."""
    cache = get_cache(app.config.nb_execution_cache_path)
    prints: dict[str, str] = env.gennb_fingerprints
    marks = {
        Path(env.doc2path(page)): prints[page]
        for page in sorted(changed)
        if page in prints
    }
    pages = to_run(cache, marks)
    if not pages:
        return
    cores = os.cpu_count() or 1
    at_once = min(cores, len(pages))
    os.environ.setdefault("OMP_NUM_THREADS", str(cores // at_once))

    def run(path: Path) -> ExecutionResult:
        LOG.info(f"running {path.relative_to(app.srcdir)}")
        return single_nb_execution(
            pages[path],
            cwd=str(path.parent),
            timeout=app.config.nb_execution_timeout,
            allow_errors=False,
            meta_override=True,
        )

    with ThreadPoolExecutor(at_once) as pool:
        for path, result in zip(pages, pool.map(run, pages), strict=True):
            if result.err is None:
                name = path.relative_to(app.srcdir)
                LOG.info(f"{name} ran in {result.time:.0f} s")
                known = {
                    "execution_seconds": result.time,
                    "fingerprint": marks[path],
                }
                bundle = CacheBundleIn(pages[path], str(path), data=known)
                cache.cache_notebook_bundle(
                    bundle, check_validity=False, overwrite=True
                )


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("config-inited", choose_cache, priority=100)
    app.connect("env-get-outdated", stale_pages)
    app.connect("env-before-read-docs", fill_cache)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
