"""Trials of a Ray search that heed orders, and that go on from a checkpoint."""

from pathlib import Path
from typing import Any

import pytest

from runners.process.child import DONE
from runners.protocol.job import Permit
from tests.runners.process.material import IMAGES, sweep
from tests.runners.process.small_supervisor import SmallSupervisor
from tests.runners.process.test_child_orders import ARGUMENTS, SPACE
from tests.runners.process.test_child_resumed import curve

GIVEN = {"learning_rate": 0.003}


def job(path: Path, **backend: Any) -> SmallSupervisor:
    """Four steps an epoch, three evaluations."""
    backend = {"name": "ray", "search": {"name": "random"}, **backend}
    spec, files = sweep(IMAGES, 80, 1, arguments=ARGUMENTS, space=SPACE, keep_best=False, backend=backend)
    supervisor = SmallSupervisor(path, spec, files)
    supervisor.lost = [Permit(number=0, attempt=1, params=GIVEN)]
    return supervisor


def order(supervisor: SmallSupervisor, act: str) -> None:
    """It lies there before the trial begins: Ray's workers are no forks of ours."""
    folder = supervisor.folder.orders
    folder.mkdir()
    (folder / "0.json").write_text(f'{{"attempt": 1, "act": "{act}"}}')


@pytest.mark.full
@pytest.mark.parametrize(("act", "state"), [("stop", "complete"), ("prune", "pruned")])
def test_an_order_ends_a_trial(act: str, state: str, tmp_path: Path) -> None:
    supervisor = job(tmp_path)
    order(supervisor, act)
    assert supervisor.one_child(0) == DONE, supervisor.output
    (end,) = supervisor.of_type("trial_finished")
    assert (end["state"], end["stopped"], len(end["values"])) == (state, True, act == "stop")
    assert [event["step"] for event in supervisor.of_type("metrics") if "loss" in event["values"]] == [1]


@pytest.mark.full
@pytest.mark.parametrize("scheduler", ["none", "asha"])
def test_a_trial_left_at_a_checkpoint_goes_on(scheduler: str, tmp_path: Path) -> None:
    undisturbed, supervisor = (job(tmp_path / name, scheduler={"name": scheduler}) for name in ("whole", "left"))
    undisturbed.run(0)
    order(supervisor, "checkpoint")
    assert supervisor.one_child(0) == DONE, supervisor.output
    (left,) = supervisor.of_type("attempt_left")
    assert left["step"] == 1
    assert not supervisor.of_type("trial_finished")
    supervisor.lost = [Permit(number=0, attempt=2, params=GIVEN)]
    supervisor.run(0)
    assert supervisor.of_type("trial_started")[1]["resumed_step"] == 1
    assert curve(supervisor, 0) == curve(undisturbed, 0)


@pytest.mark.full
def test_a_search_that_pauses_trials_starts_again_and_says_so(tmp_path: Path) -> None:
    supervisor = job(tmp_path, scheduler={"name": "pbt"}, mutations=["learning_rate"])
    spec = supervisor.spec.model_dump()
    assert spec["backend"]["scheduler"]["name"] == "pbt"
    order(supervisor, "checkpoint")
    supervisor.run(0)
    assert not supervisor.of_type("attempt_left"), "what cannot be taken up is trained to its end"
    assert [end["state"] for end in supervisor.of_type("trial_finished")] == ["complete"]
