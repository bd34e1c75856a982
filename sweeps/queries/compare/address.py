"""Which trials are compared, and how: what an address says, and says again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple
from urllib.parse import quote, urlencode

from sweeps.queries.table.ranges import read_ranges

MOST: Final = 200
"""So many trials at once."""
LONGEST: Final = 100
"""Of a sweep's name in an address, in characters."""


class Ref(NamedTuple):
    """A trial: its sweep's public id and its number there."""

    sweep: str
    number: int

    def __str__(self) -> str:
        return f"{self.sweep}:{self.number}"


@dataclass(frozen=True)
class Asked:
    """`refs`: in their order, the first is the base. `hide`: rows in which all are alike are left out.

    `more`: how many were asked for beyond `MOST`. `odd`: pieces of the address that name no trial.
    """

    refs: tuple[Ref, ...] = ()
    hide: bool = False
    metric: str = ""
    more: int = 0
    odd: tuple[str, ...] = ()

    def query(self, **changes: Any) -> str:
        """`trials=aB3x:0,aB3x:4&hide=1`."""
        asked = replace(self, **changes)
        said = {
            "trials": written(asked.refs),
            "hide": "1" if asked.hide else "",
            "metric": asked.metric,
        }
        return urlencode({name: text for name, text in said.items() if text}, quote_via=quote, safe=":,")

    def based_on(self, ref: Ref) -> str:
        """The address with another base."""
        return self.query(refs=(ref, *(other for other in self.refs if other != ref)))

    def without(self, ref: Ref) -> str:
        """The address without a trial."""
        return self.query(refs=tuple(other for other in self.refs if other != ref))


def read_asked(asked: Mapping[str, str]) -> Asked:
    """What an address asks for. A piece may name several: `aB3x:0-9`."""
    refs, odd = read_refs(asked.get("trials", ""))
    return Asked(
        refs=tuple(refs[:MOST]),
        hide=asked.get("hide") == "1",
        metric=asked.get("metric", "").replace("\0", "")[:200],
        more=max(len(refs) - MOST, 0),
        odd=tuple(odd),
    )


def read_refs(text: str) -> tuple[list[Ref], list[str]]:
    """The trials in their order, each once, and the pieces that name none."""
    found: dict[Ref, None] = {}
    odd: list[str] = []
    for piece in (piece.strip() for piece in text.replace("\0", "\ufffd").split(",")):
        if not piece:
            continue
        sweep, _, numbers = piece.partition(":")
        several = sorted(read_ranges([numbers]))[: MOST + 1]
        if not several or not sweep or len(sweep) > LONGEST:
            odd.append(piece[:LONGEST])
        found.update({Ref(sweep, number): None for number in several if sweep and len(sweep) <= LONGEST})
    return list(found), odd


def written(refs: Iterable[Ref]) -> str:
    """As `read_refs` reads them; three and more in a row as one piece, so that addresses stay short."""
    runs: list[list[Ref]] = []
    for ref in refs:
        if runs and ref == Ref(runs[-1][-1].sweep, runs[-1][-1].number + 1):
            runs[-1].append(ref)
        else:
            runs.append([ref])
    return ",".join(f"{run[0]}-{run[-1].number}" if len(run) > 2 else ",".join(map(str, run)) for run in runs)
