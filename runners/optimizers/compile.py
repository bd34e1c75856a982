"""A search space as Optuna's distributions, in row order."""

from collections.abc import Mapping
from typing import assert_never

from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import BaseTrial

from runners.protocol.base import Scalar
from runners.protocol.space import CategoricalParameter, FloatParameter, IntParameter, SearchSpace


def distribution(parameter: FloatParameter | IntParameter | CategoricalParameter) -> BaseDistribution:
    """The distribution of one row."""
    match parameter:
        case FloatParameter():
            return FloatDistribution(parameter.low, parameter.high, log=parameter.log, step=parameter.step)
        case IntParameter():
            return IntDistribution(parameter.low, parameter.high, log=parameter.log, step=parameter.step)
        case CategoricalParameter():
            return CategoricalDistribution(parameter.choices)
        case _:
            assert_never(parameter)


def compiled(space: SearchSpace) -> dict[str, BaseDistribution]:
    """Name → distribution, in row order."""
    return {parameter.name: distribution(parameter) for parameter in space.parameters}


def _can_hold(parameter: FloatParameter | IntParameter | CategoricalParameter, value: Scalar) -> bool:
    """Whether Optuna takes this value from a sampler: any number, but for a row of one value, which it does not ask for."""
    if not isinstance(parameter, CategoricalParameter):
        return parameter.low < parameter.high or value == parameter.low
    return any(type(choice) is type(value) and choice == value for choice in parameter.choices)


def contains(space: SearchSpace, params: Mapping[str, Scalar]) -> bool:
    """Whether every value lies in its row of the space; an earlier version of it may have had others."""
    for row in space.parameters:
        if row.name not in params:
            continue
        value = params[row.name]
        if isinstance(row, CategoricalParameter):
            if not any(type(choice) is type(value) and choice == value for choice in row.choices):
                return False
        elif not isinstance(value, int | float) or not row.low <= value <= row.high:
            return False
    return True


def acts(parameter: FloatParameter | IntParameter | CategoricalParameter, values: Mapping[str, Scalar]) -> bool:
    """Whether a row is drawn, given the rows before it."""
    when = parameter.when
    if when is None:
        return True
    if when.name not in values:
        return False
    value = values[when.name]
    # Typed: 1, 1.0 and true are equal in Python.
    return any(type(value) is type(wanted) and value == wanted for wanted in when.values)


def suggest(trial: BaseTrial, space: SearchSpace, given: Mapping[str, Scalar] | None = None) -> dict[str, Scalar]:
    """Suggest every row in order but those whose condition is not met. Again gives what the trial already has.

    `given`: the trial's parameters where they are decided. What their rows cannot hold any more acts, and the study does
    not hear of it.
    """
    values: dict[str, Scalar] = {}
    for parameter in space.parameters:
        if not acts(parameter, values):
            continue
        if given and parameter.name in given and not _can_hold(parameter, given[parameter.name]):
            values[parameter.name] = given[parameter.name]
            continue
        match parameter:
            case FloatParameter():
                values[parameter.name] = trial.suggest_float(
                    parameter.name, parameter.low, parameter.high, step=parameter.step, log=parameter.log
                )
            case IntParameter():
                values[parameter.name] = trial.suggest_int(
                    parameter.name, parameter.low, parameter.high, step=parameter.step, log=parameter.log
                )
            case CategoricalParameter():
                values[parameter.name] = trial.suggest_categorical(parameter.name, parameter.choices)
            case _:
                assert_never(parameter)
    return values
