"""The rows that a batch of events is about: loaded once, changed in memory, saved once."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Manager

from runners.protocol.events import AnyEvent, ChildLost, JobFinished, TrialEvent
from runners.protocol.states import AttemptState
from sweeps.models import Attempt, Job, MetricChunk, Sweep, Trial
from sweeps.queries.shapes import LogLine
from sweeps.services import breaker
from sweeps.services.columns import Columns
from sweeps.services.figures import Directions
from sweeps.services.log_caps import LogCaps
from sweeps.services.log_chunks import make_chunk
from sweeps.services.outcome import (
    ATTEMPT_FIELDS,
    OUTCOME_FIELDS,
    TRIAL_FIELDS,
    beats_best,
    is_finished,
    next_order,
)
from sweeps.services.publish import Change
from sweeps.services.refusals import BadEvent
from sweeps.services.resumed import stored_rows, weave

FEW: Final = 8
"""Up to so many rows are saved one by one: building one statement for several takes longer."""

Key = tuple[int, int]
"""An attempt: its trial's number and its index."""


class Ledger:
    """The batch's trials and attempts. `late`: the job has ended already, so its attempts are lost ones."""

    def __init__(self, job: Job, sweep: Sweep, events: tuple[AnyEvent, ...], sent_t: float, now: datetime) -> None:
        self.job = job
        self.sweep = sweep
        self.now = now
        self.late = job.state != "running"
        self.change = Change(sweep)
        self.directions = Directions(sweep.spec or {})
        self.ended: JobFinished | None = None
        self.logs: list[LogLine] = []
        self._sent_t = sent_t
        self.runner = breaker.Record(job)
        self._caps = LogCaps(job.facts)
        self._columns: dict[Key, Columns] = {}
        self._new: dict[Key, Attempt] = {}
        self._changed_attempts: dict[Key, set[str]] = {}
        self._changed_trials: dict[int, set[str]] = {}
        self._finished_attempts: list[Attempt] = []
        self._load(_numbers(events))

    def _load(self, numbers: set[int]) -> None:
        found = Trial.objects.filter(sweep=self.sweep, number__in=numbers) if numbers else Trial.objects.none()
        self.trials = {trial.number: trial for trial in found}
        by_pk = {trial.pk: trial for trial in self.trials.values()}
        self.attempts: dict[Key, Attempt] = {}
        self._newest: dict[int, int] = {}
        attempts = Attempt.objects.filter(trial__in=by_pk).select_related("job__runner").order_by("index")
        for attempt in attempts if by_pk else ():
            attempt.trial = by_pk[attempt.trial_id]
            self.attempts[attempt.trial.number, attempt.index] = attempt
            self._newest[attempt.trial.number] = attempt.index

    def wall(self, t: float) -> datetime:
        """The server's time of a moment on the job's clock."""
        return self.now - timedelta(seconds=max(0.0, self._sent_t - t))

    def trial(self, event: TrialEvent, path: str) -> Trial:
        """The event's trial; BadEvent when there is none."""
        trial = self.trials.get(event.number)
        if trial is None:
            raise BadEvent(f"{path}.number", f"trial {event.number} was never permitted.")
        return trial

    def attempt(self, event: TrialEvent, path: str) -> Attempt:
        """The event's attempt, which must be this job's and not have ended; BadEvent otherwise."""
        self.trial(event, path)
        attempt = self.attempts.get((event.number, event.attempt))
        if attempt is None or attempt.job_id != self.job.pk:
            raise BadEvent(
                f"{path}.attempt", f"attempt {event.attempt} at trial {event.number} was not begun by this job."
            )
        if attempt.state not in {AttemptState.RUNNING.value, AttemptState.LOST.value}:
            raise BadEvent(f"{path}.attempt", f"attempt {event.attempt} at trial {event.number} has ended already.")
        return attempt

    def add(self, attempt: Attempt) -> None:
        """A new attempt, begun in this batch."""
        key = key_of(attempt)
        self.attempts[key] = self._new[key] = attempt
        self._newest[key[0]] = max(self._newest.get(key[0], 0), attempt.index)

    def is_newest(self, attempt: Attempt) -> bool:
        """Whether no newer attempt at the trial has begun."""
        return self._newest[attempt.trial.number] == attempt.index

    def touch(self, attempt: Attempt, *fields: str) -> None:
        """These fields of the attempt changed (all, without a name); so do its trial's while this attempt may count."""
        self._changed_attempts.setdefault(key_of(attempt), set()).update(fields or ATTEMPT_FIELDS)

    def touch_trial(self, trial: Trial, *, shown: bool = True) -> None:
        """The trial changed; `shown`: its row too."""
        self._changed_trials.setdefault(trial.number, set()).update(TRIAL_FIELDS)
        if shown:
            self.change.trial(trial, self.attempts.get((trial.number, self._newest.get(trial.number, 0))))

    def end(self, attempt: Attempt) -> None:
        """The attempt has an outcome: its curve will not grow any more."""
        self._finished_attempts.append(attempt)
        self._caps.forget(attempt.trial.number)

    def columns(self, key: Key, seq: int) -> Columns:
        """Where the attempt's new metric rows go; `seq`: of the first one."""
        found = self._columns.get(key)
        if found is None:
            found = self._columns[key] = Columns(seq)
        return found

    def rows_of(self, attempt: Attempt) -> Columns:
        """All of the attempt's curve, with what this batch has added."""
        rows = stored_rows(attempt)
        new = self._columns.get(key_of(attempt))
        if new is not None:
            rows.extend(new.data())
        return rows

    def log(self, line: LogLine) -> None:
        """Keep an entry of the log, as far as its limits go."""
        kept = self._caps.admit(line)
        if kept is not None:
            self.logs.append(kept)

    def finish_trial(self, trial: Trial) -> None:
        """Give the trial its place in finishing order, and make it the sweep's best where it is."""
        if not hasattr(self, "_order"):
            self._order = next_order(self.sweep)
        trial.finished_order = self._order
        self._order += 1
        if beats_best(self.sweep, trial):
            self.sweep.best_trial = trial

    def save(self) -> None:
        """Write everything: a few statements, however many events there were."""
        if self._new:
            Attempt.objects.bulk_create(self._new.values())
        self._mirror()
        write_fields(
            Attempt.objects,
            {self.attempts[key]: fields for key, fields in self._changed_attempts.items() if key not in self._new},
        )
        write_fields(Trial.objects, {self.trials[number]: fields for number, fields in self._changed_trials.items()})
        self._save_columns()
        if self.logs:
            make_chunk(self.job, self.logs).save(force_insert=True)
            self.change.logs += [{**line, "job": self.job.public_id} for line in self.logs]
        if self.change.trials:
            self.sweep.save(update_fields=["best_trial"])

    def _mirror(self) -> None:
        """A running trial shows what its running attempt has so far."""
        for key, fields in self._changed_attempts.items():
            attempt = self.attempts[key]
            if attempt.state != AttemptState.RUNNING.value or not self.is_newest(attempt) or is_finished(attempt.trial):
                continue
            shared = fields.intersection(OUTCOME_FIELDS)
            for name in shared:
                setattr(attempt.trial, name, getattr(attempt, name))
            self._changed_trials.setdefault(key[0], set()).update(shared)

    def _save_columns(self) -> None:
        chunks = []
        for key, columns in self._columns.items():
            attempt = self.attempts[key]
            data = columns.data()
            chunks.append(MetricChunk(attempt=attempt, first_seq=columns.first_seq, rows=len(columns.step), data=data))
            if self.is_newest(attempt):
                self.change.points.append(
                    {
                        "number": key[0],
                        "attempt": key[1],
                        "step": columns.step,
                        "epoch": columns.epoch,
                        "t": columns.t,
                        "values": columns.values,
                    }
                )
        if chunks:
            MetricChunk.objects.bulk_create(chunks)
        join_chunks(self._finished_attempts)
        self._weave()

    def _weave(self) -> None:
        """Late news of an attempt belongs to those, too, that went on from its checkpoint."""
        told = {key for key in (*self._columns, *self._changed_attempts) if self.attempts[key].state == "lost"}
        for key in sorted(self.attempts) if told else ():
            later = self.attempts[key]
            if later.resumed_from is None or key in self._new or (key[0], later.resumed_from) not in told:
                continue
            weave(self.attempts[key[0], later.resumed_from], later, self.directions)
            told.add(key)
            if self.is_newest(later):
                trial = later.trial
                trial.intermediate, trial.last, trial.best = later.intermediate, later.last, later.best
                trial.save(update_fields=["intermediate", "last", "best"])


