"""Good calls of ``gennb.history``."""

from __future__ import annotations

from collections.abc import Callable

import torch

from gennb import history

from .inputs import Call, generator, images

X = torch.tensor([[0.0, 1.0], [1.0, 0.5], [2.0, 0.0], [1.5, -1.0]])
Y = torch.tensor([1.0, 1.0, -1.0, -1.0])


def gate() -> history.McCullochPitts:
    return history.McCullochPitts(("a", "b"), {"out": history.Unit(1, ("a",), ("b",))})


def hopfield() -> history.Hopfield:
    net = history.Hopfield(4)
    net.store(torch.tensor([[1.0, 1.0, -1.0, -1.0]]))
    return net


def gmdh() -> history.GMDH:
    net = history.GMDH(2)
    net.fit(*EXAMPLES.values())
    return net


def sheet() -> history.SelfOrganizingMap:
    sheet = history.SelfOrganizingMap(3, 2, 2)
    sheet.spread(X)
    return sheet


def stage() -> history.Stage:
    stage = history.Stage(3, 3, blur=3)
    stage.grow(images(), generator())
    return stage


GRID = torch.cartesian_prod(*[torch.linspace(-1, 1, 4)] * 3)
EXAMPLES = {
    "x": GRID,
    "y": GRID.prod(1),
    "x_select": GRID / 2,
    "y_select": (GRID / 2).prod(1),
}
SIGNS = torch.tensor([[1.0, -1.0, -1.0, -1.0], [1.0, 1.0, 1.0, 1.0]])

GOOD: dict[str, Callable[[], Call]] = {
    "history.GMDH": lambda: (history.GMDH, {"width": 3, "most": 2, "gain": 0.1}),
    "history.GMDH.fit": lambda: (history.GMDH(2).fit, dict(EXAMPLES)),
    "history.GMDH.polynomial": lambda: (gmdh().polynomial, {"degree": 2}),
    "history.GMDH.predict": lambda: (gmdh().predict, {"x": GRID}),
    "history.Neocognitron": lambda: (history.Neocognitron, {"stages": [stage(), history.Stage(2)]}),
    "history.Neocognitron.forward": lambda: (
        history.Neocognitron([stage()]).forward,
        {"x": images()},
    ),
    "history.Neocognitron.grow": lambda: (
        history.Neocognitron([stage()]).grow,
        {"x": images(), "generator": generator()},
    ),
    "history.SelfOrganizingMap": lambda: (
        history.SelfOrganizingMap,
        {"rows": 3, "columns": 2, "features": 2},
    ),
    "history.SelfOrganizingMap.fit": lambda: (sheet().fit, {"x": X, "radii": (2.0, 1.0)}),
    "history.SelfOrganizingMap.neighborhood": lambda: (sheet().neighborhood, {"radius": 1.0}),
    "history.SelfOrganizingMap.quantization_error": lambda: (sheet().quantization_error, {"x": X}),
    "history.SelfOrganizingMap.spread": lambda: (sheet().spread, {"x": X}),
    "history.SelfOrganizingMap.step": lambda: (sheet().step, {"x": X[0], "lr": 0.5, "radius": 1.0}),
    "history.SelfOrganizingMap.topographic_error": lambda: (sheet().topographic_error, {"x": X}),
    "history.SelfOrganizingMap.winners": lambda: (sheet().winners, {"x": X}),
    "history.Stage": lambda: (
        history.Stage,
        {"planes": 3, "size": 3, "selectivity": 1.0, "blur": 3, "stride": 1},
    ),
    "history.Stage.forward": lambda: (stage().forward, {"u": images()}),
    "history.Stage.grow": lambda: (stage().grow, {"u": images(), "generator": generator()}),
    "history.c_cells": lambda: (history.c_cells, {"u": images(), "size": 3, "stride": 2}),
    "history.quadratic": lambda: (history.quadratic, {"u": torch.ones(3), "v": torch.ones(3)}),
    "history.s_cells": lambda: (
        history.s_cells,
        {"u": images(), "a": torch.ones(2, 1, 3, 3), "b": torch.ones(2), "selectivity": 1.0},
    ),
    "history.window": lambda: (history.window, {"size": 3}),
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
