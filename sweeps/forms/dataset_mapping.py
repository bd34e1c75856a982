"""The mapping of an uploaded file: which column is what, how the rows are split."""

from typing import Any, Final

from django import forms

from runners.protocol.catalogue import catalogue
from sweeps.forms.dataset import MadeForm, seed_field, share_field
from sweeps.models import Dataset
from sweeps.services.datasets.mapping import Mapping, SplitChoice
from sweeps.services.datasets.problems import BadData
from sweeps.services.datasets.propose import SEPARATORS as FOUND_SEPARATORS
from sweeps.services.datasets.propose import ColumnFacts, propose
from sweeps.services.datasets.roles import LAYOUTS, Layout, layouts_of, tasks_for
from sweeps.services.datasets.sides import proposed_values, split_values
from sweeps.services.datasets.table import Table

SEPARATORS: Final = [
    (found, {"|": "| (bar)", ";": "; (semicolon)", ",": ", (comma)", " ": "a space"}[found])
    for found in FOUND_SEPARATORS
]
SPLITS: Final = [
    ("fraction", "A share of the rows, drawn"),
    ("column", "A column says which row is for what"),
    ("file", "A second file has the evaluation rows"),
]
SPLIT_FIELDS: Final = {
    "fraction": ("eval_percent", "split_seed"),
    "column": ("split_column", "train_value", "eval_value"),
    "file": ("eval_file", "eval_upload"),
}


class MappingForm(MadeForm):
    """Always bound: to what was typed, or to the proposal. `draft`: a choice was made, nothing is saved yet.

    Only the fields of the chosen task, of its layout, and of the chosen kind of split are there.
    """

    def __init__(
        self,
        data: Any,
        files: Any = None,
        *,
        table: Table,
        columns: list[ColumnFacts],
        dataset: Dataset | None,
        draft: bool,
    ) -> None:
        super().__init__(data, files=files, dataset=dataset)
        self.layout = chosen_layout(data, table, dataset)
        if dataset is None and not table.holds:
            self.fields["task"] = forms.ChoiceField(choices=_tasks(table), required=False)
        others = layouts_of(self.layout.task)
        if len(others) > 1:
            self.fields["layout"] = forms.ChoiceField(
                label="Rows are", choices=[(one.key, one.label) for one in others], required=False
            )
        plain = [(column.name, column.name) for column in columns if not column.media]
        for role in self.layout.roles:
            media = role.kind if role.kind in {"image", "audio"} else ""
            fitting = [(column.name, column.name) for column in columns if column.media == media]
            self.fields[role.field] = forms.ChoiceField(
                label=role.label,
                choices=[("", "None"), *fitting] if role.optional else _offer(fitting),
                required=not role.optional,
                help_text=role.help,
            )
            if role.kind == "labels":
                self.fields["separator"] = forms.ChoiceField(
                    label="Between labels",
                    choices=SEPARATORS,
                    required=False,
                    help_text="Where a cell is no list in JSON.",
                )
        self.fields["drop_incomplete"] = forms.BooleanField(label="Leave incomplete rows out", required=False)
        self.fields["split_by"] = forms.ChoiceField(label="Evaluation rows", choices=SPLITS)
        self._add_split(table, plain)
        self._draft = draft

    def full_clean(self) -> None:
        super().full_clean()
        if self._draft:
            # The name is judged when the data set is made; until then a preview needs none.
            self.errors.pop("name", None)

    def _add_split(self, table: Table, columns: list[tuple[str, str]]) -> None:
        match self.data.get("split_by"):
            case "column":
                chosen = self.data.get("split_column", "")
                values = _values(table, chosen)
                self.fields["split_column"] = forms.ChoiceField(label="Split column", choices=_offer(columns))
                for name, label in (("train_value", "Training rows have"), ("eval_value", "Evaluation rows have")):
                    self.fields[name] = forms.ChoiceField(label=label, choices=_offer(values), required=False)
            case "file":
                self.fields["eval_file"] = forms.FileField(
                    label="Evaluation file", required=False, allow_empty_file=True, help_text="With the same columns."
                )
                self.fields["eval_upload"] = forms.CharField(required=False, max_length=12, widget=forms.HiddenInput)
            case _:
                self.fields["eval_percent"] = share_field()
                if self.layout.coded is None or self.layout.coded.kind != "label":
                    self.fields["eval_percent"].help_text = "Drawn by the seed."
                self.fields["split_seed"] = seed_field()

    @property
    def sections(self) -> list[tuple[str, list[forms.BoundField]]]:
        """(heading, fields) in the page's order."""
        split = ["split_by", *(name for names in SPLIT_FIELDS.values() for name in names if name in self.fields)]
        named: list[str] = [name for name in ("name", "description") if name in self.fields]
        task = [name for name in ("task", "layout") if name in self.fields]
        roles = [
            name for role in self.layout.roles for name in (role.field, "separator" if role.kind == "labels" else "")
        ]
        groups = [("Columns", [*task, *filter(None, roles), "drop_incomplete"])]
        groups += [("Split", split), ("Name", named)]
        return [(heading, [self[name] for name in names]) for heading, names in groups if names]

    def mapping(self) -> Mapping:
        """What was chosen; of a valid form."""
        data = self.cleaned_data
        return Mapping(
            layout=self.layout.key,
            columns={role.name: data[role.field] for role in self.layout.roles},
            separator=data.get("separator") or ",",
            drop_incomplete=data["drop_incomplete"],
            split=SplitChoice(
                by=data["split_by"],
                eval_fraction=data.get("eval_percent", 20.0) / 100,
                seed=data.get("split_seed", 0),
                column=data.get("split_column", ""),
                train_value=data.get("train_value", ""),
                eval_value=data.get("eval_value", ""),
            ),
        )

    def refuse_data(self, error: BadData) -> None:
        """Put what is wrong with the data beside the choice that would mend it."""
        self.add_error(error.field if error.field in self.fields else None, error.message)


