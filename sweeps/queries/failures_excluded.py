"""What failed trials have in common, taken out of the space: as an address, and as the change that the address means."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from runners.protocol.base import Scalar
from runners.protocol.script import ScriptSpec
from runners.protocol.space import CategoricalParameter, FloatParameter, IntParameter, Lookup, SearchSpace
from runners.protocol.spec import SweepSpec
from sweeps.queries.failures_common import Common, written

ROW: Final = "row"
"""The question's name for the row; beside it is one of `without` (a choice, as JSON), `low` and `high`."""

_STALE: Final = "The space has changed since: what was to be taken out of it is not in it any more."
Row = FloatParameter | IntParameter | CategoricalParameter


@dataclass(frozen=True)
class Exclusion:
    """`words`: the act. `question`: for the address of the page of changes, where the form is filled in so."""

    words: str
    question: str


@dataclass(frozen=True)
class Proposal:
    """What an address proposes, row by row, as an amendment takes it. Without `changes`, `words` says why there are none."""

    words: str
    changes: dict[str, dict[str, Any]] = field(default_factory=dict)


def exclusion(spec: SweepSpec | ScriptSpec | None, common: list[Common]) -> Exclusion | None:
    """The first of these that can be taken out of the space; None where none can, and for a person's own script."""
    if not isinstance(spec, SweepSpec):
        return None
    for one in common:
        asked = _asked(spec.space, one)
        if asked and proposed(spec.space, asked).changes:
            return Exclusion(_act(asked, one), urlencode(asked))
    return None


def proposed(space: SearchSpace, question: Mapping[str, str]) -> Proposal:
    """The change that a question means. It comes from an address, so anything may stand in it."""
    row = next((row for row in space.parameters if row.name == question.get(ROW)), None)
    changes: dict[str, dict[str, Any]] = {}
    words = ""
    if isinstance(row, CategoricalParameter) and "without" in question:
        out = question["without"]
        kept = [index for index, choice in enumerate(row.choices) if json.dumps(choice) != out]
        if 0 < len(kept) < len(row.choices):
            changes[row.name] = {"choices": tuple(row.choices[index] for index in kept)}
            for derived in space.derived:
                if isinstance(derived, Lookup) and derived.of == row.name:
                    changes[derived.name] = {"values": tuple(derived.values[index] for index in kept)}
            words = f"{row.name} without {_plain(out)}"
    elif isinstance(row, FloatParameter | IntParameter):
        for side in ("low", "high"):
            bound = _number(row, question.get(side, ""))
            if bound is not None and row.low <= bound <= row.high and bound != getattr(row, side):
                changes[row.name] = {side: bound}
                words = f"{row.name} {'from' if side == 'low' else 'up to'} {written(bound)}"
    return Proposal(words, changes) if changes else Proposal(_STALE)


def _asked(space: SearchSpace, common: Common) -> dict[str, str]:
    row = next((row for row in space.parameters if row.name == common.name), None)
    if isinstance(row, CategoricalParameter):
        return {ROW: row.name, "without": json.dumps(common.value)} if common.single else {}
    if row is not None and common.high is not None:
        return {ROW: row.name, "high": repr(common.high)}
    if row is not None and common.low is not None:
        return {ROW: row.name, "low": repr(common.low)}
    return {}


def _act(asked: Mapping[str, str], common: Common) -> str:
    if "without" in asked:
        return f"Take {common.words} out of the space"
    if "high" in asked:
        return f"Search {common.name} up to {written(common.high)} only"
    return f"Search {common.name} from {written(common.low)} only"


def _plain(text: str) -> str:
    value: Scalar = json.loads(text)
    return written(value)


def _number(row: Row, text: str) -> int | float | None:
    try:
        return int(text) if isinstance(row, IntParameter) else float(text)
    except (ValueError, OverflowError):
        return None
