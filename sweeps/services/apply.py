"""What each kind of event changes. Everything here works on the ledger's rows in memory."""

from collections.abc import Callable
from typing import Any, Final, cast

from runners.protocol.events import (
    JOB_FAILED,
    RUNNER_STOPPED,
    AnyEvent,
    AttemptBackedOff,
    AttemptLeft,
    CheckpointSaved,
    ChildLost,
    JobFinished,
    JobPrepared,
    JobStarted,
    Log,
    Metrics,
    ModelSaved,
    Packed,
    ParamsChanged,
    PermitReturned,
    Reported,
    SearchEnded,
    SweepNamed,
    TrialFinished,
    TrialStarted,
)
from runners.protocol.states import AttemptState, FailureCode, TrialState, Wanted
from sweeps.models import Attempt, Trial
from sweeps.queries.shapes import LogLine
from sweeps.services.acts import note
from sweeps.services.figures import is_better, number_of, stored
from sweeps.services.ledger import Ledger
from sweeps.services.models_saved import save_model
from sweeps.services.outcome import begin_again, copy_outcome, is_finished, lose
from sweeps.services.refusals import BadEvent
from sweeps.services.resumed import copy_earlier

SERVICE_SWEEP: Final = "wandb_sweep"
"""Where a job's facts hold the id of the sweep on W&B."""


def apply_event(ledger: Ledger, event: AnyEvent, path: str) -> None:
    """Apply one event. `path`: where it stands in the request, `events.3`. Raises BadEvent."""
    if ledger.ended is not None:
        raise BadEvent(path, "an event after job_finished, which is a job's last.")
    handler = _HANDLERS.get(type(event))
    if handler is not None:
        handler(ledger, event, path)


def _job_started(ledger: Ledger, event: JobStarted, _path: str) -> None:
    ledger.job.facts |= {"versions": event.versions, "device": event.device}


def _job_prepared(ledger: Ledger, event: JobPrepared, _path: str) -> None:
    ledger.job.facts |= {"prepared": event.model_dump(mode="json", exclude={"seq", "t", "type"})}


def _sweep_named(ledger: Ledger, event: SweepNamed, _path: str) -> None:
    ledger.job.facts |= {SERVICE_SWEEP: event.id}


def _job_finished(ledger: Ledger, event: JobFinished, _path: str) -> None:
    ledger.ended = event


def _log(ledger: Ledger, event: Log, _path: str) -> None:
    entry = event.model_dump(include={"seq", "t", "number", "stream", "level", "text"})
    ledger.log(cast("LogLine", entry))


def _reported(ledger: Ledger, event: Reported, path: str) -> None:
    attempt = ledger.attempt(event, path)
    epoch = None if event.epoch is None else stored(event.epoch)
    attempt.intermediate.append([event.step, epoch, stored(event.value)])
    ledger.touch(attempt, "intermediate")


def _params_changed(ledger: Ledger, event: ParamsChanged, path: str) -> None:
    attempt = ledger.attempt(event, path)
    attempt.changes.append({"step": event.step, "params": event.params, "copied": event.copied})
    ledger.touch(attempt, "changes")
    trial = attempt.trial
    if ledger.is_newest(attempt) and not is_finished(trial):
        trial.params = event.params
        ledger.touch_trial(trial)


def _search_ended(ledger: Ledger, event: SearchEnded, _path: str) -> None:
    sweep = ledger.sweep
    if sweep.wanted == Wanted.RUN.value:
        sweep.wanted = Wanted.STOP.value
        sweep.save(update_fields=["wanted"])
        note(sweep, "converged", reason=event.reason)
        ledger.change.state = True


def _model_saved(ledger: Ledger, event: ModelSaved, path: str) -> None:
    attempt = ledger.attempts.get((event.number, event.attempt))
    if attempt is None:
        raise BadEvent(f"{path}.attempt", f"attempt {event.attempt} at trial {event.number} is not known.")
    save_model(job=ledger.job, attempt=attempt, files=event.files, path=path)
    ledger.change.state = True


