"""Files that are whole or not there: named tensors and a description, written atomically."""

from __future__ import annotations

import json
import os
import zlib
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

_KEY = "gennb.train"


def checksum(tensors: dict[str, Tensor], text: str = "") -> int:
    """Return the CRC-32 of a text, and of the names, shapes, types and values of tensors."""
    crc = zlib.crc32(text.encode())
    for name in sorted(tensors):
        x = tensors[name].detach().cpu().contiguous()
        crc = zlib.crc32(f"{name} {tuple(x.shape)} {x.dtype}".encode(), crc)
        crc = zlib.crc32(x.reshape(-1).view(torch.uint8).numpy().tobytes(), crc)
    return crc


def check_path(path: Any) -> Path:
    """Return ``path`` if a checkpoint can stand there."""
    if not isinstance(path, str | Path):
        raise TypeError(f"checkpoint: expected a path, got {type(path).__name__}.")
    place = Path(path)
    if place.suffix != ".safetensors" or place.is_dir():
        raise ValueError(f"checkpoint: expected a file name ending in .safetensors, got {path}.")
    if not place.parent.is_dir():
        raise ValueError(f"checkpoint: the folder {place.parent} does not exist. Create it first.")
    return place


def write(path: Path, tensors: dict[str, Tensor], about: dict[str, Any]) -> None:
    """Replace the file at ``path`` in one step, so that a crash leaves the old one."""
    text = json.dumps(about)
    metadata = {_KEY: text, "checksum": str(checksum(tensors, text))}
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        save_file(tensors, draft, metadata=metadata)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def read(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Return what :func:`write` put there.

    Raises
    ------
    ValueError
        The file is cut short, altered, or not one of ours.
    """
    mend = "Delete it to start anew, or put back a copy."
    try:
        with safe_open(path, framework="pt", device="cpu") as file:
            metadata = file.metadata() or {}
            windows = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise ValueError(f"checkpoint: {path} is damaged ({error}). {mend}") from None
    if _KEY not in metadata:
        raise ValueError(
            f"checkpoint: {path} was not written by gennb.train.fit. Name another file."
        )
    if metadata.get("checksum") != str(checksum(windows, metadata[_KEY])):
        raise ValueError(f"checkpoint: {path} is damaged (its checksum differs). {mend}")
    # Who keeps a window on the file sees what others write to it, and dies when they cut it short.
    tensors = {name: window.clone() for name, window in windows.items()}
    return tensors, json.loads(metadata[_KEY])
