"""The Trainer that travels to Ray's workers: as the job's folder, from which each worker makes it anew.

A pickled Trainer would carry locks, open files and every row of data; the folder has all of it already.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import optuna
import ray
import ray.tune
import torch
from optuna.trial import TrialState
from transformers.trainer_utils import HPSearchBackend

from runners.optimizers.ray_choices import RAY_SCHEDULERS
from runners.process.folder import JobFolder
from runners.process.logging_events import capture_logging
from runners.process.search.objectives import Objectives
from runners.process.search.outcome import Outcome
from runners.process.search.ray.resumed import own_options
from runners.process.search.ray.sink import WorkerReporter
from runners.process.search.session import Session
from runners.process.training.best import BestModel
from runners.process.training.course import Left
from runners.process.training.failures import UnfitParameters
from runners.process.training.places import placed
from runners.process.training.prepare import Workbench, prepare
from runners.process.training.trainer import SweepTrainer
from runners.process.training.whole import rewrite_weights
from runners.protocol.backends import RayBackend
from runners.protocol.base import Scalar
from runners.protocol.job import Permit

ORIGIN = "hpweb"
"""The key of a Ray config that holds the number of the trial it was made for: another one may go on with it."""


class RayTrainer(SweepTrainer):
    """One a trial, in a worker. In the driver it only starts the search."""

    folder: Path
    actor: Any
    worker: "Worker | None" = None

    def __reduce__(self) -> tuple[Any, ...]:
        return rebuilt, (str(self.folder), self.actor)

    def train(
        self, resume_from_checkpoint: str | bool | None = None, trial: Any = None, ignore_keys_for_eval: Any = None
    ) -> Any:
        """`trial`: Ray's config. The Trainer is given training arguments alone."""
        worker = self.worker
        assert worker is not None, "a trial trains in a worker"
        arguments = worker.begin(dict(trial), resumed=resume_from_checkpoint is not None)
        # Ray's searches and schedulers learn from the last report of a trial.
        self.compute_objective = worker.outcome.compute_objective.so_far
        # transformers puts a word here when it goes on from a checkpoint, perhaps of the last step: then nothing is trained.
        self.objective = None
        try:
            output = super().train(resume_from_checkpoint, arguments, ignore_keys_for_eval)
            worker.finish(self.objective)
        except (optuna.TrialPruned, Left):
            worker.ended_by_order(self.objective)
            # transformers would evaluate where it finds none.
            self.objective = "objective"
            return None
        except Exception:
            worker.fail()
            raise
        return output

    def _load_optimizer_and_scheduler(self, checkpoint: str | None) -> None:
        with own_options(self.optimizer, self.lr_scheduler):
            super()._load_optimizer_and_scheduler(checkpoint)

    def _tune_save_checkpoint(self, checkpoint_dir: str) -> None:
        super()._tune_save_checkpoint(checkpoint_dir)
        for folder in Path(checkpoint_dir).iterdir():
            rewrite_weights(self.accelerator.unwrap_model(self.model), folder)

    def _report_to_hp_search(self, trial: Any, step: int, metrics: dict[str, float]) -> None:
        assert self.worker is not None
        if self.state.global_step >= self.state.max_steps:
            self.worker.reached_end()
        super()._report_to_hp_search(trial, step, metrics)


