"""Values that follow from drawn ones: each formula and each lookup is tried where the space ends."""

import difflib
from collections.abc import Mapping, Sequence
from typing import Final

from pydantic import ValidationError

from runners.optimizers.derive import PROCESSES, inputs_of
from runners.optimizers.reach import completed, corners, narrowed
from runners.protocol.base import Scalar
from runners.protocol.catalogue import Field, catalogue
from runners.protocol.space import CategoricalParameter, Derived, Formula, Lookup, SearchSpace
from runners.protocol.spec import ModelSource
from sweeps.validation.problems import Problem, errors_of, from_pydantic
from sweeps.validation.rows import Parameter, named
from sweeps.validation.text import shown
from sweeps.validation.values import typed

KINDS: Final[dict[str, type[Formula] | type[Lookup]]] = {"formula": Formula, "lookup": Lookup}


def check_derived(
    given: Sequence[Mapping[str, object]],
    rows: tuple[Parameter, ...],
    *,
    names: set[str],
    task: str = "",
    source: ModelSource | None = None,
    processes: int = 1,
) -> tuple[SearchSpace | None, list[Problem]]:
    """The space of the good rows and these derived ones, or None with what is wrong, at `derived.<row>.<field>`.

    `names`: of all rows, good or not. A value that cannot be computed anywhere is an error, one that cannot at some ends of
    the space a warning: its trials fail.
    """
    problems: list[Problem] = []
    good: list[Derived] = []
    fields: dict[str, Field | None] = {}
    known = set(names)
    later = [str(row.get("name") or "") for row in given]
    for index, row in enumerate(given):
        checker = _Checker(row, rows, known, later[index + 1 :], task=task, source=source)
        problems += [Problem(f"derived.{index}.{found.path}", found.message) for found in checker.problems]
        known.add(later[index])
        if checker.derived is not None:
            good.append(checker.derived)
            fields[checker.derived.name] = checker.field
    if errors_of(problems) or len({row.name for row in rows}) != len(rows):
        return None, problems
    space = SearchSpace(parameters=rows, derived=tuple(good))
    for index, derived in enumerate(good):
        if inputs_of(derived) <= {row.name for row in (*rows, *good)}:
            problems += _tried(space, index, fields[derived.name], processes)
    return (None if errors_of(problems) else space), problems


class _Checker:
    """One derived row: `problems` at `name`, `type`, `formula`, `of` or `values`."""

    def __init__(
        self,
        row: Mapping[str, object],
        rows: tuple[Parameter, ...],
        known: set[str],
        later: list[str],
        *,
        task: str,
        source: ModelSource | None,
    ) -> None:
        self.row, self._rows, self._known, self._later = row, rows, known, later
        self.problems: list[Problem] = []
        self.field: Field | None = None
        self._name(task, source)
        self.derived = self._derived()

    def _bad(self, path: str, message: str) -> None:
        self.problems.append(Problem(path, message))

    def _name(self, task: str, source: ModelSource | None) -> None:
        name = self.row.get("name")
        if not isinstance(name, str) or not name.strip():
            self._bad("name", "Choose what the value is for.")
            return
        if name == "seed":
            self._bad("name", "The seed of a trial can't be computed: search it, or leave it to the sweep.")
            return
        try:
            self.field = named(name, task=task, source=source)
        except ValueError as error:
            self._bad("name", str(error))
        if name in self._known:
            self._bad("name", f"{name} is drawn or computed already: remove one of the two.")

    def _derived(self) -> Derived | None:
        kind = self.row.get("type")
        if kind == "formula":
            self._formula()
        elif kind == "lookup":
            return self._lookup()
        else:
            self._bad("type", "Choose formula or lookup.")
        return None if self.problems else self._made({"formula": self.row.get("formula")})

    def _made(self, data: dict[str, object]) -> Derived | None:
        kind = str(self.row.get("type"))
        try:
            return KINDS[kind].model_validate({"type": kind, "name": self.row.get("name")} | data)
        except ValidationError as error:
            self.problems += from_pydantic(error, tags=tuple(KINDS))
            return None

    def _formula(self) -> None:
        formula = self.row.get("formula")
        if not isinstance(formula, str) or not formula.strip():
            self._bad("formula", "Give a formula, such as 2 * model.hidden_size.")
            return
        if len(formula) > 500:
            self._bad("formula", "The formula is too long; the most is 500 characters.")
            return
        try:
            inputs = inputs_of(Formula.model_construct(name=str(self.row.get("name") or "This value"), formula=formula))
        except (ValueError, RecursionError, MemoryError) as error:
            self._bad("formula", str(error) or "The formula is too deep.")
            return
        for name in sorted(inputs - self._known):
            self._bad("formula", self._unknown(name))

    def _unknown(self, name: str) -> str:
        if name in self._later:
            return f"{name} is computed below: move it up, above this one."
        if name in catalogue().arguments_by_name:
            return f"{name} is not searched here: add a row for it, or write its number."
        near = difflib.get_close_matches(name, [*self._known, PROCESSES], n=1)
        hint = (
            f" Did you mean {near[0]}?" if near else f" Known: {', '.join(sorted(self._known)) or 'none'}, {PROCESSES}."
        )
        return f"{name} is no row of this space.{hint}"

    def _lookup(self) -> Derived | None:
        of, values = self.row.get("of"), self.row.get("values")
        source = next((row for row in self._rows if row.name == of), None)
        if not isinstance(source, CategoricalParameter):
            self._bad("of", f"{of or 'That'} is no row with choices: the values go with the choices of a row above.")
            return None
        if not isinstance(values, list | tuple) or len(values) != len(source.choices):
            count = len(values) if isinstance(values, list | tuple) else 0
            self._bad("values", f"{count} values for the {len(source.choices)} choices of {of}: give one for each.")
            return None
        found = []
        for choice, value in zip(source.choices, values, strict=True):
            try:
                found.append(value if self.field is None else typed(self.field, value))
            except ValueError as error:
                self._bad("values", f"For {shown(choice)}: {error}")
        return None if self.problems else self._made({"of": of, "values": found})


def _tried(space: SearchSpace, index: int, field: Field | None, processes: int) -> list[Problem]:
    """The value at the ends of what it is computed from."""
    row = space.derived[index]
    alone = narrowed(space, lambda name: name == row.name)
    if isinstance(row, Lookup):
        return []
    assignments = corners(alone)
    failures: list[tuple[dict[str, Scalar], str]] = []
    for values in assignments:
        try:
            params = completed(alone, values, processes)
            if row.name in params and field is not None:
                typed(field, params[row.name])
        except (ValueError, RecursionError, MemoryError) as error:
            failures.append((values, str(error)))
    if not failures:
        return []
    values, said = failures[0]
    if not said.startswith(row.name) and any(said.startswith(f"{other.name}:") for other in space.derived):
        return []  # said at the other one
    if len(failures) == len(assignments):
        return [Problem(f"derived.{index}.formula", said)]
    told = " and ".join(f"{name} {shown(value)}" for name, value in values.items())
    return [Problem(f"derived.{index}.formula", f"With {told}, {said} Such trials fail.", warning=True)]
