"""Sweeps whose trials a person's own script trains: opened, joined, asked for trials, told of them, left.

A process of the script is a job of source `script`. What it tells becomes events, which go through the same ingest as
a runner's. Everything here may be repeated: a permit that was not begun is given again, a trial that has ended stays.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from runners.protocol.base import Scalar, write_number
from runners.protocol.job import PermitRequest
from runners.protocol.script import ScriptSpec
from runners.protocol.states import FailureCode, JobState, SweepState, TrialState, Wanted
from sweeps.models import Attempt, Job, Sweep, Trial
from sweeps.services.acts import note
from sweeps.services.figures import number_of
from sweeps.services.finish import end_job
from sweeps.services.ingest import ingest
from sweeps.services.locking import lock_job, lock_sweep
from sweeps.services.permits import grant
from sweeps.services.publish import Change
from sweeps.services.wanted import is_over, wanted_of
from sweeps.validation.naming import MAX_NAME
from teams.models import Team, User

SILENCE_S: Final = 60.0
"""A script that is not heard of for so long is gone, unless a runner's lease is longer."""
TOLD: Final = "told"
"""Where a job's facts hold an end that was told and may yet be withdrawn."""
OPEN_ENDED: Final = 100_000
"""At most so many trials of a script that named no number."""

Propose = Callable[[Sweep, int], Mapping[str, Scalar] | None]
"""The sweep and a trial's number → its parameters, or None when there are no more. Quick: the sweep is locked."""


class Ended(Exception):
    """The sweep takes no more trials; the text is a sentence for people."""


@transaction.atomic
def open_script_sweep(*, team: Team, user: User | None, name: str, spec: ScriptSpec) -> Sweep:
    """A queued sweep that waits for its script: no runner is offered it."""
    n_trials = 0 if spec.open_ended else spec.budget.n_trials
    sweep = Sweep.objects.create(
        team=team,
        created_by=user,
        name=(name.strip() or "Script")[:MAX_NAME],
        state=SweepState.QUEUED.value,
        spec=spec.model_dump(mode="json"),
        n_trials=n_trials,
        timeout_s=spec.budget.timeout_s,
        queued_at=timezone.now(),
    )
    note(sweep, "started", user=user, client=spec.client)
    return sweep


@transaction.atomic
def join(*, sweep: Sweep, host: str, program: str = "", versions: Mapping[str, str] | None = None) -> Job:
    """A process of the script begins to work on the sweep. Ended for a sweep that takes no more trials.

    An open-ended sweep that was complete goes on.
    """
    sweep = lock_sweep(sweep.pk)
    change = Change(sweep, state=True)
    if sweep.wanted == Wanted.PAUSE.value:
        raise Ended("The sweep is paused. Resume it on its page first.")
    if is_over(sweep):
        if not (_open_ended(sweep) and sweep.state == SweepState.COMPLETE.value and sweep.wanted == Wanted.RUN.value):
            raise Ended(f"The sweep has ended ({sweep.state}). Make a new one.")
        sweep.finished_at = None
        note(sweep, "extended", host=host)
    now = timezone.now()
    sweep.state = SweepState.RUNNING.value
    sweep.started_at = sweep.started_at or now
    sweep.save(update_fields=["state", "started_at", "finished_at"])
    facts = {"host": host[:200], "program": program[:500], "versions": dict(versions or {}), "device": host[:200]}
    job = Job.objects.create(
        sweep=sweep,
        source="script",
        state=JobState.RUNNING.value,
        claim_id=uuid4().hex,
        claimed_at=now,
        space_version=sweep.space_version,
        lease_until=_lease(),
        facts=facts,
    )
    note(sweep, "claimed", job=job.public_id, runner=host[:200])
    change.publish()
    return job


@transaction.atomic
def note_program(*, job: Job, program: str) -> None:
    """Which script it is, when that is heard later."""
    _, job = lock_job(job)
    job.facts["program"] = program[:500]
    job.save(update_fields=["facts"])


def touch(job: Job) -> Wanted:
    """The script was heard of. What is wanted of it now: `run`, `stop` (finish what runs), `cancel` (end it)."""
    Job.objects.filter(pk=job.pk, state=JobState.RUNNING.value).update(lease_until=_lease())
    return wanted_of(Job.objects.select_related("sweep").get(pk=job.pk))


