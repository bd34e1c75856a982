"""The closed sets of states, defined once, and which change of state is allowed.

Lower case throughout: these strings are stored, sent and shown.
"""

from enum import StrEnum
from typing import Final


class SweepState(StrEnum):
    DRAFT = "draft"
    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    COMPLETE = "complete"
    FAIL = "fail"
    CANCELLED = "cancelled"


class TrialState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    COMPLETE = "complete"
    PRUNED = "pruned"
    FAIL = "fail"
    CANCELLED = "cancelled"


class AttemptState(StrEnum):
    RUNNING = "running"
    COMPLETE = "complete"
    PRUNED = "pruned"
    FAIL = "fail"
    LOST = "lost"


class JobState(StrEnum):
    OFFERED = "offered"
    RUNNING = "running"
    DONE = "done"
    FAIL = "fail"
    LOST = "lost"
    RELEASED = "released"


class RunnerState(StrEnum):
    ONLINE = "online"
    DRAINING = "draining"
    PAUSED = "paused"
    QUARANTINED = "quarantined"
    OFFLINE = "offline"


class Wanted(StrEnum):
    """What the server wants of a job now. `stop`: no new trials, the current ones finish. `cancel`: end at once."""

    RUN = "run"
    PAUSE = "pause"
    STOP = "stop"
    CANCEL = "cancel"


class FailureCode(StrEnum):
    """Why something failed, in a word. The sentence for a person stands beside it."""

    ERROR = "error"
    OOM = "oom"
    NOT_FINITE = "not_finite"
    INVALID_SPEC = "invalid_spec"
    CRASHED = "crashed"
    RUNNER_LOST = "runner_lost"
    PROTOCOL_ERROR = "protocol_error"
    TOO_MANY_FAILURES = "too_many_failures"
    CANCELLED = "cancelled"


FINISHED_SWEEP: Final = frozenset({SweepState.COMPLETE, SweepState.FAIL, SweepState.CANCELLED})
FINISHED_TRIAL: Final = frozenset({TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL, TrialState.CANCELLED})
FINISHED_ATTEMPT: Final = frozenset(AttemptState) - {AttemptState.RUNNING}
FINISHED_JOB: Final = frozenset({JobState.DONE, JobState.FAIL, JobState.LOST, JobState.RELEASED})

COUNTED_TRIAL: Final = frozenset({TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL})
"""Trials that count towards `n_trials`. A lost attempt does not: its trial returns to `waiting`."""

SWEEP_TRANSITIONS: Final[dict[SweepState, frozenset[SweepState]]] = {
    SweepState.DRAFT: frozenset({SweepState.QUEUED}),
    SweepState.QUEUED: frozenset(
        {SweepState.RUNNING, SweepState.PAUSED, SweepState.COMPLETE, SweepState.FAIL, SweepState.CANCELLED}
    ),
    SweepState.RUNNING: frozenset(
        {SweepState.QUEUED, SweepState.PAUSED, SweepState.COMPLETE, SweepState.FAIL, SweepState.CANCELLED}
    ),
    SweepState.PAUSED: frozenset({SweepState.QUEUED, SweepState.COMPLETE, SweepState.CANCELLED}),
    # Only `extend` leaves a finished state.
    SweepState.COMPLETE: frozenset({SweepState.QUEUED}),
    SweepState.FAIL: frozenset({SweepState.QUEUED}),
    SweepState.CANCELLED: frozenset({SweepState.QUEUED}),
}

TRIAL_TRANSITIONS: Final[dict[TrialState, frozenset[TrialState]]] = {
    # A late finished attempt takes its trial straight from `waiting` to its end.
    TrialState.WAITING: frozenset(TrialState) - {TrialState.WAITING},
    TrialState.RUNNING: frozenset(TrialState) - {TrialState.RUNNING},
    TrialState.COMPLETE: frozenset(),
    TrialState.PRUNED: frozenset(),
    TrialState.FAIL: frozenset(),
    TrialState.CANCELLED: frozenset(),
}

ATTEMPT_TRANSITIONS: Final[dict[AttemptState, frozenset[AttemptState]]] = {
    AttemptState.RUNNING: FINISHED_ATTEMPT,
    # The runner had finished, but the news came after the lease was given up. It counts unless a newer attempt started.
    AttemptState.LOST: frozenset({AttemptState.COMPLETE, AttemptState.PRUNED, AttemptState.FAIL}),
    AttemptState.COMPLETE: frozenset(),
    AttemptState.PRUNED: frozenset(),
    AttemptState.FAIL: frozenset(),
}

JOB_TRANSITIONS: Final[dict[JobState, frozenset[JobState]]] = {
    JobState.OFFERED: frozenset({JobState.RUNNING, JobState.RELEASED}),
    JobState.RUNNING: FINISHED_JOB,
    JobState.DONE: frozenset(),
    JobState.FAIL: frozenset(),
    JobState.LOST: frozenset(),
    JobState.RELEASED: frozenset(),
}
