"""A player, and a player at work."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from gennb._validate import check_count, check_number
from gennb.train.processes import Processes


@dataclass
class Player:
    """The parameters that one side moves, and the loss that it lowers.

    Parameters
    ----------
    name
        Unique among the players of a model; the losses are recorded under it.
    parameters
        What this player moves in its turn. Frozen parameters are left out.
    loss
        Takes a batch on the device and returns a scalar, a mean over its examples.
    steps
        Updates in each round: *k* for the discriminator of Algorithm 1.
    lr, betas
        Of this player's Adam; ``lr=None`` takes the one given to :func:`gennb.train.fit`.
    """

    name: str
    parameters: list[nn.Parameter]
    loss: Callable[[Tensor], Tensor]
    steps: int = 1
    lr: float | None = None
    betas: tuple[float, float] = (0.9, 0.999)

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name:
            raise TypeError(f"Player name: expected a non-empty string, got {self.name!r}.")
        if not isinstance(self.parameters, Iterable) or isinstance(self.parameters, Tensor):
            raise TypeError(
                f"Player {self.name!r}: expected a list of nn.Parameter, got "
                f"{type(self.parameters).__name__}. Pass list(module.parameters())."
            )
        given = list(self.parameters)
        for parameter in given:
            if not isinstance(parameter, nn.Parameter):
                raise TypeError(
                    f"Player {self.name!r}: expected a list of nn.Parameter, got "
                    f"{type(parameter).__name__} in it. Pass list(module.parameters())."
                )
        self.parameters = [p for p in dict.fromkeys(given) if p.requires_grad]
        if not self.parameters:
            raise ValueError(
                f"Player {self.name!r}: expected parameters to train, got {len(given)}"
                f"{', all frozen' * bool(given)}. Pass list(module.parameters()) of a module with "
                "weights, or unfreeze it with module.requires_grad_()."
            )
        if not callable(self.loss):
            raise TypeError(
                f"Player {self.name!r}: expected a function as loss, got "
                f"{type(self.loss).__name__}."
            )
        check_count(self.steps, f"Player {self.name!r} steps")
        if self.lr is not None:
            check_number(self.lr, f"Player {self.name!r} lr", above=0)
        betas = f"Player {self.name!r} betas"
        if not isinstance(self.betas, list | tuple):
            raise TypeError(f"{betas}: expected two numbers, got {type(self.betas).__name__}.")
        if len(self.betas) != 2 or not all(
            check_number(b, betas, at_least=0) < 1 for b in self.betas
        ):
            raise ValueError(f"{betas}: expected two numbers in [0, 1), got {self.betas!r}.")


class Side:
    """A player at work: its optimizer, and the loss of each of its updates."""

    def __init__(
        self, player: Player, lr: float, x: Tensor, batches: int, per_round: int, epochs: int
    ) -> None:
        self.player = player
        self.lr = player.lr or lr
        fused = x.device.type in ("cpu", "cuda", "mps")
        self.optimizer = torch.optim.Adam(
            player.parameters, lr=self.lr, betas=player.betas, fused=fused
        )
        self.optimizer.zero_grad()
        full, rest = divmod(batches, per_round)
        self.rounds = full + (rest > 0)
        self.per_epoch = full * player.steps + min(rest, player.steps)
        dtype = torch.promote_types(x.dtype, torch.float32)
        self.losses = torch.zeros(epochs * self.per_epoch, dtype=dtype, device=x.device)
        self.count = 0
        self.seen = 0

    def after(self, rounds: int) -> int:
        """Return how many updates the first so many rounds hold."""
        epochs, begun = divmod(rounds, self.rounds)
        return epochs * self.per_epoch + min(begun * self.player.steps, self.per_epoch)

    def round_of(self, i: int) -> int:
        """Return the round, counted from 1, of update ``i``."""
        epoch, within = divmod(i, self.per_epoch)
        return epoch * self.rounds + within // self.player.steps + 1

    def update(self, batch: Tensor, share: float, processes: Processes) -> None:
        """Take one step of Adam; ``batch`` is this process's share of a minibatch."""
        parameters = self.player.parameters
        loss = batch.new_zeros(())
        if len(batch):
            loss = _check_loss(self.player.loss(batch), self.player.name)
            loss.backward(inputs=parameters)
        loss = processes.average(loss, parameters, share)
        if self.count == 0 and all(p.grad is None for p in parameters):
            raise ValueError(
                f"Player {self.player.name!r}: expected a loss that depends on its parameters, but "
                "no gradient reaches them. Look for a detach() on the way, or for parameters of "
                "another module."
            )
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.losses[self.count] = loss.detach()
        self.count += 1

    def first_bad(self) -> list[int]:
        """Return the first update since the last call whose loss was not finite, if any."""
        finite = self.losses[self.seen : self.count].isfinite()
        start, self.seen = self.seen, self.count
        return [] if finite.all() else [start + int(finite.int().argmin())]

    def diagnosis(self, i: int) -> str:
        """Say what happened at update ``i``, and what is likely to have caused it."""
        past = self.losses[:i].cpu()
        doubtful = f"a learning rate too large (lr={self.lr:g})"
        if i == 0:
            before = "It was the player's first update."
            cause = (
                "in the loss, the log of zero or a division by zero; or initial weights too large"
            )
        else:
            before = f"The loss before was {past[-1]:.6g}."
            cause = "the log or root of zero, an exp that overflows (a log-variance without bounds)"
            if past[-1].abs() > 10 * past[-100:].abs().median():
                cause = f"{doubtful}: the losses had been growing"
            elif self.lr > 0.1:
                cause = f"{doubtful}, {cause}"
            else:
                cause = f"{cause}, {doubtful}"
        return (
            f"The loss of player {self.player.name!r} is {float(self.losses[i])} in round "
            f"{self.round_of(i)} (epoch {i // self.per_epoch + 1}). {before} Likely "
            f"cause: {cause}. The model keeps its present weights, which may be NaN; a "
            "checkpoint, if you asked for one, still holds the end of the last good epoch."
        )


def _check_loss(loss: Any, name: str) -> Tensor:
    if not isinstance(loss, Tensor):
        raise TypeError(
            f"Player {name!r}: expected a scalar tensor as loss, got {type(loss).__name__}."
        )
    if loss.ndim:
        raise ValueError(
            f"Player {name!r}: expected a scalar as loss, got shape "
            f"{tuple(loss.shape)}. Take its mean()."
        )
    if not loss.requires_grad:
        raise ValueError(
            f"Player {name!r}: expected a loss that depends on its parameters, got one without "
            "a gradient. Look for detach(), no_grad() or item() on the way."
        )
    return loss
