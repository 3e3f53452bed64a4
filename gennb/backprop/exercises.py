"""Keys of the exercises of the part on backpropagation."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from gennb.exercises import key

from .value import Rounded


@key(
    "ex-bends",
    tolerance=0,
    hint="How often does one unit bend? And what does the second layer see while the first is silent?",
)
def bends() -> list[int]:
    """The most pieces that random networks of either kind show on a fine grid."""
    generator = torch.Generator().manual_seed(0)
    x = torch.linspace(-1, 1, 4001, dtype=torch.float64)

    def pieces(y: Tensor) -> int:
        changes = (y.diff().diff().abs() > 1e-9).nonzero().flatten().tolist()
        starts = [i for i, j in zip(changes, [-9, *changes], strict=False) if i - j > 1]
        return 1 + len(starts)

    wide, deep = [0], [0]
    for _ in range(400):
        w, t, v = torch.randn(3, 5, generator=generator, dtype=torch.float64)
        wide.append(pieces((x[:, None] * w + 0.5 * t).relu() @ v))
        a, b, c, d = torch.randn(4, generator=generator, dtype=torch.float64).tolist()
        deep.append(pieces((c * (a * x + b).relu() + d).relu()))
    return [max(wide), max(deep)]


@key(
    "ex-regions",
    tolerance=0,
    hint="How many regions does the n-th line pass through?",
)
def regions() -> int:
    """Sign patterns of ten lines, at and around all points where two of them meet."""
    generator = torch.Generator().manual_seed(1)
    w = torch.randn(10, 2, generator=generator, dtype=torch.float64)
    t = 0.1 * torch.randn(10, generator=generator, dtype=torch.float64)
    patterns = set()
    for i, j in itertools.combinations(range(10), 2):
        meeting = torch.linalg.solve(w[[i, j]], -t[[i, j]])
        for turn in torch.arange(0, 6.3, 0.01):
            near = meeting + 1e-7 * torch.stack([turn.cos(), turn.sin()]).double()
            patterns.add(tuple((w @ near + t > 0).tolist()))
    return len(patterns)


def _odd(build: Callable[[int], Any]) -> Tensor:
    found = []
    for n in (1, 2, 3, 6):
        bits = torch.tensor(list(itertools.product((0.0, 1.0), repeat=n)), dtype=torch.float64)
        W1, b1, W2, b2 = (torch.as_tensor(each).double() for each in build(n))
        if len(W1) > n:
            raise ValueError(f"expected at most {n} hidden units, got {len(W1)}.")
        found.append(((bits @ W1.mT + b1).relu() @ W2.mT + b2).flatten())
    return torch.cat(found)


@key(
    "ex-threshold-net",
    measured=_odd,
    hint="Draw the parity as a curve over the number of ones, and read off the changes of slope.",
)
def parity() -> Tensor:
    """The parity, bit by bit."""
    rows = [bits for n in (1, 2, 3, 6) for bits in itertools.product((0, 1), repeat=n)]
    return torch.tensor([sum(bits) % 2 for bits in rows], dtype=torch.float64)


@key(
    "ex-tanh-swap",
    tolerance=1e-3,
    hint="Solve tanh a = 2 σ(2a) − 1 for σ.",
)
def tanh_swap() -> Tensor:
    """The line through the log-odds of the network's output."""
    x = torch.linspace(-2, 8, 50, dtype=torch.float64)
    y = 0.5 + 0.5 * ((x - 3) / 2).tanh()
    columns = torch.stack([x, torch.ones_like(x)], 1)
    line: Tensor = torch.linalg.lstsq(columns, torch.logit(y)[:, None]).solution
    return line.flatten()


@key(
    "ex-two-ways",
    tolerance=1e-3,
    hint="Both products use their number twice.",
)
def two_ways() -> Tensor:
    """By automatic differentiation."""
    x = torch.tensor(3.0, requires_grad=True)
    y = x * x
    return torch.stack(torch.autograd.grad(y * y, (y, x)))


@key(
    "ex-delta-by-hand",
    tolerance=1e-3,
    hint="Net input, activity, output, error; then backwards through the weight 3 and the slope of the logistic unit.",
)
def delta_by_hand() -> Tensor:
    """By automatic differentiation."""
    w = torch.tensor(0.5, requires_grad=True)
    v = torch.tensor(3.0, requires_grad=True)
    loss = 0.5 * (v * torch.sigmoid(2 * w - 1) - 1) ** 2
    return torch.stack(torch.autograd.grad(loss, (v, w)))


_PAIRS = [((2.0, 1.0), (3.0, 0.0)), ((-1.5, 0.5), (4.0, -2.0)), ((0.0, 1.0), (0.0, 1.0))]


def _multiplied(product: Callable[[Any, Any], Any]) -> Tensor:
    return torch.tensor([[float(n) for n in product(u, v)] for u, v in _PAIRS])


@key(
    "ex-forward-mode",
    measured=_multiplied,
    hint="The slope of a product is the slope of the first times the second, and the other way round.",
)
def forward_mode() -> Tensor:
    """Products, and their slopes by a difference in double precision."""
    found, step = [], 1e-6
    for (u, du), (v, dv) in _PAIRS:
        ahead, behind = ((u + s * step * du) * (v + s * step * dv) for s in (1, -1))
        found.append([u * v, (ahead - behind) / (2 * step)])
    return torch.tensor(found)


@key(
    "ex-cancellation",
    tolerance=1e-9,
    hint="Print value.rounding of every number in y.past(). Which of them are not whole?",
)
def cancellation() -> float:
    """The largest share of one step in the error."""
    x = Rounded(1000.0)
    y = (x + 1) ** 2 - x * x - 2 * x
    return max(abs(slope * v.rounding) for v, slope in y.adjoints() if isinstance(v, Rounded))
