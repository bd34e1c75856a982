"""A sweep has exactly the trials that were asked for, in an order, and its best is the best."""

from typing import Final

from django.utils import timezone

from runners.protocol.states import COUNTED_TRIAL, FINISHED_SWEEP, SweepState, TrialState, Wanted
from sweeps.models import Trial
from sweeps.queries.audit.finding import Finding, Findings
from sweeps.queries.audit.record import Record

RULE: Final = "counts"


def check_counts(record: Record) -> Findings:
    sweep, where = record.sweep, record.at()
    if sweep.state == SweepState.DRAFT.value:
        return
    counted = [trial for trial in record.trials if trial.state in COUNTED_TRIAL]
    if len(counted) > sweep.n_trials:
        yield Finding(RULE, where, f"{len(counted)} trials count, {sweep.n_trials} were asked for.")
    open_too = sum(trial.state != TrialState.CANCELLED.value for trial in record.trials)
    if open_too > sweep.n_trials:
        yield Finding(RULE, where, f"{open_too} trials count or may yet, {sweep.n_trials} were asked for.")
    if sweep.state == SweepState.COMPLETE.value and len(counted) < sweep.n_trials and not _may_end_early(record):
        yield Finding(RULE, where, f"it is complete with {len(counted)} of {sweep.n_trials} trials.")
    yield from _order(record, counted)
    yield from _best(record)


def _may_end_early(record: Record) -> bool:
    """A person or the search stopped it, or its time was over."""
    sweep = record.sweep
    if sweep.wanted != Wanted.RUN.value:
        return True
    if sweep.timeout_s is None or sweep.started_at is None:
        return False
    # The last trial may have ended after the time was over, never before.
    until = sweep.finished_at or timezone.now()
    return (until - sweep.started_at).total_seconds() >= sweep.timeout_s


def _order(record: Record, counted: list[Trial]) -> Findings:
    seen: dict[int, int] = {}
    for trial in counted:
        place = trial.finished_order
        if place is None:
            if not trial.stopped:
                yield Finding(RULE, record.at(trial), "it has ended without a place in finishing order.")
        elif place in seen:
            yield Finding(RULE, record.at(trial), f"it has the place {place} of trial {seen[place]}.")
        else:
            seen[place] = trial.number


def _best(record: Record) -> Findings:
    objectives = record.spec.get("objectives") or []
    if len(objectives) != 1:
        return
    sign = -1.0 if objectives[0].get("direction") == "maximize" else 1.0
    able = [trial for trial in record.trials if trial.state == TrialState.COMPLETE.value and trial.value is not None]
    best = min(able, key=lambda trial: (sign * (trial.value or 0.0), trial.number), default=None)
    told = record.sweep.best_trial_id
    if told != (best.pk if best else None):
        ended = record.sweep.state in FINISHED_SWEEP
        number = next((trial.number for trial in record.trials if trial.pk == told), None)
        yield Finding(
            RULE,
            record.at(),
            f"its best trial is {best.number if best else None}, but {number} is called so{'' if ended else ' so far'}.",
        )
