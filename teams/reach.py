"""Whose things a user can reach. A program with a token reaches what its person does in the token's team only."""

from typing import Any

from django.contrib.auth.models import AnonymousUser

from teams.models import AccessToken, Team, User

Person = User | AnonymousUser


def token_of(user: Person) -> AccessToken | None:
    """With which a program acts as the user; None for the person."""
    return user.token if isinstance(user, User) else None


def teams_of(user: Person) -> list[Team]:
    """The teams that the user can reach, by name."""
    return list(Team.objects.filter(**within(user, "")).order_by("name", "pk"))


def within(user: Person, team: str) -> dict[str, Any]:
    """What to filter things by so that only those are left that the user can reach. `team`: the path to their team."""
    token = token_of(user)
    path = f"{team}__" if team else ""
    return {f"{path}memberships__user": user.pk} | ({f"{path}pk": token.team_id} if token else {})


def token_covers(user: Person, team: Team, scope: str) -> bool:
    """Whether nothing is against it but perhaps the person's role: True for a person, else what the token is for."""
    token = token_of(user)
    return token is None or (token.team_id == team.pk and token.covers(scope))
