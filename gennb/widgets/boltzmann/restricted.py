"""A restricted Boltzmann machine packed for the page."""

from __future__ import annotations

import math
from collections.abc import Collection
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gennb._validate import check_tensor
from gennb.widgets.kit.network import Layer, pack, unpack

Parts = tuple[Tensor, Tensor, Tensor]

HIDDEN = 1000  # at most


def pack_machine(rbm: Any, shape: tuple[int, int, int]) -> dict[str, Any]:
    """Pack the map c + Wᵀv in int8 with a scale for each hidden unit, and b in float32."""
    W, b, c = _parts(rbm, math.prod(shape))
    visible, hidden = W.shape
    upward = nn.Linear(visible, hidden, device="meta")
    upward.load_state_dict({"weight": W.mT.float(), "bias": c.float()}, assign=True)
    network, weights = pack(upward, visible, "int8")
    return {"network": network, "weights": weights, "bias": b.float().numpy().tobytes()}


def unpack_machine(network: list[Layer], weights: bytes, bias: bytes) -> Parts:
    """Return W, b and c of the machine that the page runs, in float32."""
    with torch.random.fork_rng(devices=[]):  # a new layer would draw its weights
        upward = unpack(network, weights)[0]
    W, c = upward.get_parameter("weight").detach().mT, upward.get_parameter("bias").detach()
    return W, torch.from_numpy(np.frombuffer(bias, "<f4").astype(np.float32)), c


def _parts(rbm: Any, pixels: int) -> Parts:
    """Return W, b and c of a machine whose visible units are the pixels."""
    parts = [p for name in "Wbc" if isinstance(p := getattr(rbm, name, None), Tensor)]
    if len(parts) < 3:
        raise TypeError(
            f"rbm: expected a gennb.boltzmann.RBM, with W, b and c, got {type(rbm).__name__}."
        )
    W, b, c = (part.detach().cpu() for part in parts)
    check_tensor(W, "rbm.W", shape=("visible", "hidden"))
    visible, hidden = W.shape
    if visible != pixels:
        raise ValueError(
            f"rbm: expected {pixels} visible units, the pixels of image_shape, got {visible}. "
            "Give the shape of its pictures: image_shape=(1, height, width)."
        )
    if hidden > HIDDEN:
        raise ValueError(f"rbm: expected at most {HIDDEN} hidden units, got {hidden}.")
    return W, check_tensor(b, "rbm.b", shape=(visible,)), check_tensor(c, "rbm.c", shape=(hidden,))


def follow(machine: Parts, v: Tensor, temperature: float, when: Collection[int]) -> list[Tensor]:
    """Run a chain from v, the same every time; return the means of the visible units after some of its steps."""
    W, b, c = machine
    dice, seen = torch.Generator("cpu").manual_seed(0), []
    for step in range(1, max(when) + 1):
        h = ((v @ W + c) / temperature).sigmoid().bernoulli(generator=dice)
        means = ((W @ h + b) / temperature).sigmoid()
        v = means.bernoulli(generator=dice)
        seen += [means] * (step in when)
    return seen


def small_machine(x: Tensor, hidden: int, steps: int = 300) -> SimpleNamespace:
    """Train for an example, by contrastive divergence: x is (n, pixels)."""
    W, c = torch.randn(x.shape[1], hidden) * 0.01, torch.zeros(hidden)
    b = x.mean(0).clamp(0.01, 0.99).logit()
    for _ in range(steps):
        v = x[torch.randint(len(x), (50,))]
        h = (v @ W + c).sigmoid()
        model = (h.bernoulli() @ W.mT + b).sigmoid().bernoulli()
        again = (model @ W + c).sigmoid()
        W += 0.1 / 50 * (v.mT @ h - model.mT @ again)
        b += 0.1 * (v - model).mean(0)
        c += 0.1 * (h - again).mean(0)
    return SimpleNamespace(W=W, b=b, c=c)
