"""Trials that fail, are granted, or run side by side; and the end of the supervisor."""

import os
import time
from pathlib import Path
from typing import Any

import optuna
import pytest
from transformers import PreTrainedModel

from runners.process.channel import PermitGiven
from runners.process.child import DONE, REPLACE
from runners.process.search.study import STUDY_NAME, open_storage
from runners.process.training.models import Fields, ModelBuilder
from runners.protocol.job import Permit
from tests.runners.process.material import IMAGES, sweep
from tests.runners.process.small_supervisor import Inside, SmallSupervisor

QUICK = {**IMAGES["arguments"], "num_train_epochs": 1}


def study_of(supervisor: SmallSupervisor) -> optuna.Study:
    spec = supervisor.spec
    storage = open_storage(supervisor.folder, spec.space, spec.objectives, (), child="test")
    return optuna.load_study(storage=storage, study_name=STUDY_NAME)


def space(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"parameters": list(rows)}


RATE = {"type": "float", "name": "learning_rate", "low": 1e-4, "high": 1e-2, "log": True}


def breaks(error: Exception) -> Inside:
    """Model building fails in the child's first trial."""

    def inside() -> None:
        real = ModelBuilder.build
        calls: list[Fields] = []

        def build(self: ModelBuilder, fields: Fields) -> PreTrainedModel:
            calls.append(fields)
            if len(calls) == 2:
                raise error
            return real(self, fields)

        ModelBuilder.build = build  # type: ignore[method-assign]  # in the forked child alone

    return inside


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (RuntimeError("[enforce fail at alloc_cpu.cpp] can't allocate memory"), "oom"),
        (OSError("no such file"), "error"),
    ],
)
def test_a_failed_trial_is_told_and_another_child_goes_on(error: Exception, code: str, tmp_path: Path) -> None:
    spec, files = sweep(IMAGES, 100, arguments=QUICK)
    supervisor = SmallSupervisor(tmp_path / "job", spec, files)
    # Memory and state that a failed trial may have left go with its process.
    assert [supervisor.one_child(4, breaks(error)) for _ in range(2)] == [REPLACE, REPLACE]
    assert supervisor.one_child(4) == DONE
    assert len(supervisor.of_type("job_prepared")) == 1
    ends = supervisor.of_type("trial_finished")
    assert [end["state"] for end in ends] == ["fail", "fail", "complete", "complete"]
    assert [end.get("failure_code") for end in ends] == [code, code, None, None]
    assert type(error).__name__ in ends[0]["traceback"]
    assert ends[0]["values"] == []
    assert [trial.state.name for trial in study_of(supervisor).trials] == ["FAIL", "FAIL", "COMPLETE", "COMPLETE"]


def test_an_objective_that_is_not_finite_fails_its_trial(tmp_path: Path) -> None:
    spec, files = sweep(
        IMAGES,
        100,
        arguments={**QUICK, "max_grad_norm": 0, "optim": "sgd"},
        space=space(
            {"type": "categorical", "name": "learning_rate", "choices": [10.0]}, RATE | {"name": "weight_decay"}
        ),
        objectives=[{"metric": "eval_loss", "direction": "minimize"}],
        model={**IMAGES["model"], "fields": {**IMAGES["model"]["fields"], "initializer_range": 5.0}},
    )
    supervisor = SmallSupervisor(tmp_path / "job", spec, files)
    supervisor.run(2)
    ends = supervisor.of_type("trial_finished")
    assert [end["failure_code"] for end in ends] == ["not_finite", "not_finite"]
    assert "eval_loss is not finite (nan)" in ends[0]["failure_message"]
    assert supervisor.of_type("reported")[0]["value"] == "nan"


def test_a_granted_trial_has_exactly_its_parameters_and_moves_no_sampler(tmp_path: Path) -> None:
    spec, files = sweep(IMAGES, 100, arguments=QUICK)
    free = SmallSupervisor(tmp_path / "free", spec, files)
    free.run(3)
    granted = SmallSupervisor(tmp_path / "granted", spec, files)
    params = {**free.table()[0][1], "learning_rate": 0.00123}
    granted.lost = [Permit(number=7, attempt=3, params=params)]
    granted.run(3)
    assert granted.table()[0][:2] == (7, params)
    assert granted.of_type("trial_started")[0]["attempt"] == 3
    assert granted.table()[1:] == free.table()


def test_a_searched_seed_acts_in_its_own_trial(tmp_path: Path) -> None:
    seeds = {"type": "categorical", "name": "seed", "choices": [1, 2]}
    spec, files = sweep(
        IMAGES, 100, arguments=QUICK, space=space(seeds), objectives=[{"metric": "eval_loss", "direction": "minimize"}]
    )
    supervisor = SmallSupervisor(tmp_path / "job", spec, files)
    supervisor.run(6)
    by_seed: dict[int, set[float]] = {}
    for _, params, values in supervisor.table():
        by_seed.setdefault(params["seed"], set()).add(values[0])
    assert [len(values) for values in by_seed.values()] == [1, 1]
    assert [event["seed"] for event in supervisor.of_type("trial_started")] == [
        p["seed"] for _, p, _ in supervisor.table()
    ]


def test_children_side_by_side_share_one_study(tmp_path: Path) -> None:
    spec, files = sweep(IMAGES, 150, arguments=QUICK, children=2)
    supervisor = SmallSupervisor(tmp_path / "job", spec, files)
    supervisor.run_side_by_side(8, 2)
    assert sorted(number for number, _, _ in supervisor.table()) == list(range(8))
    assert len(supervisor.of_type("job_prepared")) == 1
    trials = study_of(supervisor).trials
    assert [trial.state.name for trial in trials] == ["COMPLETE"] * 8
    assert len({trial.params["learning_rate"] for trial in trials}) == 8
    # The draws are those of one sampler, whoever asks for them.
    alone = SmallSupervisor(tmp_path / "alone", spec, files)
    alone.run(8)
    rates = {params["learning_rate"] for _, params, _ in supervisor.table()}
    assert rates == {params["learning_rate"] for _, params, _ in alone.table()}


def test_a_child_ends_soon_after_its_supervisor(tmp_path: Path) -> None:
    spec, files = sweep(IMAGES, 1797, arguments={**QUICK, "num_train_epochs": 500})
    supervisor = SmallSupervisor(tmp_path / "job", spec, files)
    ours, pid = supervisor.start_child()
    while b"ask_permit" not in ours.recv(65536):
        pass
    ours.sendall(PermitGiven(permit=Permit(number=0, attempt=1)).model_dump_json().encode() + b"\n")
    deadline = time.monotonic() + 30
    while not supervisor.of_type("metrics"):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    ours.close()
    closed = time.monotonic()
    _, state = os.waitpid(pid, 0)
    assert time.monotonic() - closed < 1
    assert os.waitstatus_to_exitcode(state) == 2
