"""The auditor: silent about what is right, and each broken promise is named."""

import os
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import QuerySet
from django.utils import timezone

from runners.protocol.states import JobState
from sweeps.models import Artifact, Attempt, Job, JournalBatch, MetricChunk, Sweep, Trial
from sweeps.queries.audit import audit
from sweeps.services.artifacts import artifact_storage, store_bytes
from tests.factories import Cast
from tests.sweeps.talk import Talk, running_job


@pytest.fixture
def talk(cast: Cast) -> Talk:
    """A job in the middle of its third trial; the first is complete, the second was lost once and is complete now."""
    talk = running_job(cast.team, n_trials=4, data={"source": "hub", "id": "a/b"})
    talk.permits(count=3)
    talk.send(talk.event("job_started", versions={}, device="cpu"), *talk.whole_trial(0), talk.started(1))
    lost = {"child": "0", "exit_code": -9, "running": [[1, 1]], "message": "Killed."}
    talk.send(talk.metrics(1, 1, loss=2.0), talk.event("child_lost", **lost))
    talk.permits(2)
    talk.send(*talk.whole_trial(1, 0.7, attempt=2), talk.started(2), talk.metrics(2, 1, loss=1.0, grad_norm="nan"))
    talk.send(talk.metrics(2, 2, loss=0.5, eval_loss=3))
    return talk


def end(talk: Talk) -> None:
    talk.send(talk.finished(2, 0.6))
    talk.permits()
    talk.send(*talk.whole_trial(3), talk.ended())


def test_what_is_right_is_right_at_every_moment(talk: Talk) -> None:
    assert audit() == []
    end(talk)
    assert audit(at_rest=True) == []
    assert Sweep.objects.get().state == "complete"


def test_what_is_under_way_is_not_at_rest(talk: Talk) -> None:
    assert [finding.rule for finding in audit(at_rest=True)] == ["rest", "rest"]


def test_a_pruned_journal_leaves_nothing_to_compare_with(talk: Talk) -> None:
    end(talk)
    JournalBatch.objects.all().delete()
    assert audit() == []


def _first(rows: QuerySet[Any]) -> Any:
    return rows[0]


BREAKS: list[tuple[str, str, Callable[[], object]]] = [
    ("states", "its state is 'asleep'", lambda: Trial.objects.filter(number=0).update(state="asleep")),
    ("states", "none of its attempts is", lambda: Trial.objects.filter(number=0).update(state="pruned")),
    ("states", "not those of the attempt", lambda: Trial.objects.filter(number=0).update(values=[0.9])),
    ("states", "but its trial is waiting", lambda: Trial.objects.filter(number=2).update(state="waiting")),
    ("states", "its newest attempt is not", lambda: Attempt.objects.filter(trial__number=2).update(state="lost")),
    ("states", "but its job", lambda: Job.objects.update(state=JobState.LOST.value, finished_at=timezone.now())),
    ("states", "the sweep is complete", lambda: Sweep.objects.update(state="complete", finished_at=timezone.now())),
    ("states", "no job is on it", lambda: Job.objects.update(state=JobState.DONE.value, finished_at=timezone.now())),
    ("counts", "2 trials count, 1 were asked", lambda: Sweep.objects.update(n_trials=1)),
    ("counts", "complete with 2 of 4", lambda: Sweep.objects.update(state="complete", finished_at=timezone.now())),
    ("counts", "its best trial is 1", lambda: Sweep.objects.update(best_trial=Trial.objects.get(number=0))),
    ("counts", "it has the place 1", lambda: Trial.objects.update(finished_order=1)),
    ("curves", "has 1 rows, the journal 2", lambda: _first(MetricChunk.objects.order_by("-pk")).delete()),
    ("curves", "rows, not 7", lambda: MetricChunk.objects.update(rows=7)),
    ("journals", "event 1 is missing", lambda: _first(JournalBatch.objects.order_by("pk")).delete()),
    ("journals", "events are acknowledged", lambda: Job.objects.update(acked_seq=99)),
    ("journals", "which is not the job's", lambda: Attempt.objects.filter(trial__number=1, index=1).delete()),
    ("spaces", "of its space is not kept", lambda: Sweep.objects.update(space_version=2)),
]


@pytest.mark.parametrize(("rule", "message", "broken"), BREAKS, ids=[message for _, message, _ in BREAKS])
def test_a_broken_promise_is_named(talk: Talk, rule: str, message: str, broken: Callable[[], object]) -> None:
    broken()
    assert any(finding.rule == rule and message in finding.message for finding in audit()), audit()


def test_steps_that_go_back_and_rows_that_were_changed(talk: Talk) -> None:
    chunk = MetricChunk.objects.filter(attempt__trial__number=0).get()
    chunk.data["step"] = [2, 1]
    chunk.save()
    assert [finding.message[:32] for finding in audit()] == [
        "its curve goes back from step 2 ",
        "its curve has (2, 0.1, {'loss': ",
    ]


def test_files(cast: Cast) -> None:
    storage = artifact_storage()
    good, changed, lost = (store_bytes(team=cast.team, data=data) for data in (b"one", b"two", b"three"))
    assert audit() == []
    storage.delete(changed.storage_name)
    with storage.open(changed.storage_name, "wb") as file:
        file.write(b"ow!")
    storage.delete(lost.storage_name)
    found = {finding.where: finding.message for finding in audit()}
    assert found == {
        f"artifact {changed}": "its content is not what its name says.",
        f"artifact {lost}": "the store has lost it.",
    }
    assert len(audit(hashes=False)) == 1
    Artifact.objects.exclude(pk=good.pk).delete()
    storage.delete(changed.storage_name)
    old = (timezone.now() - timedelta(days=2)).timestamp()
    name = store_bytes(team=cast.team, data=b"nobody's").storage_name
    Artifact.objects.exclude(pk=good.pk).delete()
    assert audit() == []
    os.utime(storage.path(name), (old, old))
    assert [str(finding) for finding in audit()] == [f"orphans: stored file {name}: no row names it."]
    storage.delete(name)


def test_the_command(talk: Talk) -> None:
    out = StringIO()
    call_command("audit", stdout=out)
    assert out.getvalue() == "All is well in 1 sweeps and the artifact store.\n"
    Sweep.objects.update(n_trials=1)
    with pytest.raises(CommandError, match="findings in 1 sweeps") as refused:
        call_command("audit", stdout=out)
    assert refused.value.returncode == 1
    assert "2 trials count, 1 were asked for" in out.getvalue()
