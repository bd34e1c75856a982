"""Forms of data sets, but for the mapping of a file: a file, package data, a Hub id, a name."""

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from pydantic import ValidationError

from runners.protocol.spec import HubData
from sweeps.forms.problems import attach
from sweeps.models import Dataset
from sweeps.models.library import task_choices
from sweeps.services.datasets.packages import PackageData
from sweeps.services.datasets.packages.language_id import available
from sweeps.services.datasets.roles import Layout, layouts_of
from sweeps.validation.naming import MAX_NAME
from sweeps.validation.problems import Problem, from_pydantic

MAX_SEED: Final = 2**32 - 1
MAX_DESCRIPTION: Final = 2000


class DatasetForm(forms.Form):
    """What a data set is called."""

    name = forms.CharField(max_length=MAX_NAME)
    description = forms.CharField(required=False, max_length=MAX_DESCRIPTION, widget=forms.Textarea(attrs={"rows": 2}))

    def refuse(self, problems: tuple[Problem, ...]) -> None:
        """Put a service's problems beside their fields."""
        attach(self, problems, str)


class MadeForm(DatasetForm):
    """Of a form that makes a version: for a data set that is there, name and description fall away."""

    def __init__(self, data: Any = None, *, dataset: Dataset | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        if dataset is not None:
            del self.fields["name"], self.fields["description"]


class UploadForm(forms.Form):
    """A file, for browsers without JavaScript."""

    file = forms.FileField(
        allow_empty_file=True, error_messages={"required": "Choose a file.", "invalid": "Choose a file."}
    )


def share_field() -> forms.FloatField:
    """The evaluation share in percent."""
    return forms.FloatField(
        label="Rows for evaluation, %",
        min_value=1,
        max_value=90,
        initial=20,
        help_text="Of each label, drawn by the seed.",
        widget=forms.NumberInput(attrs={"step": "any"}),
    )


def seed_field() -> forms.IntegerField:
    return forms.IntegerField(
        label="Split seed", min_value=0, max_value=MAX_SEED, initial=0, help_text="The same seed draws the same rows."
    )


class PackageForm(MadeForm):
    """Package data: its options, the split."""

    def __init__(self, data: Any = None, *, package: PackageData, dataset: Dataset | None = None) -> None:
        super().__init__(data, dataset=dataset, initial={"name": package.title, "description": package.description})
        self.package = package
        if "languages" in package.defaults:
            self.fields["languages"] = forms.MultipleChoiceField(
                choices=[(name, name) for name in available()],
                initial=package.defaults["languages"],
                widget=forms.SelectMultiple(attrs={"size": 10}),
                help_text="Near languages are harder to tell apart. Hold Ctrl to choose several.",
            )
            self.fields["max_per_language"] = forms.IntegerField(
                label="Sentences per language, at most",
                min_value=2,
                max_value=10_000,
                initial=package.defaults["max_per_language"],
            )
            self.fields["min_chars"] = forms.IntegerField(
                label="Shortest sentence, characters",
                min_value=1,
                max_value=1000,
                initial=package.defaults["min_chars"],
            )
        self.fields["eval_percent"] = share_field()
        self.fields["split_seed"] = seed_field()

    def options(self) -> dict[str, Any]:
        """The package's options as chosen."""
        return {name: self.cleaned_data[name] for name in self.package.defaults}


class HubForm(MadeForm):
    """A data set of the Hub."""

    task = forms.ChoiceField(choices=task_choices)
    id = forms.CharField(label="Hub id", max_length=200, widget=forms.TextInput(attrs={"placeholder": "owner/name"}))
    config = forms.CharField(required=False, max_length=200, help_text="Of data sets that have several; else empty.")
    revision = forms.CharField(
        required=False, max_length=200, help_text="A branch, tag or commit. Only a commit stays the same for good."
    )
    train_split = forms.CharField(label="Training split", max_length=200, initial="train")
    eval_split = forms.CharField(
        label="Evaluation split",
        required=False,
        max_length=200,
        help_text="Empty: a share of the training split is drawn.",
    )

    def __init__(self, data: Any = None, *, dataset: Dataset | None = None, initial: Any = None) -> None:
        super().__init__(data, dataset=dataset, initial=initial)
        self.layout = self._layout(dataset)
        others = layouts_of(self.layout.task) if self.layout else ()
        if len(others) > 1:
            self.fields["layout"] = forms.ChoiceField(
                label="Rows are", choices=[(one.key, one.label) for one in others], required=False
            )
        for role in self.layout.roles if self.layout else ():
            self.fields[role.field] = forms.CharField(
                label=f"Column: {role.label.lower()}",
                max_length=200,
                initial="" if role.optional else role.names[0],
                required=not role.optional,
                help_text=role.help if role.optional else "",
            )
        self.fields["eval_percent"] = share_field()
        self.fields[
            "eval_percent"
        ].help_text = "Drawn when no evaluation split is named; of each label, where rows have one."
        self.fields["split_seed"] = seed_field()
        self._task = dataset.task if dataset else ""
        if dataset is not None:
            del self.fields["task"]

    def _layout(self, dataset: Dataset | None) -> Layout | None:
        """The chosen one; none for a task that another package adds, whose columns keep their names."""
        given = self.data if self.is_bound else self.initial
        task = dataset.task if dataset else str(given.get("task") or task_choices()[0][0])
        possible = layouts_of(task)
        chosen = given.get("layout")
        return next((layout for layout in possible if layout.key == chosen), possible[0] if possible else None)

    @property
    def chosen_task(self) -> str:
        return self._task or str(self.cleaned_data["task"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                cleaned["data"] = _hub_data(cleaned, self.layout)
            except ValidationError as error:
                attach(self, from_pydantic(error), str)
        return cleaned


def _hub_data(cleaned: Mapping[str, Any], layout: Layout | None) -> HubData:
    own: dict[str, str] = {}
    plain: dict[str, str] = {}
    for role in layout.roles if layout else ():
        column = cleaned.get(role.field)
        if not column:
            continue
        if layout and layout.coded and layout.coded.kind == "label" and role.field in {"input_column", "label_column"}:
            plain[role.field] = column
        elif role.kind == "answers":
            own |= {"answers": f"{column}.text", "answer_starts": f"{column}.answer_start"}
        else:
            own[role.name] = column
    return HubData(
        **{name: cleaned[name] for name in ("id", "train_split")},
        **plain,
        **{name: cleaned[name] or None for name in ("config", "revision", "eval_split")},
        eval_fraction=cleaned["eval_percent"] / 100,
        split_seed=cleaned["split_seed"],
        columns=own,
    )
