"""Two patterns with noise, and a restricted Boltzmann machine of six visible and three hidden units, by enumeration."""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import softplus

from gennb._validate import check_tensor
from gennb.widgets.boltzmann.states import every_state

VISIBLE, HIDDEN, NOISE = 6, 3, 0.03
LEFT, RIGHT = 0b111000, 0b000111

_NEAR = [[s, *(s ^ 1 << u for u in reversed(range(VISIBLE)))] for s in (LEFT, RIGHT)]
_FAR = sorted(set(range(2**VISIBLE)).difference(*_NEAR))
BARS = [*([s] for s in _NEAR[0]), _FAR, *([s] for s in reversed(_NEAR[1]))]
"""What each bar counts: a pattern and its neighbors, all that is far from both, the same of the other pattern."""


def data(share: float) -> Tensor:
    """Return the probabilities of the visible states under the data, ``share`` of the left pattern."""
    v = every_state(VISIBLE)
    left, right = (
        (NOISE + (1 - 2 * NOISE) * (v == v[pattern]).double()).prod(1) for pattern in (LEFT, RIGHT)
    )
    return share * left + (1 - share) * right


def log_prob(W: Tensor, b: Tensor, c: Tensor) -> Tensor:
    """Return log p(v) of all visible states in nats."""
    W = check_tensor(W, "W", shape=(VISIBLE, HIDDEN)).double()
    b = check_tensor(b, "b", shape=(VISIBLE,)).double()
    c = check_tensor(c, "c", shape=(HIDDEN,)).double()
    v = every_state(VISIBLE)
    return (v @ b + softplus(v @ W + c).sum(1)).log_softmax(0)