def proposal_data(proposal: Mapping, *, name: str) -> dict[str, Any]:
    """The proposal as if it had been typed."""
    split = proposal.split
    return {
        "name": name,
        "description": "",
        **_column_data(proposal),
        "split_by": split.by,
        "split_column": split.column,
        "train_value": split.train_value,
        "eval_value": split.eval_value,
        "eval_percent": "20",
        "split_seed": "0",
    }


def _column_data(proposal: Mapping) -> dict[str, str]:
    layout = LAYOUTS[proposal.layout]
    columns = {role.field: proposal.columns.get(role.name, "") for role in layout.roles}
    return {
        "task": layout.task,
        "layout": layout.key,
        "shown_layout": layout.key,
        "separator": proposal.separator,
    } | columns


def chosen_layout(data: Any, table: Table, dataset: Dataset | None) -> Layout:
    """The layout that was chosen, if it is one of the task's; the task, if the file can be for it."""
    tasks = tasks_for(table.holds)
    typed = str(data.get("task") or "")
    task = dataset.task if dataset else typed if typed in tasks else tasks[0]
    possible = layouts_of(task)
    return next((layout for layout in possible if layout.key == data.get("layout")), possible[0])


def completed(data: Any, table: Table, columns: list[ColumnFacts], dataset: Dataset | None) -> Any:
    """What was typed, with columns proposed for a newly chosen task or layout, the values of a newly chosen split column
    proposed, and an untouched share filled in."""
    data = data.copy()
    layout = chosen_layout(data, table, dataset)
    if data.get("shown_layout") not in {None, layout.key}:
        for name, value in _column_data(propose(table, columns, layout=layout.key)).items():
            data[name] = value
    if data.get("split_by") == "column":
        values = dict(_values(table, data.get("split_column", "")))
        train, evaluation = proposed_values(dict.fromkeys(values, 0))
        for name, value in (("train_value", train), ("eval_value", evaluation)):
            if data.get(name, "") not in values:
                data[name] = value
    elif data.get("split_by") == "fraction":
        data.setdefault("eval_percent", "20")
        data.setdefault("split_seed", "0")
    return data


def _tasks(table: Table) -> list[tuple[str, str]]:
    labels = {entry.name: entry.label for entry in catalogue().tasks}
    return [(name, labels.get(name, name.replace("-", " ").capitalize())) for name in tasks_for(table.holds)]


def _offer(choices: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [("", "Choose …"), *choices]


def _values(table: Table, column: str) -> list[tuple[str, str]]:
    if column not in table.columns or table.media(column):
        return []
    try:
        return [(value, f"{value} ({rows:,} rows)") for value, rows in split_values(table, column).items()]
    except BadData:
        return []
