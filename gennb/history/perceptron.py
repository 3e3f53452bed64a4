"""Rosenblatt's perceptron: a rule that moves on mistakes alone, how many it can make, and when it never ends."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from scipy.optimize import linprog, nnls
from torch import Tensor

from gennb._validate import check_count, check_tensor, checked

from ._signs import check_signs


@dataclass(frozen=True)
class Learned:
    """How learning went.

    Attributes
    ----------
    mistakes
        Updates of the weights.
    epochs
        The number of the last pass with a mistake in it.
    converged
        Whether the last pass was without a mistake.
    """

    mistakes: int
    epochs: int
    converged: bool


@checked
def extended(x: Float[Tensor, "batch features"]) -> Float[Tensor, "batch columns"]:
    """Return the examples with a constant 1 as their last number, so that a weight stands for the bias."""
    return torch.cat([check_tensor(x, "x"), x.new_ones(len(x), 1)], 1)


class Perceptron:
    """A threshold unit that learns: the sign of wᵀx̃, where x̃ is x and a constant 1, and w ← w + yx̃ on each mistake.

    Parameters
    ----------
    n_features
        Numbers in an example.

    Attributes
    ----------
    w
        (n_features + 1,), zero at first: the weights, and the bias as the last.

    References
    ----------
    Rosenblatt, Principles of Neurodynamics, 1962; Novikoff, On Convergence Proofs on Perceptrons, 1962. Book:
    eq-perceptron-rule, thm-perceptron.
    """

    def __init__(self, n_features: int) -> None:
        self.w = torch.zeros(check_count(n_features, "n_features") + 1)

    @checked
    def predict(self, x: Float[Tensor, "batch features"]) -> Float[Tensor, " batch"]:
        """Return +1 where wᵀx̃ is above zero, and −1 elsewhere."""
        check_tensor(x, "x", shape=("batch", len(self.w) - 1))
        return torch.where(extended(x) @ self.w.to(x) > 0, 1.0, -1.0).to(x)

    @checked
    def fit(
        self,
        x: Float[Tensor, "batch features"],
        y: Float[Tensor, " batch"],
        *,
        epochs: int | None = None,
    ) -> Learned:
        """Go through the examples in their order, over and over, until none is wrong, or for so many ``epochs``.

        An example on the boundary counts as a mistake. Between two mistakes the weights stand still, so that all
        examples are looked at with one product, and the next one that is wrong is learned from.

        Raises
        ------
        ValueError
            Labels other than −1 and +1; examples that no plane separates, where ``epochs`` is None.
        """
        check_tensor(x, "x", shape=("batch", len(self.w) - 1))
        signed = extended(x) * check_signs(y, "y", ("batch",))[:, None]
        if epochs is None and certificate(x, y) is not None:
            raise ValueError(
                "fit: expected examples that a plane separates, got some that none does, so that learning would never "
                "end. Give a limit, such as epochs=100; certificate(x, y) is the proof."
            )
        limit = None if epochs is None else check_count(epochs, "epochs")
        w, mistakes, epoch, last, i = self.w.to(signed), 0, 1, 0, 0
        while len(wrong := (signed @ w <= 0).nonzero().flatten()):
            ahead = wrong[wrong >= i]
            if len(ahead):
                i, last, mistakes = int(ahead[0]) + 1, epoch, mistakes + 1
                w = w + signed[i - 1]
            elif epoch == limit:
                break
            else:
                epoch, i = epoch + 1, 0
        self.w = w
        return Learned(mistakes, last, len(wrong) == 0)


@checked
def radius(x: Float[Tensor, "batch features"]) -> float:
    """Return R, the length of the longest example, its constant 1 included. Book: thm-perceptron."""
    return float(extended(x).norm(dim=1).max())


@checked
def largest_margin(x: Float[Tensor, "batch features"], y: Float[Tensor, " batch"]) -> float:
    """Return γ, the most room that a plane through the origin leaves to the extended examples; 0 where none separates.

    The shortest w with y wᵀx̃ ≥ 1 for all examples has the length 1/γ; it is found through nonnegative least squares.

    References
    ----------
    Lawson and Hanson, Solving Least Squares Problems, 1974, chapter 23. Book: eq-margin.
    """
    signed = (extended(x) * check_signs(y, "y", ("batch",))[:, None]).double().cpu()
    E = torch.cat([signed, signed.new_ones(len(signed), 1)], 1).mT
    f = torch.zeros(len(E), dtype=torch.float64)
    f[-1] = 1
    u, distance = nnls(E.numpy(), f.numpy())
    if distance < 1e-9:
        return 0.0
    residual = E @ torch.from_numpy(u) - f
    return float(-residual[-1] / residual[:-1].norm())


@checked
def mistake_bound(x: Float[Tensor, "batch features"], y: Float[Tensor, " batch"]) -> float:
    """Return (R/γ)², which no perceptron's mistakes exceed; infinity where no plane separates. Book: thm-perceptron."""
    margin = largest_margin(x, y)
    return (radius(x) / margin) ** 2 if margin else float("inf")


@checked
def certificate(
    x: Float[Tensor, "batch features"], y: Float[Tensor, " batch"]
) -> Float[Tensor, " batch"] | None:
    """Return the proof that no plane separates examples, or None where one does.

    The proof is weights λ ≥ 0 with Σλ = 1 and Σ λ y x̃ = 0, which a linear program looks for: if a plane w had
    y wᵀx̃ > 0 for all, then 0 = wᵀ Σ λ y x̃ > 0.

    References
    ----------
    Gordan, Ueber die Auflösung linearer Gleichungen mit reellen Coefficienten, 1873. Book: eq-certificate.
    """
    signed = (extended(x) * check_signs(y, "y", ("batch",))[:, None]).double().cpu()
    n = len(signed)
    A = torch.cat([signed.mT, torch.ones(1, n, dtype=torch.float64)]).numpy()
    b = [0.0] * (len(A) - 1) + [1.0]
    found = linprog([0.0] * n, A_eq=A, b_eq=b, bounds=(0, None), method="highs")
    return torch.from_numpy(found.x).to(x) if found.success else None
