"""`hyperparameter_search(backend="optuna")`: one permit, one trial, one call, over the same sampler and study."""

from collections.abc import Mapping, Sequence
from typing import Any

import optuna
from optuna.samplers import RandomSampler
from optuna.trial import FrozenTrial, TrialState

from runners.optimizers.compile import suggest
from runners.optimizers.granted import GrantedSampler
from runners.optimizers.pruners import make_pruner
from runners.optimizers.samplers import make_sampler
from runners.optimizers.terminators import make_terminator
from runners.process.search.backend import Backend, Setting
from runners.process.search.history import learns_rows_alone
from runners.process.search.outcome import Outcome
from runners.process.search.sampler import SharedSampler, seed_after
from runners.process.search.session import Session
from runners.process.search.study import CHILD, STUDY_NAME, direction_of, fail_trial, open_storage
from runners.process.training.best import BestModel
from runners.process.training.distributed import DistributedTrainer
from runners.process.training.failures import Failure, failure_of
from runners.process.training.places import placed
from runners.process.training.trainer import SweepTrainer
from runners.protocol.backends import optuna_of
from runners.protocol.base import Scalar
from runners.protocol.job import Permit
from runners.protocol.states import FailureCode

UNTOLD = "Connection closed by peer: the parameters could not be told to the other processes."


class OptunaSearch(Backend):
    def __init__(self, setting: Setting) -> None:
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._setting = setting
        self._spec = spec = setting.claimed.spec
        self._backend = optuna_of(spec.backend)
        history = setting.claimed.history
        self._session = Session(
            setting.workbench,
            setting.folder,
            self._draw,
            DistributedTrainer if setting.rank else SweepTrainer,
            setting.rank,
            pace=setting.pace,
        )
        self._storage = open_storage(
            setting.folder,
            spec.space,
            spec.objectives,
            history,
            child=setting.child,
            partial=learns_rows_alone(self._backend.sampler, len(spec.objectives)),
        )
        seed = seed_after(spec.sampler_seed, len(history))
        real = make_sampler(self._backend.sampler, seed, spec.space, self._backend.fixed)
        self._shared = SharedSampler(setting.folder.sampler, real)
        self._sampler = GrantedSampler(self._shared, self._ended)
        terminator = self._backend.terminator
        self._terminate = make_terminator(terminator) if terminator else None
        self._drawn: Mapping[str, Scalar] | None = None
        self._best: BestModel | None = None
        if spec.keep_best and len(spec.objectives) == 1:
            self._best = BestModel(setting.folder, spec.objectives[0].direction, history)

    def run(self, permit: Permit) -> bool:
        if permit.lost_optuna_number is not None:
            fail_trial(self._storage, permit.lost_optuna_number)
        trainer = self._session.trainer
        outcome = Outcome(permit, self._spec.objectives, self._setting.reporter, self._best)
        self._session.begin(outcome)
        self._drawn = None
        if self._setting.rank:
            self._setting.rank.begin(permit)
        self._sampler.granted = permit.params
        try:
            trainer.hyperparameter_search(
                hp_space=self._arguments,
                compute_objective=outcome.compute_objective,
                n_trials=1,
                direction=direction_of(self._spec.objectives),
                backend="optuna",
                # A folder below the trial's own, where checkpoints go if the spec asks for them.
                hp_name=lambda _: "checkpoints",
                sampler=self._sampler,
                pruner=make_pruner(self._backend.pruner),
                storage=self._storage,
                study_name=STUDY_NAME,
                load_if_exists=True,
                catch=(Exception,),
            )
        except ValueError:
            # Raised after a trial that has ended, as long as none is complete: there is no best one to return.
            if not outcome.over:
                raise
        finally:
            trainer.hp_search_backend = None
        if outcome.state is not TrialState.COMPLETE:
            trainer.forget_trial()
        if self._setting.rank:
            self._setting.rank.rest()
            if outcome.state is TrialState.FAIL:
                # It failed before its parameters were broadcast: the others wait for them still.
                return False
        self._ask_terminator()
        return outcome.failure is None

    def _ask_terminator(self) -> None:
        """End the search once no more improvement is in sight."""
        if self._terminate is None:
            return
        study = optuna.load_study(storage=self._storage, study_name=STUDY_NAME, sampler=RandomSampler())
        if self._terminate(study):
            done = len(study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,)))
            self._setting.end_search(
                f"No more improvement is in sight after {done} complete trial{'' if done == 1 else 's'}."
            )

    def _draw(self, trial: optuna.Trial) -> Mapping[str, Scalar]:
        """Suggest the whole space in row order, keep the sampler's state, then tell: in this order. Once a trial."""
        if self._drawn is None:
            self._drawn = self._first_draw(trial)
        return self._drawn

    def _first_draw(self, trial: optuna.Trial) -> Mapping[str, Scalar]:
        outcome = self._session.outcome
        permit = outcome.permit
        trial.set_user_attr(CHILD, self._setting.child)
        with self._shared.held():
            if permit.params is None:
                self._sampler.granted = self._shared.drawn(permit.number)
            params = suggest(trial, self._spec.space, self._sampler.granted)
            if self._sampler.granted is None:
                self._shared.remember(permit.number, params)
        outcome.started(
            params, child=self._setting.child, optuna_number=trial.number, seed=self._session.seed_of(params)
        )
        self._tell_again(trial)
        return params

    def _tell_again(self, trial: optuna.Trial) -> None:
        """What an earlier attempt has reported, as if this one had: some pruners keep notes each time they are asked."""
        if len(self._spec.objectives) == 1:
            for step, value in self._session.outcome.reports:
                trial.report(value, step)
                trial.should_prune()

    def _arguments(self, trial: optuna.Trial) -> dict[str, Any]:
        """The trial's training arguments only: the Trainer would warn of every other name.

        In a group this comes before `model_init`, and rank 0 is alone here: it fails without the others.
        """
        try:
            return placed(self._session.resolved(self._draw(trial))).arguments
        except Exception as error:
            if self._setting.rank:
                self._session.outcome.failed(failure_of(error))
            raise

    def _ended(self, _trial: FrozenTrial, state: TrialState, values: Sequence[float] | None) -> None:
        self._sampler.granted = None
        outcome = self._session.outcome
        if self._setting.rank and state is TrialState.FAIL and outcome.failure is None and not outcome.left:
            # It broke where the parameters are told to the others, so one of them is gone: the leader decides what follows.
            self._setting.rank.fail(Failure(FailureCode.ERROR, UNTOLD, ""))
        outcome.ended(state, values)
