"""What a person wants of one trial, seen by the child that trains it."""

import json
from pathlib import Path
from typing import Any

import optuna
import pytest

from runners.process.child import DONE
from runners.process.folder import JobFolder
from runners.process.orders import OrderOf, Orders
from runners.process.search.outcome import Outcome
from runners.process.search.study import STUDY_NAME, open_storage
from runners.protocol.job import Order, Permit
from tests.runners.process.material import IMAGES, sweep
from tests.runners.process.small_supervisor import Inside, SmallSupervisor
from tests.runners.process.test_child_resumed import curve

ARGUMENTS = {
    **IMAGES["arguments"],
    "num_train_epochs": 3,
    "logging_steps": 1,
    "per_device_train_batch_size": 16,
    "lr_scheduler_type": "linear",
}
SPACE = {"parameters": [{"type": "float", "name": "learning_rate", "low": 1e-3, "high": 1e-2, "log": True}]}


def job(path: Path, **changes: Any) -> SmallSupervisor:
    """Four steps an epoch."""
    spec, files = sweep(IMAGES, 80, 2, **{"arguments": ARGUMENTS, "space": SPACE, "keep_best": False, **changes})
    return SmallSupervisor(path, spec, files)


def told(act: str, step: int, path: Path) -> Inside:
    """The order comes in trial 0 when it logs this step, in its first attempt."""

    def inside() -> None:
        real = Outcome.logged

        def logged(self: Outcome, at: int, epoch: float | None, values: dict[str, float]) -> None:
            real(self, at, epoch, values)
            if self.permit.number == 0 and self.permit.attempt == 1 and at == step:
                folder = path / "orders"
                folder.mkdir(exist_ok=True)
                (folder / "0.json").write_text(json.dumps({"attempt": 1, "act": act}))

        setattr(Outcome, "logged", logged)  # noqa: B010 - in the forked child alone

    return inside


def steps(supervisor: SmallSupervisor, number: int) -> list[int]:
    return [event["step"] for event in supervisor.of_type("metrics") if event["number"] == number]


def states(supervisor: SmallSupervisor) -> list[str]:
    spec = supervisor.spec
    storage = open_storage(supervisor.folder, spec.space, spec.objectives, (), child="test")
    return [trial.state.name for trial in optuna.load_study(storage=storage, study_name=STUDY_NAME).trials]


def test_a_stopped_trial_keeps_its_value_and_the_next_one_runs(tmp_path: Path) -> None:
    supervisor = job(tmp_path)
    assert supervisor.one_child(2, told("stop", 6, tmp_path)) == DONE, supervisor.output
    first, second = supervisor.of_type("trial_finished")
    assert (first["state"], first["stopped"], "stopped" in second) == ("complete", True, False)
    (reported, *_) = supervisor.of_type("reported")
    assert (reported["step"], reported["value"]) == (4, first["values"][0]), "its only evaluation is its value"
    assert max(steps(supervisor, 0)) == 6
    assert max(steps(supervisor, 1)) == 12
    assert states(supervisor) == ["COMPLETE", "COMPLETE"]


@pytest.mark.full
@pytest.mark.parametrize("strategy", ["epoch", "no"])
def test_a_trial_that_is_stopped_before_any_evaluation_is_evaluated(strategy: str, tmp_path: Path) -> None:
    supervisor = job(tmp_path, arguments={**ARGUMENTS, "eval_strategy": strategy})
    supervisor.run(1, [])
    supervisor = job(tmp_path / "stopped", arguments={**ARGUMENTS, "eval_strategy": strategy})
    assert supervisor.one_child(1, told("stop", 2, tmp_path / "stopped")) == DONE, supervisor.output
    (end,) = supervisor.of_type("trial_finished")
    assert (end["state"], end["stopped"]) == ("complete", True)
    assert end["values"] == [end["metrics"]["eval_accuracy"]]
    assert max(steps(supervisor, 0)) == 2


@pytest.mark.full
@pytest.mark.parametrize("step", [2, 6])
def test_a_trial_is_pruned_by_order(step: int, tmp_path: Path) -> None:
    supervisor = job(tmp_path)
    assert supervisor.one_child(2, told("prune", step, tmp_path)) == DONE, supervisor.output
    first, second = supervisor.of_type("trial_finished")
    assert (first["state"], first["stopped"], second["state"]) == ("pruned", True, "complete")
    assert len(first["values"]) == (step > 4)
    assert max(steps(supervisor, 0)) == step
    assert states(supervisor) == ["PRUNED", "COMPLETE"]


def test_an_attempt_is_left_at_a_checkpoint_and_goes_on_from_there(tmp_path: Path) -> None:
    undisturbed = job(tmp_path / "undisturbed")
    undisturbed.run(2)
    path = tmp_path / "left"
    supervisor = job(path)
    assert supervisor.one_child(2, told("checkpoint", 6, path)) == DONE, supervisor.output
    (saved,) = supervisor.of_type("checkpoint_saved")
    (left,) = supervisor.of_type("attempt_left")
    assert (saved["step"], left["step"], left["attempt"]) == (6, 6, 1)
    assert [event["number"] for event in supervisor.of_type("trial_finished")] == [1], "the child went on at once"
    started = supervisor.of_type("trial_started")[0]
    supervisor.lost = [
        Permit(number=0, attempt=2, params=started["params"], lost_optuna_number=started["optuna_number"])
    ]
    supervisor.run(2)
    assert states(supervisor) == ["FAIL", "COMPLETE", "COMPLETE"]
    assert curve(supervisor, 0) == curve(undisturbed, 0)


def test_files_say_what_the_last_answer_said(tmp_path: Path) -> None:
    folder = JobFolder(tmp_path)
    orders = Orders(folder)
    first, second = (OrderOf(folder, Permit(number=number, attempt=2)) for number in (1, 2))
    assert first.act() == ""
    orders.hold([Order(number=1, attempt=2, act="stop"), Order(number=2, attempt=1, act="prune")])
    assert (first.act(), second.act()) == ("stop", ""), "an order is for one attempt"
    orders.hold([Order(number=1, attempt=2, act="checkpoint")])
    assert first.act() == "checkpoint"
    orders.hold([])
    assert first.act() == ""
    assert not list(folder.orders.iterdir())
