"""What the sections of a script share."""

from dataclasses import dataclass

from runners.protocol.base import Scalar
from runners.protocol.catalogue import catalogue
from runners.protocol.space import Place, field_of, place_of
from runners.protocol.spec import FieldValue, SweepSpec
from sweeps.queries.script.writer import Writer


class NoScript(Exception):
    """This sweep has no script; the text says why."""


@dataclass(frozen=True)
class Part:
    """What one section is written from."""

    spec: SweepSpec
    writer: Writer

    @property
    def rows(self) -> tuple[str, ...]:
        """Names that a trial sets: drawn, then derived."""
        space = self.spec.space
        return tuple(row.name for row in (*space.parameters, *space.derived))

    def searched(self, place: Place) -> tuple[str, ...]:
        """The names at a place, without it, in order."""
        return tuple(field_of(name) for name in self.rows if place_of(name) is place)

    def fixed_setting(self, name: str) -> FieldValue:
        """A data setting where no trial sets it: the spec's, else the catalogue's default."""
        if name in self.spec.data_settings:
            return self.spec.data_settings[name]
        entry = catalogue().task(self.spec.task)
        assert entry is not None, f"the catalogue has no task {self.spec.task}"
        return entry.by_name[name].default

    def setting(self, name: str) -> str:
        """The expression of a data setting, with `params` in scope."""
        fixed = self.fixed_setting(name)
        if name in self.searched(Place.DATA):
            return f"params.get({f'data.{name}'!r}, {fixed!r})"
        return repr(fixed)

    def settings(self, *names: str) -> str:
        """The expressions of several, as arguments of a call."""
        return ", ".join(self.setting(name) for name in names)

    @property
    def seed(self) -> FieldValue:
        """The seed of training where no trial sets it."""
        return self.spec.arguments.get("seed", self.spec.seed)

    @property
    def columns(self) -> tuple[str, ...]:
        """The canonical columns that the data set is known to have."""
        return tuple(self.spec.data.columns)

    def is_searched(self, name: str) -> bool:
        """Whether a trial sets this data setting."""
        return name in self.searched(Place.DATA)

    def most(self, name: str) -> int:
        """The largest value of a numeric data setting over all trials."""
        row = next((row for row in self.spec.space.parameters if row.name == f"data.{name}"), None)
        found: list[FieldValue] = [self.fixed_setting(name)] if row is None or row.when is not None else []
        if row is not None:
            found += row.choices if row.type == "categorical" else (row.low, row.high)
        return int(max(value for value in found if isinstance(value, int | float)))


Params = dict[str, Scalar]