def next_trial(*, job: Job, propose: Propose, holding: Sequence[int] = ()) -> Trial | None:
    """A trial with its parameters, which the script may begin; None when there is none now.

    A trial that was given before, is not in `holding` and has not begun is given again. Ended when none will come.
    """
    with transaction.atomic():
        trial, ended = _next(job, propose, holding)
    if ended:
        raise Ended(ended)
    return trial


def _next(job: Job, propose: Propose, holding: Sequence[int]) -> tuple[Trial | None, str]:
    sweep, job = lock_job(job)
    if _open_ended(sweep):
        _widen(sweep, job)
    permits = grant(job=job, request=PermitRequest(claim_id=job.claim_id, holding=tuple(holding)))
    touch(job)
    if permits.state == "finished":
        return None, "The sweep takes no more trials."
    if not permits.permits:
        return None, ""
    trial = Trial.objects.get(sweep=sweep, number=permits.permits[0].number)
    if trial.params is None:
        proposed = propose(sweep, trial.number)
        if proposed is None:
            trial.delete()
            # The proposer has nothing left: the sweep ends with the trials it has.
            sweep.n_trials = _numbered(sweep)
            sweep.save(update_fields=["n_trials"])
            return None, "Every point of the sweep was tried."
        trial.params = dict(proposed)
        trial.save(update_fields=["params"])
    return trial, ""


def begin(*, job: Job, trial: Trial, child: str = "") -> None:
    """The trial's training begins. Again: no effect."""
    with transaction.atomic():
        _, job = lock_job(job)
        trial = Trial.objects.get(pk=trial.pk)
        if _attempt(job, trial) is not None or trial.granted_to_id != job.pk:
            return
        started = {
            "type": "trial_started",
            **_of(trial, trial.granted_attempt),
            "child": (child or job.facts.get("host") or "script")[:200],
            "params": trial.params or {},
            "seed": None,
        }
        _tell(job, started)


def report(
    *,
    job: Job,
    trial: Trial,
    step: int,
    values: Mapping[str, float],
    epoch: float | None = None,
    objective: float | None = None,
) -> None:
    """Metrics at a step; `objective` where the step is an evaluation of the sweep's first objective."""
    report_rows(job=job, trial=trial, rows=[(step, epoch, dict(values), objective)])


def report_rows(
    *, job: Job, trial: Trial, rows: Sequence[tuple[int, float | None, dict[str, float], float | None]]
) -> None:
    """Several of `report`'s: step, epoch, values, objective. Nothing happens for a trial that is not at work here."""
    with transaction.atomic():
        _, job = lock_job(job)
        attempt = _attempt(job, trial)
        if attempt is None or attempt.state != "running":
            return
        events: list[dict[str, Any]] = []
        for step, epoch, values, objective in rows:
            at = {**_of(trial, attempt.index), "step": step, "epoch": None if epoch is None else write_number(epoch)}
            if values:
                written = {name[:200]: write_number(value) for name, value in values.items()}
                events.append({"type": "metrics", **at, "values": written})
            if objective is not None:
                events.append({"type": "reported", **at, "value": write_number(objective)})
        if events:
            _tell(job, *events)


def finish(
    *,
    job: Job,
    trial: Trial,
    state: str,
    values: Sequence[float] = (),
    metrics: Mapping[str, float] | None = None,
    message: str = "",
) -> None:
    """The trial's end: `state` is complete, pruned or fail, `message` says why it failed. Again: no effect."""
    with transaction.atomic():
        _, job = lock_job(job)
        attempt = _attempt(job, trial)
        if attempt is not None and attempt.state != "running":
            return
        trial = Trial.objects.get(pk=trial.pk)
        if attempt is None and trial.granted_to_id != job.pk:
            return
        began = attempt.started_t if attempt else _now(job)
        finished: dict[str, Any] = {
            "type": "trial_finished",
            **_of(trial, attempt.index if attempt else trial.granted_attempt),
            "state": state,
            "values": [write_number(value) for value in values],
            "duration_s": max(0.0, _now(job) - began),
            "metrics": {name[:200]: write_number(value) for name, value in (metrics or {}).items()},
        }
        if state == TrialState.FAIL.value:
            finished |= {"failure_code": FailureCode.ERROR.value, "failure_message": message[:2000]}
        _tell(job, finished)


@transaction.atomic
def tell_outcome(
    *,
    job: Job,
    trial: Trial,
    state: str,
    values: Sequence[float] = (),
    metrics: Mapping[str, float] | None = None,
    message: str = "",
) -> None:
    """How the trial ends unless more is heard of it: see `settle_outcome`. The arguments are those of `finish`."""
    _, job = lock_job(job)
    job.facts[TOLD] = {
        "number": trial.number,
        "state": state,
        "values": [write_number(value) for value in values],
        "metrics": {name: write_number(value) for name, value in (metrics or {}).items()},
        "message": message,
        "at": _now(job),
    }
    job.save(update_fields=["facts"])


