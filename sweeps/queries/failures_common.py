"""What parameters of failed trials have in common, and those of the others have not."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

Params = dict[str, Any]

RARE: Final = 0.5
"""A value tells something when at most this share of the trials that did not fail have it."""


@dataclass(frozen=True)
class Common:
    """`words`: what they have in common. `single`: all have one value, `value`; else they only lie on one side.

    `low`, `high`: the bound that keeps all others and none of these, where these lie on one side of them.
    """

    name: str
    words: str
    value: Any = None
    single: bool = False
    low: Any = None
    high: Any = None


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
    return sorted(found, key=lambda common: not common.single)


def _same(name: str, mine: list[Any], theirs: list[Any]) -> list[Common]:
    value = mine[0]
    if any(other != value or isinstance(other, bool) != isinstance(value, bool) for other in mine):
        return []
    if theirs and sum(other == value for other in theirs) > RARE * len(theirs):
        return []
    return [Common(name, f"{name} {written(value)}", value, single=True, **_side(mine, theirs))]


def _beyond(name: str, mine: list[Any], theirs: list[Any]) -> list[Common]:
    side = _side(mine, theirs) if len(theirs) > 1 else {}
    if "high" in side:
        words = f"{name} of {written(min(mine))} or more (the others: at most {written(max(theirs))})"
    elif "low" in side:
        words = f"{name} of {written(max(mine))} or less (the others: at least {written(min(theirs))})"
    return [Common(name, words, **side)] if side else []


def _side(mine: list[Any], theirs: list[Any]) -> dict[str, Any]:
    """The new bound of numbers that lie above or below all others; empty where they do not."""
    if not theirs or not all(_is_number(value) for value in (*mine, *theirs)):
        return {}
    if min(mine) > max(theirs):
        return {"high": max(theirs)}
    return {"low": min(theirs)} if max(mine) < min(theirs) else {}


def written(value: Any) -> str:
    """A value as the pages write it, near enough: four digits."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
