"""Keys of the exercises of the part on history."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from statistics import NormalDist

import torch
from torch import Tensor

from gennb.exercises import key

from .gmdh import quadratic
from .hopfield import Hopfield
from .neocognitron import s_cells, window
from .neurons import McCullochPitts
from .rules import hebbian_update
from .som import SelfOrganizingMap


@key("ex-waits", tolerance=0, hint="The table of milestones has all six years.")
def waits() -> list[int]:
    """Of the papers: Fukushima and LeCun, Linnainmaa and Rumelhart, Ackley and Salakhutdinov."""
    return [late - early for early, late in ((1980, 1989), (1970, 1986), (1985, 2009))]


@key(
    "ex-quorum",
    tolerance=0,
    hint="A majority of five; then count the inputs that have it.",
)
def quorum() -> list[int]:
    """The least number that is more than the rest, and how many of the 32 inputs reach it."""
    threshold = next(k for k in range(6) if k > 5 - k)
    return [threshold, sum(sum(x) >= threshold for x in itertools.product((0, 1), repeat=5))]


def _settled(outputs: tuple[int, ...], units: int) -> bool:
    """Whether a chain of so many units computes a function of two inputs that stay, by trying all of them."""
    rows = [(*x, 1) for x in itertools.product((0, 1), repeat=2)]
    tables = {tuple(row[j] for row in rows) for j in range(3)}

    def answers(sources: list[tuple[int, ...]]) -> set[tuple[int, ...]]:
        found = set()
        for kinds in itertools.product((-1, 0, 1, 2), repeat=len(sources)):
            for threshold in range(1, 1 + sum(k for k in kinds if k > 0)):
                found.add(
                    tuple(
                        int(
                            sum(k * s[r] for k, s in zip(kinds, sources, strict=True) if k > 0)
                            >= threshold
                            and not any(s[r] for k, s in zip(kinds, sources, strict=True) if k < 0)
                        )
                        for r in range(4)
                    )
                )
        return found

    sources = sorted(tables)
    if units == 1:
        return outputs in answers(sources)
    return any(outputs in answers([*sources, first]) for first in answers(sources))


@key(
    "ex-missing",
    tolerance=0,
    hint="One unit does neither. What could a unit for a and b veto?",
)
def missing() -> list[int]:
    """The least number of units, by trying all nets of one and of two."""
    return [next(n for n in (1, 2) if _settled(f, n)) for f in ((0, 1, 1, 0), (1, 1, 1, 0))]


def _parities(build: Callable[[], McCullochPitts]) -> Tensor:
    net = build()
    generator = torch.Generator().manual_seed(0)
    x = torch.randint(2, (50, 24), generator=generator).float()
    said = net.run(x[..., None])[..., net.units.index("odd")]
    true = x.cumsum(1) % 2
    for delay in range(3):
        if torch.equal(said[:, delay:], true[:, : 24 - delay]):
            return torch.tensor(1.0)
    return (said == true).double().mean()


@key(
    "ex-stream-parity",
    measured=_parities,
    hint="Two units hold the state: one fires where a one has just made it odd, the other where it stays odd.",
)
def stream_parity() -> float:
    """The share of steps at which the unit is right, at the best delay."""
    return 1.0


@key(
    "ex-how-many-states",
    tolerance=0,
    hint="Only the carry is memory; the other units repeat what was true a step or two before.",
)
def how_many_states() -> int:
    """Walk through the states as Python's integers do, with no net."""
    seen: set[tuple[bool, ...]] = set()
    new = {(False,) * 6}
    while new:
        seen |= new
        after = set()
        for (one, carry, three, single, triple, _), (a, b) in itertools.product(
            new, itertools.product((0, 1), repeat=2)
        ):
            n = a + b + carry
            after.add((n >= 1, n >= 2, n >= 3, one and not carry, three, single or triple))
        new = after - seen
    return len(seen)


