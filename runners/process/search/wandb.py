"""`hyperparameter_search(backend="wandb")`: one permit, one trial, one call with `n_trials=1`.

Against hpweb's own endpoint the sweep id names the permit, and the answer to it is the trial's parameters. Against W&B
itself it is the one sweep of all trials.
"""

import shutil
import time
from collections.abc import Mapping
from typing import Any, Final

import optuna
import torch
from optuna.trial import TrialState

from runners.optimizers.compile import acts
from runners.process.search.backend import Backend, Setting
from runners.process.search.outcome import Outcome
from runners.process.search.session import Session
from runners.process.search.wandb_client import OWN, SearchCallback, Stops, settle_environment
from runners.process.search.wandb_sweep import configuration, sweep_for
from runners.process.search.wandb_values import typed_value
from runners.process.training.best import BestModel
from runners.process.training.course import Left
from runners.process.training.places import placed
from runners.protocol.backends import WandbBackend
from runners.protocol.base import Scalar
from runners.protocol.job import Permit

PATIENCE_S: Final = 300.0
"""So long a server that does not answer is asked again before the job fails."""
_WAIT_S: Final = 2.0


class WandbSearch(Backend):
    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._spec = spec = setting.claimed.spec
        assert isinstance(spec.backend, WandbBackend)
        self._backend = spec.backend
        self._folder = setting.folder.path / "wandb" / setting.child
        settle_environment(self._backend.server, self._folder)
        self._stops = Stops()
        self._session = Session(setting.workbench, setting.folder, self._draw, pace=setting.pace)
        trainer: Any = self._session.trainer
        trainer.add_callback(SearchCallback(self._stops, mirror=self._backend.server != OWN))
        self._train_once = trainer.train
        trainer.train = self._train
        self._best: BestModel | None = None
        if spec.keep_best:
            self._best = BestModel(setting.folder, spec.objectives[0].direction, setting.claimed.history)

    def run(self, permit: Permit) -> bool:
        trainer = self._session.trainer
        outcome = Outcome(permit, self._spec.objectives, self._setting.reporter, self._best)
        self._session.begin(outcome)
        self._stops.wanted.clear()
        try:
            self._until_begun(permit, outcome)
        finally:
            trainer.hp_search_backend = None
            shutil.rmtree(self._folder / "wandb", ignore_errors=True)
        if outcome.state is not TrialState.COMPLETE:
            trainer.forget_trial()
        return outcome.failure is None

    def _until_begun(self, permit: Permit, outcome: Outcome) -> None:
        """Search once; again where the server could not be asked. Raises when that goes on too long."""
        from wandb.errors import Error

        deadline = time.monotonic() + PATIENCE_S
        while not self._begun(outcome):
            problem: Exception | None = None
            try:
                self._search(permit)
            except Error as error:
                problem = error
            if not self._begun(outcome) and (time.monotonic() > deadline or problem is None):
                raise RuntimeError(
                    f"The W&B server gave no parameters for trial {permit.number}: "
                    f"{problem or 'its sweep has ended, or its grid has no more points'}."
                ) from problem
            if problem is not None:
                time.sleep(_WAIT_S)

    @staticmethod
    def _begun(outcome: Outcome) -> bool:
        return outcome.over

    def _search(self, permit: Permit) -> None:
        backend, objective = self._backend, self._spec.objectives[0]
        self._session.trainer.hyperparameter_search(
            hp_space=lambda _: configuration(self._spec),
            compute_objective=self._session.outcome.compute_objective,
            n_trials=1,
            direction=objective.direction,
            backend="wandb",
            hp_name=lambda _: "checkpoints",
            metric=configuration(self._spec)["metric"]["name"],
            project=backend.project or "hpweb",
            entity=backend.entity,
            sweep_id=sweep_for(self._setting, permit),
        )

    def _train(self, resume_from_checkpoint: Any = None, trial: Any = None, **_: Any) -> Any:
        """`Trainer.train` in wandb's own thread, and the trial's end, told as soon as it is known."""
        # OpenMP keeps the number of threads by thread.
        torch.set_num_threads(self._spec.threads)
        outcome, trainer = self._session.outcome, self._session.trainer
        try:
            # A copy: the original is the run's config, and what the Trainer reads of it is replaced by `_draw`.
            output = self._train_once(resume_from_checkpoint, dict(trial or {}))
        except optuna.TrialPruned:
            last = trainer.objective
            outcome.ended(TrialState.PRUNED, () if last is None else (last,))
            raise
        except Left:
            raise
        except Exception:
            outcome.ended(TrialState.FAIL, None)
            raise
        outcome.ended(TrialState.COMPLETE, (trainer.objective,))
        return output

    def _draw(self, trial: dict[str, Any]) -> Mapping[str, Scalar]:
        """The parameters that the server has proposed, in row order. `trial` is left with arguments only."""
        outcome = self._session.outcome
        params: dict[str, Scalar] = {}
        for row in self._spec.space.parameters:
            if acts(row, params):
                params[row.name] = typed_value(row, trial)
        if outcome.permit.params is not None:
            params = dict(outcome.permit.params)
        outcome.started(params, child=self._setting.child, optuna_number=None, seed=self._session.seed_of(params))
        # The Trainer takes its arguments from here next, and would warn of every other name.
        trial.clear()
        trial.update(placed(self._session.resolved(params)).arguments)
        return params
