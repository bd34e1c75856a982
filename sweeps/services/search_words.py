"""Keeping the index of parameter values, a little at a time."""

from typing import Final

from django.db.models import Count, F, Q

from runners.protocol.states import SweepState, TrialState
from sweeps.models import Sweep, SweepWords, Trial
from sweeps.queries.find.terms import packed

SWEEPS: Final = 200
TRIALS: Final = 5_000
"""So many sweeps, and about so many trials, are looked at in one go."""


def index_words(*, most_trials: int = TRIALS) -> bool:
    """Take up what is new in some sweeps, the newest first; whether there may be more to do.

    A sweep is looked at when its position has moved, and its trials are read only when there are more of them: the
    parameters of a trial that has begun don't change.
    """
    moved = (
        Sweep.objects.filter(Q(words__isnull=True) | ~Q(words__position=F("position")))
        .exclude(state=SweepState.DRAFT.value)
        .order_by("-pk")
        .values_list("pk", "position", "words__trials")[:SWEEPS]
    )
    stale = {pk: (position, trials or 0) for pk, position, trials in moved}
    begun = Trial.objects.exclude(state=TrialState.WAITING.value).filter(params__isnull=False)
    counts = dict(begun.filter(sweep__in=stale).order_by().values_list("sweep").annotate(Count("pk")))
    left = most_trials
    done: list[SweepWords] = []
    same: list[SweepWords] = []
    for pk, (position, known) in stale.items():
        many = counts.get(pk, 0)
        if many and many == known:
            same.append(SweepWords(sweep_id=pk, position=position))
            continue
        if left <= 0:
            break
        left -= many
        trials = begun.filter(sweep=pk).order_by("number").values_list("number", "params")
        data = packed((number, params or {}) for number, params in trials.iterator(1000))
        done.append(SweepWords(sweep_id=pk, position=position, trials=many, data=data))
    SweepWords.objects.bulk_update(same, ["position"])
    SweepWords.objects.bulk_create(
        done, update_conflicts=True, unique_fields=["sweep"], update_fields=["position", "trials", "data"]
    )
    return len(done) + len(same) < len(stale) or len(stale) == SWEEPS
