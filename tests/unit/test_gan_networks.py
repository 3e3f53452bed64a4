"""The pieces that games are made of, against brute force and separate layers; walks in their output."""

import math
from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from gennb import gan

F64 = torch.float64
seeds = st.integers(0, 2**32 - 1)
IMAGE = (2, 8, 12)


def draws(seed, *shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=F64)


# Layers


@settings(max_examples=40, deadline=None)
@given(seeds, st.integers(1, 5), st.integers(1, 4), st.integers(1, 5))
def test_maxout_is_the_largest_of_its_pieces(seed, n_in, n_out, pieces):
    torch.manual_seed(seed)
    layer = gan.Maxout(n_in, n_out, pieces).double()
    x = draws(seed, 2, 3, n_in)
    out = layer(x)
    assert out.shape == (2, 3, n_out)
    weight, bias = layer.linear.weight.detach(), layer.linear.bias.detach()
    for unit in range(n_out):
        rows = range(unit * pieces, (unit + 1) * pieces)
        best = [max(float(x[i, j] @ weight[r] + bias[r]) for r in rows) for i, j in PLACES]
        torch.testing.assert_close(out[..., unit].flatten(), torch.tensor(best, dtype=F64))


PLACES = [(i, j) for i in range(2) for j in range(3)]


def test_maxout_is_convex_in_its_input():
    torch.manual_seed(0)
    layer = gan.Maxout(3, 5, 4).double()
    a, b = draws(1, 2, 50, 3)
    assert (layer((a + b) / 2) <= (layer(a) + layer(b)) / 2 + 1e-12).all()


def test_parallel_linear_is_separate_layers_that_start_as_they_do():
    torch.manual_seed(0)
    layer = gan.ParallelLinear(4, 3, 2)
    x = torch.randn(7, 4, 3)
    for i in range(4):
        single = nn.Linear(3, 2)
        single.load_state_dict({"weight": layer.weight[i].T, "bias": layer.bias[i, 0]})
        torch.testing.assert_close(layer(x)[:, i], single(x[:, i]))
    wide = gan.ParallelLinear(200, 16, 8)
    for values in (wide.weight, wide.bias):  # uniform on ±1/√16
        assert values.abs().max() <= 0.25
        assert values.var().item() == pytest.approx(0.25**2 / 3, rel=0.1)


def test_copies_of_a_parallel_network_never_meet():
    network = gan.mlp((3, 8, 1), nn.Tanh, copies=5)
    x = torch.randn(6, 5, 3, requires_grad=True)
    network(x)[:, 2].sum().backward()
    reached = x.grad.abs().sum((0, 2)) > 0
    assert reached.tolist() == [False, False, True, False, False]
    for parameter in network.parameters():
        assert (parameter.grad.flatten(1).abs().sum(1) > 0).tolist() == reached.tolist()


def test_packed_joins_neighbors_and_leaves_out_the_rest():
    x = torch.arange(14.0).reshape(7, 2)
    pack = gan.Packed(nn.Identity(), 3)
    assert pack(x).tolist() == [list(range(6)), list(range(6, 12))]
    copies = torch.stack([x, -x], 1)
    joined = pack(copies)
    assert joined.shape == (2, 2, 6)
    torch.testing.assert_close(joined[:, 0], pack(x))
    torch.testing.assert_close(joined[:, 1], -pack(x))


# Networks


def test_mlp_is_its_layers():
    network = gan.mlp((3, 5, 4, 2), nn.Tanh)
    linear = [m for m in network if isinstance(m, nn.Linear)]
    x = torch.randn(6, 3)
    h = linear[1](linear[0](x).tanh()).tanh()
    torch.testing.assert_close(network(x), linear[2](h))
    assert len(network) == 5  # no activation after the last


@pytest.mark.parametrize("batch_norm", [True, False])
def test_mlp_generator_makes_images(batch_norm):
    network = gan.mlp_generator(7, IMAGE, (11, 13), batch_norm=batch_norm)
    images = network(torch.randn(5, 7))
    assert images.shape == (5, *IMAGE)
    assert images.amin() > 0
    assert images.amax() < 1
    widths = [m.out_features for m in network if isinstance(m, nn.Linear)]
    assert widths == [11, 13, math.prod(IMAGE)]
    assert any(isinstance(m, nn.BatchNorm1d) for m in network) == batch_norm


