"""The perceptron in the plane: what travels to the page, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from gennb.history import Perceptron, certificate, mistake_bound
from gennb.widgets import PerceptronPlane
from gennb.widgets.history.point_sets import GRID, MOST, PRESETS

X, Y = torch.tensor([[0.5, 0.25], [-0.3, 1.0]]), torch.tensor([1.0, -1.0])


def tensors(preset: str) -> tuple[Tensor, Tensor]:
    x, y = torch.tensor(PRESETS[preset]).double().split([2, 1], 1)
    return x, y.flatten()


def test_presets_are_what_they_are_called() -> None:
    easy, close = (Perceptron(2).fit(*tensors(name)) for name in ("separable", "nearly separable"))
    assert easy.converged
    assert 5 < easy.mistakes < 20
    assert close.converged
    assert close.mistakes > 5 * easy.mistakes
    assert mistake_bound(*tensors("nearly separable")) > 5 * mistake_bound(*tensors("separable"))
    assert certificate(*tensors("XOR")) is not None


def test_presets_lie_on_the_grid() -> None:
    for name in PRESETS:
        x, y = tensors(name)
        assert len(x) <= MOST
        assert ((GRID * x) % 1 == 0).all()
        shown = PerceptronPlane(preset=name).points
        assert shown == torch.column_stack([x, y]).tolist()


def test_own_points_are_moved_to_the_grid() -> None:
    assert PerceptronPlane(X, Y).points == [[0.5, 0.25, 1.0], [-38 / GRID, 1.0, -1.0]]
    torch.manual_seed(0)
    x = 2 * torch.rand(MOST, 2) - 1
    near = torch.tensor(PerceptronPlane(x, torch.ones(MOST)).points)[:, :2]
    assert ((near - x).abs() <= 0.5 / GRID + 1e-7).all()


def test_a_link_may_bring_as_many_points_as_can_be_there() -> None:
    rules = PerceptronPlane(X, Y).linked["points"]["any"]
    assert [len(rule) for rule in rules] == [2, 4, 10]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"x": X}, "y: expected both x, the points, and y"),
        ({"y": Y}, "x: expected both x, the points, and y"),
        ({"x": 2 * X, "y": Y}, "x: expected values in"),
        ({"x": X.T[:1], "y": Y[:1], "preset": "OR"}, "preset: expected one of"),
        ({"x": torch.zeros(2, 3), "y": Y}, "x: expected shape"),
        ({"x": X, "y": torch.ones(3)}, "y: expected shape"),
        ({"x": X, "y": torch.tensor([0.0, 1.0])}, r"y: expected -1 and \+1 alone"),
        ({"x": torch.zeros(13, 2), "y": torch.ones(13)}, "x: expected at most 12 points, got 13"),
        ({"x": [[0.0, 0.0]], "y": Y}, "x: expected a torch.Tensor"),
        ({"speed": 0.5}, "speed: expected a number in"),
    ],
)
def test_it_refuses_nonsense(changes: dict[str, Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        PerceptronPlane(**changes)
