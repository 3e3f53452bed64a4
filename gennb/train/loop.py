"""The loop: players take turns on minibatches. It knows nothing of what they are."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from jaxtyping import Shaped
from torch import Tensor, nn
from tqdm.auto import tqdm

from gennb._validate import check_count, check_device, check_number
from gennb.train import checkpoint as files
from gennb.train import runtime, settings
from gennb.train.examples import Examples, tensors_of
from gennb.train.history import History
from gennb.train.player import Player, Side, asks
from gennb.train.processes import Processes

if TYPE_CHECKING:
    from lightning.fabric import Fabric

_LOOK_EVERY = 100  # rounds between two looks at the losses: a look waits for the device


def fit(
    model: nn.Module,
    data: Examples | Shaped[Tensor, "examples ..."] | Sequence[Shaped[Tensor, "examples ..."]],
    *,
    epochs: int,
    batch_size: int = 100,
    lr: float = 1e-3,
    seed: int = 0,
    players: Sequence[Player] | None = None,
    evaluate: Callable[[], dict[str, float]] | None = None,
    snapshots: int | Iterable[int] | None = None,
    checkpoint: str | Path | None = None,
    fabric: Fabric | None = None,
    progress: bool = True,
    device: torch.device | str | None = None,
    simultaneous: bool = False,
) -> History:
    """Train ``model`` in place by gradients, its players taking turns.

    Every epoch cuts one random permutation of the examples into minibatches, the last of which may
    be smaller. A *round* takes as many minibatches as the busiest player has steps. In it each
    player in turn makes its updates, the *i*-th on the round's *i*-th minibatch: so the
    discriminator of Algorithm 1 sees *k* fresh minibatches, the generator then plays once, and an
    epoch shows every example once. An update changes only the parameters of the player whose turn
    it is, and computes no other gradients.

    The same machine gives the same weights twice. The permutations, and PyTorch's global random
    numbers for the losses, depend on nothing but ``seed``; the caller's own random stream goes on
    as if ``fit`` had not been called.

    Parameters
    ----------
    model
        Moved to the device, and left there. ``model.players()`` returns the list of its players.
    data
        A tensor, examples first; several in a tuple, such as examples and their labels; or a data
        set with ``x`` and perhaps ``y``. What the losses ask for is copied to the device as a whole.
    epochs
        Passes over the data in all: a resumed run makes the missing ones.
    batch_size
        Examples in a minibatch. Where there are fewer, all of them make one.
    lr
        Step size, for players that bring none of their own.
    seed
        An integer in [0, 2³²).
    players
        In place of ``model.players()``; their parameters belong to the model.
    evaluate
        Called after every epoch, in evaluation mode, without gradients, and always on the same
        random numbers, which leave the training's undisturbed. The numbers that it returns by name
        are recorded.
    snapshots
        The rounds after which to keep a copy of the weights, 0 for before the first; or how many
        copies at most (2 or more): before the first round, then spread geometrically to the last.
    checkpoint
        A ``.safetensors`` file, replaced after each epoch and on interruption. Where it exists,
        training goes on from it and, on a CPU, comes to the same bits as without the pause, if the
        losses draw their random numbers from PyTorch's global generators.
    fabric
        A launched ``lightning.fabric.Fabric``. Its processes share out each minibatch; gradients
        and recorded losses are means over the whole of it, given that a loss is a mean over
        examples. Noise and batch-normalization statistics are each process's own, so that losses
        with noise agree with a single process in distribution only. Every process calls
        ``evaluate``; the first one shows and saves. Precision is the model's affair.
    progress
        Whether to show a bar.
    device
        By default the fabric's, or else :func:`gennb.train.device`.
    simultaneous
        Whether the players of a round, one step each, all move at once: by gradients at the same
        weights, on the same minibatch and with the same random numbers.

    Returns
    -------
    History
        Also after Ctrl-C, which takes effect at the end of the round (with several processes: at
        the next look at the losses); a second Ctrl-C does not wait, and raises. A
        ``KeyboardInterrupt`` out of a loss returns, too, but leaves the checkpoint as it was after
        the last epoch.

    Raises
    ------
    FloatingPointError
        A loss is NaN or infinite. The weights are left as they are at that moment.
    TypeError, ValueError
        An argument of the wrong kind or size, a loss that is no scalar or lacks a gradient, a
        checkpoint that is damaged or belongs to another run.
    """
    if not isinstance(model, nn.Module):
        raise TypeError(f"model: expected a torch.nn.Module, got {type(model).__name__}.")
    tensors = tensors_of(data)
    epochs = check_count(epochs, "epochs")
    batch_size = check_count(batch_size, "batch_size")
    lr = check_number(lr, "lr", above=0)
    seed = runtime.check_seed(seed)
    if evaluate is not None and not callable(evaluate):
        raise TypeError(f"evaluate: expected a function, got {type(evaluate).__name__}.")
    path = None if checkpoint is None else files.check_path(checkpoint)
    if fabric is not None and not hasattr(fabric, "global_rank"):
        raise TypeError(
            f"fabric: expected a launched lightning.fabric.Fabric, got {type(fabric).__name__}."
        )
    processes = Processes(fabric)
    if fabric is not None:
        where = fabric.device
    else:
        where = runtime.device() if device is None else check_device(device, "device")
    team = _check_players(model.to(where), players)
    if simultaneous and any(player.steps > 1 for player in team):
        raise ValueError("simultaneous: expected players of one step a round, who move at once.")
    n = len(tensors[0])
    alone = (n - 1) % batch_size == 0
    if alone and any(isinstance(module, nn.BatchNorm1d) for module in model.modules()):
        raise ValueError(
            f"batch_size: {batch_size} leaves one of the {n} examples alone in the last minibatch, "
            "which batch normalization cannot take. Choose another."
        )

    run = _Run(model, team, tensors, where, epochs, batch_size, lr, seed, simultaneous, processes)
    wanted = _check_snapshots(snapshots, run.last)
    noise = runtime.random_stream(runtime.derive_seed(seed, 1, processes.rank), where)
    with (
        torch.enable_grad(),
        runtime.mode(model, training=True),
        runtime.repeatable_convolutions(),
        noise,
        runtime.Interrupt() as interrupt,
    ):
        if path is not None:
            run.resume(path)
        if processes.world > 1:
            model.load_state_dict(processes.first(_copy(model)))
        if run.round == 0 and 0 in wanted:
            run.history.snapshots[0] = _copy(model)
        quiet = {} if progress and processes.rank == 0 else {"disable": True}
        with tqdm(total=run.last, initial=run.round, desc="fit", leave=False, **quiet) as bar:
            try:
                while run.round < run.last and not run.stopped:
                    run.play_epoch(interrupt, bar, wanted)
                    if run.round % run.rounds == 0:
                        if evaluate is not None:
                            run.evaluate(evaluate)
                        bar.set_postfix(run.summary(), refresh=False)
                    if path is not None:
                        run.save(path)
            except KeyboardInterrupt:
                # A second Ctrl-C means it; and of several processes none can stop alone.
                if interrupt.requested or processes.world > 1:
                    raise
    return run.finish()


class _Run:
    """A training run: where it stands, how it goes on, how a file keeps it."""

    def __init__(
        self,
        model: nn.Module,
        team: list[Player],
        tensors: Sequence[Tensor],
        where: torch.device,
        epochs: int,
        batch_size: int,
        lr: float,
        seed: int,
        simultaneous: bool,
        processes: Processes,
    ) -> None:
        self.model = model
        self.examples = len(tensors[0])
        self.where = where
        self.batch_size = batch_size
        self.seed = seed
        self.simultaneous = simultaneous
        self.processes = processes
        asked = max(asks(player, len(tensors)) for player in team)
        self.tensors = [tensor.to(where) for tensor in tensors[:asked]]
        self.per_round = max(player.steps for player in team)
        batches = math.ceil(self.examples / batch_size)
        self.rounds = math.ceil(batches / self.per_round)  # in an epoch
        self.last = epochs * self.rounds
        self.round = 0  # so many are behind us
        self.stopped = False
        self.sides = [
            Side(player, lr, self.tensors, batches, self.per_round, epochs) for player in team
        ]
        self.history = History({}, {side.player.name: side.per_epoch for side in self.sides})

    @cached_property
    def config(self) -> dict[str, Any]:
        """What decides the result, besides the number of epochs; only runs with a checkpoint ask."""
        some = slice(None, None, max(1, self.examples // 64))
        config = {
            "seed": self.seed,
            "batch_size": self.batch_size,
            "simultaneous": self.simultaneous,
            "data": [
                [list(tensor.shape), files.checksum({"": tensor[some]})] for tensor in self.tensors
            ],
            "weights": {name: list(w.shape) for name, w in self.model.state_dict().items()},
            "processes": self.processes.world,
            "players": [side.player.name for side in self.sides],
        }
        config |= settings.of_model(self.model)
        for side in self.sides:
            config |= settings.of_player(side.player, side.lr)
        return config

    def play_epoch(self, interrupt: runtime.Interrupt, bar: Any, wanted: set[int]) -> None:
        """Play what is left of the present epoch, or as much as an interrupt leaves time for."""
        epoch, begun = divmod(self.round, self.rounds)
        generator = torch.Generator("cpu").manual_seed(runtime.derive_seed(self.seed, 0, epoch))
        order = torch.randperm(self.examples, generator=generator, device="cpu").to(self.where)
        minibatches = order.split(self.batch_size)
        with self.clock():
            for i in range(begun, self.rounds):
                self.play_round(minibatches[i * self.per_round : (i + 1) * self.per_round])
                bar.update()
                if self.round in wanted:
                    self.history.snapshots[self.round] = _copy(self.model)
                due = self.round % _LOOK_EVERY == 0 or self.round % self.rounds == 0
                if due or (interrupt.requested and self.processes.world == 1):
                    self.look()
                    self.stopped = self.processes.any(interrupt.requested)
                    if self.stopped:
                        break

    def play_round(self, indices: tuple[Tensor, ...]) -> None:
        """Give each player its turn on the minibatches of a round, or let all move at once."""
        batches = []
        for index in indices:
            mine = self.processes.share(index)
            batches.append([tensor.index_select(0, mine) for tensor in self.tensors])
        shares = [len(batch[0]) / len(i) for batch, i in zip(batches, indices, strict=True)]
        if self.simultaneous:
            self.move_at_once(batches[0], shares[0])
        else:
            for side in self.sides:
                for batch, share in islice(zip(batches, shares, strict=True), side.player.steps):
                    side.update(batch, share, self.processes)
        self.round += 1

    def move_at_once(self, batch: list[Tensor], share: float) -> None:
        """Take all gradients at the same weights and on the same random numbers, then all steps."""
        state = runtime.random_state(self.where)
        gradients = []
        for side in self.sides:
            runtime.restore_random_state(state, self.where)
            side.differentiate(batch, share, self.processes)
            gradients.append(side.take_gradients())
        for side, slopes in zip(self.sides, gradients, strict=True):
            side.step_by(slopes)

    def look(self) -> None:
        """Stop the training if a loss since the last look was NaN or infinite."""
        bad = [(side, i) for side in self.sides for i in side.first_bad()]
        if bad:
            side, i = min(bad, key=lambda pair: pair[0].round_of(pair[1]))
            raise FloatingPointError(side.diagnosis(i))

    def evaluate(self, evaluate: Callable[[], dict[str, float]]) -> None:
        """Record an evaluation, leaving the random numbers of the training alone."""
        stream = runtime.random_stream(runtime.derive_seed(self.seed, 2), self.where)
        with torch.no_grad(), runtime.mode(self.model, training=False), stream:
            numbers = evaluate()
        if not isinstance(numbers, dict):
            raise TypeError(
                f"evaluate: expected it to return a dict of numbers, got {type(numbers).__name__}. "
                "Return for example {'elbo': value}."
            )
        self.history.evaluations.append({name: float(value) for name, value in numbers.items()})

    def summary(self) -> dict[str, str]:
        """Return the mean losses of the epoch just finished, and its evaluation."""
        shown = {
            side.player.name: float(side.losses[: side.count][-side.per_epoch :].mean())
            for side in self.sides
        }
        if self.history.evaluations:
            shown |= self.history.evaluations[-1]
        return {name: f"{value:.4g}" for name, value in shown.items()}

    @contextmanager
    def clock(self) -> Iterator[None]:
        """Add the time of a block to the present epoch."""
        seconds = self.history.seconds
        before = seconds.pop() if self.round % self.rounds else 0.0
        start = time.perf_counter()
        try:
            yield
        finally:
            seconds.append(before + time.perf_counter() - start)

    def finish(self) -> History:
        """Return the history up to the present round."""
        epochs, begun = divmod(self.round, self.rounds)
        n = self.examples
        history = self.history
        history.interrupted = self.round < self.last
        history.examples = epochs * n + min(begun * self.per_round * self.batch_size, n)
        for side in self.sides:
            history.losses[side.player.name] = side.losses[: side.after(self.round)].cpu()
        return history

    def save(self, path: Path) -> None:
        """Write everything that the next round depends on, and the history so far."""
        tensors = {f"weights/{name}": value for name, value in _copy(self.model).items()}
        optimizers = []
        for n, side in enumerate(self.sides):
            tensors[f"losses/{n}"] = side.losses[: side.after(self.round)].cpu()
            moments, rest = side.state()
            tensors |= {f"optimizer/{n}/{label}": value for label, value in moments.items()}
            optimizers.append(rest)
        for round_, weights in self.history.snapshots.items():
            tensors |= {f"snapshots/{round_}/{name}": value for name, value in weights.items()}
        for kind, state in runtime.random_state(self.where).items():
            tensors[f"random/{kind}"] = self.processes.stack(state)
        about = {
            "config": self.config,
            "optimizers": optimizers,
            "strides": {name: value.stride() for name, value in self.model.state_dict().items()},
            "round": self.round,
            "seconds": self.history.seconds,
            "evaluations": self.history.evaluations,
        }
        if self.processes.rank == 0:
            files.write(path, tensors, about)

    def resume(self, path: Path) -> None:
        """Take up what :meth:`save` wrote, if it did; the first process reads for all."""
        config = self.config  # as it is before anything moves
        mine = files.read(path) if self.processes.rank == 0 and path.exists() else None
        content = self.processes.first(mine)
        if content is None:
            return
        tensors, about = content
        for key, now in config.items():
            # An attribute that only one of them has comes with a module that only one of them has, or is no setting.
            if (then := about["config"].get(key, now)) != now:
                raise ValueError(
                    f"checkpoint: {path} belongs to another run: its {_difference(key, then, now)}. "
                    "Name another file, or delete this one to start anew."
                )
        if about["round"] > self.last:
            raise ValueError(
                f"checkpoint: {path} has {about['round'] / self.rounds:g} epochs behind it, "
                f"more than the {self.last // self.rounds} asked for. Ask for more, or delete it."
            )
        self.round = about["round"]
        self.history.seconds = about["seconds"]
        self.history.evaluations = about["evaluations"]

        def part(prefix: str) -> dict[str, Tensor]:
            return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}

        for name, value in self.model.state_dict(keep_vars=True).items():
            if list(value.stride()) != (strides := about["strides"][name]):
                kind = {"dtype": value.dtype, "device": value.device}
                value.data = torch.empty_strided(value.shape, strides, **kind)
        self.model.load_state_dict(part("weights/"))
        for n, side in enumerate(self.sides):
            side.count = side.seen = side.after(self.round)
            side.losses[: side.count] = tensors[f"losses/{n}"]
            side.resume(part(f"optimizer/{n}/"), about["optimizers"][n])
        for label, value in part("snapshots/").items():
            round_, name = label.split("/", 1)
            self.history.snapshots.setdefault(int(round_), {})[name] = value
        states = {
            kind: state[self.processes.rank].clone() for kind, state in part("random/").items()
        }
        runtime.restore_random_state(states, self.where)


def _copy(model: nn.Module) -> dict[str, Tensor]:
    """Return a copy of the model's state on the CPU."""
    return {
        name: value.detach().to("cpu", copy=True, memory_format=torch.contiguous_format)
        for name, value in model.state_dict().items()
    }


