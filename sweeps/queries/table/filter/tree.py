"""A filter that has been read. Places are kept, so that what the columns refuse is told where it stands."""

from dataclasses import dataclass
from typing import Literal

from sweeps.queries.table.filter.tokens import UNITS

Sign = Literal["=", "!=", "<", "<=", ">", ">=", "contains"]


@dataclass(frozen=True)
class Name:
    """A column, as the person calls it."""

    text: str
    at: int
    end: int


@dataclass(frozen=True)
class Number:
    """A number. `unit`: "s", "min", "h", "d" or none; `value` is in that unit. `text`: both, as they were written."""

    value: float
    unit: str
    at: int
    end: int
    text: str = ""

    @property
    def amount(self) -> float:
        """Without a unit: a time in seconds."""
        return self.value * UNITS.get(self.unit, 1.0)


@dataclass(frozen=True)
class Text:
    """A word. Without quotes (not `quoted`) it may also mean a column, `none`, `true` or `false`."""

    text: str
    quoted: bool
    at: int
    end: int


Value = Number | Text


@dataclass(frozen=True)
class Span:
    """Numbers from `low` to `high`, both included."""

    low: Number
    high: Number


@dataclass(frozen=True)
class Compare:
    name: Name
    sign: Sign
    value: Value
    sign_at: int
    sign_end: int


@dataclass(frozen=True)
class Among:
    """One of these."""

    name: Name
    items: tuple[Value | Span, ...]


@dataclass(frozen=True)
class Holds:
    """The column's own truth: `starred`."""

    name: Name


@dataclass(frozen=True)
class Not:
    part: "Node"


@dataclass(frozen=True)
class All:
    parts: tuple["Node", ...]


@dataclass(frozen=True)
class Any:
    parts: tuple["Node", ...]


Node = Compare | Among | Holds | Not | All | Any
