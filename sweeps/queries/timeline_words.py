"""The acts of a timeline, in words."""

from collections.abc import Callable, Mapping
from typing import Any, Final

Detail = dict[str, Any]


def words(verb: str, detail: Detail) -> str:
    """What happened, as a sentence without its subject."""
    say = _WORDS.get(verb)
    return say(detail) if say else _capital(verb)


def assignment(params: Mapping[str, Any] | None) -> str:
    """`learning_rate 0.001, warmup_steps 10`."""
    return ", ".join(f"{name} {_value(value)}" for name, value in (params or {}).items())


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _value(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list):
        return " ".join(map(str, value))
    return "none" if value is None else str(value)


def _plain(text: str) -> Callable[[Detail], str]:
    return lambda _: text


def _pause(detail: Detail) -> str:
    return "Pause: running trials leave at a checkpoint" if detail.get("checkpoint") else "Pause: running trials finish"


def _claimed(detail: Detail) -> str:
    return f"Taken by {detail.get('runner') or 'a runner'}"


def _again(detail: Detail) -> str:
    reason = detail.get("reason")
    return f"Queued again: the job was {reason}" if reason else "Queued again"


def _extended(detail: Detail) -> str:
    if "by" not in detail:
        return f"Goes on: the script is back on {detail.get('host') or 'its machine'}"
    more = f"{detail['by']} more trial{'' if detail['by'] == 1 else 's'}"
    said = f"Extended by {more}, {_number(detail, 'after', 'n_trials')} in all"
    return "; ".join([said, *_failed(detail.get("before", {}), detail.get("after", {}))])


def _budget(detail: Detail) -> str:
    said = []
    before, after = detail.get("before", {}), detail.get("after", {})
    if before.get("n_trials") != after.get("n_trials"):
        said.append(f"Number of trials from {before.get('n_trials')} to {after.get('n_trials')}")
    if before.get("timeout_s") != after.get("timeout_s"):
        said.append(f"Timeout from {_seconds(before.get('timeout_s'))} to {_seconds(after.get('timeout_s'))}")
    return "; ".join([*said, *_failed(before, after)])


def _failed(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    old, new = (_value(side.get("max_failed_trials")) for side in (before, after))
    return [] if old == new else [f"Failed trials allowed from {old} to {new}"]


def _seconds(value: Any) -> str:
    return "none" if value is None else f"{value:g} s"


def _number(detail: Detail, side: str, name: str) -> Any:
    return (detail.get(side) or {}).get(name)


def _space(detail: Detail) -> str:
    rows = []
    for name, after in (detail.get("after") or {}).items():
        before = (detail.get("before") or {}).get(name, {})
        rows.append(f"{name} from {_row(before)} to {_row(after)}")
    return f"Space, version {detail.get('version')}: {'; '.join(rows)}"


def _row(row: Mapping[str, Any]) -> str:
    if "low" in row:
        return f"{_value(row['low'])} … {_value(row['high'])}"
    return f"[{', '.join(_value(value) for value in row.get('choices') or row.get('values') or ())}]"


def _added(detail: Detail) -> str:
    number, first = detail.get("number"), detail.get("retry_of")
    said = f"Added trial {number}" if first is None else f"Retries trial {first} as trial {number}"
    values = assignment(detail.get("params"))
    grown = "; the sweep grew by one trial" if detail.get("grew") else ""
    return f"{said}: {values}{grown}" if values else f"{said}{grown}"


def _changed(detail: Detail) -> str:
    return f"Changed trial {detail.get('number')}: {assignment(detail.get('after'))}"


def _trial(text: str) -> Callable[[Detail], str]:
    return lambda detail: text.format(detail.get("number"))


def _trials(text: str) -> Callable[[Detail], str]:
    """`{}` is which trials: their numbers, or how many they were."""

    def say(detail: Detail) -> str:
        numbers, count = detail.get("numbers") or [], detail.get("count", 0)
        named = ", ".join(map(str, numbers)) if count == len(numbers) <= 5 else ""
        which = f"trial{'' if count == 1 else 's'} {named}" if named else f"{count} trials"
        return text.format(which, tag=detail.get("tag", ""))

    return say


def _placed(detail: Detail) -> str:
    before, after = detail.get("before", {}), detail.get("after", {})
    said = []
    if before.get("priority") != after.get("priority"):
        said.append(f"Priority from {before.get('priority')} to {after.get('priority')}")
    if before.get("requirements") != after.get("requirements"):
        wanted = after.get("requirements") or {}
        said.append(
            f"Needs {assignment({key.replace('_', ' '): value for key, value in wanted.items()}) or 'any runner'}"
        )
    return "; ".join(said)


_WORDS: Final[dict[str, Callable[[Detail], str]]] = {
    "created": lambda detail: "Made, as a copy" if detail.get("cloned_from") else "Made",
    "started": _plain("Started"),
    "claimed": _claimed,
    "queued again": _again,
    "pause": _pause,
    "paused": _plain("Paused: no runner is held any more"),
    "resume": _plain("Goes on"),
    "stopped": _plain("Stop: no new trials, running ones finish"),
    "confirmation": lambda detail: (
        f"Confirms trial{'' if len(detail.get('numbers') or []) == 1 else 's'} "
        f"{', '.join(map(str, detail.get('numbers') or []))} with {detail.get('seeds')} seeds each, in the sweep {detail.get('name')}"
    ),
    "placed": _placed,
    "job killed": lambda detail: f"Taken from {detail.get('runner') or 'its runner'}: its job was ended there",
    "offer moved": lambda detail: f"Offered to {detail.get('after')} instead of {detail.get('before')}",
    "converged": lambda detail: f"The search ended itself: {detail.get('reason', '')}",
    "complete": _plain("Complete"),
    "fail": _plain("Failed"),
    "cancelled": _plain("Cancelled"),
    "archived": _plain("Archived"),
    "restored": _plain("Restored from the archive"),
    "tagged": lambda detail: f"Tagged as “{detail.get('tag', '')}”",
    "untagged": lambda detail: f"Took the tag “{detail.get('tag', '')}” away",
    "extended": _extended,
    "budget": _budget,
    "space": _space,
    "trial added": _added,
    "trial changed": _changed,
    "trial removed": _trial("Removed trial {} from the queue"),
    "trial stop": _trial("Stops trial {}: it keeps its value so far"),
    "trial prune": _trial("Prunes trial {}"),
    "trials tagged": _trials("Tagged {} as “{tag}”"),
    "trials untagged": _trials("Took the tag “{tag}” from {}"),
    "trials starred": _trials("Starred {}"),
    "trials unstarred": _trials("Took the star from {}"),
    "trial noted": lambda detail: (
        f"{'Took away' if detail.get('gone') else 'Wrote'} the note at trial {detail.get('number')}"
    ),
}
