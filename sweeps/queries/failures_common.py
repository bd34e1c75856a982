"""What parameters of failed trials have in common, and those of the others have not."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

Params = dict[str, Any]

RARE: Final = 0.5
"""A value tells something when at most this share of the trials that did not fail have it."""


@dataclass(frozen=True)
class Common:
    """`words`: what they have in common. `values`: the one value that all have; None where they only lie on one side."""

    name: str
    words: str
    values: Any = None


def in_common(failed: Sequence[Params], fine: Sequence[Params]) -> list[Common]:
    """Parameter by parameter: first those of one value. Two or more failures are needed to have something in common.

    One value of all, which few others have; or, for numbers, a side of the space that no other trial was on.
    """
    if len(failed) < 2:
        return []
    names = [name for name in failed[0] if all(name in params for params in failed)]
    found = []
    for name in names:
        mine = [params[name] for params in failed]
        theirs = [params[name] for params in fine if name in params]
        found += _same(name, mine, theirs) or _beyond(name, mine, theirs)
    return sorted(found, key=lambda common: common.values is None)


def _same(name: str, mine: list[Any], theirs: list[Any]) -> list[Common]:
    value = mine[0]
    if any(other != value or isinstance(other, bool) != isinstance(value, bool) for other in mine):
        return []
    if theirs and sum(other == value for other in theirs) > RARE * len(theirs):
        return []
    return [Common(name, f"{name} {written(value)}", value)]


def _beyond(name: str, mine: list[Any], theirs: list[Any]) -> list[Common]:
    if len(theirs) < 2 or not all(_is_number(value) for value in (*mine, *theirs)):
        return []
    if min(mine) > max(theirs):
        return [Common(name, f"{name} of {written(min(mine))} or more (the others: at most {written(max(theirs))})")]
    if max(mine) < min(theirs):
        return [Common(name, f"{name} of {written(max(mine))} or less (the others: at least {written(min(theirs))})")]
    return []


def written(value: Any) -> str:
    """A value as the pages write it, near enough: four digits."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
