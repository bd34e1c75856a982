"""Which failures are a machine's, not a trial's."""

import re
from typing import Final

from runners.protocol.states import FailureCode
from sweeps.models import Attempt, Job, Sweep

CRASHED: Final = "a training process died"
LOST: Final = "it was not heard of any more"
DRIVER: Final = "the GPU or its driver failed"
DISK: Final = "its disk is full or cannot be written"
UNREADABLE: Final = "data or model cannot be read there, though other runners could"
ALONE: Final = "trials fail there that succeed on other runners"

CERTAIN: Final = frozenset({LOST, DRIVER, DISK, UNREADABLE, ALONE})
"""Faults of a runner whichever sweep it does; a process that died may also have been killed by what it trained."""

_DRIVER: Final = re.compile(
    r"CUDA error: (?!device-side assert|out of memory)|CUDA driver|CUDA-capable device|no CUDA GPUs|NVML"
    r"|CUBLAS_STATUS_(?:NOT_INITIALIZED|INTERNAL_ERROR)|CUDNN_STATUS_(?:NOT_INITIALIZED|INTERNAL_ERROR)"
    r"|cuDNN error|uncorrectable ECC|HIP error|NCCL error|GPU is lost|fallen off the bus"
)
_DISK: Final = re.compile(
    r"No space left on device|Disk quota exceeded|Read-only file system|Input/output error|cannot write to its disk"
    r"|cannot write its journal"
)
_DATA: Final = re.compile(r"data cannot be had from the server")


def fault_in(text: str) -> str:
    """The machine's fault that a message or traceback tells of; empty for any other failure."""
    if _DRIVER.search(text):
        return DRIVER
    return DISK if _DISK.search(text) else ""


def fault_of_job(job: Job, code: str, message: str) -> str:
    """Why a job that could not go on is its runner's fault; empty when it is the sweep's."""
    if code == FailureCode.CRASHED.value:
        return CRASHED
    found = fault_in(message)
    if found:
        return found
    elsewhere = Job.objects.filter(sweep=job.sweep_id, facts__prepared__isnull=False).exclude(runner=job.runner_id)
    if (code == FailureCode.INVALID_SPEC.value or _DATA.search(message)) and elsewhere.exists():
        return UNREADABLE
    return ""


def fault_of_attempt(job: Job, attempt: Attempt) -> str:
    """Why an attempt that failed in the job is its runner's fault; empty when it is the trial's."""
    if attempt.failure_code == FailureCode.CRASHED.value:
        return CRASHED  # a worker of Ray, a process of several
    found = fault_in(f"{attempt.failure_message}\n{attempt.traceback[-4000:]}")
    if found or attempt.failure_code != FailureCode.ERROR.value:
        return found
    return ALONE if _alone(job) else ""


def _alone(job: Job) -> bool:
    """Whether trials of the sweep have succeeded on other runners and none on this one."""
    done = Attempt.objects.filter(trial__sweep=job.sweep_id, state__in=["complete", "pruned"])
    return not done.filter(job__runner=job.runner_id).exists() and done.exclude(job__runner=job.runner_id).exists()


def failed_elsewhere(sweep: Sweep, runner_id: int | None) -> bool:
    """Whether processes that trained the sweep died until the job ended on another runner, too: then it is the sweep's fault."""
    others = Job.objects.filter(sweep=sweep, failure_code=FailureCode.CRASHED.value).exclude(runner=runner_id)
    return others.exclude(runner=None).exists()
