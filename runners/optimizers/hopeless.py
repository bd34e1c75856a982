"""A space tried at its ends: which values can never be trained, whatever the others are."""

from collections.abc import Callable
from typing import NamedTuple

from runners.optimizers.compile import acts
from runners.optimizers.reach import Row, at, completed, corners, near, turning
from runners.protocol.base import Scalar
from runners.protocol.space import SearchSpace

Try = Callable[[dict[str, Scalar]], None]
"""Raises what is wrong with a trial of these parameters, drawn and derived."""


class Hopeless(NamedTuple):
    """A value with which no trial works. `row` is None when no trial of the space works at all."""

    row: Row | None
    value: Scalar
    error: Exception


class Trials:
    """Tries assignments, each once. `refusals`: the exceptions that mean "not these parameters"."""

    def __init__(self, space: SearchSpace, processes: int, try_one: Try, refusals: tuple[type[Exception], ...]) -> None:
        self._space = space
        self._processes = processes
        self._try = try_one
        self._refusals = refusals
        self._known: dict[str, Exception | None] = {}

    def error_of(self, values: dict[str, Scalar]) -> Exception | None:
        """What is wrong with a value for every row; None when it can be trained."""
        try:
            params = completed(self._space, values, self._processes)
        except ValueError as error:
            return error
        key = repr(sorted(params.items()))
        if key not in self._known:
            self._known[key] = None
            try:
                self._try(params)
            except self._refusals as error:
                self._known[key] = error
        return self._known[key]

    def hopeless(self) -> Hopeless | None:
        """The first value that fails beside all others. A value that fails beside some only is no fault of the space."""
        tried = [(values, self.error_of(values)) for values in corners(self._space)]
        bad = []
        for row in self._space.parameters:
            bad += [
                Hopeless(row, value, error)
                for value in turning(self._space, row)
                if (error := self._never(row, value, tried)) is not None
            ]
        if not any(error is None for error in self._known.values()) and tried[0][1] is not None:
            return Hopeless(None, None, tried[0][1])
        return bad[0] if bad else None

    def _never(
        self, row: Row, value: Scalar, tried: list[tuple[dict[str, Scalar], Exception | None]]
    ) -> Exception | None:
        simple = at(self._space, row, value)
        if not self._acts(row, simple):
            return None
        error = self.error_of(simple)
        if error is None or any(
            found is None and _same(values[row.name], value) and self._acts(row, values) for values, found in tried
        ):
            return None
        for values in near(self._space, row, value):
            if self._acts(row, values) and self.error_of(values) is None:
                return None
        return error

    def _acts(self, row: Row, values: dict[str, Scalar]) -> bool:
        drawn: dict[str, Scalar] = {}
        for other in self._space.parameters:
            if acts(other, drawn):
                drawn[other.name] = values[other.name]
        return row.name in drawn


def _same(one: Scalar, other: Scalar) -> bool:
    return type(one) is type(other) and one == other
