"""However batches are delivered, the sweep ends in the same state."""

from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sweeps.models import Attempt, JournalBatch, LogChunk, MetricChunk, Trial
from sweeps.services.refusals import Gap
from tests.factories import make_cast
from tests.sweeps.talk import Talk, running_job

pytestmark = pytest.mark.django_db

TRIAL = ["state", "params", "values", "value", "intermediate", "last", "best", "duration_s", "finished_order"]


def journal(talk: Talk) -> list[dict[str, Any]]:
    """A job's life: two trials, one of them lost in between, and their logs."""
    return [
        talk.event("job_started", versions={"torch": "2"}, device="cpu"),
        talk.started(0, lr=0.1),
        talk.metrics(0, 1, loss=2.0),
        talk.event("log", stream="stdout", text="one", number=0),
        talk.started(1, lr=0.2),
        talk.event("child_lost", child="0", exit_code=-9, running=[[0, 1]], message="killed"),
        talk.metrics(1, 1, loss="nan", eval_accuracy=0.5),
        talk.event("reported", number=1, attempt=1, step=1, value=0.5),
        talk.finished(1, 0.5),
        talk.event("log", stream="stderr", text="two", number=None),
    ]


def outcome(talk: Talk) -> dict[str, Any]:
    """All that a reader could see, without times and without how it came in parts."""
    chunks = MetricChunk.objects.filter(attempt__job=talk.job).order_by("attempt__trial__number", "first_seq")
    curves: dict[Any, list[Any]] = {}
    for chunk in chunks.select_related("attempt__trial"):
        data = chunk.data
        for name, values in data["values"].items():
            points = [(s, v) for s, v in zip(data["step"], values, strict=True) if v is not None]
            curves.setdefault((chunk.attempt.trial.number, chunk.attempt.index, name), []).extend(points)
    sweep = talk.sweep
    return {
        "sweep": (sweep.state, sweep.best_trial and sweep.best_trial.number),
        "trials": list(Trial.objects.filter(sweep=sweep).order_by("number").values_list("number", *TRIAL)),
        "attempts": list(
            Attempt.objects.filter(job=talk.job)
            .order_by("trial__number", "index")
            .values_list("trial__number", "index", "state", "values", "last", "failure_code")
        ),
        "curves": curves,
        "logs": [line for chunk in LogChunk.objects.filter(job=talk.job).order_by("first_seq") for line in chunk.lines],
        "seq": talk.fresh().acked_seq,
    }


def prepared() -> tuple[Talk, list[dict[str, Any]]]:
    talk = running_job(make_cast().team, n_trials=3)
    talk.permits(count=2)
    return talk, journal(talk)


def in_order() -> dict[str, Any]:
    talk, events = prepared()
    for event in events:
        talk.send(event)
    return outcome(talk)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(slices=st.lists(st.tuples(st.integers(0, 9), st.integers(1, 10)), max_size=12))
def test_any_order_of_delivery_ends_alike(db: None, slices: list[tuple[int, int]]) -> None:
    with transaction.atomic():
        wanted = in_order()
        transaction.set_rollback(True)
    with transaction.atomic():
        talk, events = prepared()
        for first, size in [*slices, (0, 10)]:
            known = talk.fresh().acked_seq
            part = events[first : first + size]
            if first > known:
                with pytest.raises(Gap, match=f"Event {known + 1} is next"):
                    talk.send(*part)
            else:
                talk.send(*part)
        assert outcome(talk) == wanted
        last = [batch.last_seq for batch in JournalBatch.objects.filter(job=talk.job)]
        assert last[-1] == len(events)
        transaction.set_rollback(True)
