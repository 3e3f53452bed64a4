"""What the built-in data sets share: reproducible randomness and the checking of named factors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from zlib import crc32

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from gennb._validate import check_count, check_number, check_tensor

# What is drawn depends on no default of the caller's.
F32: dict[str, Any] = {"dtype": torch.float32, "device": "cpu"}
F64: dict[str, Any] = {"dtype": torch.float64, "device": "cpu"}
I64: dict[str, Any] = {"dtype": torch.int64, "device": "cpu"}


def uniforms(n: int, columns: int, name: str, split: str, seed: int) -> Float[Tensor, "n columns"]:
    """Uniform float64 numbers that depend on name, split and seed only, not on the machine.

    Row i is the same whatever n is. NumPy guarantees PCG64's stream; everything else is derived from it.
    """
    check_count(n, "n")
    check_count(seed, "seed", least=0, most=2**32 - 1)
    entropy = [crc32(f"{name}/{split}".encode()), seed]
    bits = np.random.PCG64(np.random.SeedSequence(entropy))
    return torch.from_numpy(np.random.Generator(bits).random((n, columns)))


@contextmanager
def drawing() -> Iterator[None]:
    """Set torch up for thousands of small operations.

    One thread: for tensors this small the barrier after each operation costs as much as a second thread gains, and
    many times more when another process wants the core. And freeing one large block tells glibc to keep memory at
    hand, else every operation would return its result's pages to the system and fault them in again.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.empty(1 << 22, **F32)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def normals(u: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """Standard normal numbers from uniform ones."""
    z: Tensor = torch.special.ndtri(u.clamp(1e-12, 1 - 1e-12))
    return z


def broadcast(
    factors: Mapping[str, Tensor | float],
    ranges: Mapping[str, tuple[float, float]],
    neutral: Mapping[str, float],
    *also: object,
) -> tuple[int, dict[str, Tensor]]:
    """Every factor as a float64 tensor (n,), the unnamed ones neutral; n is the tensors' common length."""
    unknown = sorted(set(factors) - set(ranges))
    if unknown:
        raise TypeError(
            f"factors: expected names among {', '.join(ranges)}; got {', '.join(unknown)}."
        )
    values = {}
    for name, neutral_value in neutral.items():
        value = factors.get(name, neutral_value)
        if isinstance(value, bool) or not isinstance(value, Tensor | int | float):
            raise TypeError(
                f"{name}: expected a number or a tensor (n,), got {type(value).__name__}."
            )
        if not isinstance(value, Tensor):
            check_number(value, name)
        low, high = ranges[name]
        tensor = value if isinstance(value, Tensor) else torch.tensor(value, **F64)
        shape = () if tensor.ndim == 0 else ("n",)
        # A float32 copy of a bound may lie a rounding error outside it.
        check_tensor(tensor, name, shape=shape, low=low - 1e-6, high=high + 1e-6)
        values[name] = tensor.detach().double().cpu()
    others = [value for value in also if isinstance(value, Tensor)]
    lengths = {len(t) for t in [*values.values(), *others] if t.ndim == 1}
    if len(lengths) > 1:
        raise ValueError(
            f"factors: expected tensors of one length, got lengths {sorted(lengths)}. "
            "A number applies to every image."
        )
    n = lengths.pop() if lengths else 1
    return n, {name: value.expand(n) for name, value in values.items()}
