"""The execution cache, and the pages that fill it: they run several at a time, as many as there are cores.

myst-nb would run them one after the other, each on all cores, which serves networks as small as ours badly.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nbformat
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.executors.utils import ExecutionResult, single_nb_execution
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

ROOT = Path(__file__).resolve().parents[2]
LOG = logging.getLogger(__name__)


def scale() -> str:
    return os.environ.get("GENNB_SCALE", "book")


def fingerprint() -> str:
    """Hash all that a page's outputs depend on besides the page: package, versions, results, scale, data."""
    digest = hashlib.sha256()
    results = (ROOT / "book").glob("*/results/*.json")
    for path in sorted(
        [*(ROOT / "gennb").rglob("*"), ROOT / "constraints.txt", *results]
    ):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(
                path.relative_to(ROOT).as_posix().encode()
                + b"\0"
                + path.read_bytes()
            )
    folders = [
        ROOT / "data",
        *map(Path, filter(None, [os.environ.get("GENNB_DATA")])),
    ]
    mnist = any((folder / "MNIST" / "raw").is_dir() for folder in folders)
    digest.update(f"{scale()} {mnist} {platform.python_version()}".encode())
    return digest.hexdigest()[:16]


def choose_cache(app: Sphinx, config: Config) -> None:
    # A changed path makes Sphinx read every page again, and jupyter-cache execute it.
    caches = Path(app.outdir).parent / ".jupyter_cache"
    config.nb_execution_cache_path = str(caches / fingerprint())
    for stale in caches.glob("*"):
        if str(stale) != config.nb_execution_cache_path:
            shutil.rmtree(stale)


def fill_cache(
    app: Sphinx, env: BuildEnvironment, changed: Iterable[str]
) -> None:
    """Run the changed pages that are not in the cache. myst-nb runs those that fail once more, and reports."""
    cache = get_cache(app.config.nb_execution_cache_path)
    paths = [Path(env.doc2path(page)) for page in sorted(changed)]
    pages = {
        path: nbformat.read(path, as_version=4)
        for path in paths
        if path.suffix == ".ipynb"
    }
    for path, page in list(pages.items()):
        try:
            cache.match_cache_notebook(page)
        except KeyError:
            continue
        del pages[path]
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
                LOG.info(
                    f"{path.relative_to(app.srcdir)} ran in {result.time:.0f} s"
                )
                cache.cache_notebook_bundle(
                    CacheBundleIn(
                        pages[path],
                        str(path),
                        data={"execution_seconds": result.time},
                    ),
                    check_validity=False,
                    overwrite=True,
                )


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("config-inited", choose_cache, priority=100)
    app.connect("env-before-read-docs", fill_cache)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
