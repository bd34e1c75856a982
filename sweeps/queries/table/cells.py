"""What stands in the cells of the table."""

from datetime import datetime
from typing import Any, cast

from sweeps.queries.table.columns import Column
from sweeps.queries.table.rows import Row


def cell(column: Column, row: Row) -> Any:
    """What stands in a column of a row: a number, a text, a list of tags, a moment or None."""
    trial = row.trial
    match column.part:
        case "value":
            return trial["values"][column.place] if column.place < len(trial["values"]) else None
        case "param":
            return trial["params"].get(column.key)
        case "metric" | "best":
            return (row.metrics if column.part == "metric" else row.best).get(column.key)
        case "duration":
            return trial["duration_s"]
        case "started":
            return datetime.fromisoformat(trial["started_at"]) if trial["started_at"] else None
        case "failure" | "message":
            return trial["failure_code" if column.part == "failure" else "failure_message"]
        case "number" | "state" | "runner":
            return cast("dict[str, Any]", trial)[column.part]
        case "latest":
            return None
        case name:
            return getattr(row, name)
