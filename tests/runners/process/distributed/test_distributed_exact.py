"""A sweep in two processes gives what the plain script under torchrun gives, number by number."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.runners.process.material import TEXT, sweep
from tests.runners.process.small_supervisor import SmallSupervisor

SCRIPT = Path(__file__).parents[4] / "bench" / "plain" / "ddp_text_classification.py"


def plain(supervisor: SmallSupervisor, folder: Path) -> list[dict[str, Any]]:
    """What the plain script prints under torchrun for the same data, tokenizer and settings."""
    folder.mkdir()
    for split, file in supervisor.data.items():
        shutil.copy(file, folder / f"{split}.parquet")
    assert supervisor.tokenizer
    shutil.copytree(supervisor.tokenizer, folder / "tokenizer")
    (folder / "settings.json").write_text(supervisor.spec.model_dump_json())
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    done = subprocess.run(
        [*torchrun, str(SCRIPT), str(folder)],
        env={**os.environ, "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"number"')]


@pytest.mark.full
@pytest.mark.parametrize("pruner", [{"name": "none"}, {"name": "median", "options": {"n_startup_trials": 2}}])
def test_a_sweep_in_two_processes_equals_the_plain_script(pruner: dict[str, Any], tmp_path: Path) -> None:
    spec, files = sweep(
        TEXT,
        301,
        n_trials=6,
        objectives=[{"metric": "eval_loss", "direction": "minimize"}],
        arguments={**TEXT["arguments"], "num_train_epochs": 2, "per_device_eval_batch_size": 16},
        backend={"name": "optuna", "sampler": {"name": "random"}, "pruner": pruner},
        processes=2,
    )
    supervisor = SmallSupervisor(tmp_path / "job", spec, files)
    supervisor.run(6)
    assert supervisor.failed is None
    script = plain(supervisor, tmp_path / "plain")
    assert len(script) == 6
    assert supervisor.table() == [(line["number"], line["params"], [line["value"]]) for line in script]
    states = [event["state"] for event in supervisor.of_type("trial_finished")]
    assert states == [line["state"] for line in script]
    assert ("pruned" in states) is (pruner["name"] == "median")
