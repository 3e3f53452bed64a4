"""Numbers that remember how they came about: reverse-mode differentiation, one scalar at a time."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from typing import Any, Self

from gennb._validate import check_number, checked


class Value:
    """A number, the numbers that it was computed from, and its slope in each of them.

    Expressions are written as for numbers, with ``+ - * / **`` (to a constant power) and `exp`, `log`, `tanh`,
    `sigmoid` and `relu`.

    Parameters
    ----------
    data
        The number.

    Attributes
    ----------
    grad
        What `backward` has added up: the derivative of the outputs in this number.
    parents, slopes
        The numbers that it was computed from, and its partial derivative in each.
    name
        The operation, or what the maker called it.

    References
    ----------
    Linnainmaa, The Representation of the Cumulative Rounding Error of an Algorithm as a Taylor Expansion of the Local
    Rounding Errors, 1970. Book: eq-reverse-sweep.

    Examples
    --------
    >>> x = Value(3.0)
    >>> y = x * x + x
    >>> y.backward()
    >>> (y.data, x.grad)
    (12.0, 7.0)
    """

    def __init__(self, data: float, name: str = "") -> None:
        self.data = check_number(data, "data")
        self.grad = 0.0
        self.parents: tuple[Value, ...] = ()
        self.slopes: tuple[float, ...] = ()
        self.name = name

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.data:g}, grad={self.grad:g})"

    def _result(
        self, data: float, name: str, parents: Sequence[Value], slopes: Sequence[float]
    ) -> Self:
        """Return a new number of the same kind, with its past."""
        result = type(self)(data, name)
        result.parents, result.slopes = tuple(parents), tuple(slopes)
        return result

    def _other(self, other: Any) -> Value:
        return other if isinstance(other, Value) else type(self)(other)

    def __add__(self, other: Value | float) -> Self:
        other = self._other(other)
        return self._result(self.data + other.data, "+", (self, other), (1.0, 1.0))

    def __mul__(self, other: Value | float) -> Self:
        other = self._other(other)
        return self._result(self.data * other.data, "×", (self, other), (other.data, self.data))

    def __pow__(self, power: float) -> Self:
        power = check_number(power, "power")
        if (self.data < 0 and not power.is_integer()) or (self.data == 0 and power < 1):
            raise ValueError(
                f"power: expected one that {self.data:g} has, with a slope; got {power:g}."
            )
        slope = power * self.data ** (power - 1) if power else 0.0
        return self._result(self.data**power, f"^{power:g}", (self,), (slope,))

    def __truediv__(self, other: Value | float) -> Self:
        other = self._other(other)
        if other.data == 0:
            raise ValueError("/: expected a divisor other than zero.")
        ratio = self.data / other.data
        return self._result(ratio, "÷", (self, other), (1 / other.data, -ratio / other.data))

    def __sub__(self, other: Value | float) -> Self:
        other = self._other(other)
        return self._result(self.data - other.data, "−", (self, other), (1.0, -1.0))

    def __neg__(self) -> Self:
        return self._result(-self.data, "−", (self,), (-1.0,))

    def __radd__(self, other: float) -> Value:
        return self._other(other) + self

    def __rmul__(self, other: float) -> Value:
        return self._other(other) * self

    def __rsub__(self, other: float) -> Value:
        return self._other(other) - self

    def __rtruediv__(self, other: float) -> Value:
        return self._other(other) / self

    def exp(self) -> Self:
        """Return eˣ."""
        if self.data > 88:
            raise ValueError(f"exp: expected a number of at most 88, got {self.data:g}.")
        y = math.exp(self.data)
        return self._result(y, "exp", (self,), (y,))

    def log(self) -> Self:
        """Return the natural logarithm."""
        if self.data <= 0:
            raise ValueError(f"log: expected a number above zero, got {self.data:g}.")
        return self._result(math.log(self.data), "log", (self,), (1 / self.data,))

    def tanh(self) -> Self:
        """Return the hyperbolic tangent."""
        y = math.tanh(self.data)
        return self._result(y, "tanh", (self,), (1 - y * y,))

    def sigmoid(self) -> Self:
        """Return 1 / (1 + e⁻ˣ)."""
        y = 0.5 * (1 + math.tanh(0.5 * self.data))
        return self._result(y, "σ", (self,), (y * (1 - y),))

    def relu(self) -> Self:
        """Return the number, or zero if it is negative. At zero its slope is zero, as PyTorch has it."""
        return self._result(max(self.data, 0.0), "relu", (self,), (float(self.data > 0),))

    def past(self) -> list[Value]:
        """Return all numbers that this one depends on, each after its parents, and itself as the last."""
        order: list[Value] = []
        seen: set[int] = set()
        stack: list[tuple[Value, bool]] = [(self, False)]
        while stack:
            value, parents_done = stack.pop()
            if parents_done:
                order.append(value)
            elif id(value) not in seen:
                seen.add(id(value))
                stack.append((value, True))
                stack += [(parent, False) for parent in value.parents]
        return order

    def adjoints(self) -> list[tuple[Value, float]]:
        """Return each number that this one depends on with this one's derivative in it, by one sweep backwards.

        References
        ----------
        Book: eq-reverse-sweep, alg-reverse-sweep.
        """
        order = self.past()
        slopes = dict.fromkeys(map(id, order), 0.0) | {id(self): 1.0}
        for value in reversed(order):
            for parent, slope in zip(value.parents, value.slopes, strict=True):
                slopes[id(parent)] += slope * slopes[id(value)]
        return [(value, slopes[id(value)]) for value in order]

    def backward(self) -> None:
        """Add this number's derivatives to the ``grad`` of all that it depends on; a second call adds them again."""
        for value, slope in self.adjoints():
            value.grad += slope


class Rounded(Value):
    """A number in single precision, which keeps what its own last operation has rounded away.

    Attributes
    ----------
    rounding
        The number less the exact result of its operation on the numbers that it came from.
    """

    def __init__(self, data: float, name: str = "") -> None:
        super().__init__(data, name)
        (self.data,) = struct.unpack("f", struct.pack("f", self.data))
        self.rounding = self.data - data


@checked
def accumulated_rounding_error(y: Rounded) -> float:
    """Return Σ ∂y/∂vᵢ · δᵢ over all numbers vᵢ that y came from: the error that their roundings δᵢ leave in y.

    It is right to the first order. The derivatives are those of one sweep backwards, for which Linnainmaa invented it.

    References
    ----------
    Linnainmaa, 1970. Book: eq-rounding-error.
    """
    return sum(
        slope * value.rounding for value, slope in y.adjoints() if isinstance(value, Rounded)
    )
