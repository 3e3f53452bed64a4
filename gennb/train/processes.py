"""The processes that share a training run: one, unless a fabric brings more."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from lightning.fabric import Fabric

T = TypeVar("T")


class Processes:
    """What the loop asks of the others: a message for each update and each look at the losses."""

    def __init__(self, fabric: Fabric | None) -> None:
        self.rank, self.world = (fabric.global_rank, fabric.world_size) if fabric else (0, 1)
        self.fabric = fabric if self.world > 1 else None

    def share(self, index: Tensor) -> Tensor:
        """Return this process's part of the indices of a minibatch."""
        return index if self.fabric is None else index.tensor_split(self.world)[self.rank]

    def average(self, loss: Tensor, parameters: list[nn.Parameter], share: float) -> Tensor:
        """Replace the gradients by their means over all processes, and return the mean loss.

        ``share`` is the part of the minibatch behind this process's loss: so unequal shares,
        too, give the mean over the minibatch.
        """
        if self.fabric is None:
            return loss
        for p in parameters:
            if p.grad is None:
                p.grad = torch.zeros_like(p)
        gradients = [p.grad for p in parameters if p.grad is not None]
        flat = torch.cat([g.flatten() for g in gradients] + [loss.detach().view(1)]).mul_(share)
        flat = cast(Tensor, self.fabric.all_reduce(flat, reduce_op="sum"))
        sizes = [g.numel() for g in gradients]
        for g, mean in zip(gradients, flat[:-1].split(sizes), strict=True):
            g.copy_(mean.view_as(g))
        return flat[-1]

    def any(self, flag: bool) -> bool:
        """Return whether the flag is up on any process."""
        if self.fabric is None:
            return flag
        mine = torch.tensor(float(flag), device=self.fabric.device)
        return bool(self.fabric.all_reduce(mine, reduce_op="sum"))

    def first(self, thing: T) -> T:
        """Return what the first process has."""
        return thing if self.fabric is None else self.fabric.broadcast(thing)

    def stack(self, state: Tensor) -> Tensor:
        """Return the tensors of all processes, one in each row."""
        if self.fabric is None:
            return state[None]
        rows = state.new_zeros(self.world, *state.shape, device=self.fabric.device)
        rows[self.rank] = state
        return cast(Tensor, self.fabric.all_reduce(rows, reduce_op="sum")).cpu()
