"""Keeping a comparison by name."""

from collections.abc import Sequence

from django.db import IntegrityError, transaction

from sweeps.models import Comparison, Trial
from sweeps.models.marks import NOTE_LENGTH
from sweeps.queries.compare.address import Asked
from sweeps.validation.problems import Invalid, Problem
from teams.models import User

MOST_KEPT = 1000
"""Of one team."""


@transaction.atomic
def save_comparison(*, user: User, name: str, note: str, asked: Asked, trials: Sequence[Trial]) -> Comparison:
    """Keep it for the team of its trials. One of the same name is replaced, where it is the person's own. `Invalid`.

    `trials`: those of `asked`, with their sweeps; the caller has seen that the person may write in their team.
    """
    name, note = " ".join(name.split()), note.replace("\r\n", "\n").strip()
    if not name or len(name) > 100 or not name.isprintable():
        raise Invalid([Problem("name", "A comparison needs a name of 1 to 100 characters.")])
    if len(note) > NOTE_LENGTH or "\0" in note:
        raise Invalid([Problem("note", f"The note has {len(note)} characters: {NOTE_LENGTH} at most.")])
    if not trials:
        raise Invalid([Problem("trials", "There is no trial to compare.")])
    team = trials[0].sweep.team
    if any(trial.sweep.team_id != team.pk for trial in trials):
        raise Invalid(
            [Problem("trials", "The trials are of several teams, so neither team could look at all of them.")]
        )
    if Comparison.objects.filter(team=team).count() >= MOST_KEPT:
        raise Invalid([Problem("name", f"The team has {MOST_KEPT} comparisons: delete some first.")])
    kept = Comparison.objects.filter(team=team, user=user, name=name).first()
    kept = kept or Comparison(team=team, user=user, name=name)
    kept.note, kept.query = note, asked.query()
    try:
        with transaction.atomic():
            kept.save()
    except IntegrityError:
        words = f"The team has a comparison {name} of somebody else already: choose another name."
        raise Invalid([Problem("name", words)]) from None
    return kept
