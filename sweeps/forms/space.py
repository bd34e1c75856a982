"""A search space: its name, its task and its rows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms

from runners.optimizers.derive import DEVICE_BATCH, effective_batch
from runners.protocol.catalogue import catalogue
from runners.protocol.space import SearchSpace as Space
from sweeps.forms.problems import attach, raw_values
from sweeps.forms.space_coupled import BLANK, COUPLED, read_text
from sweeps.forms.space_derived import (
    EMPTY_FORMULA,
    FormulaForm,
    RawFormula,
    formula_json,
    moved_formula,
    raw_formulas,
    read_formulas,
)
from sweeps.forms.space_rows import (
    EMPTY,
    TABLE,
    Raw,
    RowForm,
    is_blank,
    known_field,
    lookups_json,
    proposed,
    raw_row,
    raw_rows,
    read_rows,
    row_json,
)
from sweeps.models import SearchSpace
from sweeps.validation.known import PLACES, Offer, offers
from sweeps.validation.naming import MAX_NAME, check_name
from sweeps.validation.problems import Problem
from sweeps.validation.space import check_rows
from teams.models import Team


class SpaceForm(forms.Form):
    """What a space has beside its rows."""

    name = forms.CharField(max_length=MAX_NAME)
    description = forms.CharField(required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))
    task = forms.ChoiceField(
        required=False,
        choices=[("", "Any task"), *((task.name, task.label) for task in catalogue().tasks)],
        help_text="Decides which config fields and data settings there are to search.",
    )

    def __init__(self, *args: Any, team: Team, own: SearchSpace | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.team, self.own = team, own

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if "name" in data:
            attach(self, check_name(SearchSpace, self.team, data["name"], self.own), str)
        return data

    @property
    def chosen_task(self) -> str:
        value = self.data.get("task") if self.is_bound else self.initial.get("task")
        return str(value) if catalogue().task(str(value)) else ""


@dataclass
class SpacePage:
    """The form, its rows and its formulas together, and what they mean once they are judged."""

    form: SpaceForm
    raws: list[Raw]
    rows: list[RowForm]
    raw_formulas: list[RawFormula]
    formulas: list[FormulaForm]
    focus: int | None = None
    space: Space | None = None
    note: str = ""
    """What is wrong with the rows as a whole."""

    @classmethod
    def typed(cls, data: Mapping[str, Any], *, team: Team, own: SearchSpace | None = None) -> "SpacePage":
        """From a POST, not judged yet."""
        return cls._made(SpaceForm(data, team=team, own=own), read_rows(data), read_formulas(data))

    @classmethod
    def of(cls, space: Space, initial: Mapping[str, Any], *, team: Team, own: SearchSpace | None = None) -> "SpacePage":
        """From a space of the library, or a preset."""
        raws = raw_rows(space) or [EMPTY | {"type": "float"}]
        return cls._made(SpaceForm(initial=dict(initial), team=team, own=own), raws, raw_formulas(space))

    @classmethod
    def _made(
        cls, form: SpaceForm, raws: list[Raw], formulas: list[RawFormula], focus: int | None = None
    ) -> "SpacePage":
        task = form.chosen_task
        rows = [RowForm(raw, index, known_field(raw["name"], task)) for index, raw in enumerate(raws)]
        made = [FormulaForm(raw, index) for index, raw in enumerate(formulas)]
        return cls(form, raws, rows, formulas, made, focus)

    def judge(self) -> Space | None:
        """Check the rows and put each sentence beside its column. The space, or None. Blank rows are left out."""
        task = self.form.chosen_task
        filled = [index for index, raw in enumerate(self.raws) if not is_blank(raw)]
        formulas = [index for index, raw in enumerate(self.raw_formulas) if any(map(str.strip, raw.values()))]
        rows = [row_json(self.raws[index], task=task, above=self.raws[:index]) for index in filled]
        places: list[tuple[RowForm | FormulaForm, str]] = []
        derived: list[dict[str, object]] = []
        for index in filled:
            for control, lookup in lookups_json(self.raws[index], task=task):
                derived.append(lookup)
                places.append((self.rows[index], control))
        for index in formulas:
            derived.append(formula_json(self.raw_formulas[index]))
            places.append((self.formulas[index], ""))
        space, problems = check_rows(rows, derived, task=task)
        self._place(problems, [self.rows[index] for index in filled], places)
        self.space = space
        return space

    def _place(
        self, problems: Iterable[Problem], rows: list[RowForm], derived: list[tuple[RowForm | FormulaForm, str]]
    ) -> None:
        for problem in problems:
            kind, *rest = problem.path.split(".")
            if not rest or not rest[0].isdigit():
                self.note = problem.message
                continue
            place: RowForm | FormulaForm
            if kind == "derived":
                place, column = derived[int(rest[0])]
                column = column or rest[-1]
            else:
                place, column = rows[int(rest[0])], "_".join(rest[1:]) or "name"
            (place.warn if problem.warning else place.refuse)(column, problem.message)

    @property
    def refused(self) -> bool:
        """Whether a sentence stands at a row."""
        return bool(self.note or any(form.errors for form in (*self.rows, *self.formulas)))

    def act(self, act: str, new_name: str = "") -> "SpacePage":
        """The page after a button; not judged.

        add, couple, batch (effective batch size), formula; or with a row's number: up, down, copy, remove, propose, line,
        column, formula-up, formula-down, formula-remove.
        """
        verb, _, number = act.partition(":")
        index = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else -1
        task = self.form.chosen_task
        raws = [dict(raw) for raw in self.raws]
        formulas = [dict(raw) for raw in self.raw_formulas]
        focus: int | None = None
        if verb in ("add", "couple", "batch") and len(raws) < 100:
            raws, formulas = _added(verb, raws, formulas, new_name, task)
            focus = len(raws) - 1
        elif verb == "formula":
            formulas.append(dict(EMPTY_FORMULA))
        elif verb.startswith("formula-") and 0 <= index < len(formulas):
            formulas = moved_formula(verb, formulas, index)
        elif 0 <= index < len(raws):
            raws, focus = _moved(verb, raws, index, task)
        form = SpaceForm(initial=raw_values(self.form), team=self.form.team, own=self.form.own)
        return self._made(form, raws, formulas, focus)

    def groups(self) -> list[tuple[str, list[Offer]]]:
        """(heading, what exists) for the picker."""
        return picker(self.form.chosen_task)


def _added(
    verb: str, raws: list[Raw], formulas: list[RawFormula], new_name: str, task: str
) -> tuple[list[Raw], list[RawFormula]]:
    raws = [raw for raw in raws if not is_blank(raw)]
    names = {raw["name"].strip() for raw in raws}
    if verb == "couple":
        name = next(
            name for count in range(1, 102) if (name := f"var.choice{'' if count == 1 else count}") not in names
        )
        return [*raws, EMPTY | {"name": name, "type": COUPLED, TABLE: BLANK.text()}], formulas
    if verb == "batch":
        row, formula = effective_batch()
        if DEVICE_BATCH not in names:
            raws.append(proposed(DEVICE_BATCH, task))
        # What is computed is no longer drawn.
        raws = [raw for raw in raws if raw["name"].strip() not in (row.name, formula.name)]
        left = [raw for raw in formulas if raw["name"].strip() != formula.name]
        return [*raws, raw_row(row)], [*left, {"name": formula.name, "formula": formula.formula}]
    return [*raws, proposed(new_name, task) if new_name else EMPTY | {"type": "float"}], formulas


def _moved(verb: str, raws: list[Raw], index: int, task: str) -> tuple[list[Raw], int | None]:
    row = raws[index]
    match verb:
        case "up" | "down":
            other = max(0, index - 1) if verb == "up" else min(len(raws) - 1, index + 1)
            raws[index], raws[other] = raws[other], raws[index]
            return raws, other
        case "copy":
            return [*raws[: index + 1], dict(row), *raws[index + 1 :]], index + 1
        case "remove":
            left = raws[:index] + raws[index + 1 :]
            return left, min(index, len(left) - 1) if left else None
        case "line" | "column" if row["type"] == COUPLED:
            table = read_text(row[TABLE])
            row[TABLE] = (table.longer() if verb == "line" else table.wider()).text()
            return raws, None
        case "propose":
            condition = {column: row[column] for column in ("when_name", "when_values")}
            raws[index] = proposed(row["name"].strip(), task) | condition
            return raws, index
        case _:
            return raws, None


def picker(task: str) -> list[tuple[str, list[Offer]]]:
    """(heading, what exists) in the catalogue's order: training arguments, config fields, data settings."""
    found: dict[str, list[Offer]] = {label: [] for label in PLACES.values()}
    for offer in offers(task=task):
        found[PLACES[offer.place]].append(offer)
    return [(label, entries) for label, entries in found.items() if entries]
