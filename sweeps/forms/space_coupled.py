"""Coupled choices as they are typed: a table with a line for each choice and a column for each parameter that goes with it.

In the space it is one row of choices and a lookup for each column.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from runners.protocol.space import CategoricalParameter, Lookup
from sweeps.validation.text import shown

COUPLED: Final = "coupled"
MAX_COLUMNS: Final = 12
MAX_LINES: Final = 200


@dataclass(frozen=True)
class Table:
    """`heads`: the parameters. `lines`: a label each, then a text for each head."""

    heads: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]

    @property
    def labels(self) -> list[str]:
        return [line[0] for line in self.lines]

    def column(self, index: int) -> list[str]:
        """The texts below a head, from 0."""
        return [line[index + 1] for line in self.lines]

    def used(self) -> list[int]:
        """The columns in which something stands, from 0."""
        return [index for index, head in enumerate(self.heads) if head or any(self.column(index))]

    def filled(self) -> "Table":
        """Without lines and columns in which nothing stands."""
        kept = self.used()
        lines: list[tuple[str, ...]] = [(line[0], *(line[index + 1] for index in kept)) for line in self.lines]
        return Table(tuple(self.heads[index] for index in kept), tuple(line for line in lines if any(line)))

    def wider(self) -> "Table":
        """With one more column."""
        if len(self.heads) >= MAX_COLUMNS:
            return self
        return Table((*self.heads, ""), tuple((*line, "") for line in self.lines))

    def longer(self) -> "Table":
        """With one more line."""
        return self if len(self.lines) >= MAX_LINES else Table(self.heads, (*self.lines, ("",) * (len(self.heads) + 1)))

    def text(self) -> str:
        """For a row's raw column; `read_text` reads it back."""
        return json.dumps([self.heads, self.lines])


BLANK: Final = Table(("", ""), (("small", "", ""), ("large", "", "")))


def read_text(text: str) -> Table:
    """The table of a raw column; a blank one for none."""
    if not text:
        return BLANK
    heads, lines = json.loads(text)
    return Table(tuple(heads), tuple(tuple(line) for line in lines))


def read_cells(data: Mapping[str, Any], prefix: str) -> str:
    """The table of a POST as a raw column's text, empty where none was sent: `<prefix>-head-1`, `<prefix>-cell-0-1` …"""
    columns = 0
    while columns < MAX_COLUMNS and f"{prefix}-head-{columns + 1}" in data:
        columns += 1
    lines: list[tuple[str, ...]] = []
    while len(lines) < MAX_LINES and f"{prefix}-cell-{len(lines)}-0" in data:
        lines.append(tuple(_cell(data, f"{prefix}-cell-{len(lines)}-{column}") for column in range(columns + 1)))
    if not lines:
        return ""
    heads = tuple(_cell(data, f"{prefix}-head-{column + 1}")[:100] for column in range(columns))
    return Table(heads, tuple(lines)).text()


def cells(table: Table) -> dict[str, str]:
    """Control's name without its prefix → text: the reverse of `read_cells`."""
    found = {f"head-{column + 1}": head for column, head in enumerate(table.heads)}
    for index, line in enumerate(table.lines):
        found |= {f"cell-{index}-{column}": text for column, text in enumerate(line)}
    return found


def table_of(row: CategoricalParameter, lookups: Sequence[Lookup]) -> Table:
    """The table of a row with choices and what goes with them."""
    lines = [
        (shown(choice), *(shown(lookup.values[index]) for lookup in lookups))
        for index, choice in enumerate(row.choices)
    ]
    return Table(tuple(lookup.name for lookup in lookups), tuple(lines))


def _cell(data: Mapping[str, Any], name: str) -> str:
    return str(data.get(name, "")).strip()[:500]
