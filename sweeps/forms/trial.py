"""A trial that a person makes: one field for each parameter of the space."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from runners.protocol.base import Scalar
from runners.protocol.space import CategoricalParameter, FloatParameter, IntParameter, SearchSpace
from sweeps.validation.problems import Problem
from sweeps.validation.text import number_text, shown
from sweeps.validation.values import number

Row = FloatParameter | IntParameter | CategoricalParameter


class TrialForm(forms.Form):
    """`start`: values to begin with. `params` gives what was typed; whether it is in the space, the service judges."""

    def __init__(self, data: Any = None, *, space: SearchSpace, start: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        self.space = space
        start = start or {}
        for place, row in enumerate(space.parameters):
            self.fields[f"p-{place}"] = _field(row, start.get(row.name, _NONE))

    def clean(self) -> dict[str, Any]:
        """Typed values by parameter, at `params`."""
        data: dict[str, Any] = super().clean() or {}
        params: dict[str, Scalar] = {}
        for place, row in enumerate(self.space.parameters):
            name = f"p-{place}"
            text = str(data.get(name, "")).strip()
            if not text:
                continue
            if isinstance(row, CategoricalParameter):
                params[row.name] = row.choices[int(text)]
                continue
            try:
                params[row.name] = number(row.name, text)
            except ValueError as error:
                self.add_error(name, str(error))
        data["params"] = params
        return data

    def refuse(self, problems: Iterable[Problem]) -> None:
        """Show what the service found at the fields."""
        names = {f"params.{row.name}": f"p-{place}" for place, row in enumerate(self.space.parameters)}
        for problem in problems:
            if not problem.warning:
                self.add_error(names.get(problem.path), problem.message)


_NONE = object()


def _field(row: Row, start: Any) -> forms.Field:
    needed = row.when is None
    when = "" if row.when is None else f"Only where {row.when.name} is {' or '.join(map(shown, row.when.values))}."
    if isinstance(row, CategoricalParameter):
        choices = [(str(index), shown(choice)) for index, choice in enumerate(row.choices)]
        chosen = [key for (key, _), choice in zip(choices, row.choices, strict=True) if _same(choice, start)]
        empty = [] if needed and chosen else [("", "Choose" if needed else "Does not act")]
        return forms.ChoiceField(
            label=row.name,
            choices=[*empty, *choices],
            required=needed,
            initial=chosen[0] if chosen else "",
            help_text=when,
        )
    kind = "A whole number from" if isinstance(row, IntParameter) else "From"
    steps = f", in steps of {number_text(row.step)}" if row.step not in (None, 1) else ""
    hint = f"{kind} {number_text(row.low)} to {number_text(row.high)}{steps}. {when}".strip()
    initial = "" if start is _NONE or start is None else shown(start)
    return forms.CharField(label=row.name, required=needed, initial=initial, help_text=hint, max_length=100)


def _same(choice: Scalar, value: Any) -> bool:
    return type(choice) is type(value) and choice == value
