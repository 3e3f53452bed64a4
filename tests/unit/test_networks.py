"""Where weights begin: what signals and slopes make of them."""

import pytest
import torch
from torch import nn

from gennb import networks


def test_rectified_layers_keep_the_mean_square_of_a_signal():
    torch.manual_seed(0)
    deep = networks.he_normal_(networks.mlp((500,) * 12, nn.ReLU))
    signal = deep(torch.randn(200, 500)).square().mean()
    assert 0.5 < signal < 4  # the last layer, with no unit after it, doubles it
    assert networks.mlp((500,) * 12, nn.ReLU)(torch.randn(200, 500)).var(0).mean() < 1e-3
    assert all((m.bias == 0).all() for m in deep if isinstance(m, nn.Linear))


@pytest.mark.parametrize(("unit", "gain", "middle"), [(nn.Tanh, 1, 0.0), (nn.Sigmoid, 4, 0.5)])
def test_slopes_keep_their_size_where_units_are_steepest(unit, gain, middle):
    torch.manual_seed(0)
    deep = networks.glorot_uniform_(networks.mlp((400,) * 10, unit), gain)
    with torch.no_grad():  # all net inputs zero
        for layer in deep[::2]:
            layer.bias.copy_(-middle * layer.weight.sum(1))
    x = torch.full((50, 400), middle, requires_grad=True)
    back = torch.randn(50, 400)
    (slope,) = torch.autograd.grad(deep(x), x, back)
    assert 0.5 < slope.square().mean() / gain**2 < 2  # no unit follows the last layer


def test_convolutions_and_layers_without_thresholds_are_drawn_too():
    layer = nn.Conv2d(3, 8, 5, bias=False)
    before = layer.weight.detach().clone()
    assert networks.he_normal_(nn.Sequential(layer))[0] is layer
    assert not torch.equal(before, layer.weight)
    networks.glorot_uniform_(layer, 2.0)
    bound = 2 * (6 / (3 * 25 + 8 * 25)) ** 0.5
    assert 0.95 * bound < layer.weight.abs().max() <= bound
