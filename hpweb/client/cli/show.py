"""Things as tables and lines for people."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.table import Table
from rich.text import Text

STYLES = {
    "complete": "green",
    "running": "cyan",
    "fail": "red",
    "online": "green",
    "cancelled": "yellow",
    "pruned": "yellow",
}


def number(value: Any, digits: int = 6) -> str:
    """Short, as a person compares it; – for none."""
    if value is None:
        return "–"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:.{digits}g}"


def duration(seconds: float | None) -> str:
    """`1 h 05 min`, `2 min 03 s`, `4.2 s`; – for none."""
    if seconds is None:
        return "–"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def state_text(state: str) -> Text:
    return Text("failed" if state == "fail" else state, style=STYLES.get(state, ""))


def params_text(params: Mapping[str, Any]) -> str:
    return "  ".join(f"{name}={number(value)}" for name, value in params.items())


def table(columns: Iterable[str], rows: Iterable[Iterable[str | Text]], right: Iterable[str] = ()) -> Table:
    """`right`: columns of numbers."""
    found = Table(box=None, pad_edge=False, header_style="bold")
    numbers = set(right)
    for column in columns:
        found.add_column(column, justify="right" if column in numbers else "left", overflow="fold")
    for row in rows:
        # A name is never markup.
        found.add_row(*(cell if isinstance(cell, Text) else Text(cell) for cell in row))
    return found


def sweep_rows(sweeps: Iterable[Mapping[str, Any]]) -> Table:
    rows = [
        (
            str(sweep["id"]),
            str(sweep["name"]),
            state_text(str(sweep["state"])),
            f"{sweep.get('counted', 0)}/{sweep.get('n_trials', 0)}",
            number((sweep.get("best") or {}).get("value")),
        )
        for sweep in sweeps
    ]
    return table(("id", "name", "state", "trials", "best"), rows, ("trials", "best"))


def facts(pairs: Iterable[tuple[str, str | Text]]) -> Table:
    """Label and value, a line each."""
    found = Table(box=None, show_header=False, pad_edge=False)
    found.add_column(style="dim")
    found.add_column(overflow="fold")
    for label, value in pairs:
        found.add_row(label, value if isinstance(value, Text) else Text(value))
    return found