class Worker:
    """What stands around the Trainer in a worker: session, outcome, and the trial's parameters."""

    def __init__(self, workbench: Workbench, folder: JobFolder, actor: Any) -> None:
        self._folder = folder
        self._spec = workbench.spec
        self._actor = actor
        self._reporter = WorkerReporter(actor)
        self._params: dict[str, Scalar] = {}
        self._outcome: Outcome | None = None
        capture_logging(self)
        backend = self._spec.backend
        assert isinstance(backend, RayBackend)
        # Where trials wait for each other and copy each other, the moment of a loss cannot be brought back.
        self.session = Session(
            workbench,
            folder,
            self._draw,
            trainer_class=RayTrainer,
            resumable=not RAY_SCHEDULERS[backend.scheduler.name].pauses,
        )

    def emit(self, type_: str, *, sync: bool = False, **fields: Any) -> None:
        """What is logged here, as the log of the trial at work."""
        if self._outcome is not None:
            permit = self._outcome.permit
            self._reporter.emit(type_, sync=sync, number=permit.number, attempt=permit.attempt, **fields)

    @property
    def outcome(self) -> Outcome:
        assert self._outcome is not None, "no trial is at work"
        return self._outcome

    def begin(self, trial: dict[str, Any], *, resumed: bool) -> dict[str, Scalar]:
        """A trial's training arguments. `resumed`: it goes on from a checkpoint."""
        trial_id = ray.tune.get_context().get_trial_id()
        permit = Permit.model_validate(ray.get(self._actor.permit.remote(trial_id)))
        origin = trial.pop(ORIGIN)
        self._params = trial
        if permit.attempt > 1 and not resumed:
            permit = permit.model_copy(update={"params": trial})
        if resumed:
            copied = origin if origin != permit.number else None
            self._reporter.emit("resumed", number=permit.number, attempt=permit.attempt, params=trial, copied=copied)
        self._outcome = Outcome(permit, self._spec.objectives, self._reporter, self._best(permit))
        self.session.begin(self._outcome)
        try:
            return placed(self.session.resolved(trial)).arguments
        except UnfitParameters:
            # Raised once more when the model is made, where a trial's failure is heard of.
            return {}

    def reached_end(self) -> None:
        """The evaluation that is about to be reported is the last: a scheduler that ends the trial there ends nothing."""
        permit = self.outcome.permit
        self._reporter.emit("reached_end", sync=True, number=permit.number, attempt=permit.attempt)

    def finish(self, objective: Any) -> None:
        """The trial trained to its end."""
        self.outcome.ended(TrialState.COMPLETE, [float(objective)])

    def ended_by_order(self, objective: Any) -> None:
        """A person had it pruned, or it was left at a checkpoint, which the outcome has told."""
        self.outcome.ended(TrialState.PRUNED, [float(objective)] if isinstance(objective, float) else [])

    def fail(self) -> None:
        """The trial ended with an exception, which the outcome has heard of."""
        if self.outcome.state is None:
            self.outcome.ended(TrialState.FAIL, None)

    def _draw(self, _trial: Any) -> Mapping[str, Scalar]:
        seed = self.session.seed_of(self._params)
        self.outcome.started(self._params, child="", optuna_number=None, seed=seed)
        self._tell_again()
        return self._params

    def _tell_again(self) -> None:
        """What an earlier attempt has reported, for the driver and for the scheduler, which counts reports."""
        reports = self.outcome.reports
        if not reports:
            return
        permit = self.outcome.permit
        self._reporter.emit(
            "taken_up",
            sync=True,
            number=permit.number,
            attempt=permit.attempt,
            reports=reports,
            metrics=dict(self.outcome.told().metrics),
        )
        so_far = Objectives(self._spec.objectives)
        for _, value in reports:
            ray.tune.report({"objective": so_far.after(value)})

    def _best(self, permit: Permit) -> BestModel | None:  # noqa: ARG002 - one file for all
        if not self._spec.keep_best:
            return None
        history = self._folder.claimed().history
        return BestModel(self._folder, self._spec.objectives[0].direction, history)


def rebuilt(folder: str, actor: Any) -> RayTrainer:
    """The Trainer in a worker. Raises FileNotFoundError where the job's folder is not within reach."""
    job = JobFolder(Path(folder))
    if not job.path.is_dir():
        raise FileNotFoundError(
            f"{folder} is not within reach of this Ray worker: a cluster needs the runner's folder on a shared disk."
        )
    spec = job.claimed().spec
    torch.set_num_threads(spec.threads)
    workbench = prepare(job, spec, job.start(), store_tokenizer=_stored, report=lambda _: None)
    worker = Worker(workbench, job, actor)
    trainer = worker.session.trainer
    assert isinstance(trainer, RayTrainer)
    trainer.folder, trainer.actor, trainer.worker = job.path, actor, worker
    setattr(trainer, "hp_search_backend", HPSearchBackend.RAY)  # noqa: B010 - typed as never set
    return trainer


def _stored(_key: str, folder: Path) -> Path:
    return folder
