"""Why a trial failed: a word for programs, a sentence for people, the traceback for whoever mends it."""

import traceback
from dataclasses import dataclass

import torch

from runners.process.training.refusal import first_line
from runners.protocol.states import FailureCode

_OUT_OF_MEMORY = ("out of memory", "can't allocate memory", "cannot allocate memory", "alloc_cpu", "alloc_failed")
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


def is_out_of_memory(error: BaseException) -> bool:
    """Whether memory was lacking, of the device or of the machine. cuBLAS and cuDNN say so in words only."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    said = str(error).lower()
    return isinstance(error, RuntimeError) and any(words in said for words in _OUT_OF_MEMORY)


def failure_of(error: BaseException) -> Failure:
    """What to say about `error`. The frames are turned to text, so that the trial's tensors can go."""
    text = "".join(traceback.format_exception(error))[-_TRACEBACK_LIMIT:]
    traceback.clear_frames(error.__traceback__)
    if isinstance(error, NotFinite):
        return Failure(FailureCode.NOT_FINITE, str(error), text)
    if isinstance(error, UnfitParameters):
        return Failure(FailureCode.ERROR, str(error), text)
    if is_out_of_memory(error):
        mend = "A smaller batch, shorter inputs or a smaller model need less."
        return Failure(FailureCode.OOM, f"The trial ran out of memory. {mend}", text)
    return Failure(FailureCode.ERROR, f"{type(error).__name__}: {first_line(error)}", text)
