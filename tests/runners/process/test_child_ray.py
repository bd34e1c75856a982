"""The Ray backend through a real child and a real Ray."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import psutil
import pytest

from runners.process.child import CHANNEL_CLOSED
from runners.process.search.ray.cluster import remove_session, session_folder
from runners.process.search.reporter import Reporter
from sweeps.queries.script.sweep import sweep_script
from tests.runners.process.material import IMAGES, TEXT, sweep
from tests.runners.process.small_supervisor import Inside, SmallSupervisor, end
from tests.runners.process.test_scripts import lay_out, lines

RATE = {"type": "float", "name": "learning_rate", "low": 1e-3, "high": 2e-2, "log": True}
BATCH = {"type": "categorical", "name": "per_device_train_batch_size", "choices": [16, 32]}
SCRIPTS = Path(__file__).parents[3] / "bench" / "plain"
pytestmark = pytest.mark.timeout(900)

ARGUMENTS = {**IMAGES["arguments"], "num_train_epochs": 3, "logging_steps": 4}


def done(
    tmp_path: Path, n_trials: int, *, backend: dict[str, Any], base: dict[str, Any] = IMAGES, **changes: Any
) -> SmallSupervisor:
    wanted = {"space": {"parameters": [RATE, BATCH]}, "arguments": ARGUMENTS, **changes}
    spec, files = sweep(base, 150, n_trials=n_trials, backend={"name": "ray", **backend}, **wanted)
    supervisor = SmallSupervisor(tmp_path / "job", spec, files)
    supervisor.run(n_trials)
    assert supervisor.failed is None, f"{supervisor.failed}\n{supervisor.output}"
    nothing_is_left(supervisor)
    return supervisor


def nothing_is_left(supervisor: SmallSupervisor) -> None:
    folder = session_folder(supervisor.folder)
    assert ray_processes(folder) == []
    assert not folder.exists()


def ray_processes(folder: Path) -> list[str]:
    """What runs for a session, workers included: they change their name, and keep the log of their session open."""
    found = []
    for process in psutil.process_iter(["cmdline", "name"]):
        try:
            words = [*process.cmdline(), *process.environ().values(), *(file.path for file in process.open_files())]
        except psutil.Error:
            continue
        if any(str(folder) in word for word in words):
            found.append(process.info["name"])
    return found


@pytest.mark.full
def test_random_trials_side_by_side(tmp_path: Path) -> None:
    supervisor = done(tmp_path, 4, backend={"search": {"name": "random"}}, children=2, keep_best=True)
    finished = supervisor.of_type("trial_finished")
    assert sorted(event["number"] for event in finished) == [0, 1, 2, 3]
    assert {event["state"] for event in finished} == {"complete"}
    for event in finished:
        assert event["values"] == [event["metrics"]["eval_accuracy"]]
    losses = [event for event in supervisor.of_type("metrics") if "loss" in event["values"]]
    assert {event["number"] for event in losses} == {0, 1, 2, 3}
    assert len(supervisor.of_type("reported")) == 4 * 3
    assert supervisor.folder.best_file.exists()


@pytest.mark.parametrize(
    "search",
    ["random", pytest.param("optuna", marks=pytest.mark.full), pytest.param("hyperopt", marks=pytest.mark.full)],
)
def test_a_ray_sweep_equals_its_script(search: str, tmp_path: Path) -> None:
    loss = [{"metric": "eval_loss", "direction": "minimize"}]
    n_trials = 3
    supervisor = done(tmp_path, n_trials, backend={"search": {"name": search}}, objectives=loss, keep_best=False)
    folder = tmp_path / "script"
    lay_out(supervisor, folder)
    (folder / "sweep.py").write_text(sweep_script(supervisor.spec, name="A sweep", versions={}))
    # Ray makes no processes from a fork of this one.
    run = subprocess.run(
        [sys.executable, "sweep.py"], cwd=folder, capture_output=True, text=True, check=False, timeout=600
    )
    assert run.returncode == 0, run.stderr[-4000:]
    printed = lines(run.stdout)
    table = supervisor.table()
    assert [line["params"] for line in printed] == [params for _, params, _ in table]
    assert [line["values"] for line in printed] == [pytest.approx(values, rel=1e-12) for _, _, values in table]


@pytest.mark.full
def test_a_ray_sweep_equals_the_plain_script(tmp_path: Path) -> None:
    rows = [RATE, BATCH, {"type": "int", "name": "model.num_hidden_layers", "low": 1, "high": 2}]
    supervisor = done(
        tmp_path,
        3,
        base=TEXT,
        backend={"search": {"name": "random"}},
        space={"parameters": rows},
        arguments={**TEXT["arguments"], "num_train_epochs": 1},
        objectives=[{"metric": "eval_loss", "direction": "minimize"}],
    )
    folder = tmp_path / "plain"
    folder.mkdir()
    for split, file in supervisor.data.items():
        shutil.copy(file, folder / f"{split}.parquet")
    assert supervisor.tokenizer
    shutil.copytree(supervisor.tokenizer, folder / "tokenizer")
    (folder / "settings.json").write_text(supervisor.spec.model_dump_json())
    command = [sys.executable, str(SCRIPTS / "ray_text_classification.py"), str(folder)]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert run.returncode == 0, run.stderr[-4000:]
    printed = lines(run.stdout)
    assert supervisor.table() == [(line["number"], line["params"], [line["value"]]) for line in printed]


@pytest.mark.full
def test_a_grid_tries_every_point_once(tmp_path: Path) -> None:
    rows = [{"type": "int", "name": "num_train_epochs", "low": 1, "high": 2}, BATCH]
    supervisor = done(
        tmp_path,
        10,
        backend={"search": {"name": "grid"}},
        space={"parameters": rows},
        arguments={name: value for name, value in ARGUMENTS.items() if name != "num_train_epochs"},
    )
    points = sorted((p["num_train_epochs"], p["per_device_train_batch_size"]) for _, p, _ in supervisor.table())
    assert points == [(1, 16), (1, 32), (2, 16), (2, 32)]


@pytest.mark.full
def test_asha_ends_bad_trials_and_a_failed_one_does_not_end_the_rest(tmp_path: Path) -> None:
    # With the last rate the loss is no number: those trials fail, and the others go on.
    rates = {"type": "categorical", "name": "learning_rate", "choices": [1e-6, 1e-3, 1e-2, 10.0]}
    scheduler = {"name": "asha", "options": {"grace_period": 1, "reduction_factor": 2.0}}
    supervisor = done(
        tmp_path,
        5,
        sampler_seed=11,
        backend={"scheduler": scheduler},
        space={"parameters": [rates]},
        arguments={**ARGUMENTS, "optim": "sgd", "max_grad_norm": 0.0},
        objectives=[{"metric": "eval_loss", "direction": "minimize"}],
    )
    finished = {event["number"]: event for event in supervisor.of_type("trial_finished")}
    params = {number: chosen for number, chosen, _ in supervisor.table()}
    assert sorted(finished) == list(range(5))
    for number, event in finished.items():
        bad = params[number]["learning_rate"] == 10.0
        assert (event["state"] == "fail") == bad
        if bad:
            assert event["failure_code"] == "not_finite"
            assert event["failure_message"].startswith("eval_loss is not finite")
    assert {event["state"] for event in finished.values()} == {"complete", "pruned", "fail"}


@pytest.mark.full
def test_population_based_training_changes_parameters_on_the_way(tmp_path: Path) -> None:
    scheduler = {"name": "pbt", "options": {"perturbation_interval": 2, "quantile_fraction": 0.5}}
    row = {"type": "float", "name": "learning_rate", "low": 1e-6, "high": 2e-2, "log": True}
    supervisor = done(
        tmp_path,
        3,
        backend={"scheduler": scheduler, "mutations": ["learning_rate"]},
        space={"parameters": [row]},
        arguments={**ARGUMENTS, "num_train_epochs": 6, "save_strategy": "epoch"},
        objectives=[{"metric": "eval_loss", "direction": "minimize", "over": "best"}],
        children=2,
    )
    finished = supervisor.of_type("trial_finished")
    assert [event["state"] for event in finished] == ["complete"] * 3
    for event in finished:
        lines_of_trial = [line for line in supervisor.of_type("metrics") if line["number"] == event["number"]]
        losses = [line["values"]["eval_loss"] for line in lines_of_trial if "eval_loss" in line["values"]]
        assert event["values"] == [min(losses)]
    changed = supervisor.of_type("params_changed")
    assert changed
    begun = {event["number"]: event["params"] for event in supervisor.of_type("trial_started")}
    for event in changed:
        assert event["params"].keys() == begun[event["number"]].keys()
        assert event["step"] > 0
        # From the checkpoint on, the rate is the changed one at its place in the linear schedule.
        after = supervisor.events[supervisor.events.index(event) :]
        rates = [
            (line["step"], line["values"]["learning_rate"])
            for line in after
            if line["type"] == "metrics" and line["number"] == event["number"] and "learning_rate" in line["values"]
        ]
        for step, rate in rates[:1]:  # none after a checkpoint of the last step
            assert rate == pytest.approx(event["params"]["learning_rate"] * (1 - (step - 1) / (6 * 15)), rel=1e-6)


def dies_after(number: int, event: str) -> Inside:
    """The driver's death once it has written an `event` of trial `number`."""

    def inside() -> None:
        real = Reporter.emit

        def deadly(self: Reporter, type_: str, *, sync: bool = False, **fields: Any) -> None:
            real(self, type_, sync=sync, **fields)
            if type_ == event and fields["number"] == number:
                end()

        setattr(Reporter, "emit", deadly)  # noqa: B010 - a method of another class

    return inside


