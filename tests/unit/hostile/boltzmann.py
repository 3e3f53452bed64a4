"""Good calls of ``gennb.boltzmann``."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from gennb import boltzmann, widgets

from .inputs import Call, generator

QUICK = {"epochs": 1, "batch_size": 4, "lr": 0.1, "progress": False, "device": "cpu"}


def units(n: int = 3, width: int = 3) -> Tensor:
    return (torch.arange(n * width).reshape(n, width) % 2).float()


def machine() -> boltzmann.BoltzmannMachine:
    torch.manual_seed(0)
    return boltzmann.BoltzmannMachine(3, 2)


def rbm() -> boltzmann.RBM:
    torch.manual_seed(0)
    return boltzmann.RBM(3, 2)


def rbm_of_pixels() -> boltzmann.RBM:
    torch.manual_seed(0)
    return boltzmann.RBM(16, 2)


def dbn() -> boltzmann.DBN:
    torch.manual_seed(0)
    return boltzmann.DBN((3, 2, 2))


def dbm() -> boltzmann.DBM:
    torch.manual_seed(0)
    return boltzmann.DBM((3, 2, 2))


RULE = {"momentum": 0.5, "weight_decay": 0.01, "centered": True}

GOOD: dict[str, Callable[[], Call]] = {
    "boltzmann.base_rates": lambda: (boltzmann.base_rates, {"data": units()}),
    "boltzmann.BoltzmannMachine": lambda: (
        boltzmann.BoltzmannMachine,
        {
            "n_visible": 2,
            "n_hidden": 1,
            "connections": 1 - torch.eye(3),
            "learning": boltzmann.ExactGradient(),
        },
    ),
    "boltzmann.BoltzmannMachine.from_weights": lambda: (
        boltzmann.BoltzmannMachine.from_weights,
        {
            "W": torch.tensor([[0.0, 1.0], [1.0, 0.0]]),
            "b": torch.zeros(2),
            "n_visible": 1,
            "learning": boltzmann.ExactGradient(),
        },
    ),
    "boltzmann.BoltzmannMachine.energy": lambda: (
        machine().energy,
        {"v": units(), "h": units(3, 2)},
    ),
    "boltzmann.BoltzmannMachine.conditional": lambda: (
        machine().conditional,
        {"s": units(3, 5), "temperature": 2.0},
    ),
    "boltzmann.BoltzmannMachine.distribution": lambda: (
        machine().distribution,
        {"temperature": 2.0},
    ),
    "boltzmann.BoltzmannMachine.gibbs": lambda: (
        machine().gibbs,
        {
            "s": units(3, 5),
            "sweeps": 2,
            "temperature": 2.0,
            "clamped": True,
            "generator": generator(),
        },
    ),
    "boltzmann.ContrastiveDivergence": lambda: (
        boltzmann.ContrastiveDivergence,
        {"k": 2, **RULE},
    ),
    "boltzmann.DBM": lambda: (
        boltzmann.DBM,
        {"sizes": (3, 2, 2), "learning": boltzmann.ContrastiveDivergence(), "sweeps": 3},
    ),
    "boltzmann.DBM.bound": lambda: (
        dbm().bound,
        {"v": units(), "log_partition": 1.0, "sweeps": 3},
    ),
    "boltzmann.DBM.conditional": lambda: (
        lambda layer, v, hidden, top: dbm().conditional(layer, v, hidden, top),
        {"layer": 1, "v": units(), "hidden": units(3, 2), "top": units(3, 2)},
    ),
    "boltzmann.DBM.energy": lambda: (
        lambda v, hidden, top: dbm().energy(v, hidden, top),
        {"v": units(), "hidden": units(3, 2), "top": units(3, 2)},
    ),
    "boltzmann.DBM.mean_field": lambda: (dbm().mean_field, {"v": units(), "sweeps": 3}),
    "boltzmann.DBM.pretrain": lambda: (dbm().pretrain, {"x": units(), **QUICK}),
    "boltzmann.DBN": lambda: (
        boltzmann.DBN,
        {"sizes": (3, 2, 2), "learning": boltzmann.ContrastiveDivergence()},
    ),
    "boltzmann.DBN.ascend": lambda: (dbn().ascend, {"v": units(), "generator": generator()}),
    "boltzmann.DBN.bound": lambda: (
        dbn().bound,
        {"v": units(), "samples": 2, "log_partition": 1.0, "generator": generator()},
    ),
    "boltzmann.DBN.classifier": lambda: (dbn().classifier, {"n_classes": 3}),
    "boltzmann.DBN.descend": lambda: (
        dbn().descend,
        {"h": units(3, 2), "generator": generator()},
    ),
    "boltzmann.DBN.energy": lambda: (
        lambda v, hidden, top: dbn().energy(v, hidden, top),
        {"v": units(), "hidden": units(3, 2), "top": units(3, 2)},
    ),
    "boltzmann.DBN.free_energy": lambda: (dbn().free_energy, {"v": units()}),
    "boltzmann.DBN.from_rbms": lambda: (
        boltzmann.DBN.from_rbms,
        {"rbms": [rbm(), boltzmann.RBM(2, 2)]},
    ),
    "boltzmann.DBN.log_partition": lambda: (
        lambda method: dbn().log_partition(method, temperatures=5, chains=3),
        {"method": "ais"},
    ),
    "boltzmann.DBN.log_prob": lambda: (
        dbn().log_prob,
        {"v": units(), "log_partition": 1.0},
    ),
    "boltzmann.DBN.pretrain": lambda: (dbn().pretrain, {"x": units(), **QUICK}),
    "boltzmann.DBN.sample": lambda: (
        dbn().sample,
        {"n": 2, "generator": generator(), "steps": 3},
    ),
    "boltzmann.EnergyModel.free_energy": lambda: (rbm().free_energy, {"v": units()}),
    "boltzmann.EnergyModel.free_energy_gap": lambda: (
        rbm().free_energy_gap,
        {"data": units(), "held_out": units(2)},
    ),
    "boltzmann.EnergyModel.gradient": lambda: (rbm().gradient, {"v": units()}),
    "boltzmann.EnergyModel.learn_by": lambda: (
        rbm().learn_by,
        {"learning": boltzmann.ExactGradient()},
    ),
    "boltzmann.EnergyModel.log_partition": lambda: (
        rbm().log_partition,
        {
            "method": "reverse-ais",
            "data": units(),
            "temperatures": 5,
            "chains": 3,
            "particles": units(),
            "generator": generator(),
        },
    ),
    "boltzmann.EnergyModel.log_prob": lambda: (
        rbm().log_prob,
        {"v": units(), "log_partition": 1.0},
    ),
    "boltzmann.EnergyModel.loss": lambda: (rbm().loss, {"v": units()}),
    "boltzmann.EnergyModel.sample": lambda: (
        rbm().sample,
        {"n": 2, "generator": generator(), "steps": 3},
    ),
    "boltzmann.EnergyModel.sample_states": lambda: (
        dbm().sample_states,
        {"n": 2, "generator": generator(), "steps": 3},
    ),
    "boltzmann.ExactGradient": lambda: (boltzmann.ExactGradient, dict(RULE)),
    "boltzmann.Learning": lambda: (boltzmann.Learning, dict(RULE)),
    "boltzmann.PersistentContrastiveDivergence": lambda: (
        boltzmann.PersistentContrastiveDivergence,
        {"k": 2, "chains": 3, **RULE},
    ),
    "boltzmann.RBM": lambda: (
        boltzmann.RBM,
        {"n_visible": 3, "n_hidden": 2, "learning": boltzmann.ContrastiveDivergence()},
    ),
    "boltzmann.RBM.energy": lambda: (rbm().energy, {"v": units(), "h": units(3, 2)}),
    "boltzmann.RBM.gibbs": lambda: (
        rbm().gibbs,
        {"v": units(), "steps": 2, "temperature": 2.0, "generator": generator()},
    ),
    "boltzmann.RBM.hidden_given_visible": lambda: (rbm().hidden_given_visible, {"v": units()}),
    "boltzmann.RBM.pseudo_log_likelihood": lambda: (
        rbm().pseudo_log_likelihood,
        {"v": units()},
    ),
    "boltzmann.RBM.reconstruct": lambda: (
        rbm().reconstruct,
        {"v": units(), "generator": generator()},
    ),
    "boltzmann.RBM.visible_given_hidden": lambda: (
        rbm().visible_given_hidden,
        {"h": units(3, 2)},
    ),
    "boltzmann.draw": lambda: (
        boltzmann.draw,
        {"p": torch.tensor([0.2, 0.7]), "generator": generator()},
    ),
    "boltzmann.states": lambda: (boltzmann.states, {"n": 3, "like": torch.zeros(2)}),
    "widgets.ContrastiveSteps": lambda: (
        widgets.ContrastiveSteps,
        {"rule": "CD-1", "rate": 0.1, "share": 0.7, "speed": 20.0, "title": "t"},
    ),
    "widgets.ContrastiveSteps.distribution": lambda: (
        widgets.ContrastiveSteps().distribution,
        {"W": torch.zeros(6, 3), "b": torch.zeros(6), "c": torch.zeros(3)},
    ),
    "widgets.ContrastiveSteps.divergence": lambda: (
        widgets.ContrastiveSteps().divergence,
        {"W": torch.zeros(6, 3), "b": torch.zeros(6), "c": torch.zeros(3)},
    ),
    "widgets.DigitChain": lambda: (
        widgets.DigitChain,
        {
            "rbm": rbm_of_pixels(),
            "starts": units(2, 16),
            "image_shape": (1, 4, 4),
            "unit": 1,
            "temperature": 1.0,
            "speed": 20.0,
            "title": "t",
        },
    ),
    "widgets.FourUnits": lambda: (
        widgets.FourUnits,
        {
            "strengths": [1.0, 0.0, 0.0, -1.0, 0.0, 2.0, 0.0, 0.0, 0.5, 0.0],
            "chosen": "AB",
            "temperature": 1.0,
            "speed": 20.0,
            "title": "t",
        },
    ),
}
