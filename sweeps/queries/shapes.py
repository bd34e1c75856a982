"""The JSON that pages, sockets and the API share. `Figure` is a number, or "nan", "inf", "-inf"."""

from typing import NotRequired

from typing_extensions import TypedDict

from runners.protocol.base import Scalar

Figure = float | str


class Best(TypedDict):
    number: int
    value: Figure
    params: dict[str, Scalar]


class SavedModel(TypedDict):
    """The best model in the artifact store: of which trial, how many bytes, where to get it."""

    number: int
    bytes: int
    url: str


class SweepState(TypedDict):
    """What the head of a sweep's page shows. `pareto`: the best trials where there are several objectives. Times are ISO 8601 in UTC, durations in seconds."""

    id: str
    state: str
    wanted: str
    counts: dict[str, int]
    counted: int
    n_trials: int
    best: Best | None
    pareto: list[int]
    started_at: str | None
    finished_at: str | None
    elapsed_s: float | None
    remaining_s: float | None
    failure_code: str
    failure_message: str
    position: int
    model: SavedModel | None
    waiting_reason: str
    archived: bool
    space_version: int


class ParamsChange(TypedDict):
    """What population-based training changed at a step: `params` are all of them; `copied`: whose checkpoint it goes on from."""

    step: int
    params: dict[str, Scalar]
    copied: int | None


class TrialRow(TypedDict):
    """A trial as a row. `order`: what a person wants of it while it runs; `stopped`: it ended so. `changes` of its parameters while it trained. `intermediate`: `[[step, epoch, value], …]`; left out of messages."""

    number: int
    state: str
    params: dict[str, Scalar]
    value: Figure | None
    values: list[Figure]
    duration_s: float | None
    started_at: str | None
    attempt: int
    order: str
    stopped: bool
    runner: str
    failure_code: str
    failure_message: str
    changes: list[ParamsChange]
    intermediate: NotRequired[list[list[Figure | None]]]


class Points(TypedDict):
    """New points of an attempt's curves: lists of one length, null where a metric was not logged at a step.

    `t`: s on the job's clock. After a change of jobs it begins anew, so only differences of neighbours tell something.
    """

    number: int
    attempt: int
    step: list[int]
    epoch: list[Figure | None]
    t: list[float]
    values: dict[str, list[Figure | None]]


class Curve(TypedDict):
    """Of one metric. `t` as in `Points`."""

    step: list[int]
    epoch: list[Figure | None]
    t: list[float]
    value: list[Figure]


class LogLine(TypedDict):
    """An entry of a job's log: one or more lines. `t`: seconds since the job was claimed; `seq` names it in its `job`."""

    seq: int
    t: float
    number: int | None
    stream: str
    level: str
    text: str
    job: NotRequired[str]


class Snapshot(TypedDict):
    """`trials`: those of `sweeps.queries.shown`, or the one that was asked for. `curves`: trial number (as text, a JSON
    key) → metric → curve, of fewer still. `metrics`: what these trials logged, whether their curves are here or not.
    """

    position: int
    sweep: SweepState
    trials: list[TrialRow]
    curves: dict[str, dict[str, Curve]]
    metrics: list[str]
    logs: list[LogLine]


class Changes(TypedDict):
    """A message to a sweep's page: everything between two positions. `from` is the position before it."""

    type: str
    position: int
    sweep: NotRequired[SweepState]
    trials: list[TrialRow]
    points: list[Points]
    logs: list[LogLine]
