"""The judge of a reader's answers; the keys stand with each part of the book, in its module ``exercises``.

A key is a small function that computes the truth when it is asked for. It is found by the name of its exercise::

    @key("ex-fair-coins", tolerance=0.5, unit="nats", hint="…")
    def fair_coins() -> float: ...

    gennb.check("ex-fair-coins", answer)

A wrong answer is compared with what the usual slips make of the truth. The truth itself is never printed.
"""

from __future__ import annotations

import difflib
import inspect
import math
import re
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import combinations
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from gennb._validate import check_kind, check_number

Truth = Callable[..., Any]

_KEYS: dict[str, Key] = {}
WIDTH = 74  # of what is printed, for a column of text
_SLIP = 5e-3
"""An answer within this share of what a slip makes of the truth is taken for that slip."""


@dataclass(frozen=True)
class Key:
    """How an exercise is judged.

    Attributes
    ----------
    truth
        Computes what is asked for: a number, a tensor or a nested list of them. Its keyword arguments are what the
        page has computed.
    tolerance
        Largest absolute difference, in units of the truth, that still counts as right; zero for what is counted.
    factor
        Where the size of a positive number is asked for: the largest factor, above one, by which the answer may be
        too large or too small. It takes the place of the tolerance.
    unit
        Of the truth; with "nats" or "bits" the other one is recognized.
    terms
        Numbers of terms in the sum (or mean) that the truth is; a mean in place of the sum is recognized.
    measured
        Where the answer is a function: turns it into the numbers that are compared with the truth.
    hint
        Printed when the answer is not right.
    """

    truth: Truth
    tolerance: float = 1e-6
    factor: float | None = None
    unit: str = ""
    terms: tuple[int, ...] = ()
    measured: Callable[[Callable[..., Any]], Any] | None = None
    hint: str = ""

    def __post_init__(self) -> None:
        check_number(self.tolerance, "tolerance", at_least=0.0)
        if self.factor is not None:
            check_number(self.factor, "factor", above=1.0)

    @property
    def margin(self) -> str:
        """What is allowed, in words."""
        if self.factor is not None:
            return f", to within a factor of {self.factor:g}"
        return f", to within {self.tolerance:g} {self.unit}".rstrip() if self.tolerance else ""

    def right(self, given: Tensor, truth: Tensor) -> Tensor:
        """Say of each entry whether it is right."""
        if self.factor is None:
            return (given == truth) | ((given - truth).abs() <= self.tolerance)
        ratio = given / truth
        return (given > 0) & (torch.maximum(ratio, 1 / ratio) <= self.factor)


def key(name: str, **settings: Any) -> Callable[[Truth], Truth]:
    """Make a function the key of the exercise with this label; the settings are those of :class:`Key`."""

    def register(truth: Truth) -> Truth:
        if name in _KEYS and _KEYS[name].truth.__module__ != truth.__module__:
            raise ValueError(f"{name}: {_KEYS[name].truth.__module__} has a key of this name.")
        _KEYS[name] = Key(truth, **settings)
        return truth

    return register


def check(name: str, answer: Any, **context: Any) -> bool:
    """Judge a reader's answer to an exercise, and name the likely slip in a wrong one.

    Parameters
    ----------
    name
        Label of the exercise, such as "ex-laplace".
    answer
        Numbers, arrays, tensors or nested lists of them; a function where one is asked for. ``...`` or None is an
        answer not yet given.
    **context
        What the page has computed and the key asks for.

    Returns
    -------
    bool
        Whether every entry of the answer is right.

    Raises
    ------
    ValueError
        No exercise has this name.
    TypeError
        The key asks for something else from the page.
    """
    known = find(check_kind(name, "name", str))
    try:
        inspect.signature(known.truth).bind(**context)
    except TypeError as error:
        wanted = ", ".join(f"{p}={p}" for p in inspect.signature(known.truth).parameters)
        raise TypeError(
            f'{name}: {error}. Write gennb.check("{name}", answer{wanted and ", " + wanted}).'
        ) from error
    verdict, words = _judge(known, answer, context)
    hint = f" Hint: {known.hint}" if known.hint and not verdict else ""
    print(textwrap.fill(words + hint, WIDTH))
    return verdict


def find(name: str) -> Key:
    """Return the key of an exercise; only the part that holds it is loaded."""
    names: list[str] = []
    for path in sorted(Path(__file__).parent.glob("*/exercises.py")):
        here = re.findall(r'^@key\(\s*"([\w-]+)"', path.read_text(encoding="utf-8"), re.MULTILINE)
        if name in here:
            import_module(f"gennb.{path.parent.name}.exercises")
            return _KEYS[name]
        names += here
    near = difflib.get_close_matches(name, names, n=1)
    raise ValueError(
        f"name: no exercise is called {name!r}." + (f" Did you mean {near[0]!r}?" if near else "")
    )


class _Unanswered(Exception):  # noqa: N818 - no error: the reader is still at it
    """The reader's function does not return anything yet."""