def _difference(key: str, then: Any, now: Any) -> str:
    """Name a setting that is not what it was, with both values."""
    if isinstance(then, dict) and isinstance(now, dict):
        for name in {**now, **then}:
            was, is_ = (values.get(name, "nothing") for values in (then, now))
            if was != is_:
                return _difference(f"{key}.{name}", was, is_)
    return f"{key} was {str(then)[:200]}, and now is {str(now)[:200]}"


def _check_players(model: nn.Module, players: Sequence[Player] | None) -> list[Player]:
    if players is None:
        if not hasattr(model, "players"):
            raise TypeError(
                f"model: expected a method players(), which {type(model).__name__} lacks. "
                "Add one, or pass players=[Player(name, parameters, loss)]."
            )
        players = model.players()  # type: ignore[operator]
    if not isinstance(players, list | tuple) or not all(isinstance(p, Player) for p in players):
        raise TypeError(f"players: expected a list of Player, got {players!r}.")
    names = [player.name for player in players]
    if not names or len(set(names)) < len(names):
        raise ValueError(
            f"players: expected one or more, each with a name of its own, got {names}."
        )
    own = set(model.parameters())
    if any(map(nn.parameter.is_lazy, own)):
        raise ValueError(
            "model: expected weights, but its lazy layers have none before their first input. "
            "Run one batch through them first, such as model(x[:2])."
        )
    for player in players:
        if not own.issuperset(player.parameters):
            raise ValueError(
                f"Player {player.name!r}: expected parameters of the model, but some are not among "
                "model.parameters(). Make their module an attribute of the model."
            )
    return list(players)


def _check_snapshots(snapshots: int | Iterable[int] | None, last: int) -> set[int]:
    if snapshots is None:
        return set()
    if not isinstance(snapshots, Iterable) and hasattr(snapshots, "__index__"):
        count = check_count(snapshots, "snapshots", least=2) - 1
        return {0, *(round(last ** (1 - i / max(1, count - 1))) for i in range(count))}
    if not isinstance(snapshots, Iterable):
        raise TypeError(
            f"snapshots: expected rounds, or how many copies, got {type(snapshots).__name__}. "
            "Write for example [0, 10, 100], or 20."
        )
    wanted = {check_count(s, "snapshots", least=0) for s in snapshots}
    if wanted and max(wanted) > last:
        raise ValueError(
            f"snapshots: expected rounds from 0 to {last}, the last of this run, got {max(wanted)}."
        )
    return wanted
