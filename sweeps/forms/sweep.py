"""A sweep: its parts, its objective, how it searches, how much, and what stays fixed."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django import forms
from django.db.models import Model as Row
from pydantic import ValidationError as ShapeError

from runners.optimizers.options import Option
from runners.optimizers.pruners import PRUNERS
from runners.optimizers.samplers import SAMPLERS
from runners.protocol.catalogue import MetricInfo, catalogue
from runners.protocol.space import SearchSpace as Space
from sweeps.forms.catalogue_fields import UNSET, CatalogueField, option_field
from sweeps.forms.problems import attach, raw_values
from sweeps.forms.sweep_data import ARGUMENT, COMMON, FIXABLE, OWN_SPACE, SETTING, kinds, option_name, place
from sweeps.models import DatasetVersion, Model, SearchSpace
from sweeps.validation.objectives import metrics_of
from sweeps.validation.draft import Draft
from sweeps.validation.naming import MAX_NAME
from sweeps.validation.problems import Problem, from_pydantic
from sweeps.validation.sweep import MAX_CHILDREN, MAX_THREADS
from teams.models import Team

DIRECTIONS: Final = [("", "As the metric wants it"), ("maximize", "maximize"), ("minimize", "minimize")]
MAX_SEED: Final = 2**32 - 1
Groups = list[tuple[str, list[tuple[str, str]]]]


class SweepForm(forms.Form):
    """Cleans to a `Draft` (`cleaned_data["draft"]`) and the parts, each of which may be missing.

    Only what can't be stored is refused here. What keeps a draft from starting is `validation.sweep`'s, put beside the
    fields with `refuse`.
    """

    name = forms.CharField(max_length=MAX_NAME)
    description = forms.CharField(required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))
    model = forms.ChoiceField(required=False)
    dataset_version = forms.ChoiceField(label="Data set", required=False)
    space = forms.ChoiceField(label="Search space", required=False)
    metric = forms.ChoiceField(required=False, help_text="Its value is the last evaluation of a trial.")
    direction = forms.ChoiceField(required=False, choices=DIRECTIONS)
    sampler = forms.ChoiceField(choices=kinds("sampler"))
    pruner = forms.ChoiceField(
        choices=kinds("pruner"), help_text="Ends trials early that look worse than earlier ones."
    )
    n_trials = forms.IntegerField(label="Trials", required=False, min_value=1, max_value=100_000)
    timeout_minutes = forms.FloatField(
        label="Timeout in minutes",
        required=False,
        min_value=0.01,
        max_value=1e6,
        help_text="No trial starts later; those that run finish. Empty: no limit.",
    )
    max_failed_trials = forms.IntegerField(
        label="Failed trials allowed",
        required=False,
        min_value=1,
        max_value=100_000,
        help_text="The sweep fails beyond it. Empty: no limit.",
    )
    seed = forms.IntegerField(
        help_text="Of training: weights, dropout, order of the rows.", min_value=0, max_value=MAX_SEED
    )
    sampler_seed = forms.IntegerField(
        label="Sampler's seed", help_text="Of the draws.", min_value=0, max_value=MAX_SEED
    )
    children = forms.IntegerField(
        label="Trials at a time",
        min_value=1,
        max_value=MAX_CHILDREN,
        help_text="On one runner. With 1 the draws repeat exactly.",
    )
    threads = forms.IntegerField(
        label="Threads of a trial",
        min_value=1,
        max_value=MAX_THREADS,
        help_text="Times the trials at a time: no more than the runner's cores.",
    )
    keep_best = forms.BooleanField(label="Keep the best trial's model", required=False)

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
        self._rows: dict[str, dict[str, Row]] = {}
        self._offer("model", _models(team))
        self._offer("dataset_version", _versions(team))
        self._offer("space", _spaces(team), [(OWN_SPACE, "This sweep's own copy")] if own_space else [])
        self.task = self._task()
        self._choose_metric()
        for role, options in (("sampler", self._options("sampler")), ("pruner", self._options("pruner"))):
            for option in options:
                field = CatalogueField(option_field(option), label=option.name)
                self.fields[option_name(role, self.chosen(role), option.name)] = field
        for argument in FIXABLE:
            self.fields[f"{ARGUMENT}{argument.name}"] = CatalogueField(argument)
        for entry in catalogue().tasks:
            if self.task in ("", entry.name):
                for setting in entry.settings:
                    self.fields.setdefault(f"{SETTING}{setting.name}", CatalogueField(setting))

    def chosen(self, name: str) -> str:
        """What is chosen now: typed, or initial, or the first of the choices."""
        value = self.data.get(name) if self.is_bound else self.initial.get(name)
        return str(value or "")

    def _offer(
        self, name: str, groups: list[tuple[str, list[tuple[Row, str]]]], extra: Iterable[tuple[str, str]] = ()
    ) -> None:
        rows = {_key(row): row for _, entries in groups for row, _ in entries}
        choices: list[Any] = [("", "Choose"), *extra]
        choices += [(heading, [(_key(row), label) for row, label in entries]) for heading, entries in groups]
        self._rows[name] = rows
        self.fields[name].choices = choices  # type: ignore[attr-defined]  # a ChoiceField

    def part(self, name: str) -> Any:
        """The chosen model, data set version or space, or None."""
        return self._rows[name].get(self.chosen(name))

    def _task(self) -> str:
        model, version, space = self.part("model"), self.part("dataset_version"), self.part("space")
        return str(model.task if model else version.dataset.task if version else space.task if space else "")

    def _choose_metric(self) -> None:
        metrics = metrics_of(self.task)
        self.fields["metric"].choices = [  # type: ignore[attr-defined]  # a ChoiceField
            ("", "Choose"),
            *((metric.name, f"{metric.label} ({metric.name})") for metric in metrics),
        ]
        chosen = next((metric for metric in metrics if metric.name == self.chosen("metric")), None)
        if chosen is not None:
            better = "Less" if chosen.direction == "minimize" else "More"
            self.fields[
                "metric"
            ].help_text = f"{chosen.help} {better} is better. The value is a trial's last evaluation."

    def _options(self, role: str) -> tuple[Option, ...]:
        kinds_of = SAMPLERS if role == "sampler" else PRUNERS
        kind = kinds_of.get(self.chosen(role))
        if kind is not None:
            self.fields[role].help_text = kind.help
        return kind.options if kind else ()

    def sections(self) -> list[tuple[str, str, list[forms.BoundField]]]:
        """(id, heading, fields): the form's parts in order, without the training arguments."""
        names = {
            "what": ["name", "description"],
            "parts": ["model", "dataset_version", "space", *self._named(SETTING)],
            "objective": ["metric", "direction"],
            "sampler": ["sampler", "sampler_seed", *self._named("sampler-")],
            "pruner": ["pruner", *self._named("pruner-")],
            "budget": ["n_trials", "timeout_minutes", "max_failed_trials", "seed", "children", "threads", "keep_best"],
        }
        headings = {
            "what": "Name",
            "parts": "What is trained",
            "objective": "Objective",
            "sampler": "Sampler",
            "pruner": "Pruner",
            "budget": "How much",
        }
        return [(key, headings[key], [self[name] for name in fields]) for key, fields in names.items()]

    def common_arguments(self) -> list[forms.BoundField]:
        """The arguments that stand open."""
        return [self[f"{ARGUMENT}{name}"] for name in COMMON]

    def further_arguments(self) -> list[tuple[str, int, bool, list[forms.BoundField]]]:
        """(group, how many are set, has errors, fields) of the others, in the catalogue's order."""
        groups: dict[str, list[forms.BoundField]] = {}
        for argument in FIXABLE:
            if argument.name not in COMMON:
                groups.setdefault(argument.group, []).append(self[f"{ARGUMENT}{argument.name}"])
        return [
            (
                group.capitalize(),
                sum(bool(field.value()) for field in fields),
                any(field.errors for field in fields),
                fields,
            )
            for group, fields in groups.items()
        ]

    def _named(self, start: str) -> list[str]:
        return [name for name in self.fields if name.startswith(start)]

    def anew(self) -> "SweepForm":
        """The same form, not judged: after a choice that changes which fields there are."""
        return SweepForm(team=self.team, own_space=self.own_space, initial={"keep_best": False} | raw_values(self))

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        for name in ("model", "dataset_version"):
            data[name] = self._rows[name].get(data.get(name, ""))
        own = data.get("space") == OWN_SPACE
        data["space"] = None if own else self._rows["space"].get(data.get("space", ""))
        if self.errors:
            return data
        try:
            data["draft"] = Draft.model_validate(self._draft(own=own))
        except ShapeError as error:  # The contract has the last word.
            self.refuse(from_pydantic(error))
        return data

    def _draft(self, *, own: bool) -> dict[str, Any]:
        data = self.cleaned_data
        minutes = data["timeout_minutes"]
        return {
            "space": self.own_space.model_dump() if own and self.own_space else None,
            "objectives": self._objectives(),
            "backend": {"name": "optuna", "sampler": self._kind("sampler"), "pruner": self._kind("pruner")},
            "budget": {
                "n_trials": data["n_trials"],
                "timeout_s": None if minutes is None else round(minutes * 60, 6),
                "max_failed_trials": data["max_failed_trials"],
            },
            "arguments": self._set(ARGUMENT),
            "data_settings": self._set(SETTING),
            **{name: data[name] for name in ("seed", "sampler_seed", "threads", "children", "keep_best")},
        }

    def _objectives(self) -> list[dict[str, str]]:
        metric: MetricInfo | None = next(
            (entry for entry in metrics_of(self.task) if entry.name == self.cleaned_data["metric"]), None
        )
        if metric is None:
            return []
        return [{"metric": metric.name, "direction": self.cleaned_data["direction"] or metric.direction}]

    def _kind(self, role: str) -> dict[str, Any]:
        name = self.cleaned_data[role]
        return {"name": name, "options": self._set(f"{role}-{name}-")}

    def _set(self, start: str) -> dict[str, Any]:
        values = {name.removeprefix(start): self.cleaned_data[name] for name in self._named(start)}
        return {name: value for name, value in values.items() if value is not UNSET}

    def refuse(self, problems: Iterable[Problem]) -> list[Problem]:
        """Put each error beside its field; gives the warnings."""
        self.errors  # noqa: B018  # judge first: an error can only be added to a judged form
        chosen = {role: self.chosen(role) for role in ("sampler", "pruner")}
        return attach(self, problems, lambda path: place(path, chosen))


