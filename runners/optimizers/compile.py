"""A search space as Optuna's distributions, in row order."""

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


def suggest(trial: BaseTrial, space: SearchSpace) -> dict[str, Scalar]:
    """Suggest every row in order. Suggesting again gives what the trial already has."""
    values: dict[str, Scalar] = {}
    for parameter in space.parameters:
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
