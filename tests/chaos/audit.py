"""What must be true of a sweep after its end, whatever happened to it: asked of the database, past the program."""

import json
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from tests.chaos.stage import LARGE, LARGE_LINES, Rows, Stage, plain, rows_of

Key = tuple[int, int]
"""An attempt: its trial's number and its index."""
_CLOCKED: Final = ("_runtime", "_per_second", "total_flos")
"""Metrics that say how fast it was, not how good."""
_OF_SWEEP: Final = " join sweeps_sweep s on {}.sweep_id = s.id where s.public_id = ?"


@dataclass(frozen=True)
class Trial:
    number: int
    state: str
    params: dict[str, Any]
    values: list[float]
    curve: Rows


@dataclass(frozen=True)
class Record:
    """A sweep as the database has it. `attempts`: state by key; `curves`: committed rows by key; `jobs`: public id, state.

    `resumed`: by key, the index of the attempt whose checkpoint it goes on from, and the checkpoint's step.
    """

    state: str
    failure: str
    n_trials: int
    trials: dict[int, Trial]
    open_trials: int
    attempts: dict[Key, str]
    resumed: dict[Key, tuple[int, int]]
    curves: dict[Key, Rows]
    jobs: list[tuple[str, str]]
    events: dict[str, list[dict[str, Any]]]

    def table(self, kind: str) -> dict[Any, Any]:
        """What must be equal in an undisturbed run: by number, or by point for a grid."""
        if kind == "tpe":
            return {
                trial.number: (trial.state, trial.params, trial.values, trial.curve) for trial in self.trials.values()
            }
        return {
            json.dumps(trial.params, sort_keys=True): (trial.state, trial.values, trial.curve)
            for trial in self.trials.values()
        }

    @property
    def lost(self) -> int:
        return sum(state == "lost" for state in self.attempts.values())


def read(stage: Stage, sweep: str) -> Record:
    """Read the sweep from the database."""
    ((state, code, message, n_trials),) = stage.query(
        "select state, failure_code, failure_message, n_trials from sweeps_sweep where public_id = ?", sweep
    )
    jobs = stage.query(
        "select j.public_id, j.state from sweeps_job j" + _OF_SWEEP.format("j") + " order by j.id", sweep
    )
    attempts = stage.query(
        'select t.number, a."index", a.state, a.id, a.resumed_from, a.resumed_step from sweeps_attempt a join sweeps_trial t on a.trial_id = t.id'
        + _OF_SWEEP.format("t"),
        sweep,
    )
    chunks = "select data from sweeps_metricchunk where attempt_id = ? order by first_seq"
    curves = {(number, index): rows_of(stage.query(chunks, pk)) for number, index, _, pk, *_ in attempts}
    newest: dict[int, int] = {}
    for number, index, ended, *_ in attempts:
        if ended in {"complete", "pruned", "fail"}:
            newest[number] = max(index, newest.get(number, 0))
    trials = {}
    open_trials = 0
    for number, trial_state, params, values in stage.query(
        'select t.number, t.state, t.params, t."values" from sweeps_trial t'
        + _OF_SWEEP.format("t")
        + " order by t.number",
        sweep,
    ):
        open_trials += trial_state in {"waiting", "running"}
        curve = [
            (step, {name: value for name, value in row.items() if not name.endswith(_CLOCKED)})
            for step, row in curves.get((number, newest.get(number, 0)), [])
        ]
        trials[number] = Trial(number, trial_state, plain(params), plain(values), curve)
    return Record(
        state=state,
        failure=f"{code}: {message}" if code else "",
        n_trials=n_trials,
        trials=trials,
        open_trials=open_trials,
        attempts={(number, index): ended for number, index, ended, *_ in attempts},
        resumed={(number, index): (earlier, step) for number, index, _, _, earlier, step in attempts if earlier},
        curves=curves,
        jobs=[(job, ended) for job, ended in jobs],
        events={job: list(_events(stage, job)) for job, _ in jobs},
    )


def findings(stage: Stage, sweep: str, record: Record) -> list[str]:
    """Every promise that is broken, as a sentence; an empty list is what is wanted."""
    return [
        *states(record),
        *_journals(stage, record),
        *between(record, stage.logged(sweep)),
        *checkpoints(record),
        *(f"checkpoints are left: {path}" for path in (stage.home / "checkpoints").glob(f"{sweep}/*/*")),
        *_page(stage, sweep, record),
    ]


def differences(record: Record, kind: str, undisturbed: Record) -> list[str]:
    """Where parameters, values or curves are others than in the undisturbed run of that kind."""
    before, after = undisturbed.table(kind), record.table(kind)
    return [
        *(f"{key}: {after.get(key)} instead of {was}"[:3000] for key, was in before.items() if after.get(key) != was),
        *(f"{key} is of no undisturbed run" for key in after.keys() - before.keys()),
    ]


def states(record: Record) -> Iterator[str]:
    """Everything has ended, well, and there is as much of it as was asked for."""
    if record.state != "complete":
        yield f"the sweep is {record.state} ({record.failure})"
    if sorted(record.trials) != list(range(record.n_trials)):
        yield f"trials {sorted(record.trials)} instead of {record.n_trials}"
    if record.open_trials:
        yield f"{record.open_trials} trials have not ended"
    for number, trial in record.trials.items():
        counting = [key for key, state in record.attempts.items() if key[0] == number and state != "lost"]
        if trial.state != "complete":
            yield f"trial {number} is {trial.state}"
        if not counting:
            yield f"trial {number} has no attempt that ended well"
    for key, state in record.attempts.items():
        if state not in {"complete", "lost"}:
            yield f"attempt {key} is {state}"
    for job, state in record.jobs:
        if state in {"offered", "running"}:
            yield f"job {job} is {state}"


