"""How sweeps end."""

from typing import Any

import pytest

from runners.protocol.states import Wanted
from sweeps.models import Attempt, Job, SweepAct, Trial
from sweeps.queries.details import facts, frozen_spec
from sweeps.services.control import NotNow, cancel_sweep, stop_sweep
from sweeps.services.schedule import schedule
from tests.factories import Cast, make_sweep
from tests.sweeps.talk import Talk, online_runner, queued_sweep, running_job

pytestmark = pytest.mark.django_db


def states(talk: Talk) -> list[str]:
    return list(Trial.objects.filter(sweep=talk.sweep).order_by("number").values_list("state", flat=True))


def test_stop_lets_the_running_trial_finish(cast: Cast) -> None:
    talk = running_job(cast.team)
    talk.permits(count=2)
    talk.send(talk.started(0))
    stop_sweep(sweep=talk.sweep, user=cast.bob)
    assert talk.send(talk.event("permit_returned", number=1, attempt=1)).wanted == Wanted.STOP
    assert talk.sweep.state == "running"
    talk.send(talk.finished(0), talk.ended())
    assert (talk.sweep.state, talk.sweep.counted()) == ("complete", 1)
    acts = SweepAct.objects.filter(sweep=talk.sweep).values_list("verb", "user__name")
    assert list(acts) == [("claimed", None), ("stopped", "Bob"), ("complete", None)]


def test_stop_while_the_offer_is_out_withdraws_it(cast: Cast) -> None:
    sweep = queued_sweep(cast.team)
    online_runner()
    (job,) = schedule()
    stop_sweep(sweep=sweep, user=cast.alice)
    sweep.refresh_from_db()
    job.refresh_from_db()
    assert (sweep.state, job.state) == ("cancelled", "released")