@pytest.mark.full
def test_a_killed_driver_leaves_no_process_and_another_goes_on(tmp_path: Path) -> None:
    spec, files = sweep(
        IMAGES, 150, n_trials=3, space={"parameters": [RATE, BATCH]}, arguments=ARGUMENTS, backend={"name": "ray"}
    )
    undisturbed = SmallSupervisor(tmp_path / "undisturbed", spec, files)
    undisturbed.run(3)
    supervisor = SmallSupervisor(tmp_path / "job", spec, files)
    assert supervisor.one_child(3, dies_after(1, "reported")) < 0
    folder = session_folder(supervisor.folder)
    remove_session(supervisor.folder)
    patience = time.monotonic() + 20
    while ray_processes(folder) and time.monotonic() < patience:
        time.sleep(0.2)
    nothing_is_left(supervisor)
    supervisor.take_up()
    supervisor.run(3)
    assert supervisor.failed is None, f"{supervisor.failed}\n{supervisor.output}"
    assert supervisor.table() == undisturbed.table()
    attempts = [(event["number"], event["attempt"]) for event in supervisor.of_type("trial_finished")]
    assert attempts == [(0, 1), (1, 2), (2, 1)]
    nothing_is_left(supervisor)


@pytest.mark.full
def test_ray_ends_with_its_supervisor_though_no_permit_is_left(tmp_path: Path) -> None:
    arguments = {**ARGUMENTS, "num_train_epochs": 100_000}
    spec, files = sweep(
        IMAGES, 150, n_trials=1, space={"parameters": [RATE]}, arguments=arguments, backend={"name": "ray"}, children=2
    )
    supervisor = SmallSupervisor(tmp_path / "job", spec, files)
    ours, pid = supervisor.start_child()
    supervisor.serve(ours, 1, until=lambda: bool(supervisor.of_type("reported")))
    assert supervisor.refused == 1  # it has asked for a second trial, and knows that there is none
    ours.close()
    _, state = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(state) == CHANNEL_CLOSED
    remove_session(supervisor.folder)
    nothing_is_left(supervisor)


