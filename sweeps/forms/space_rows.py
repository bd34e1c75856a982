"""The rows of a search space, as they are typed."""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django import forms

from runners.protocol.base import Scalar
from runners.protocol.catalogue import Field
from runners.protocol.space import Parameter, SearchSpace
from sweeps.validation.known import resolve
from sweeps.validation.text import shown
from sweeps.validation.values import NOTHING, number, parsed

COLUMNS: Final = ("name", "type", "low", "high", "log", "step", "choices")
EMPTY: Final[dict[str, str]] = dict.fromkeys(COLUMNS, "")
MAX_TYPED_ROWS: Final = 120
TYPES: Final = [("float", "float"), ("int", "int"), ("categorical", "categorical")]

Raw = dict[str, str]
"""One row as typed: each column's text; `log` is "on" or empty."""


class RowForm(forms.Form):
    """The controls of one row. What is typed is judged by `validation.space`, whole, so nothing is judged here."""

    name = forms.CharField(
        required=False,
        label="Parameter",
        widget=forms.TextInput(
            attrs={"list": "names", "autocomplete": "off", "spellcheck": "false", "data-name": True}
        ),
    )
    type = forms.CharField(required=False, widget=forms.Select(choices=TYPES, attrs={"data-type": True}))
    low = forms.CharField(required=False, widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}))
    high = forms.CharField(
        required=False, widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    )
    log = forms.BooleanField(required=False, label="log")
    step = forms.CharField(
        required=False, widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    )
    choices = forms.CharField(
        required=False,
        widget=forms.TextInput(attrs={"placeholder": "8, 16, 32", "autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, raw: Raw, index: int, field: Field | None = None) -> None:
        prefix = f"row-{index}"
        super().__init__({f"{prefix}-{column}": text for column, text in raw.items() if text}, prefix=prefix)
        self.index = index
        self.kind = raw["type"] or "float"
        self.known = field

    @property
    def about(self) -> str:
        """Type, default and help of the row's parameter, in a line; empty for an unknown name."""
        return about(self.known) if self.known else ""

    def refuse(self, column: str, message: str) -> None:
        """Put a sentence beside a column; beside the name when the row has no such column."""
        self.add_error(column if column in self.fields else "name", message)


def about(field: Field) -> str:
    """Type, default and help of a field, in a line."""
    default = "" if field.default is None else f", default {shown(field.default)}"
    return f"{field.type}{default}. {field.help}".strip()


def read_rows(data: Mapping[str, Any]) -> list[Raw]:
    """The rows of a POST, in its order: `rows` is their number, `row-<i>-<column>` their texts."""
    text = str(data.get("rows", "0"))
    count = min(int(text), MAX_TYPED_ROWS) if text.isascii() and text.isdigit() and len(text) < 6 else 0
    return [{column: str(data.get(f"row-{index}-{column}", ""))[:5000] for column in COLUMNS} for index in range(count)]


def is_blank(raw: Raw) -> bool:
    """Whether nothing was typed (a type is always chosen)."""
    return not any(raw[column].strip() for column in COLUMNS if column not in ("type", "log"))


def row_json(raw: Raw, *, task: str = "") -> dict[str, object]:
    """The row as JSON for `check_rows`. What can't be read stays text, which the check then refuses by its field."""
    field = known_field(raw["name"], task)
    row: dict[str, object] = {"name": raw["name"].strip(), "type": raw["type"]}
    if raw["type"] == "categorical":
        return row | {"choices": [_choice(text, field) for text in split_choices(raw["choices"])]}
    row |= {"low": _number(raw["low"]), "high": _number(raw["high"]), "log": bool(raw["log"])}
    return row | ({"step": _number(raw["step"])} if raw["step"].strip() else {})


def raw_row(parameter: Parameter) -> Raw:
    """A row of a space as it would be typed."""
    data = parameter.model_dump()
    raw = EMPTY | {"name": data["name"], "type": data["type"]}
    if data["type"] == "categorical":
        return raw | {"choices": join_choices(data["choices"])}
    step = data["step"]
    return raw | {
        "low": shown(data["low"]),
        "high": shown(data["high"]),
        "log": "on" if data["log"] else "",
        "step": "" if step is None or (data["type"] == "int" and step == 1) else shown(step),
    }


def raw_rows(space: SearchSpace) -> list[Raw]:
    """The rows of a space as they would be typed."""
    return [raw_row(parameter) for parameter in space.parameters]


def proposed(name: str, task: str = "") -> Raw:
    """A row for a name with the catalogue's proposal, as far as there is one."""
    field = known_field(name, task)
    if field is None:
        return EMPTY | {"name": name, "type": "float"}
    if field.proposal is not None:
        return raw_row(field.proposal) | {"name": name}
    return EMPTY | {"name": name, "type": field.type if field.type in ("int", "float") else "categorical"}


def known_field(name: str, task: str) -> Field | None:
    """The searchable field that the name means, or None."""
    try:
        return resolve(name.strip(), task=task)
    except ValueError:
        return None


def split_choices(text: str) -> list[str]:
    """Choices parted by commas or lines; quotes keep a comma inside one."""
    parts: list[str] = []
    try:
        for line in csv.reader(io.StringIO(text.replace("\x00", "")), skipinitialspace=True):
            parts += [part.strip() for part in line]
    except csv.Error:
        parts = [part.strip() for part in text.split(",")]
    return [part for part in parts if part]


def join_choices(choices: Iterable[Scalar]) -> str:
    """The choices as they would be typed; `split_choices` reads them back."""
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow([shown(choice) for choice in choices])
    return ", ".join(split_choices(out.getvalue())) if "," not in "".join(map(shown, choices)) else out.getvalue()


def _number(text: str) -> object:
    text = text.strip()
    if not text:
        return None
    try:
        return number("", text)
    except ValueError:
        return text


def _choice(text: str, field: Field | None) -> object:
    if field is None:
        return None if text.lower() in NOTHING else text
    try:
        return parsed(field, text)
    except ValueError:
        # As the right kind of wrong: -1 for a batch size is a number out of bounds, not a text.
        return _number(text) if field.type in ("int", "float") else text
