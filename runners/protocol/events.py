"""The lines of a job's append-only journal.

An event carries `seq` (1, 2, 3 … in its job, no gaps) and `t`, seconds on the runner's monotonic clock since the job
was claimed. Order comes from `seq`, durations from differences of `t`; wall-clock times are made by the server from
`t` and the batch's `sent_t`, so a runner whose clock is wrong changes nothing.

Events of a trial name the trial's `number` and the `attempt` that the permit gave.
"""

from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints, TypeAdapter

from runners.protocol.base import Count, Index, Message, Number, Seconds, Seq, Sha256, Size
from runners.protocol.states import FailureCode

LogText = Annotated[str, StringConstraints(max_length=16_384)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]

RUNNER_STOPPED: Final = "The runner was stopped."
JOB_FAILED: Final = "The job failed."
"""The messages of `ChildLost` where the runner itself ended the child."""

Params = dict[str, str | int | Annotated[float, Field(allow_inf_nan=False)] | bool | None]
"""Name → value; JSON has no infinite ones."""


class Event(Message):
    seq: Seq
    t: Seconds


class TrialEvent(Event):
    number: Count
    attempt: Index


class JobStarted(Event):
    """The first event of a job. `versions`: package → version; `device`: what the children train on, for people."""

    type: Literal["job_started"] = "job_started"
    versions: dict[str, str]
    device: str


class JobPrepared(Event):
    """Data, tokenizer and model are ready and the spec was found good. Nothing has been trained yet."""

    type: Literal["job_prepared"] = "job_prepared"
    seconds: Seconds
    train_rows: Count
    eval_rows: Count
    model_parameters: Size
    checkpoint_bytes: Size


class SweepNamed(Event):
    """The search runs on another service, where the sweep was made and is called this. Later jobs join it there."""

    type: Literal["sweep_named"] = "sweep_named"
    service: Literal["wandb"]
    id: Name


class TrialStarted(TrialEvent):
    """Parameters are drawn, training begins. `optuna_number` is the study's own number, which may differ from ours.

    `seed` is None where a person's own script trains: it is not known. `resumed_attempt` and `resumed_step`: the
    attempt whose checkpoint this one goes on from, and its step; its events up to that step are this attempt's too.
    `note`: a sentence where something is to be said of this start, as that an earlier checkpoint is out of reach.
    """

    type: Literal["trial_started"] = "trial_started"
    child: Name
    params: Params
    optuna_number: Count | None = None
    seed: Size | None = None
    resumed_attempt: Index | None = None
    resumed_step: Count | None = None
    note: Annotated[str, StringConstraints(max_length=500)] = ""


class CheckpointSaved(TrialEvent):
    """A checkpoint lies on the runner's disk, from which another attempt there can go on. It replaces the one before."""

    type: Literal["checkpoint_saved"] = "checkpoint_saved"
    step: Count
    bytes: Size


class AttemptLeft(TrialEvent):
    """The attempt ended at a checkpoint, by order. It does not count; its trial waits for another attempt."""

    type: Literal["attempt_left"] = "attempt_left"
    step: Count


class AttemptBackedOff(TrialEvent):
    """The attempt ran out of memory beside `beside` others of its job. It does not count; its trial waits for another attempt,
    beside fewer. One that is alone on the device fails instead (`trial_finished`).
    """

    type: Literal["attempt_backed_off"] = "attempt_backed_off"
    beside: Index
    message: Annotated[str, StringConstraints(max_length=2000)] = ""


class Packed(Event):
    """How many trials the runner trains at a time from now on, and why, in a sentence."""

    type: Literal["packed"] = "packed"
    children: Index
    why: Annotated[str, StringConstraints(max_length=500)]


class Metrics(TrialEvent):
    """What the Trainer logged at one step: `loss`, `grad_norm`, `learning_rate`, `eval_loss`, `eval_accuracy` …

    `step` is the Trainer's `global_step`, `epoch` its epoch as a fraction.
    """

    type: Literal["metrics"] = "metrics"
    step: Count
    epoch: Number | None = None
    values: dict[str, Number]


