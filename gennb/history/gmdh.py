"""The group method of data handling: polynomials of pairs, layer on layer, the next kept only if unseen data say so."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from gennb._validate import check_count, check_tensor, check_within, checked

TERMS = 6
Polynomial = dict[tuple[int, ...], float]


@dataclass(frozen=True)
class Layer:
    """Units that passed selection, each a polynomial of two outputs of the layer before.

    Attributes
    ----------
    pairs
        (units, 2), integers: which two.
    coefficients
        (units, 6): of 1, u, v, uv, u², v².
    error
        The mean squared error of the best unit on the examples that were kept for selection.
    """

    pairs: Tensor
    coefficients: Tensor
    error: float


@checked
def quadratic(
    u: Float[Tensor, "*batch"], v: Float[Tensor, "*batch"]
) -> Float[Tensor, "*batch six"]:
    """Return the terms of the polynomial that a unit is: 1, u, v, uv, u², v².

    References
    ----------
    Ivakhnenko, Polynomial Theory of Complex Systems, 1971. Book: eq-gmdh.
    """
    return torch.stack([torch.ones_like(u), u, v, u * v, u.square(), v.square()], -1)


class GMDH:
    """A network that grows by itself: layers of quadratic units, until the error on unseen examples rises.

    Parameters
    ----------
    width
        Units that pass a layer's selection.
    most
        Layers at the most.
    gain
        The share of the error by which a layer has to be better than the one before, 0 or more.

    Attributes
    ----------
    layers
        What has grown. The first unit of the last layer is the output.

    References
    ----------
    Ivakhnenko and Lapa, Cybernetic Predicting Devices, 1965; Ivakhnenko, 1971. Book: eq-gmdh, alg-gmdh.
    """

    def __init__(self, width: int = 8, *, most: int = 8, gain: float = 0.01) -> None:
        self.width, self.most = check_count(width, "width", least=2), check_count(most, "most")
        self.gain = check_within(gain, "gain", 0, 1, "share")
        self.layers: list[Layer] = []
        self.features = 0

    @checked
    def fit(
        self,
        x: Float[Tensor, "batch features"],
        y: Float[Tensor, " batch"],
        x_select: Float[Tensor, "selecting features"],
        y_select: Float[Tensor, " selecting"],
    ) -> None:
        """Grow on some examples, (batch, features) and (batch,), and select by others.

        A layer fits a unit to each pair of its inputs by least squares, all pairs at once, and keeps the ``width``
        units with the smallest error on the others. It stands if its best unit gains on that of the layer before.
        """
        for value, name in ((x, "x"), (y, "y"), (x_select, "x_select"), (y_select, "y_select")):
            check_tensor(value, name)
        if x.shape[1] < 2:
            raise ValueError(
                "x: expected at least 2 features, got 1. A unit looks at a pair of them."
            )
        if len(x) < TERMS:
            raise ValueError(
                f"x: expected at least {TERMS} examples, one for each coefficient, got {len(x)}."
            )
        self.layers, self.features = [], x.shape[1]
        for _ in range(self.most):
            if x.shape[1] < 2:
                return
            layer = self._grown(x, y, x_select, y_select)
            if self.layers and layer.error >= (1 - self.gain) * self.layers[-1].error:
                return
            self.layers.append(layer)
            x, x_select = (_outputs(layer.pairs, layer.coefficients, z) for z in (x, x_select))

    @checked
    def predict(self, x: Float[Tensor, "batch features"]) -> Float[Tensor, " batch"]:
        """Return the output, (batch,)."""
        x = check_tensor(x, "x", shape=("batch", self._grown_for()))
        for layer in self.layers:
            x = _outputs(layer.pairs, layer.coefficients, x)
        return x[:, 0]

    def network(self) -> list[list[int]]:
        """Return the units of each layer that the output depends on, the first layer's first."""
        self._grown_for()
        needed, kept = [0], list[list[int]]()
        for layer in reversed(self.layers):
            kept.append(needed)
            needed = sorted(set(layer.pairs[needed].flatten().tolist()))
        return kept[::-1]

    def polynomial(self, degree: int) -> Polynomial:
        """Return the output as a polynomial of the features: the coefficient of each tuple of exponents, to a degree.

        A network of n layers is of degree 2ⁿ; what is beyond ``degree`` has no part in the terms below and is left out.
        """
        features, degree = self._grown_for(), check_count(degree, "degree")
        one = tuple([0] * features)
        outputs: list[Polynomial] = [
            {tuple(int(i == j) for j in range(features)): 1.0} for i in range(features)
        ]
        for layer, units in zip(self.layers, self.network(), strict=True):
            grown: list[Polynomial] = [{}] * len(layer.pairs)
            for k in units:
                u, v = (outputs[i] for i in layer.pairs[k].tolist())
                squares = (_product(a, b, degree) for a, b in ((u, v), (u, u), (v, v)))
                terms = ({one: 1.0}, u, v, *squares)
                grown[k] = _sum(zip(layer.coefficients[k].tolist(), terms, strict=True))
            outputs = grown
        return outputs[0]

    def _grown(self, x: Tensor, y: Tensor, x_select: Tensor, y_select: Tensor) -> Layer:
        pairs = torch.combinations(torch.arange(x.shape[1], device=x.device))
        u, v = x.mT[pairs].unbind(1)
        # A pseudo-inverse, since two units of a layer may say nearly the same.
        coefficients = torch.linalg.pinv(quadratic(u, v)) @ y
        z = _outputs(pairs, coefficients, x_select)
        errors = (z - y_select[:, None]).square().mean(0)
        best = errors.argsort(stable=True)[: self.width]
        return Layer(pairs[best], coefficients[best], float(errors[best[0]]))

    def _grown_for(self) -> int:
        if not self.layers:
            raise ValueError("GMDH: nothing has grown yet. Call fit first.")
        return self.features


def _outputs(pairs: Tensor, coefficients: Tensor, x: Tensor) -> Tensor:
    u, v = x.mT[pairs].unbind(1)
    return torch.einsum("unt,ut->nu", quadratic(u, v), coefficients)


def _product(u: Polynomial, v: Polynomial, degree: int) -> Polynomial:
    terms: defaultdict[tuple[int, ...], float] = defaultdict(float)
    for (a, alpha), (b, beta) in itertools.product(u.items(), v.items()):
        if sum(a) + sum(b) <= degree:
            terms[tuple(i + j for i, j in zip(a, b, strict=True))] += alpha * beta
    return dict(terms)


def _sum(weighted: Iterable[tuple[float, Polynomial]]) -> Polynomial:
    terms: defaultdict[tuple[int, ...], float] = defaultdict(float)
    for weight, polynomial in weighted:
        for exponents, coefficient in polynomial.items():
            terms[exponents] += weight * coefficient
    return dict(terms)
