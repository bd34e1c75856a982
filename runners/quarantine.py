"""Taking a runner out that fails by itself, and letting it take part again."""

from django.db import transaction
from django.utils import timezone

from runners.heartbeat import silence_limit
from runners.models import Runner, RunnerAct
from runners.protocol.states import RunnerState
from runners.queries import runners_for
from teams.access import Right, may_in, roles_with
from teams.models import Membership, Team, User

FIELDS = ("state", "failures", "half_open", "quarantined_at", "quarantine_reason")


def quarantine(runner: Runner, reason: str) -> None:
    """Offer it nothing any more. The caller holds the runner's row."""
    runner.state = RunnerState.QUARANTINED.value
    runner.quarantined_at = timezone.now()
    runner.quarantine_reason = reason
    runner.half_open = False
    runner.save(update_fields=FIELDS)
    RunnerAct.objects.create(runner=runner, verb="quarantined", detail={"reason": reason})


def release(runner: Runner, *, half_open: bool, user: User | None = None, reason: str = "") -> bool:
    """Let it take part again. `half_open`: one more failure takes it out. False when it was not quarantined.

    `user`: who decided it; None where the server found its `reason` by itself.
    """
    with transaction.atomic():
        found = Runner.objects.select_for_update().get(pk=runner.pk)
        if found.state != RunnerState.QUARANTINED.value:
            return False
        heard = found.last_seen is not None and found.last_seen >= timezone.now() - silence_limit()
        found.state = RunnerState.ONLINE.value if heard else RunnerState.OFFLINE.value
        found.failures, found.quarantined_at, found.quarantine_reason = [], None, ""
        found.half_open = half_open
        found.save(update_fields=FIELDS)
        RunnerAct.objects.create(runner=found, user=user, verb="released", detail={"reason": reason} if reason else {})
    return True


def may_manage(user: User, runner: Runner) -> bool:
    """Whether the user decides about this runner: staff, and owners and admins of a team that it serves."""
    if user.is_staff:
        return True
    teams = Team.objects.filter(
        pk__in=Membership.objects.filter(user=user, role__in=roles_with(Right.MANAGE)).values("team")
    )
    served = set(runner.teams.values_list("pk", flat=True))
    return any(not served or team.pk in served for team in teams)


def quarantined_for(user: User, team: Team) -> list[Runner]:
    """The quarantined runners of the team, for those who decide about them; nothing for others."""
    if not (user.is_staff or may_in(user, team, Right.MANAGE)):
        return []
    return [runner for runner in runners_for(team) if runner.state == RunnerState.QUARANTINED.value]
