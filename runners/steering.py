"""What admins do with runners: each act once, written down, whoever asks (page, API, administration).

A runner's own jobs follow: `sweeps.services.wanted` tells those of a draining one to hand over.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from runners.heartbeat import silence_limit
from runners.labels import BadLabel, clean_labels
from runners.models import Runner, RunnerAct
from runners.protocol.states import RunnerState
from runners.quarantine import release as release_quarantine
from runners.wake import send_wake
from teams.access import Right, roles_with
from teams.models import Membership, Team, User

MOST_SLOTS: Final = 1024
FINISH: Final = "finish"
CHECKPOINT: Final = "checkpoint"


class ActRefused(Exception):
    """The act does not fit the runner; the text is a sentence. `field`: of what was given, if it is to blame."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


def may_keep(user: User, runner: Runner) -> bool:
    """Whether the user decides about its token, its labels, and whether it stays: staff, and who manages all of its teams."""
    if user.is_staff:
        return True
    teams = set(runner.teams.values_list("pk", flat=True))
    managed = Membership.objects.filter(user=user, role__in=roles_with(Right.MANAGE), team__in=teams)
    return bool(teams) and managed.count() == len(teams)


def register(*, name: str, teams: Iterable[Team], user: User | None, labels: Iterable[str] = ()) -> tuple[Runner, str]:
    """A new runner and its token, which is told this once. `teams`: none is all."""
    name = name.strip()
    if not 1 <= len(name) <= 100:
        raise ActRefused("Give a name of 1 to 100 characters.", "name")
    found = _labels(labels)
    with transaction.atomic():
        if Runner.objects.filter(name=name, removed_at=None).exists():
            raise ActRefused(
                "A runner with this name exists: choose another name, or give that one a new token.", "name"
            )
        runner = Runner(name=name, labels=found)
        token = runner.new_token()
        runner.save()
        runner.teams.set(teams)
        _note(runner, user, "registered")
    return runner, token


def rotate(*, runner: Runner, user: User | None) -> str:
    """A new token, which is told this once; the old one stops working."""
    with transaction.atomic():
        found = _lock(runner)
        token = found.new_token()
        found.save(update_fields=["token_hash", "token_made_at", "token_revoked_at"])
        _note(found, user, "token")
    return token


def revoke(*, runner: Runner, user: User | None) -> None:
    """Its token stops working: the process ends at its next word, and what it ran goes elsewhere once its lease is over."""
    with transaction.atomic():
        found = _lock(runner)
        if found.token_revoked_at is None:
            found.revoke_token()
            found.save(update_fields=["token_hash", "token_revoked_at"])
            _note(found, user, "revoked")


def pause(*, runner: Runner, user: User | None) -> None:
    """It gets nothing new; what it runs goes on."""
    _take_out(runner, user, RunnerState.PAUSED, "")


def drain(*, runner: Runner, user: User | None, leave: str = FINISH) -> None:
    """It gets nothing new and hands its sweeps over: running trials `finish` first, or leave at a `checkpoint`."""
    if leave not in {FINISH, CHECKPOINT}:
        raise ActRefused("Say whether trials finish or leave at a checkpoint: finish, checkpoint.", "leave")
    _take_out(runner, user, RunnerState.DRAINING, leave)


def resume(*, runner: Runner, user: User | None) -> None:
    """It takes part again after a pause or a drain. A quarantined one: `release`."""
    with transaction.atomic():
        found = _lock(runner)
        if found.state == RunnerState.QUARANTINED.value:
            raise ActRefused(f"{found.name} is quarantined: release it, once the machine is mended.")
        if found.state not in {RunnerState.PAUSED.value, RunnerState.DRAINING.value}:
            return
        before, found.state, found.leave = found.state, _reachable(found), ""
        found.save(update_fields=["state", "leave"])
        _note(found, user, "resumed", before=before)
    _wake(found)


def release(*, runner: Runner, user: User | None) -> None:
    """Let a quarantined one take part again; one more failure takes it out."""
    release_quarantine(runner, half_open=True, user=user)