@pytest.mark.full
def test_bohb_learns_from_the_rungs_of_hyperband(tmp_path: Path) -> None:
    scheduler = {"name": "hyperband", "options": {"max_t": 3, "reduction_factor": 3.0}}
    backend = {"search": {"name": "bohb"}, "scheduler": scheduler}
    # As a frozen spec has it: a paused trial goes on from the checkpoint of its evaluation.
    arguments = {**ARGUMENTS, "save_strategy": "epoch"}
    supervisor = done(tmp_path, 9, backend=backend, keep_best=False, children=2, arguments=arguments)
    states = {event["number"]: event["state"] for event in supervisor.of_type("trial_finished")}
    assert sorted(states) == list(range(9))
    evaluations = Counter(event["number"] for event in supervisor.of_type("reported"))
    assert {evaluations[number] for number, state in states.items() if state == "pruned"} == {1}
    assert {evaluations[number] for number, state in states.items() if state == "complete"} == {3}


@pytest.mark.full
def test_hyperband_pauses_trials_and_ends_the_bad_ones(tmp_path: Path) -> None:
    supervisor = done(
        tmp_path,
        6,
        backend={"scheduler": {"name": "hyperband", "options": {"max_t": 4, "reduction_factor": 2.0}}},
        space={"parameters": [{"type": "categorical", "name": "learning_rate", "choices": [1e-7, 1e-2]}]},
        arguments={**ARGUMENTS, "num_train_epochs": 4, "save_strategy": "epoch"},
        objectives=[{"metric": "eval_loss", "direction": "minimize"}],
        children=2,
    )
    finished = supervisor.of_type("trial_finished")
    assert sorted(event["number"] for event in finished) == list(range(6))
    assert {event["state"] for event in finished} == {"complete", "pruned"}
    assert supervisor.of_type("params_changed") == []


