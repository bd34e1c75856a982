"""W&B sweeps over the whole program, with the real wandb client over a real connection."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from runners.optimizers.wandb_configuration import wandb_configuration
from runners.protocol.spec import SweepSpec
from tests.processes import ROOT, clean_env
from tests.stack import Stack

SHORT = {"num_train_epochs": 1.0}
RATE = {"type": "float", "name": "learning_rate", "low": 1e-4, "high": 1e-2, "log": True}
QUICK = {"WANDB_SILENT": "true", "WANDB_CONSOLE": "off", "WANDB__FILE_STREAM_TRANSMIT_INTERVAL": "1"}


def program(stack: Stack, folder: Path, *command: str, key: str = "") -> "subprocess.Popen[str]":
    """A person's program that talks to the stack with an access token."""
    env = clean_env(
        WANDB_BASE_URL=f"{stack.address}/wandb",
        WANDB_API_KEY=key or stack.run("tests.stack.make_token"),
        WANDB_DIR=str(folder),
        HF_HUB_OFFLINE="1",
        **QUICK,
    )
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", *command], cwd=ROOT, env=env, stdout=pipe, stderr=pipe, text=True
    )


def finished(process: "subprocess.Popen[str]", seconds: float = 120) -> list[dict[str, Any]]:
    """The lines of JSON that the program has printed, once it has ended well."""
    printed, errors = process.communicate(timeout=seconds)
    assert process.returncode == 0, errors[-3000:]
    return [json.loads(line) for line in printed.splitlines() if line.startswith('{"')]


def export(stack: Stack, sweep: str, folder: Path) -> None:
    """What the plain script reads."""
    spec = json.loads(stack.query("select spec from sweeps_sweep where public_id = ?", sweep)[0][0])
    for split in ("train", "eval"):
        sha = spec["data"][split]["sha256"]
        shutil.copy(stack.data / "artifacts" / sha[:2] / sha, folder / f"{split}.parquet")
    for tokenizer in (stack.data / "runner" / "tokenizers").glob("*/"):
        shutil.copytree(tokenizer, folder / "tokenizer", dirs_exist_ok=True)
    frozen = SweepSpec.model_validate(spec)
    configuration = wandb_configuration(frozen.space, frozen.backend, frozen.objectives[0])  # type: ignore[arg-type]  # W&B's
    spec["sweep"] = {**configuration, "seed": frozen.sampler_seed}
    spec["arguments"].pop("save_strategy", None)
    (folder / "settings.json").write_text(json.dumps(spec))


def table(snapshot: dict[str, Any]) -> list[tuple[int, dict[str, Any], Any]]:
    return [(trial["number"], trial["params"], trial["value"]) for trial in snapshot["trials"]]


@pytest.mark.parametrize(("method", "n_trials"), [("random", 2), pytest.param("bayes", 12, marks=pytest.mark.full)])
def test_a_runners_job_equals_the_plain_script_whose_trials_are_on_its_own_page(
    stack: Stack, tmp_path: Path, method: str, n_trials: int
) -> None:
    sweep = stack.sweep("text", n_trials=n_trials, arguments=SHORT, wandb={"method": method})
    snapshot = stack.wait_finished(sweep, 240)
    assert snapshot["sweep"]["state"] == "complete", stack.tail()
    assert snapshot["sweep"]["model"] is not None
    export(stack, sweep, tmp_path)
    printed = finished(program(stack, tmp_path, "bench/plain/wandb_text_classification.py", str(tmp_path)), 240)
    script = printed[0]["sweep"]
    shown = stack.wait_trials_of(script, n_trials)
    assert [(line["number"], line["value"]) for line in printed[1:]] == [row[::2] for row in table(snapshot)]
    assert table(shown) == table(snapshot)
    assert len({row[2] for row in table(shown)}) > n_trials / 2
    assert "eval/accuracy" in shown["curves"]["0"]
    page = stack.client().get(f"/sweeps/{script}/").text
    assert "A person&#x27;s own, through the wandb client" in page
    assert "wandb_text_classification.py" in page


def test_scripts_of_a_person_share_a_grid(stack: Stack, tmp_path: Path) -> None:
    metric = {"name": "val/loss", "goal": "minimize"}
    grid = {"method": "grid", "metric": metric, "parameters": {"x": {"values": [0, 1, 2, 13]}}}
    first = program(stack, tmp_path, "-m", "tests.e2e.wandb_script", json.dumps(grid))
    assert first.stdout is not None
    lines = iter(first.stdout.readline, "")
    sweep = json.loads(next(line for line in lines if line.startswith('{"')))["sweep"]
    second = program(stack, tmp_path, "-m", "tests.e2e.wandb_script", "{}", sweep)
    for process in (first, second):
        finished(process)
    snapshot = stack.wait_finished(sweep, 30)
    assert snapshot["sweep"]["state"] == "complete"
    rows = [(trial["params"]["x"], trial["state"], trial["value"]) for trial in snapshot["trials"]]
    assert rows == [(0, "complete", 4.0), (1, "complete", 1.0), (2, "complete", 0.0), (13, "fail", None)]
    assert snapshot["curves"]["2"]["val/loss"]["value"] == pytest.approx([0.02, 0.01, 0.0])
    assert snapshot["curves"]["2"]["val/loss"]["step"] == [1, 2, 3]


