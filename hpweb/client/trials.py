"""Trials of a sweep."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from hpweb.client.transport import Json, Transport

Scalar = str | int | float | bool | None


@dataclass(frozen=True)
class Trial:
    """`values`: one number for each objective, empty before the end; `value` is the first. `duration_s` in seconds.

    `data`: everything that the server says.
    """

    number: int
    state: str
    params: dict[str, Scalar]
    value: float | None
    values: list[float]
    duration_s: float | None
    started_at: str | None
    data: Json = field(repr=False, compare=False)

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Trial":
        values = [number_of(value) for value in row.get("values") or []]
        return cls(
            number=int(row["number"]),
            state=str(row["state"]),
            params=dict(row.get("params") or {}),
            value=values[0] if values else None,
            values=values,
            duration_s=row.get("duration_s"),
            started_at=row.get("started_at"),
            data=dict(row),
        )


class Trials:
    """`sweep` is a sweep's id everywhere."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self, sweep: str) -> Iterator[Trial]:
        """All that have parameters, by number, page by page."""
        for row in self._transport.pages(f"sweeps/{sweep}/trials/", "trials"):
            yield Trial.of(row)

    def get(self, sweep: str, number: int) -> Trial:
        return self._one("GET", f"sweeps/{sweep}/trials/{number}/")

    def add(self, sweep: str, params: Mapping[str, Scalar]) -> Trial:
        """One of your own: a value for each parameter that acts."""
        return self._one("POST", f"sweeps/{sweep}/trials/", {"params": dict(params)}, makes=True)

    def retry(self, sweep: str, number: int, changes: Mapping[str, Scalar] | None = None) -> Trial:
        """The same once more, with other values for some parameters if you like; the new trial."""
        path = f"sweeps/{sweep}/trials/{number}/retry/"
        return self._one("POST", path, {"params": dict(changes or {})}, makes=True)

    def stop(self, sweep: str, number: int) -> Trial:
        """It ends after its next evaluation, and counts."""
        return self._one("POST", f"sweeps/{sweep}/trials/{number}/stop/")

    def prune(self, sweep: str, number: int) -> Trial:
        """It ends after its next evaluation, as not worth going on with."""
        return self._one("POST", f"sweeps/{sweep}/trials/{number}/prune/")

    def remove(self, sweep: str, number: int) -> None:
        """Take one that waits out of the queue."""
        self._transport.request("DELETE", f"sweeps/{sweep}/trials/{number}/")

    def _one(self, method: str, path: str, body: Json | None = None, *, makes: bool = False) -> Trial:
        return Trial.of(self._transport.request(method, path, body=body, makes=makes)["trial"])


def number_of(value: object) -> float:
    """JSON has no NaN and no infinity: they come as "nan", "inf" and "-inf"."""
    return float(value)  # type: ignore[arg-type]  # a number, or one of those three texts
