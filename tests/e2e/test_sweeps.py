"""A sweep from its start to its end, over HTTP, with the real processes."""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.processes import ROOT, clean_env
from tests.stack import Stack

SHORT = {"num_train_epochs": 1.0}


def values(snapshot: dict[str, Any]) -> list[float]:
    return [trial["value"] for trial in snapshot["trials"]]


@pytest.mark.parametrize("kind", ["text", "images"])
def test_a_sweep_runs_to_its_end_and_its_best_model_keeps_its_word(stack: Stack, kind: str, tmp_path: Path) -> None:
    sweep = stack.sweep(kind, n_trials=3, arguments=SHORT)
    snapshot = stack.wait_finished(sweep)

    assert snapshot["sweep"]["state"] == "complete", snapshot["sweep"]["failure_message"]
    assert snapshot["sweep"]["counts"]["complete"] == 3
    assert [trial["number"] for trial in snapshot["trials"]] == [0, 1, 2]
    best = max(values(snapshot))
    assert snapshot["sweep"]["best"]["value"] == best
    assert snapshot["sweep"]["best"]["number"] == values(snapshot).index(best)
    for trial in snapshot["trials"]:
        curves = snapshot["curves"][str(trial["number"])]
        assert curves["eval_accuracy"]["value"][-1] == trial["value"]
        assert len(curves["loss"]["value"]) >= 1
        assert 1e-4 <= trial["params"]["learning_rate"] <= 1e-2

    # The model is uploaded before the sweep ends.
    assert snapshot["sweep"]["model"]["number"] == snapshot["sweep"]["best"]["number"]
    answer = stack.client().get(snapshot["sweep"]["model"]["url"])
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        archive.extractall(tmp_path / "model")
    names = {path.name for path in (tmp_path / "model").rglob("*")}
    assert {"README.md", "config.json", "model.safetensors"} <= names
    assert not {name for name in names if name.endswith((".bin", ".pkl", ".pickle", ".pt"))}
    assert evaluate(stack, sweep, kind, tmp_path / "model") == pytest.approx(best, abs=1e-9)


def evaluate(stack: Stack, sweep: str, kind: str, folder: Path) -> float:
    """The accuracy of the downloaded model on the sweep's evaluation split, computed by plain transformers code."""
    spec = json.loads(stack.query("select spec from sweeps_sweep where public_id = ?", sweep)[0][0])
    sha = spec["data"]["eval"]["sha256"]
    rows = stack.data / "artifacts" / sha[:2] / sha
    inner = next(path.parent for path in folder.rglob("config.json"))
    length = spec["data_settings"].get("max_length", 128)
    command = [sys.executable, "-W", "ignore", "-m", "tests.e2e.evaluate", kind, str(inner), str(rows), str(length)]
    env = clean_env(HF_HUB_OFFLINE="1")
    done = subprocess.run(command, check=False, cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return float(done.stdout)


def test_stop_lets_the_running_trial_finish_and_starts_no_other(stack: Stack) -> None:
    sweep = stack.sweep("images", n_trials=50)
    stack.wait_trials(sweep, finished=1)
    assert stack.client().post(f"/api/v1/sweeps/{sweep}/stop/").status_code == 200
    snapshot = stack.wait_finished(sweep, 60)
    assert snapshot["sweep"]["state"] == "complete"
    assert 2 <= snapshot["sweep"]["counted"] < 50
    assert {trial["state"] for trial in snapshot["trials"] if trial["params"]} == {"complete"}
    assert snapshot["sweep"]["model"] is not None


def test_cancel_ends_the_running_trial_at_once(stack: Stack) -> None:
    sweep = stack.sweep("text", n_trials=50, arguments={"num_train_epochs": 50.0})
    stack.wait_trials(sweep, finished=0)
    child = psutil.Process(stack.child(sweep))
    assert stack.client().post(f"/api/v1/sweeps/{sweep}/cancel/").status_code == 200
    snapshot = stack.wait_finished(sweep, 10)
    assert snapshot["sweep"]["state"] == "cancelled"
    assert {trial["state"] for trial in snapshot["trials"]} == {"cancelled"}
    _, alive = psutil.wait_procs([child], timeout=10)
    assert alive == []


def test_what_only_the_runner_can_know_is_refused_before_the_first_trial(stack: Stack) -> None:
    sweep = stack.sweep("text", hub_model="hpweb-tests/there-is-no-such-model")
    snapshot = stack.wait_finished(sweep, 60)
    assert snapshot["sweep"]["state"] == "fail"
    assert snapshot["sweep"]["failure_code"] == "invalid_spec"
    assert "hpweb-tests/there-is-no-such-model" in snapshot["sweep"]["failure_message"]
    assert [trial for trial in snapshot["trials"] if trial["params"]] == []
    assert stack.query("select failure_field from sweeps_sweep where public_id = ?", sweep)[0][0].startswith("model")