def key_of(attempt: Attempt) -> Key:
    return attempt.trial.number, attempt.index


def write_fields(table: Manager[Any], rows: Mapping[Any, set[str]]) -> None:
    """Save these fields of these rows of the table. One statement a row, or one for many."""
    if len(rows) <= FEW:
        for row, fields in rows.items():
            row.save(update_fields=fields)
        return
    every = sorted(set().union(*rows.values()))
    table.bulk_update(rows, every, batch_size=100)


def join_chunks(attempts: list[Attempt]) -> None:
    """One chunk for the whole curve of each attempt: it came in many, and will be read often."""
    by_attempt: dict[int, list[MetricChunk]] = {}
    for chunk in MetricChunk.objects.filter(attempt__in=attempts).order_by("first_seq") if attempts else ():
        by_attempt.setdefault(chunk.attempt_id, []).append(chunk)
    whole, obsolete = [], []
    for first, *later in by_attempt.values():
        if not later:
            continue
        columns = Columns(first.first_seq)
        for chunk in (first, *later):
            columns.extend(chunk.data)
        first.data, first.rows = columns.data(), len(columns.step)
        whole.append(first)
        obsolete += [chunk.pk for chunk in later]
    if whole:
        MetricChunk.objects.bulk_update(whole, ["data", "rows"])
        MetricChunk.objects.filter(pk__in=obsolete).delete()


def _numbers(events: tuple[AnyEvent, ...]) -> set[int]:
    numbers = {event.number for event in events if isinstance(event, TrialEvent)}
    for event in events:
        if isinstance(event, ChildLost):
            numbers |= {number for number, _ in event.running}
    return numbers
