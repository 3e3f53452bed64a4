"""Backpropagation against automatic differentiation and finite precision."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from gennb import backprop
from gennb.backprop import MLP, Rounded, Value

SEEDS = st.integers(0, 2**31 - 1)


def generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


# One scalar at a time

ONE: list[tuple[Callable[[Any], Any], Callable[[Tensor], Tensor]]] = [
    (lambda x: x.tanh(), torch.tanh),
    (lambda x: x.sigmoid(), torch.sigmoid),
    (lambda x: x.relu(), torch.relu),
    (lambda x: (0.1 * x).exp(), lambda x: (0.1 * x).exp()),
    (lambda x: (x * x + 1).log(), lambda x: (x * x + 1).log()),
    (lambda x: x**2, lambda x: x**2),
    (lambda x: -x, lambda x: -x),
    (lambda x: 2 - x, lambda x: 2 - x),
    (lambda x: 1 / (x**2 + 1), lambda x: 1 / (x**2 + 1)),
]
TWO = [
    lambda x, y: x + y,
    lambda x, y: x - y,
    lambda x, y: x * y,
    lambda x, y: x / (y * y + 1),
]


def grown(seed: int, leaves: list[Any], which: int, steps: int) -> Any:
    """A random expression: each step takes numbers that are there, often the same twice, and makes a new one."""
    g = generator(seed)
    there = list(leaves)
    for _ in range(steps):
        kind, i, j, k = torch.randint(0, 2**31, (4,), generator=g).tolist()
        x, y = there[i % len(there)], there[j % len(there)]
        if kind % 3:
            there.append(TWO[k % len(TWO)](x, y))
        else:
            there.append(ONE[k % len(ONE)][which](x))
        size = there[-1].data if which == 0 else there[-1].item()
        if abs(size) > 100:
            there[-1] = there[-1].tanh()
    return sum(there[1:], there[0])


@settings(deadline=None)
@given(SEEDS, st.integers(1, 25), st.integers(1, 2))
def test_random_expressions_have_the_slopes_of_autograd(seed: int, steps: int, times: int) -> None:
    """Also when numbers are shared, and when the sweep is made twice."""
    numbers = torch.randn(3, generator=generator(seed)).double().tolist()
    ours = [Value(x) for x in numbers]
    theirs = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in numbers]
    y, z = grown(seed, ours, 0, steps), grown(seed, theirs, 1, steps)
    for _ in range(times):
        y.backward()
        z.backward(retain_graph=True)
    assert y.data == pytest.approx(z.item(), rel=1e-10, abs=1e-10)
    for x, t in zip(ours, theirs, strict=True):
        assert x.grad == pytest.approx(float(t.grad), rel=1e-10, abs=1e-10)


def test_a_long_chain_needs_no_deep_stack() -> None:
    x = Value(1.0)
    y = x
    for _ in range(50_000):
        y = y + 0.0
    y.backward()
    assert x.grad == 1


def test_numbers_on_the_way_have_slopes_too() -> None:
    x = Value(3.0)
    u = x * x
    y = u + u * x  # x² + x³
    y.backward()
    assert (u.grad, x.grad, y.grad) == (4.0, 33.0, 1.0)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: Value(-1.0).log(), "above zero"),
        (lambda: Value(0.0) ** -1, "expected one that 0 has"),
        (lambda: Value(-2.0) ** 0.5, "expected one that -2 has"),
        (lambda: Value(1.0) / 0.0, "other than zero"),
        (lambda: Value(100.0).exp(), "at most 88"),
        (lambda: Value(math.nan), "finite"),
    ],
)
def test_what_has_no_value_is_refused(wrong: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        wrong()


# Linnainmaa


@settings(deadline=None)
@given(SEEDS, st.integers(1, 25))
def test_roundings_add_up_as_their_slopes_say(seed: int, steps: int) -> None:
    """To the first order: what is left is far smaller than the roundings themselves."""
    numbers = torch.randn(3, generator=generator(seed)).double().tolist()
    exact = grown(seed, [Value(x) for x in numbers], 0, steps)
    single = grown(seed, [Rounded(x) for x in numbers], 0, steps)
    error, predicted = single.data - exact.data, backprop.accumulated_rounding_error(single)
    scale = sum(
        abs(slope * value.rounding)
        for value, slope in single.adjoints()
        if isinstance(value, Rounded)
    )
    assert abs(error - predicted) <= 1e-3 * scale + 1e-12


def test_a_rounded_number_is_one_of_single_precision() -> None:
    x = Rounded(0.1)
    assert x.data == float(torch.tensor(0.1))
    assert x.rounding == x.data - 0.1
    total = x + x + x
    assert total.data == float(torch.tensor(0.1) + torch.tensor(0.1) + torch.tensor(0.1))


# Layers


@settings(deadline=None, max_examples=40)
@given(
    SEEDS,
    st.lists(st.integers(1, 6), min_size=2, max_size=5),
    st.sampled_from(backprop.mlp.ACTIVATIONS),
    st.sampled_from(["squared", "cross-entropy"]),
)
def test_layers_have_the_slopes_of_autograd(
    seed: int, sizes: list[int], hidden: str, loss: str
) -> None:
    g = generator(seed)
    net = MLP(sizes, hidden, generator=g)
    net.W = [W.double().requires_grad_() for W in net.W]
    net.b = [torch.randn(n, generator=g).double().requires_grad_() for n in sizes[1:]]
    x = torch.randn(5, sizes[0], generator=g).double()
    target = torch.rand(5, sizes[-1], generator=g).double()
    target = target / target.sum(1, keepdim=True) if loss == "cross-entropy" else target
    judge = backprop.squared_error if loss == "squared" else backprop.cross_entropy
    h = net.forward(x)
    losses, error = judge(h[-1], target)
    losses.mean().backward()
    found = net.backward([each.detach() for each in h], error.detach())
    for parameter, ours in zip([*net.W, *net.b], [*found.W, *found.b], strict=True):
        torch.testing.assert_close(ours, parameter.grad, rtol=1e-10, atol=1e-10)


def test_losses_are_pytorchs() -> None:
    g = generator(0)
    y, t = torch.randn(6, 4, generator=g).double(), torch.randn(6, 4, generator=g).double()
    torch.testing.assert_close(
        backprop.squared_error(y, t)[0].sum(), 0.5 * nn.MSELoss(reduction="sum")(y, t)
    )
    p = t.softmax(1)
    torch.testing.assert_close(
        backprop.cross_entropy(y, p)[0], nn.CrossEntropyLoss(reduction="none")(y, p)
    )
    with pytest.raises(ValueError, match="rows with the sum 1"):
        backprop.cross_entropy(y, 0.9 * p)


# Descent


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_descent_is_that_of_torch(momentum: float) -> None:
    start = torch.randn(3, 2, generator=generator(0)).double()
    ours, theirs = start.clone(), start.clone().requires_grad_()
    descent = backprop.Descent(0.1, momentum)
    optimizer = torch.optim.SGD([theirs], lr=0.1, momentum=momentum)
    for _ in range(20):
        descent.step([ours], [ours.cos()])
        optimizer.zero_grad()
        theirs.sin().sum().backward()
        optimizer.step()
    torch.testing.assert_close(ours, theirs.detach())
    with pytest.raises(ValueError, match="of its shape"):
        descent.step([ours], [ours[0]])
