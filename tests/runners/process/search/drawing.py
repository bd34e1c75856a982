"""Draws of one space from every backend's compilation of it, and what a draw must be."""

import json
from collections.abc import Iterator
from typing import Any, Final

import optuna

from runners.optimizers.capabilities import described
from runners.optimizers.compile import acts, suggest
from runners.optimizers.samplers import make_sampler
from runners.optimizers.wandb_brain import Past, WandbBrain
from runners.optimizers.wandb_configuration import wandb_configuration
from runners.process.search.wandb_values import typed_value
from runners.protocol.backends import AnyBackend, NamedChoice, OptunaBackend, RayBackend, WandbBackend
from runners.protocol.base import Scalar
from runners.protocol.objective import Objective
from runners.protocol.space import CategoricalParameter, FloatParameter, IntParameter, SearchSpace

Values = dict[str, Scalar]

BACKENDS: Final[dict[str, AnyBackend]] = {
    **{
        f"optuna {name}": OptunaBackend(sampler=NamedChoice(name=name))
        for name in ("random", "tpe", "nsgaii", "gp", "cmaes", "qmc", "grid", "brute_force")
    },
    **{f"ray {name}": RayBackend(search=NamedChoice(name=name)) for name in ("random", "grid", "optuna", "hyperopt")},
    "ray bohb": RayBackend(search=NamedChoice(name="bohb"), scheduler=NamedChoice(name="hyperband")),
    "wandb random": WandbBackend(method="random"),
    "wandb grid": WandbBackend(method="grid"),
    "wandb bayes": WandbBackend(method="bayes"),
}


def fits(space: SearchSpace, backend: AnyBackend) -> bool:
    """Whether the backend is said to be able to search the space."""
    return not described(space, backend)[1]


def draws(space: SearchSpace, backend: AnyBackend, n: int, seed: int) -> Iterator[Values]:
    """`n` draws, or as many as a grid has. Learning methods are told a value for each."""
    match backend:
        case OptunaBackend():
            return _optuna(space, backend, n, seed)
        case RayBackend():
            return _ray(space, backend, n, seed)
        case WandbBackend():
            return _wandb(space, backend, n, seed)


def violations(space: SearchSpace, values: Values) -> list[str]:
    """Everything in which a draw is not what the space says."""
    found = [f"{name} is no row" for name in values if name not in {row.name for row in space.parameters}]
    for row in space.parameters:
        if acts(row, values) != (row.name in values):
            found.append(f"{row.name} is {'missing' if row.name not in values else 'drawn against its condition'}")
        elif row.name in values and not _holds(row, values[row.name]):
            found.append(f"{row.name} = {values[row.name]!r} is outside of {row!r}")
    return found


def _holds(row: FloatParameter | IntParameter | CategoricalParameter, value: Scalar) -> bool:
    match row:
        case CategoricalParameter():
            return any(type(choice) is type(value) and choice == value for choice in row.choices)
        case IntParameter():
            return type(value) is int and row.low <= value <= row.high and (value - row.low) % row.step == 0
        case FloatParameter(step=None):
            return type(value) is float and row.low <= value <= row.high
        case FloatParameter():
            assert row.step is not None
            if type(value) is not float or not row.low <= value <= row.high:
                return False
            steps = (value - row.low) / row.step
            return abs(steps - round(steps)) < 1e-6


def _score(values: Values) -> float:
    """Some value that hangs on the parameters."""
    return sum(value for value in values.values() if isinstance(value, int | float)) % 1.0


def _optuna(space: SearchSpace, backend: OptunaBackend, n: int, seed: int) -> Iterator[Values]:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=make_sampler(backend.sampler, seed, space))
    found: list[Values] = []

    def objective(trial: optuna.Trial) -> float:
        found.append(suggest(trial, space))
        return _score(found[-1])

    combinations = space.combinations()
    every = backend.sampler.name in {"grid", "brute_force"}
    study.optimize(objective, n_trials=min(n, combinations) if every and combinations is not None else n)
    return iter(found)


def _ray(space: SearchSpace, backend: RayBackend, n: int, seed: int) -> Iterator[Values]:
    from runners.process.search.ray.draws import make_draws

    source = make_draws(backend, space, seed, "min", [])
    for number in range(n):
        values = source.draw(f"trial{number}", number)
        if values is None:
            return
        source.ended(f"trial{number}", {"objective": _score(values)}, error=False)
        yield values


def _wandb(space: SearchSpace, backend: WandbBackend, n: int, seed: int) -> Iterator[Values]:
    goal = Objective(metric="eval_loss", direction="minimize")
    # The client sorts the names, and JSON is how a configuration and a proposal travel.
    configuration = json.loads(json.dumps(wandb_configuration(space, backend, goal), sort_keys=True))
    brain = WandbBrain(configuration, seed)
    past: list[Past] = []
    for number in range(n):
        proposal = brain.propose(number, past)
        if proposal is None:
            return
        past.append(Past(proposal, "complete", _score(proposal)))
        sent: dict[str, Any] = json.loads(json.dumps(proposal))
        values: Values = {}
        for row in space.parameters:
            if acts(row, values):
                values[row.name] = typed_value(row, sent)
        yield values
