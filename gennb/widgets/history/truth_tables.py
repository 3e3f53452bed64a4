"""Functions of three inputs as tables of eight rows, their names, and those that one McCulloch–Pitts unit computes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from itertools import permutations, product
from operator import eq
from typing import Any

Table = tuple[int, ...]
"""Outputs, 0 or 1, from the row 000 to the row 111, the first input the leading digit."""

ROWS = tuple(product((0, 1), repeat=3))
SYNAPSES = {"+2": 2, "+1": 1, "0": 0, "veto": 0}
"""What the line of an input can do, and how many excitatory synapses that is."""
MOST = 6
"""The highest threshold that synapses can reach."""


def unit_table(lines: Sequence[str], threshold: int) -> Table:
    """Return what a unit with these lines answers to each row."""
    counts = [sum(SYNAPSES[line] * x for line, x in zip(lines, row, strict=True)) for row in ROWS]
    vetoed = ["veto" in (line for line, x in zip(lines, row, strict=True) if x) for row in ROWS]
    return tuple(int(n >= threshold and not v) for n, v in zip(counts, vetoed, strict=True))


def table(function: Callable[[int, int, int], bool]) -> Table:
    """Return what a function answers to each row."""
    return tuple(int(function(*row)) for row in ROWS)


GOALS = {
    "AND": table(lambda a, b, c: a + b + c == 3),
    "OR": table(lambda a, b, c: a + b + c > 0),
    "majority": table(lambda a, b, c: a + b + c > 1),
    "a and not b": table(lambda a, b, c: a > b),
    "not a and not b": table(lambda a, b, c: a + b == 0),
    "exactly one": table(lambda a, b, c: a + b + c == 1),
    "parity": table(lambda a, b, c: (a + b + c) % 2 == 1),
}
NAMED: dict[str, Callable[[int, int, int], bool]] = {
    "the constant 0": lambda x, y, z: False,
    "the constant 1": lambda x, y, z: True,
    "a copy of {0}": lambda x, y, z: x == 1,
    "NOT {0}": lambda x, y, z: x == 0,
    "{0} AND {1}": lambda x, y, z: x + y == 2,
    "{0} OR {1}": lambda x, y, z: x + y > 0,
    "NOR of {0} and {1}": lambda x, y, z: x + y == 0,
    "{0} and not {1}": lambda x, y, z: x > y,
    "AND of all three": lambda x, y, z: x + y + z == 3,
    "OR of all three": lambda x, y, z: x + y + z > 0,
    "NOR of all three": lambda x, y, z: x + y + z == 0,
    "the majority": lambda x, y, z: x + y + z > 1,
}


def common_names() -> dict[str, str]:
    """Return the names of the functions that have one, by their tables written as eight digits."""
    names: dict[str, str] = {}
    for name, function in NAMED.items():
        for i, j, k in permutations(range(3)):
            digits = [str(int(function(row[i], row[j], row[k]))) for row in ROWS]
            names.setdefault("".join(digits), name.format("abc"[i], "abc"[j]))
    return names


@cache
def every_unit() -> frozenset[Table]:
    """Return the tables of all units, whatever their lines and thresholds."""
    lines = product(SYNAPSES, repeat=3)
    return frozenset(unit_table(x, k) for x, k in product(lines, range(MOST + 1)))


def goals() -> list[dict[str, Any]]:
    """Return each goal's name, its outputs, and in how many rows the best of all units agrees with it."""
    return [
        {
            "name": name,
            "outputs": list(goal),
            "best": max(sum(map(eq, unit, goal)) for unit in every_unit()),
        }
        for name, goal in GOALS.items()
    ]
