"""The command `hpweb` as a team's script runs it: a real server, a real runner, a process of its own."""

import csv
import json
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from hpweb.client import Client
from tests.processes import ROOT, clean_env
from tests.stack import Stack

SWEEP = """
name: From a script
model: {model}
data: {data}
space:
  learning_rate: {{low: 1e-4, high: 1e-2, log: true}}
objectives: {{metric: eval_accuracy, direction: maximize}}
budget: {{n_trials: {n_trials}}}
backend: {{name: optuna, sampler: random}}
arguments: {{eval_strategy: epoch, save_strategy: no, num_train_epochs: {epochs}, per_device_train_batch_size: 32}}
"""


class Shell:
    """Starts the command with a person's settings, and nothing of the program's own."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        self.stack = stack
        self.folder = folder
        self.token = stack.run("tests.stack.make_token")
        self.env = clean_env(XDG_CONFIG_HOME=str(folder), PYTHONPATH=str(ROOT))

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "hpweb.client", *arguments]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, cwd=self.folder, env=self.env, stdin=pipe, stdout=pipe, stderr=pipe, text=True)

    def run(self, *arguments: str, code: int = 0, said: str = "") -> str:
        process = self.start(*arguments)
        printed, errors = process.communicate(said, timeout=120)
        assert process.returncode == code, (process.returncode, printed, errors)
        return printed

    def write(self, n_trials: int, epochs: int) -> str:
        """A sweep of the demo's images; the file's name."""
        with Client(self.stack.address, self.token) as client:
            model = next(row["name"] for row in client.models.list(task="image-classification"))
            data = next(row["name"] for row in client.datasets.list(task="image-classification"))
        path = self.folder / "sweep.yaml"
        path.write_text(SWEEP.format(model=model, data=data, n_trials=n_trials, epochs=epochs))
        return path.name


def test_a_script_makes_a_sweep_and_follows_it_to_its_best_model(stack: Stack, tmp_path: Path) -> None:
    shell = Shell(stack, tmp_path)
    assert "Logged in as" in shell.run("login", stack.address, said=f"{shell.token}\n")
    assert shell.token not in shell.run("whoami")

    printed = shell.run("sweep", "create", shell.write(n_trials=2, epochs=1), "--follow").splitlines()
    sweep = printed[0].partition(" ")[0]
    snapshot = stack.wait_finished(sweep, 10)
    best = snapshot["sweep"]["best"]
    assert printed[-1] == f"complete: 2 of 2 trials, best {best['value']:.6g} in trial {best['number']}"

    trials = json.loads(shell.run("trial", "list", sweep, "--json"))
    assert [(row["number"], row["value"], row["params"]) for row in trials] == [
        (row["number"], row["value"], row["params"]) for row in snapshot["trials"]
    ]
    with Client(stack.address, shell.token) as client:
        table = client.sweeps.get(sweep).to_pandas()
    assert list(table["value"]) == [row["value"] for row in snapshot["trials"]]

    exported = Path(tmp_path, shell.run("sweep", "export", sweep).strip())
    with exported.open() as file:
        rows = list(csv.DictReader(file))
    rates = [row["params"]["learning_rate"] for row in trials]
    assert sorted(float(row["param.learning_rate"]) for row in rows) == sorted(rates)
    model = Path(tmp_path, shell.run("download", sweep).strip())
    with zipfile.ZipFile(model) as archive:
        assert archive.testzip() is None
        assert any(name.endswith("model.safetensors") for name in archive.namelist())


@pytest.mark.full
def test_the_yaml_of_a_sweep_gives_the_same_values_again(stack: Stack, tmp_path: Path) -> None:
    shell = Shell(stack, tmp_path)
    shell.run("login", stack.address, said=f"{shell.token}\n")
    first = json.loads(shell.run("sweep", "create", shell.write(n_trials=2, epochs=1), "--follow", "--json"))["sweep"]
    said = shell.run("sweep", "yaml", first["id"])
    again = json.loads(shell.run("sweep", "create", "-", "--follow", "--json", said=said))["sweep"]
    assert again["id"] != first["id"]
    assert (again["best"], again["counts"]) == (first["best"], first["counts"])


@pytest.mark.full
def test_ctrl_c_leaves_the_sweep_and_a_cancelled_one_has_failed(stack: Stack, tmp_path: Path) -> None:
    shell = Shell(stack, tmp_path)
    shell.run("login", stack.address, said=f"{shell.token}\n")
    process = shell.start("sweep", "create", shell.write(n_trials=50, epochs=20), "--follow")
    assert process.stdout is not None
    sweep = process.stdout.readline().partition(" ")[0]
    assert process.stdout.readline().strip()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (
        130,
        f"Not followed any more; the sweep goes on: hpweb sweep follow {sweep}\n",
    )
    assert stack.snapshot(sweep)["sweep"]["wanted"] == "run"
    follower = shell.start("sweep", "follow", sweep)
    assert follower.stdout is not None
    assert follower.stdout.readline().strip()
    shell.run("sweep", "cancel", sweep)
    _, errors = follower.communicate(timeout=30)
    assert (follower.returncode, errors) == (1, "From a script: The sweep was cancelled.\n")
