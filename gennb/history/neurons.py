"""McCulloch and Pitts: units that fire or are silent, wired into nets in which every step takes time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from gennb._binary import check_bits, states
from gennb._validate import check_count, check_kind, check_tensor, checked


@checked
def fires(
    x: Float[Tensor, "*batch sources"],
    excitatory: Float[Tensor, "units sources"],
    inhibitory: Float[Tensor, "units sources"],
    threshold: Float[Tensor, " units"],
) -> Float[Tensor, "*batch units"]:
    """Tell which units fire: those that no active source inhibits, and on which enough active ones excite.

    Parameters
    ----------
    x
        1 where a source is active, 0 where it is silent.
    excitatory, inhibitory
        How many synapses of each kind a unit has from a source.
    threshold
        How many excitatory synapses have to be active.

    References
    ----------
    McCulloch and Pitts, A Logical Calculus of the Ideas Immanent in Nervous Activity, 1943. Book: eq-mcculloch-pitts.
    """
    check_bits(x, "x")
    check_tensor(excitatory, "excitatory", low=0.0)
    check_tensor(inhibitory, "inhibitory", low=0.0)
    excited = x @ excitatory.mT >= check_tensor(threshold, "threshold")
    return (excited & (x @ inhibitory.mT == 0)).to(x)


def truth_table(n: int) -> Float[Tensor, "rows n"]:
    """All 2ⁿ rows of inputs, in the order of the numbers that they spell, the first input the leading digit."""
    return states(check_count(n, "n"))


@dataclass(frozen=True)
class Unit:
    """A unit's threshold, and whom it hears: a source that is named twice has two synapses.

    Attributes
    ----------
    threshold
        How many excitatory synapses have to be active.
    excited_by, vetoed_by
        Names of inputs and of units, this one among them if it shall hear itself.
    """

    threshold: int
    excited_by: tuple[str, ...] = ()
    vetoed_by: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_count(self.threshold, "threshold")
        _check_names(self.excited_by, "excited_by")
        _check_names(self.vetoed_by, "vetoed_by")


def _check_names(names: Any, what: str) -> tuple[str, ...]:
    """Return ``names`` if it is a tuple of texts; a text alone would fall into letters."""
    if not isinstance(names, tuple) or not all(isinstance(name, str) for name in names):
        raise TypeError(f'{what}: expected a tuple of names such as ("a", "b"), got {names!r:.60}.')
    return names


class McCullochPitts(nn.Module):
    """A net of units that all take one step of time to answer; loops are allowed, and hold what was.

    Parameters
    ----------
    inputs
        Names of the net's inputs.
    units
        Names of its units, and what each of them is.

    Attributes
    ----------
    excitatory, inhibitory
        (units, inputs + units): numbers of synapses.
    threshold
        (units,).

    References
    ----------
    McCulloch and Pitts, 1943; Minsky, Computation: Finite and Infinite Machines, 1967, chapter 3. Book:
    eq-mcculloch-pitts.

    Examples
    --------
    >>> gate = McCullochPitts(("a", "b"), {"a and not b": Unit(1, ("a",), vetoed_by=("b",))})
    >>> gate.run(truth_table(2)[:, None])[:, 0, 0]
    tensor([0., 0., 1., 0.])
    """

    excitatory: Tensor
    inhibitory: Tensor
    threshold: Tensor

    def __init__(self, inputs: tuple[str, ...], units: Mapping[str, Unit]) -> None:
        super().__init__()
        self.inputs = _check_names(inputs, "inputs")
        self.units = _check_names(tuple(check_kind(units, "units", Mapping)), "units")
        names = [*self.inputs, *self.units]
        if not units or len(set(names)) < len(names):
            raise ValueError(
                f"units: expected at least one unit, and a name of its own for each input and unit; got {names}."
            )
        for name, unit in units.items():
            check_kind(unit, f"units[{name!r}]", Unit)
            for source in (*unit.excited_by, *unit.vetoed_by):
                if source not in names:
                    raise ValueError(
                        f"units[{name!r}]: expected names among {names}, got {source!r}."
                    )

        def synapses(kind: str) -> Tensor:
            heard = [getattr(unit, kind) for unit in units.values()]
            return torch.tensor([[float(h.count(source)) for source in names] for h in heard])

        self.register_buffer("excitatory", synapses("excited_by"))
        self.register_buffer("inhibitory", synapses("vetoed_by"))
        thresholds = [float(unit.threshold) for unit in units.values()]
        self.register_buffer("threshold", torch.tensor(thresholds))

    @checked
    def run(self, x: Float[Tensor, "batch time inputs"]) -> Float[Tensor, "batch time units"]:
        """Return which units fire one step after each input; at first all are silent."""
        check_bits(check_tensor(x, "x", shape=("batch", "time", len(self.inputs))), "x")
        s, past = x.new_zeros(len(x), len(self.units)), []
        for now in x.unbind(1):
            s = fires(torch.cat([now, s], 1), self.excitatory, self.inhibitory, self.threshold)
            past.append(s)
        return torch.stack(past, 1)


@checked
def net_of_table(outputs: Float[Tensor, " rows"]) -> McCullochPitts:
    """Wire a net of two layers that computes a Boolean function; the last unit, "out", answers after two steps.

    One unit for each row of the truth table where the function is 1 fires at that row alone, and "out" fires if any of
    them did. The input "always" is to be 1: without it no unit answers to silence, as the 1943 paper notes of its nets.

    Parameters
    ----------
    outputs
        The function's values, 0 or 1, at the rows of `truth_table`.

    References
    ----------
    Book: thm-two-layers.
    """
    check_bits(outputs, "outputs")
    n = len(outputs).bit_length() - 1
    if len(outputs) != 2**n or n < 1:
        raise ValueError(
            f"outputs: expected a value for each of the 2, 4, 8, ... rows of a truth table, got {len(outputs)}."
        )
    names = [f"x{i + 1}" for i in range(n)]
    units = {}
    for row in truth_table(n)[outputs.cpu() == 1].tolist():
        on = tuple(name for name, x in zip(names, row, strict=True) if x)
        off = tuple(name for name in names if name not in on)
        units["".join(str(int(x)) for x in row)] = Unit(len(on) + 1, (*on, "always"), off)
    return McCullochPitts((*names, "always"), units | {"out": Unit(1, tuple(units))})