@key(
    "ex-runaway",
    tolerance=1.0,
    hint="A step multiplies them by one plus the rate times the eigenvalue.",
)
def runaway() -> float:
    """The length after 100 steps of the rule itself, on one example with this second moment."""
    w, x = torch.ones(1, dtype=torch.float64), torch.full((1, 1), 0.5**0.5, dtype=torch.float64)
    for _ in range(100):
        w = hebbian_update(w, x, 0.1)
    return float(w)


@key(
    "ex-three-and-one",
    tolerance=0.01,
    hint="For the bound, find the shortest w with both products at least one. Then follow the rule by hand.",
)
def two_points() -> list[float]:
    """The bound by a search over directions, and the mistakes one by one."""
    angles = torch.linspace(0, 2 * torch.pi, 2_000_001, dtype=torch.float64)
    u = torch.stack([angles.cos(), angles.sin()])
    signed = torch.tensor([[3.0, 1.0], [-1.0, -1.0]], dtype=torch.float64)
    margin = (signed @ u).amin(0).max()
    w, mistakes = torch.zeros(2, dtype=torch.float64), 0
    while (signed @ w <= 0).any():
        for each in signed:
            if each @ w <= 0:
                w, mistakes = w + each, mistakes + 1
    return [round(float(10 / margin**2), 6), mistakes]


@key(
    "ex-in-between",
    hint="The constant ones have to cancel, and the numbers themselves as well.",
)
def in_between() -> Tensor:
    """The solution of the three equations."""
    equations = torch.tensor([[1.0, 1.0, 1.0], [1.0, -1.0, 1.0], [-1.0, 0.0, 1.0]])
    answer: Tensor = torch.linalg.solve(equations, torch.tensor([1.0, 0.0, 0.0]))
    return answer


def _clouds() -> list[Tensor]:
    generator = torch.Generator().manual_seed(0)
    clouds = []
    for n in (2, 3, 5):
        x = torch.randn(60, n, generator=generator, dtype=torch.float64)
        x = x * torch.arange(n, 0, -1) ** 0.5
        clouds.append(x - x.mean(0))
    return clouds


def _planes(components: Callable[[Tensor], Tensor]) -> Tensor:
    found = []
    for x in _clouds():
        w = torch.as_tensor(components(x)).double()
        found += [torch.outer(each, each).flatten() for each in w.mT]
    return torch.cat(found)


@key(
    "ex-second-component",
    tolerance=1e-3,
    measured=_planes,
    hint="Find the first with oja_update; take its share from the examples, x - (x @ w)[:, None] * w; and begin again.",
)
def second_component() -> Tensor:
    """The projections on the two eigenvectors with the largest eigenvalues."""
    found = []
    for x in _clouds():
        vectors = torch.linalg.eigh(x.mT @ x)[1].flip(1)[:, :2]
        found += [torch.outer(each, each).flatten() for each in vectors.mT]
    return torch.cat(found)


@key(
    "ex-first-step",
    tolerance=0.02,
    hint="The noise of a unit is normal with the variance P/N, and wrong where it is below minus one.",
)
def first_step() -> float:
    """Units of 1,000, with the normal distribution function."""
    return 1000 * NormalDist().cdf(-1 / 0.1**0.5)


@key(
    "ex-memory-energy",
    tolerance=1e-3,
    hint="Write the sum over pairs with the overlap, and mind that the diagonal is zero.",
)
def memory_energy() -> Tensor:
    """Energies of the states themselves, in a network that stores one pattern."""
    net = Hopfield(100)
    net.store(torch.ones(1, 100))
    states = torch.ones(3, 100)
    states[1, :10] = states[2, :50] = -1
    return net.energy(states)


@key(
    "ex-mixture-overlap",
    tolerance=1e-3,
    hint="Fix the sign of the first pattern at a unit, and count the signs of the other four.",
)
def mixture_overlap() -> Tensor:
    """The mean over all signs of five patterns at one unit."""
    signs = torch.tensor(list(itertools.product((-1.0, 1.0), repeat=5)))
    return (signs[:, 0] * signs.sum(1).sign()).mean()


def _memories() -> list[Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(2, n, generator=generator).double().sign() for n in (3, 6)]


