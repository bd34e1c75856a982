"""The mapping of an uploaded file: which column is what, how the rows are split."""

from typing import Any, Final

from django import forms

from sweeps.forms.dataset import MadeForm, seed_field, share_field
from sweeps.models import Dataset
from sweeps.services.datasets.mapping import Mapping, SplitChoice
from sweeps.services.datasets.problems import BadData
from sweeps.services.datasets.propose import ColumnFacts
from sweeps.services.datasets.sides import proposed_values, split_values
from sweeps.services.datasets.table import Table

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

    Only the fields of the chosen kind of split are there.
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
        image = bool(table.images)
        plain = [(column.name, column.name) for column in columns if not column.image]
        inputs = [(column.name, column.name) for column in columns if column.image == image]
        self.fields["input_column"] = forms.ChoiceField(label="Image" if image else "Text", choices=_offer(inputs))
        self.fields["label_column"] = forms.ChoiceField(label="Label", choices=_offer(plain))
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
                self.fields["split_seed"] = seed_field()

    @property
    def sections(self) -> list[tuple[str, list[forms.BoundField]]]:
        """(heading, fields) in the page's order."""
        split = ["split_by", *(name for names in SPLIT_FIELDS.values() for name in names if name in self.fields)]
        named: list[str] = [name for name in ("name", "description") if name in self.fields]
        groups: list[tuple[str, list[str]]] = [("Columns", ["input_column", "label_column", "drop_incomplete"])]
        groups += [("Split", split), ("Name", named)]
        return [(heading, [self[name] for name in names]) for heading, names in groups if names]

    def mapping(self) -> Mapping:
        """What was chosen; of a valid form."""
        data = self.cleaned_data
        return Mapping(
            input_column=data["input_column"],
            label_column=data["label_column"],
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
        "input_column": proposal.input_column,
        "label_column": proposal.label_column,
        "split_by": split.by,
        "split_column": split.column,
        "train_value": split.train_value,
        "eval_value": split.eval_value,
        "eval_percent": "20",
        "split_seed": "0",
    }


def completed(data: Any, table: Table) -> Any:
    """What was typed, with the values of a newly chosen split column proposed and an untouched share filled in."""
    data = data.copy()
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


def _offer(choices: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [("", "Choose …"), *choices]


def _values(table: Table, column: str) -> list[tuple[str, str]]:
    if column not in table.columns or column in table.images:
        return []
    try:
        return [(value, f"{value} ({rows:,} rows)") for value, rows in split_values(table, column).items()]
    except BadData:
        return []
