"""Small networks packed for the browser: a JSON-able list of layers and one run of bytes.

``network.js`` reads what :func:`pack` writes and computes the same forward pass.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gennb._validate import check_choice, check_kind

Layer = dict[str, Any]

DTYPES = {"float32": "<f4", "float16": "<f2", "int8": "<i1"}

_ACTIVATIONS: dict[type[nn.Module], str] = {
    nn.ReLU: "relu",
    nn.LeakyReLU: "leaky_relu",
    nn.SiLU: "silu",
    nn.Tanh: "tanh",
    nn.Sigmoid: "sigmoid",
    nn.Softplus: "softplus",
}
_RESHAPES = (nn.Flatten, nn.Unflatten, nn.Identity)
_SUPPORTED = (nn.Linear, nn.Conv2d, nn.ConvTranspose2d, *_ACTIVATIONS, *_RESHAPES, nn.Sequential)


def pack(
    module: nn.Module, input_shape: int | tuple[int, ...], dtype: str = "float16"
) -> tuple[list[Layer], bytes]:
    """Pack a chain of layers for ``network.js``.

    Parameters
    ----------
    module
        ``nn.Sequential``, nested as you like, of ``Linear``, ``Conv2d``, ``ConvTranspose2d``, the
        activations ``ReLU``, ``LeakyReLU``, ``SiLU``, ``Tanh``, ``Sigmoid``, ``Softplus``, and
        ``Flatten``, ``Unflatten``, ``Identity``.
    input_shape
        Shape of one input without its batch axis: ``2`` or ``(2,)`` for a code, ``(3, 32, 32)`` for an image.
    dtype
        ``"float32"``, ``"float16"`` or ``"int8"``. With ``"int8"`` each row of weights that feeds one
        output unit or channel has its own scale; scales and biases stay float32.

    Returns
    -------
    spec, weights
        One dictionary per layer, with the shape of its output, and the parameters in the order of the
        layers, little-endian.

    Raises
    ------
    TypeError
        A layer that the browser does not know.
    ValueError
        An unknown dtype, an input that does not fit the first layer, or parameters that are not
        finite or overflow float16.
    """
    check_choice(dtype, "dtype", DTYPES)
    check_kind(module, "module", nn.Module)
    if not isinstance(input_shape, int | tuple | list):
        raise TypeError(f"input_shape: expected integers, got {type(input_shape).__name__}.")
    shape = (input_shape,) if isinstance(input_shape, int) else tuple(input_shape)
    if not shape or any(isinstance(n, bool) or not isinstance(n, int) or n < 1 for n in shape):
        raise ValueError(
            f"input_shape: expected positive integers such as (2,) or (3, 32, 32), got {input_shape!r}."
        )
    spec: list[Layer] = []
    chunks: list[bytes] = []
    for name, layer in _chain(module):
        before, shape = shape, _output_shape(layer, name, shape)
        spec.append(_describe(layer, name, before, shape, dtype, chunks))
    if not spec:
        raise ValueError("module: expected at least one layer, got an empty chain.")
    return spec, b"".join(chunks)


def unpack(spec: list[Layer], weights: bytes) -> nn.Sequential:
    """Rebuild from :func:`pack`'s answer the module that the browser computes, quantised weights and all.

    Raises
    ------
    ValueError
        ``weights`` is shorter or longer than ``spec`` says.
    """
    check_kind(spec, "spec", list)
    check_kind(weights, "weights", bytes)
    try:
        with torch.device("cpu"):
            return _rebuild(spec, weights)
    except (AttributeError, KeyError, RuntimeError, TypeError) as error:
        raise ValueError(f"spec: expected what pack() returned, got {error!r} from it.") from error


def _rebuild(spec: list[Layer], weights: bytes) -> nn.Sequential:
    layers: list[nn.Module] = []
    at = 0

    def take(count: int, dtype: str) -> Tensor:
        nonlocal at
        size = count * np.dtype(dtype).itemsize
        if at + size > len(weights):
            raise ValueError(
                f"weights: expected at least {at + size} bytes, got {len(weights)}. "
                "Pass the bytes that pack() returned together with this spec."
            )
        values = np.frombuffer(weights, dtype, count, at).astype(np.float32)
        at += size
        return torch.from_numpy(values)

    for item in spec:
        layer = _build(item)
        if "weight" in item:
            rows = item["weight"][0]
            stored = DTYPES[item["dtype"]]
            scale = (
                take(rows, "<f4")
                if item["dtype"] == "int8"
                else torch.ones(rows, dtype=torch.float32)
            )
            weight = take(math.prod(item["weight"]), stored).reshape(rows, -1) * scale[:, None]
            weight = weight.reshape(item["weight"])
            with torch.no_grad():
                target = layer.get_parameter("weight")
                transposed = item["op"] == "conv_transpose2d"
                target.copy_(weight.transpose(0, 1) if transposed else weight)
                layer.get_parameter("bias").copy_(
                    take(rows, "<f4" if item["dtype"] == "int8" else stored)
                )
        layers.append(layer)
    if at != len(weights):
        raise ValueError(f"weights: expected {at} bytes, got {len(weights)}.")
    return nn.Sequential(*layers).float().eval()


def _chain(module: nn.Module, prefix: str = "module") -> list[tuple[str, nn.Module]]:
    if isinstance(module, nn.Sequential):
        parts = [_chain(child, f"{prefix}[{i}]") for i, child in enumerate(module)]
        return [layer for part in parts for layer in part]
    if type(module) not in _SUPPORTED:
        known = ", ".join(kind.__name__ for kind in _SUPPORTED)
        raise TypeError(
            f"{prefix}: {type(module).__name__} cannot be packed for the browser. Use {known}."
        )
    return [(prefix, module)]


def _output_shape(layer: nn.Module, name: str, shape: tuple[int, ...]) -> tuple[int, ...]:
    parameter = next(layer.parameters(), torch.zeros(0, device="cpu"))
    try:
        with torch.no_grad():
            output = layer(torch.zeros(1, *shape, device=parameter.device, dtype=parameter.dtype))
    except RuntimeError as error:
        raise ValueError(
            f"{name}: {layer} does not accept an input of shape {shape} ({error}). "
            "Check input_shape and the order of the layers."
        ) from error
    return tuple(output.shape[1:])


def _describe(
    layer: nn.Module,
    name: str,
    before: tuple[int, ...],
    after: tuple[int, ...],
    dtype: str,
    chunks: list[bytes],
) -> Layer:
    item: Layer = {"shape": list(after)}
    if isinstance(layer, _RESHAPES):
        return {"op": "reshape", **item}
    if type(layer) in _ACTIVATIONS:
        item["op"] = _ACTIVATIONS[type(layer)]
        if isinstance(layer, nn.LeakyReLU):
            item["slope"] = float(layer.negative_slope)
        if isinstance(layer, nn.Softplus) and layer.beta != 1:
            raise TypeError(f"{name}: Softplus with beta {layer.beta}; the browser knows beta 1.")
        return item
    weight = layer.get_parameter("weight").detach().float().cpu()
    if isinstance(layer, nn.Linear):
        if len(before) != 1:
            raise ValueError(
                f"{name}: expected one axis before Linear, got shape {before}. Add nn.Flatten()."
            )
        item["op"] = "linear"
    elif isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
        if layer.groups != 1 or set(layer.dilation) != {1} or layer.padding_mode != "zeros":
            raise TypeError(
                f"{name}: {layer} cannot be packed; use groups 1, dilation 1 and zero padding."
            )
        if isinstance(layer.padding, str):
            raise TypeError(f"{name}: give the padding as a number, not {layer.padding!r}.")
        item |= {"stride": list(layer.stride), "padding": list(layer.padding)}
        if isinstance(layer, nn.ConvTranspose2d):
            item["op"] = "conv_transpose2d"
            weight = weight.transpose(0, 1)
        else:
            item["op"] = "conv2d"
    item |= {"input": list(before), "weight": list(weight.shape), "dtype": dtype}
    bias: Tensor | None = getattr(layer, "bias", None)
    bias = torch.zeros(len(weight), device="cpu") if bias is None else bias.detach().float().cpu()
    chunks += _encode(weight, bias, name, dtype)
    return item


def _encode(weight: Tensor, bias: Tensor, name: str, dtype: str) -> list[bytes]:
    rows = weight.reshape(len(weight), -1).numpy()
    b = bias.numpy()
    largest = max(np.abs(rows).max(), np.abs(b).max())
    if not (np.isfinite(rows).all() and np.isfinite(b).all()):
        raise ValueError(f"{name}: expected finite parameters, found NaN or infinity.")
    if dtype == "int8":
        scale = np.maximum(np.abs(rows).max(axis=1), 1e-12) / 127
        codes = np.round(rows / scale[:, None])
        return [
            scale.astype("<f4").tobytes(),
            codes.astype("<i1").tobytes(),
            b.astype("<f4").tobytes(),
        ]
    if dtype == "float16" and largest > 65504:
        raise ValueError(
            f"{name}: a parameter of size {largest:g} overflows float16. Use 'float32'."
        )
    return [rows.astype(DTYPES[dtype]).tobytes(), b.astype(DTYPES[dtype]).tobytes()]


def _build(item: Layer) -> nn.Module:
    op = item["op"]
    if op == "reshape":
        return nn.Unflatten(1, item["shape"]) if len(item["shape"]) > 1 else nn.Flatten()
    if op == "leaky_relu":
        return nn.LeakyReLU(item["slope"])
    if op == "linear":
        out, into = item["weight"]
        return nn.Linear(into, out)
    if op == "conv2d":
        out, into, *kernel = item["weight"]
        return nn.Conv2d(into, out, tuple(kernel), tuple(item["stride"]), tuple(item["padding"]))
    if op == "conv_transpose2d":
        out, into, *kernel = item["weight"]
        stride, padding = item["stride"], item["padding"]
        extra = [
            after - ((before - 1) * s - 2 * p + k)
            for after, before, s, p, k in zip(
                item["shape"][1:], item["input"][1:], stride, padding, kernel, strict=True
            )
        ]
        return nn.ConvTranspose2d(
            into, out, tuple(kernel), tuple(stride), tuple(padding), tuple(extra)
        )
    return {name: kind for kind, name in _ACTIVATIONS.items()}[op]()
