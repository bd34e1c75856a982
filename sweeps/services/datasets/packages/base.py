"""What a package's data set is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

Options = Mapping[str, Any]


@dataclass(frozen=True)
class Examples:
    """All examples in a fixed order. `values`: strings or images (PNG); `names`: the label of each."""

    values: pa.Array
    names: list[str]


@dataclass(frozen=True)
class PackageData:
    """`load` makes the examples from complete options; the same options give the same examples in the same order.

    `defaults`: option → default; an option that is not there is refused. `source`: who made the data, with its licence.
    """

    key: str
    title: str
    task: str
    description: str
    source: str
    load: Callable[[Options], Examples]
    defaults: Options = field(default_factory=dict)