@pytest.mark.full
def test_a_cluster_that_exists_is_used_and_left_running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    head = [str(Path(sys.executable).with_name("ray")), "start", "--head", "--block", f"--port={port}", "--num-cpus=2"]
    sessions = Path(tempfile.mkdtemp(prefix="ray"))  # a short path, as sockets need one
    head += ["--include-dashboard=false", f"--temp-dir={sessions}", "--object-store-memory=100000000"]
    token = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "a" * 40}
    quiet = {**os.environ, "RAY_USAGE_STATS_ENABLED": "0", **token}
    monkeypatch.setenv("RAY_AUTH_TOKEN", token["RAY_AUTH_TOKEN"])
    with subprocess.Popen(head, env=quiet, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as cluster:
        try:
            assert cluster.stdout
            assert any("Ray runtime started" in line for line in cluster.stdout)
            supervisor = done(tmp_path, 2, backend={"address": f"127.0.0.1:{port}"}, children=2)
            assert {event["state"] for event in supervisor.of_type("trial_finished")} == {"complete"}
            assert cluster.poll() is None
        finally:
            cluster.terminate()
            cluster.wait(60)
            shutil.rmtree(sessions, ignore_errors=True)


def test_a_cluster_that_does_not_answer_is_a_sentence(tmp_path: Path) -> None:
    address = f"127.0.0.1:{free_port()}"
    spec, files = sweep(
        IMAGES, 150, n_trials=1, space={"parameters": [RATE]}, backend={"name": "ray", "address": address}
    )
    supervisor = SmallSupervisor(tmp_path / "job", spec, files)
    supervisor.run(1)
    assert supervisor.failed is not None
    assert supervisor.failed.field == "backend.address"
    assert (
        supervisor.failed.message
        == f"No Ray cluster answers at {address}: [Errno 111] Connection refused. Start it, or correct its address or its token."
    )


def free_port() -> int:
    with socket.socket() as any_free:
        any_free.bind(("127.0.0.1", 0))
        return int(any_free.getsockname()[1])
