"""What a package's data set is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from runners.protocol.catalogue import catalogue
from sweeps.services.datasets.roles import LAYOUTS

Options = Mapping[str, Any]


@dataclass(frozen=True)
class Examples:
    """All examples in a fixed order: role → values, as `kinds` parse them (labels by name), none missing."""

    columns: dict[str, pa.Array]

    @property
    def values(self) -> pa.Array:
        """The input of each example, of a classification."""
        return next(iter(self.columns.values()))

    @property
    def names(self) -> list[str]:
        """The label of each example, of a classification."""
        return [str(name) for name in self.columns["label"].to_pylist()]


@dataclass(frozen=True)
class PackageData:
    """`layout`: a key of `roles.LAYOUTS`. `load` makes the examples from complete options; the same options give the same examples in the same order.

    `defaults`: option → default; an option that is not there is refused. `source`: who made the data, with its licence.
    """

    key: str
    title: str
    layout: str
    description: str
    source: str
    load: Callable[[Options], Examples]
    defaults: Options = field(default_factory=dict)

    @property
    def task(self) -> str:
        return LAYOUTS[self.layout].task

    @property
    def task_label(self) -> str:
        known = catalogue().task(self.task)
        return known.label if known else self.task