def _judge(known: Key, answer: Any, context: dict[str, Any]) -> tuple[bool, str]:
    unanswered = "Not answered yet: put your answer in place of the dots."
    if answer is None or answer is ...:
        return False, unanswered
    if known.measured is not None:
        if not callable(answer):
            return False, f"✗ Expected a function, got {type(answer).__name__}."
        try:
            answer = known.measured(_asked(answer))
        except _Unanswered:
            return False, unanswered
    truth = _as_tensor(known.truth(**context))
    try:
        given = _as_tensor(answer)
    except (TypeError, ValueError, RuntimeError, OverflowError):
        kind = type(answer).__name__
        return False, f"✗ Expected a number, an array or a tensor, got {kind}."
    if given.shape != truth.shape:
        return False, f"✗ Expected shape {tuple(truth.shape)}, got {tuple(given.shape)}."
    right = known.right(given, truth)
    if right.all():
        return True, f"✓ Right{known.margin}."
    return False, "✗ Not yet. " + " ".join(_diagnoses(known, given, truth, right))


def _asked(function: Callable[..., Any]) -> Callable[..., Any]:
    def ask(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        if result is None or result is ...:
            raise _Unanswered
        return result

    return ask


def _diagnoses(known: Key, given: Tensor, truth: Tensor, right: Tensor) -> Iterator[str]:
    """Say what is wrong, and in which entries: one sentence for each cause."""
    if whole := _exchanged(known, given, truth) or _averaged(given, truth):
        yield whole
        return
    causes: dict[str, list[Sequence[int]]] = {}
    for place in (~right).nonzero().tolist():
        cause = _cause(known, float(given[tuple(place)]), float(truth[tuple(place)]))
        causes.setdefault(cause, []).append(place)
    for cause, places in causes.items():
        if len(places) == right.numel():
            yield f"{cause[0].upper()}{cause[1:]}."
        else:
            yield f"{_entries(places, right)}: {cause}."


def _cause(known: Key, given: float, truth: float) -> str:
    """Name the slip that leads from the truth to what is given, or at least the direction of the error."""
    if not math.isfinite(given):
        return f"{given} is not a finite number"
    if known.tolerance == 0:
        slips = iter([("one too many", truth + 1), ("one too few", truth - 1)])
    elif _rounded(given, truth):
        return "right as far as it goes, but more digits are asked for"
    else:
        slips = _slips(known, truth)
    for cause, slipped in slips:
        if _meant(given, slipped):
            return cause
    return f"too {'small' if given < truth else 'large'}"


def _slips(known: Key, truth: float) -> Iterator[tuple[str, float]]:
    """Yield the usual slips, the likelier first, and what they make of the truth."""
    if truth == 0 or not math.isfinite(truth):
        return
    yield "the size is right, the sign is not", -truth
    yield "it is twice what it should be", 2 * truth
    yield "it is half of what it should be", truth / 2
    if known.unit == "nats":
        yield "these are bits, and nats are asked for", truth / math.log(2)
    elif known.unit == "bits":
        yield "these are nats, and bits are asked for", truth * math.log(2)
    for n in known.terms:
        yield f"a mean over {n} where a sum is asked for", truth / n
        yield f"a sum over {n} where a mean is asked for", truth * n
    yield "the reciprocal is asked for", 1 / truth


def _meant(given: float, exact: float) -> bool:
    """Report whether ``given`` is ``exact`` but for rounding, where at least two digits are given."""
    return math.isclose(given, exact, rel_tol=_SLIP) or _rounded(given, exact)


def _rounded(given: float, exact: float) -> bool:
    """Report whether ``given`` is ``exact``, rounded or cut off, in two to six digits."""
    if given == 0:
        return False
    for digits in range(2, 7):
        if math.isclose(float(f"{given:.{digits}g}"), given, rel_tol=1e-7):
            return abs(given - exact) < 10.0 ** (math.floor(math.log10(abs(given))) - digits + 1)
    return False


def _exchanged(known: Key, given: Tensor, truth: Tensor) -> str:
    """Say which two entries of a list were exchanged, if that is all that is wrong."""
    if truth.ndim != 1 or len(truth) > 20:
        return ""
    for i, j in combinations(range(len(truth)), 2):
        swapped = given.clone()
        swapped[[i, j]] = given[[j, i]]
        if known.right(swapped, truth).all():
            return f"Entries {i + 1} and {j + 1} are exchanged."
    return ""


def _averaged(given: Tensor, truth: Tensor) -> str:
    """Say that a mean stands for a sum, or a sum for a mean, where all entries are off by the size of an axis."""
    for n in dict.fromkeys(size for size in truth.shape if size > 2 and truth.any()):
        if torch.allclose(n * given, truth, rtol=_SLIP, atol=0):
            return f"A mean over {n} where a sum is asked for."
        if torch.allclose(given, n * truth, rtol=_SLIP, atol=0):
            return f"A sum over {n} where a mean is asked for."
    return ""


def _entries(places: list[Sequence[int]], right: Tensor) -> str:
    names = [", ".join(str(i + 1) for i in place) for place in places]
    if right.ndim > 1:
        names = [f"({name})" for name in names]
    if len(names) > 4:
        return f"{len(names)} of {right.numel()} entries"
    if len(names) == 1:
        return f"Entry {names[0]}"
    return f"Entries {', '.join(names[:-1])} and {names[-1]}"


def _as_tensor(value: Any) -> Tensor:
    if isinstance(value, Tensor):
        return value.detach().cpu().double()
    return torch.as_tensor(value, dtype=torch.float64)
