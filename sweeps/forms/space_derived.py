"""Computed values as they are typed: a name and a formula each."""

from collections.abc import Mapping
from typing import Any, Final

from django import forms

from runners.protocol.space import Formula, SearchSpace

MAX_TYPED: Final = 60
EMPTY_FORMULA: Final = {"name": "", "formula": ""}

RawFormula = dict[str, str]


class FormulaForm(forms.Form):
    """The controls of one computed value; judged by `validation.space`, like the rows."""

    name = forms.CharField(
        required=False,
        label="Parameter",
        widget=forms.TextInput(attrs={"list": "names", "autocomplete": "off", "spellcheck": "false"}),
    )
    formula = forms.CharField(
        required=False,
        widget=forms.TextInput(
            attrs={"placeholder": "2 * model.hidden_size", "autocomplete": "off", "spellcheck": "false"}
        ),
    )

    def __init__(self, raw: RawFormula, index: int) -> None:
        prefix = f"formula-{index}"
        super().__init__({f"{prefix}-{column}": text for column, text in raw.items() if text}, prefix=prefix)
        self.index = index
        self.warnings: dict[str, list[str]] = {}

    def refuse(self, column: str, message: str) -> None:
        """Put a sentence beside a column; beside the name when there is no such column."""
        self.add_error(column if column in self.fields else "name", message)

    def warn(self, column: str, message: str) -> None:
        """As `refuse`, and nothing is refused."""
        self.warnings.setdefault(column if column in self.fields else "name", []).append(message)


def read_formulas(data: Mapping[str, Any]) -> list[RawFormula]:
    """Those of a POST: `formulas` is their number, `formula-<i>-name` and `formula-<i>-formula` their texts."""
    text = str(data.get("formulas", "0"))
    count = min(int(text), MAX_TYPED) if text.isascii() and text.isdigit() and len(text) < 6 else 0
    return [
        {column: str(data.get(f"formula-{index}-{column}", ""))[:1000] for column in EMPTY_FORMULA}
        for index in range(count)
    ]


def raw_formulas(space: SearchSpace) -> list[RawFormula]:
    """The formulas of a space as they would be typed."""
    return [{"name": row.name, "formula": row.formula} for row in space.derived if isinstance(row, Formula)]


def formula_json(raw: RawFormula) -> dict[str, object]:
    """As JSON for `check_rows`."""
    return {"type": "formula", "name": raw["name"].strip(), "formula": raw["formula"].strip()}


def moved_formula(verb: str, raws: list[RawFormula], index: int) -> list[RawFormula]:
    """After a button: up, down or remove."""
    raws = list(raws)
    match verb:
        case "formula-up" | "formula-down":
            other = max(0, index - 1) if verb.endswith("up") else min(len(raws) - 1, index + 1)
            raws[index], raws[other] = raws[other], raws[index]
        case "formula-remove":
            del raws[index]
    return raws