def _metrics(ledger: Ledger, event: Metrics, path: str) -> None:
    attempt = ledger.attempt(event, path)
    values = {name: stored(value) for name, value in event.values.items()}
    epoch = None if event.epoch is None else stored(event.epoch)
    ledger.columns((event.number, event.attempt), event.seq).add(event.step, epoch, event.t, values)
    attempt.last.update(values)
    for name, value in event.values.items():
        direction = ledger.directions.of(name)
        if direction is not None:
            best = attempt.best.get(name)
            if is_better(value, None if best is None else number_of(best), direction):
                attempt.best[name] = value
    ledger.touch(attempt, "last", "best")


def _started(ledger: Ledger, event: TrialStarted, path: str) -> None:
    trial = ledger.trial(event, path)
    if (event.number, event.attempt) in ledger.attempts:
        raise BadEvent(f"{path}.attempt", f"attempt {event.attempt} at trial {event.number} has begun already.")
    attempt = _begin(ledger, trial, event, path)
    attempt.child = event.child
    attempt.optuna_number = event.optuna_number
    attempt.note = event.note
    if event.resumed_attempt is not None:
        _go_on(ledger, attempt, event, path)
    if is_finished(trial) or not ledger.is_newest(attempt):
        return
    # The parameters of a late start are kept too: they are what a re-granted trial must begin with.
    trial.params = event.params
    trial.seed = event.seed
    trial.optuna_number = event.optuna_number
    if not ledger.late:
        trial.state = TrialState.RUNNING.value
        copy_outcome(attempt, trial)
    ledger.touch_trial(trial)


def _go_on(ledger: Ledger, attempt: Attempt, event: TrialStarted, path: str) -> None:
    """The attempt's curve begins with what the earlier one had told up to its checkpoint."""
    earlier = ledger.attempts.get((event.number, event.resumed_attempt or 0))
    if earlier is None or earlier.index >= attempt.index:
        raise BadEvent(
            f"{path}.resumed_attempt", f"attempt {event.resumed_attempt} at trial {event.number} is not an earlier one."
        )
    attempt.resumed_from, attempt.resumed_step = earlier.index, event.resumed_step or 0
    rows = copy_earlier(earlier, ledger.rows_of(earlier), attempt, ledger.directions)
    if rows.step:
        ledger.columns((event.number, event.attempt), event.seq).extend(rows.data())


def _begin(ledger: Ledger, trial: Trial, event: TrialStarted | TrialFinished, path: str) -> Attempt:
    """A new attempt, where this job has had the permit for it."""
    if not _permitted(ledger, trial, event.attempt):
        raise BadEvent(
            f"{path}.attempt", f"attempt {event.attempt} at trial {event.number} was never permitted to this job."
        )
    attempt = Attempt(trial=trial, index=event.attempt, job=ledger.job, started_t=event.t)
    attempt.started_at = ledger.wall(event.t)
    if ledger.late:
        lose(attempt, ledger.now, "The runner's lease on the sweep had ended before the news of this attempt came.")
    ledger.add(attempt)
    return attempt


def _permitted(ledger: Ledger, trial: Trial, index: int) -> bool:
    mine = trial.granted_to_id == ledger.job.pk
    if ledger.late:
        # The grant itself is forgotten once the lease is lost. What another job was granted is not this one's.
        return index < trial.granted_attempt or (index == trial.granted_attempt and (mine or not trial.granted_to_id))
    # A trial may end while a permit for it is out: by a person's cancel, or by the late news of a lost attempt.
    return index == trial.granted_attempt and (mine or is_finished(trial))


def _finished(ledger: Ledger, event: TrialFinished, path: str) -> None:
    trial = ledger.trial(event, path)
    if (event.number, event.attempt) not in ledger.attempts:
        # It failed before its parameters were drawn.
        begun = _begin(ledger, trial, event, path)
        if not is_finished(trial) and ledger.is_newest(begun):
            trial.params = trial.params or {}
    attempt = ledger.attempt(event, path)
    attempt.state = AttemptState(event.state).value
    attempt.values = [stored(value) for value in event.values]
    attempt.duration_s = event.duration_s
    attempt.timings = event.timings
    attempt.last.update({name: stored(value) for name, value in event.metrics.items()})
    attempt.failure_code = event.failure_code.value if event.failure_code else ""
    attempt.failure_message = event.failure_message
    attempt.traceback = event.traceback
    attempt.finished_at = ledger.wall(event.t)
    ledger.touch(attempt)
    ledger.end(attempt)
    mine = trial.granted_to_id == ledger.job.pk
    if is_finished(trial) or not ledger.is_newest(attempt):
        if is_finished(trial) and mine:
            # A person took it out of the queue when its permit was out.
            trial.granted_to, trial.order = None, ""
            ledger.touch_trial(trial, shown=False)
        return  # another attempt counts, or none
    if event.state != "fail":
        ledger.runner.success()
    elif not ledger.late and ledger.runner.excuses(attempt, event.t):
        begin_again(trial)
        ledger.touch_trial(trial)
        return
    trial.state = TrialState(event.state).value
    trial.order, trial.stopped = "", event.stopped
    if mine:
        trial.granted_to = None
    copy_outcome(attempt, trial)
    ledger.finish_trial(trial)
    ledger.touch_trial(trial)