def _key(row: Row) -> str:
    return str(row.public_id)  # type: ignore[attr-defined]  # a library object


def _grouped(rows: Iterable[tuple[str, Row, str]]) -> list[tuple[str, list[tuple[Row, str]]]]:
    groups: dict[str, list[tuple[Row, str]]] = {}
    for heading, row, label in rows:
        groups.setdefault(heading, []).append((row, label))
    return list(groups.items())


def _task_label(task: str) -> str:
    entry = catalogue().task(task)
    return entry.label if entry else "Any task"


def _models(team: Team) -> list[tuple[str, list[tuple[Row, str]]]]:
    rows = Model.objects.filter(team=team).order_by("task", "name")
    return _grouped((_task_label(row.task), row, row.name) for row in rows)


def _spaces(team: Team) -> list[tuple[str, list[tuple[Row, str]]]]:
    rows = SearchSpace.objects.filter(team=team).order_by("task", "name")
    return _grouped((_task_label(row.task), row, row.name) for row in rows)


def _versions(team: Team) -> list[tuple[str, list[tuple[Row, str]]]]:
    rows = DatasetVersion.objects.filter(dataset__team=team).select_related("dataset")
    ordered = rows.order_by("dataset__task", "dataset__name", "-number").defer("preview", "origin")
    return _grouped(
        (_task_label(row.dataset.task), row, f"{row.dataset.name}, version {row.number}") for row in ordered
    )
