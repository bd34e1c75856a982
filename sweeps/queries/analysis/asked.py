"""A sweep's trials as the analysis wants them."""

from typing import Any

from runners.optimizers.analysis import Aim, Asked
from runners.protocol.space import SearchSpace
from runners.protocol.states import TrialState
from sweeps.models import Sweep, Trial


def finished_count(sweep: Sweep) -> int:
    """Trials that completed with a finite value."""
    return Trial.objects.filter(sweep=sweep, state=TrialState.COMPLETE.value, value__isnull=False).count()


def aims_of(sweep: Sweep) -> list[Aim]:
    """The objectives; empty for a draft."""
    rows: list[dict[str, Any]] = (sweep.spec or {}).get("objectives") or []
    return [Aim(name=str(row["metric"]), direction=row["direction"]) for row in rows]


def asked_of(sweep: Sweep) -> Asked:
    """Every completed trial whose values are all finite. One query, no model objects."""
    aims = aims_of(sweep)
    found = Trial.objects.filter(sweep=sweep, state=TrialState.COMPLETE.value, value__isnull=False)
    numbers, params, values = [], [], []
    for number, trial_params, trial_values in found.order_by("number").values_list("number", "params", "values"):
        # Numbers that are not finite are stored as words.
        if len(trial_values) == len(aims) and not any(isinstance(value, str) for value in trial_values):
            numbers.append(number)
            params.append(trial_params or {})
            values.append(tuple(trial_values))
    space = (sweep.spec or {}).get("space")
    return Asked(
        objectives=tuple(aims),
        space=SearchSpace.model_validate(space) if space is not None else None,
        numbers=tuple(numbers),
        params=tuple(params),
        values=tuple(values),
    )
