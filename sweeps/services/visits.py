"""When a person looked at a team's first page: what finished since then is news."""

from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone

from sweeps.models import HomeVisit
from teams.models import Team, User

VISIT: Final = timedelta(minutes=30)
"""Who has not looked for as long begins a new visit."""
WRITTEN: Final = timedelta(minutes=1)
"""An open page looks every few seconds; that is written down no more often than this."""
FIRST: Final = timedelta(days=1)
"""Who looks for the first time is told of so much."""


def look(*, user: User, team: Team, now: datetime | None = None) -> datetime:
    """Write the look down; since when things are news to the person."""
    now = now or timezone.now()
    visit, made = HomeVisit.objects.get_or_create(
        user=user, team=team, defaults={"looked_at": now, "since": now - FIRST}
    )
    if made:
        return visit.since
    if now - visit.looked_at > VISIT:
        visit.since = visit.looked_at
    if now - visit.looked_at > WRITTEN:
        visit.looked_at = now
        visit.save(update_fields=["looked_at", "since"])
    return visit.since


def mark_seen(*, user: User, team: Team, now: datetime | None = None) -> None:
    """Nothing up to now is news any more."""
    now = now or timezone.now()
    HomeVisit.objects.update_or_create(user=user, team=team, defaults={"looked_at": now, "since": now})
