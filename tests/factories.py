"""The cast and their things. Alice owns the team, Bob is a member, Vera looks, Charlie is a stranger from another team."""

from dataclasses import dataclass
from itertools import count
from typing import Any

from runners.models import Runner, hash_token
from sweeps.models import Sweep
from teams.models import Membership, Role, Team, User

PASSWORD = "correct horse battery"
_counter = count(1)


def make_user(email: str = "", **fields: Any) -> User:
    """A user who can sign in with `PASSWORD`."""
    return User.objects.create_user(email or f"user{next(_counter)}@example.org", PASSWORD, **fields)


def make_team(name: str = "", **members: User) -> Team:
    """A team; keywords are roles: `make_team(owner=alice, member=bob)`."""
    team = Team.objects.create(name=name or f"Team {next(_counter)}")
    for role, user in members.items():
        Membership.objects.create(team=team, user=user, role=Role(role))
    return team


def make_runner(name: str = "", token: str = "", **fields: Any) -> tuple[Runner, str]:
    """A runner and its token."""
    runner = Runner(name=name or f"runner {next(_counter)}", **fields)
    if token:
        runner.token_hash = hash_token(token)
    else:
        token = runner.new_token()
    runner.save()
    return runner, token


def make_sweep(team: Team, **fields: Any) -> Sweep:
    """A draft, which the team's member has made where it has one."""
    maker = User.objects.filter(memberships__team=team, memberships__role=Role.MEMBER).first()
    usual = {"name": f"Sweep {next(_counter)}", "n_trials": 8, "created_by": maker}
    return Sweep.objects.create(team=team, **{**usual, **fields})


@dataclass(frozen=True)
class Cast:
    """Alice owns `team`, Bob is a member, Vera a viewer; Charlie owns `other` and is nobody here."""

    team: Team
    alice: User
    bob: User
    vera: User
    other: Team
    charlie: User


def make_cast() -> Cast:
    alice, bob, vera, charlie = (
        make_user(f"{name}@example.org", name=name.title()) for name in ("alice", "bob", "vera", "charlie")
    )
    team = make_team("Polyglots", owner=alice, member=bob, viewer=vera)
    return Cast(team, alice, bob, vera, make_team("Strangers", owner=charlie), charlie)
