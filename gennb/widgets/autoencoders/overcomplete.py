"""Autoencoders with sparse codes, checked and packed for the page, and what the page says of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from gennb._validate import check_within
from gennb.widgets.autoencoders.pairs import Pair, Shape, operations, pack_pair, train_pair
from gennb.widgets.kit.checks import check_increasing

MODELS, UNITS = (2, 5), 256
BYTES = 800_000  # of all weights: gzip spares little of them, and a page with all that it loads has 1.5 MB, gzipped


def pack_models(models: Any, targets: Any, shape: Shape) -> tuple[list[Pair], list[float]]:
    """Return models of one code size, packed, and the share of units that each was trained to have on."""
    if not isinstance(models, Sequence) or not all(
        isinstance(pair, Sequence) and len(pair) == 2 for pair in models
    ):
        raise TypeError(f"models: expected pairs [(encoder, decoder), …], got {str(models)[:99]}.")
    if not MODELS[0] <= len(models) <= MODELS[1]:
        raise ValueError(f"models: expected {MODELS[0]} to {MODELS[1]} pairs, got {len(models)}.")
    pairs = [_pack(pair, shape, f"models[{i}], ") for i, pair in enumerate(models)]
    units = [pair.units for pair in pairs]
    if len(set(units)) > 1 or units[0] > UNITS:
        raise ValueError(f"models: expected codes of one size, at most {UNITS}, got {units}.")
    if (size := sum(len(pair.weights) for pair in pairs)) > BYTES:
        raise ValueError(
            f"models: expected weights of at most {BYTES:,} bytes in all, got {size:,}. "
            "Give fewer models or smaller ones."
        )
    shares = check_increasing(
        targets, "targets", lambda share, name: check_within(share, name, 0.0, 1.0, "share")
    )
    if len(shares) != len(pairs):
        raise ValueError(f"targets: expected one for each of {len(pairs)} models, got {shares}.")
    return pairs, shares


def _pack(pair: Sequence[Any], shape: Shape, where: str) -> Pair:
    packed = pack_pair(pair[0], pair[1], shape, where=where)
    up, down = map(operations, packed.specs)
    if not up or up[-1] not in ("relu", "sigmoid"):
        raise ValueError(f"{where}encoder: expected nn.ReLU or nn.Sigmoid at its end, got {up}.")
    if down not in (["linear"], ["linear", "sigmoid"]):
        raise ValueError(
            f"{where}decoder: expected one nn.Linear, perhaps nn.Sigmoid after it, got {down}."
        )
    return packed


@torch.no_grad()
def look(pair: Pair, x: Tensor, unit: int, silent: bool) -> dict[str, Any]:
    """Encode a picture (1, height, width), and decode it with and without one unit; 0 is the most active one."""
    code = pair.encoder(x[None]).flatten()
    unit = unit or 1 + int(code.argmax())
    heard = code.clone()
    heard[unit - 1] *= 1 - silent
    whole, rebuilt = (pair.picture(h.tolist()) for h in (code, heard))
    return {
        "code": code,
        "rebuilt": rebuilt,
        "unit": unit,
        "filter": pair.filters[:, unit - 1].reshape(x.shape),
        "on": int((code > (0.5 if operations(pair.specs[0])[-1] == "sigmoid" else 0)).sum()),
        "activation": float(code[unit - 1]),
        "error": float((rebuilt - x).double().square().sum()),
        "error_before": float((whole - x).double().square().sum()),
    }


def sparse_strokes() -> dict[str, Any]:
    """Train for an example."""
    from gennb import data

    x, targets = data.load("strokes", n=500).x, (0.1, 0.25, 0.5)
    models = [_small_model(x.flatten(1), 36, target) for target in targets]
    return {"models": models, "targets": targets, "pictures": x[:10]}


def _small_model(x: Tensor, units: int, target: float) -> tuple[nn.Module, nn.Module]:
    """Train on pictures (n, pixels), and ask of each unit to be on for a share of them."""
    pixels = x.shape[1]
    encoder = nn.Sequential(nn.Linear(pixels, units), nn.ReLU())
    decoder = nn.Sequential(nn.Linear(units, pixels), nn.Sigmoid())

    def cost(code: Tensor) -> Tensor:
        share = (code / (code + 0.1)).mean(0).clamp(1e-3, 1 - 1e-3)
        return 20 * nn.functional.binary_cross_entropy(
            share, torch.full_like(share, target), reduction="sum"
        )

    return train_pair((encoder, decoder), x, 120, cost)