def test_mlp_discriminator_is_the_one_of_2014_if_asked():
    network = gan.mlp_discriminator((1, 28, 28), (240, 240), pieces=5, dropout=(0.2, 0.5))
    kinds = [type(m).__name__ for m in network]
    one = ["Dropout", "Maxout"]
    assert kinds == ["Flatten", *one, *one, "Dropout", "Linear"]
    assert [m.p for m in network if isinstance(m, nn.Dropout)] == [0.2, 0.5, 0.5]
    sizes = [tuple(m.linear.weight.shape) for m in network if isinstance(m, gan.Maxout)]
    assert sizes == [(1200, 784), (1200, 240)]
    x = torch.rand(4, 1, 28, 28)
    assert network(x).shape == (4, 1)
    assert not torch.equal(network(x), network(x))
    network.eval()
    assert torch.equal(network(x), network(x))


def test_plain_mlp_discriminator_is_leaky_and_drops_nothing():
    network = gan.mlp_discriminator(IMAGE, (9, 4))
    kinds = [type(m).__name__ for m in network]
    assert kinds == ["Flatten", "Linear", "LeakyReLU", "Linear", "LeakyReLU", "Linear"]
    assert network(torch.rand(3, *IMAGE)).shape == (3, 1)


@pytest.mark.parametrize("channels", [(6,), (6, 4)])
def test_convolutional_pair_doubles_and_halves_the_sides(channels):
    generator = gan.conv_generator(5, IMAGE, channels)
    images = generator(torch.randn(3, 5))
    assert images.shape == (3, *IMAGE)
    assert images.amin() > 0
    assert images.amax() < 1
    discriminator = gan.conv_discriminator(IMAGE, channels[::-1])
    assert discriminator(images).shape == (3, 1)
    sizes, hooks = [], []
    for layer in discriminator:
        if isinstance(layer, nn.Conv2d):
            hook = layer.register_forward_hook(lambda _, __, out: sizes.append(out.shape[-2:]))
            hooks.append(hook)
    discriminator(images)
    for before, after in pairwise([IMAGE[1:], *sizes]):
        assert tuple(after) == (before[0] // 2, before[1] // 2)


def test_convolutional_discriminator_judges_each_image_alone():
    discriminator = gan.conv_discriminator(IMAGE)
    x = torch.rand(4, *IMAGE)
    torch.testing.assert_close(discriminator(x)[:1], discriminator(x[:1]))


# Walks


def test_interpolate_goes_straight_from_end_to_end():
    start, end = draws(0, 3, 4), draws(1, 3, 4)
    path = gan.interpolate(start, end, 6)
    assert path.shape == (6, 3, 4)
    assert torch.equal(path[0], start)
    assert torch.equal(path[-1], end)
    for i in range(6):
        torch.testing.assert_close(path[i], start + i / 5 * (end - start))


# Bad input


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: gan.ParallelLinear(0, 2, 2), "copies"),
        (lambda: gan.ParallelLinear(2, 3, 1)(torch.zeros(4, 3)), "x: expected axes"),
        (lambda: gan.ParallelLinear(2, 3, 1)(torch.zeros(4, 3, 2)), r"expected shape \(N, 2, 3\)"),
        (lambda: gan.Maxout(2, 3, 0), "pieces"),
        (lambda: gan.Packed(nn.Identity(), 3)(torch.zeros(2, 2)), "at least 3 examples"),
        (lambda: gan.Packed(nn.Identity(), 0), "size"),
        (lambda: gan.Packed("D", 2), "discriminator"),
        (lambda: gan.mlp((3,)), "sizes"),
        (lambda: gan.mlp((3, 0)), "sizes"),
        (lambda: gan.mlp((3, 2), nn.Tanh()), "activation"),
        (lambda: gan.mlp((3, 2), copies=0), "copies"),
        (lambda: gan.mlp_generator(3, (8, 8)), "image_shape"),
        (lambda: gan.mlp_generator(3, IMAGE, (4, 0)), "hidden"),
        (lambda: gan.mlp_generator(3, IMAGE, 4), "hidden"),
        (lambda: gan.mlp_discriminator(IMAGE, (4, -1)), "hidden"),
        (lambda: gan.mlp_discriminator(IMAGE, dropout=(0.2, 1.0)), "dropout"),
        (lambda: gan.mlp_discriminator(IMAGE, dropout=(0.2,)), "dropout"),
        (lambda: gan.mlp_discriminator(IMAGE, pieces=0), "pieces"),
        (lambda: gan.conv_generator(3, (1, 6, 8), ()), "channels: expected at least one layer"),
        (lambda: gan.conv_discriminator(IMAGE, ()), "channels"),
        (lambda: gan.interpolate(torch.zeros(2), torch.zeros(3), 4), "end"),
        (lambda: gan.interpolate(torch.zeros(2), torch.zeros(2), 1), "steps"),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises((TypeError, ValueError), match=words):
        call()
