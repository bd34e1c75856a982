"""Counting is exact, whatever people and machines do one after another."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from runners.protocol.states import FINISHED_TRIAL
from sweeps.models import Job, Sweep, Trial
from sweeps.queries.audit import audit_sweep
from sweeps.services.added_trials import enqueue_trial, retry_trial
from sweeps.services.amend import amend_budget, amend_space, extend_sweep
from sweeps.services.control import NotNow, stop_sweep
from sweeps.services.pausing import pause_sweep, resume_sweep
from sweeps.services.reap import reap
from sweeps.services.schedule import schedule
from sweeps.services.trial_orders import prune_trial, remove_trial, stop_trial
from sweeps.validation.amendment import RowChange
from sweeps.validation.problems import Invalid
from tests.factories import make_cast
from tests.sweeps.talk import Talk, online_runner, queued_sweep

PEOPLE = (
    *("pause", "checkpoint", "resume", "enqueue", "retry", "stop trial", "prune", "remove"),
    *("more", "fewer", "extend", "space", "stop"),
)
MACHINES = ("ask", "ask", "start", "start", "finish", "finish", "fail", "crash", "return", "leave", "end", "silence")
STEPS = st.lists(st.tuples(st.sampled_from(PEOPLE + MACHINES), st.integers(0, 9)), max_size=40)


class Game:
    """One sweep, people who steer it, and a runner that does one thing after another, job after job."""

    def __init__(self, n_trials: int) -> None:
        self.cast = make_cast()
        self.pk = queued_sweep(self.cast.team, n_trials).pk
        online_runner(slots=4)
        self.talk: Talk | None = None
        self.held: dict[int, int] = {}
        self.begun: dict[int, int] = {}
        self.high = 0.01

    @property
    def sweep(self) -> Sweep:
        return Sweep.objects.get(pk=self.pk)

    def do(self, step: str, pick: int) -> None:
        if step in PEOPLE:
            # A verb that does not fit says so and changes nothing.
            try:
                with transaction.atomic():
                    self.person(step, pick)
            except (NotNow, Invalid):
                pass
        else:
            self.machine(step, pick)
        self.check()

    def person(self, step: str, pick: int) -> None:
        sweep, user = self.sweep, self.cast.bob
        match step:
            case "pause" | "checkpoint":
                pause_sweep(sweep=sweep, user=user, checkpoint=step == "checkpoint")
            case "resume":
                resume_sweep(sweep=sweep, user=user)
            case "stop":
                # Seldom, for it ends the sweep.
                if pick == 0:
                    stop_sweep(sweep=sweep, user=user)
            case "enqueue":
                enqueue_trial(sweep=sweep, user=user, params={"learning_rate": 0.001 + pick / 10_000})
            case "more" | "fewer":
                amend_budget(sweep=sweep, user=user, n_trials=max(1, sweep.n_trials + (1 if step == "more" else -1)))
            case "extend":
                extend_sweep(sweep=sweep, user=user, n_trials=1 + pick % 3)
            case "space":
                self.high *= 1.5
                amend_space(sweep=sweep, user=user, changes={"learning_rate": RowChange(high=self.high)})
            case _:
                trials = list(Trial.objects.filter(sweep=sweep, params__isnull=False))
                if trials:
                    act: Any = {
                        "retry": retry_trial,
                        "stop trial": stop_trial,
                        "prune": prune_trial,
                        "remove": remove_trial,
                    }[step]
                    act(trial=trials[pick % len(trials)], user=user)

    def machine(self, step: str, pick: int) -> None:
        talk = self._job()
        if talk is None:
            return
        if step == "ask":
            self.ask(talk, 1 + pick % 3)
        elif step == "silence":
            Job.objects.filter(pk=talk.job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
            reap()
            self._forget()
        elif step == "end":
            self._end(talk, "released")
        else:
            pool = self.held if step in {"start", "return"} else self.begun
            if pool:
                number = sorted(pool)[pick % len(pool)]
                talk.send(self._event(talk, step, number, pool.pop(number)))

    def ask(self, talk: Talk, count: int) -> str:
        answer = talk.permits(*self.held, *self.begun, count=count)
        for permit in answer.permits:
            assert permit.number not in {*self.held, *self.begun}
            self.held[permit.number] = permit.attempt
        return answer.state

    def check(self) -> None:
        sweep = self.sweep
        used = Trial.objects.filter(sweep=sweep).exclude(state="cancelled").count()
        assert sweep.counted() <= used <= sweep.n_trials

    def play_out(self) -> None:
        """Resume what is paused, and let the runner work until the sweep has ended."""
        for _ in range(60):
            sweep = self.sweep
            if sweep.finished_at is not None:
                return
            if sweep.state == "paused" or sweep.wanted == "pause":
                resume_sweep(sweep=sweep, user=self.cast.bob)
            talk = self._job()
            if talk is None:
                continue
            self.ask(talk, 9)
            while self.held:
                self.machine("start", 0)
            while self.begun:
                self.machine("finish", 0)
            if self.ask(talk, 9) == "finished":
                self._end(talk, "done")
        raise AssertionError(f"The sweep does not end: {self.sweep.state}, {self.sweep.wanted}.")

    def _job(self) -> Talk | None:
        if self.talk is not None and self.talk.fresh().state == "running":
            return self.talk
        self._forget()
        schedule()
        offer = Job.objects.select_related("runner").filter(sweep=self.pk, state="offered").first()
        if offer is not None:
            self.talk = Talk(offer)
            self.talk.claim()
        return self.talk

    def _end(self, talk: Talk, state: str) -> None:
        """As the runner ends a job: what it holds goes back, then its last event."""
        events = [talk.event("permit_returned", number=number, attempt=at) for number, at in self.held.items()]
        talk.send(*events, talk.ended(state))
        self._forget()

    def _forget(self) -> None:
        self.talk, self.held, self.begun = None, {}, {}

    def _event(self, talk: Talk, step: str, number: int, attempt: int) -> dict[str, Any]:
        match step:
            case "start":
                self.begun[number] = attempt
                trial = Trial.objects.get(sweep=self.pk, number=number)
                return talk.started(number, attempt, params=trial.params or {"learning_rate": 0.001})
            case "return":
                return talk.event("permit_returned", number=number, attempt=attempt)
            case "finish":
                return talk.finished(number, 0.5, attempt)
            case "fail":
                return talk.failed(number, attempt)
            case "leave":
                return talk.event("attempt_left", number=number, attempt=attempt, step=0)
            case _:
                running = [[number, attempt]]
                return talk.event("child_lost", child="0", exit_code=-9, running=running, message="killed")


def _play(n_trials: int, steps: list[tuple[str, int]]) -> None:
    game = Game(n_trials)
    for step, pick in steps:
        game.do(step, pick)
    game.play_out()
    game.check()
    sweep = game.sweep
    states = set(Trial.objects.filter(sweep=sweep).values_list("state", flat=True))
    assert states <= {state.value for state in FINISHED_TRIAL}
    assert sweep.state in {"complete", "fail", "cancelled"}
    if sweep.wanted == "run":
        assert sweep.counted() == sweep.n_trials
    assert [str(finding) for finding in audit_sweep(sweep.pk)] == []


CHECKS = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
PHASES = [Phase.explicit, Phase.generate]
"""A game that fails is told as it is: to shrink one takes longer than to read it."""


@settings(max_examples=12, deadline=None, suppress_health_check=CHECKS, phases=PHASES)
@given(n_trials=st.integers(1, 4), steps=STEPS)
def test_exactly_the_asked_number_counts(db: None, n_trials: int, steps: list[tuple[str, int]]) -> None:
    with transaction.atomic():
        _play(n_trials, steps)
        transaction.set_rollback(True)


@pytest.mark.full
@pytest.mark.timeout(1800)
@settings(max_examples=400, deadline=None, suppress_health_check=CHECKS, phases=PHASES)
@given(n_trials=st.integers(1, 5), steps=STEPS)
def test_exactly_the_asked_number_counts_in_many_games(db: None, n_trials: int, steps: list[tuple[str, int]]) -> None:
    with transaction.atomic():
        _play(n_trials, steps)
        transaction.set_rollback(True)
