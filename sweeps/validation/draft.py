"""What a sweep's form holds before the start: typed, and as incomplete as its author left it."""

from pydantic import PositiveFloat, PositiveInt

from runners.protocol.backends import BackendChoice, OptunaBackend
from runners.protocol.base import Message, Scalar
from runners.protocol.objective import Objective
from runners.protocol.space import SearchSpace
from runners.protocol.spec import Checkpoints, FieldValue, Lora, Reporting, Seed, TrialsAtATime
from sweeps.validation.requirements import Requirements


class DraftBudget(Message):
    """As the spec's `Budget`, but the number of trials may be missing."""

    n_trials: PositiveInt | None = None
    timeout_s: PositiveFloat | None = None
    max_failed_trials: PositiveInt | None = None


class Draft(Message):
    """`Sweep.draft`. Model, data set version and space stand beside it, as foreign keys.

    `space` is a copy that belongs to this sweep alone and goes before the one of the library.
    """

    space: SearchSpace | None = None
    objectives: tuple[Objective, ...] = ()
    lora: Lora | None = None
    backend: BackendChoice = OptunaBackend()
    budget: DraftBudget = DraftBudget(n_trials=20)
    arguments: dict[str, FieldValue] = {}
    data_settings: dict[str, Scalar] = {}
    seed: Seed = 42
    sampler_seed: Seed = 0
    threads: PositiveInt = 1
    children: TrialsAtATime = 1
    max_children: PositiveInt | None = None
    processes: PositiveInt = 1
    report_to: tuple[Reporting, ...] = ()
    keep_best: bool = True
    checkpoints: Checkpoints = Checkpoints()
    requirements: Requirements = Requirements()
