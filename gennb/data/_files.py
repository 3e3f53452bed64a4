"""Real image sets on disk: found, checked against their hashes, or downloaded whole."""

from __future__ import annotations

import gzip
import hashlib
import os
import socket
import tempfile
from pathlib import Path

import numpy as np
import torch
from jaxtyping import UInt8
from torch import Tensor

# Data set: (folder in torchvision's layout, file: hash). MNIST may lie plain or zipped; of Fashion-MNIST we know the
# publisher's hashes of the zipped files, so only those are read.
_FOLDER = {"mnist": "MNIST", "fashion-mnist": "FashionMNIST"}
_HASHES = {
    "mnist": {
        "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        "train-images-idx3-ubyte.gz": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
        "train-labels-idx1-ubyte.gz": "d53e105ee54ea40749a09fcbcd1e9432",
        "t10k-images-idx3-ubyte.gz": "9fb629c4189551a2d022fa330f9573f3",
        "t10k-labels-idx1-ubyte.gz": "ec29112dd5afa0611ce80d1b7f02629c",
    },
    "fashion-mnist": {
        "train-images-idx3-ubyte.gz": "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
        "train-labels-idx1-ubyte.gz": "25c81989df183df01b3e8a0aad5dffbe",
        "t10k-images-idx3-ubyte.gz": "bef4ecab320f06d8554ea6380940ec79",
        "t10k-labels-idx1-ubyte.gz": "bb300cfdad3c16e7a12a480ee83cd310",
    },
}


class DataNotFoundError(FileNotFoundError):
    """A real data set is neither on disk nor to be had from the network."""


def home() -> Path:
    """Where downloads go: ``data/`` of a checkout, ``~/.cache/gennb`` of an installed package."""
    checkout = Path(__file__).resolve().parents[2]
    if (checkout / "pyproject.toml").is_file():
        return checkout / "data"
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "gennb"


def _places() -> list[Path]:
    given = os.environ.get("GENNB_DATA")
    return [*([Path(given).expanduser()] if given else []), home()]


def _find(name: str, stem: str) -> Path | None:
    for place in _places():
        raw = place / _FOLDER[name] / "raw"
        for file in (stem, stem + ".gz"):
            if file in _HASHES[name] and (raw / file).is_file():
                return raw / file
    return None


def _read(name: str, path: Path) -> UInt8[Tensor, "..."]:
    """The array in an idx file, once the file has proved to be the published one."""
    data = path.read_bytes()
    expected = _HASHES[name][path.name]
    kind = "md5" if path.suffix == ".gz" else "sha256"
    actual = hashlib.new(kind, data, usedforsecurity=False).hexdigest()
    if actual != expected:
        raise ValueError(
            f"{path}: expected {kind} {expected}, got {actual} ({len(data):,} bytes). "
            "The file is truncated or altered: delete it, and gennb.data.load will download it again."
        )
    if kind == "md5":
        data = gzip.decompress(data)
    rank = data[
        3
    ]  # two zero bytes, the type (8: unsigned byte), the number of axes, then each axis's length
    shape = np.frombuffer(data, ">u4", rank, 4)
    array = np.frombuffer(data, np.uint8, offset=4 + 4 * rank)
    return torch.from_numpy(array.reshape(shape.astype(int)).copy())


def _download(name: str) -> None:
    """Fetch all files of a data set into a temporary folder, check them, then move each into place."""
    from torchvision import datasets

    kind = {"mnist": datasets.MNIST, "fashion-mnist": datasets.FashionMNIST}[name]
    target = home() / _FOLDER[name] / "raw"
    home().mkdir(parents=True, exist_ok=True)
    patience = socket.getdefaulttimeout()
    socket.setdefaulttimeout(30)
    try:
        with tempfile.TemporaryDirectory(dir=home(), prefix=".download-") as folder:
            kind(folder, download=True)
            fresh = Path(folder) / _FOLDER[name] / "raw"
            files = [fresh / file for file in _HASHES[name] if (fresh / file).is_file()]
            for file in files:
                _read(name, file)
            target.mkdir(parents=True, exist_ok=True)
            for file in files:
                file.replace(target / file.name)
    finally:
        socket.setdefaulttimeout(patience)


def read(name: str, split: str) -> tuple[UInt8[Tensor, "n 28 28"], UInt8[Tensor, " n"]]:
    """Images and labels of a split, from disk or else from the network.

    Raises
    ------
    DataNotFoundError
        Not on disk, and the download failed.
    ValueError
        A file on disk is not the published one.
    """
    prefix = "train" if split == "train" else "t10k"
    stems = (f"{prefix}-images-idx3-ubyte", f"{prefix}-labels-idx1-ubyte")
    found = [_find(name, stem) for stem in stems]
    if None in found:
        try:
            _download(name)
        except Exception as error:
            wanted = ", ".join(f"{_FOLDER[name]}/raw/{stem}.gz" for stem in stems)
            places = " or ".join(map(str, _places()))
            raise DataNotFoundError(
                f"{name} is not on this machine and could not be downloaded "
                f"({type(error).__name__}: {str(error).strip().splitlines()[-1] if str(error) else ''}). "
                f"Put {wanted} into {places} (or set GENNB_DATA to the folder that holds them); "
                f'or work offline with the built-in gennb.data.load("strokes").'
            ) from error
        found = [_find(name, stem) for stem in stems]
    images, labels = (_read(name, path) for path in found if path is not None)
    return images, labels
