"""Gradient descent by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from gennb._validate import check_dense, check_kind, check_number, check_within


@dataclass
class Descent:
    """Gradient descent with momentum: v ← μv − η∇, then the parameter moves by v.

    Attributes
    ----------
    lr
        The learning rate η > 0.
    momentum
        μ in [0, 1).

    References
    ----------
    Polyak, Some Methods of Speeding Up the Convergence of Iteration Methods, 1964. Book: eq-momentum.
    """

    lr: float
    momentum: float = 0.0
    _velocities: list[Tensor] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        check_number(self.lr, "lr", above=0)
        if check_within(self.momentum, "momentum", 0, 1) == 1:
            raise ValueError(
                "momentum: expected a number below 1, got 1. Nothing would ever slow down."
            )

    @torch.no_grad()
    def step(self, parameters: Sequence[Tensor], gradients: Sequence[Tensor]) -> None:
        """Move each parameter in place, against its gradient."""
        check_kind(parameters, "parameters", Sequence)
        check_kind(gradients, "gradients", Sequence)
        for name, tensors in (("parameters", parameters), ("gradients", gradients)):
            for each in tensors:
                check_dense(each, name)
        if [p.shape for p in parameters] != [g.shape for g in gradients]:
            raise ValueError("gradients: expected one for each parameter, of its shape.")
        if not self._velocities:
            self._velocities = [torch.zeros_like(p) for p in parameters]
        for p, g, v in zip(parameters, gradients, self._velocities, strict=True):
            v.mul_(self.momentum).sub_(g, alpha=self.lr)
            p.add_(v)
