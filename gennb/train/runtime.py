"""Where a computation runs, how long, with which random numbers, and what interrupts it."""

from __future__ import annotations

import os
import random
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Self, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from gennb._validate import check_choice, check_count, check_device

T = TypeVar("T")


def seed(n: int) -> torch.Generator:
    """Seed Python, NumPy and PyTorch on every device; return PyTorch's default generator.

    Parameters
    ----------
    n
        An integer in [0, 2³²).
    """
    n = check_seed(n)
    random.seed(n)
    np.random.seed(n)  # noqa: NPY002
    return torch.manual_seed(n)


def device() -> torch.device:
    """Return the best device here: CUDA, then MPS, then the CPU.

    The environment variable ``GENNB_DEVICE`` overrides the choice.
    """
    if wish := os.environ.get("GENNB_DEVICE"):
        return check_device(wish, "GENNB_DEVICE")
    best = ("cuda",) * torch.cuda.is_available() + ("mps",) * torch.backends.mps.is_available()
    return check_device((*best, "cpu")[0], "device")


def scale() -> str:
    """Return the scale at which the book runs: ``fast``, ``book`` or ``paper``.

    It stands in the environment variable ``GENNB_SCALE``; without it, ``book``.
    """
    wish = os.environ.get("GENNB_SCALE") or "book"
    return check_choice(wish, "GENNB_SCALE", ("fast", "book", "paper"))


def budget(*, fast: T, book: T, paper: T | None = None) -> T:
    """Return the value for the present :func:`scale`; ``paper`` is ``book`` unless given."""
    return {"fast": fast, "book": book, "paper": book if paper is None else paper}[scale()]


def check_seed(n: Any) -> int:
    """Return ``n`` if it is an integer in [0, 2³²)."""
    return check_count(n, "seed", least=0, most=2**32 - 1)


def derive_seed(seed: int, *key: int) -> int:
    """Return a seed whose random numbers are independent of those of ``seed`` and of other keys."""
    return int(np.random.SeedSequence((seed, *key)).generate_state(1, np.uint64)[0])


def random_state(where: torch.device) -> dict[str, Tensor]:
    """Return the states of the global generators that work on a device uses."""
    states = {"cpu": torch.get_rng_state()}
    if where.type == "cuda":
        states["cuda"] = torch.cuda.get_rng_state(where)
    elif where.type == "mps":
        states["mps"] = torch.mps.get_rng_state()
    return states


def restore_random_state(states: dict[str, Tensor], where: torch.device) -> None:
    """Set the global generators back to what :func:`random_state` returned."""
    torch.set_rng_state(states["cpu"])
    if where.type == "cuda" and "cuda" in states:
        torch.cuda.set_rng_state(states["cuda"], where)
    elif where.type == "mps" and "mps" in states:
        torch.mps.set_rng_state(states["mps"])


@contextmanager
def random_stream(seed: int, where: torch.device) -> Iterator[None]:
    """Seed PyTorch's global random numbers for a block; afterwards the caller's own go on."""
    before = random_state(where)
    torch.default_generator.manual_seed(seed)
    if where.type == "cuda":
        with torch.cuda.device(where):
            torch.cuda.manual_seed(seed)
    elif where.type == "mps":
        torch.mps.manual_seed(seed)
    try:
        yield
    finally:
        restore_random_state(before, where)


@contextmanager
def mode(model: nn.Module, *, training: bool) -> Iterator[None]:
    """Hold a model in training or evaluation mode; afterwards each module is as it was."""
    before = [(module, module.training) for module in model.modules()]
    model.train(training)
    try:
        yield
    finally:
        for module, mode in before:
            module.training = mode


@contextmanager
def repeatable_convolutions() -> Iterator[None]:
    """Have cuDNN choose algorithms that give the same numbers twice."""
    cudnn = torch.backends.cudnn
    before = cudnn.deterministic, cudnn.benchmark
    cudnn.deterministic, cudnn.benchmark = True, False
    try:
        yield
    finally:
        cudnn.deterministic, cudnn.benchmark = before


class Interrupt:
    """While this holds, the first Ctrl-C is only noted; the second one interrupts."""

    def __init__(self) -> None:
        self.requested = False
        self.before: Any = None

    def __enter__(self) -> Self:
        # Python hands signals to the main thread only, and who ignores them should go on doing so.
        main = threading.current_thread() is threading.main_thread()
        if main and signal.getsignal(signal.SIGINT) not in (signal.SIG_IGN, None):
            self.before = signal.signal(signal.SIGINT, self.note)
        return self

    def note(self, number: int, frame: FrameType | None) -> None:
        """Receive a Ctrl-C."""
        if self.requested:
            raise KeyboardInterrupt
        self.requested = True

    def __exit__(self, *error: object) -> None:
        if self.before is not None:
            signal.signal(signal.SIGINT, self.before)
