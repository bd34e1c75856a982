"""Exported scripts with adapters, changed images, rows that depend on others, and several processes."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from runners.protocol.spec import SweepSpec
from sweeps.queries.script.parts import NoScript
from sweeps.queries.script.sweep import sweep_script, trial_script
from tests.runners.process.material import IMAGES, TEXT, sweep
from tests.runners.process.small_supervisor import SmallSupervisor
from tests.runners.process.test_scripts import LOSS, compare, lay_out, lines

QUICK = {**IMAGES["arguments"], "num_train_epochs": 1}
RATE = {"type": "float", "name": "learning_rate", "low": 1e-3, "high": 2e-2, "log": True}


def one_of(name: str, *choices: Any, **more: Any) -> dict[str, Any]:
    return {"type": "categorical", "name": name, "choices": choices, **more}


def linked(**changes: Any) -> tuple[SweepSpec, dict[str, str]]:
    """Rows with conditions, a formula, lookups, and two objectives."""
    space = {
        "parameters": [
            one_of("var.size", "small", "large"),
            one_of("optim", "sgd", "adamw_torch"),
            {**RATE, "when": {"name": "optim", "values": ["adamw_torch"]}},
            {"type": "float", "name": "weight_decay", "low": 0.0, "high": 0.1},
            one_of("per_device_train_batch_size", 8, 16),
            one_of("data.crop", 0, 1, when={"name": "per_device_train_batch_size", "values": [8]}),
        ],
        "derived": [
            {"type": "formula", "name": "gradient_accumulation_steps", "formula": "32 / per_device_train_batch_size"},
            {"type": "lookup", "name": "model.num_hidden_layers", "of": "var.size", "values": [1, 2]},
            {"type": "lookup", "name": "model.hidden_size", "of": "var.size", "values": [32, 64]},
        ],
    }
    wanted = {"objectives": [*LOSS, {"metric": "eval_f1_macro", "direction": "maximize"}], "space": space}
    return sweep(IMAGES, 150, **{"n_trials": 5, "arguments": QUICK, "sampler_seed": 3, **wanted, **changes})


def test_rows_that_depend_on_others_and_two_objectives(tmp_path: Path) -> None:
    spec, files = linked()
    printed = compare(spec, files, tmp_path)
    assert len({tuple(line["params"]) for line in printed}) > 2, "too few conditions were met in different ways"
    assert all(len(line["values"]) == 2 for line in printed)


@pytest.mark.full
def test_adapters(tmp_path: Path) -> None:
    space = {
        "parameters": [RATE, one_of("lora.r", 2, 8), {"type": "float", "name": "lora.dropout", "low": 0, "high": 0.3}]
    }
    spec, files = sweep(
        TEXT, 240, n_trials=3, objectives=LOSS, space=space, lora={"alpha": 32, "target_modules": ["query"]}
    )
    compare(spec, files, tmp_path)


@pytest.mark.full
def test_adapters_of_images_on_every_linear_module(tmp_path: Path) -> None:
    space = {"parameters": [RATE]}
    spec, files = sweep(
        IMAGES, 150, n_trials=2, objectives=LOSS, space=space, arguments=QUICK, lora={"target_modules": ["all-linear"]}
    )
    compare(spec, files, tmp_path)


@pytest.mark.full
def test_images_that_are_changed(tmp_path: Path) -> None:
    space = {"parameters": [RATE, one_of("data.flip", True, False), one_of("data.rotation", 0.0, 20.0)]}
    settings = {"crop": 1, "train_fraction": 0.5}
    spec, files = sweep(IMAGES, 150, n_trials=4, objectives=LOSS, space=space, arguments=QUICK, data_settings=settings)
    compare(spec, files, tmp_path)


@pytest.mark.full
def test_two_processes(tmp_path: Path) -> None:
    backend = {
        "name": "optuna",
        "sampler": {"name": "random"},
        "pruner": {"name": "median", "options": {"n_startup_trials": 2}},
    }
    space = {"parameters": [RATE, one_of("per_device_train_batch_size", 8, 16)]}
    arguments = {**QUICK, "num_train_epochs": 2, "per_device_eval_batch_size": 8}
    spec, files = sweep(
        IMAGES, 150, n_trials=4, objectives=LOSS, space=space, arguments=arguments, backend=backend, processes=2
    )
    supervisor = SmallSupervisor(tmp_path / "job", spec, files)
    supervisor.run(4)
    table = supervisor.table()
    states = [event["state"].upper() for event in supervisor.of_type("trial_finished")]
    folder = tmp_path / "script"
    lay_out(supervisor, folder)
    printed = launched(folder, sweep_script(spec, name="Two", versions={}))
    assert [(line["params"], line["state"]) for line in printed] == [
        (params, state) for (_, params, _), state in zip(table, states, strict=True)
    ]
    for line, (_, _, values) in zip(printed, table, strict=True):
        assert line["values"] == pytest.approx(values, rel=1e-9)
    number, params, values = next(row for row, state in zip(table, states, strict=True) if state == "COMPLETE")
    (alone,) = launched(folder, trial_script(spec, params, name="Two", number=number, versions={}))
    assert [alone["values"]] == pytest.approx(values, rel=1e-9)


def launched(folder: Path, text: str) -> list[dict[str, Any]]:
    """What the script prints under torchrun, as its own head says."""
    assert "OMP_NUM_THREADS=1 torchrun --standalone --nproc_per_node 2 THIS_FILE" in text
    (folder / "sweep.py").write_text(text)
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2", "sweep.py"]
    env = {**os.environ, "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"}
    run = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=250)
    assert run.returncode == 0, run.stderr[-4000:]
    return lines(run.stdout)


def test_the_head_names_what_the_script_imports() -> None:
    spec, _ = sweep(TEXT, 60, lora={}, backend={"name": "ray", "search": {"name": "hyperopt"}})
    text = sweep_script(spec, name="A", versions={"torch": "9.1", "ray": "2.0"})
    assert "pip install accelerate datasets hyperopt peft ray[tune]==2.0 scikit-learn torch==9.1 transformers\n" in text
    alone = trial_script(spec, {}, name="A", number=0, versions={})
    assert "pip install accelerate datasets peft scikit-learn torch transformers\n" in alone


def test_a_wandb_script_holds_the_sweeps_configuration() -> None:
    spec, _ = linked(
        backend={
            "name": "wandb",
            "method": "bayes",
            "project": "p",
            "entity": "e",
            "sweep_name": "s",
            "sweep_id": "x1",
        },
        objectives=LOSS,
    )
    text = sweep_script(spec, name="A", versions={})
    compile(text, "sweep.py", "exec")
    for part in ("'method': 'bayes'", "'goal': 'minimize'", 'project="p"', 'entity="e"', 'name="s"', 'sweep_id="x1"'):
        assert part.replace('"', "'") in text.replace('"', "'")
    assert "WANDB_API_KEY" in text


def test_a_metric_of_another_package_has_no_script(monkeypatch: pytest.MonkeyPatch) -> None:
    from runners.protocol.catalogue.additions import AddedMetric

    metric = {"name": "eval_own", "label": "Own", "direction": "maximize", "help": "Ours."}
    added = AddedMetric.model_validate({"tasks": ["image-classification"], "function": "own", "metric": metric})
    monkeypatch.setattr("sweeps.queries.script.sweep.added_metrics", lambda: (added,))
    spec, _ = sweep(IMAGES, 60, objectives=[{"metric": "eval_own", "direction": "maximize"}])
    with pytest.raises(NoScript, match=r"The metric eval_own has no script: its code is in a package of its own\."):
        sweep_script(spec, name="A", versions={})
