"""Whether the chosen columns are there, hold what their roles need, and are not chosen twice."""

from collections.abc import Mapping as Facts

from sweeps.services.datasets.problems import BadData
from sweeps.services.datasets.roles import Layout
from sweeps.services.datasets.table import Table

_MEDIA = {"image": "images", "audio": "audio"}


def check_chosen(table: Table, layout: Layout, columns: Facts[str, str], split_column: str | None) -> None:
    """`columns`: role → column; `split_column` where the split is by column. Raises `BadData`."""
    wanted = {layout.role(name).field: (column, layout.role(name).kind) for name, column in columns.items()}
    if split_column is not None:
        wanted["split_column"] = (split_column, "label")
    for field, (column, kind) in wanted.items():
        if not column:
            raise BadData("Choose a column.", field=field)
        if column not in table.columns:
            shown = ", ".join(table.columns[:10]) + (" …" if len(table.columns) > 10 else "")
            raise BadData(f"The file has no column {column!r}. Its columns are: {shown}.", field=field)
        held = table.media(column)
        if held and held != kind:
            raise BadData(
                f"The column {column!r} holds {_MEDIA[held]}. Choose a column of text or numbers.", field=field
            )
        if kind in _MEDIA and held != kind:
            there = sorted(name for name in table.columns if table.media(name) == kind)
            mend = f"Choose {there[0]!r}." if there else "Choose another task, or another file."
            raise BadData(f"The column {column!r} holds no {_MEDIA[kind]}. {mend}", field=field)
    _check_twice(layout, columns)


def _check_twice(layout: Layout, columns: Facts[str, str]) -> None:
    used: dict[str, str] = {}
    for role in sorted(layout.roles, key=lambda role: role is layout.coded):
        column = columns.get(role.name)
        if column is None:
            continue
        if column in used:
            pair = "The input and the label" if role is layout.coded else f"{used[column]} and {role.label.lower()}"
            raise BadData(f"{pair} can't be the same column. Choose another one.", field=role.field)
        used[column] = role.label