class Reported(TrialEvent):
    """The objective at an evaluation. `step` is the step the pruner compares by (see `report_by` in the search)."""

    type: Literal["reported"] = "reported"
    step: Count
    epoch: Number | None = None
    value: Number


class ParamsChanged(TrialEvent):
    """Population-based training changed the trial's parameters at a step. `params`: all of them, as they are now.

    `copied`: the trial whose checkpoint it goes on from, where there is one.
    """

    type: Literal["params_changed"] = "params_changed"
    step: Count
    params: Params
    copied: Count | None = None


class TrialFinished(TrialEvent):
    """The end of an attempt. `values`: one per objective, empty when there is none. `timings`: seconds by phase.

    `stopped`: it ended early because a person asked (order `stop` or `prune`).
    """

    type: Literal["trial_finished"] = "trial_finished"
    state: Literal["complete", "pruned", "fail"]
    values: tuple[Number, ...] = ()
    duration_s: Seconds
    metrics: dict[str, Number] = {}
    timings: dict[str, Seconds] = {}
    failure_code: FailureCode | None = None
    failure_message: str = ""
    traceback: str = ""
    stopped: bool = False


class SearchEnded(Event):
    """The search itself wants no more trials: improvement has converged. The server then stops the sweep."""

    type: Literal["search_ended"] = "search_ended"
    reason: Annotated[str, StringConstraints(max_length=500)]


class PermitReturned(TrialEvent):
    """A permit that was not used: the sweep was stopped, or its child ended before the trial began."""

    type: Literal["permit_returned"] = "permit_returned"


class ChildStarted(Event):
    type: Literal["child_started"] = "child_started"
    child: Name
    pid: Index


class ChildLost(Event):
    """A child died. `running`: the (number, attempt) pairs it had begun; those attempts are lost, their trials wait again."""

    type: Literal["child_lost"] = "child_lost"
    child: Name
    exit_code: int
    running: tuple[tuple[Count, Index], ...] = ()
    message: str


class Log(Event):
    """Text of a child's stdout or stderr, of Python's logging in it, or of the supervisor; whole lines.

    `number` where a trial was running. `level` where it is known, as for `logging`.
    """

    type: Literal["log"] = "log"
    stream: Literal["stdout", "stderr", "logging", "runner"]
    text: LogText
    level: Literal["", "debug", "info", "warning", "error"] = ""
    number: Count | None = None


class ModelFile(Message):
    path: Annotated[
        str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$", max_length=200)
    ]
    sha256: Sha256
    size: Size


class ModelSaved(TrialEvent):
    """The best trial's model is in the artifact store. Every file was uploaded before this event."""

    type: Literal["model_saved"] = "model_saved"
    files: tuple[ModelFile, ...]


class JobFinished(Event):
    """The last event of a job.

    `done`: no more permits; `released`: given back (shutdown); `fail`: the job cannot go on. `failure_field` names the
    field of the spec at fault, dotted, when the code is `invalid_spec`.
    """

    type: Literal["job_finished"] = "job_finished"
    state: Literal["done", "released", "fail"]
    failure_code: FailureCode | None = None
    failure_message: str = ""
    failure_field: str = ""


AnyEvent = Annotated[
    JobStarted
    | JobPrepared
    | SweepNamed
    | TrialStarted
    | CheckpointSaved
    | AttemptLeft
    | AttemptBackedOff
    | Packed
    | Metrics
    | Reported
    | ParamsChanged
    | TrialFinished
    | SearchEnded
    | PermitReturned
    | ChildStarted
    | ChildLost
    | Log
    | ModelSaved
    | JobFinished,
    Field(discriminator="type"),
]

event_adapter: TypeAdapter[AnyEvent] = TypeAdapter(AnyEvent)
