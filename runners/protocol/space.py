"""The search space: ordered rows of parameters, in Optuna's distribution form.

A parameter's name says where it acts:

- `learning_rate`: a field of `TrainingArguments`;
- `model.hidden_size`: a field of the model's config;
- `data.max_length`: a setting of the task's preprocessing;
- `lora.r`: a field of the low-rank adapters that are trained instead of the whole model;
- `var.effective_batch_size`: nowhere by itself; derived rows are computed from it.

The order of the rows is the order in which they are sampled, so it is part of the space: another order gives other
draws for the same seed.
"""

import math
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from runners.protocol.base import Message, Scalar

ParameterName = Annotated[
    str, StringConstraints(pattern=r"^(model\.|data\.|lora\.|var\.)?[A-Za-z_][A-Za-z0-9_]*$", max_length=100)
]


class Place(StrEnum):
    """Where a parameter acts."""

    ARGUMENTS = "arguments"
    MODEL = "model"
    DATA = "data"
    LORA = "lora"
    VARIABLE = "var"


def place_of(name: str) -> Place:
    """Tell from its name where a parameter acts."""
    prefix, dot, _ = name.partition(".")
    return Place(prefix) if dot else Place.ARGUMENTS


def field_of(name: str) -> str:
    """The parameter's name without its place: `model.hidden_size` → `hidden_size`."""
    return name.rpartition(".")[2]


class When(Message):
    """The row acts only where the earlier row `name` has one of `values`; else it is not drawn and has no value."""

    name: ParameterName
    values: Annotated[tuple[Scalar, ...], Field(min_length=1)]


class FloatParameter(Message):
    """A float in [low, high], both ends included. With `step`, the values low, low + step, … up to high."""

    type: Literal["float"] = "float"
    name: ParameterName
    low: float
    high: float
    log: bool = False
    step: float | None = None
    when: When | None = None

    @model_validator(mode="after")
    def _bounds(self) -> Self:
        for label, number in (("low", self.low), ("high", self.high), ("step", self.step)):
            if number is not None and not math.isfinite(number):
                raise ValueError(f"{label} must be a finite number.")
        _check_bounds(self.low, self.high, self.log, self.step)
        if self.step is not None:
            steps = (self.high - self.low) / self.step
            if abs(steps - round(steps)) > 1e-8 * max(1.0, abs(steps)):
                raise ValueError(f"step {self.step:g} does not divide high - low = {self.high - self.low:g}.")
        return self


class IntParameter(Message):
    """An integer in [low, high], both ends included. `step` and `log` exclude each other, as in Optuna."""

    type: Literal["int"] = "int"
    name: ParameterName
    low: int
    high: int
    log: bool = False
    step: int = 1
    when: When | None = None

    @model_validator(mode="after")
    def _bounds(self) -> Self:
        _check_bounds(self.low, self.high, self.log, self.step if self.step != 1 else None)
        if self.step < 1:
            raise ValueError("step must be 1 or more.")
        if (self.high - self.low) % self.step:
            raise ValueError(f"step {self.step} does not divide high - low = {self.high - self.low}.")
        return self


class CategoricalParameter(Message):
    """One of `choices`, each a string, number, true/false or null; typed, so 8 and "8" differ."""

    type: Literal["categorical"] = "categorical"
    name: ParameterName
    choices: tuple[Scalar, ...]
    when: When | None = None

    @model_validator(mode="after")
    def _choices(self) -> Self:
        if not self.choices:
            raise ValueError("at least one choice is needed.")
        seen = [(type(choice), choice) for choice in self.choices]
        if len(set(seen)) != len(seen):
            raise ValueError("a choice is listed twice.")
        if any(isinstance(choice, float) and not math.isfinite(choice) for choice in self.choices):
            raise ValueError("choices must be finite.")
        return self


Parameter = Annotated[FloatParameter | IntParameter | CategoricalParameter, Field(discriminator="type")]


class Formula(Message):
    """A value computed from others: arithmetic over parameters and `processes` (see `runners.optimizers.derive`).

    `gradient_accumulation_steps` = `var.effective_batch_size // (per_device_train_batch_size * processes)`.
    """

    type: Literal["formula"] = "formula"
    name: ParameterName
    formula: Annotated[str, StringConstraints(min_length=1, max_length=500)]


class Lookup(Message):
    """A value that goes with each choice of the categorical row `of`: `values` in the order of its choices.

    Several lookups of one row couple their parameters: small = 2 layers of 64, large = 6 layers of 256.
    """

    type: Literal["lookup"] = "lookup"
    name: ParameterName
    of: ParameterName
    values: tuple[Scalar, ...]


