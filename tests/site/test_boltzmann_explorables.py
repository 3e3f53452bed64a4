"""What the explorables of the Boltzmann machines compute, against torch."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from playwright.sync_api import Locator

from gennb.boltzmann import BoltzmannMachine
from gennb.widgets import FourUnits

SWEEPS = """async ([strengths, temperature, uniforms]) => {
    const { sweep, distribution } = await import("./boltzmann/four_units.js");
    const s = [0, 1, 0, 1], seen = [];
    let i = 0;
    for (let n = 0; n < uniforms.length / 4; n++) {
        sweep(s, strengths, temperature, () => uniforms[i++]);
        seen.push([...s]);
    }
    return [seen, distribution(strengths, temperature)];
}"""


@pytest.mark.parametrize("temperature", [1.0, 2.5])
def test_four_units_sweep_as_torch_does(
    open_bench: Callable[..., Locator], temperature: float
) -> None:
    strengths = FourUnits.example().strengths
    ways = torch.combinations(torch.arange(4), 2)
    W = torch.zeros(4, 4, dtype=torch.float64)
    W[ways[:, 0], ways[:, 1]] = torch.tensor(strengths[:6], dtype=torch.float64)
    b = torch.tensor(strengths[6:], dtype=torch.float64)
    machine = BoltzmannMachine.from_weights(W + W.mT, b, 4)
    uniforms = torch.rand(200, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)

    page = open_bench("FourUnits").page
    seen, p = page.evaluate(SWEEPS, [strengths, temperature, uniforms.flatten().tolist()])
    assert p == pytest.approx(machine.distribution(temperature=temperature).tolist(), abs=1e-12)
    s, generator = torch.tensor([[0.0, 1, 0, 1]]).double(), torch.Generator().manual_seed(0)
    for state in seen:
        s = machine.gibbs(s, temperature=temperature, generator=generator)
        assert s[0].tolist() == state
