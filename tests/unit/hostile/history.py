"""Good calls of ``gennb.history``."""

from __future__ import annotations

from collections.abc import Callable

import torch

from gennb import history

from .inputs import Call, generator

X = torch.tensor([[0.0, 1.0], [1.0, 0.5], [2.0, 0.0], [1.5, -1.0]])
Y = torch.tensor([1.0, 1.0, -1.0, -1.0])


def gate() -> history.McCullochPitts:
    return history.McCullochPitts(("a", "b"), {"out": history.Unit(1, ("a",), ("b",))})


def hopfield() -> history.Hopfield:
    net = history.Hopfield(4)
    net.store(torch.tensor([[1.0, 1.0, -1.0, -1.0]]))
    return net


SIGNS = torch.tensor([[1.0, -1.0, -1.0, -1.0], [1.0, 1.0, 1.0, 1.0]])

GOOD: dict[str, Callable[[], Call]] = {
    "history.Hopfield": lambda: (history.Hopfield, {"n": 4}),
    "history.Hopfield.energy": lambda: (hopfield().energy, {"s": SIGNS}),
    "history.Hopfield.recall": lambda: (
        hopfield().recall,
        {"s": SIGNS, "mode": "asynchronous", "sweeps": 3, "generator": generator()},
    ),
    "history.Hopfield.store": lambda: (hopfield().store, {"patterns": SIGNS}),
    "history.McCullochPitts": lambda: (
        history.McCullochPitts,
        {"inputs": ("a", "b"), "units": {"out": history.Unit(1, ("a",), ("b",))}},
    ),
    "history.McCullochPitts.run": lambda: (gate().run, {"x": torch.ones(3, 2, 2)}),
    "history.Perceptron": lambda: (history.Perceptron, {"n_features": 2}),
    "history.Perceptron.fit": lambda: (
        history.Perceptron(2).fit,
        {"x": X, "y": Y, "epochs": 3},
    ),
    "history.Perceptron.predict": lambda: (history.Perceptron(2).predict, {"x": X}),
    "history.Unit": lambda: (
        history.Unit,
        {"threshold": 2, "excited_by": ("a", "b"), "vetoed_by": ("c",)},
    ),
    "history.certificate": lambda: (history.certificate, {"x": X, "y": Y}),
    "history.extended": lambda: (history.extended, {"x": X}),
    "history.fires": lambda: (
        history.fires,
        {
            "x": torch.ones(3, 2),
            "excitatory": torch.ones(4, 2),
            "inhibitory": torch.zeros(4, 2),
            "threshold": torch.ones(4),
        },
    ),
    "history.hebbian_update": lambda: (
        history.hebbian_update,
        {"w": torch.ones(2), "x": X, "lr": 0.1},
    ),
    "history.largest_margin": lambda: (history.largest_margin, {"x": X, "y": Y}),
    "history.mistake_bound": lambda: (history.mistake_bound, {"x": X, "y": Y}),
    "history.net_of_table": lambda: (
        history.net_of_table,
        {"outputs": torch.tensor([0.0, 1.0, 1.0, 0.0])},
    ),
    "history.oja_update": lambda: (
        history.oja_update,
        {"w": torch.ones(2), "x": X, "lr": 0.1},
    ),
    "history.radius": lambda: (history.radius, {"x": X}),
    "history.retrieval_overlap": lambda: (
        history.retrieval_overlap,
        {"y": torch.tensor([1.0, 2.0])},
    ),
    "history.truth_table": lambda: (history.truth_table, {"n": 3}),
}
