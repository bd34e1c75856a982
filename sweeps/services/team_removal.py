"""A team's end."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from runners.protocol.states import SweepState
from sweeps.models import Dataset, Model, Sweep
from sweeps.queries.room import LIVE
from sweeps.services.control import NotNow
from sweeps.validation.problems import Problem, refuse
from teams.access import REFUSALS, Right, may_in
from teams.models import Membership, Team, User
from teams.sockets import ask_again


def team_counts(team: Team) -> dict[str, int]:
    """What goes with the team: `{"sweeps", "models", "datasets", "members"}`."""
    return {
        "sweeps": Sweep.objects.filter(team=team).count(),
        "models": Model.objects.filter(team=team).count(),
        "datasets": Dataset.objects.filter(team=team).count(),
        "members": Membership.objects.filter(team=team).count(),
    }


@transaction.atomic
def delete_team(*, team: Team, user: User, name: str) -> None:
    """Take the team away with everything that belongs to it. Owners only (PermissionDenied).

    NotNow while a sweep is under way, `Invalid` when the typed name is another. The files that then nothing names go with
    the hourly clearing.
    """
    team = Team.objects.select_for_update().get(pk=team.pk)
    if not may_in(user, team, Right.OWN):
        raise PermissionDenied(REFUSALS[Right.OWN])
    states = (SweepState.QUEUED.value, SweepState.RUNNING.value)
    under_way = team.sweeps.filter(state__in=states).exists() or team.sweeps.filter(jobs__state__in=LIVE).exists()
    if under_way:
        raise NotNow("Sweeps of the team are under way. Cancel them first.")
    if name.strip() != team.name.strip():
        refuse([Problem("name", f"Type the team's name, {team.name}, to delete it.")])
    people = list(Membership.objects.filter(team=team).values_list("user_id", flat=True))
    # A sweep points at its best trials, which go with it. One by one, so that few rows are in memory at a time.
    Sweep.objects.filter(team=team).update(best_trial=None, model_trial=None, model_folder=None)
    for sweep in Sweep.objects.filter(team=team):
        sweep.delete()
    team.delete()
    for person in people:
        ask_again(person)
