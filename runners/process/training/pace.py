"""A trial's pace, noted after each step for the supervisor, which finds from it how many trials train at a time."""

import resource
import time
from typing import Any, Protocol

import torch
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

_MEMORY_S = 0.25
"""The peak of memory is asked for no more often: it costs more than the rest."""


class Notes(Protocol):
    """Where the figures go."""

    def write(self, steps: int, samples: int, busy: float, peak: int, batch: int) -> None:
        """All of this process's life: steps, rows, seconds in steps, bytes, and the rows of one batch of this trial."""


class PaceCallback(TrainerCallback):
    """Counts steps and the time in them. A trial's first step, evaluations and saves are left out of both."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._steps = self._samples = self._peak = 0
        self._busy = 0.0
        self._first = True
        self._since: float | None = None
        self._looked = 0.0

    def on_train_begin(self, *_: Any, **__: Any) -> None:
        self._first = True

    def on_step_begin(self, *_: Any, **__: Any) -> None:
        if self._since is None:
            self._since = time.monotonic()

    def on_step_end(
        self,
        args: TrainingArguments,
        state: TrainerState,  # noqa: ARG002 - the Trainer passes by name
        control: TrainerControl,  # noqa: ARG002
        **_: Any,
    ) -> None:
        now = time.monotonic()
        batch = args.per_device_train_batch_size
        if self._since is not None and not self._first:
            self._steps += 1
            self._samples += batch * args.gradient_accumulation_steps
            self._busy += now - self._since
        self._first = False
        self._since = now
        if now - self._looked > _MEMORY_S:
            self._looked = now
            self._peak = max(self._peak, _peak())
        self._notes.write(self._steps, self._samples, self._busy, self._peak, batch)

    def _pause(self, *_: Any, **__: Any) -> None:
        self._since = None

    on_evaluate = on_save = on_epoch_begin = _pause


def _peak() -> int:
    """Bytes that this process has held at most: of the GPU, or of the machine where it trains on the CPU."""
    if torch.cuda.is_available():
        return int(torch.cuda.max_memory_reserved())
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
