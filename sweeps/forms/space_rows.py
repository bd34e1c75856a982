"""The rows of a search space, as they are typed."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django import forms

from runners.protocol.base import Scalar
from runners.protocol.catalogue import Field
from runners.protocol.space import CategoricalParameter, Lookup, Parameter, SearchSpace
from sweeps.forms.space_coupled import COUPLED, cells, read_cells, read_text, table_of
from sweeps.validation.known import resolve
from sweeps.validation.text import shown
from sweeps.validation.values import NOTHING, number, parsed

COLUMNS: Final = ("name", "type", "low", "high", "log", "step", "choices", "when_name", "when_values")
TABLE: Final = "table"
"""A raw column too: the cells of coupled choices (`space_coupled`)."""
EMPTY: Final[dict[str, str]] = dict.fromkeys((*COLUMNS, TABLE), "")
MAX_TYPED_ROWS: Final = 120
TYPES: Final = [("float", "float"), ("int", "int"), ("categorical", "categorical"), (COUPLED, "coupled")]

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

    when_name = forms.CharField(
        required=False,
        label="Only when",
        widget=forms.TextInput(
            attrs={"list": "rows-above", "placeholder": "optim", "autocomplete": "off", "spellcheck": "false"}
        ),
    )
    when_values = forms.CharField(
        required=False,
        label="is one of",
        widget=forms.TextInput(attrs={"placeholder": "adafactor, sgd", "autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, raw: Raw, index: int, field: Field | None = None) -> None:
        prefix = f"row-{index}"
        typed = {column: raw[column] for column in COLUMNS}
        self.kind = raw["type"] or "float"
        self.table = read_text(raw[TABLE]) if self.kind == COUPLED else None
        if self.table is not None:
            typed |= cells(self.table)
        super().__init__({f"{prefix}-{column}": text for column, text in typed.items() if text}, prefix=prefix)
        if self.table is not None:
            for name in cells(self.table):
                self.fields[name] = _cell(name)
        self.index = index
        self.known = field
        self.conditional = bool(raw["when_name"].strip() or raw["when_values"].strip())
        self.warnings: dict[str, list[str]] = {}

    @property
    def about(self) -> str:
        """Type, default and help of the row's parameter, in a line; empty for an unknown name."""
        return about(self.known) if self.known else ""

    @property
    def heads(self) -> list[forms.BoundField]:
        """The controls of the parameters that go with coupled choices."""
        return [self[f"head-{column + 1}"] for column in range(len(self.table.heads))] if self.table else []

    @property
    def lines(self) -> list[list[forms.BoundField]]:
        """The controls of coupled choices, a line each: the label, then the values."""
        if self.table is None:
            return []
        columns = range(len(self.table.heads) + 1)
        return [[self[f"cell-{line}-{column}"] for column in columns] for line in range(len(self.table.lines))]

    def refuse(self, column: str, message: str) -> None:
        """Put a sentence beside a column; beside the name when the row has no such column."""
        self.add_error(self._control(column), message)

    def warn(self, column: str, message: str) -> None:
        """As `refuse`, and nothing is refused."""
        self.warnings.setdefault(self._control(column), []).append(message)

    def _control(self, column: str) -> str:
        if column == "choices" and self.table is not None:
            return "cell-0-0"
        return column if column in self.fields else "name"


def _cell(name: str) -> forms.CharField:
    attrs = {"autocomplete": "off", "spellcheck": "false"}
    if name.startswith("head"):
        return forms.CharField(
            required=False,
            label=f"Parameter {name.removeprefix('head-')}",
            widget=forms.TextInput(attrs=attrs | {"list": "names", "placeholder": "parameter"}),
        )
    _, line, column = name.split("-")
    label = f"Choice {int(line) + 1}" if column == "0" else f"Value of parameter {column} for choice {int(line) + 1}"
    return forms.CharField(required=False, label=label, widget=forms.TextInput(attrs=attrs | {"aria-label": label}))


def about(field: Field) -> str:
    """Type, default and help of a field, in a line."""
    default = "" if field.default is None else f", default {shown(field.default)}"
    return f"{field.type}{default}. {field.help}".strip()


