"""How a person looks at the table: filter, order, columns, page. What an address says, and says again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import quote, unquote, urlencode

from sweeps.queries.table.columns import Column, Columns
from sweeps.queries.table.order import USUAL

MOST_PINNED: Final = 5
MOST_COLUMNS: Final = 200
MOST_PAGES: Final = 10**6


@dataclass(frozen=True)
class Look:
    """`columns`: ids in order; empty: the usual ones. `pin`: so many of them stay in view. `page`: from 1."""

    q: str = ""
    sort: str = USUAL
    columns: tuple[str, ...] = ()
    pin: int = 1
    page: int = 1

    def query(self, **changes: Any) -> str:
        """The address' query, without what is usual: `q=state%20%3D%20fail&page=2`."""
        look = replace(self, **changes)
        said = {
            "q": look.q,
            "sort": "" if look.sort == USUAL else look.sort,
            "columns": written(look.columns),
            "pin": "" if look.pin == 1 else str(look.pin),
            "page": "" if look.page == 1 else str(look.page),
        }
        return urlencode({name: text for name, text in said.items() if text}, quote_via=quote)


def read_look(asked: Mapping[str, str], chosen: Look | None = None) -> Look:
    """The look that an address asks for. `chosen`: the person's own, where the address names no columns."""
    # PostgreSQL keeps no NUL, not even in what it is only asked for.
    asked = {name: text.replace("\0", "\ufffd") for name, text in asked.items()}
    columns = read_columns(asked.get("columns", ""))
    base = Look() if columns or chosen is None else chosen
    return Look(
        q=" ".join(asked.get("q", "").split()),
        sort=asked.get("sort", "") or USUAL,
        columns=columns or base.columns,
        pin=_whole(asked.get("pin", ""), base.pin, 0, MOST_PINNED),
        page=_whole(asked.get("page", ""), 1, 1, MOST_PAGES),
    )


def written(ids: Iterable[str]) -> str:
    """Ids as one word; commas within them are escaped."""
    return ",".join(quote(each, safe=":._/-") for each in ids)


def read_columns(text: str) -> tuple[str, ...]:
    """The ids that `written` wrote."""
    ids = [unquote(each).replace("\0", "\ufffd") for each in text.split(",") if each][:MOST_COLUMNS]
    return tuple(dict.fromkeys(ids))


def shown(look: Look, columns: Columns) -> list[Column]:
    """The columns to show: those that are asked for and exist here, the number always; else the usual ones."""
    found = [column for column in map(columns.find, look.columns) if column is not None]
    if not found:
        return [column for column in columns if column.usual]
    number = [column for column in columns if column.id == "number"]
    return list(dict.fromkeys([*(number if number[0] not in found else []), *found]))


def _whole(text: str, usual: int, low: int, high: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        return usual
    return min(max(int(text), low), high)
