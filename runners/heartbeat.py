"""What a runner says about itself, and what follows for its state."""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.utils import timezone

from runners.models import Runner
from runners.protocol.runner import Heartbeat, Hello
from runners.protocol.states import RunnerState
from runners.samples import keep_sample

MISSED: Final = 3
"""So many heartbeats may be missed before a runner counts as offline."""

SET_BY_PEOPLE: Final = frozenset({RunnerState.DRAINING, RunnerState.PAUSED, RunnerState.QUARANTINED})


def silence_limit() -> timedelta:
    """After so long without a word a runner is offline."""
    return timedelta(seconds=MISSED * settings.HEARTBEAT_S)


def say_hello(*, runner: Runner, hello: Hello) -> None:
    """Keep what a runner that has just started says; it is online unless a person decided otherwise."""
    runner.instance = hello.instance
    runner.slots = hello.slots
    runner.facts = hello.model_dump(mode="json", exclude={"instance", "protocol_version"})
    runner.load = {}
    runner.last_seen = timezone.now()
    runner.state = _reachable(runner)
    runner.refusal = ""
    runner.save(update_fields=["instance", "slots", "facts", "load", "last_seen", "state", "refusal"])


def turn_away(*, runner: Runner, why: str) -> None:
    """A runner that said hello is not taken; its page says why, as its own log does."""
    if runner.refusal != why:
        runner.refusal = why
        runner.save(update_fields=["refusal"])


def take_heartbeat(*, runner: Runner, heartbeat: Heartbeat) -> bool:
    """Keep what a runner is doing. False when this is not the instance that said hello last: it must say hello again."""
    if heartbeat.instance != runner.instance:
        return False
    runner.load = heartbeat.model_dump(mode="json", exclude={"instance"})
    runner.last_seen = timezone.now()
    runner.state = RunnerState.OFFLINE.value if heartbeat.stopping else _reachable(runner)
    runner.save(update_fields=["load", "last_seen", "state"])
    keep_sample(runner, heartbeat, runner.last_seen)
    return True


def mark_silent_offline(*, now: datetime | None = None) -> int:
    """Mark runners offline that have been silent too long. How many there were."""
    limit = (now or timezone.now()) - silence_limit()
    silent = Runner.objects.filter(state=RunnerState.ONLINE.value, last_seen__lt=limit)
    # Looked first, so that the timer takes no write lock each second for nothing.
    return silent.update(state=RunnerState.OFFLINE.value) if silent.exists() else 0


def _reachable(runner: Runner) -> str:
    return runner.state if runner.state in SET_BY_PEOPLE else RunnerState.ONLINE.value
