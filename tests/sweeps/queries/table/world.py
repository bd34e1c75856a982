"""A sweep with trials of every kind, and the filter's meaning once more, in plain Python."""

import math
from collections.abc import Callable, Sequence
from datetime import timedelta
from operator import ge, gt, le, lt
from typing import Any, Final

from django.utils import timezone

from sweeps.models import Sweep, Trial, TrialNote, TrialStar, TrialTag
from sweeps.queries.table.filter.tree import All, Among, Compare, Holds, Node, Not, Number, Span, Text
from sweeps.queries.table.filter.tree import Any as Either
from teams.models import Team
from tests.sweeps.talk import queued_sweep

SPACE: Final[dict[str, Any]] = {
    "parameters": [
        {"type": "float", "name": "learning_rate", "low": 1e-5, "high": 1e-1, "log": True},
        {"type": "categorical", "name": "optim", "choices": ["adamw_torch", "adafactor", "sgd"]},
        {"type": "categorical", "name": "fp16", "choices": [True, False]},
        {"type": "categorical", "name": "model.mixed", "choices": ["auto", 8, None]},
        {"type": "int", "name": "warmup_steps", "low": 0, "high": 100},
    ]
}
OBJECTIVES: Final = [
    {"metric": "eval_loss", "direction": "minimize"},
    {"metric": "eval_accuracy", "direction": "maximize"},
]


def table_sweep(team: Team, **fields: Any) -> Sweep:
    """A running sweep with two objectives and no trial."""
    sweep = queued_sweep(team, n_trials=50, space=SPACE, objectives=OBJECTIVES)
    for name, value in {"state": "running", "started_at": timezone.now() - timedelta(hours=1), **fields}.items():
        setattr(sweep, name, value)
    sweep.save()
    return sweep


def add_trial(sweep: Sweep, number: int, **given: Any) -> Trial:
    """One trial; `tags`, `starred` and `note` beside the fields. `eval_loss`: its first value."""
    tags, starred, note = given.pop("tags", ()), given.pop("starred", False), given.pop("note", "")
    values: list[Any] = given.pop("values", [])
    first = values[0] if values and not isinstance(values[0], str) else None
    fields = {"state": "complete", "params": {"learning_rate": 0.001}, **given}
    trial = Trial.objects.create(sweep=sweep, number=number, values=values, value=first, **fields)
    TrialTag.objects.bulk_create([TrialTag(trial=trial, name=name) for name in tags])
    if starred:
        TrialStar.objects.create(trial=trial)
    if note:
        TrialNote.objects.create(trial=trial, text=note)
    return trial


Facts = dict[str, Any]
"""Of a trial: column's name → number, text, truth, or a list of tags; what is not there is missing."""


def facts(trial: Trial) -> Facts:
    found: Facts = {"number": trial.number, "state": trial.state, "starred": hasattr(trial, "star")}
    found["tag"] = [tag.name for tag in trial.tags.all()]
    for place, name in enumerate(("eval_loss", "eval_accuracy")):
        if place < len(trial.values):
            found[name] = trial.values[place]
    found |= {**trial.last, **(trial.params or {})}
    if trial.duration_s is not None:
        found["duration"] = trial.duration_s
    return {name: _plain(value) for name, value in found.items() if _plain(value) is not None}


def _plain(value: Any) -> Any:
    """What is not finite is missing; truths of parameters are words."""
    if value in {"nan", "inf", "-inf"} if isinstance(value, str) else False:
        return None
    return value


ORDERS: Final[dict[str, Callable[[float, float], bool]]] = {"<": lt, "<=": le, ">": gt, ">=": ge}


def holds(node: Node, of: Facts) -> bool:
    """Whether the filter finds a trial of these facts."""
    match node:
        case All(parts):
            return all(holds(part, of) for part in parts)
        case Either(parts):
            return any(holds(part, of) for part in parts)
        case Not(part):
            return not holds(part, of)
        case Holds(name):
            return bool(of.get(name.text))
        case Among(name, items):
            return any(_item(of.get(name.text), item, of) for item in items)
        case Compare(name, sign, value):
            mine: Any = of.get(name.text)
            if sign == "=":
                return _equal(mine, value)
            if sign == "!=":
                return not _equal(mine, value)
            if sign == "contains":
                texts: Sequence[Any] = mine if isinstance(mine, list) else [_word(mine)]
                return any(value.text.lower() in text.lower() for text in texts if isinstance(text, str))
            theirs: Any = of.get(value.text) if isinstance(value, Text) else value.value
            return _is_number(mine) and _is_number(theirs) and ORDERS[sign](mine, theirs)
    raise AssertionError(node)


def _item(mine: Any, item: Any, of: Facts) -> bool:
    if isinstance(item, Span):
        return _is_number(mine) and item.low.value <= mine <= item.high.value
    return _equal(mine, item)


def _equal(mine: Any, value: Number | Text) -> bool:
    if isinstance(value, Text) and not value.quoted and value.text == "none":
        return mine is None or mine == []
    if isinstance(mine, list):
        return bool(value.text in mine)
    if isinstance(value, Text):
        return bool(_word(mine) == value.text)
    return _is_number(mine) and math.isclose(mine, value.value, rel_tol=1e-9, abs_tol=0)


def _word(mine: Any) -> Any:
    return str(mine).lower() if isinstance(mine, bool) else mine


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
