"""Permits are exact."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runners.protocol.states import Wanted
from sweeps.models import Attempt, Sweep, Trial
from sweeps.services.control import cancel_sweep, stop_sweep
from sweeps.services.refusals import Fenced
from tests.factories import Cast, make_cast
from tests.sweeps.talk import Talk, running_job

pytestmark = pytest.mark.django_db


def numbers(talk: Talk, *holding: int, count: int = 1) -> list[int]:
    return [permit.number for permit in talk.permits(*holding, count=count).permits]


def test_a_lost_answer_costs_nothing(cast: Cast) -> None:
    talk = running_job(cast.team, n_trials=3)
    assert numbers(talk, count=2) == [0, 1]
    assert numbers(talk, count=2) == [0, 1]
    assert numbers(talk, 0, count=2) == [1, 2]
    assert numbers(talk, 0, 1, 2) == []
    assert Trial.objects.count() == 3


def test_a_returned_permit_is_given_again_under_the_same_number(cast: Cast) -> None:
    talk = running_job(cast.team, n_trials=2)
    talk.permits(count=2)
    talk.send(talk.event("permit_returned", number=0, attempt=1))
    (permit,) = talk.permits(1).permits
    assert (permit.number, permit.attempt, permit.params) == (0, 1, None)


def test_another_claim_gets_nothing(cast: Cast) -> None:
    talk = running_job(cast.team)
    with pytest.raises(Fenced):
        Talk(talk.job).permits()


@pytest.mark.parametrize(("verb", "wanted"), [(stop_sweep, Wanted.STOP), (cancel_sweep, Wanted.CANCEL)])
def test_nothing_is_given_to_a_stopped_sweep(cast: Cast, verb: Any, wanted: Wanted) -> None:
    talk = running_job(cast.team)
    talk.permits()
    talk.send(talk.started(0))
    verb(sweep=talk.sweep, user=cast.alice)
    answer = talk.permits(0)
    assert (answer.state, answer.wanted) == ("finished", wanted)


def test_nothing_is_given_after_the_timeout(cast: Cast) -> None:
    talk = running_job(cast.team, budget={"n_trials": 4, "timeout_s": 60.0})
    assert numbers(talk) == [0]
    Sweep.objects.update(started_at=timezone.now() - timedelta(seconds=61))
    assert talk.permits(0).state == "finished"
    talk.send(*talk.whole_trial(0), talk.ended())
    assert (talk.sweep.state, talk.sweep.counted()) == ("complete", 1)


def test_too_many_failures_end_the_sweep(cast: Cast) -> None:
    talk = running_job(cast.team, n_trials=9, budget={"n_trials": 9, "max_failed_trials": 1})
    talk.permits(count=4)
    talk.send(talk.started(0), talk.failed(0), talk.started(1), talk.started(2))
    assert talk.sweep.state == "running"
    answer = talk.send(talk.failed(1, message="No such column."))
    sweep = talk.sweep
    assert (answer.wanted, sweep.state, sweep.failure_code) == (Wanted.CANCEL, "fail", "too_many_failures")
    assert sweep.failure_message == "2 trials failed, and max_failed_trials is 1. The last one said: No such column."
    assert list(Trial.objects.values_list("state", flat=True)) == ["fail", "fail", "cancelled", "cancelled"]
    # The runner may still tell how the others ended; that changes nothing.
    talk.send(talk.finished(2), talk.started(3), talk.ended("released"))
    assert (talk.sweep.state, talk.fresh().state) == ("fail", "released")


STEPS = st.lists(st.tuples(st.sampled_from(["ask", "start", "finish", "fail", "lose", "return"]), st.integers(0, 9)))


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(n_trials=st.integers(1, 5), steps=STEPS)
def test_whatever_happens_exactly_n_trials_count(db: None, n_trials: int, steps: list[tuple[str, int]]) -> None:
    from django.db import transaction

    with transaction.atomic():
        _play(n_trials, steps)
        transaction.set_rollback(True)


class Game:
    """A runner that does one thing after another. `held`: permits; `begun`: running trials; number → attempt."""

    def __init__(self, n_trials: int) -> None:
        self.talk = running_job(make_cast().team, n_trials=n_trials)
        self.held: dict[int, int] = {}
        self.begun: dict[int, int] = {}

    def ask(self, count: int) -> str:
        answer = self.talk.permits(*self.held, *self.begun, count=max(1, count))
        for permit in answer.permits:
            assert permit.number not in {*self.held, *self.begun}
            self.held[permit.number] = permit.attempt
        return answer.state

    def act(self, step: str, pick: int) -> None:
        pool = self.held if step in {"start", "return"} else self.begun
        if step == "ask":
            self.ask(pick)
        elif pool:
            number = sorted(pool)[pick % len(pool)]
            self.talk.send(self.event(step, number, pool.pop(number)))

    def event(self, step: str, number: int, attempt: int) -> dict[str, Any]:
        talk = self.talk
        match step:
            case "start":
                self.begun[number] = attempt
                return talk.started(number, attempt)
            case "return":
                return talk.event("permit_returned", number=number, attempt=attempt)
            case "finish":
                return talk.finished(number, 0.5, attempt)
            case "fail":
                return talk.failed(number, attempt)
            case _:
                running = [[number, attempt]]
                return talk.event("child_lost", child="0", exit_code=-9, running=running, message="killed")


def _play(n_trials: int, steps: list[tuple[str, int]]) -> None:
    game = Game(n_trials)
    talk = game.talk
    for step, pick in steps:
        game.act(step, pick)
        assert talk.sweep.counted() + len(game.held) + len(game.begun) <= n_trials
    while game.ask(9) != "finished":
        while game.held:
            game.act("start", 0)
        while game.begun:
            game.act("finish", 0)
    talk.send(talk.ended())
    assert talk.sweep.counted() == n_trials
    assert talk.sweep.state in {"complete", "fail"}
    assert sorted(Trial.objects.filter(sweep=talk.sweep).values_list("number", flat=True)) == list(range(n_trials))


def test_a_trial_that_backed_off_waits_with_its_parameters_and_does_not_count(cast: Cast) -> None:
    talk = running_job(cast.team, n_trials=2)
    talk.permits(count=2)
    talk.send(talk.started(0, lr=0.01), talk.started(1, lr=0.02))
    talk.send(
        talk.event("packed", children=1, why="1 trial: one ran out of memory beside 1 other."),
        talk.event("attempt_backed_off", number=1, attempt=1, beside=1, message="Ran out of memory beside 1 other."),
    )
    attempt = Attempt.objects.get(trial__number=1)
    assert (attempt.state, attempt.failure_code) == ("lost", "oom")
    assert talk.sweep.counted() == 0
    assert talk.fresh().facts["packed"]["children"] == 1
    (again,) = talk.permits(0).permits
    assert (again.number, again.attempt, (again.params or {})["learning_rate"]) == (1, 2, 0.02)
    talk.send(talk.finished(0), talk.started(1, attempt=2, lr=0.02), talk.finished(1, attempt=2), talk.ended())
    assert (talk.sweep.state, talk.sweep.counted()) == ("complete", 2)
    assert not Trial.objects.filter(state="fail").exists()
