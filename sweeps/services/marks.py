"""What people write beside trials: tags, stars, notes. Every act says who and when, and stands on the sweep's timeline."""

from collections.abc import Collection, Iterable
from typing import Final, TypeVar

from django.db import transaction

from sweeps.models import Sweep, Trial, TrialNote, TrialStar, TrialTag
from sweeps.models.marks import NOTE_LENGTH, TAG_LENGTH
from sweeps.queries.rows import visible_trials
from sweeps.services.acts import note as note_act
from sweeps.validation.problems import Invalid, Problem
from teams.models import User

Item = TypeVar("Item")
MOST_TAGS: Final = 20
"""At one trial."""
NAMED: Final = 20
"""So many numbers an act names; of more it tells how many they were."""


def trials_of(sweep: Sweep, numbers: Collection[int]) -> list[Trial]:
    """The visible trials among these numbers."""
    # SQLite takes a limited number of parameters, so many numbers are looked up in Python.
    found = visible_trials(sweep).only("pk", "number")
    if len(numbers) <= 500:
        return list(found.filter(number__in=numbers))
    return [trial for trial in found if trial.number in numbers]


@transaction.atomic
def add_tag(*, sweep: Sweep, trials: Collection[Trial], name: str, user: User) -> int:
    """Put the tag at each that has it not yet; how many those were. `Invalid` for a name that is none."""
    name = clean_tag(name)
    has = set(TrialTag.objects.filter(trial__sweep=sweep, name=name).values_list("trial_id", flat=True))
    new = [trial for trial in trials if trial.pk not in has]
    TrialTag.objects.bulk_create(
        [TrialTag(trial=trial, name=name, user=user) for trial in new], batch_size=500, ignore_conflicts=True
    )
    _tell(sweep, user, "trials tagged", new, tag=name)
    return len(new)


@transaction.atomic
def remove_tag(*, sweep: Sweep, trials: Collection[Trial], name: str, user: User) -> int:
    """Take the tag from each that has it; how many those were."""
    pks = {trial.pk for trial in trials}
    tags = TrialTag.objects.filter(trial__sweep=sweep, name=clean_tag(name)).select_related("trial")
    gone = [tag for tag in tags if tag.trial_id in pks]
    for batch in _batches(gone):
        TrialTag.objects.filter(pk__in=[tag.pk for tag in batch]).delete()
    _tell(sweep, user, "trials untagged", [tag.trial for tag in gone], tag=clean_tag(name))
    return len(gone)


@transaction.atomic
def set_tags(*, trial: Trial, names: Iterable[str], user: User) -> None:
    """Exactly these tags."""
    wanted = {clean_tag(name) for name in names}
    if len(wanted) > MOST_TAGS:
        raise Invalid([Problem("tags", f"{len(wanted)} tags are too many for a trial: {MOST_TAGS} at most.")])
    has = set(TrialTag.objects.filter(trial=trial).values_list("name", flat=True))
    for name in sorted(wanted - has):
        add_tag(sweep=trial.sweep, trials=[trial], name=name, user=user)
    for name in sorted(has - wanted):
        remove_tag(sweep=trial.sweep, trials=[trial], name=name, user=user)


@transaction.atomic
def star_trials(*, sweep: Sweep, trials: Collection[Trial], starred: bool, user: User) -> int:
    """Give each the star, or take it; how many changed."""
    has = set(TrialStar.objects.filter(trial__sweep=sweep).values_list("trial_id", flat=True))
    changed = [trial for trial in trials if (trial.pk in has) != starred]
    if starred:
        stars = [TrialStar(trial=trial, user=user) for trial in changed]
        TrialStar.objects.bulk_create(stars, batch_size=500, ignore_conflicts=True)
    else:
        for batch in _batches(changed):
            TrialStar.objects.filter(trial__in=[trial.pk for trial in batch]).delete()
    _tell(sweep, user, "trials starred" if starred else "trials unstarred", changed)
    return len(changed)


@transaction.atomic
def write_note(*, trial: Trial, text: str, user: User) -> None:
    """The trial's note from now on; earlier ones are kept. Nothing for a text that stands there already."""
    text = text.replace("\r\n", "\n").strip()
    if len(text) > NOTE_LENGTH:
        raise Invalid([Problem("note", f"The note has {len(text)} characters: {NOTE_LENGTH} at most.")])
    if "\0" in text:
        raise Invalid([Problem("note", "A NUL character can't be stored: take it out.")])
    if text == note_of(trial):
        return
    TrialNote.objects.create(trial=trial, text=text, user=user)
    note_act(trial.sweep, "trial noted", user=user, number=trial.number, gone=not text)


def note_of(trial: Trial) -> str:
    """The note as Markdown, empty where there is none."""
    newest = TrialNote.objects.filter(trial=trial).order_by("-pk").first()
    return newest.text if newest else ""


def clean_tag(name: str) -> str:
    """The tag as it is stored: blanks put together. `Invalid` for none, a long one, or one that can't be shown."""
    name = " ".join(name.split())
    if not name:
        raise Invalid([Problem("tags", "A tag needs a name: write one, such as baseline.")])
    if len(name) > TAG_LENGTH:
        raise Invalid([Problem("tags", f"The tag has {len(name)} characters: {TAG_LENGTH} at most.")])
    if not name.isprintable() or '"' in name:
        raise Invalid(
            [Problem("tags", "A tag can't hold a double quote or a character that can't be shown: take it out.")]
        )
    return name


def _batches(items: list[Item], size: int = 500) -> Iterable[list[Item]]:
    return (items[first : first + size] for first in range(0, len(items), size))


def _tell(sweep: Sweep, user: User, verb: str, trials: list[Trial], **detail: object) -> None:
    if trials:
        numbers = sorted(trial.number for trial in trials)
        note_act(sweep, verb, user=user, count=len(numbers), numbers=numbers[:NAMED], **detail)
