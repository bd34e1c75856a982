"""The timeline of a sweep."""

from typing import Any

from sweeps.models import Sweep, SweepAct
from teams.models import User


def note(sweep: Sweep, verb: str, *, user: User | None = None, **detail: Any) -> None:
    """Write down what a person, or (without `user`) the server, did to a sweep."""
    SweepAct.objects.create(sweep=sweep, user=user, verb=verb, detail=detail)
