"""The memory of letters: what travels to the page, what its texts claim, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from gennb.history import Hopfield
from gennb.widgets import MemoryCanvas
from gennb.widgets.history.letters import NAMES, letters
from gennb.widgets.history.memories import flipped


def canvas(**changes: Any) -> MemoryCanvas:
    return MemoryCanvas(**{"patterns": letters(), "names": NAMES, "stored": 3} | changes)


def memory(patterns: Tensor) -> Hopfield:
    model = Hopfield(patterns.shape[1]).double()
    model.store(patterns.double())
    return model


def test_the_first_state_is_a_pattern_with_a_share_of_its_units_flipped() -> None:
    shown = canvas(start=4, noise=0.25)
    assert int((shown.state() != letters()[4]).sum()) == 36
    expected = letters()[:3].flatten(1) @ shown.state().flatten() / 144
    assert shown.overlaps() == pytest.approx(expected.tolist())
    assert torch.equal(canvas(start=1, noise=0.0).state(), letters()[1])
    assert torch.equal(canvas(noise=1.0).state(), -letters()[0])


def test_flips_undo_themselves() -> None:
    x = (letters()[2] > 0).float()
    once = flipped(x, 0.3)
    assert int((once != x).sum()) == 43
    assert torch.equal(flipped(once, 0.3), x)


def test_names_are_numbers_where_there_are_none() -> None:
    shown = canvas(names=None, stored=None)
    assert shown.names == [str(i) for i in range(1, 9)]
    assert shown.stored == shown.limits["stored"][1] == 8


def test_few_letters_lie_in_valleys_and_their_negatives_as_deep() -> None:
    """As the caption says of few and unlike patterns."""
    xi = letters()[:3].flatten(1).double()
    model = memory(xi)
    for states in (xi, -xi):
        assert torch.equal(model.recall(states).states, states)
    assert torch.allclose(model.energy(xi), model.energy(-xi))
    generator, back = torch.Generator().manual_seed(0), 0
    for _ in range(20):
        noisy = torch.where(torch.rand(xi.shape, generator=generator) < 0.15, -xi, xi)
        back += int((model.recall(noisy, generator=generator).states == xi).all(1).sum())
    assert back >= 55  # of 60


def test_all_letters_run_together() -> None:
    """As the hint and the caption say: one of the eight is left."""
    xi = letters().flatten(1).double()
    ends = memory(xi).recall(xi, sweeps=50).states
    left = [name for name, kept in zip(NAMES, (ends == xi).all(1), strict=True) if kept]
    assert left == ["E"]
    matches = (ends @ xi.mT / 144).abs() == 1
    assert int(matches.any(1).sum()) == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"patterns": "letters"}, "patterns: expected a torch.Tensor"),
        ({"patterns": letters().flatten(1)}, "patterns: expected shape"),
        ({"patterns": (letters() + 1) / 2}, r"patterns: expected -1 and \+1 alone.*2 \* patterns"),
        ({"patterns": letters()[:, :1]}, "patterns: expected 2 to 32 rows and columns, got 1 by"),
        ({"patterns": torch.ones(1, 33, 4)}, "patterns: expected 2 to 32 rows and columns"),
        ({"patterns": letters().repeat(2, 1, 1)}, "patterns: expected at most 10 pictures, got 16"),
        ({"names": "HOPFIELD"}, "names: expected an instance of list or tuple"),
        ({"names": [*"HOPFIELD"][:7]}, "names: expected 8 different names"),
        ({"names": [*"HOPFIELL"]}, "names: expected 8 different names"),
        ({"names": [*"HOPFIEL", "the letter D"]}, "names: expected 8 different names"),
        ({"names": [1, *"OPFIELD"]}, "names: expected an instance of str"),
        ({"stored": 0}, "stored: expected at least 1"),
        ({"stored": 9}, "stored: expected at most 8"),
        ({"start": 8}, "start: expected an index below 8"),
        ({"noise": 1.1}, "noise: expected a number in"),
        ({"together": "yes"}, "together"),
    ],
)
def test_it_refuses_nonsense(changes: dict[str, Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        canvas(**changes)
