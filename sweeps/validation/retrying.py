"""What may be otherwise when a trial is tried again."""

from typing import Any, Final

from runners.protocol.space import CategoricalParameter, FloatParameter, IntParameter, SearchSpace
from sweeps.models import Trial
from sweeps.validation.params import inside

BATCH: Final = "per_device_train_batch_size"
ACCUMULATION: Final = "gradient_accumulation_steps"

Row = FloatParameter | IntParameter | CategoricalParameter


def proposal(trial: Trial, space: SearchSpace) -> tuple[dict[str, Any], str]:
    """Parameters to begin with, and a sentence about them; empty where nothing is proposed.

    After an out-of-memory: at most half the batch, and as much more accumulation, where the space has both.
    """
    params: dict[str, Any] = dict(trial.params or {})
    if trial.failure_code != "oom":
        return params, ""
    rows = {row.name: row for row in space.parameters}
    batch = params.get(BATCH)
    if BATCH not in rows or not isinstance(batch, int):
        return params, "The batch size is no parameter of this space. Clone the sweep with a smaller one."
    smaller = _largest(rows[BATCH], batch // 2)
    if smaller is None:
        return params, f"The space has no {BATCH} of {batch // 2} or less: extend it, or clone the sweep."
    params[BATCH] = smaller
    said = f"It ran out of memory with {BATCH} {batch}: {smaller} is proposed"
    if any(row.name == ACCUMULATION for row in space.derived):
        return params, f"{said}. {ACCUMULATION} follows from it."
    steps = params.get(ACCUMULATION)
    if ACCUMULATION in rows and isinstance(steps, int) and batch % smaller == 0:
        try:
            params[ACCUMULATION] = inside(rows[ACCUMULATION], steps * (batch // smaller))
        except ValueError:
            return params, f"{said}. {ACCUMULATION} can't be {steps * (batch // smaller)} in this space, so it stays."
        return params, f"{said}, with {ACCUMULATION} {params[ACCUMULATION]}, so that a step sees as many examples."
    return params, f"{said}. A step then sees fewer examples."


def _largest(row: Row, most: int) -> int | None:
    """The largest value of a row up to `most`."""
    match row:
        case CategoricalParameter():
            able = [
                one for one in row.choices if isinstance(one, int) and not isinstance(one, bool) and 0 < one <= most
            ]
            return max(able) if able else None
        case IntParameter():
            return row.low + (most - row.low) // row.step * row.step if row.low <= most else None
        case _:
            return None
