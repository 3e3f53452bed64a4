"""What a run's result depends on, besides weights and data: swept together, so that nobody registers a setting."""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gennb.train.player import Player

_OWN = vars(nn.Module()).keys()  # what PyTorch keeps in every module
_SIMPLE = (bool, int, float, complex, str, np.generic, torch.dtype, torch.device)
_LOOKS = (0, 1, 10, 100, 1_000, 10_000)  # updates at which schedules are compared


def of_model(model: nn.Module) -> dict[str, Any]:
    """Return the class of each module, and its attributes that are plain data, functions or objects of such.

    What changes in training belongs in a buffer: here it would make a resumed run another one.
    """
    modules = dict(model.named_modules())
    found: dict[str, Any] = {
        "modules": {path or "model": _name(type(m)) for path, m in modules.items()}
    }
    for path, module in modules.items():
        for key, value in vars(module).items():
            if key not in _OWN:
                found |= _described(".".join(filter(None, ("model", path, key))), value)
    return found


def of_player(player: Player, lr: float) -> dict[str, Any]:
    """Return what one player does with a gradient, and the names of its functions."""
    who = f"player {player.name!r}"
    found: dict[str, Any] = {}
    for setting in dataclasses.fields(player):
        if setting.name not in ("name", "parameters"):
            found |= _described(f"{who} {setting.name}", getattr(player, setting.name))
    if player.schedule is not None:
        for n in _LOOKS:
            try:
                found |= _described(f"{who} schedule({n})", player.schedule(n))
            except Exception:  # a schedule may end
                break
    shapes = [list(weight.shape) for weight in player.parameters]
    return found | {f"{who} lr": player.lr or lr, f"{who} parameters": shapes}


def _described(key: str, value: Any) -> dict[str, Any]:
    """Return plain data as it is, a function by its name, an object by its class and the plain data in it."""
    if _is_plain(value):
        return {key: _plain(value)}
    if isinstance(value, Tensor | nn.Module | Mapping | list | tuple | set | frozenset):
        return {}  # weights, modules and records have their own places
    if isinstance(value, functools.partial):
        return {key: _name(value.func)} | _fields(key, value.keywords)
    if hasattr(value, "__qualname__"):
        owner = getattr(value, "__self__", None)
        return {key: _name(value)} | ({} if isinstance(owner, nn.Module) else _fields(key, owner))
    return {key: _name(type(value))} | _fields(key, value)


def _fields(key: str, thing: Any) -> dict[str, Any]:
    fields = thing if isinstance(thing, dict) else getattr(thing, "__dict__", {})
    return {f"{key}.{name}": _plain(value) for name, value in fields.items() if _is_plain(value)}


def _is_plain(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(map(_is_plain, value.values()))
    if isinstance(value, list | tuple | set | frozenset):
        return all(map(_is_plain, value))
    return isinstance(value, _SIMPLE) or value is None


def _plain(value: Any) -> Any:
    """Return plain data as JSON gives it back."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(map(str, value))
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    exact = value is None or isinstance(value, bool | int | str)
    return value if exact or (isinstance(value, float) and math.isfinite(value)) else str(value)


def _name(thing: Any) -> str:
    return str(getattr(thing, "__qualname__", type(thing).__qualname__))
