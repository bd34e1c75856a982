"""Rows of the list: their figures, their lines, and how many queries they take."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sweeps.models import Sweep, SweepTag, Trial
from sweeps.queries.listed.lines import best_lines, drawn
from sweeps.queries.listed.rows import rows, sweeps_of
from tests.factories import Cast
from tests.sweeps.talk import queued_sweep

pytestmark = pytest.mark.django_db

UP = [("complete", 0.5), ("complete", 0.4), ("pruned", 0.9), ("complete", 0.7), ("fail", None), ("complete", 0.7)]


def with_trials(cast: Cast, outcomes: list[tuple[str, float | None]], direction: str = "maximize") -> Sweep:
    """A sweep whose trials ended so, by number."""
    sweep = queued_sweep(cast.team, 8, objectives=[{"metric": "eval_accuracy", "direction": direction}])
    Trial.objects.bulk_create(
        Trial(sweep=sweep, number=number, state=state, params={}, value=value, values=[] if value is None else [value])
        for number, (state, value) in enumerate(outcomes)
    )
    return sweep


def test_a_line_has_a_step_for_each_complete_trial_that_beats_all_before(cast: Cast) -> None:
    up, down = with_trials(cast, UP), with_trials(cast, UP, "minimize")
    none, draft = with_trials(cast, [("fail", None)]), Sweep.objects.create(team=cast.team, name="draft")
    assert best_lines([up, down, none, draft]) == {
        up.pk: [(0, 0.5), (3, 0.7)],
        down.pk: [(0, 0.5), (1, 0.4)],
        none.pk: [],
    }


def test_a_line_is_read_again_when_the_sweep_has_moved_on(cast: Cast) -> None:
    sweep = with_trials(cast, UP)
    assert best_lines([sweep])[sweep.pk][-1] == (3, 0.7)
    Trial.objects.create(sweep=sweep, number=6, state="complete", params={}, value=0.8, values=[0.8])
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert best_lines([sweep])[sweep.pk][-1] == (3, 0.7)
    assert len(queries) == 0
    sweep.position += 1
    assert best_lines([sweep])[sweep.pk][-1] == (6, 0.8)


def test_a_line_is_drawn_within_its_box() -> None:
    assert drawn([], 9) == ""
    assert drawn([(0, 0.5), (5, 0.7)], 10) == "2,22 48,22 48,2 94,2"
    assert drawn([(0, 3.0)], 0) == "2,12 94,12"


def test_a_row_has_its_figures(cast: Cast) -> None:
    sweep = with_trials(cast, [*UP, ("running", None), ("waiting", None)])
    sweep.best_trial = Trial.objects.get(sweep=sweep, number=3)
    sweep.save()
    for name in ("wide", "baseline"):
        SweepTag.objects.create(sweep=sweep, name=name)
    (row,) = rows(sweeps_of(cast.team))
    assert (row.counted, row.running, row.value, row.objective, row.further) == (6, 1, 0.7, "eval_accuracy", 0)
    assert row.tags == ("baseline", "wide")
    assert row.says == "Best eval_accuracy so far: from 0.5 at trial 0 to 0.7 at trial 3 of 6, in 1 step"
    assert row.points == "2,22 57.2,22 57.2,2 94,2"


def test_many_sweeps_take_as_many_queries_as_one(cast: Cast) -> None:
    with_trials(cast, UP)
    with CaptureQueriesContext(connection) as one:
        assert len(rows(sweeps_of(cast.team))) == 1
    for _ in range(6):
        sweep = with_trials(cast, UP)
        SweepTag.objects.create(sweep=sweep, name="x")
    with CaptureQueriesContext(connection) as many:
        assert len(rows(sweeps_of(cast.team))) == 7
    assert len(one) == len(many) == 4