def read_rows(data: Mapping[str, Any]) -> list[Raw]:
    """The rows of a POST, in its order: `rows` is their number, `row-<i>-<column>` their texts."""
    text = str(data.get("rows", "0"))
    count = min(int(text), MAX_TYPED_ROWS) if text.isascii() and text.isdigit() and len(text) < 6 else 0
    return [
        {column: str(data.get(f"row-{index}-{column}", ""))[:5000] for column in COLUMNS}
        | {TABLE: read_cells(data, f"row-{index}")}
        for index in range(count)
    ]


def is_blank(raw: Raw) -> bool:
    """Whether nothing was typed (a type is always chosen)."""
    texts = any(raw[column].strip() for column in COLUMNS if column not in ("type", "log"))
    return not texts and not (raw["type"] == COUPLED and any(read_text(raw[TABLE]).filled().heads))


def row_json(raw: Raw, *, task: str = "", above: Sequence[Raw] = ()) -> dict[str, object]:
    """The row as JSON for `check_rows`. What can't be read stays text, which the check then refuses by its field.

    `above`: the rows before it; a condition's values are read as those of the row that it names.
    """
    name = raw["name"].strip()
    row: dict[str, object] = {"name": name, "type": raw["type"]}
    if raw["when_name"].strip() or raw["when_values"].strip():
        row["when"] = _when(raw, above, task)
    if raw["type"] in ("categorical", COUPLED):
        coupled = raw["type"] == COUPLED
        texts = read_text(raw[TABLE]).filled().labels if coupled else split_choices(raw["choices"])
        return row | {"type": "categorical", "choices": [read_choice(text, name, task) for text in texts]}
    row |= {"low": _number(raw["low"]), "high": _number(raw["high"]), "log": bool(raw["log"])}
    return row | ({"step": _number(raw["step"])} if raw["step"].strip() else {})


def lookups_json(raw: Raw, *, task: str = "") -> list[tuple[str, dict[str, object]]]:
    """What goes with a row's coupled choices: the control of its head, and JSON for `check_rows`."""
    if raw["type"] != COUPLED:
        return []
    table = read_text(raw[TABLE])
    found = []
    for place, (column, head) in zip(table.used(), enumerate(table.filled().heads), strict=True):
        values = [read_choice(text, head, task) if text else "" for text in table.filled().column(column)]
        lookup: dict[str, object] = {"type": "lookup", "name": head, "of": raw["name"].strip(), "values": values}
        found.append((f"head-{place + 1}", lookup))
    return found


def _when(raw: Raw, above: Sequence[Raw], task: str) -> dict[str, object]:
    name = raw["when_name"].strip()
    row = next((other for other in above if other["name"].strip() == name), None)
    whole = row is not None and row["type"] == "int"
    texts = split_choices(raw["when_values"])
    return {"name": name, "values": [_number(text) if whole else read_choice(text, name, task) for text in texts]}


def raw_row(parameter: Parameter, lookups: Sequence[Lookup] = ()) -> Raw:
    """A row of a space as it would be typed, with what goes with its choices."""
    data = parameter.model_dump()
    raw = EMPTY | {"name": data["name"], "type": data["type"]}
    if parameter.when is not None:
        raw |= {"when_name": parameter.when.name, "when_values": join_choices(parameter.when.values)}
    if isinstance(parameter, CategoricalParameter):
        if lookups:
            return raw | {"type": COUPLED, TABLE: table_of(parameter, lookups).text()}
        return raw | {"choices": join_choices(parameter.choices)}
    step = data["step"]
    return raw | {
        "low": shown(data["low"]),
        "high": shown(data["high"]),
        "log": "on" if data["log"] else "",
        "step": "" if step is None or (data["type"] == "int" and step == 1) else shown(step),
    }


def raw_rows(space: SearchSpace) -> list[Raw]:
    """The rows of a space as they would be typed."""
    lookups = [row for row in space.derived if isinstance(row, Lookup)]
    return [
        raw_row(parameter, [lookup for lookup in lookups if lookup.of == parameter.name])
        for parameter in space.parameters
    ]


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


def read_choice(text: str, name: str, task: str) -> Any:
    """A value that was typed for a parameter: as its field has it, or what it looks like where there is no field."""
    field = known_field(name, task)
    if field is None:
        return _plain(text)
    try:
        return parsed(field, text)
    except ValueError:
        # As the right kind of wrong: -1 for a batch size is a number out of bounds, not a text.
        return _number(text) if field.type in ("int", "float") else text


def _plain(text: str) -> object:
    lower = text.lower()
    if lower in NOTHING:
        return None
    return {"true": True, "false": False}.get(lower, _number(text))
