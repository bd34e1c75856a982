"""The exported script of a sweep, and of a trial, gives what the sweep gave."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from runners.protocol.spec import SweepSpec
from sweeps.queries.script.sweep import sweep_script, trial_script
from tests.runners.process.material import IMAGES, TEXT, sweep
from tests.runners.process.small_supervisor import SmallSupervisor
from tests.runners.process.test_child_exact import run_forked

RAYS_WORD = {"TERMINATED": "complete"}


def lay_out(supervisor: SmallSupervisor, folder: Path) -> None:
    """What the page's archive holds beside the script."""
    folder.mkdir()
    for split, file in supervisor.data.items():
        shutil.copy(file, folder / f"{split}.parquet")
    if supervisor.tokenizer:
        shutil.copytree(supervisor.tokenizer, folder / "tokenizer")


def lines(printed: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in printed.splitlines() if line.startswith('{"number"')]


def run_script(folder: Path, text: str) -> list[dict[str, Any]]:
    script = folder / "sweep.py"
    script.write_text(text)
    return lines(run_forked(script, folder))


def compare(spec: SweepSpec, files: dict[str, str], tmp_path: Path) -> list[dict[str, Any]]:
    supervisor = SmallSupervisor(tmp_path / "job", spec, files)
    supervisor.run(spec.budget.n_trials)
    assert supervisor.failed is None
    folder = tmp_path / "script"
    lay_out(supervisor, folder)
    printed = run_script(folder, sweep_script(spec, name="A sweep", versions={}))
    table = supervisor.table()
    assert [(line["number"], line["params"]) for line in printed] == [(number, params) for number, params, _ in table]
    for line, (_, _, values) in zip(printed, table, strict=True):
        assert line["values"] == pytest.approx(values, rel=1e-12)
    states = [event["state"] for event in supervisor.of_type("trial_finished")]
    assert [RAYS_WORD.get(line["state"], line["state"].lower()) for line in printed] == states
    number, params, values = next(row for row, state in zip(table, states, strict=True) if state == "complete")
    text = trial_script(spec, params, name="A sweep", number=number, versions={})
    (alone,) = run_script(folder, text)
    told = alone["values"] if isinstance(alone["values"], list) else [alone["values"]]
    assert told == pytest.approx(values, rel=1e-12)
    return printed


LOSS = [{"metric": "eval_loss", "direction": "minimize"}]


@pytest.mark.parametrize(("base", "rows"), [(TEXT, 360), (IMAGES, 300)], ids=["text", "images"])
def test_a_sweeps_script_gives_its_values(base: dict[str, Any], rows: int, tmp_path: Path) -> None:
    arguments = {**base["arguments"], "num_train_epochs": 2}
    spec, files = sweep(base, rows, n_trials=3, objectives=LOSS, arguments=arguments)
    compare(spec, files, tmp_path)
