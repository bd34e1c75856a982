"""The Trainer in a group of processes: what rank 0 decides, and an evaluation loss that does not depend on their number."""

from typing import Any, Protocol

import optuna
import torch
from transformers import TrainerCallback
from transformers.trainer_pt_utils import find_batch_size

from runners.process.training.failures import Failure
from runners.process.training.trainer import SweepTrainer


class Member(Protocol):
    """This process in its group."""

    def beat(self) -> None:
        """It moves."""

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
        decision = [pruned]
        torch.distributed.broadcast_object_list(decision, src=0)
        if not decision[0]:
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


class BeatCallback(TrainerCallback):
    """Beats whenever the Trainer has done something."""

    def __init__(self, member: Member) -> None:
        self._member = member

    def _moved(self, *_: Any, **__: Any) -> None:
        self._member.beat()

    on_train_begin = on_epoch_begin = on_step_begin = on_substep_end = on_step_end = _moved
    on_prediction_step = on_evaluate = on_log = on_save = on_epoch_end = on_train_end = _moved
