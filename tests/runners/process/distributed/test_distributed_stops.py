"""What reaches rank 0 alone, and must end all: a stop in mid-training, no more permits, a failure at the very end."""

from pathlib import Path
from typing import Any

import pytest

from runners.process.child import DONE, REPLACE
from tests.runners.process.distributed.hands import LOSS, QUICK, RATE, TWO, at, none_left, raises, rank
from tests.runners.process.material import IMAGES, sweep
from tests.runners.process.small_supervisor import SmallSupervisor

pytestmark = pytest.mark.full


def long_sweep(path: Path, **changes: Any) -> SmallSupervisor:
    arguments = {**QUICK, "num_train_epochs": 100, "per_device_train_batch_size": 8, "logging_steps": 1}
    spec, files = sweep(IMAGES, 60, arguments=arguments, space={"parameters": [RATE]}, **TWO, **changes)
    return SmallSupervisor(path / "job", spec, files)


def test_a_stop_on_rank_0_ends_the_trial_on_all_and_it_keeps_its_value(tmp_path: Path) -> None:
    supervisor = long_sweep(tmp_path, objectives=LOSS)

    def inside() -> None:
        from runners.process.training.callback import LogCallback

        def on_step_end(_self: Any, _args: Any, state: Any, control: Any, **_: Any) -> None:
            if rank() == 0 and state.global_step == 4:
                control.should_evaluate = control.should_training_stop = True

        LogCallback.on_step_end = on_step_end  # type: ignore[method-assign, assignment]  # in the forked child alone

    assert supervisor.one_child(2, inside) == DONE, supervisor.output
    ends = supervisor.of_type("trial_finished")
    assert [(end["number"], end["state"]) for end in ends] == [(0, "complete"), (1, "complete")]
    for end in ends:
        mine = [event for event in supervisor.of_type("metrics") if event["number"] == end["number"]]
        assert max(event["step"] for event in mine) == 4
        told = [event["values"]["eval_loss"] for event in mine if "eval_loss" in event["values"]]
        assert end["values"] == told[-1:]
    assert none_left()


def test_a_sweep_that_is_stopped_or_out_of_time_finishes_its_trial(tmp_path: Path) -> None:
    spec, files = sweep(IMAGES, 60, n_trials=9, arguments=QUICK, space={"parameters": [RATE]}, **TWO)
    supervisor = SmallSupervisor(tmp_path / "job", spec, files)
    # After two trials there are no more permits, though the budget has nine.
    assert supervisor.one_child(2) == DONE, supervisor.output
    assert [end["state"] for end in supervisor.of_type("trial_finished")] == ["complete", "complete"]
    assert supervisor.refused == 1
    assert none_left()


@pytest.mark.parametrize("on", [0, 1, None])
def test_a_failure_in_the_middle_of_a_step(on: int | None, tmp_path: Path) -> None:
    supervisor = long_sweep(tmp_path)
    message = "CUDA out of memory. Tried to allocate 2.00 GiB"
    assert supervisor.one_child(1, at("step", 1, raises(RuntimeError(message)), on=on, call=3)) == REPLACE
    (end,) = supervisor.of_type("trial_finished")
    assert (end["state"], end["failure_code"]) == ("fail", "oom")
    assert end["failure_message"].startswith("Process " if on is not None else "The trial ran out of memory.")
    assert message in end["traceback"]
    assert none_left()


def test_a_disk_that_is_full_when_the_model_is_kept(tmp_path: Path) -> None:
    spec, files = sweep(IMAGES, 60, arguments=QUICK, space={"parameters": [RATE]}, **TWO)
    supervisor = SmallSupervisor(tmp_path / "job", spec, files)
    full = at("save", 1, raises(OSError(28, "No space left on device")), on=0)
    assert supervisor.one_child(2, full) == DONE, supervisor.output
    ends = supervisor.of_type("trial_finished")
    assert [end["state"] for end in ends] == ["complete", "complete"]
    assert "The model of trial 0 was not kept: the runner's disk is full." in supervisor.output
    assert [
        folder.name for folder in supervisor.folder.best(0).parent.iterdir() if not folder.name.startswith(".")
    ] == ["1"]
    assert none_left()


def test_a_failure_of_rank_0_at_the_very_end(tmp_path: Path) -> None:
    spec, files = sweep(IMAGES, 60, arguments=QUICK, space={"parameters": [RATE]}, **TWO)
    supervisor = SmallSupervisor(tmp_path / "job", spec, files)
    # The others have trained to the end already.
    assert supervisor.one_child(2, at("save", 1, raises(KeyError("shape")), on=0)) == REPLACE, supervisor.output
    assert supervisor.one_child(2) == DONE, supervisor.output
    ends = supervisor.of_type("trial_finished")
    assert [end["state"] for end in ends] == ["fail", "complete"]
    assert ends[0]["failure_message"] == "Process 0 of 2: KeyError: 'shape'"
    assert none_left()


def test_two_groups_side_by_side(tmp_path: Path) -> None:
    spec, files = sweep(IMAGES, 60, arguments=QUICK, space={"parameters": [RATE]}, children=2, **TWO)
    supervisor = SmallSupervisor(tmp_path / "job", spec, files)
    supervisor.run_side_by_side(4, children=2)
    ends = supervisor.of_type("trial_finished")
    assert sorted((end["number"], end["state"]) for end in ends) == [(number, "complete") for number in range(4)]
    assert none_left()
