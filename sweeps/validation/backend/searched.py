"""What a backend's rules look at beside the backend itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from runners.protocol.objective import Objective
from runners.protocol.space import SearchSpace
from runners.protocol.spec import FieldValue
from sweeps.validation.problems import Problem
from sweeps.validation.team import TeamSettings


@dataclass(frozen=True)
class Searched:
    """`space`: None while there is none that holds. `arguments`: the fixed ones, typed."""

    space: SearchSpace | None
    objectives: tuple[Objective, ...]
    arguments: Mapping[str, FieldValue]
    n_trials: int | None
    children: int
    processes: int
    team: TeamSettings = field(default_factory=TeamSettings)

    @property
    def several(self) -> bool:
        """More than one objective: the best trials are a Pareto set."""
        return len(self.objectives) > 1

    @property
    def evaluates(self) -> bool:
        """Whether there are evaluations while a trial trains."""
        return self.arguments.get("eval_strategy") not in (None, "no")


def check_alone(label: str, searched: Searched) -> list[Problem]:
    """What Ray Tune and W&B cannot do, as in transformers' guide: several objectives, several processes for one trial."""
    problems = []
    if searched.several:
        message = f"{label} has one objective: take the others out, or choose Optuna."
        problems.append(Problem("objectives", message))
    if searched.processes > 1:
        message = (
            f"Distributed data parallel works with Optuna only: set 1 process, or choose Optuna instead of {label}."
        )
        problems.append(Problem("processes", message))
    return problems


def needs_evaluations(what: str, none: str, searched: Searched) -> list[Problem]:
    """An error where nothing is evaluated while a trial trains. `none`: what to choose instead."""
    if searched.evaluates:
        return []
    message = (
        f"{what} compares evaluations, and there are none while a trial trains: "
        f"set eval_strategy to epoch or steps, or choose {none}."
    )
    return [Problem("arguments.eval_strategy", message)]
