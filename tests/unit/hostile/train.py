"""Good calls of ``gennb.train``."""

from __future__ import annotations

from collections.abc import Callable

import torch

from gennb import train

from .inputs import Call, axes, images
from .vae import model


def history() -> train.History:
    return train.History({"vae": torch.arange(4.0)}, {"vae": 2})


GOOD: dict[str, Callable[[], Call]] = {
    "train.History": lambda: (
        train.History,
        {"losses": {"vae": torch.zeros(2)}, "updates_per_epoch": {"vae": 1}},
    ),
    "train.History.epoch_losses": lambda: (history().epoch_losses, {"player": "vae"}),
    "train.History.plot": lambda: (history().plot, {"ax": axes()}),
    "train.Player": lambda: (
        train.Player,
        {
            "name": "vae",
            "parameters": list(model().parameters()),
            "loss": model().loss,
            "steps": 1,
            "lr": 1e-3,
            "betas": (0.9, 0.999),
            "optimizer": torch.optim.Adam,
            "options": {"eps": 1e-8},
            "schedule": lambda n: {"lr": 0.1 / (1 + n)},
        },
    ),
    "train.budget": lambda: (train.budget, {"fast": 1, "book": 2, "paper": 3}),
    "train.fit": lambda: (
        train.fit,
        {
            "model": model(),
            "data": images(),
            "epochs": 1,
            "batch_size": 3,
            "lr": 1e-3,
            "seed": 0,
            "players": None,
            "evaluate": lambda: {"a": 1.0},
            "snapshots": [0, 1],
            "checkpoint": None,
            "fabric": None,
            "progress": False,
            "device": "cpu",
            "simultaneous": True,
        },
    ),
    "train.seed": lambda: (train.seed, {"n": 0}),
}