def _unlearned(unlearn: Callable[[Tensor, Tensor, float], Tensor]) -> Tensor:
    found = []
    for xi in _memories():
        W = (xi.mT @ xi / xi.shape[1]).fill_diagonal_(0)
        found.append(torch.as_tensor(unlearn(W, xi[0], 0.25)).flatten())
    return torch.cat(found)


@key(
    "ex-forget",
    measured=_unlearned,
    hint="Hebb's rule adds the product of two units over N; the diagonal stays zero.",
)
def forget() -> Tensor:
    """The weights, one by one."""
    found = []
    for xi in _memories():
        n = xi.shape[1]
        for i, j in itertools.product(range(n), repeat=2):
            left = 0.75 * xi[0, i] * xi[0, j] + xi[1, i] * xi[1, j]
            found.append(left / n * (i != j))
    return torch.stack(found)


@key(
    "ex-gmdh-degree",
    tolerance=0,
    hint="Each layer squares. A monomial of degree at most d in six variables is a choice of d factors out of seven.",
)
def gmdh_degree() -> list[int]:
    """The growth of a unit whose inputs are large, and the monomials counted one degree after the other."""
    x = torch.tensor(1e3, dtype=torch.float64)
    z = x
    for _ in range(4):
        z = quadratic(z, z)[..., -1]
    degree = round(math.log(float(z)) / math.log(float(x)))
    counts = [1] + [0] * degree  # of each degree, in no variable
    for _ in range(6):
        counts = list(itertools.accumulate(counts))
    return [degree, sum(counts)]


@key(
    "ex-som-two",
    tolerance=1e-3,
    hint="By symmetry the border between the two stays in the middle. What are the means of the halves?",
)
def som_two() -> Tensor:
    """Where the batch rule comes to rest, on a fine grid of numbers."""
    x = (torch.arange(2000, dtype=torch.float64)[:, None] + 0.5) / 2000
    sheet = SelfOrganizingMap(1, 2, 1).double()
    sheet.W = torch.tensor([[0.1], [0.8]], dtype=torch.float64)
    sheet.fit(x, [1.0] * 200)
    return sheet.W.flatten()


@key(
    "ex-selectivity",
    tolerance=1e-3,
    hint="The cosine of the angle between what is seen and what was learned; with r = 2 it answers above two thirds.",
)
def selectivity() -> Tensor:
    """The answers of a cell itself, whose window has four places of equal weight and no more."""
    c = window(3)
    places = torch.tensor([[0, 1], [1, 0], [1, 2], [2, 1]])
    seen = torch.tensor([[1.0, 1, 0, 0], [1, 1, 1, 0], [1, 0, 0, 0], [1, 0, 1, 0]])
    pictures = torch.zeros(4, 1, 3, 3)
    pictures[:, 0, places[:, 0], places[:, 1]] = seen
    p = pictures[0, 0]
    a, b = 1e6 * c * p, 1e6 * (c * p.square()).sum().sqrt()
    return s_cells(pictures, a[None, None], b[None], 2.0)[1:, 0, 1, 1]


def _sheets() -> list[tuple[Tensor, int, int]]:
    generator = torch.Generator().manual_seed(0)
    return [
        (torch.randn(rows * columns, 3, generator=generator), rows, columns)
        for rows, columns in ((1, 2), (2, 3), (4, 3))
    ]


def _bent(u_matrix: Callable[[Tensor, int, int], Tensor]) -> Tensor:
    return torch.cat([torch.as_tensor(u_matrix(*sheet)).flatten() for sheet in _sheets()])


@key(
    "ex-u-matrix",
    tolerance=1e-4,
    measured=_bent,
    hint="A unit in a corner has two neighbors; divide by as many as there are.",
)
def u_matrix() -> Tensor:
    """Unit by unit, neighbor by neighbor."""
    found = []
    for W, rows, columns in _sheets():
        for i, j in itertools.product(range(rows), range(columns)):
            around = ((i - 1, j), (i + 1, j), (i, j - 1), (i, j + 1))
            near = [k * columns + m for k, m in around if 0 <= k < rows and 0 <= m < columns]
            found.append((W[near] - W[i * columns + j]).norm(dim=1).mean())
    return torch.stack(found)
