"""Ranks that are killed or stand still, wherever they are: no hang, the place is named, the next trial runs."""

import time
from pathlib import Path

import pytest

from runners.process.child import DONE, REPLACE
from tests.runners.process.distributed.hands import (
    QUICK,
    RATE,
    TWO,
    Act,
    Where,
    at,
    die,
    none_left,
    sleep_for_ever,
    stand_still,
)
from tests.runners.process.material import IMAGES, sweep
from tests.runners.process.small_supervisor import SmallSupervisor

pytestmark = pytest.mark.full


def two(path: Path, stall_s: float = 600.0) -> SmallSupervisor:
    # Three steps in each trial.
    arguments = {**QUICK, "per_device_train_batch_size": 8, "per_device_eval_batch_size": 8}
    spec, files = sweep(IMAGES, 60, arguments=arguments, space={"parameters": [RATE]}, **TWO)
    supervisor = SmallSupervisor(path / "job", spec, files)
    start = supervisor.folder.start().model_copy(update={"stall_s": stall_s})
    supervisor.folder.start_file.write_text(start.model_dump_json())
    return supervisor


@pytest.mark.parametrize(
    ("where", "call", "on"),
    [
        ("build", 1, 0),
        ("build", 1, 1),
        ("step", 2, 0),
        ("step", 2, 1),
        ("evaluation", 1, 0),
        ("evaluation", 1, 1),
        ("save", 1, 0),  # rank 0 alone keeps the model
    ],
)
def test_a_killed_rank_is_a_lost_attempt(where: Where, call: int, on: int, tmp_path: Path) -> None:
    supervisor = two(tmp_path)
    # The first trial is always the best so far.
    trial = 1 if where == "save" else 2
    supervisor.run(3, [at(where, trial, die, on=on, call=call)])
    assert f"Process {on} of 2 was killed (SIGKILL)." in supervisor.output
    begun = [(event["number"], event["attempt"]) for event in supervisor.of_type("trial_started")]
    lost = trial - 1
    assert begun == sorted([(0, 1), (1, 1), (2, 1), (lost, 2)])
    assert [end["state"] for end in supervisor.of_type("trial_finished")] == ["complete"] * 3
    rates = [params["learning_rate"] for _, params, _ in supervisor.table()]
    assert len(set(rates)) == 3
    first, second = (event["params"] for event in supervisor.of_type("trial_started") if event["number"] == lost)
    assert first == second
    assert len(list(supervisor.folder.best(0).parent.iterdir())) == 1
    assert none_left()


def test_a_rank_that_is_killed_between_trials_costs_none(tmp_path: Path) -> None:
    supervisor = two(tmp_path)

    def inside() -> None:
        from runners.process.distributed.rank import Rank

        real, waits = Rank.next_permit, 0

        def next_permit(self: Rank) -> object:
            nonlocal waits
            waits += 1
            if waits == 2:
                die()
            return real(self)

        Rank.next_permit = next_permit  # type: ignore[method-assign, assignment]  # in the forked child alone

    supervisor.run(3, [inside])
    assert "Process 1 of 2 was killed (SIGKILL)." in supervisor.output
    assert [end["state"] for end in supervisor.of_type("trial_finished")] == ["complete"] * 3
    assert sorted({event["number"] for event in supervisor.of_type("trial_started")}) == [0, 1, 2]
    assert none_left()


@pytest.mark.parametrize(
    ("where", "on", "act", "place"),
    [
        ("build", 1, sleep_for_ever, "process 1 of 2 in sleep_for_ever (hands.py, line "),
        ("step", 0, sleep_for_ever, "process 0 of 2 in sleep_for_ever (hands.py, line "),
        ("evaluation", 1, sleep_for_ever, "process 1 of 2 in sleep_for_ever (hands.py, line "),
        ("save", 0, sleep_for_ever, "process 0 of 2 in sleep_for_ever (hands.py, line "),
        ("step", 1, stand_still, "process 1 of 2 in no place that it could tell: it does not answer"),
    ],
    ids=["build-1", "step-0", "evaluation-1", "save-0", "stopped-1"],
)
def test_a_rank_that_hangs_is_ended_and_its_place_is_named(
    where: Where, on: int, act: Act, place: str, tmp_path: Path
) -> None:
    supervisor = two(tmp_path, stall_s=4.0)
    began = time.monotonic()
    assert supervisor.one_child(2, at(where, 1, act, on=on)) == REPLACE, supervisor.output
    assert time.monotonic() - began < 40
    assert supervisor.one_child(2) == DONE, supervisor.output
    ends = supervisor.of_type("trial_finished")
    assert [(end["state"], end.get("failure_code")) for end in ends] == [("fail", "error"), ("complete", None)]
    message = ends[0]["failure_message"]
    assert message.startswith("No progress for 4 s; the trial was ended.")
    assert place in message
    assert f"process {1 - on} of 2 in " in message
    # The whole stacks are in the trial's traceback and in the log.
    for text in (ends[0]["traceback"], supervisor.output):
        assert f"Process {1 - on}:" in text
        assert text.count("most recent call first") >= 1
    assert not list(supervisor.folder.spool.glob("*.stack"))
    assert none_left()
