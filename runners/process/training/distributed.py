"""The Trainer in a group of processes: what rank 0 decides, and an evaluation loss that does not depend on their number."""

from typing import Any, Final, Protocol

import optuna
import torch
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments
from transformers.trainer_pt_utils import find_batch_size

from runners.process.training.failures import Failure
from runners.process.training.trainer import SweepTrainer

_ON: Final = "on"
_PRUNED: Final = "pruned"
_FLAGS: Final = ("should_training_stop", "should_epoch_stop", "should_save", "should_evaluate", "should_log")


class Member(Protocol):
    """This process in its group."""

    index: int
    """0 for the one that decides."""

    def beat(self) -> None:
        """It moves."""

    def agree(self, word: str) -> str:
        """Rank 0's word, on every rank. Does not pass through the GPU, so none of them has to wait for its own."""

    def fail(self, failure: Failure) -> Any:
        """Its trial cannot go on. Does not return."""


class DistributedTrainer(SweepTrainer):
    """`SweepTrainer` for one of several ranks."""

    def _report_to_hp_search(self, trial: Any, step: int, metrics: dict[str, float]) -> None:
        """Rank 0 asks the pruner; all do what it says. Left alone, the others would wait for it for ever."""
        pruned = False
        try:
            super()._report_to_hp_search(trial, step, metrics)
        except optuna.TrialPruned:
            pruned = True
        if self._listener.agreed(_PRUNED if pruned else _ON) == _ON:
            return
        if not pruned:
            self.callback_handler.on_train_end(self.args, self.state, self.control)
        raise optuna.TrialPruned

    def prediction_step(
        self, model: Any, inputs: dict[str, Any], prediction_loss_only: bool, ignore_keys: list[str] | None = None
    ) -> Any:
        """As in one process: without the rows that fill up the last batches.

        accelerate repeats rows from the beginning so that all ranks have as many. `gather_for_metrics` drops them from
        predictions and labels, but a batch's loss is their mean already.
        """
        loss, logits, labels = super().prediction_step(model, inputs, prediction_loss_only, ignore_keys)
        size: int | None = find_batch_size(inputs)  # type: ignore[no-untyped-call]  # untyped there
        real = self._real_rows(size)
        if loss is not None and real is not None:
            some = {name: value[:real] if torch.is_tensor(value) else value for name, value in inputs.items()}
            loss, _, _ = super().prediction_step(model, some, True, ignore_keys)
        return loss, logits, labels

    def _real_rows(self, size: int | None) -> int | None:
        """How many rows of this rank's batch are its own; None when all are, or none (what it measures is dropped then)."""
        state = self.accelerator.gradient_state
        if size is None or not state.end_of_dataloader or state.remainder <= 0:
            return None
        real = state.remainder - self.args.process_index * size
        return int(real) if 0 < real < size else None


class AgreeCallback(TrainerCallback):
    """What rank 0 has been told to do next (stop, evaluate, save) is what all do. Must be the last callback: the others
    decide before it.

    Without it a stop that reaches one rank leaves the others in a step that it never comes to.
    """

    def __init__(self, member: Member) -> None:
        self._member = member

    def _agree(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        del args, state, kwargs
        mine = "".join(str(int(getattr(control, flag))) for flag in _FLAGS)
        for flag, value in zip(_FLAGS, self._member.agree(mine), strict=True):
            setattr(control, flag, value == "1")

    # Not after substeps: nothing decides there, and there may be many.
    on_step_end = on_evaluate = on_epoch_end = _agree


class BeatCallback(TrainerCallback):
    """Beats whenever the Trainer has done something."""

    def __init__(self, member: Member) -> None:
        self._member = member

    def _moved(self, *_: Any, **__: Any) -> None:
        self._member.beat()

    on_train_begin = on_epoch_begin = on_step_begin = on_substep_end = on_step_end = _moved
    on_prediction_step = on_evaluate = on_log = on_save = on_epoch_end = on_train_end = _moved
