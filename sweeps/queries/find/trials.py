"""Trials by their notes and tags, and by the values of their parameters."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from sweeps.models import Sweep, SweepWords, Trial, TrialNote, TrialTag
from sweeps.queries.find.asked import Looked
from sweeps.queries.find.hits import Found, Hit, around
from sweeps.queries.find.terms import checksum, has, having
from sweeps.queries.listed.filter import having as sweep_having
from teams.models import Team

KIND, ICON = "Trials", "target"
READ = 500
"""So many sweeps' words are read at a time."""


def trials(teams: Sequence[Team], looked: Looked, most: int) -> Found:
    """The newest first. With values: one trial of each sweep that has such, and how many more there are."""
    return _by_values(teams, looked, most) if looked.pairs else _by_words(teams, looked.words, most)


def _by_words(teams: Sequence[Team], words: tuple[str, ...], most: int) -> Found:
    """Each word stands in the trial's note, or in one of its tags."""
    newer = TrialNote.objects.filter(trial=OuterRef("trial"), pk__gt=OuterRef("pk"))
    notes = TrialNote.objects.filter(~Exists(newer), trial__sweep__team__in=teams)
    tags = TrialTag.objects.filter(trial__sweep__team__in=teams)
    found: set[int] | None = None
    for word in words:
        ids = set(notes.filter(text__icontains=word).values_list("trial_id", flat=True))
        ids.update(tags.filter(name__icontains=word).values_list("trial_id", flat=True))
        found = ids if found is None else found & ids
        if not found:
            return Found(KIND, ICON, ())
    newest = sorted(found or (), reverse=True)
    rows = Trial.objects.filter(pk__in=newest[:most]).select_related("sweep__team").order_by("-pk")
    rows = rows.only("number", "state", "sweep__name", "sweep__public_id", "sweep__team__name")
    texts = dict(notes.filter(trial__in=newest[:most]).values_list("trial_id", "text"))
    tagged: dict[int, list[str]] = {}
    for pk, name in tags.filter(trial__in=newest[:most]).values_list("trial_id", "name"):
        if any(word.lower() in name.lower() for word in words):
            tagged.setdefault(pk, []).append(f"tag {name}")
    hits = [
        _hit(
            trial, teams, " · ".join(filter(None, [*tagged.get(trial.pk, ()), around(texts.get(trial.pk, ""), words)]))
        )
        for trial in rows
    ]
    return Found(KIND, ICON, tuple(hits), len(newest) > most)


def _by_values(teams: Sequence[Team], looked: Looked, most: int) -> Found:
    sums = [checksum(name, value) for name, value in looked.pairs]
    sweeps = Sweep.objects.filter(team__in=teams)
    for word in looked.words:
        sweeps = sweeps.filter(sweep_having(word))
    words = SweepWords.objects.filter(sweep__in=sweeps).order_by("-sweep_id").values_list("sweep_id", "data")
    hits: list[Hit] = []
    candidates: list[tuple[int, list[int]]] = []
    for pk, data in words.iterator(READ):
        numbers = having(bytes(data), sums)
        if numbers:
            candidates.append((pk, numbers))
        if len(candidates) > most:
            break
    newest = {pk: numbers[-1] for pk, numbers in candidates}
    asked = Q(*(Q(sweep=pk, number=number) for pk, number in newest.items()), _connector=Q.OR)
    rows: Any = Trial.objects.filter(asked).select_related("sweep__team") if newest else ()
    by_sweep = {trial.sweep_id: trial for trial in rows}
    for pk, numbers in candidates:
        trial = by_sweep.get(pk)
        # Another value may have the same checksum; it is one in four thousand millions.
        if trial is None or not all(has(trial.params or {}, name, value) for name, value in looked.pairs):
            continue
        more = len(numbers) - 1
        hits.append(
            _hit(trial, teams, f"and {more} more trial{'' if more == 1 else 's'} of this sweep" if more else "")
        )
    return Found(KIND, ICON, tuple(hits[:most]), len(hits) > most)


def _hit(trial: Trial, teams: Sequence[Team], says: str) -> Hit:
    sweep = trial.sweep
    return Hit(
        title=f"Trial {trial.number} of {sweep.name}",
        url=reverse("sweeps:trial", args=[sweep.public_id, trial.number]),
        says=says,
        state=trial.state,
        team=sweep.team.name if len(teams) > 1 else "",
    )
