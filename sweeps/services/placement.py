"""Where and when a sweep is done: what it needs of a runner, and its priority. Both may change while it is under way."""

from typing import Final

from django.db import transaction

from runners.queries import runners_for
from sweeps.models import Sweep
from sweeps.services.acts import note
from sweeps.services.control import NotNow, under_way, withdraw_offer
from sweeps.services.locking import lock_sweep
from sweeps.services.publish import Change
from sweeps.services.schedule import schedule_on_commit
from sweeps.validation.problems import Problem, refuse
from sweeps.validation.requirements import Requirements, check_requirements
from teams.models import User

MOST: Final = 100
"""Priorities go from minus this to this; 0 is what every sweep begins with."""


@transaction.atomic
def place_sweep(
    *, sweep: Sweep, user: User | None, priority: int | None = None, requirements: Requirements | None = None
) -> Sweep:
    """Change what is given. An offer that no runner has taken goes back; a job that runs goes on where it is.

    NotNow for a sweep that is not under way. Whether the user may, the caller has asked: priorities are for admins.
    """
    sweep = lock_sweep(sweep.pk)
    under_way(sweep, "change")
    if sweep.spec and sweep.spec.get("source") == "script":
        raise NotNow("A person's own script trains here, so no runner is looked for.")
    before = {"priority": sweep.priority, "requirements": sweep.requirements}
    if priority is not None:
        refuse([] if abs(priority) <= MOST else [Problem("priority", f"Give a number from -{MOST} to {MOST}.")])
        sweep.priority = priority
    if requirements is not None:
        runners = {runner.public_id: runner.name for runner in runners_for(sweep.team)}
        refuse(check_requirements(requirements, runners))
        sweep.requirements = requirements.model_dump(mode="json", exclude_defaults=True)
    after = {"priority": sweep.priority, "requirements": sweep.requirements}
    if after == before:
        return sweep
    sweep.save(update_fields=["priority", "requirements"])
    note(sweep, "placed", user=user, before=before, after=after)
    if after["requirements"] != before["requirements"]:
        withdraw_offer(sweep, "What the sweep needs was changed.")
    Change(sweep, state=True).publish()
    schedule_on_commit()
    return sweep