def _checkpointed(ledger: Ledger, event: CheckpointSaved, path: str) -> None:
    attempt = ledger.attempt(event, path)
    attempt.checkpoint_step, attempt.checkpoint_bytes = event.step, event.bytes
    ledger.touch(attempt, "checkpoint_step", "checkpoint_bytes")


def _left(ledger: Ledger, event: AttemptLeft, path: str) -> None:
    attempt = ledger.attempt(event, path)
    lose(attempt, ledger.wall(event.t), f"Left at a checkpoint (step {event.step}).", code="")
    ledger.touch(attempt)
    trial = attempt.trial
    if ledger.is_newest(attempt) and not is_finished(trial):
        begin_again(trial)
        ledger.touch_trial(trial)


def _backed_off(ledger: Ledger, event: AttemptBackedOff, path: str) -> None:
    attempt = ledger.attempt(event, path)
    lose(attempt, ledger.wall(event.t), event.message, FailureCode.OOM.value)
    ledger.touch(attempt)
    trial = attempt.trial
    if ledger.is_newest(attempt) and not is_finished(trial):
        begin_again(trial)
        ledger.touch_trial(trial)


def _packed(ledger: Ledger, event: Packed, _path: str) -> None:
    ledger.job.facts |= {"packed": {"children": event.children, "why": event.why}}
    ledger.change.state = True


def _returned(ledger: Ledger, event: PermitReturned, path: str) -> None:
    trial = ledger.trial(event, path)
    if (event.number, event.attempt) in ledger.attempts:
        raise BadEvent(
            f"{path}.attempt", f"attempt {event.attempt} at trial {event.number} has begun: it is not unused."
        )
    if trial.granted_to_id != ledger.job.pk or trial.granted_attempt != event.attempt:
        return  # taken back already
    trial.granted_to = None
    if is_finished(trial):
        trial.order = ""
    trial.granted_attempt -= 1
    ledger.touch_trial(trial, shown=False)


def _child_lost(ledger: Ledger, event: ChildLost, path: str) -> None:
    if event.message not in {RUNNER_STOPPED, JOB_FAILED}:
        ledger.runner.crashed(event.message, event.t)
    for place, (number, index) in enumerate(event.running):
        attempt = ledger.attempts.get((number, index))
        if attempt is None or attempt.job_id != ledger.job.pk:
            raise BadEvent(f"{path}.running.{place}", f"attempt {index} at trial {number} was not begun by this job.")
        if attempt.state != AttemptState.RUNNING.value:
            continue
        lose(attempt, ledger.wall(event.t), event.message, "crashed")
        ledger.touch(attempt)
        trial = attempt.trial
        if ledger.is_newest(attempt) and not is_finished(trial):
            begin_again(trial)
            ledger.touch_trial(trial)


# ChildStarted is missing on purpose: it is kept in the journal, and nothing follows from it.
_HANDLERS: Final[dict[type, Callable[[Ledger, Any, str], None]]] = {
    Metrics: _metrics,
    Log: _log,
    Reported: _reported,
    TrialStarted: _started,
    TrialFinished: _finished,
    CheckpointSaved: _checkpointed,
    AttemptLeft: _left,
    AttemptBackedOff: _backed_off,
    Packed: _packed,
    PermitReturned: _returned,
    ChildLost: _child_lost,
    ModelSaved: _model_saved,
    ParamsChanged: _params_changed,
    SearchEnded: _search_ended,
    JobStarted: _job_started,
    JobPrepared: _job_prepared,
    SweepNamed: _sweep_named,
    JobFinished: _job_finished,
}
