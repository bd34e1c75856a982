"""A sweep: its parts, its objectives, how it searches, how much, and what stays fixed."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from pydantic import ValidationError as ShapeError

from runners.protocol.objective import WEIGHTED_SUM
from runners.protocol.space import SearchSpace as Space
from sweeps.forms.adapters import LORA, lora_fields, read_lora
from sweeps.forms.adapters import START as LORA_START
from sweeps.forms.arguments import ARGUMENT, COMMON, SETTING, Group, argument_fields, further
from sweeps.forms.backend.choose import BACKENDS, backend_of
from sweeps.forms.budget import BUDGET, REPORT, budget_fields, read_checkpoints, report_notes
from sweeps.forms.objectives import COUNT, count_of, name_of, objective_fields, read_objectives, weights_of, without
from sweeps.forms.parts import PARTS, Parts
from sweeps.forms.placement import START as PLACEMENT
from sweeps.forms.placement import placement_fields, read_placement
from sweeps.forms.problems import attach, raw_values
from sweeps.forms.sections import UPDATES, Chosen, Section, set_values
from sweeps.forms.sweep_data import NEW_DRAFT, OWN_SPACE, place
from sweeps.validation.draft import Draft
from sweeps.validation.naming import MAX_NAME
from sweeps.validation.objectives import MAX_OBJECTIVES
from sweeps.validation.problems import Problem, from_pydantic
from sweeps.validation.sweep import TAGS
from sweeps.validation.team import TeamSettings, team_settings
from teams.models import Team

ANY_RUNNER = "Any runner of the team that is free and can do it, unless you ask for more."
NO_MODEL = "With several objectives there is no one best trial, so no model is kept."


class SweepForm(forms.Form):
    """Cleans to a `Draft` (`cleaned_data["draft"]`) and the parts, each of which may be missing.

    Which fields there are follows from what is chosen. Only what can't be stored is refused here. What keeps a draft from
    starting is `validation.sweep`'s, put beside the fields with `refuse`.
    """

    name = forms.CharField(max_length=MAX_NAME)
    description = forms.CharField(required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))
    model = forms.ChoiceField(required=False, widget=forms.Select(attrs=dict(UPDATES)))
    dataset_version = forms.ChoiceField(label="Data set", required=False, widget=forms.Select(attrs=dict(UPDATES)))
    space = forms.ChoiceField(label="Search space", required=False, widget=forms.Select(attrs=dict(UPDATES)))
    backend = forms.ChoiceField(
        required=False,
        choices=[(backend.name, backend.label) for backend in BACKENDS.values()],
        widget=forms.RadioSelect(attrs={**UPDATES, "class": "choices--row"}),
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        team: Team,
        own_space: Space | None = None,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=dict(initial or {}))
        self.team, self.own_space = team, own_space
        self.settings: TeamSettings = team_settings(team)
        self._parts = Parts(team)
        for name in PARTS:
            extra = [(OWN_SPACE, "This sweep's own copy")] if name == "space" and own_space else []
            self.fields[name].choices = self._parts.choices(name, extra)  # type: ignore[attr-defined]  # a ChoiceField
        self.task = self._task()
        self.chosen_backend = backend_of(self.chosen("backend"))
        self.fields["backend"].help_text = self.chosen_backend.help
        self.now = Chosen(
            self.chosen,
            self._chosen_list,
            self.task,
            self._chosen_space(),
            count_of(self.chosen(COUNT)),
            self.settings,
        )
        self.fields |= objective_fields(self.now)
        self.fields |= self.chosen_backend.fields(self.now)
        self.fields |= budget_fields(self.now, self.chosen_backend.name)
        self.fields |= placement_fields(self.settings, self.chosen(f"{PLACEMENT}runner"))
        self.fields |= lora_fields(self.now)
        self.fields |= argument_fields(self.task)

    def chosen(self, name: str) -> str:
        """What is chosen now: typed, or initial, or nothing."""
        value = self.data.get(name) if self.is_bound else self.initial.get(name)
        return str(value or "")

    def _chosen_list(self, name: str) -> list[str]:
        source: Any = self.data if self.is_bound else self.initial
        value = source.getlist(name) if hasattr(source, "getlist") else source.get(name)
        return [str(item) for item in (value if isinstance(value, list | tuple) else [value] if value else [])]

    def part(self, name: str) -> Any:
        """The chosen model, data set version or space, or None."""
        return self._parts.rows[name].get(self.chosen(name))

    def _chosen_space(self) -> Space | None:
        if self.chosen("space") == OWN_SPACE:
            return self.own_space
        row = self.part("space")
        try:
            return Space.model_validate(row.space) if row else None
        except ShapeError:  # Said by `validation.sweep`.
            return None

    def _task(self) -> str:
        model, version, space = self.part("model"), self.part("dataset_version"), self.part("space")
        return str(model.task if model else version.dataset.task if version else space.task if space else "")

    def _bound(self, start: str) -> list[forms.BoundField]:
        """The field of this name; with a dash at the end, all that begin so."""
        return [self[name] for name in self.fields if name == start or (start.endswith("-") and name.startswith(start))]

    def first_sections(self) -> list[Section]:
        """What is trained."""
        parts = [self[name] for name in PARTS]
        return [
            Section("what", "Name", [self["name"], self["description"]]),
            Section("parts", "What is trained", [*parts, *self._bound(SETTING), self[LORA], *self._bound(LORA_START)]),
        ]

    def objective_rows(self) -> list[tuple[int, list[forms.BoundField], list[forms.BoundField]]]:
        """(place, metric with direction and what counts, weights)."""
        return [
            (
                number,
                [self[name_of(number, what)] for what in ("metric", "direction", "over")],
                self._bound(name_of(number, "weight-")),
            )
            for number in range(self.now.objectives)
        ]

    def may_add_objective(self) -> bool:
        return self.chosen_backend.name == "optuna" and self.now.objectives < MAX_OBJECTIVES

    def search_sections(self) -> list[Section]:
        """How the chosen backend searches, and how much."""
        budget = [field for name in BUDGET for field in self._bound(name)]
        notes = () if "keep_best" in self.fields else (NO_MODEL,)
        return [
            *self.chosen_backend.sections(self.now, self._bound),
            Section("budget", "How much", budget, notes=notes),
        ]

    def last_sections(self) -> list[Section]:
        """Where trials are shown beside hpweb, and where they are trained."""
        return [
            Section("mirrors", "Mirrored to", [self[REPORT]], notes=report_notes(self.now)),
            Section("placement", "Which runner", [], self._bound(PLACEMENT), notes=(ANY_RUNNER,)),
        ]

    def common_arguments(self) -> list[forms.BoundField]:
        """The arguments that stand open."""
        return [self[f"{ARGUMENT}{name}"] for name in COMMON]

    def further_arguments(self) -> list[Group]:
        """The other arguments, by group."""
        return further(self.__getitem__)

    def anew(self, act: str = "update") -> "SweepForm":
        """The same form, not judged: after a choice that changes which fields there are.

        `act` may change it first: `objective:add`, `objective:remove:1`, `propose:sampler`.
        """
        initial = _acted(act, self, {"keep_best": "keep_best" not in self.fields, **raw_values(self)})
        backend = backend_of(str(initial.get("backend") or ""))
        # Fields of a backend that was chosen just now have no values yet.
        blank = {**backend.shown(NEW_DRAFT.backend), "processes": "1"}
        initial = {**blank, **initial, "backend": backend.name}
        return SweepForm(team=self.team, own_space=self.own_space, initial=initial)

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        for name in ("model", "dataset_version"):
            data[name] = self._parts.rows[name].get(data.get(name, ""))
        own = data.get("space") == OWN_SPACE
        data["space"] = None if own else self._parts.rows["space"].get(data.get("space", ""))
        for number in range(self.now.objectives):
            if data.get(name_of(number, "metric")) == WEIGHTED_SUM and not weights_of(number, data):
                self.add_error(name_of(number, "metric"), "Give at least one metric a weight.")
        if self.errors:
            return data
        try:
            data["draft"] = Draft.model_validate(self._draft(own=own))
        except ShapeError as error:  # The contract has the last word.
            self.refuse(from_pydantic(error, tags=TAGS))
        return data

    def _draft(self, *, own: bool) -> dict[str, Any]:
        data = self.cleaned_data
        minutes = data["timeout_minutes"]
        return {
            "space": self.own_space.model_dump() if own and self.own_space else None,
            "objectives": read_objectives(self.task, self.now.objectives, data),
            "lora": read_lora(data),
            "backend": self.chosen_backend.read(data),
            "budget": {
                "n_trials": data["n_trials"],
                "timeout_s": None if minutes is None else round(minutes * 60, 6),
                "max_failed_trials": data["max_failed_trials"],
            },
            "arguments": set_values(ARGUMENT, data),
            "data_settings": set_values(SETTING, data),
            **{name: data[name] for name in ("seed", "sampler_seed", "threads", "children")},
            "max_children": data.get("max_children"),
            "processes": data.get("processes") or 1,
            "report_to": data[REPORT],
            "keep_best": data.get("keep_best", True),
            "checkpoints": read_checkpoints(data),
            "requirements": read_placement(data),
        }

    def refuse(self, problems: Iterable[Problem]) -> list[Problem]:
        """Put each error beside its field; gives the warnings."""
        self.errors  # noqa: B018  # judge first: an error can only be added to a judged form
        chosen = {name: self.chosen(name) for name in self.fields} | {"backend": self.chosen_backend.name}
        return attach(self, problems, lambda path: place(path, chosen))


def _acted(act: str, form: SweepForm, values: dict[str, Any]) -> dict[str, Any]:
    """The form's values after a button that changes them."""
    count = form.now.objectives
    verb, _, what = act.partition(":")
    if act == "objective:add":
        return {**values, COUNT: str(min(count + 1, MAX_OBJECTIVES))}
    if verb == "objective":
        number = what.removeprefix("remove:")
        return (
            without(int(number), count, values)
            if number.isascii() and number.isdecimal() and len(number) < 3
            else values
        )
    if act == "propose:sampler":
        proposed = next((section.proposed for section in form.search_sections() if section.proposed), "")
        return {**values, "sampler": proposed or values.get("sampler", "")}
    return values
