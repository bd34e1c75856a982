"""The table of the film's trials, as the sweep's page shows it."""

from typing import Any, cast

from sweeps.queries.shapes import TrialRow
from sweeps.queries.table.columns import STATES, Column, Columns
from sweeps.queries.table.look import Look
from sweeps.queries.table.rows import Row, Table
from sweeps.views.trials_part import words_of
from tests.look.film import METRIC, PARAMS


def shown_table(rows: list[dict[str, Any]], position: int) -> dict[str, Any]:
    """What the templates of the table need."""
    number = Column("number", "#", "number", ("number",), usual=True)
    columns = [
        number,
        Column("state", "State", "text", ("state",), STATES, usual=True),
        Column("value:0", METRIC, "number", (METRIC, "value"), usual=True),
        Column("latest", "Latest", "words", usual=True),
        Column("duration", "Duration", "duration", ("duration",), usual=True),
        *(Column(f"param:{name}", name, "any", (name,), usual=True, group="Parameters") for name in PARAMS),
    ]
    newest_first = [Row(cast("TrialRow", row)) for row in sorted(rows, key=lambda row: -row["number"])]
    table = Table(
        columns=Columns(tuple(columns)),
        shown=columns,
        look=Look(),
        sort=(number, True),
        rows=newest_first,
        total=len(rows),
        matching=len(rows),
        pages=1,
        position=position,
    )
    return {**words_of(table), "saved_views": []}
