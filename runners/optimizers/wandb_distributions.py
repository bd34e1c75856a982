"""The parameters of a W&B sweep configuration: what is drawn from what.

The distributions are those of docs.wandb.ai, "Sweep configuration options": every one is drawn through its quantile
function, so one number in [0, 1) decides a value.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, Final

from runners.protocol.base import Scalar

_BOUNDS: Final = ("min", "max")
_NORMAL: Final = ("mu", "sigma")
_BETA: Final = ("a", "b")
_NUMBERS: Final[dict[str, tuple[str, ...]]] = {
    "int_uniform": _BOUNDS,
    "uniform": _BOUNDS,
    "q_uniform": _BOUNDS,
    "log_uniform": _BOUNDS,
    "log_uniform_values": _BOUNDS,
    "inv_log_uniform": _BOUNDS,
    "inv_log_uniform_values": _BOUNDS,
    "q_log_uniform": _BOUNDS,
    "q_log_uniform_values": _BOUNDS,
    "normal": _NORMAL,
    "q_normal": _NORMAL,
    "log_normal": _NORMAL,
    "q_log_normal": _NORMAL,
    "beta": _BETA,
    "q_beta": _BETA,
}
_DEFAULTS: Final = {"mu": 0.0, "sigma": 1.0, "a": 1.0, "b": 1.0}
_CHOICES: Final = frozenset({"constant", "categorical", "categorical_w_probabilities"})
DEPTH: Final = 8
"""Parameters may stand inside parameters so deep."""


@dataclass(frozen=True)
class Dimension:
    """One parameter. `path`: its names from the outermost to its own, several for a nested one.

    `kind`: W&B's name of the distribution. `values` and `weights` (which sum to 1): of categorical ones and constants.
    `numbers`: the two numbers of the others: bounds, mean and deviation, or the two shapes. `q`: what is rounded to.
    """

    path: tuple[str, ...]
    kind: str
    values: tuple[Scalar, ...] = ()
    weights: tuple[float, ...] = ()
    numbers: tuple[float, float] = (0.0, 0.0)
    q: float | None = None

    @property
    def name(self) -> str:
        return ".".join(self.path)

    @property
    def is_choice(self) -> bool:
        return self.kind in _CHOICES

    def at(self, quantile: float) -> Scalar:
        """The value at a quantile in [0, 1]."""
        if self.is_choice:
            return self.values[self._index(quantile)]
        low, high = self.numbers
        if self.kind == "int_uniform":
            count = int(high) - int(low) + 1
            return int(low) + min(count - 1, int(quantile * count))
        value = self._number(quantile)
        if self.q is None:
            # Rounding must not lead out of bounds.
            return min(max(value, low), high) if self.kind in {"uniform", "log_uniform_values"} else value
        stepped = round(value / self.q) * self.q
        return int(stepped) if float(self.q).is_integer() and isinstance(self.q, int) else stepped

    def quantile(self, value: Scalar) -> float:
        """Where a number lies in its distribution, in [0, 1]: the inverse of `at`, but for what it rounds."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return 0.5
        return min(1.0, max(0.0, self._below(float(value))))

    def grid(self) -> tuple[Scalar, ...]:
        """The values of a grid, in order, each once. ValueError where W&B's grid refuses the distribution."""
        if self.kind in {"constant", "categorical"}:
            return tuple({(type(value), value): value for value in self.values}.values())
        low, high = self.numbers
        if self.kind == "int_uniform":
            return tuple(range(int(low), int(high) + 1))
        if self.kind == "q_uniform" and self.q:
            # As W&B counts: the upper bound itself is left out.
            points = [low + step * self.q for step in range(max(1, math.ceil((high - low) / self.q - 1e-9)))]
            return tuple(int(point) if isinstance(self.q, int) else point for point in points)
        raise ValueError(
            f"parameters.{self.name}: a grid needs a finite number of values, and {self.kind} has not. Give values."
        )

    def _index(self, quantile: float) -> int:
        if not self.weights:
            return min(len(self.values) - 1, int(quantile * len(self.values)))
        total = 0.0
        for index, weight in enumerate(self.weights):
            total += weight
            if quantile < total:
                return index
        return max(index for index, weight in enumerate(self.weights) if weight > 0)

    def _number(self, quantile: float) -> float:
        first, second = self.numbers
        match self.kind.removeprefix("q_"):
            case "uniform":
                return first + quantile * (second - first)
            case "log_uniform":
                return math.exp(first + quantile * (second - first))
            case "log_uniform_values" | "inv_log_uniform_values":
                return math.exp(math.log(first) + quantile * (math.log(second) - math.log(first)))
            case "inv_log_uniform":
                return math.exp(-(first + (1 - quantile) * (second - first)))
            case "normal":
                return _normal(first, second, quantile)
            case "log_normal":
                return math.exp(_normal(first, second, quantile))
            case _:
                from scipy.special import betaincinv

                return float(betaincinv(first, second, quantile))

    def _below(self, value: float) -> float:
        first, second = self.numbers
        match self.kind.removeprefix("q_"):
            case "uniform":
                return (value - first) / (second - first or 1)
            case "log_uniform":
                return (_log(value) - first) / (second - first or 1)
            case "log_uniform_values" | "inv_log_uniform_values":
                return (_log(value) - math.log(first)) / (math.log(second) - math.log(first) or 1)
            case "inv_log_uniform":
                return 1 - (-_log(value) - first) / (second - first or 1)
            case "normal":
                return NormalDist(first, second or 1e-12).cdf(value)
            case "log_normal":
                return NormalDist(first, second or 1e-12).cdf(_log(value))
            case _:
                from scipy.special import betainc

                return float(betainc(first, second, min(1.0, max(0.0, value))))


