"""The explorables of the Boltzmann machines: the numbers that they show, and what they refuse."""

from __future__ import annotations

import pytest
import torch

from gennb.boltzmann import RBM, BoltzmannMachine, states
from gennb.evaluate import kl_divergence
from gennb.widgets import ContrastiveSteps, DigitChain, FourUnits
from gennb.widgets.boltzmann.restricted import unpack_machine


def test_four_units_have_the_machines_distribution() -> None:
    shown = FourUnits(temperature=1.7)
    ways = torch.combinations(torch.arange(4), 2)
    W = torch.zeros(4, 4)
    W[ways[:, 0], ways[:, 1]] = torch.tensor(shown.strengths[:6])
    machine = BoltzmannMachine.from_weights(W + W.mT, torch.tensor(shown.strengths[6:]), 4)
    expected = machine.distribution(temperature=1.7).tolist()
    assert shown.distribution() == pytest.approx(expected, abs=1e-6)


def test_four_units_refuse_nonsense() -> None:
    with pytest.raises(ValueError, match="strengths: expected 10 numbers"):
        FourUnits([1.0])
    with pytest.raises(ValueError, match="chosen: expected one of"):
        FourUnits(chosen="AE")
    with pytest.raises((TypeError, ValueError), match="temperature"):
        FourUnits(temperature=0.0)


def small_machine() -> RBM:
    torch.manual_seed(0)
    machine = RBM(6, 3).double()
    for parameter in machine.parameters():
        torch.nn.init.normal_(parameter)
    return machine


@torch.no_grad()
def test_contrastive_steps_have_the_machines_distribution() -> None:
    machine, shown = small_machine(), ContrastiveSteps(share=0.7)
    parts = machine.W, machine.b, machine.c
    q = machine.log_prob(states(6).double()).exp()
    assert shown.distribution(*parts) == pytest.approx(q.tolist(), abs=1e-9)
    p = torch.tensor(shown.data(), dtype=torch.float64)
    assert shown.divergence(*parts) == pytest.approx(float(kl_divergence(p, q)), abs=1e-9)


def test_contrastive_steps_know_their_data() -> None:
    p = ContrastiveSteps(share=0.7).data()
    assert sum(p) == pytest.approx(1)
    assert p[0b111000] == pytest.approx(0.7 * 0.97**6 + 0.3 * 0.03**6, abs=1e-12)
    assert p[0b000110] == pytest.approx(0.3 * 0.97**5 * 0.03 + 0.7 * 0.03**5 * 0.97)


def test_contrastive_steps_refuse_nonsense() -> None:
    with pytest.raises(ValueError, match="rule: expected one of CD-1, CD-5, chains go on"):
        ContrastiveSteps("CD-2")
    with pytest.raises(ValueError, match="rate: expected a number in"):
        ContrastiveSteps(rate=0.0)
    with pytest.raises(ValueError, match="share: expected a number in"):
        ContrastiveSteps(share=1.0)
    with pytest.raises(TypeError, match="speed: expected a number, got str"):
        ContrastiveSteps(speed="fast")
    W, b, c = torch.zeros(3, 6), torch.zeros(6), torch.zeros(3)
    with pytest.raises(ValueError, match=r"W: expected shape \(6, 3\), got \(3, 6\)"):
        ContrastiveSteps().distribution(W, b, c)


@pytest.fixture
def rbm() -> RBM:
    torch.manual_seed(0)
    machine = RBM(16, 5)
    torch.nn.init.normal_(machine.W)
    torch.nn.init.normal_(machine.b)
    torch.nn.init.normal_(machine.c)
    return machine


def pictures(n: int = 3) -> torch.Tensor:
    return (torch.arange(n * 16).reshape(n, 1, 4, 4) % 3 == 0).float()


def test_digit_chain_packs_its_machine_closely(rbm: RBM) -> None:
    shown = DigitChain(rbm, pictures(), image_shape=(1, 4, 4))
    W, b, c = unpack_machine(shown.network, shown.weights, shown.bias)
    step = rbm.W.abs().amax(0) / 127
    assert ((W - rbm.W).abs() <= step / 2 + 1e-6).all()
    assert torch.equal(b, rbm.b)
    assert torch.equal(c, rbm.c)
    v = pictures(10).flatten(1)
    moved = v @ (W - rbm.W)
    assert (moved.abs() <= v.sum(1, keepdim=True) * step / 2 + 1e-5).all()
    packed = RBM(16, 5)
    packed.load_state_dict({"W": W, "b": b, "c": c})
    assert ((packed.free_energy(v) - rbm.free_energy(v)).abs() <= moved.abs().sum(1) + 1e-4).all()


def test_digit_chain_opens_with_its_first_picture(rbm: RBM) -> None:
    x = pictures()
    for starts in (x, x.flatten(1)):
        shown = DigitChain(rbm, starts, image_shape=(1, 4, 4))
        assert torch.equal(shown.picture(), x[0, 0])
        assert shown.drawing == shown.starts[0] == [0b1001, 0b0010, 0b0100, 0b1001]


def test_digit_chain_leaves_the_dice_alone(rbm: RBM) -> None:
    torch.manual_seed(3)
    expected = torch.rand(3)
    torch.manual_seed(3)
    DigitChain(rbm, pictures(), image_shape=(1, 4, 4))
    assert torch.equal(torch.rand(3), expected)


def test_digit_chain_refuses_nonsense(rbm: RBM) -> None:
    x, shape = pictures(), (1, 4, 4)
    with pytest.raises(TypeError, match=r"rbm: expected a gennb\.boltzmann\.RBM.*got Linear"):
        DigitChain(torch.nn.Linear(16, 5), x, image_shape=shape)
    with pytest.raises(ValueError, match=r"rbm: expected 784 visible units.*got 16.*image_shape="):
        DigitChain(rbm, x)
    with pytest.raises(ValueError, match="rbm: expected at most 1000 hidden units, got 1001"):
        DigitChain(RBM(16, 1001), x, image_shape=shape)
    with pytest.raises(ValueError, match=r"image_shape: expected \(1, height, width\)"):
        DigitChain(rbm, x, image_shape=(1, 4, 40))
    with pytest.raises(ValueError, match="starts: expected at most 10 pictures, got 11"):
        DigitChain(rbm, pictures(11), image_shape=shape)
    with pytest.raises(ValueError, match="starts: expected zeros and ones"):
        DigitChain(rbm, x * 0.5, image_shape=shape)
    with pytest.raises(ValueError, match=r"starts: expected shape \(n, 16\) or \(n, 1, 4, 4\)"):
        DigitChain(rbm, x[:, 0], image_shape=shape)
    with pytest.raises(ValueError, match="unit: expected at most 5"):
        DigitChain(rbm, x, image_shape=shape, unit=6)
    with pytest.raises(ValueError, match="temperature: expected a number in"):
        DigitChain(rbm, x, image_shape=shape, temperature=0.0)
    with torch.no_grad():
        rbm.W[3, 2] = torch.nan
    with pytest.raises(ValueError, match=r"rbm\.W: expected finite values"):
        DigitChain(rbm, x, image_shape=shape)
