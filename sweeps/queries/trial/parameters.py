"""A trial's parameters beside those of the best trial and beside the defaults."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from runners.optimizers.derive import resolved
from runners.protocol.base import Scalar
from runners.protocol.catalogue import catalogue
from runners.protocol.script import ScriptSpec
from runners.protocol.spec import ConfigModel, SweepSpec

ABSENT: Final = object()
"""Where there is no value: "none" is one that a parameter can have."""


@dataclass(frozen=True)
class Known:
    """A value, where there is one."""

    value: Any

    @property
    def absent(self) -> bool:
        return self.value is ABSENT


@dataclass(frozen=True)
class ParameterRow:
    """`derived`: computed from others. `delta`: how it differs from the best trial's, in words; empty where it does not.

    `default`: what would hold if it were not searched: the Trainer's, the model's or the task's own default.
    """

    name: str
    value: Known
    best: Known
    default: Known
    delta: str = ""
    derived: bool = False

    @property
    def differs(self) -> bool:
        return bool(self.delta)

    @property
    def is_default(self) -> bool:
        return not self.default.absent and not self.value.absent and same(self.value.value, self.default.value)


def parameter_rows(
    spec: SweepSpec | ScriptSpec | None, params: Mapping[str, Scalar], best: Mapping[str, Scalar] | None
) -> list[ParameterRow]:
    """In the order in which they were drawn, then those that only the best trial has. `best`: None without another one."""
    mine, theirs = _with_derived(spec, params), _with_derived(spec, best or {})
    rows = []
    for name in [*mine, *(name for name in theirs if name not in mine)]:
        value, other = mine.get(name, ABSENT), theirs.get(name, ABSENT) if best is not None else ABSENT
        delta = "" if best is None else difference(value, other)
        derived = name not in params and name not in (best or {})
        rows.append(ParameterRow(name, Known(value), Known(other), Known(_default(spec, name)), delta, derived))
    return rows


def difference(value: Any, other: Any) -> str:
    """How `value` differs from `other`: `+0.002 (× 3)`, or "differs"; empty where they are alike."""
    if value is ABSENT or other is ABSENT:
        return "" if value is other else "not there" if value is ABSENT else "only here"
    if same(value, other):
        return ""
    numbers = [x for x in (value, other) if isinstance(x, int | float) and not isinstance(x, bool) and math.isfinite(x)]
    if len(numbers) < 2:
        return "differs"
    said = f"{value - other:+.3g}".replace("-", "−")
    # A ratio tells more of what is searched over magnitudes, and nothing where a sign changes.
    return f"{said} (× {value / other:.3g})" if value * other > 0 else said


def same(one: Any, other: Any) -> bool:
    """1 and 1.0 are alike, 1 and true are not."""
    return isinstance(one, bool) is isinstance(other, bool) and bool(one == other)


def _with_derived(spec: SweepSpec | ScriptSpec | None, params: Mapping[str, Scalar]) -> dict[str, Scalar]:
    if not isinstance(spec, SweepSpec) or not spec.space.derived:
        return dict(params)
    try:
        return resolved(spec.space, params, spec.processes)
    except ValueError:
        # Drawn from an earlier version of the space: what is derived from it then is not known.
        return dict(params)


def _default(spec: SweepSpec | ScriptSpec | None, name: str) -> Any:
    if not isinstance(spec, SweepSpec):
        return ABSENT
    model_type = spec.model.model_type if isinstance(spec.model, ConfigModel) else None
    if name.startswith("model.") and model_type is None:
        # Pretrained weights bring their own config, which only the runner reads.
        return ABSENT
    try:
        field = catalogue().field(name, task=spec.task, model_type=model_type)
    except ValueError:
        return ABSENT
    return ABSENT if field is None else field.default
