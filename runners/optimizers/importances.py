"""Which parameters a sweep's objective depends on, by Optuna's evaluators.

Only trials that completed with a finite value count, and only parameters that every one of them has: Optuna rates the
space that trials share. fANOVA and mean decrease impurity grow forests, whose cost rises with the square of the trials
(fANOVA: 1 s of one core for 100 trials, 50 s for 1,000), so they rest on a random sample of a large sweep.
"""

import math
import random
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.importance import (
    FanovaImportanceEvaluator,
    MeanDecreaseImpurityImportanceEvaluator,
    PedAnovaImportanceEvaluator,
    get_param_importances,
)
from optuna.trial import create_trial

from runners.optimizers.analysis import NEEDED, Importances, LeftOut, Rated
from runners.optimizers.compile import compiled
from runners.protocol.base import Scalar
from runners.protocol.space import SearchSpace


@dataclass(frozen=True)
class Evaluator:
    """`most`: so many trials it rests on; a larger sweep is sampled."""

    name: str
    label: str
    most: int
    make: Callable[[], Any]


EVALUATORS: Final = (
    Evaluator("ped_anova", "PED-ANOVA", 100_000, PedAnovaImportanceEvaluator),
    Evaluator(
        "mean_decrease_impurity",
        "Mean decrease impurity",
        2_000,
        lambda: MeanDecreaseImpurityImportanceEvaluator(seed=0),
    ),
    Evaluator("fanova", "fANOVA", 300, lambda: FanovaImportanceEvaluator(n_trees=32, seed=0)),
)


def importances(
    space: SearchSpace | None,
    params: Sequence[Mapping[str, Scalar]],
    values: Sequence[Sequence[float]],
    objectives: Sequence[tuple[str, Literal["minimize", "maximize"]]],
) -> Importances:
    """Every evaluator's shares for every objective. `space` None: a script's sweep, whose rows are told from the values.

    `params` and `values` are as long as there are trials; a trial's values are as long as `objectives`.
    """
    names, left_out = _rated_names(params)
    if not names:
        return Importances(left_out=tuple(left_out))
    rows = {name: _holding(name, space, [trial[name] for trial in params]) for name in names}
    found = []
    for place, (objective, direction) in enumerate(objectives):
        told = [
            (dict(trial), row[place])
            for trial, row in zip(params, values, strict=True)
            if len(row) > place and math.isfinite(row[place])
        ]
        found += [_rate(evaluator, objective, direction, rows, told) for evaluator in EVALUATORS]
    return Importances(rated=tuple(found), left_out=tuple(left_out))


def _rated_names(params: Sequence[Mapping[str, Scalar]]) -> tuple[list[str], list[LeftOut]]:
    known = list(dict.fromkeys(name for trial in params for name in trial))
    names, left_out = [], []
    for name in known:
        if any(name not in trial for trial in params):
            left_out.append(LeftOut(name=name, why="Not every trial has it."))
        elif len({(type(trial[name]), trial[name]) for trial in params}) == 1:
            left_out.append(LeftOut(name=name, why="It is the same in every trial."))
        else:
            names.append(name)
    return names, left_out


def _holding(name: str, space: SearchSpace | None, values: list[Scalar]) -> BaseDistribution:
    """The row's distribution, widened to every value: an earlier version of the space may have had others."""
    row = compiled(space).get(name) if space else None
    numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    if isinstance(row, CategoricalDistribution) or len(numbers) < len(values):
        known = list(row.choices) if isinstance(row, CategoricalDistribution) else []
        seen = {(type(choice), choice) for choice in known}
        for value in values:
            if (type(value), value) not in seen:
                seen.add((type(value), value))
                known.append(value)
        return CategoricalDistribution(known)
    low, high = min(numbers), max(numbers)
    if isinstance(row, IntDistribution) and all(isinstance(value, int) for value in numbers):
        low, high = min(low, row.low), max(high, row.high)
        return IntDistribution(int(low), int(high), log=row.log and low > 0)
    if isinstance(row, FloatDistribution | IntDistribution):
        low, high, log = min(low, row.low), max(high, row.high), row.log
    else:
        log = low > 0 and high / low >= 100
    return FloatDistribution(float(low), float(high), log=log and low > 0)


def _rate(
    evaluator: Evaluator,
    objective: str,
    direction: Literal["minimize", "maximize"],
    rows: dict[str, BaseDistribution],
    told: list[tuple[dict[str, Scalar], float]],
) -> Rated:
    """One evaluator on one objective, as a study of its own."""
    answer = Rated(
        evaluator=evaluator.name,
        label=evaluator.label,
        objective=objective,
        trials=min(len(told), evaluator.most),
        of=len(told),
    )
    if len(told) < NEEDED:
        return answer.model_copy(update={"problem": f"{NEEDED} trials with a value are needed; there are {len(told)}."})
    if len(told) > evaluator.most:
        # The same sample each time, so that the answer does not move while nothing happens.
        told = random.Random(0).sample(told, evaluator.most)  # noqa: S311  no secret
    if len({value for _, value in told}) == 1:
        return answer.model_copy(update={"problem": "All trials have the same value."})
    study = optuna.create_study(direction=direction)
    study.add_trials([_trial(rows, params, value) for params, value in told])
    with warnings.catch_warnings():
        # That an evaluator is experimental, and that few trials are few.
        warnings.simplefilter("ignore")
        try:
            shares = get_param_importances(study, evaluator=evaluator.make(), params=list(rows))
        except (ValueError, RuntimeError) as error:
            return answer.model_copy(update={"problem": str(error)})
    finite = {name: round(float(share), 6) for name, share in shares.items() if math.isfinite(share)}
    return answer.model_copy(update={"shares": finite, "problem": "" if finite else "It gave no finite shares."})


def _trial(rows: dict[str, BaseDistribution], params: dict[str, Scalar], value: float) -> optuna.trial.FrozenTrial:
    exact: dict[str, Any] = {
        name: float(params[name]) if isinstance(row, FloatDistribution) else params[name]  # type: ignore[arg-type]  # a row of floats has numbers only
        for name, row in rows.items()
    }
    return create_trial(params=exact, distributions=rows, value=value)
