"""Objectives: a row each, with weights where it is a weighted sum."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django import forms
from django.utils.html import escape

from runners.protocol.objective import TRANSFORMERS_DEFAULT, WEIGHTED_SUM, Objective
from sweeps.forms.sections import UPDATES, Chosen
from sweeps.validation.objectives import MAX_OBJECTIVES, default_meaning, metrics_of, own_direction
from sweeps.validation.text import shown

COUNT: Final = "objectives"
DIRECTIONS: Final = [("", "As the metric wants it"), ("maximize", "maximize"), ("minimize", "minimize")]
OVER: Final = [("last", "the last evaluation of a trial"), ("best", "the best evaluation of a trial")]
FIELDS: Final = ("metric", "direction", "over")


def name_of(place: int, what: str) -> str:
    """The form's field: `objective-0-metric`, `objective-0-weight-eval_loss`."""
    return f"objective-{place}-{what}"


def count_of(text: str) -> int:
    """How many rows there are, from what the hidden field holds."""
    return min(max(int(text), 1), MAX_OBJECTIVES) if text.isascii() and text.isdecimal() and len(text) < 4 else 1


def objective_fields(chosen: Chosen) -> dict[str, forms.Field]:
    """Name → field, for as many rows as there are."""
    fields: dict[str, forms.Field] = {
        COUNT: forms.IntegerField(required=False, widget=forms.HiddenInput),
    }
    metrics = metrics_of(chosen.task)
    choices: list[Any] = [
        ("", "Choose"),
        ("Metrics", [(metric.name, f"{metric.label} ({metric.name})") for metric in metrics]),
        ("Of several metrics", [(WEIGHTED_SUM, "Weighted sum"), (TRANSFORMERS_DEFAULT, "transformers' default")]),
    ]
    for place in range(chosen.objectives):
        metric = chosen.value(name_of(place, "metric"))
        fields[name_of(place, "metric")] = forms.ChoiceField(
            label="Metric",
            required=False,
            choices=choices,
            help_text=escape(_meaning(chosen.task, metric)),
            widget=forms.Select(attrs=dict(UPDATES)),
        )
        fields[name_of(place, "direction")] = forms.ChoiceField(
            label="Direction", required=False, choices=_directions(chosen.task, metric)
        )
        fields[name_of(place, "over")] = forms.ChoiceField(label="What counts", required=False, choices=OVER)
        if metric == WEIGHTED_SUM:
            for known in metrics:
                fields[name_of(place, f"weight-{known.name}")] = forms.FloatField(
                    label=known.name,
                    required=False,
                    widget=forms.TextInput(attrs={"inputmode": "decimal", "placeholder": "0", "autocomplete": "off"}),
                )
    return fields


def read_objectives(task: str, count: int, data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """As the contract has them; rows without a metric are left out."""
    found = []
    for place in range(count):
        metric = data.get(name_of(place, "metric"), "")
        if not metric:
            continue
        row = {
            "metric": metric,
            "direction": data.get(name_of(place, "direction")) or own_direction(task, metric),
            "over": data.get(name_of(place, "over")) or "last",
        }
        if metric == WEIGHTED_SUM:
            row["weights"] = weights_of(place, data)
        found.append(row)
    return found


def weights_of(place: int, data: Mapping[str, Any]) -> dict[str, float]:
    """Metric → weight, of those that were given."""
    start = name_of(place, "weight-")
    return {
        name.removeprefix(start): value for name, value in data.items() if name.startswith(start) and value is not None
    }


def shown_objectives(objectives: Sequence[Objective]) -> dict[str, str]:
    """What a form that was sent with these would hold."""
    data = {COUNT: str(max(1, len(objectives))), name_of(0, "metric"): "", name_of(0, "direction"): ""}
    data[name_of(0, "over")] = "last"
    for place, objective in enumerate(objectives):
        for what in FIELDS:
            data[name_of(place, what)] = str(getattr(objective, what))
        for metric, weight in objective.weights.items():
            data[name_of(place, f"weight-{metric}")] = shown(weight)
    return data


def place_objective(rest: str) -> str:
    """The form's field for a path below `objectives.`."""
    number, _, what = rest.partition(".")
    if not number.isdecimal():
        return name_of(0, "metric")
    first, _, metric = what.partition(".")
    if first == "weights":
        return name_of(int(number), f"weight-{metric}" if metric else "metric")
    return name_of(int(number), first if first in FIELDS else "metric")


def without(place: int, count: int, values: Mapping[str, Any]) -> dict[str, Any]:
    """The form's values after a row was taken out: the later ones move up."""
    found = {name: value for name, value in values.items() if not name.startswith("objective-")}
    kept = [old for old in range(count) if old != place]
    for new, old in enumerate(kept):
        start = name_of(old, "")
        found |= {
            name_of(new, name.removeprefix(start)): value for name, value in values.items() if name.startswith(start)
        }
    return {**found, COUNT: str(max(1, len(kept)))}


def _meaning(task: str, metric: str) -> str:
    """What the number is and which way is better."""
    if metric == TRANSFORMERS_DEFAULT:
        return default_meaning(task)
    if metric == WEIGHTED_SUM:
        return "Each metric times its weight, added up. A weight below 0 is for one that should be small."
    found = next((entry for entry in metrics_of(task) if entry.name == metric), None)
    if found is None:
        return ""
    return f"{found.help} {'Less' if found.direction == 'minimize' else 'More'} is better."


def _directions(task: str, metric: str) -> list[tuple[str, str]]:
    if metric == WEIGHTED_SUM:
        return [("", "maximize, unless chosen"), *DIRECTIONS[1:]]
    if not metric:
        return DIRECTIONS
    return [("", f"{own_direction(task, metric)}, as the metric wants it"), *DIRECTIONS[1:]]
