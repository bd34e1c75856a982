"""What every rank but the first does: the same trials, with the parameters that rank 0 has drawn."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Never

import optuna

from runners.optimizers.compile import suggest
from runners.process.distributed.rank import Rank
from runners.process.folder import JobFolder
from runners.process.search.outcome import Outcome
from runners.process.search.reporter import Silent
from runners.process.search.session import Session
from runners.process.search.study import direction_of
from runners.process.training.course import Left
from runners.process.training.distributed import DistributedTrainer
from runners.process.training.places import placed
from runners.process.training.prepare import prepare
from runners.protocol.base import Scalar


def follow(folder: JobFolder, rank: Rank) -> int:
    """Follow rank 0 from trial to trial until it ends. Returns the exit code."""
    spec = folder.claimed().spec
    if not rank.wait_until_prepared():
        return 0
    workbench = prepare(folder, spec, folder.start(), store_tokenizer=_refuse, report=lambda _: None)

    def draw(trial: Any) -> Mapping[str, Scalar]:
        return suggest(trial, spec.space, session.outcome.permit.params)

    session = Session(workbench, folder, draw, DistributedTrainer, rank)

    def arguments(trial: Any) -> dict[str, Any]:
        return placed(session.resolved(draw(trial))).arguments

    trainer = session.trainer
    while permit := rank.next_permit():
        outcome = Outcome(permit, spec.objectives, Silent(), None)
        session.begin(outcome)
        try:
            trainer.hyperparameter_search(
                hp_space=arguments,
                compute_objective=outcome.compute_objective,
                n_trials=1,
                direction=direction_of(spec.objectives),
                backend="optuna",
                hp_name=lambda _: "checkpoints",
            )
        except (optuna.TrialPruned, Left):
            trainer.forget_trial()
        finally:
            trainer.hp_search_backend = None
    return 0


def _refuse(_key: str, _folder: Path) -> Never:
    raise RuntimeError("The tokenizer is not where rank 0 has put it.")
