"""Sweeps whose trials have two processes: what is decided on one rank is decided for all, and nothing hangs."""

import os
import signal
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from runners.process.child import DONE, FAILED, REPLACE
from runners.protocol.job import Permit
from tests.runners.process.distributed.hands import QUICK, RATE, TWO, at, none_left, raises
from tests.runners.process.material import IMAGES, sweep
from tests.runners.process.small_supervisor import SmallSupervisor


def test_complete_pruned_and_failed_trials_in_one_job(tmp_path: Path) -> None:
    # So few rows that a model which learns nothing is better than one that learns: trial 2 is worse than the first two.
    spec, files = sweep(
        IMAGES,
        101,
        n_trials=5,
        arguments={**QUICK, "num_train_epochs": 2, "per_device_eval_batch_size": 8},
        space={
            "parameters": [
                {"type": "float", "name": "learning_rate", "low": 0.0, "high": 0.01},
                {"type": "categorical", "name": "model.num_attention_heads", "choices": [4, 2, 8]},
            ]
        },
        objectives=[{"metric": "eval_loss", "direction": "minimize"}],
        backend={
            "name": "optuna",
            "sampler": {"name": "random"},
            "pruner": {"name": "median", "options": {"n_startup_trials": 2}},
        },
        **TWO,
    )
    supervisor = SmallSupervisor(tmp_path / "job", spec, files)

    def given(number: int, rate: float) -> Permit:
        return Permit(number=number, attempt=1, params={"learning_rate": rate, "model.num_attention_heads": 4})

    supervisor.lost = [given(0, 0.0), given(1, 0.0), given(2, 0.003), given(3, 0.0), given(4, 0.0)]
    supervisor._next = 5
    assert supervisor.one_child(5, at("build", 4, raises(OSError("no such file")), on=1)) == REPLACE, supervisor.output
    assert supervisor.one_child(5) == DONE, supervisor.output
    ends = supervisor.of_type("trial_finished")
    assert [end["state"] for end in ends] == ["complete", "complete", "pruned", "fail", "complete"]
    assert ends[0]["values"] == ends[1]["values"]
    assert ends[3]["failure_code"] == "error"
    assert ends[3]["failure_message"] == "Process 1 of 2: OSError: no such file"
    assert "OSError: no such file" in ends[3]["traceback"]
    assert none_left()


@pytest.mark.full
@pytest.mark.parametrize("on", [0, 1, None])
@pytest.mark.parametrize(
    ("error", "code"),
    [(RuntimeError("[enforce fail at alloc_cpu.cpp] can't allocate memory"), "oom"), (KeyError("x"), "error")],
    ids=["oom", "error"],
)
def test_a_failure_on_any_rank_is_the_trials_and_the_next_one_runs(
    error: Exception, code: str, on: int | None, tmp_path: Path
) -> None:
    spec, files = sweep(IMAGES, 60, arguments=QUICK, space={"parameters": [RATE]}, **TWO)
    supervisor = SmallSupervisor(tmp_path / "job", spec, files)
    assert supervisor.one_child(2, at("build", 1, raises(error), on=on)) == REPLACE, supervisor.output
    assert supervisor.one_child(2) == DONE, supervisor.output
    ends = supervisor.of_type("trial_finished")
    assert [(end["state"], end.get("failure_code")) for end in ends] == [("fail", code), ("complete", None)]
    assert ends[0]["failure_message"].startswith("Process ") is (on is not None)
    assert none_left()


@pytest.mark.full
def test_an_objective_that_is_not_finite(tmp_path: Path) -> None:
    spec, files = sweep(
        IMAGES,
        60,
        arguments={**QUICK, "max_grad_norm": 0, "optim": "sgd"},
        space={"parameters": [{"type": "categorical", "name": "learning_rate", "choices": [10.0]}]},
        objectives=[{"metric": "eval_loss", "direction": "minimize"}],
        model={**IMAGES["model"], "fields": {**IMAGES["model"]["fields"], "initializer_range": 5.0}},
        **TWO,
    )
    supervisor = SmallSupervisor(tmp_path / "job", spec, files)
    supervisor.run(2)
    ends = supervisor.of_type("trial_finished")
    assert [end["failure_code"] for end in ends] == ["not_finite", "not_finite"]
    assert ends[0]["failure_message"].startswith("eval_loss is not finite (nan)")
    assert none_left()


@pytest.mark.full
@pytest.mark.parametrize(
    ("changes", "device", "message"),
    [
        ({"backend": {"name": "ray"}}, "cpu", "Several processes for one trial need the backend optuna."),
        ({}, "cuda:0", "This runner has 1 GPU(s) for 2 processes. Choose 1."),
    ],
)
def test_a_group_that_cannot_be_is_refused(changes: dict[str, Any], device: str, message: str, tmp_path: Path) -> None:
    spec, files = sweep(IMAGES, 60, arguments=QUICK, space={"parameters": [RATE]}, **TWO, **changes)
    supervisor = SmallSupervisor(tmp_path / "job", spec, files)
    start = supervisor.folder.start().model_copy(update={"device": device})
    supervisor.folder.start_file.write_text(start.model_dump_json())
    assert supervisor.one_child(2) == FAILED
    assert supervisor.failed is not None
    assert (supervisor.failed.field, supervisor.failed.message.startswith(message)) == ("processes", True)
    assert none_left()


@pytest.mark.full
def test_a_draw_that_fails_on_rank_0(tmp_path: Path) -> None:
    spec, files = sweep(IMAGES, 60, arguments=QUICK, space={"parameters": [RATE]}, **TWO)

    def inside() -> None:
        from runners.process.search import optuna

        def suggest(*_: Any) -> Any:
            raise ValueError("no draw")

        optuna.suggest = suggest  # type: ignore[attr-defined, assignment]  # in the forked child alone

    supervisor = SmallSupervisor(tmp_path / "job", spec, files)
    assert supervisor.one_child(2, inside) == REPLACE, supervisor.output
    assert supervisor.one_child(2) == DONE, supervisor.output
    ends = supervisor.of_type("trial_finished")
    assert [end["state"] for end in ends] == ["fail", "complete"]
    assert ends[0]["failure_message"] == "ValueError: no draw"
    assert none_left()


@pytest.mark.full
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_cancelled_group_leaves_no_process(number: signal.Signals, tmp_path: Path) -> None:
    spec, files = sweep(IMAGES, 1797, arguments={**QUICK, "num_train_epochs": 500}, **TWO)
    supervisor = SmallSupervisor(tmp_path / "job", spec, files)
    ours, pid = supervisor.start_child()
    while b"ask_permit" not in ours.recv(65536):
        pass
    ours.sendall(b'{"type": "permit_given", "permit": {"number": 0, "attempt": 1}}\n')
    deadline = time.monotonic() + 60
    while not supervisor.of_type("metrics"):
        assert time.monotonic() < deadline, supervisor.output
        time.sleep(0.05)
    assert len(psutil.Process(pid).children()) == 2
    ranks = psutil.Process(pid).children()
    os.kill(pid, number)
    _, state = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(state) == -number
    _, alive = psutil.wait_procs(ranks, timeout=3)
    assert not alive
    ours.close()
