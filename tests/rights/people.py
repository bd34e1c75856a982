"""Who knocks: each kind of person and program that the matrix has a column for."""

from collections.abc import Callable
from dataclasses import dataclass

from django.test import Client

from teams.models import Membership, Role, Scope, Team, User
from teams.tokens import make_token, revoke
from tests.factories import make_runner, make_team, make_user

PEOPLE = ("nobody", "stranger", "removed", "viewer", "member", "maker", "admin", "owner", "reader", "revoked", "runner")
"""`member` has not made the thing, `maker` has. `reader` is a program with the maker's token that only reads, `revoked` one
whose token was taken back, `runner` one with the token of a runner that serves the team."""


@dataclass(frozen=True)
class Crowd:
    """`team` has the things, and the stranger a team of its own."""

    team: Team
    users: dict[str, User]
    clients: dict[str, Client]


def crowd() -> Crowd:
    names = ("stranger", "removed", "viewer", "member", "maker", "admin", "owner")
    users = {name: make_user(f"{name}@example.org", name=name.title()) for name in names}
    team = make_team("Polyglots", **{role: users[role] for role in ("owner", "admin", "viewer")})
    for name in ("member", "maker", "removed"):
        Membership.objects.create(team=team, user=users[name], role=Role.MEMBER)
    make_team("Strangers", owner=users["stranger"])
    clients = {name: _signed_in(user) for name, user in users.items()}
    # A session from before, as with an open page.
    clients["removed"].get("/sweeps/")
    Membership.objects.filter(user=users["removed"]).delete()
    return Crowd(team, users, {"nobody": Client(), **clients, **_programs(team, users["maker"])})


def _signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _programs(team: Team, user: User) -> dict[str, Client]:
    _, reads = make_token(user=user, team=team, name="reads", scope=Scope.READ)
    ended, gone = make_token(user=user, team=team, name="gone", scope=Scope.ADMIN)
    revoke(ended)
    _, runner = make_runner("gpu-1", state="online")
    with_token: Callable[[str], Client] = lambda token: Client(headers={"authorization": f"Bearer {token}"})  # noqa: E731
    return {"reader": with_token(reads), "revoked": with_token(gone), "runner": with_token(runner)}