def _journals(stage: Stage, record: Record) -> Iterator[str]:
    for job, events in record.events.items():
        numbers = [event["seq"] for event in events]
        if numbers != list(range(1, len(numbers) + 1)):
            yield f"job {job}: events {numbers} have gaps or doubles"
        (acked,) = stage.query("select acked_seq from sweeps_job where public_id = ?", job)[0]
        if acked != len(numbers):
            yield f"job {job}: {acked} events are acknowledged, {len(numbers)} are kept"
        if (stage.witnessed / f"{job}.large").exists():
            large = sum(event["type"] == "log" and event["text"].startswith(LARGE) for event in events)
            if large != LARGE_LINES:
                yield f"job {job}: {large} lines of {LARGE_LINES} have arrived"
        finished = Counter((event["number"], event["attempt"]) for event in events if event["type"] == "trial_finished")
        for key, count in finished.items():
            if count > 1:
                yield f"attempt {key} ended {count} times"


def between(record: Record, logged: list[dict[str, Any]]) -> Iterator[str]:
    """The committed rows are those that the Trainer logged; of a killed attempt, the very last line may be missing.

    The rows of an attempt that goes on from a checkpoint begin with those that the earlier one has up to there.
    """
    told: dict[Key, Rows] = {}
    for line in logged:
        number, attempt = line["key"]
        told.setdefault((number, attempt), []).append((line["step"], line["values"]))
    journalled: dict[Key, Rows] = {}
    for events in record.events.values():
        for event in events:
            if event["type"] == "metrics":
                rows = journalled.setdefault((event["number"], event["attempt"]), [])
                rows.append((event["step"], event["values"]))
    for key in sorted(record.curves.keys() | told.keys() | journalled.keys()):
        committed = record.curves.get(key, [])
        before = _before(record, key)
        own = committed[len(before) :]
        rows = told.get(key, [])
        least = len(rows) - (record.attempts.get(key) != "complete")
        if committed[: len(before)] != before:
            yield f"attempt {key}: its curve does not begin with the {len(before)} rows before its checkpoint"
        elif own and not rows:
            yield f"attempt {key}: {len(own)} rows that nobody logged"
        elif own != rows[: len(own)] or len(own) < least:
            yield f"attempt {key} ({record.attempts.get(key, 'unknown')}): {len(own)} rows of {len(rows)}"
        if own != journalled.get(key, []):
            yield f"attempt {key}: the curve is not what the journal says"


def _before(record: Record, key: Key) -> Rows:
    """What the curve of a resumed attempt begins with."""
    if key not in record.resumed:
        return []
    earlier, step = record.resumed[key]
    return [row for row in record.curves.get((key[0], earlier), []) if row[0] <= step]


def checkpoints(record: Record) -> Iterator[str]:
    """Each attempt goes on from the last checkpoint of its trial that was told of, or a later one; on one runner none is out of reach.

    But those of an attempt that was lost and, as was heard too late, finished all the same: they went with its end.
    """
    events = [event for events in record.events.values() for event in events]
    finished = {(event["number"], event["attempt"]) for event in events if event["type"] == "trial_finished"}
    saved: dict[int, list[tuple[int, int]]] = {}
    for event in events:
        if event["type"] == "checkpoint_saved" and (event["number"], event["attempt"]) not in finished:
            saved.setdefault(event["number"], []).append((event["attempt"], event["step"]))
    for number, index in record.attempts:
        earlier = max((place for place in saved.get(number, []) if place[0] < index), default=None)
        resumed = record.resumed.get((number, index))
        late = any(key[0] == number and key[1] < index for key in finished)
        if earlier and not late and (resumed is None or resumed < earlier):
            yield f"attempt {(number, index)} goes on from {resumed}, though there is a checkpoint at {earlier}"


def _page(stage: Stage, sweep: str, record: Record) -> Iterator[str]:
    """The page shows each trial's counting curve, point for point: some at once, the others when they are chosen."""
    shown = stage.page(sweep)
    if shown["sweep"]["counted"] != record.n_trials:
        yield f"the page counts {shown['sweep']['counted']} trials"
    for name in ("loss", "eval_accuracy"):
        curves = {int(number): found[name]["value"] for number, found in shown["curves"].items() if name in found}
        curves |= stage.chosen(sweep, name, sorted(record.trials.keys() - curves.keys()))
        for number, trial in record.trials.items():
            if curves.get(number, []) != [row[name] for _, row in trial.curve if name in row]:
                yield f"trial {number}: the page shows another curve of {name}"


def _events(stage: Stage, job: str) -> Iterator[dict[str, Any]]:
    batches = stage.query(
        "select b.payload from sweeps_journalbatch b join sweeps_job j on b.job_id = j.id where j.public_id = ? order by b.first_seq",
        job,
    )
    for (payload,) in batches:
        yield from json.loads(zlib.decompress(payload))
