"""How much of the space of objectives the Pareto front covers, trial after trial.

The reference point is the worst value of each objective that any trial has had, so the volume grows from about 0 and
never falls. The volume itself is Optuna's.
"""

from collections.abc import Sequence

import numpy as np
from optuna._hypervolume import compute_hypervolume

from runners.optimizers.analysis import Hypervolume


def hypervolume(
    numbers: Sequence[int], values: Sequence[Sequence[float]], directions: Sequence[str]
) -> Hypervolume | None:
    """None where there are fewer than two objectives, or no trial. `values`: finite, by trial, one per objective."""
    if len(directions) < 2 or not numbers:
        return None
    signs = np.array([-1.0 if direction == "maximize" else 1.0 for direction in directions])
    points = np.array(values, dtype=float) * signs
    worst = points.max(axis=0)
    front = np.empty((0, len(signs)))
    listed: list[int] = []
    volumes: list[float] = []
    for number, point in zip(numbers, points, strict=True):
        if len(front) and (front <= point).all(axis=1).any():
            continue
        front = np.vstack([front[~(front >= point).all(axis=1)], point])
        volume = float(compute_hypervolume(front, worst))
        if not volumes or volume > volumes[-1]:
            listed.append(number)
            volumes.append(volume)
    reference = tuple(float(value) for value in worst * signs)
    return Hypervolume(reference=reference, numbers=tuple(listed), values=tuple(volumes))