@pytest.mark.parametrize("verb", [stop_sweep, cancel_sweep])
def test_the_runner_is_woken_to_hear_of_it(
    cast: Cast, verb: Any, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    talk = running_job(cast.team)
    woken: list[str] = []
    monkeypatch.setattr("sweeps.services.schedule.send_wake", lambda runner, job: woken.append(job))
    with django_capture_on_commit_callbacks(execute=True):
        verb(sweep=talk.sweep, user=cast.alice)
    assert woken == [talk.job.public_id]


def test_stop_between_two_jobs_completes_what_there_is(cast: Cast) -> None:
    talk = running_job(cast.team)
    talk.permits()
    talk.send(*talk.whole_trial(0), talk.ended("released"))
    assert talk.sweep.state == "queued"
    stop_sweep(sweep=talk.sweep, user=cast.alice)
    assert talk.sweep.state == "complete"


def test_cancel_ends_it_now(cast: Cast) -> None:
    talk = running_job(cast.team)
    talk.permits(count=3)
    talk.send(*talk.whole_trial(0), talk.started(1))
    cancel_sweep(sweep=talk.sweep, user=cast.bob)
    assert (talk.sweep.state, states(talk)) == ("cancelled", ["complete", "cancelled", "cancelled"])
    assert Attempt.objects.get(trial__number=1).state == "lost"
    assert talk.send().wanted == Wanted.CANCEL
    # What was under way meanwhile is kept and changes nothing.
    talk.send(talk.finished(1), talk.ended("released"))
    assert (talk.sweep.state, states(talk)) == ("cancelled", ["complete", "cancelled", "cancelled"])
    assert Attempt.objects.get(trial__number=1).state == "complete"
    act = SweepAct.objects.get(verb="cancelled")
    assert act.user == cast.bob
    assert cancel_sweep(sweep=talk.sweep, user=cast.bob).state == "cancelled"


@pytest.mark.parametrize("state", ["draft", "complete", "fail"])
def test_what_is_not_under_way_cannot_be_stopped(cast: Cast, state: str) -> None:
    sweep = make_sweep(cast.team, state=state)
    for verb in (stop_sweep, cancel_sweep):
        with pytest.raises(NotNow, match="nothing to"):
            verb(sweep=sweep, user=cast.alice)


def test_an_invalid_spec_fails_the_sweep_with_its_field(cast: Cast) -> None:
    talk = running_job(cast.team)
    talk.permits()
    talk.send(
        talk.event("permit_returned", number=0, attempt=1),
        talk.ended("fail", failure_code="invalid_spec", failure_message="No such model.", failure_field="model.id"),
    )
    sweep = talk.sweep
    assert (sweep.state, sweep.failure_code, sweep.failure_field) == ("fail", "invalid_spec", "model.id")
    assert (sweep.failure_message, talk.fresh().state) == ("No such model.", "fail")
    assert Job.objects.filter(state="offered").count() == 0


def test_a_sweep_whose_trials_all_failed_has_failed(cast: Cast) -> None:
    talk = running_job(cast.team, n_trials=2)
    talk.permits(count=2)
    talk.send(talk.started(0), talk.failed(0), talk.started(1), talk.failed(1, message="No memory."), talk.ended())
    assert talk.sweep.state == "fail"
    assert talk.sweep.failure_message == "All 2 trials failed. The last one said: No memory."


def test_one_good_trial_makes_a_sweep_complete(cast: Cast) -> None:
    talk = running_job(cast.team, n_trials=2)
    talk.permits(count=2)
    talk.send(talk.started(0), talk.failed(0), *talk.whole_trial(1), talk.ended())
    assert talk.sweep.state == "complete"


def test_a_trial_that_failed_before_its_parameters_were_drawn_counts(cast: Cast) -> None:
    talk = running_job(cast.team, n_trials=2)
    talk.permits(count=2)
    talk.send(talk.failed(0), *talk.whole_trial(1), talk.ended())
    assert (talk.sweep.state, talk.sweep.counted(), states(talk)) == ("complete", 2, ["fail", "complete"])


def test_a_job_that_ends_without_doing_anything_does_not_go_round_for_ever(cast: Cast) -> None:
    talk = running_job(cast.team)
    talk.send(talk.ended("done"))
    assert (talk.sweep.state, talk.sweep.failure_code) == ("fail", "protocol_error")


def test_the_next_job_gets_the_history_in_finishing_order(cast: Cast) -> None:
    talk = running_job(cast.team)
    talk.permits(count=2)
    first = talk.started(0)
    talk.send(first, *talk.whole_trial(1, "nan"), talk.finished(0, 0.5), talk.ended("released"))
    (job,) = schedule()
    history = Talk(job).claim().history
    assert [trial.number for trial in history] == [1, 0]
    assert str(history[0].values) == "(nan,)"
    assert (history[0].intermediate[0][0], history[1].values) == (2, (0.5,))
    assert history[1].params == {"learning_rate": 0.001}


def test_a_search_that_has_converged_completes_the_sweep_early(cast: Cast) -> None:
    talk = running_job(cast.team, n_trials=9)
    talk.permits(count=2)
    talk.send(*talk.whole_trial(0), talk.started(1))
    reason = "No more improvement is in sight after 1 complete trials."
    assert talk.send(talk.event("search_ended", reason=reason)).wanted == Wanted.STOP
    # What is at work trains to its end.
    assert talk.sweep.state == "running"
    talk.send(talk.finished(1), talk.ended())
    assert (talk.sweep.state, talk.sweep.counted()) == ("complete", 2)
    act = SweepAct.objects.get(sweep=talk.sweep, verb="converged")
    assert act.detail == {"reason": reason}
    assert ("Ended early", reason) in facts(talk.sweep, frozen_spec(talk.sweep))


def test_a_search_that_has_converged_changes_nothing_after_a_person_has_stopped_it(cast: Cast) -> None:
    talk = running_job(cast.team)
    talk.permits()
    talk.send(talk.started(0))
    stop_sweep(sweep=talk.sweep, user=cast.bob)
    assert talk.send(talk.event("search_ended", reason="Enough.")).wanted == Wanted.STOP
    assert not SweepAct.objects.filter(sweep=talk.sweep, verb="converged").exists()