def edit(
    *, runner: Runner, user: User | None, labels: Iterable[str] | None = None, slots_limit: int | None = -1
) -> None:
    """Change what is given. `slots_limit`: None is no limit. What runs already goes on."""
    with transaction.atomic():
        found = _lock(runner)
        before = {"labels": found.labels, "slots_limit": found.slots_limit}
        if labels is not None:
            found.labels = _labels(labels)
        if slots_limit is None or slots_limit >= 0:
            if slots_limit is not None and slots_limit > MOST_SLOTS:
                raise ActRefused(f"The most is {MOST_SLOTS} slots.", "slots_limit")
            found.slots_limit = slots_limit
        after = {"labels": found.labels, "slots_limit": found.slots_limit}
        if after != before:
            found.save(update_fields=["labels", "slots_limit"])
            _note(found, user, "edited", before=before, after=after)


def remove(*, runner: Runner, user: User | None) -> None:
    """It is shown no more and its token stops working; what it did keeps its name. Refused while it has a job."""
    with transaction.atomic():
        found = _lock(runner)
        if found.load.get("jobs") and found.state != RunnerState.OFFLINE.value and _heard(found):
            raise ActRefused(f"{found.name} is at work: drain it first, or kill its jobs.")
        found.revoke_token()
        found.removed_at = timezone.now()
        found.state = RunnerState.OFFLINE.value
        found.save(update_fields=["token_hash", "token_revoked_at", "removed_at", "state"])
        _note(found, user, "removed")


VERBS: Final[Mapping[str, Callable[[Runner, User | None], None]]] = {
    "pause": lambda runner, user: pause(runner=runner, user=user),
    "drain": lambda runner, user: drain(runner=runner, user=user),
    "drain-checkpoint": lambda runner, user: drain(runner=runner, user=user, leave=CHECKPOINT),
    "resume": lambda runner, user: resume(runner=runner, user=user),
    "release": lambda runner, user: release(runner=runner, user=user),
}
"""Acts without further questions, for a selection too."""


@dataclass
class Report:
    """`done`: public ids. `refused`: public id → why."""

    done: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)


def for_runners(*, verb: str, runners: Iterable[Runner], user: User) -> Report:
    """One act for several, each by itself."""
    report = Report()
    for runner in runners:
        try:
            VERBS[verb](runner, user)
        except ActRefused as error:
            report.refused[runner.public_id] = str(error)
        else:
            report.done.append(runner.public_id)
    return report


def _take_out(runner: Runner, user: User | None, state: RunnerState, leave: str) -> None:
    with transaction.atomic():
        found = _lock(runner)
        if found.state == RunnerState.QUARANTINED.value:
            raise ActRefused(f"{found.name} is quarantined, so it gets nothing already.")
        if (found.state, found.leave) == (state.value, leave):
            return
        before, found.state, found.leave = found.state, state.value, leave
        found.save(update_fields=["state", "leave"])
        _note(found, user, state.value, before=before, leave=leave)
    _wake(found)


def _wake(runner: Runner) -> None:
    """Have it ask at once what is wanted of its jobs; without, it would hear of it with its next batch."""
    for job in runner.load.get("jobs", ()):
        send_wake(runner, str(job.get("job", "")))


def _lock(runner: Runner) -> Runner:
    found = Runner.objects.select_for_update().get(pk=runner.pk)
    if found.removed_at is not None:
        raise ActRefused(f"{found.name} was removed.")
    return found


def _labels(labels: Iterable[str]) -> list[str]:
    try:
        return clean_labels(labels)
    except BadLabel as error:
        raise ActRefused(str(error), "labels") from None


def _heard(runner: Runner) -> bool:
    return runner.last_seen is not None and runner.last_seen >= timezone.now() - silence_limit()


def _reachable(runner: Runner) -> str:
    return RunnerState.ONLINE.value if _heard(runner) else RunnerState.OFFLINE.value


def _note(runner: Runner, user: User | None, verb: str, **detail: Any) -> None:
    RunnerAct.objects.create(runner=runner, user=user, verb=verb, detail=detail)