def read_parameters(configuration: Mapping[str, Any]) -> tuple[Dimension, ...]:
    """The dimensions of a sweep configuration, in its order. ValueError names the parameter and the mend."""
    parameters = configuration.get("parameters")
    if not isinstance(parameters, Mapping) or not parameters:
        raise ValueError("parameters: name at least one parameter with its values or its bounds.")
    found = tuple(_read(parameters, ()))
    names = [dimension.name for dimension in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"parameters.{twice[0]}: the name stands twice, once with a dot and once nested. Rename one.")
    return found


def _read(parameters: Mapping[Any, Any], outer: tuple[str, ...]) -> Iterator[Dimension]:
    if len(outer) >= DEPTH:
        raise ValueError(f"parameters.{'.'.join(outer)}: nested too deep.")
    for name, given in parameters.items():
        path = (*outer, str(name))
        if not isinstance(given, Mapping):
            raise ValueError(f"parameters.{'.'.join(path)}: give its value, its values, or its bounds min and max.")
        if isinstance(given.get("parameters"), Mapping):
            yield from _read(given["parameters"], path)
        else:
            yield _dimension(path, given)


def _dimension(path: tuple[str, ...], given: Mapping[str, Any]) -> Dimension:
    where = f"parameters.{'.'.join(path)}"
    kind = given.get("distribution")
    if "value" in given:
        return Dimension(path, "constant", values=(_scalar(where, given["value"]),))
    if "values" in given:
        return _categorical(path, where, given)
    if kind is None:
        if "min" not in given or "max" not in given:
            raise ValueError(f"{where}: give its value, its values, or its bounds min and max.")
        whole = all(isinstance(given[bound], int) for bound in _BOUNDS)
        kind = "int_uniform" if whole else "uniform"
    if kind not in _NUMBERS:
        known = ", ".join((*_NUMBERS, "categorical", "constant"))
        raise ValueError(f"{where}.distribution: {kind!r} is unknown. Distributions: {known}.")
    first, second = (_number(where, name, given.get(name, _DEFAULTS.get(name))) for name in _NUMBERS[kind])
    _check(where, str(kind), first, second)
    q = None
    if str(kind).startswith("q_"):
        q = given.get("q", 1)
        if _number(where, "q", q) <= 0:
            raise ValueError(f"{where}.q: must be above 0.")
    return Dimension(path, str(kind), numbers=(first, second), q=q)


def _categorical(path: tuple[str, ...], where: str, given: Mapping[str, Any]) -> Dimension:
    values = given["values"]
    if not isinstance(values, list | tuple) or not values:
        raise ValueError(f"{where}.values: a list with at least one value is needed.")
    scalars = tuple(_scalar(where, value) for value in values)
    weights = given.get("probabilities")
    if weights is None:
        return Dimension(path, "categorical", values=scalars)
    if not isinstance(weights, list | tuple) or len(weights) != len(scalars):
        raise ValueError(f"{where}.probabilities: as many as values are needed, {len(scalars)}.")
    numbers = [_number(where, "probabilities", weight) for weight in weights]
    if min(numbers) < 0 or sum(numbers) <= 0:
        raise ValueError(f"{where}.probabilities: none may be below 0, and one must be above it.")
    total = sum(numbers)
    return Dimension(
        path, "categorical_w_probabilities", values=scalars, weights=tuple(number / total for number in numbers)
    )


def _check(where: str, kind: str, first: float, second: float) -> None:
    if _NUMBERS[kind] is _BOUNDS:
        if first > second:
            raise ValueError(f"{where}: min {first:g} is above max {second:g}.")
        if kind == "int_uniform" and not (first.is_integer() and second.is_integer()):
            raise ValueError(f"{where}: int_uniform needs whole numbers as min and max.")
        if kind.endswith("log_uniform_values") and first <= 0:
            raise ValueError(f"{where}.min: a log scale needs min above 0, not {first:g}.")
        if "log_uniform" in kind and not kind.endswith("_values") and max(abs(first), abs(second)) > 700:
            raise ValueError(f"{where}: min and max of {kind} are exponents; with {second:g} the values overflow.")
    elif _NUMBERS[kind] is _NORMAL:
        if second < 0:
            raise ValueError(f"{where}.sigma: must not be below 0.")
    elif first <= 0 or second <= 0:
        raise ValueError(f"{where}: a and b must be above 0.")


def _number(where: str, name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{where}.{name}: a number is needed.")
    return float(value)


def _scalar(where: str, value: Any) -> Scalar:
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    raise ValueError(f"{where}: a value must be a string, a finite number, true, false or null, not {value!r}.")


def _normal(mu: float, sigma: float, quantile: float) -> float:
    if sigma == 0:
        return mu
    # The quantiles 0 and 1 are infinite.
    return NormalDist(mu, sigma).inv_cdf(min(1 - 1e-12, max(1e-12, quantile)))


def _log(value: float) -> float:
    return math.log(value) if value > 0 else -math.inf