@transaction.atomic
def withdraw_outcome(*, job: Job) -> None:
    """The trial goes on after all."""
    _, job = lock_job(job)
    if job.facts.pop(TOLD, None) is not None:
        job.save(update_fields=["facts"])


@transaction.atomic
def hold_outcome(*, job: Job) -> None:
    """The trial's process is still there: an end that was told gets its whole time again."""
    _, job = lock_job(job)
    if TOLD in job.facts:
        job.facts[TOLD]["at"] = _now(job)
        job.save(update_fields=["facts"])


@transaction.atomic
def settle_outcome(*, job: Job, older_than_s: float = 0.0) -> bool:
    """Finish the trial as it was told, when that was so long ago. True when there was one."""
    _, job = lock_job(job)
    told = job.facts.get(TOLD)
    if told is None or _now(job) - told["at"] < older_than_s:
        return False
    del job.facts[TOLD]
    job.save(update_fields=["facts"])
    finish(
        job=job,
        trial=Trial.objects.get(sweep=job.sweep_id, number=told["number"]),
        state=told["state"],
        values=[number_of(value) for value in told["values"]],
        metrics={name: number_of(value) for name, value in told["metrics"].items()},
        message=told["message"],
    )
    return True


@transaction.atomic
def close(*, job: Job, message: str = "") -> None:
    """The process has left. Trials that it had begun wait for another one; those it never began go back."""
    sweep, job = lock_job(job)
    if job.state != JobState.RUNNING.value:
        return
    change = Change(sweep, state=True)
    lost = Attempt.objects.filter(job=job, state="running").exists()
    if _open_ended(sweep) and not lost:
        _forget_unbegun(sweep, job)
    end_job(job, change, state=JobState.LOST if lost else JobState.DONE, message=message)
    change.publish()


def _forget_unbegun(sweep: Sweep, job: Job) -> None:
    """What was proposed and never begun is no trial: nobody has asked for a number of them."""
    Trial.objects.filter(granted_to=job, state=TrialState.WAITING.value, attempts=None).delete()
    sweep.n_trials = _numbered(sweep)
    sweep.save(update_fields=["n_trials"])


def _widen(sweep: Sweep, job: Job) -> None:
    """Room for one more trial, unless one waits already or the sweep stops."""
    if sweep.wanted != Wanted.RUN.value or is_over(sweep):
        return
    waiting = Trial.objects.filter(sweep=sweep, state=TrialState.WAITING.value)
    if waiting.filter(granted_to=None).exists() or waiting.filter(granted_to=job).exists():
        return
    sweep.n_trials = min(OPEN_ENDED, _numbered(sweep) + 1)
    sweep.save(update_fields=["n_trials"])


def _numbered(sweep: Sweep) -> int:
    return Trial.objects.filter(sweep=sweep).exclude(state=TrialState.CANCELLED.value).count()


def _open_ended(sweep: Sweep) -> bool:
    return bool((sweep.spec or {}).get("open_ended"))


def _attempt(job: Job, trial: Trial) -> Attempt | None:
    """The job's own newest attempt at the trial."""
    return Attempt.objects.filter(job=job, trial_id=trial.pk).order_by("-index").first()


def _of(trial: Trial, attempt: int) -> dict[str, int]:
    return {"number": trial.number, "attempt": attempt}


def _tell(job: Job, *events: dict[str, Any]) -> None:
    """Hand events to ingest as the next batch. The job must be locked, so nobody else numbers events meanwhile."""
    now, first = _now(job), job.acked_seq + 1
    numbered = [{**event, "seq": first + place, "t": now} for place, event in enumerate(events)]
    batch = {"claim_id": job.claim_id, "first_seq": first, "sent_t": now, "events": numbered}
    ingest(job=job, body=json.dumps(batch, separators=(",", ":")).encode())
    touch(job)


def _now(job: Job) -> float:
    """Seconds since the job was claimed. The server's own clock: a script's is not known."""
    assert job.claimed_at is not None
    return max(0.0, (timezone.now() - job.claimed_at).total_seconds())


def _lease() -> Any:
    return timezone.now() + timedelta(seconds=max(SILENCE_S, settings.LEASE_S))
