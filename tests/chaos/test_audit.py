"""The audit sees what it is there to see."""

from dataclasses import replace
from typing import Any

import pytest

from tests.chaos.audit import Record, Trial, between, checkpoints, differences, states
from tests.chaos.stage import Rows

ROWS: Rows = [(2, {"loss": 2.5}), (4, {"loss": 2.25}), (4, {"eval_accuracy": 0.5})]
LOGGED: list[dict[str, Any]] = [{"at": 1.0, "key": [0, 1], "step": step, "values": values} for step, values in ROWS]
EVENTS: list[dict[str, Any]] = [
    {"seq": place, "type": "metrics", "number": 0, "attempt": 1, "step": step, "values": values}
    for place, (step, values) in enumerate(ROWS, 1)
]
WHOLE = Record(
    state="complete",
    failure="",
    n_trials=1,
    trials={0: Trial(0, "complete", {"learning_rate": 0.5}, [0.5], ROWS)},
    open_trials=0,
    attempts={(0, 1): "complete"},
    resumed={},
    curves={(0, 1): ROWS},
    jobs=[("job", "done")],
    events={"job": EVENTS},
)


def test_a_whole_sweep_has_no_findings() -> None:
    assert [*states(WHOLE), *between(WHOLE, LOGGED), *differences(WHOLE, "tpe", WHOLE)] == []


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        ({"state": "fail", "failure": "error: no"}, "the sweep is fail (error: no)"),
        ({"n_trials": 2}, "trials [0] instead of 2"),
        ({"open_trials": 1}, "1 trials have not ended"),
        ({"attempts": {(0, 1): "complete", (0, 2): "running"}}, "attempt (0, 2) is running"),
        ({"attempts": {(0, 1): "lost"}}, "trial 0 has no attempt that ended well"),
        ({"jobs": [("job", "running")]}, "job job is running"),
    ],
)
def test_states(changes: dict[str, Any], finding: str) -> None:
    assert list(states(replace(WHOLE, **changes))) == [finding]


@pytest.mark.parametrize("rows", [ROWS[:2], ROWS[1:], [*ROWS, ROWS[-1]], [ROWS[1], ROWS[0], ROWS[2]]])
def test_a_row_too_few_too_many_or_at_another_place(rows: Rows) -> None:
    found = list(between(replace(WHOLE, curves={(0, 1): rows}), LOGGED))
    assert found == [
        f"attempt (0, 1) (complete): {len(rows)} rows of 3",
        "attempt (0, 1): the curve is not what the journal says",
    ]


def test_only_a_killed_attempt_may_miss_the_last_row() -> None:
    short = replace(WHOLE, curves={(0, 1): ROWS[:2]}, events={"job": EVENTS[:2]})
    assert list(between(replace(short, attempts={(0, 1): "lost"}), LOGGED)) == []
    assert list(between(short, LOGGED)) == ["attempt (0, 1) (complete): 2 rows of 3"]


def test_another_value_is_a_difference() -> None:
    other = replace(WHOLE, trials={0: replace(WHOLE.trials[0], values=[0.25])})
    for kind in ("tpe", "grid"):
        assert len(differences(other, kind, WHOLE)) == 1
        assert differences(WHOLE, kind, WHOLE) == []


RESUMED = replace(
    WHOLE,
    attempts={(0, 1): "lost", (0, 2): "complete"},
    resumed={(0, 2): (1, 2)},
    curves={(0, 1): ROWS[:2], (0, 2): ROWS},
    events={
        "job": [
            *EVENTS[:1],
            {"seq": 2, "type": "checkpoint_saved", "number": 0, "attempt": 1, "step": 2, "bytes": 9},
            {**EVENTS[1], "seq": 3},
            *({**event, "attempt": 2} for event in EVENTS[1:]),
        ]
    },
)
LOGGED_TWICE = [*LOGGED[:2], *({**line, "key": [0, 2]} for line in LOGGED[1:])]


def test_a_resumed_curve_begins_with_what_came_before_its_checkpoint() -> None:
    assert [*states(RESUMED), *between(RESUMED, LOGGED_TWICE), *checkpoints(RESUMED)] == []
    short = replace(RESUMED, curves={**RESUMED.curves, (0, 2): ROWS[1:]})
    assert list(between(short, LOGGED_TWICE)) == [
        "attempt (0, 2): its curve does not begin with the 1 rows before its checkpoint",
        "attempt (0, 2): the curve is not what the journal says",
    ]


@pytest.mark.parametrize("resumed", [{}, {(0, 2): (1, 1)}])
def test_a_checkpoint_that_was_not_used(resumed: dict[tuple[int, int], tuple[int, int]]) -> None:
    (finding,) = checkpoints(replace(RESUMED, resumed=resumed))
    assert finding.startswith(f"attempt (0, 2) goes on from {resumed.get((0, 2))}, though")
