"""The Trainer of a sweep: `Trainer`, with its ends and its reports told to whoever listens."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import optuna
from transformers import Trainer

from runners.process.room import give_up, is_full
from runners.process.training.course import Course, Left
from runners.process.training.failures import Failure, failure_of
from runners.process.training.lora import merged
from runners.process.training.whole import Seam, watched


class Listener(Protocol):
    """What hears of a trial in training. None of these may be slow."""

    @property
    def course(self) -> Course:
        """What may become of the trial at work."""

    def reported(self, step: int, epoch: float | None, metrics: dict[str, float]) -> None:
        """An evaluation is about to be given to the search, under `step`. May raise to fail the trial."""

    def evaluated(self, metrics: dict[str, float], seconds: float) -> None:
        """An evaluation is over."""

    def agreed(self, word: str) -> str:
        """What all processes of the trial do: the word of the first."""

    def settled(self, last: Any) -> Any:
        """The trial's objective, when the last evaluation gave `last`."""

    def trained(self, objective: Any, save: Callable[[Path], None]) -> None:
        """Training ended well; `save` writes model and processor into a folder. May raise to fail the trial."""

    def failed(self, failure: Failure) -> None:
        """Training ended with an exception."""


class SweepTrainer(Trainer):
    """One for all trials of a child. `by_epoch`: reports compare by hundredths of an epoch instead of by step."""

    def __init__(self, *, listener: Listener, by_epoch: bool, **settings: Any) -> None:
        self._listener = listener
        self._by_epoch = by_epoch
        self.objective: Any = None
        self._stopping = self._resumed = False
        self._checkpoint_due = False
        super().__init__(**settings)
        self._seam = Seam(self)
        self.add_callback(self._seam)

    def train(
        self,
        resume_from_checkpoint: str | bool | None = None,
        trial: Any = None,
        ignore_keys_for_eval: list[str] | None = None,
    ) -> Any:
        """`Trainer.train`; an exception is told before it goes on its way, and a good end while the model is there."""
        self._stopping = self._checkpoint_due = False
        checkpoint = self._listener.course.resumes() if resume_from_checkpoint is None else None
        self._seam.resume(checkpoint)
        self._resumed = checkpoint is not None
        if checkpoint is not None:
            resume_from_checkpoint = str(checkpoint.path)
            self.objective = self._listener.course.last_objective()
        try:
            output = super().train(resume_from_checkpoint, trial, ignore_keys_for_eval)
            if self.objective is None:
                # Nothing was evaluated on the way. The search would do it next, in this same way.
                metrics = self.evaluate()
                self.objective = self.compute_objective(metrics)
            self.objective = self._listener.settled(self.objective)
            self._listener.trained(self.objective, self._save_for_use)
        except (optuna.TrialPruned, Left):
            self.is_in_train = False
            raise
        except Exception as error:
            self.is_in_train = False
            if is_full(error):
                give_up()
            self._listener.failed(failure_of(error))
            raise
        return output

    def evaluate(self, *args: Any, **kwargs: Any) -> dict[str, float]:
        """`Trainer.evaluate`, timed."""
        began = time.monotonic()
        metrics: dict[str, float] = super().evaluate(*args, **kwargs)
        self._listener.evaluated(metrics, time.monotonic() - began)
        return metrics

    def forget_trial(self) -> None:
        """Let go of what a trial that was pruned or failed still holds; transformers does that for complete ones only."""
        for name in ("model", "model_wrapped", "optimizer", "lr_scheduler"):
            setattr(self, name, None)
        self.accelerator.free_memory()
        self.accelerator.gradient_state._set_sync_gradients(True)  # noqa: SLF001 - a failure may leave it off

    def get_train_dataloader(self) -> Any:
        """`Trainer.get_train_dataloader`, over rows that tell when they are asked for."""
        with watched(self, self._seam):
            return super().get_train_dataloader()

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """`Trainer.log`; the mean loss of a resumed trial is over all of its steps, not over the last attempt's alone."""
        if "train_loss" in logs and self._resumed:
            logs["train_loss"] = self._total_loss_scalar / self.state.global_step
        super().log(logs, start_time)

    def _load_rng_state(self, checkpoint: str | None) -> None:
        """Called after the first batches were fetched: chance has been laid back before them already."""
        if not self._seam.replayed:
            super()._load_rng_state(checkpoint)

    def _maybe_log_save_evaluate(self, *args: Any, **kwargs: Any) -> None:
        """After each step and each epoch: what the Trainer does then; then what people and checkpoints ask for."""
        if self._stopping and self.objective is not None:
            # It has its value. Its last epoch is not over, though the Trainer takes it so.
            self.control.should_evaluate = self.control.should_save = False
        evaluates = self.control.should_evaluate
        super()._maybe_log_save_evaluate(*args, **kwargs)
        step = self.state.global_step
        if step < self.state.max_steps:
            self._steer(step, evaluated=evaluates)

    def _steer(self, step: int, *, evaluated: bool) -> None:
        course = self._listener.course
        self._checkpoint_due = course.due(step, evaluated=evaluated) or self._checkpoint_due
        order = course.order()
        if order == "stop":
            self._stopping = self.control.should_training_stop = True
            return
        if order == "prune":
            self.callback_handler.on_train_end(self.args, self.state, self.control)
            raise optuna.TrialPruned
        if not (self._checkpoint_due or order == "checkpoint"):
            return
        if self.state.epoch == int(self.state.epoch or 0) and not self._seam.over:
            return  # what comes at the epoch's end would be left out of an attempt that goes on from here
        self._checkpoint_due = False
        if course.keep(step, self._seam.save) and order == "checkpoint":
            course.leave(step)
            raise Left

    def _report_to_hp_search(self, trial: Any, step: int, metrics: dict[str, float]) -> None:
        if self._by_epoch and self.state.epoch is not None:
            step = round(self.state.epoch * 100)
        self._listener.reported(step, self.state.epoch, metrics)
        super()._report_to_hp_search(trial, step, metrics)

    def _save_for_use(self, folder: Path) -> None:
        merged(self.accelerator.unwrap_model(self.model)).save_pretrained(str(folder))
        if self.processing_class is not None:
            self.processing_class.save_pretrained(str(folder))
