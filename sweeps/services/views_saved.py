"""Saved views of the table of trials, and the columns that a person keeps for a sweep."""

from django.db import IntegrityError, transaction

from sweeps.models import ChosenColumns, SavedView, Sweep
from sweeps.queries.table.filter.tokens import MOST_CHARACTERS as FILTER_LENGTH
from sweeps.queries.table.look import Look
from sweeps.validation.problems import Invalid, Problem
from teams.models import User

MOST_VIEWS = 200
"""Of one person in one team."""


@transaction.atomic
def save_view(*, sweep: Sweep, user: User, name: str, shared: bool, look: Look) -> SavedView:
    """A look at the table by name. One of the same name is replaced, where it is the person's own. `Invalid`."""
    name = " ".join(name.split())
    if not name or len(name) > 100 or not name.isprintable():
        raise Invalid([Problem("name", "A view needs a name of 1 to 100 characters.")])
    if len(look.q) > FILTER_LENGTH:
        raise Invalid([Problem("q", f"The filter has {len(look.q)} characters: {FILTER_LENGTH} at most.")])
    own = SavedView.objects.filter(team=sweep.team, user=user)
    if own.count() >= MOST_VIEWS:
        raise Invalid([Problem("name", f"You have {MOST_VIEWS} views: delete some first.")])
    values = {"q": look.q, "sort": look.sort[:300], "columns": list(look.columns), "pin": look.pin}
    view = own.filter(shared=shared, name=name).first()
    if view is None:
        view = SavedView(team=sweep.team, user=user, shared=shared, name=name)
    for field, value in values.items():
        setattr(view, field, value)
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError:
        raise Invalid(
            [Problem("name", f"The team has a view {name} of somebody else already: choose another name.")]
        ) from None
    return view


def keep_columns(*, sweep: Sweep, user: User, columns: list[str], pin: int) -> None:
    """Remember which columns the person wants for this sweep; the usual ones for none."""
    if not columns:
        ChosenColumns.objects.filter(sweep=sweep, user=user).delete()
        return
    ChosenColumns.objects.update_or_create(sweep=sweep, user=user, defaults={"columns": columns, "pin": pin})
