"""Tags at sweeps. Every act says who and when, and stands on the sweep's timeline."""

from typing import Final

from django.db import transaction

from sweeps.models import Sweep, SweepTag
from sweeps.services.acts import note
from sweeps.services.marks import clean_tag
from sweeps.validation.problems import Invalid, Problem
from teams.models import User

MOST_TAGS: Final = 20
"""At one sweep."""


@transaction.atomic
def tag_sweep(*, sweep: Sweep, name: str, user: User) -> bool:
    """Put the tag at the sweep; False where it has it. `Invalid` for a name that is none, or one tag too many."""
    name = clean_tag(name)
    has = set(SweepTag.objects.filter(sweep=sweep).values_list("name", flat=True))
    if name in has:
        return False
    if len(has) >= MOST_TAGS:
        raise Invalid(
            [Problem("tags", f"{sweep.name} has {len(has)} tags, and can't have more: take one from it first.")]
        )
    _, made = SweepTag.objects.get_or_create(sweep=sweep, name=name, defaults={"user": user})
    if made:
        note(sweep, "tagged", user=user, tag=name)
    return made


@transaction.atomic
def untag_sweep(*, sweep: Sweep, name: str, user: User) -> bool:
    """Take the tag from the sweep; False where it has not got it."""
    name = clean_tag(name)
    gone, _ = SweepTag.objects.filter(sweep=sweep, name=name).delete()
    if gone:
        note(sweep, "untagged", user=user, tag=name)
    return bool(gone)