@pytest.mark.full
def test_two_children_share_a_grid_and_leave_nothing_behind(stack: Stack) -> None:
    rows = [{"type": "categorical", "name": "seed", "choices": [1, 2, 3, 4, 5]}]
    sweep = stack.sweep("images", n_trials=5, children=2, arguments=SHORT, wandb={"method": "grid"}, space=rows)
    snapshot = stack.wait_finished(sweep, 180)
    assert sorted(trial["params"]["seed"] for trial in snapshot["trials"]) == [1, 2, 3, 4, 5]
    assert {trial["state"] for trial in snapshot["trials"]} == {"complete"}
    assert stack.runner is not None
    names = [process.name() for process in psutil.Process(stack.runner.pid).children(recursive=True)]
    assert not [name for name in names if "wandb" in name]
    assert not list((stack.data / "runner").glob("*/*/wandb*/**/*.wandb"))


@pytest.mark.full
def test_hyperband_prunes_a_runners_trials(stack: Stack) -> None:
    rows = [{"type": "categorical", "name": "learning_rate", "choices": [3e-3, 2e-3, 1e-7, 1e-8]}]
    early = {"name": "hyperband", "options": {"min_iter": 2, "eta": 2.0}}
    sweep = stack.sweep(
        "images",
        n_trials=4,
        arguments={"num_train_epochs": 6.0},
        wandb={"method": "grid", "early_terminate": early},
        space=rows,
    )
    snapshot = stack.wait_finished(sweep, 240)
    states = {trial["params"]["learning_rate"]: trial["state"] for trial in snapshot["trials"]}
    assert states[3e-3] == "complete"
    assert states[1e-8] == "pruned"
    pruned = next(trial for trial in snapshot["trials"] if trial["state"] == "pruned")
    assert 2 <= len(pruned["intermediate"]) < 6
    assert pruned["value"] == pruned["intermediate"][-1][2]
    assert snapshot["sweep"]["state"] == "complete"


@pytest.mark.full
def test_the_server_may_die_while_a_trial_trains(stack: Stack) -> None:
    sweep = stack.sweep("images", n_trials=3, arguments={"num_train_epochs": 6.0}, wandb={"method": "random"})
    stack.wait_trials(sweep, finished=1)
    stack.kill_server()
    stack.start_server()
    snapshot = stack.wait_finished(sweep, 180)
    assert snapshot["sweep"]["state"] == "complete"
    assert [(trial["number"], trial["state"]) for trial in snapshot["trials"]] == [(n, "complete") for n in range(3)]


@pytest.mark.full
def test_a_killed_child_trains_its_trial_again_with_the_same_parameters(stack: Stack) -> None:
    sweep = stack.sweep("images", n_trials=2, arguments={"num_train_epochs": 8.0}, wandb={"method": "random"})
    stack.wait_trials(sweep, finished=0)
    before = stack.snapshot(sweep)["trials"][0]["params"]
    stack.kill_child(sweep)
    snapshot = stack.wait_finished(sweep, 180)
    assert [(trial["number"], trial["state"]) for trial in snapshot["trials"]] == [(0, "complete"), (1, "complete")]
    assert snapshot["trials"][0]["params"] == before
    assert snapshot["trials"][0]["attempt"] == 2


@pytest.mark.full
def test_a_sweep_on_a_server_of_the_teams_own(stack: Stack) -> None:
    """hpweb's endpoint in the part of a self-hosted W&B: it proposes, and the trials are mirrored there."""
    stack.run("tests.stack.make_token", f"{stack.address}/wandb")
    sweep = stack.sweep(
        "images", n_trials=2, arguments=SHORT, wandb={"server": "wandb", "sweep_name": "Mirror"}, space=[RATE]
    )
    snapshot = stack.wait_finished(sweep, 180)
    assert snapshot["sweep"]["state"] == "complete", snapshot["sweep"]["failure_message"]
    (mirror,) = stack.query("select public_id from sweeps_sweep where name = 'Mirror'")[-1]
    shown = stack.wait_trials_of(mirror, 2)
    assert table(shown) == table(snapshot)
    assert "eval/accuracy" in shown["curves"]["0"]
    assert stack.query("select count(*) from sweeps_sweep where name = 'Mirror'") == [(1,)]


@pytest.mark.full
def test_a_wrong_key_is_refused_with_a_word_to_the_person(stack: Stack, tmp_path: Path) -> None:
    grid = json.dumps({"method": "grid", "parameters": {"x": {"values": [1]}}})
    process = program(stack, tmp_path, "-m", "tests.e2e.wandb_script", grid, key="x" * 40)
    _, errors = process.communicate(timeout=120)
    assert process.returncode != 0
    assert "401" in errors or "Make an access token" in errors
