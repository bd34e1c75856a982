"""Forms of what may change in a sweep that has started."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from runners.protocol.base import Scalar
from runners.protocol.space import CategoricalParameter, FloatParameter, IntParameter, SearchSpace
from sweeps.models import Sweep
from sweeps.services.amend import max_failed
from sweeps.validation.amendment import RowChange, coupled
from sweeps.validation.problems import Problem
from sweeps.validation.text import number_text, shown
from sweeps.validation.values import number


def _failures_field() -> forms.IntegerField:
    return forms.IntegerField(
        label="Failed trials allowed",
        required=False,
        min_value=1,
        help_text="More than so many end the sweep. Those that have failed already count. Empty: no limit.",
    )


class BudgetForm(forms.Form):
    """Trials, time and failures of a sweep under way."""

    n_trials = forms.IntegerField(label="Trials", min_value=1, help_text="All that are to count, finished ones too.")
    timeout_minutes = forms.FloatField(
        label="Timeout in minutes",
        required=False,
        min_value=0.01,
        help_text="From the first start. No trial starts later. Empty: no limit.",
    )
    max_failed_trials = _failures_field()

    def __init__(self, data: Any = None, *, sweep: Sweep) -> None:
        minutes = None if sweep.timeout_s is None else round(sweep.timeout_s / 60, 3)
        initial = {"n_trials": sweep.n_trials, "timeout_minutes": minutes, "max_failed_trials": max_failed(sweep)}
        super().__init__(data, initial=initial)

    @property
    def timeout_s(self) -> float | None:
        """As the service takes it."""
        minutes = self.cleaned_data["timeout_minutes"]
        return None if minutes is None else minutes * 60


class ExtendForm(forms.Form):
    """More trials for a sweep that has ended."""

    n_trials = forms.IntegerField(
        label="More trials", min_value=1, initial=10, help_text="They are added to those that the sweep has."
    )
    timeout_minutes = forms.FloatField(
        label="Timeout in minutes",
        required=False,
        min_value=0.01,
        help_text="From now. Empty: no limit.",
    )
    max_failed_trials = _failures_field()

    def __init__(self, data: Any = None, *, sweep: Sweep) -> None:
        super().__init__(data, initial={"max_failed_trials": max_failed(sweep)})

    @property
    def timeout_s(self) -> float | None:
        """As the service takes it."""
        minutes = self.cleaned_data["timeout_minutes"]
        return None if minutes is None else minutes * 60


class SpaceForm(forms.Form):
    """Bounds and choices, row by row. `changes` gives the rows that are otherwise now.

    `proposed`: changes that are filled in for a person to look at; nothing of them counts before the form is sent.
    """

    def __init__(
        self, data: Any = None, *, space: SearchSpace, proposed: Mapping[str, RowChange] | None = None
    ) -> None:
        super().__init__(data)
        self.space = space
        self.places: dict[str, tuple[str, str]] = {}
        for row in space.parameters:
            if isinstance(row, CategoricalParameter):
                self._list(row.name, "choices", row.choices, "Choices, separated by commas. Texts may stand in quotes.")
                for derived in coupled(space, row.name):
                    self._list(derived.name, "values", derived.values, f"One for each choice of {row.name}, in order.")
            else:
                self._bound(row, "low")
                self._bound(row, "high")
        for name, (of, key) in self.places.items():
            told = getattr((proposed or {}).get(of), key, None)
            if told is not None:
                self.initial[name] = _list_text(told) if isinstance(told, tuple) else number_text(told)

    def clean(self) -> dict[str, Any]:
        """Adds `changes`: parameter → RowChange."""
        data: dict[str, Any] = super().clean() or {}
        told: dict[str, dict[str, Any]] = {}
        for name, (row, key) in self.places.items():
            text = str(data.get(name, "")).strip()
            if not text or text == self.fields[name].initial:
                continue
            try:
                told.setdefault(row, {})[key] = number(row, text) if key in {"low", "high"} else _listed(text)
            except ValueError as error:
                self.add_error(name, str(error))
        data["changes"] = {row: RowChange.model_validate(change) for row, change in told.items()}
        return data

    def refuse(self, problems: Iterable[Problem]) -> None:
        """Show what the service found at the fields."""
        fields = {f"parameters.{row}.{key}": name for name, (row, key) in self.places.items()}
        for problem in problems:
            if problem.warning:
                continue
            at = next((name for path, name in fields.items() if path.startswith(problem.path + ".")), None)
            self.add_error(fields.get(problem.path, at if problem.path != "parameters" else None), problem.message)

    def _bound(self, row: FloatParameter | IntParameter, key: str) -> None:
        label = f"{row.name}, {'lowest' if key == 'low' else 'highest'}"
        initial = number_text(getattr(row, key))
        self._add(row.name, key, forms.CharField(label=label, initial=initial, max_length=100))

    def _list(self, name: str, key: str, values: Iterable[Scalar], hint: str) -> None:
        self._add(name, key, forms.CharField(label=name, initial=_list_text(values), help_text=hint, max_length=4000))

    def _add(self, row: str, key: str, field: forms.Field) -> None:
        name = f"r-{len(self.places)}"
        self.places[name] = (row, key)
        self.fields[name] = field


def _list_text(values: Iterable[Scalar]) -> str:
    return ", ".join(_quoted(value) for value in values)


def _quoted(value: Scalar) -> str:
    """As a person types it; in quotes where it would be read as something else."""
    if not isinstance(value, str):
        return shown(value)
    plain = value.strip() == value and value and "," not in value and '"' not in value
    return value if plain and _one(value) == value else json.dumps(value, ensure_ascii=False)


def _listed(text: str) -> list[Scalar]:
    """`8, 16, adamw` → typed values. Raises ValueError."""
    found: list[Scalar] = []
    rest = text.strip()
    decoder = json.JSONDecoder()
    while rest:
        if rest.startswith('"'):
            value, end = decoder.raw_decode(rest)
            rest = rest[end:].lstrip()
            if rest and not rest.startswith(","):
                raise ValueError("A comma is missing behind a text in quotes.")
            rest = rest[1:].lstrip()
        else:
            word, _, rest = rest.partition(",")
            value, rest = _one(word.strip()), rest.lstrip()
        found.append(value)
    return found


def _one(word: str) -> Scalar:
    known: dict[str, Scalar] = {"true": True, "false": False, "none": None}
    if word in known:
        return known[word]
    try:
        return number("", word)
    except ValueError:
        return word
