"""What training leaves behind besides the weights."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import torch
from jaxtyping import Float
from torch import Tensor

from gennb._validate import check_choice

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass
class History:
    """The record of a training run.

    Attributes
    ----------
    losses
        For each player the loss of every update, in order.
    updates_per_epoch
        For each player, how many of them make an epoch.
    evaluations
        What ``evaluate`` returned after each epoch.
    seconds
        Training time of each epoch, without evaluation and checkpoints; the last epoch may be
        unfinished.
    snapshots
        Copies of the model's ``state_dict`` on the CPU, by the number of rounds before them.
    examples
        How many examples were drawn from the data.
    interrupted
        Whether training stopped before its last epoch.
    """

    losses: dict[str, Float[Tensor, " updates"]]
    updates_per_epoch: dict[str, int]
    evaluations: list[dict[str, float]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    snapshots: dict[int, dict[str, Tensor]] = field(default_factory=dict)
    examples: int = 0
    interrupted: bool = False

    @property
    def examples_per_second(self) -> float:
        """Examples drawn per second of training."""
        return self.examples / sum(self.seconds) if self.seconds else math.nan

    def epoch_losses(self, player: str) -> Float[Tensor, " epochs"]:
        """Return the mean loss of a player in each finished epoch."""
        check_choice(player, "player", self.losses)
        size = self.updates_per_epoch[player]
        losses = self.losses[player]
        return losses[: len(losses) // size * size].view(-1, size).mean(1)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw each player's losses, and their epoch means, against epochs; return the axes."""
        if ax is None:
            import matplotlib.pyplot as plt

            ax = plt.figure().add_subplot()
        elif not hasattr(ax, "plot"):
            raise TypeError(f"ax: expected matplotlib axes, got {type(ax).__name__}.")
        for player, losses in self.losses.items():
            epochs = torch.arange(1, len(losses) + 1, device="cpu") / self.updates_per_epoch[player]
            (line,) = ax.plot(epochs, losses, linewidth=0.6, alpha=0.4)
            means = self.epoch_losses(player)
            middles = torch.arange(len(means), device="cpu") + 0.5
            ax.plot(middles, means, ".-", color=line.get_color(), label=player)
        ax.set_xlabel("epoch")
        ax.set_ylabel("loss")
        if len(self.losses) > 1:
            ax.legend()
        return ax
