"""A player, and a player at work."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from gennb._validate import check_count, check_number
from gennb.train.processes import Processes

BETAS = (0.9, 0.999)


def with_first_look(
    loss: Callable[..., Tensor], look: Callable[[Tensor], Any]
) -> Callable[..., Tensor]:
    """Return the loss, with a look at the first minibatch before it: one at each would wait for the device."""
    seen = False

    @functools.wraps(loss)
    def first_looked_at(x: Tensor, *others: Tensor) -> Tensor:
        nonlocal seen
        if not seen:
            look(x)
            seen = True
        return loss(x, *others)

    return first_looked_at


@dataclass
class Player:
    """The parameters that one side moves, the loss that it lowers, and how it descends.

    Parameters
    ----------
    name
        Unique among the players of a model; the losses are recorded under it.
    parameters
        What this player moves in its turn. Frozen parameters are left out.
    loss
        Takes a batch on the device, ``loss(x)``, or as many of the data's tensors as it has arguments without a
        default, ``loss(x, y)``; returns a scalar, a mean over the examples.
    steps
        Updates in each round: *k* for the discriminator of Algorithm 1.
    lr
        Step size; None takes the one given to :func:`gennb.train.fit`.
    betas
        Of Adam, and of its relatives that have them.
    optimizer
        A class of ``torch.optim``.
    options
        Its other arguments, such as ``{"momentum": 0.9}``.
    schedule
        From the number of an update of this player, counted from 0, to the options that change before it, such as
        ``{"lr": 0.1 / (1 + n)}``.
    """

    name: str
    parameters: list[nn.Parameter]
    loss: Callable[..., Tensor]
    steps: int = 1
    lr: float | None = None
    betas: tuple[float, float] = BETAS
    optimizer: type[torch.optim.Optimizer] = torch.optim.Adam
    options: Mapping[str, Any] = field(default_factory=dict)
    schedule: Callable[[int], Mapping[str, Any]] | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name:
            raise TypeError(f"Player name: expected a non-empty string, got {self.name!r}.")
        who = f"Player {self.name!r}"
        if not isinstance(self.parameters, Iterable) or isinstance(self.parameters, Tensor):
            raise TypeError(
                f"{who}: expected a list of nn.Parameter, got {type(self.parameters).__name__}. "
                "Pass list(module.parameters())."
            )
        given = list(self.parameters)
        for parameter in given:
            if not isinstance(parameter, nn.Parameter):
                raise TypeError(
                    f"{who}: expected a list of nn.Parameter, got {type(parameter).__name__} in it. "
                    "Pass list(module.parameters())."
                )
        self.parameters = [p for p in dict.fromkeys(given) if p.requires_grad]
        if not self.parameters:
            raise ValueError(
                f"{who}: expected parameters to train, got {len(given)}"
                f"{', all frozen' * bool(given)}. Pass list(module.parameters()) of a module with "
                "weights, or unfreeze it with module.requires_grad_()."
            )
        for function, what in ((self.loss, "loss"), (self.schedule, "schedule")):
            if not callable(function) and (function is not None or what == "loss"):
                raise TypeError(
                    f"{who}: expected a function as {what}, got {type(function).__name__}."
                )
        self.steps = check_count(self.steps, f"{who} steps")
        if self.lr is not None:
            self.lr = check_number(self.lr, f"{who} lr", above=0)
        if not isinstance(self.betas, list | tuple):
            raise TypeError(f"{who} betas: expected two numbers, got {type(self.betas).__name__}.")
        betas = [check_number(b, f"{who} betas", at_least=0) for b in self.betas]
        if len(betas) != 2 or max(betas) >= 1:
            raise ValueError(f"{who} betas: expected two numbers in [0, 1), got {self.betas!r}.")
        self.betas = (betas[0], betas[1])
        self._check_optimizer(who)

    def _check_optimizer(self, who: str) -> None:
        kind = self.optimizer
        if not (isinstance(kind, type) and issubclass(kind, torch.optim.Optimizer)):
            raise TypeError(f"{who}: expected a class of torch.optim as optimizer, got {kind!r}.")
        closure = inspect.signature(kind.step).parameters.get("closure")
        if closure is not None and closure.default is closure.empty:
            raise ValueError(
                f"{who}: expected an optimizer whose step asks for the loss once, and "
                f"{kind.__name__} evaluates it several times."
            )
        if not isinstance(self.options, Mapping):
            raise TypeError(
                f"{who} options: expected a dict of {kind.__name__}'s arguments, got "
                f"{type(self.options).__name__}."
            )


class Side:
    """A player at work: its optimizer, and the loss of each of its updates."""

    def __init__(
        self,
        player: Player,
        lr: float,
        data: Sequence[Tensor],
        batches: int,
        per_round: int,
        epochs: int,
    ) -> None:
        self.player = player
        self.takes = asks(player, len(data))
        self.lr = player.lr or lr
        x = data[0]
        self.optimizer = _optimizer(player, lr, x.device)
        self.optimizer.zero_grad()
        full, rest = divmod(batches, per_round)
        self.rounds = full + (rest > 0)
        self.per_epoch = full * player.steps + min(rest, player.steps)
        dtype = torch.promote_types(x.dtype, torch.float32)
        self.losses = torch.zeros(epochs * self.per_epoch, dtype=dtype, device=x.device)
        self.count = 0
        self.seen = 0

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Return the optimizer's tensors, ``{"0/exp_avg": tensor, ...}``, and the rest of its state."""
        tensors, numbers = {}, {}
        for i, values in self.optimizer.state_dict()["state"].items():
            for key, value in values.items():
                if isinstance(value, Tensor):
                    tensors[f"{i}/{key}"] = value.cpu().contiguous()
                else:
                    numbers[f"{i}/{key}"] = value
        options = [
            {k: v for k, v in g.items() if k != "params"} for g in self.optimizer.param_groups
        ]
        return tensors, {"numbers": numbers, "options": options}

    def resume(self, tensors: dict[str, Tensor], about: dict[str, Any]) -> None:
        """Take up what :meth:`state` returned, each tensor in the memory format of its weight."""
        state: dict[int, dict[str, Any]] = {}
        for label, value in {**tensors, **about["numbers"]}.items():
            i, key = label.split("/")
            weight = self.player.parameters[int(i)]
            if isinstance(value, Tensor) and value.shape == weight.shape:
                value = torch.empty_like(weight, dtype=value.dtype).copy_(value)
            state.setdefault(int(i), {})[key] = value
        self.optimizer.load_state_dict(self.optimizer.state_dict() | {"state": state})
        for group, options in zip(self.optimizer.param_groups, about["options"], strict=True):
            group.update(options)  # a schedule has changed them

    def after(self, rounds: int) -> int:
        """Return how many updates the first so many rounds hold."""
        epochs, begun = divmod(rounds, self.rounds)
        return epochs * self.per_epoch + min(begun * self.player.steps, self.per_epoch)

    def round_of(self, i: int) -> int:
        """Return the round, counted from 1, of update ``i``."""
        epoch, within = divmod(i, self.per_epoch)
        return epoch * self.rounds + within // self.player.steps + 1

    def update(self, batch: Sequence[Tensor], share: float, processes: Processes) -> None:
        """Take one step down; ``batch`` is this process's share of a minibatch."""
        self.differentiate(batch, share, processes)
        self.step()

    def differentiate(self, batch: Sequence[Tensor], share: float, processes: Processes) -> None:
        """Record the loss, and leave its gradients with the parameters."""
        parameters = self.player.parameters
        loss = self.losses.new_zeros(())
        if len(batch[0]):
            loss = _check_loss(self.player.loss(*batch[: self.takes]), self.player.name)
            loss.backward(inputs=parameters)
        loss = processes.average(loss, parameters, share)
        if self.count == 0 and all(p.grad is None for p in parameters):
            raise ValueError(
                f"Player {self.player.name!r}: expected a loss that depends on its parameters, but "
                "no gradient reaches them. Look for a detach() on the way, or for parameters of "
                "another module."
            )
        self.losses[self.count] = loss.detach()

    def step(self) -> None:
        """Move the parameters by their gradients, and forget these."""
        if self.player.schedule is not None:
            self._follow(self.player.schedule(self.count))
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.count += 1

    def take_gradients(self) -> list[Tensor | None]:
        """Return the gradients and leave none."""
        gradients = [p.grad for p in self.player.parameters]
        self.optimizer.zero_grad()
        return gradients

    def step_by(self, gradients: list[Tensor | None]) -> None:
        """Move the parameters by gradients taken before."""
        for parameter, gradient in zip(self.player.parameters, gradients, strict=True):
            parameter.grad = gradient
        self.step()

    def _follow(self, options: Any) -> None:
        for group in self.optimizer.param_groups:
            if not isinstance(options, Mapping) or not options.keys() <= group.keys():
                names = ", ".join(sorted(group.keys() - {"params"}))
                raise ValueError(
                    f"Player {self.player.name!r}: expected a schedule that returns a dict with some of {names}; "
                    f"got {options!r}."
                )
            group.update(options)

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


