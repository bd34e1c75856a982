"""What every backend needs around a trial: one Trainer for all, brought to a known state before each."""

from collections.abc import Callable, Mapping
from typing import Any

from transformers import PreTrainedModel, set_seed

from runners.optimizers.derive import resolved
from runners.process.folder import JobFolder
from runners.process.search.course import Course
from runners.process.search.outcome import Outcome
from runners.process.training.callback import LogCallback
from runners.process.training.distributed import AgreeCallback, BeatCallback, Member
from runners.process.training.failures import Failure, UnfitParameters
from runners.process.training.fit import check_trial
from runners.process.training.pace import Notes, PaceCallback
from runners.process.training.places import placed, typed_derived
from runners.process.training.prepare import Workbench
from runners.process.training.task import first_settings, settings_of
from runners.process.training.trainer import SweepTrainer
from runners.protocol.base import Scalar

_UNEVEN = frozenset(
    {"per_device_train_batch_size", "gradient_accumulation_steps", "data.train_fraction", "dataloader_drop_last"}
)
"""Where these differ, the same step is not the same amount of training."""

Draw = Callable[[Any], Mapping[str, Scalar]]
"""A backend's trial → its parameters, drawn and told."""


class Session:
    """Holds the Trainer. `outcome` is the trial at work; `draw` is the backend's; `member` is this process in its group.

    `resumable`: False where the backend's trials cannot be taken up again. `pace`: where the process's steps are counted.
    """

    def __init__(
        self,
        workbench: Workbench,
        folder: JobFolder,
        draw: Draw,
        trainer_class: type[SweepTrainer] = SweepTrainer,
        member: Member | None = None,
        *,
        resumable: bool = True,
        pace: Notes | None = None,
    ) -> None:
        self._resumable = resumable
        self._workbench = workbench
        self._folder = folder
        self._draw = draw
        self._member = member
        self._outcome: Outcome | None = None
        self._course: Course | None = None
        self._first: PreTrainedModel | None = workbench.first
        spec = workbench.spec
        task = workbench.task
        mixin = task.trainer_mixin
        made = trainer_class if mixin is None else type(trainer_class.__name__, (mixin, trainer_class), {})
        self.trainer: SweepTrainer = made(
            listener=self,
            by_epoch=any(row.name in _UNEVEN for row in (*spec.space.parameters, *spec.space.derived)),
            model_init=self._model_init,
            args=workbench.arguments.first,
            processing_class=task.processor,
            callbacks=[LogCallback(self._logged), *([BeatCallback(member)] if member else [])],
            **task.trainer_parts(first_settings(spec)),
        )
        if member:
            self.trainer.add_callback(AgreeCallback(member))
        if pace:
            self.trainer.add_callback(PaceCallback(pace))

    @property
    def outcome(self) -> Outcome:
        assert self._outcome is not None, "no trial is at work"
        return self._outcome

    @property
    def course(self) -> Course:
        assert self._course is not None, "no trial is at work"
        return self._course

    def begin(self, outcome: Outcome) -> None:
        """The next trial."""
        self._outcome = outcome
        spec = self._workbench.spec
        self._course = Course(self._folder, spec, outcome, member=self._member, resumable=self._resumable)

    def resolved(self, drawn: Mapping[str, Scalar]) -> dict[str, Scalar]:
        """A trial's drawn parameters with those that follow from them, typed as their fields are.

        Raises `UnfitParameters` where none follows.
        """
        spec = self._workbench.spec
        try:
            return typed_derived(spec, resolved(spec.space, drawn, spec.processes))
        except ValueError as error:
            raise UnfitParameters(str(error)) from error

    def seed_of(self, params: Mapping[str, Scalar]) -> int:
        """The seed that acts in a trial with these parameters."""
        seed = params.get("seed", self._workbench.arguments.seed)
        assert isinstance(seed, int | float)
        return int(seed)

    def _model_init(self, trial: Any) -> PreTrainedModel:
        """Called by the Trainer at the start of each trial, and once without one when it is made.

        Everything that a trial could inherit from the one before is set here: arguments, random state, rows.
        """
        if trial is None:
            model = self._first
            assert model is not None
            self._first = None
            return model
        params = self.resolved(self._draw(trial))
        where = placed(params)
        self._workbench.arguments.reset(self.trainer.args, self._folder.trial(self.outcome.permit.number))
        task, settings = self._workbench.task, settings_of(self._workbench.spec, where.data)
        check_trial(self._workbench.spec, task, where)
        for name, part in {**task.trainer_parts(settings), **task.trainer_attributes(settings)}.items():
            setattr(self.trainer, name, part)
        # The Trainer seeds before the trial's own seed is known, with that of the trial before.
        set_seed(self.seed_of(params))
        built: PreTrainedModel = task.build(where.model, where.lora)
        self.outcome.loaded()
        return built

    def _logged(self, step: int, epoch: float | None, values: dict[str, float]) -> None:
        self.outcome.logged(step, epoch, values)

    def reported(self, step: int, epoch: float | None, metrics: dict[str, float]) -> None:
        self.outcome.reported(step, epoch, metrics)

    def evaluated(self, metrics: dict[str, float], seconds: float) -> None:
        self.outcome.evaluated(metrics, seconds)

    def agreed(self, word: str) -> str:
        return self._member.agree(word) if self._member else word

    def settled(self, last: Any) -> Any:
        return self.outcome.compute_objective.settled(last)

    def trained(self, objective: Any, save: Callable[[Any], None]) -> None:
        self.outcome.trained(objective, save)

    def failed(self, failure: Failure) -> None:
        if self._member:
            # The others may stand in a collective that this process will not come to: one decides for all.
            self._member.fail(failure)
        self.outcome.failed(failure)
