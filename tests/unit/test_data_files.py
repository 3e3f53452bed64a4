"""Real image sets on disk: hashes, downloads that die, machines without a network."""

import gzip
import hashlib
import struct
import urllib.error
from pathlib import Path

import numpy as np
import pytest
import torch
import torchvision

from gennb import data
from gennb.data import _files

MNIST_HERE = any(
    (place / "MNIST/raw/t10k-images-idx3-ubyte").is_file() for place in _files._places()
)


def idx(array: np.ndarray) -> bytes:
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()


@pytest.fixture
def published(monkeypatch, tmp_path):
    """A tiny MNIST whose hashes are the known ones, an empty home, no GENNB_DATA; returns its files."""
    rng = np.random.default_rng(0)
    files = {}
    for prefix, n in (("train", 60), ("t10k", 20)):
        files[f"{prefix}-images-idx3-ubyte"] = idx(rng.integers(0, 256, (n, 28, 28), np.uint8))
        files[f"{prefix}-labels-idx1-ubyte"] = idx(rng.integers(0, 10, n, np.uint8))
    zipped = {f"{name}.gz": gzip.compress(content, mtime=0) for name, content in files.items()}
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    hashes |= {name: hashlib.md5(content).hexdigest() for name, content in zipped.items()}
    monkeypatch.setitem(_files._HASHES, "mnist", hashes)
    monkeypatch.setattr(_files, "home", lambda: tmp_path / "home")
    monkeypatch.delenv("GENNB_DATA", raising=False)
    return files | zipped


@pytest.fixture
def no_network(monkeypatch):
    def refuse(url, *args, **kwargs):
        raise urllib.error.URLError("Name or service not known")

    monkeypatch.setattr("torchvision.datasets.utils._urlretrieve", refuse)


def place(folder: Path, files: dict[str, bytes], *names: str) -> Path:
    raw = folder / "MNIST" / "raw"
    raw.mkdir(parents=True, exist_ok=True)
    for name in names:
        (raw / name).write_bytes(files[name])
    return raw


TEST_FILES = ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_reads_plain_and_zipped_files(published, monkeypatch, tmp_path, suffix):
    place(tmp_path / "given", published, *(name + suffix for name in TEST_FILES))
    monkeypatch.setenv("GENNB_DATA", str(tmp_path / "given"))
    loaded = data.load("mnist", "test", n=20)
    raw = np.frombuffer(published[TEST_FILES[0]], np.uint8, offset=16).reshape(20, 1, 28, 28)
    torch.testing.assert_close(loaded.x, torch.from_numpy(raw / 255).float())
    assert loaded.y.tolist() == list(published[TEST_FILES[1]][8:])


def test_gennb_data_comes_before_home(published, monkeypatch, tmp_path):
    place(tmp_path / "home", published, *TEST_FILES)
    assert len(data.load("mnist", "test", n=3)) == 3
    raw = place(tmp_path / "given", published, *TEST_FILES)
    (raw / TEST_FILES[0]).write_bytes(b"not an idx file")
    monkeypatch.setenv("GENNB_DATA", str(tmp_path / "given"))
    with pytest.raises(ValueError, match="given"):
        data.load("mnist", "test", n=3)