def _optimizer(player: Player, lr: float, device: torch.device) -> torch.optim.Optimizer:
    """Return a player's optimizer, fused into one kernel where the class and the device have that."""
    known = inspect.signature(player.optimizer).parameters
    usual: dict[str, Any] = {"lr": player.lr or lr}
    if "betas" in known or player.betas != BETAS:
        usual["betas"] = player.betas
    if "fused" in known and not {"fused", "foreach", "differentiable"} & player.options.keys():
        usual["fused"] = device.type in ("cpu", "cuda", "mps")
    try:
        return player.optimizer(player.parameters, **usual, **player.options)
    except (TypeError, ValueError, RuntimeError) as error:
        raise ValueError(
            f"Player {player.name!r}: expected arguments and parameters that {player.optimizer.__name__} takes, "
            f"got {', '.join([*usual, *player.options])}. PyTorch says: {error}"
        ) from error


def asks(player: Player, available: int) -> int:
    """Return how many of the data's tensors a player's loss asks for."""
    loss = player.loss.forward if isinstance(player.loss, nn.Module) else player.loss
    try:
        parameters = list(inspect.signature(loss).parameters.values())
    except (TypeError, ValueError):  # some built-in functions have none
        return 1
    if any(p.kind == p.VAR_POSITIONAL for p in parameters):
        return available
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    asked = [p.name for p in parameters if p.kind in positional and p.default is p.empty]
    if len(asked) > available:
        raise TypeError(
            f"Player {player.name!r}: its loss takes {', '.join(asked)}, but the data are "
            f"{available} {'tensors' if available > 1 else 'tensor'}. Give fit a tuple of {len(asked)}, such as "
            "(x, y), or a data set with labels."
        )
    return max(1, len(asked))


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
