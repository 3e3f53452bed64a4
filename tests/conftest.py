"""Tests run at the fast scale, and skip what asks for a device that is not there."""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("GENNB_SCALE", "fast")
sys.path.append(str(Path(__file__).resolve().parents[1] / "book" / "_ext"))

import pytest
import torch


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if torch.cuda.is_available():
        return
    skip = pytest.mark.skip(reason="no CUDA device")
    for item in items:
        if "gpu" in item.keywords:
            item.add_marker(skip)
