#!/usr/bin/env bash
# Run every notebook of the plain edition in a fresh Python 3.13 with the versions that Colab carries.
# `make colab` calls this after `make book`. It installs about 5 GB, so it is not part of every test run.
#
#     tests/colab.sh [folder of plain notebooks]
set -euo pipefail
cd "$(dirname "$0")/.."
notebooks=${1:-_build/html/plain}
python=${PYTHON313:-python3.13}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$python" -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    "torch==2.11.*" "torchvision==0.26.*" "numpy==2.1.*" "matplotlib==3.10.*" \
    "ipywidgets==7.7.1" "anywidget==0.9.21" ipykernel nbclient nbformat .
"$work/venv/bin/python" -m pip list --format=freeze | grep -iE '^(torch|torchvision|numpy|matplotlib|ipywidgets|anywidget)='

GENNB_SCALE=${GENNB_SCALE:-fast} "$work/venv/bin/python" - "$notebooks" "$work" <<'PY'
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

folder, work = map(Path, sys.argv[1:])
pages = sorted(folder.rglob("*.ipynb"))
if not pages:
    sys.exit(f"No notebooks in {folder}: run make book first.")
for path in pages:
    start = time.monotonic()
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(work)}}).execute()
    print(f"{path.relative_to(folder)}: passed in {time.monotonic() - start:.0f} s", flush=True)
PY
