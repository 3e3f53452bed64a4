"""What can be trained on: one tensor, several with as many examples each, or a data set."""

from __future__ import annotations

from typing import Any, Protocol

import torch
from torch import Tensor

from gennb._validate import check_tensor


class Examples(Protocol):
    """A data set, such as ``gennb.data.Dataset``: examples ``x`` and, where it has them, labels ``y``."""

    @property
    def x(self) -> Tensor:
        """The examples, (N, ...)."""
        ...


def tensors_of(data: Any) -> list[Tensor]:
    """Return the tensors of a data set, a tuple or a single tensor, detached, if they hold as many examples each.

    Raises
    ------
    TypeError, ValueError
        No such data; no example; a NaN or infinity.
    """
    if isinstance(data, Tensor):
        named: dict[str, Any] = {"data": data}
    elif isinstance(data, list | tuple):
        named = {f"data[{i}]": tensor for i, tensor in enumerate(data)}
    else:
        named = {"data": getattr(data, "x", None), "data.y": getattr(data, "y", None)}
        if named["data.y"] is None:
            del named["data.y"]
    if not named or not all(isinstance(tensor, Tensor) for tensor in named.values()):
        raise TypeError(
            "data: expected a tensor, a tuple of them, or a data set with a tensor x, got "
            f"{type(data).__name__}. Use gennb.data.load(...), or torch.as_tensor(...)."
        )
    tensors = [_check_examples(tensor.detach(), name) for name, tensor in named.items()]
    for name, tensor in zip(named, tensors, strict=True):
        if len(tensor) != len(tensors[0]):
            raise ValueError(
                f"{name}: expected an entry for each of the {len(tensors[0])} examples, got {len(tensor)}."
            )
    return tensors


def _check_examples(x: Tensor, name: str) -> Tensor:
    if x.ndim == 0:
        raise ValueError(f"{name}: expected examples along the first axis, got a single number.")
    if x.is_floating_point():
        return check_tensor(x, name)
    if x.layout != torch.strided or x.numel() == 0:
        raise ValueError(f"{name}: expected a dense tensor with elements, got {tuple(x.shape)}.")
    return x
