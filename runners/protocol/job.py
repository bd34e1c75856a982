"""A job's conversation: claim, permits, batches of events. JSON over HTTP, below `/api/runner/v1/jobs/<job>/`.

Every answer that refuses has the status and body of `Refusal`. A request may be repeated after a lost answer: each is
idempotent in the way its docstring says.
"""

from typing import Annotated, Literal

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt, StringConstraints

from runners.protocol.base import Count, Message, Number, PublicId, Scalar, Seconds, Seq
from runners.protocol.events import AnyEvent
from runners.protocol.spec import SweepSpec
from runners.protocol.states import Wanted

ClaimId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
MAX_BATCH_EVENTS = 2000
MAX_BATCH_BYTES = 8 * 2**20
MIRROR_PREFIX = "HPWEB_MIRROR_"
"""Secrets named so are for the processes that mirror trials, without the prefix; training does not get them."""


class Refusal(Message):
    """Why a request was refused. `code` is for programs, `message` for people.

    400 `invalid` (the message names the field), 401 `bad_token`, 404 `not_found`, 409 `not_offered` (claim),
    `fenced` (another claim holds the job), `gap` (batch: `expected_seq` says where to go on), 413 `too_large`.
    """

    code: str
    message: str
    fields: dict[str, list[str]] = {}
    expected_seq: PositiveInt | None = None


class Claim(Message):
    """POST `claim`. Compare-and-swap from `offered` to `running`; the same `claim_id` again gets the same answer."""

    claim_id: ClaimId


class FinishedTrial(Message):
    """A trial of the sweep's history. `intermediate`: (step, value) as reported; `values` empty when it has none."""

    number: NonNegativeInt
    params: dict[str, Scalar]
    state: Literal["complete", "pruned", "fail"]
    values: tuple[Number, ...] = ()
    intermediate: tuple[tuple[NonNegativeInt, Number], ...] = ()


class Claimed(Message):
    """The answer to a claim: the frozen spec, the history, and what the job may use.

    `history` is in the order in which trials finished. `secrets` are never logged and never written to disk.
    `acked_seq` is 0 on a first claim. `wandb_sweep`: the sweep on W&B that an earlier job has made. `best` is the number
    of the sweep's best trial whose model the server already has. `name`: the sweep's, for people.
    """

    job: PublicId
    sweep: PublicId
    name: str = ""
    spec: SweepSpec
    history: tuple[FinishedTrial, ...] = ()
    secrets: dict[str, str] = {}
    wandb_sweep: str | None = None
    acked_seq: NonNegativeInt = 0
    lease_s: PositiveFloat
    wanted: Wanted = Wanted.RUN


class Permit(Message):
    """Leave to start one attempt at one trial.

    `params` is given when the trial's parameters are already decided (it ran before, or a person made it); None means:
    draw them. `lost_optuna_number`: the study's number of the lost attempt, to be closed in the study.
    """

    number: NonNegativeInt
    attempt: PositiveInt
    params: dict[str, Scalar] | None = None
    lost_optuna_number: NonNegativeInt | None = None


class Order(Message):
    """What a person wants of one running attempt. It is repeated in every answer until the attempt has ended.

    `stop`: end training now, with an evaluation where there was none; the trial is complete with its value so far.
    `prune`: end it as pruned. `checkpoint`: write a checkpoint, then leave the attempt (`attempt_left`), so that another
    one goes on from there; where no checkpoint can be written, the trial trains to its end.
    """

    number: NonNegativeInt
    attempt: PositiveInt
    act: Literal["stop", "prune", "checkpoint"]


class PermitRequest(Message):
    """POST `permits`. `holding`: the numbers the job has permits for and has not finished.

    A number that the server has granted to this job and that `holding` lacks is given again, so a lost answer costs
    nothing. Every event about a number must be acknowledged before that number leaves `holding`.
    """

    claim_id: ClaimId
    holding: tuple[Count, ...] = ()
    count: Annotated[int, Field(ge=1, le=64)] = 1


class Permits(Message):
    """`state`: `granted` (`permits` is not empty), `wait` (none now; a running trial may yet come back) or `finished`."""

    state: Literal["granted", "wait", "finished"]
    permits: tuple[Permit, ...] = ()
    wanted: Wanted = Wanted.RUN


class Batch(Message):
    """POST `events`. Events `first_seq`, `first_seq` + 1, …; empty to renew the lease only (`first_seq` is then ignored).

    What the server already has is dropped, a gap is refused with 409 `gap`. `sent_t` is the job's monotonic clock now.
    """

    claim_id: ClaimId
    first_seq: Seq
    sent_t: Seconds
    events: Annotated[tuple[AnyEvent, ...], Field(max_length=MAX_BATCH_EVENTS)] = ()


class BatchAnswer(Message):
    """`acked_seq`: everything up to it is committed. `cancel` in `wanted` also tells a fenced job to end its training.

    `finished` is true once the job has ended on the server (its own `job_finished`, or its lease was given up).
    `orders`: all that hold now, for this job's attempts.
    """

    acked_seq: NonNegativeInt
    wanted: Wanted
    lease_s: PositiveFloat
    finished: bool = False
    orders: tuple[Order, ...] = ()
