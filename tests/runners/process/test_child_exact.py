"""A sweep gives what the plain script gives, number by number."""

import gc
import json
import os
import runpy
import shutil
import sys
import traceback
import warnings
from pathlib import Path
from typing import Any

import pytest

from runners.protocol.events import event_adapter
from tests.runners.process.material import IMAGES, TEXT, sweep
from tests.runners.process.small_supervisor import SmallSupervisor

SCRIPTS = Path(__file__).parents[3] / "bench" / "plain"


def plain(supervisor: SmallSupervisor, folder: Path) -> list[dict[str, Any]]:
    """What the plain script of the sweep's task prints for the same data, tokenizer and settings."""
    folder.mkdir()
    for split, file in supervisor.data.items():
        shutil.copy(file, folder / f"{split}.parquet")
    if supervisor.tokenizer:
        shutil.copytree(supervisor.tokenizer, folder / "tokenizer")
    (folder / "settings.json").write_text(supervisor.spec.model_dump_json())
    script = SCRIPTS / f"{supervisor.spec.task.replace('-', '_')}.py"
    printed = run_forked(script, folder)
    return [json.loads(line) for line in printed.splitlines() if line.startswith('{"number"')]


def run_forked(script: Path, folder: Path) -> str:
    """What the script prints. In a fork of this process, which has imported transformers already, as itself otherwise."""
    output = folder / "output.txt"
    pid = os.fork()
    if not pid:
        code = 1
        try:
            with output.open("w") as sys.stdout, output.open("a") as sys.stderr:
                warnings.simplefilter("default")
                gc.freeze()
                sys.argv = [str(script), str(folder)]
                runpy.run_path(str(script), run_name="__main__")
            code = 0
        except BaseException:
            output.write_text(traceback.format_exc())
            raise
        finally:
            os._exit(code)
    _, state = os.waitpid(pid, 0)
    printed = output.read_text()
    assert state == 0, printed
    return printed


@pytest.mark.parametrize(("base", "rows", "epochs"), [(TEXT, 360, 2), (IMAGES, 300, 3)], ids=["text", "images"])
def test_a_sweep_equals_the_plain_script(base: dict[str, Any], rows: int, epochs: int, tmp_path: Path) -> None:
    # The loss tells apart what accuracy on a few rows would not.
    loss = [{"metric": "eval_loss", "direction": "minimize"}]
    spec, files = sweep(base, rows, objectives=loss, arguments={**base["arguments"], "num_train_epochs": epochs})
    supervisor = SmallSupervisor(tmp_path / "job", spec, files)
    supervisor.run(8)
    assert supervisor.failed is None
    script = plain(supervisor, tmp_path / "plain")
    assert len(script) == 8
    assert supervisor.table() == [(line["number"], line["params"], [line["value"]]) for line in script]
    assert len({line["value"] for line in script}) == 8


def test_a_pruned_sweep_equals_the_plain_script(tmp_path: Path) -> None:
    spec, files = sweep(
        IMAGES,
        250,
        n_trials=8,
        arguments={**IMAGES["arguments"], "num_train_epochs": 4, "logging_steps": 50},
        backend={
            "name": "optuna",
            "sampler": {"name": "random"},
            "pruner": {"name": "median", "options": {"n_startup_trials": 2}},
        },
    )
    supervisor = SmallSupervisor(tmp_path / "job", spec, files)
    supervisor.run(8)
    script = plain(supervisor, tmp_path / "plain")
    states = [event["state"] for event in supervisor.of_type("trial_finished")]
    assert states == [line["state"] for line in script]
    assert {"complete", "pruned"} <= set(states)
    assert supervisor.table() == [(line["number"], line["params"], [line["value"]]) for line in script]


def test_every_event_is_one_of_the_contract(tmp_path: Path) -> None:
    spec, files = sweep(IMAGES, 100, arguments={**IMAGES["arguments"], "num_train_epochs": 1})
    supervisor = SmallSupervisor(tmp_path / "job", spec, files)
    supervisor.run(2)
    events = [event_adapter.validate_python({"seq": seq, **line}) for seq, line in enumerate(supervisor.events, 1)]
    kinds = [event.type for event in events]
    assert kinds[0] == "job_prepared"
    assert kinds.count("trial_started") == kinds.count("trial_finished") == 2
    assert kinds.count("reported") == 2
    assert [event.t for event in events] == sorted(event.t for event in events)
    finished = supervisor.of_type("trial_finished")[0]
    assert finished["metrics"]["eval_accuracy"] == finished["values"][0]
    assert set(finished["timings"]) == {"load", "train", "evaluate", "save"}
    assert sum(finished["timings"].values()) == pytest.approx(finished["duration_s"], abs=0.05)
