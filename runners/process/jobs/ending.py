"""Why and how a job ends."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Literal

from runners.protocol.states import FailureCode


class Reason(Enum):
    DONE = auto()
    """No permits are left, or the sweep was stopped."""
    PAUSED = auto()
    CANCELLED = auto()
    SHUTDOWN = auto()
    """The runner itself ends."""
    FAILED = auto()
    BEHIND = auto()
    """The server was restored from a backup and cannot take what happened since: the job is given back, another goes on."""
    GONE = auto()
    """The server has given the job up, or does not know it: nothing of ours counts any more."""


@dataclass(frozen=True)
class Ending:
    """`code`, `message`, `field`: see `JobFinished`."""

    reason: Reason
    code: FailureCode | None = None
    message: str = ""
    field: str = ""

    @property
    def state(self) -> Literal["done", "released", "fail"]:
        match self.reason:
            case Reason.DONE:
                return "done"
            case Reason.FAILED:
                return "fail"
            case _:
                return "released"


def failed(code: str, message: str, field: str = "") -> Ending:
    """A failure; a code that the contract does not know becomes `error`."""
    known = FailureCode(code) if code in set(FailureCode) else FailureCode.ERROR
    return Ending(Reason.FAILED, known, message[:4000], field)
