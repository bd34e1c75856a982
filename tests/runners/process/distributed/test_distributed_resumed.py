"""A trial of two processes goes on from its checkpoint, and heeds orders: decided by the first, done by all."""

from pathlib import Path
from typing import Any

import pytest

from runners.process.child import DONE
from runners.protocol.job import Permit
from tests.runners.process.distributed.hands import TWO, none_left
from tests.runners.process.material import IMAGES, sweep
from tests.runners.process.small_supervisor import SmallSupervisor
from tests.runners.process.test_child_orders import ARGUMENTS, SPACE, told
from tests.runners.process.test_child_resumed import curve, dies_at

CHANGES: dict[str, Any] = {
    "arguments": {**ARGUMENTS, "per_device_train_batch_size": 8},
    "space": SPACE,
    "keep_best": False,
    "checkpoints": {"every": "steps", "steps": 3},
    **TWO,
}


def job(path: Path) -> SmallSupervisor:
    """Four steps an epoch."""
    spec, files = sweep(IMAGES, 80, 2, **CHANGES)
    return SmallSupervisor(path, spec, files)


def test_a_killed_group_goes_on_without_a_seam(tmp_path: Path) -> None:
    undisturbed, killed = job(tmp_path / "undisturbed"), job(tmp_path / "killed")
    undisturbed.run(2)
    killed.run(2, [dies_at(1, 8)])
    started = [event for event in killed.of_type("trial_started") if event["number"] == 1]
    assert [event.get("resumed_step") for event in started] == [None, 6]
    for number in range(2):
        assert curve(killed, number) == curve(undisturbed, number)
    assert none_left()


@pytest.mark.full
@pytest.mark.parametrize(("act", "state"), [("stop", "complete"), ("prune", "pruned")])
def test_an_order_ends_the_trial_on_all_ranks(act: str, state: str, tmp_path: Path) -> None:
    supervisor = job(tmp_path)
    assert supervisor.one_child(2, told(act, 6, tmp_path)) == DONE, supervisor.output
    first, second = supervisor.of_type("trial_finished")
    assert (first["state"], first["stopped"], second["state"]) == (state, True, "complete")
    assert none_left()


@pytest.mark.full
def test_all_ranks_leave_at_a_checkpoint(tmp_path: Path) -> None:
    undisturbed, supervisor = job(tmp_path / "undisturbed"), job(tmp_path / "left")
    undisturbed.run(1)
    assert supervisor.one_child(1, told("checkpoint", 5, tmp_path / "left")) == DONE, supervisor.output
    (left,) = supervisor.of_type("attempt_left")
    assert left["step"] == 5
    (started,) = supervisor.of_type("trial_started")
    supervisor.lost = [
        Permit(number=0, attempt=2, params=started["params"], lost_optuna_number=started["optuna_number"])
    ]
    supervisor.run(1)
    assert curve(supervisor, 0) == curve(undisturbed, 0)
