"""One row of a search space, as JSON that need not be right: what is wrong with it, and at which of its fields."""

import math
import re
from collections.abc import Mapping
from typing import Final

from pydantic import ValidationError

from runners.optimizers.reach import can_be
from runners.protocol.base import Scalar
from runners.protocol.catalogue import Field
from runners.protocol.space import CategoricalParameter, FloatParameter, IntParameter, Place, place_of
from runners.protocol.spec import ModelSource
from sweeps.validation.known import resolve
from sweeps.validation.problems import Problem, from_pydantic
from sweeps.validation.text import number_text, short, shown
from sweeps.validation.values import LARGEST, typed

Parameter = FloatParameter | IntParameter | CategoricalParameter

KINDS: Final[dict[str, type[FloatParameter] | type[IntParameter] | type[CategoricalParameter]]] = {
    "float": FloatParameter,
    "int": IntParameter,
    "categorical": CategoricalParameter,
}
NAME: Final = re.compile(r"(model\.|data\.|lora\.|var\.)?[A-Za-z_][A-Za-z0-9_]*")
MAX_CHOICES: Final = 200


class RowChecker:
    """Checks one row. `problems` are found at `name`, `type`, `low`, `high`, `log`, `step`, `choices`, `when.name` or
    `when.values`. `earlier`: the good rows above it.
    """

    def __init__(
        self,
        row: Mapping[str, object],
        *,
        earlier: Mapping[str, Parameter] | None = None,
        task: str = "",
        source: ModelSource | None = None,
    ) -> None:
        self.row = row
        self.problems: list[Problem] = []
        self._earlier = earlier or {}
        self.field = self._named(task, source)
        self.parameter = self._parameter()

    def _bad(self, path: str, message: str) -> None:
        self.problems.append(Problem(path, message))

    def _named(self, task: str, source: ModelSource | None) -> Field | None:
        name = self.row.get("name")
        if not isinstance(name, str) or not name.strip():
            self._bad("name", "Choose what to search.")
            return None
        try:
            return named(name, task=task, source=source)
        except ValueError as error:
            self._bad("name", str(error))
            return None

    def _parameter(self) -> Parameter | None:
        kind = self.row.get("type")
        if kind not in KINDS:
            self._bad("type", "Choose float, int or categorical.")
            return None
        if self.field is not None and not self._suits(str(kind), self.field):
            return None
        data: dict[str, object] = {"type": kind, "name": self.row.get("name")}
        data |= self._choices() if kind == "categorical" else self._range(str(kind))
        data["when"] = self._when()
        if self.problems:
            return None
        try:
            return KINDS[str(kind)].model_validate(data)
        except ValidationError as error:  # The contract has the last word.
            self.problems += from_pydantic(error, tags=tuple(KINDS))
            return None

    def _when(self) -> dict[str, object] | None:
        when = self.row.get("when")
        if when is None:
            return None
        name = when.get("name") if isinstance(when, Mapping) else None
        values = when.get("values") if isinstance(when, Mapping) else None
        above = self._earlier.get(name) if isinstance(name, str) else None
        if above is None:
            told = f"{name} is" if isinstance(name, str) and name else "That is"
            self._bad("when.name", f"{told} no row above this one: a condition looks at a row that is drawn before.")
            return None
        if isinstance(above, FloatParameter):
            self._bad(
                "when.name", f"{name} is a float, which hardly ever has one value: choose an int or categorical row."
            )
            return None
        if not isinstance(values, list | tuple) or not values:
            self._bad("when.values", f"Give at least one value of {name}.")
            return None
        met: list[Scalar] = []
        for value in values:
            if not can_be(above, value):
                self._bad("when.values", f"{name} is never {shown(value)}: {_range_of(above)}.")
            elif any(type(value) is type(other) and value == other for other in met):
                self._bad("when.values", f"{shown(value)} is listed twice.")
            else:
                met.append(value)
        return {"name": name, "values": met} if met else None

    def _suits(self, kind: str, field: Field) -> bool:
        if kind in ("categorical", field.type) or (field.type, kind) == ("float", "int"):
            return True
        wanted = "int or categorical" if field.type == "int" else "categorical"
        what = {"int": "a whole number", "bool": "true or false"}.get(field.type, "one of a set of words")
        self._bad("type", f"{self.row['name']} is {what}: choose {wanted}.")
        return False

    def _range(self, kind: str) -> dict[str, object]:
        low, high = self._end("low", kind), self._end("high", kind)
        log = self.row.get("log", False)
        if not isinstance(log, bool):
            self._bad("log", "log is true or false.")
        step = self._step(kind)
        if log is True and step is not None:
            self._bad("step", "A log scale takes no step: clear one of the two.")
            step = None
        if low is not None and high is not None:
            if low > high:
                self._bad("high", f"high {number_text(high)} is below low {number_text(low)}: swap them.")
            elif step is not None:
                self._divides(low, high, step)
        if log is True and low is not None and low <= 0:
            self._bad("low", f"A log scale needs low above 0, not {number_text(low)}.")
        data: dict[str, object] = {"low": low, "high": high, "log": log}
        return data | ({"step": step} if step is not None else {})

    def _end(self, path: str, kind: str) -> int | float | None:
        value = self._number(path, kind, needed=True)
        if value is not None and self.field is not None:
            try:
                typed(self.field, value)
            except ValueError as error:
                self._bad(path, str(error))
                return None
        return value

    def _number(self, path: str, kind: str, *, needed: bool) -> int | float | None:
        value = self.row.get(path)
        if value is None or value == "":
            if needed:
                self._bad(path, f"Give {path}.")
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            self._bad(path, f"{path} must be a number.")
            return None
        if abs(value) >= LARGEST or not math.isfinite(value):
            self._bad(path, f"{path} must be a finite number that is not too large.")
            return None
        if kind == "float":
            return float(value)
        if value != int(value):
            self._bad(path, f"{path} must be a whole number in an int row, not {number_text(value)}.")
            return None
        return int(value)

    def _step(self, kind: str) -> int | float | None:
        step = self._number("step", kind, needed=False)
        if step is not None and step <= 0:
            self._bad("step", f"step must be above 0, not {number_text(step)}.")
            return None
        # Optuna's int rows have step 1 where none is given, also on a log scale.
        return None if kind == "int" and step == 1 else step

    def _divides(self, low: float, high: float, step: float) -> None:
        steps = (high - low) / step
        if abs(steps - round(steps)) <= 1e-8 * max(1.0, abs(steps)):
            return
        whole = math.floor(steps + 1e-8)
        if whole < 1:
            self._bad("step", f"step {number_text(step)} is larger than high - low = {number_text(_tidy(high - low))}.")
            return
        below, above = _tidy(low + whole * step), _tidy(low + (whole + 1) * step)
        self._bad(
            "step",
            f"step {number_text(step)} does not divide high - low = {number_text(_tidy(high - low))}: "
            f"make high {number_text(below)} or {number_text(above)}, or change the step.",
        )

    def _choices(self) -> dict[str, object]:
        given = self.row.get("choices")
        if not isinstance(given, list | tuple) or not given:
            self._bad("choices", "Give at least one choice.")
            return {}
        if len(given) > MAX_CHOICES:
            self._bad("choices", f"{len(given)} choices are too many; the most is {MAX_CHOICES}.")
            return {}
        values: list[Scalar] = []
        for choice in given:
            if choice is not None and not isinstance(choice, str | int | float | bool):
                self._bad("choices", "Each choice is a text, a number, true, false or none.")
                return {}
            value: object = choice
            if self.field is not None:
                try:
                    value = typed(self.field, choice)
                except ValueError as error:
                    self._bad("choices", str(error))
                    continue
            assert value is None or isinstance(value, str | int | float | bool)  # a searchable field is no list
            if any(type(value) is type(other) and value == other for other in values):
                self._bad("choices", f"{shown(value)} is listed twice.")
                continue
            values.append(value)
        return {"choices": values}


def named(name: str, *, task: str = "", source: ModelSource | None = None) -> Field | None:
    """The field that a row's name means; None for a variable. Raises ValueError with a sentence."""
    if len(name) > 100 or not NAME.fullmatch(name):
        raise ValueError("That is no parameter's name. Choose one from the list, such as learning_rate.")
    return None if place_of(name) is Place.VARIABLE else resolve(name, task=task, source=source)


def _range_of(row: IntParameter | CategoricalParameter) -> str:
    if isinstance(row, CategoricalParameter):
        return f"its choices are {short(', '.join(map(shown, row.choices)))}"
    step = f", in steps of {row.step}" if row.step != 1 else ""
    return f"it goes from {row.low} to {row.high}{step}"


def _tidy(value: float) -> float:
    """Without the last digits' noise: 0.30000000000000004 → 0.3."""
    return float(f"{value:.12g}") if isinstance(value, float) else value
