"""Keys of the exercises of the part on Boltzmann machines."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import torch
from torch import Tensor

from gennb.exercises import key


@key(
    "ex-warm-unit",
    tolerance=2e-3,
    hint="The input is the bias, and the weight times the other unit.",
)
def warm_unit() -> list[Tensor]:
    """Probability of a unit with input -1 + 2 at the temperatures 1 and 2, from the odds of its two states."""
    gap = torch.tensor(-1.0 + 2.0, dtype=torch.float64)
    return [(gap / t).exp() / (1 + (gap / t).exp()) for t in (1.0, 2.0)]


@key(
    "ex-counted-twice",
    tolerance=2e-3,
    hint="List the four states with their energies, and normalize.",
)
def counted_twice() -> list[Tensor]:
    """Probability that both of two units are on, with the energy -1 or -2 for that state and 0 for the others."""
    return [
        torch.tensor([0.0, 0.0, 0.0, count], dtype=torch.float64).softmax(0)[3]
        for count in (1.0, 2.0)
    ]


def _machines() -> list[tuple[Tensor, Tensor]]:
    generator = torch.Generator().manual_seed(0)
    machines = []
    for n in range(1, 7):
        upper = torch.randn(n, n, generator=generator, dtype=torch.float64).triu(1)
        machines.append(
            (upper + upper.mT, torch.randn(n, generator=generator, dtype=torch.float64))
        )
    return machines


def _measured(averages: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    return torch.cat([torch.as_tensor(averages(W, b)).flatten() for W, b in _machines()])


@key(
    "ex-negative-phase",
    tolerance=1e-6,
    measured=_measured,
    hint="Sum over all states s with their probability p(s); the energy counts each pair once.",
)
def negative_phase() -> Tensor:
    """Averages of products by plain sums, state by state and pair by pair."""
    found = []
    for W, b in _machines():
        n = len(b)
        total, products = torch.zeros(()).double(), torch.zeros(n, n, dtype=torch.float64)
        for bits in itertools.product([0.0, 1.0], repeat=n):
            s = torch.tensor(bits, dtype=torch.float64)
            pairs = itertools.combinations(range(n), 2)
            weight = ((s * b).sum() + sum(W[i, j] * s[i] * s[j] for i, j in pairs)).exp()
            total = total + weight
            products += weight * torch.outer(s, s)
        found.append((products / total).flatten())
    return torch.cat(found)


@key(
    "ex-two-experts",
    tolerance=2e-3,
    hint="Each hidden unit brings a factor 1 + e to the power of its input.",
)
def two_experts() -> Tensor:
    """Free energy of a state from which two hidden units get the inputs 0 and log 3, by their four states."""
    inputs = torch.tensor([0.0, 3.0], dtype=torch.float64)
    inputs[1].log_()
    weights = [inputs[list(on)].sum().exp() for on in ((), (0,), (1,), (0, 1))]
    return -torch.stack(weights).sum().log()


@key(
    "ex-hidden-link",
    tolerance=2e-3,
    hint="Sum the hidden unit out, and compare both on and both off with each one alone.",
)
def hidden_link() -> Tensor:
    """Weight that one hidden unit with two weights of 2 stands for, from the four marginal probabilities."""
    sums = torch.tensor([[0.0, 2.0], [2.0, 4.0]], dtype=torch.float64).exp() + 1
    return (sums[1, 1] * sums[0, 0] / (sums[0, 1] * sums[1, 0])).log()


def _restricted() -> list[tuple[Tensor, Tensor, Tensor, Tensor]]:
    generator = torch.Generator().manual_seed(0)
    cases = []
    for d, n, size in ((1, 1, 1.0), (4, 3, 1.0), (5, 4, 1.0), (3, 2, 400.0)):
        W, b, c = (
            size * torch.randn(shape, generator=generator, dtype=torch.float64)
            for shape in ((d, n), (d,), (n,))
        )
        v = torch.rand(6, d, generator=generator, dtype=torch.float64).round()
        cases.append((v, W, b, c))
    return cases


def _free_energies(free_energy: Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]) -> Tensor:
    return torch.cat([torch.as_tensor(free_energy(*case)).flatten() for case in _restricted()])


@key(
    "ex-free-energy",
    tolerance=1e-6,
    measured=_free_energies,
    hint="Each hidden unit brings log(1 + e^input); softplus does not overflow.",
)
def free_energy() -> Tensor:
    """Minus the log of the sum over all hidden states, state by state."""
    found = []
    for v, W, b, c in _restricted():
        states = itertools.product([0.0, 1.0], repeat=len(c))
        every = [torch.tensor(h, dtype=torch.float64) for h in states]
        log_weights = torch.stack([v @ b + (v @ W + c) @ h for h in every])
        found.append(-log_weights.logsumexp(0))
    return torch.cat(found)


@key(
    "ex-too-good",
    tolerance=1e-3,
    hint="The log-likelihood is minus the free energy, less log Z.",
)
def too_good() -> list[float]:
    """Log-likelihoods with an estimate of log Z and with the true one."""
    return [130.0 - log_z for log_z in (228.5, 231.0)]


@key(
    "ex-log-normal",
    tolerance=1e-2,
    hint="What is the mean of the exponential of a normal variable?",
)
def log_normal() -> Tensor:
    """Log of the mean less mean of the log, by integration over a grid."""
    z = torch.linspace(-12, 12, 24_001, dtype=torch.float64)
    density = (-z.square() / 2).exp() / math.sqrt(2 * math.pi)
    return torch.trapezoid(density * (2 * z).exp(), z).log()


def _log_weights() -> list[Tensor]:
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(50, generator=generator, dtype=torch.float64)
    return [3 * noise, noise - 1000, noise + 1000, torch.tensor([5.0], dtype=torch.float64)]


def _log_means(log_mean: Callable[[Tensor], Tensor]) -> Tensor:
    return torch.stack([torch.as_tensor(log_mean(w)).reshape(()) for w in _log_weights()])


@key(
    "ex-log-mean",
    tolerance=1e-6,
    measured=_log_means,
    hint="Take the largest out before the exponential, and do not forget the number of weights.",
)
def log_means() -> Tensor:
    """Logarithm of the mean, with the largest taken out."""
    return torch.stack([w.max() + (w - w.max()).exp().mean().log() for w in _log_weights()])


@key(
    "ex-radio",
    tolerance=2e-3,
    hint="Prior times likelihood for the four states of the causes, then normalize.",
)
def radio() -> list[float]:
    """Probability of a cause given the effect, and given the other cause as well, from the odds."""

    def on(log_odds: float) -> float:
        return 1 / (1 + math.exp(-log_odds))

    cause = on(-2.0)
    none = (1 - cause) ** 2 * on(-3.0)
    one = cause * (1 - cause) * on(2.0)
    both = cause**2 * on(7.0)
    return [(one + both) / (none + 2 * one + both), both / (one + both)]


@key(
    "ex-guarantee",
    tolerance=1e-3,
    hint="The bound begins at the first machine's log-likelihood, and gains what the second one gains.",
)
def guarantee() -> float:
    """Start of the bound plus the gain of the second machine."""
    return -100.0 + (-4.4 - -5.1)


def _layers() -> list[tuple[Tensor, Tensor, Tensor, Tensor]]:
    generator = torch.Generator().manual_seed(0)
    cases = []
    for v, W, b, c in _restricted():
        h = torch.rand(len(v), len(c), generator=generator, dtype=torch.float64).round()
        cases.append((v, h, W, b))
    return cases


def _given(log_given: Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]) -> Tensor:
    return torch.cat([torch.as_tensor(log_given(*case)).flatten() for case in _layers()])


@key(
    "ex-log-given",
    tolerance=1e-6,
    measured=_given,
    hint="A unit with input a has the log-probability a v - log(1 + e^a); softplus does not overflow.",
)
def log_given() -> Tensor:
    """Log-probability of each unit, on or off, added up unit by unit."""
    found = []
    for v, h, W, b in _layers():
        total = torch.zeros(len(v), dtype=torch.float64)
        for i in range(v.shape[1]):
            signed = (2 * v[:, i] - 1) * (h @ W[i] + b[i])
            total = total + torch.nn.functional.logsigmoid(signed)
        found.append(total)
    return torch.cat(found)


@key(
    "ex-doubled",
    tolerance=2e-3,
    hint="Add the inputs of the two sides before the logistic function.",
)
def doubled() -> list[float]:
    """Probability of a unit with the inputs 1.2 and 1.2, and with one of them, from the odds."""
    return [math.exp(a) / (1 + math.exp(a)) for a in (1.2 + 1.2, 1.2)]


@key(
    "ex-flat",
    tolerance=2e-3,
    hint="Each hidden unit has the entropy log 2, and all states have the energy 0.",
)
def flat() -> list[float]:
    """Entropy of seven units less log Z of ten, and what that lacks to one of eight visible states."""
    bound = 7 * math.log(2) - 10 * math.log(2)
    return [bound, math.log(1 / 8) - bound]


def _deep() -> list[tuple[Tensor, ...]]:
    generator = torch.Generator().manual_seed(0)
    cases = []
    for d, n, m in ((1, 1, 1), (4, 3, 2), (3, 2, 5)):
        shapes = ((d, n), (n, m), (n,), (m,))
        weights = [torch.randn(s, generator=generator, dtype=torch.float64) for s in shapes]
        v = torch.rand(6, d, generator=generator, dtype=torch.float64).round()
        cases.append((v, torch.rand(6, m, generator=generator, dtype=torch.float64), *weights))
    return cases


def _swept(sweep: Callable[..., Tensor]) -> Tensor:
    return torch.cat([torch.as_tensor(sweep(*case)).flatten() for case in _deep()])


@key(
    "ex-sweep",
    tolerance=1e-6,
    measured=_swept,
    hint="First the lower hidden layer, from both sides; then the upper one, from its new means.",
)
def swept() -> Tensor:
    """One sweep of mean fields, unit by unit."""
    found = []
    for v, m2, W0, W1, b1, b2 in _deep():
        low = [v @ W0[:, k] + m2 @ W1[k] + b1[k] for k in range(len(b1))]
        m1 = 1 / (1 + (-torch.stack(low, 1)).exp())
        high = [m1 @ W1[:, k] + b2[k] for k in range(len(b2))]
        found.append(torch.cat([m1, 1 / (1 + (-torch.stack(high, 1)).exp())], 1).flatten())
    return torch.cat(found)
