"""A sweep's life, seen by the server's services."""

import pytest

from sweeps.models import Attempt, JournalBatch, MetricChunk, SweepAct, Trial
from sweeps.services.schedule import schedule
from tests.factories import Cast
from tests.sweeps.talk import Talk, online_runner, queued_sweep, running_job

pytestmark = pytest.mark.django_db


def test_a_sweep_from_its_queue_to_its_end(cast: Cast) -> None:
    sweep = queued_sweep(cast.team, n_trials=2)
    online_runner()
    (job,) = schedule()
    assert (job.state, job.sweep_id) == ("offered", sweep.pk)
    assert schedule() == []
    talk = Talk(job)
    claimed = talk.claim()
    assert (claimed.sweep, claimed.acked_seq, claimed.history) == (sweep.public_id, 0, ())
    assert talk.sweep.state == "running"

    permits = talk.permits(count=5)
    assert (permits.state, [permit.number for permit in permits.permits]) == ("granted", [0, 1])
    talk.send(talk.event("job_started", versions={"torch": "2"}, device="cpu"))
    talk.send(*talk.whole_trial(0, 0.75))
    assert talk.permits(1).state == "wait"
    talk.send(*talk.whole_trial(1, 0.5))
    assert talk.permits().state == "finished"
    answer = talk.send(talk.ended())
    assert (answer.acked_seq, answer.finished) == (talk.seq, True)

    sweep.refresh_from_db()
    assert (sweep.state, sweep.counted()) == ("complete", 2)
    assert sweep.finished_at is not None
    assert sweep.best_trial is not None
    assert (sweep.best_trial.number, sweep.best_trial.value) == (0, 0.75)
    trial = Trial.objects.get(sweep=sweep, number=0)
    assert trial.params == {"learning_rate": 0.001}
    assert trial.last == {"loss": 0.5, "learning_rate": 0.1, "eval_accuracy": 0.75}
    assert trial.best == {"loss": 0.5, "eval_accuracy": 0.75}
    assert trial.intermediate == [[2, 1.0, 0.75]]
    assert (trial.duration_s, trial.finished_order, trial.granted_to) == (2.0, 1, None)
    chunk = MetricChunk.objects.get(attempt__trial=trial)
    assert chunk.data["step"] == [1, 2]
    assert chunk.data["values"] == {"loss": [1.0, 0.5], "learning_rate": [0.1, None], "eval_accuracy": [None, 0.75]}
    assert JournalBatch.objects.filter(job=job).count() == 4
    assert list(SweepAct.objects.filter(sweep=sweep).values_list("verb", flat=True)) == ["claimed", "complete"]
    assert Attempt.objects.filter(state="complete").count() == 2


def test_a_lost_child_gives_its_trial_back_under_the_same_number(cast: Cast) -> None:
    talk = running_job(cast.team, n_trials=2)
    talk.permits()
    talk.send(talk.started(0, lr=0.25), talk.metrics(0, 1, loss=3.0))
    talk.send(talk.event("child_lost", child="0", exit_code=-9, running=[[0, 1]], message="killed"))
    trial = Trial.objects.get()
    assert (trial.state, trial.params, trial.granted_to, trial.last) == ("waiting", {"learning_rate": 0.25}, None, {})
    (permit,) = talk.permits().permits
    assert (permit.number, permit.attempt, permit.params, permit.lost_optuna_number) == (
        0,
        2,
        {"learning_rate": 0.25},
        0,
    )
    talk.send(*talk.whole_trial(0, 0.5, attempt=2))
    talk.permits(count=3)
    talk.send(*talk.whole_trial(1), talk.ended())
    assert (talk.sweep.state, talk.sweep.counted()) == ("complete", 2)
    assert [a.state for a in Attempt.objects.filter(trial=trial).order_by("index")] == ["lost", "complete"]
