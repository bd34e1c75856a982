"""A search space: its name, its task and its rows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms

from runners.protocol.catalogue import catalogue
from runners.protocol.space import SearchSpace as Space
from sweeps.forms.problems import attach, raw_values
from sweeps.forms.space_rows import EMPTY, Raw, RowForm, is_blank, known_field, proposed, raw_rows, read_rows, row_json
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
    """The form and its rows together, and what the rows mean once they are judged."""

    form: SpaceForm
    raws: list[Raw]
    rows: list[RowForm]
    focus: int | None = None
    space: Space | None = None
    note: str = ""
    """What is wrong with the rows as a whole."""

    @classmethod
    def typed(cls, data: Mapping[str, Any], *, team: Team, own: SearchSpace | None = None) -> "SpacePage":
        """From a POST, not judged yet."""
        return cls._made(SpaceForm(data, team=team, own=own), read_rows(data))

    @classmethod
    def of(cls, space: Space, initial: Mapping[str, Any], *, team: Team, own: SearchSpace | None = None) -> "SpacePage":
        """From a space of the library, or a preset."""
        raws = raw_rows(space) or [EMPTY | {"type": "float"}]
        return cls._made(SpaceForm(initial=dict(initial), team=team, own=own), raws)

    @classmethod
    def _made(cls, form: SpaceForm, raws: list[Raw], focus: int | None = None) -> "SpacePage":
        task = form.chosen_task
        rows = [RowForm(raw, index, known_field(raw["name"], task)) for index, raw in enumerate(raws)]
        return cls(form, raws, rows, focus)

    def judge(self) -> Space | None:
        """Check the rows and put each sentence beside its column. The space, or None. Blank rows are left out."""
        task = self.form.chosen_task
        filled = [index for index, raw in enumerate(self.raws) if not is_blank(raw)]
        space, problems = check_rows([row_json(self.raws[index], task=task) for index in filled], task=task)
        self.refuse(problems, filled)
        self.space = space
        return space

    def refuse(self, problems: Iterable[Problem], filled: list[int]) -> None:
        for problem in problems:
            parts = problem.path.split(".")
            if parts[0] == "parameters" and len(parts) > 1 and parts[1].isdigit():
                self.rows[filled[int(parts[1])]].refuse(parts[-1] if len(parts) > 2 else "name", problem.message)
            else:
                self.note = problem.message

    def act(self, act: str, new_name: str = "") -> "SpacePage":
        """The page after a button: add, or up, down, copy, remove, propose with the row's number. Not judged."""
        verb, _, number = act.partition(":")
        index = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else -1
        raws = [dict(raw) for raw in self.raws]
        focus: int | None = None
        if verb == "add" and len(raws) < 100:
            raws = [raw for raw in raws if not is_blank(raw)]
            raws.append(proposed(new_name, self.form.chosen_task) if new_name else EMPTY | {"type": "float"})
            focus = len(raws) - 1
        elif 0 <= index < len(raws):
            raws, focus = _moved(verb, raws, index, self.form.chosen_task)
        form = SpaceForm(initial=raw_values(self.form), team=self.form.team, own=self.form.own)
        return self._made(form, raws, focus)

    def groups(self) -> list[tuple[str, list[Offer]]]:
        """(heading, what exists) for the picker."""
        return picker(self.form.chosen_task)


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
        case "propose":
            raws[index] = proposed(row["name"].strip(), task)
            return raws, index
        case _:
            return raws, None


def picker(task: str) -> list[tuple[str, list[Offer]]]:
    """(heading, what exists) in the catalogue's order: training arguments, config fields, data settings."""
    found: dict[str, list[Offer]] = {label: [] for label in PLACES.values()}
    for offer in offers(task=task):
        found[PLACES[offer.place]].append(offer)
    return [(label, entries) for label, entries in found.items() if entries]
