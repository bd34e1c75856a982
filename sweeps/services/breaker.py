"""The breaker: a runner that fails again and again by itself is taken out, and its trials go elsewhere.

Failures are kept on the runner until it succeeds once. A runner's row is never waited for while a sweep's is held (see
`locking`), so what a transaction has found out is written after its commit, and before the runner hears the answer.
"""

from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from runners.models import Runner
from runners.protocol.events import JobFinished
from runners.protocol.states import JobState, RunnerState
from runners.quarantine import quarantine, release
from runners.queries import runners_for
from runners.wake import send_wake
from sweeps.models import Attempt, Job, Sweep
from sweeps.queries.fleet import able_runners
from sweeps.queries.infrastructure import (
    CERTAIN,
    CRASHED,
    LOST,
    failed_elsewhere,
    fault_of_attempt,
    fault_of_job,
)
from sweeps.services.schedule import schedule

KEPT: Final = 20
TOGETHER_S: Final = 1.0
"""Processes that die within so short a time died of one thing."""


@dataclass(frozen=True)
class News:
    """A trial that ended well (`fault` is empty), or a fault of the runner. `t`: on the job's clock."""

    fault: str = ""
    message: str = ""
    t: float = 0.0


class Record:
    """What one transaction finds out about the job's runner. `close` has it written after the commit."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._news: list[News] = []

    def success(self) -> None:
        self._news.append(News())

    def crashed(self, message: str, t: float) -> None:
        """A training process died."""
        if not any(news.fault == CRASHED and t - news.t < TOGETHER_S for news in self._news):
            self._news.append(News(CRASHED, message, t))

    def excuses(self, attempt: Attempt, t: float) -> bool:
        """Whether a failed attempt is the runner's fault, so that its trial is tried again and does not count.

        A trial that has failed so on and on counts after all: nobody may be kept waiting for ever.
        """
        if not settings.BREAKER_FAILURES or self._job.runner_id is None:
            return False
        fault = fault_of_attempt(self._job, attempt)
        if not fault:
            return False
        self._news.append(News(fault, attempt.failure_message, t))
        before = Attempt.objects.filter(trial=attempt.trial_id, state="fail").exclude(index=attempt.index).count()
        return before < settings.BREAKER_FAILURES

    def close(self) -> None:
        """Have it written once the transaction is committed."""
        report(self._job, self._news)


def report(job: Job, news: list[News]) -> None:
    """Write down, after the commit, how the job's runner does. Nothing for a script's job, or with the breaker off."""
    runner = job.runner
    if not news or runner is None or not settings.BREAKER_FAILURES:
        return
    if not any(one.fault for one in news) and not runner.failures and not runner.half_open:
        return  # nearly always
    transaction.on_commit(lambda: _write(runner.pk, job, news))


def report_loss(job: Job) -> None:
    """The runner was not heard of until its lease ended."""
    report(job, [News(LOST, "Its lease on the sweep ended without a word from it.")])


def hands_over(job: Job, told: JobFinished) -> bool:
    """Whether a sweep whose job failed goes on elsewhere, or waits for it, since the runner is at fault; it is noted there.

    A process that dies may be the sweep's doing: that is found out on another runner, where there is one.
    """
    if job.runner is None or not settings.BREAKER_FAILURES:
        return False
    fault = fault_of_job(job, told.failure_code.value if told.failure_code else "", told.failure_message)
    if not fault:
        return False
    if fault != CRASHED:
        report(job, [News(fault, told.failure_message)])
        return True
    if failed_elsewhere(job.sweep, job.runner_id):
        transaction.on_commit(lambda: _absolve(job.sweep_id))
        return False
    others = {failure["sweep"] for failure in job.runner.failures} - {job.sweep.public_id}
    return bool(others) or _another(job.sweep, job.runner_id)


def _write(pk: int, job: Job, news: list[News]) -> None:
    with transaction.atomic():
        runner = Runner.objects.select_for_update().get(pk=pk)
        for one in news:
            if not one.fault:
                runner.failures, runner.half_open = [], False
                continue
            runner.failures = [*runner.failures, _failure(job, one)][-KEPT:]
        runner.save(update_fields=["failures", "half_open"])
        taken_out = runner.state != RunnerState.QUARANTINED.value and _is_broken(runner, job)
        if taken_out:
            quarantine(runner, _reason(runner))
    if taken_out:
        for live in Job.objects.filter(runner=runner, state=JobState.RUNNING.value):
            send_wake(runner, live.public_id)
        schedule()


def _failure(job: Job, news: News) -> dict[str, Any]:
    return {
        "sweep": job.sweep.public_id,
        "job": job.public_id,
        "fault": news.fault,
        "message": news.message.strip().split("\n")[0][:300],
        "at": timezone.now().isoformat(timespec="seconds"),
    }


def _is_broken(runner: Runner, job: Job) -> bool:
    failures = runner.failures
    if not failures or (len(failures) < settings.BREAKER_FAILURES and not runner.half_open):
        return False
    if any(failure["fault"] in CERTAIN for failure in failures) or len({failure["sweep"] for failure in failures}) > 1:
        return True
    # All are processes of one sweep that died: the runner is at fault unless the sweep is.
    return not failed_elsewhere(job.sweep, runner.pk) and _another(job.sweep, runner.pk)


def _reason(runner: Runner) -> str:
    last = runner.failures[-1]
    count = len(runner.failures)
    times = "A failure after it took part again" if runner.half_open and count == 1 else f"{count} failures in a row"
    said = f" The last one said: {last['message']}" if last["message"] else ""
    return f"{times}: {last['fault']}.{said}"


def _another(sweep: Sweep, runner_id: int | None) -> bool:
    """Whether a runner that is there could take the sweep instead."""
    # A little patience: a heartbeat may be late just now.
    others = [runner for runner in runners_for(sweep.team) if runner.pk != runner_id]
    return bool(able_runners(others, sweep, patience_s=settings.HEARTBEAT_S))


def _absolve(sweep_pk: int) -> None:
    """The sweep fails wherever it is done: runners that were taken out for it alone take part again."""
    public_id = Sweep.objects.values_list("public_id", flat=True).get(pk=sweep_pk)
    for runner in Runner.objects.filter(state=RunnerState.QUARANTINED.value):
        if runner.failures and all(
            failure["sweep"] == public_id and failure["fault"] == CRASHED for failure in runner.failures
        ):
            release(runner, half_open=False, reason="The sweep that it was taken out for fails on other runners too.")
