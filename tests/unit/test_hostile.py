"""Hostile input: every public callable either works or says which argument is wrong, and never hangs or returns NaN.

Each callable has a good call in ``hostile/``, a file for each part of the book and each tool. The battery spoils one or
two of its arguments with values of the wrong type, shape, precision or range, and with damaged copies of the good ones.
A public callable without a good call fails.

Where CI is not set, a callable that has passed is left out until a module that its good calls depend on changes.
"""

from __future__ import annotations

import dataclasses
import hashlib
import inspect
import math
import os
import warnings
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from dependencies import Modules
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from matplotlib import pyplot as plt
from torch import Tensor, nn

import gennb
from gennb import data, vae

from .hostile.inputs import Call

FEWEST_WORDS = 5
EXAMPLES = {"widgets": 12, "plot": 25}  # the others: what is cheap is tried more often

DOCUMENTED: dict[str, tuple[type[Exception], ...]] = {"train.fit": (FloatingPointError,)}

RESULTS = {
    "backprop.Gradients",
    "history.Layer",
    "history.Learned",
    "history.Recall",
}  # which no reader makes

GOOD: dict[str, Callable[[], Call]] = {}
MODULES = Modules(Path(__file__).resolve().parents[2])
PASSED = pytest.StashKey[bool]()
HOME: dict[str, Path] = {}  # the file of each good call
for _file in sorted((Path(__file__).parent / "hostile").glob("*.py")):
    _calls = getattr(import_module(f".hostile.{_file.stem}", __package__), "GOOD", {})
    assert not GOOD.keys() & _calls, "a callable has two good calls"
    GOOD |= _calls
    HOME |= dict.fromkeys(_calls, _file)


def public(thing: Any, path: str = "") -> Iterator[str]:
    """Names of all public callables that take an argument: functions, constructors, and methods of our classes."""
    if isinstance(thing, ModuleType):
        own = [n for n, v in vars(thing).items() if getattr(v, "__module__", "") == thing.__name__]
        for name in getattr(thing, "__all__", own):
            if not name.startswith("_"):
                yield from public(getattr(thing, name), f"{path}.{name}" if path else name)
    elif inspect.isclass(thing):
        if issubclass(thing, Exception):
            return
        if inspect.signature(thing).parameters:
            yield path
        for name, member in vars(thing).items():
            if name.startswith("_") or not isinstance(member, FunctionType | classmethod):
                continue
            bound = list(inspect.signature(getattr(thing, name)).parameters)
            if bound[0 if isinstance(member, classmethod) else 1 :]:
                yield f"{path}.{name}"
    elif callable(thing) and inspect.signature(thing).parameters:
        yield path


def test_every_public_callable_has_a_good_call():
    assert set(public(gennb)) - RESULTS == set(GOOD)


@pytest.mark.parametrize("name", GOOD)
def test_good_calls_give_every_argument_and_work(name):
    call, arguments = GOOD[name]()
    kinds = inspect.signature(call).parameters.values()
    named = {p.name for p in kinds if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)}
    if not (inspect.isclass(call) and dataclasses.is_dataclass(call)):
        assert named <= set(arguments)
    assert numbers_are_numbers(call(**arguments))
    plt.close("all")


ANYTHING: list[Callable[[], Any]] = [
    lambda: None,
    lambda: ...,
    lambda: True,
    lambda: 0,
    lambda: -1,
    lambda: 2**63,
    lambda: -(10**30),
    lambda: 10**400,
    lambda: 1.5,
    lambda: -0.5,
    lambda: 1e15,
    lambda: 1e300,
    lambda: math.nan,
    lambda: math.inf,
    lambda: -math.inf,
    lambda: 1j,
    lambda: "",
    lambda: "nonsense",
    lambda: "\0",
    lambda: b"\xff",
    list,
    lambda: [[]],
    lambda: [[1.0, [2.0]], "three"],
    lambda: [math.nan, math.inf],
    lambda: [None, None],
    lambda: ["a", "b"],
    lambda: [1, 2, 3, 4, 5],
    tuple,
    dict,
    lambda: {"a": None},
    lambda: {1: 2},
    set,
    object,
    lambda: object,
    lambda: lambda *_: None,
    lambda: lambda *_: math.nan,
    lambda: np.zeros((3, 2)),
    lambda: np.array(["text"]),
    lambda: np.float64("nan"),
    lambda: np.int64(3),
    lambda: torch.tensor(1.0),
    lambda: torch.tensor(2),
    lambda: torch.zeros(0),
    lambda: torch.zeros(0, 2),
    lambda: torch.zeros(1, 1, 1, 1, 1, 1),
    lambda: torch.tensor([1.0 + 2.0j]),
    lambda: torch.tensor([[True, False]]),
    lambda: torch.full((3, 2), math.nan),
    lambda: torch.zeros(3, 2).to_sparse(),
    lambda: torch.zeros(3, 2, dtype=torch.float64),
    lambda: nn.Linear(2, 3),
    nn.Sequential,
    lambda: vae.Gaussian(torch.zeros(3, 2), torch.ones(3, 2)),
    lambda: data.load("ring", n=2),
]

