"""The trials that a look at the table shows: a page of them, all of them, their numbers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from django.db.models import Prefetch, QuerySet

from sweeps.models import Attempt, Sweep, Trial, TrialNote, TrialTag
from sweeps.queries.rows import trial_row, visible_trials
from sweeps.queries.shapes import TrialRow
from sweeps.queries.table.columns import Column, Columns, columns_of
from sweeps.queries.table.filter.compile import compiled
from sweeps.queries.table.filter.parse import parse
from sweeps.queries.table.filter.problem import FilterProblem
from sweeps.queries.table.look import Look, shown
from sweeps.queries.table.order import USUAL, order_of, sorted_by

PER_PAGE: Final = 50


@dataclass(frozen=True)
class Row:
    """A trial with what people wrote beside it. `metrics` and `best`: by name, the last and the best."""

    trial: TrialRow
    tags: list[str] = field(default_factory=list)
    starred: bool = False
    note: str = ""
    metrics: dict[str, Any] = field(default_factory=dict)
    best: dict[str, Any] = field(default_factory=dict)
    seed: int | None = None
    origin: str = ""
    version: int = 1


@dataclass(frozen=True)
class Table:
    """`look`: as it was taken, its page the one that is shown. `total`: visible trials, `matching`: those of the filter.

    `problem`: what is wrong with the filter; then no row matches. `position`: the sweep's, which was read before.
    """

    columns: Columns
    shown: list[Column]
    look: Look
    sort: tuple[Column, bool]
    rows: list[Row]
    total: int
    matching: int
    pages: int
    position: int
    problem: FilterProblem | None = None


def matching(sweep: Sweep, q: str, columns: Columns) -> QuerySet[Trial]:
    """The visible trials that the filter finds, by number. FilterProblem."""
    node = parse(q)
    trials = visible_trials(sweep)
    return trials if node is None else trials.filter(compiled(node, columns))


def ordered(trials: QuerySet[Trial], look: Look, columns: Columns) -> QuerySet[Trial]:
    """In the order of the look, or the usual one where it names none of these columns."""
    column, descending = _sort(look, columns)
    return trials.order_by(*order_of(column, descending))


def table(sweep: Sweep, look: Look) -> Table:
    """The page of the table that a look asks for, or the last one. Some ten queries, however many trials.

    `sweep` is read anew, just before.
    """
    columns = columns_of(sweep)
    total = visible_trials(sweep).count()
    problem = None
    try:
        found = matching(sweep, look.q, columns)
        count = found.count() if look.q else total
    except FilterProblem as refused:
        problem, found, count = refused, visible_trials(sweep).none(), 0
    pages = max(-(-count // PER_PAGE), 1)
    page = min(look.page, pages)
    first = (page - 1) * PER_PAGE
    return Table(
        columns=columns,
        shown=shown(look, columns),
        look=replace(look, page=page),
        sort=_sort(look, columns),
        rows=read_rows(list(_with_marks(ordered(found, look, columns))[first : first + PER_PAGE])) if count else [],
        total=total,
        matching=count,
        pages=pages,
        position=sweep.position,
        problem=problem,
    )


def all_rows(sweep: Sweep, look: Look, columns: Columns, at_once: int = 500) -> Iterator[list[Row]]:
    """Every row of the look, some hundred at a time, in the order that they had at the beginning. FilterProblem."""
    pks = list(ordered(matching(sweep, look.q, columns), look, columns).values_list("pk", flat=True))
    for first in range(0, len(pks), at_once):
        wanted = pks[first : first + at_once]
        found = {trial.pk: trial for trial in _with_marks(Trial.objects.filter(pk__in=wanted))}
        yield read_rows([found[pk] for pk in wanted if pk in found])


def read_rows(trials: Sequence[Trial]) -> list[Row]:
    """Rows of trials that `_with_marks` has read. One query more, for their attempts."""
    attempts = (
        Attempt.objects.filter(trial__in=[trial.pk for trial in trials])
        .select_related("job__runner")
        .only("trial_id", "index", "changes", "job__runner__name")
        .order_by("index")
    )
    newest = {attempt.trial_id: attempt for attempt in attempts}
    return [
        Row(
            trial=trial_row(trial, newest.get(trial.pk)),
            tags=[tag.name for tag in trial.tags.all()],
            starred=hasattr(trial, "star"),
            note=next((note.text for note in trial.notes.all()), ""),
            metrics=trial.last,
            best=trial.best,
            seed=trial.seed,
            origin=trial.origin,
            version=trial.space_version,
        )
        for trial in trials
    ]


def _with_marks(trials: QuerySet[Trial]) -> QuerySet[Trial]:
    return (
        trials.select_related("star")
        .prefetch_related(
            Prefetch("tags", TrialTag.objects.order_by("name")), Prefetch("notes", TrialNote.objects.order_by("-pk"))
        )
        .defer("traceback", "timings", "intermediate")
    )


def _sort(look: Look, columns: Columns) -> tuple[Column, bool]:
    found = sorted_by(look.sort, columns) or sorted_by(USUAL, columns)
    if found is None:
        raise LookupError(USUAL)
    return found