Derived = Annotated[Formula | Lookup, Field(discriminator="type")]


class SearchSpace(Message):
    """Rows in sampling order, then the values that follow from them, in order. Names are unique among both."""

    parameters: tuple[Parameter, ...] = ()
    derived: tuple[Derived, ...] = ()

    @model_validator(mode="after")
    def _unique(self) -> Self:
        names = [row.name for row in (*self.parameters, *self.derived)]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)}: a parameter may stand in a space once.")
        return self

    @model_validator(mode="after")
    def _links(self) -> Self:
        known: dict[str, FloatParameter | IntParameter | CategoricalParameter] = {}
        for row in self.parameters:
            if row.when is not None and row.when.name not in known:
                raise ValueError(f"{row.name}: its condition names {row.when.name}, which is no earlier row.")
            known[row.name] = row
        for derived in self.derived:
            if isinstance(derived, Lookup):
                source = known.get(derived.of)
                if not isinstance(source, CategoricalParameter):
                    raise ValueError(f"{derived.name} goes with {derived.of}, which is no row with choices.")
                if len(derived.values) != len(source.choices):
                    raise ValueError(
                        f"{derived.name} has {len(derived.values)} values for {len(source.choices)} choices of {derived.of}."
                    )
        return self

    def combinations(self) -> int | None:
        """How many different assignments the space has; None when it is not finite. The empty space has one."""
        if any(_size(parameter) is None for parameter in self.parameters):
            return None
        return _count(self.parameters)


def _check_bounds(low: float, high: float, log: bool, step: float | None) -> None:
    if low > high:
        raise ValueError(f"low {low:g} is above high {high:g}.")
    if log and low <= 0:
        raise ValueError(f"a log scale needs low above 0, not {low:g}.")
    if log and step is not None:
        raise ValueError("log and step exclude each other.")
    if step is not None and step <= 0:
        raise ValueError("step must be above 0.")


def _count(rows: tuple[FloatParameter | IntParameter | CategoricalParameter, ...]) -> int:
    """Assignments of finite rows. Rows that others depend on are gone through value by value."""
    if not rows:
        return 1
    first, rest = rows[0], rows[1:]
    if not any(row.when is not None and row.when.name == first.name for row in rest):
        return (_size(first) or 1) * _count(rest)
    wanted = {
        (type(value), value) for row in rest if row.when and row.when.name == first.name for value in row.when.values
    }
    named = [value for kind, value in sorted(wanted, key=repr) if _holds(first, kind, value)]
    count = sum(_count(_given(rest, first.name, value)) for value in named)
    others = (_size(first) or 1) - len(named)
    return count + (others * _count(_given(rest, first.name, None, met=False)) if others else 0)


def _holds(row: FloatParameter | IntParameter | CategoricalParameter, kind: type, value: Scalar) -> bool:
    """Whether a finite row can have this value."""
    if isinstance(row, CategoricalParameter):
        return any(type(choice) is kind and choice == value for choice in row.choices)
    if not isinstance(value, int | float) or isinstance(value, bool) or not row.low <= value <= row.high:
        return False
    steps = (value - row.low) / (row.step or 1)
    return abs(steps - round(steps)) < 1e-9


def _given(
    rows: tuple[FloatParameter | IntParameter | CategoricalParameter, ...],
    name: str,
    value: Scalar,
    *,
    met: bool = True,
) -> tuple[FloatParameter | IntParameter | CategoricalParameter, ...]:
    """The rows that are left once `name` has `value` (`met` false: a value that nobody names)."""
    left = []
    gone = set()
    for row in rows:
        when = row.when
        if when is not None and when.name in gone:
            gone.add(row.name)
        elif when is None or when.name != name:
            left.append(row)
        elif met and any(type(value) is type(wanted) and value == wanted for wanted in when.values):
            left.append(row.model_copy(update={"when": None}))
        else:
            gone.add(row.name)
    return tuple(left)


def _size(parameter: FloatParameter | IntParameter | CategoricalParameter) -> int | None:
    match parameter:
        case CategoricalParameter():
            return len(parameter.choices)
        case IntParameter():
            return (parameter.high - parameter.low) // parameter.step + 1
        case FloatParameter(step=None):
            return 1 if parameter.low == parameter.high else None
        case FloatParameter(step=float(step)):
            return round((parameter.high - parameter.low) / step) + 1
        case _:
            return None