DAMAGES: list[Callable[[Tensor], Any]] = [
    lambda x: x.detach().numpy(),
    lambda x: x.tolist(),
    lambda x: x.double(),
    lambda x: x.half(),
    lambda x: x.long(),
    lambda x: x.bool(),
    lambda x: x.to(torch.complex64),
    lambda x: x[None],
    lambda x: x[..., None],
    lambda x: x.flatten(),
    lambda x: x[:0],
    lambda x: x[:1],
    lambda x: x[..., :1],
    lambda x: x.repeat(2, *[1] * (x.ndim - 1)),
    lambda x: x.mT if x.ndim > 1 else x,
    lambda x: -x - 1,
    lambda x: x * 0,
    lambda x: x.float() * 1e15 + 1e15,  # its square is still a float32
    lambda x: x.float() * 1e-40,
    lambda x: x.float().index_fill(0, torch.tensor([0]), math.nan),
    lambda x: x.float().index_fill(0, torch.tensor([0]), math.inf),
    lambda x: x.float().requires_grad_(),
]


@st.composite
def spoiled(draw: st.DrawFn, good: Any, depth: int = 0) -> Any:
    """Something hostile in place of a good value."""
    if isinstance(good, bool):  # whatever has a truth value is one
        return draw(st.sampled_from([None, "", "no", 0, 2, math.nan, [], object()]))
    if isinstance(good, Tensor) and good.ndim and draw(st.booleans()):
        return draw(st.sampled_from(DAMAGES))(good)
    if isinstance(good, list | tuple) and good and depth < 2 and draw(st.booleans()):
        at = draw(st.integers(0, len(good) - 1))
        value = draw(spoiled(good[at], depth + 1))
        changed = draw(
            st.sampled_from(
                [
                    [*good[:at], value, *good[at + 1 :]],
                    [*good, value],
                    [*good[:at], *good[at + 1 :]],
                    [*reversed(good)],
                    [good],
                ]
            )
        )
        return type(good)(changed)
    if isinstance(good, dict) and good and depth < 2 and draw(st.booleans()):
        key = draw(st.sampled_from(list(good)))
        value = draw(spoiled(good[key], depth + 1))
        return draw(st.sampled_from([good | {key: value}, good | {"more": value}, {0: good[key]}]))
    return draw(st.sampled_from(ANYTHING))()


def leaves(thing: Any, depth: int = 0) -> Iterator[Any]:
    if isinstance(thing, dict):
        thing = list(thing.values())
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        thing = list(vars(thing).values())
    if isinstance(thing, list | tuple) and depth < 6:
        for part in thing:
            yield from leaves(part, depth + 1)
    else:
        yield thing


def finite(arguments: dict[str, Any]) -> bool:
    def fine(x: Any) -> bool:
        if isinstance(x, Tensor):
            return bool(x.to_dense().isfinite().all())
        if isinstance(x, float | complex | np.ndarray | np.generic):
            with warnings.catch_warnings():
                try:
                    return bool(np.isfinite(x).all())
                except TypeError:
                    return True
        return not callable(x) or isinstance(x, nn.Module | type)

    return all(map(fine, leaves(arguments)))


def numbers_are_numbers(result: Any) -> bool:
    def fine(x: Any) -> bool:
        if isinstance(x, Tensor | float) or (
            isinstance(x, np.ndarray | np.floating) and x.dtype.kind == "f"
        ):
            return not bool(torch.as_tensor(x).isnan().any())
        return True

    return all(map(fine, leaves(result)))


@pytest.fixture
def unless_it_has_passed(name, request):
    """Skip what has passed with the same modules, good calls and battery."""
    digest = hashlib.sha256(torch.__version__.encode())
    modules = MODULES.behind(f"import gennb\ngennb.{name}")
    for file in sorted({*modules, HOME[name], Path(__file__)}):
        digest.update(file.read_bytes())
    key, mark = f"hostile/{name}", digest.hexdigest()
    if os.environ.get("CI") != "true" and request.config.cache.get(key, None) == mark:
        pytest.skip("it has passed, and nothing behind it has changed")
    yield
    if request.node.stash.get(PASSED, False):
        request.config.cache.set(key, mark)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.usefixtures("unless_it_has_passed")
@pytest.mark.parametrize("name", GOOD)
def test_hostile_input_is_refused_in_words_or_works(name, capsys, request):
    @settings(
        max_examples=EXAMPLES.get(name.split(".")[0], 60),
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def battery(draws: st.DataObject) -> None:
        call, arguments = GOOD[name]()
        names = st.lists(st.sampled_from([*arguments]), min_size=1, max_size=2, unique=True)
        wrong = {n: draws.draw(spoiled(arguments[n]), n) for n in draws.draw(names, "wrong")}
        arguments |= wrong
        harmless = finite(arguments)
        try:
            result = call(**arguments)
        except (TypeError, ValueError, *DOCUMENTED.get(name, ())) as error:
            words = str(error)
            assert len(words.split()) >= FEWEST_WORDS, words
            known = (*arguments, "factors", "module", name.split(".")[-1])
            assert any(n in words for n in known), f"{words!r} names none of {', '.join(known)}"
        else:
            assert numbers_are_numbers(result) or not harmless, f"NaN from {arguments}"
        finally:
            plt.close("all")

    battery()
    capsys.readouterr()
    request.node.stash[PASSED] = True