@pytest.mark.parametrize("damage", ["truncated", "altered", "empty"])
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_damaged_files_are_refused_with_the_mend(published, tmp_path, damage, suffix):
    raw = place(tmp_path / "home", published, *(name + suffix for name in TEST_FILES))
    path = raw / (TEST_FILES[0] + suffix)
    content = bytearray(path.read_bytes())
    if damage == "altered":
        content[-100] ^= 1
    path.write_bytes(
        content[: {"truncated": len(content) // 2, "altered": None, "empty": 0}[damage]]
    )
    with pytest.raises(ValueError, match="delete it") as caught:
        data.load("mnist", "test", fallback="strokes")
    message = str(caught.value)
    assert str(path) in message
    assert _files._HASHES["mnist"][path.name] in message
    assert (
        hashlib.new("md5" if suffix else "sha256", content[: path.stat().st_size]).hexdigest()
        in message
    )


class FakeMNIST:
    """torchvision's class as ``gennb`` uses it: the second argument of the constructor downloads into root."""

    content: dict[str, bytes]
    stop_after = 99
    error: BaseException = KeyboardInterrupt()
    calls = 0

    def __init__(self, root, download):
        assert download
        type(self).calls += 1
        for i, (name, content) in enumerate(self.content.items()):
            raw = Path(root) / "MNIST" / "raw"
            raw.mkdir(parents=True, exist_ok=True)
            if i == self.stop_after:
                (raw / name).write_bytes(content[: len(content) // 2])
                raise self.error
            (raw / name).write_bytes(content)


@pytest.fixture
def fake(published, monkeypatch):
    kind = type("Fake", (FakeMNIST,), {"content": published})
    monkeypatch.setattr(torchvision.datasets, "MNIST", kind)
    return kind


def everything(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_download_lands_whole_and_once(fake, published, tmp_path):
    first = data.load("mnist", "test", n=20)
    second = data.load("mnist", n=60)
    assert fake.calls == 1
    assert (len(first), len(second)) == (20, 60)
    assert everything(tmp_path / "home") == sorted(f"MNIST/raw/{name}" for name in published)
    assert [p.name for p in (tmp_path / "home").iterdir()] == ["MNIST"]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ConnectionResetError("reset by peer")])
@pytest.mark.parametrize("stop_after", [0, 3])
def test_a_download_that_dies_half_way_leaves_nothing(fake, tmp_path, error, stop_after):
    fake.stop_after, fake.error = stop_after, error
    expected = KeyboardInterrupt if isinstance(error, KeyboardInterrupt) else data.DataNotFoundError
    with pytest.raises(expected):
        data.load("mnist")
    assert list((tmp_path / "home").iterdir()) == []
    fake.stop_after = 99
    assert len(data.load("mnist", n=60)) == 60


def test_a_download_with_a_wrong_hash_is_not_kept(fake, published, tmp_path):
    fake.content = published | {TEST_FILES[0]: published[TEST_FILES[0]][:-1] + b"?"}
    with pytest.raises(data.DataNotFoundError, match="sha256"):
        data.load("mnist", "test")
    assert everything(tmp_path / "home") == []


@pytest.mark.parametrize("name", ["mnist", "fashion-mnist"])
def test_without_network_one_error_says_where_and_what_else(published, no_network, tmp_path, name):
    with pytest.raises(data.DataNotFoundError) as caught:
        data.load(name, "test")
    message = str(caught.value)
    assert isinstance(caught.value, FileNotFoundError)
    for part in (
        name,
        str(tmp_path / "home"),
        "raw/t10k-images-idx3-ubyte.gz",
        "GENNB_DATA",
        "strokes",
    ):
        assert part in message
    assert everything(tmp_path / "home") == []


def test_fallback_says_so_in_one_line(published, no_network, capsys):
    loaded = data.load("mnist", "test", n=30, seed=4, fallback="strokes")
    assert capsys.readouterr().out == (
        "MNIST is not at hand; this page runs on the built-in strokes.\n"
    )
    assert loaded.name == "strokes"
    assert torch.equal(loaded.x, data.load("strokes", "test", n=30, seed=4).x)


def test_fallback_is_silent_where_mnist_is_at_hand(published, tmp_path, capsys):
    place(tmp_path / "home", published, *TEST_FILES)
    assert data.load("mnist", "test", n=3, fallback="strokes").name == "mnist"
    assert capsys.readouterr().out == ""


def test_fashion_mnist_is_read_from_zipped_files_only(published, no_network, tmp_path):
    raw = tmp_path / "home" / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    for name in TEST_FILES:
        (raw / name).write_bytes(published[name])
    with pytest.raises(data.DataNotFoundError):
        data.load("fashion-mnist", "test")
    for name in TEST_FILES:
        (raw / f"{name}.gz").write_bytes(published[f"{name}.gz"])
    with pytest.raises(ValueError, match="expected md5"):
        data.load("fashion-mnist", "test")


def test_known_hashes_are_torchvisions():
    for name, kind in (
        ("mnist", torchvision.datasets.MNIST),
        ("fashion-mnist", torchvision.datasets.FashionMNIST),
    ):
        for file, md5 in kind.resources:
            assert _files._HASHES[name][file] == md5


@pytest.mark.skipif(not MNIST_HERE, reason="MNIST is not on this machine")
def test_mnist_is_mnist():
    train, test = data.load("mnist"), data.load("mnist", "test")
    assert (len(train), len(test)) == (60_000, 10_000)
    assert train.y[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert test.y[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    assert abs(train.x.mean().item() - 0.1306604) < 1e-6
