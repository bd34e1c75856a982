"""Why a trial failed: a word for programs, a sentence for people, the traceback for whoever mends it."""

import traceback
from dataclasses import dataclass

import torch

from runners.process.training.refusal import first_line
from runners.protocol.states import FailureCode

_OUT_OF_MEMORY = ("out of memory", "can't allocate memory", "cannot allocate memory", "alloc_cpu")
_TRACEBACK_LIMIT = 60_000


class NotFinite(Exception):
    """The objective is NaN or infinite."""


class UnfitParameters(Exception):
    """A trial's parameters, which the space allows, cannot be trained together. The message is a sentence."""


@dataclass(frozen=True)
class Failure:
    code: FailureCode
    message: str
    traceback: str


def failure_of(error: BaseException) -> Failure:
    """What to say about `error`. The frames are turned to text, so that the trial's tensors can go."""
    text = "".join(traceback.format_exception(error))[-_TRACEBACK_LIMIT:]
    traceback.clear_frames(error.__traceback__)
    if isinstance(error, NotFinite):
        return Failure(FailureCode.NOT_FINITE, str(error), text)
    if isinstance(error, UnfitParameters):
        return Failure(FailureCode.ERROR, str(error), text)
    said = str(error).lower()
    if isinstance(error, torch.OutOfMemoryError | MemoryError) or (
        isinstance(error, RuntimeError) and any(words in said for words in _OUT_OF_MEMORY)
    ):
        mend = "A smaller batch, shorter inputs or a smaller model need less."
        return Failure(FailureCode.OOM, f"The trial ran out of memory. {mend}", text)
    return Failure(FailureCode.ERROR, f"{type(error).__name__}: {first_line(error)}", text)
