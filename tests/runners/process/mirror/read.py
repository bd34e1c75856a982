"""What a service has of a sweep, read back the way its own users would."""

import json
import os
import subprocess
import sys
from collections import UserDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

from tests.runners.process.mirror.services import FakeWandb


@dataclass
class Entry:
    params: dict[str, Any] = field(default_factory=dict)
    losses: dict[int, float] = field(default_factory=dict)
    state: str = ""
    value: float | None = None


class Entries(UserDict[str, Entry]):
    slash = "/"
    """What stands for a slash in names."""


def tensorboard(folder: Path) -> Entries:
    entries = Entries()
    entries.slash = "_"
    for path in sorted(folder.iterdir()):
        events = EventAccumulator(str(path)).Reload()
        told = HParamsPluginData.FromString(
            events.SummaryMetadata("_hparams_/session_start_info").plugin_data.content
        ).session_start_info.hparams
        entries[path.name] = Entry(
            {name: value.number_value or value.string_value for name, value in told.items()},
            {scalar.step: scalar.value for scalar in events.Scalars("train/loss")},
            events.Tensors("state/text_summary")[-1].tensor_proto.string_val[0].decode(),
            events.Scalars("objective")[-1].value,
        )
    return entries


def ended(folder: Path) -> list[str]:
    """TensorBoard's entries that have a state."""
    found = list(folder.iterdir()) if folder.is_dir() else []
    return [
        path.name for path in found if "state/text_summary" in EventAccumulator(str(path)).Reload().Tags()["tensors"]
    ]


def trackio(folder: Path, project: str) -> Entries:
    """In a process of its own: Trackio reads its folder's name once."""
    code = """
import json, sys, trackio
from trackio.sqlite_storage import SQLiteStorage
runs = {run.name: run.config for run in trackio.Api().runs(sys.argv[1])}
print(json.dumps({name: [config, SQLiteStorage.get_logs(sys.argv[1], name)] for name, config in runs.items()}))
"""
    told = subprocess.run(
        [sys.executable, "-c", code, project],
        env={**os.environ, "TRACKIO_DIR": str(folder)},
        stdout=subprocess.PIPE,
        check=True,
    )
    entries = Entries()
    for name, (config, logs) in json.loads(told.stdout.splitlines()[-1]).items():
        losses = {line["step"]: line["train/loss"] for line in logs if "train/loss" in line}
        entries[name] = Entry(config, losses, logs[-1]["state"], logs[-1]["objective"])
    return entries


def mlflow(store: str, experiment: str) -> Entries:
    from mlflow.tracking import MlflowClient

    os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
    client = MlflowClient(store)
    found = client.get_experiment_by_name(experiment)
    assert found is not None
    entries = Entries()
    for run in client.search_runs([found.experiment_id]):
        losses = {one.step: one.value for one in client.get_metric_history(run.info.run_id, "loss")}
        assert run.info.status == "FINISHED"
        entries[run.info.run_name] = Entry(
            run.data.params, losses, run.data.tags["hpweb.state"], run.data.metrics["objective"]
        )
    return entries


def wandb(server: FakeWandb, group: str) -> Entries:
    entries = Entries()
    for (project, _), run in server.runs.items():
        assert (project, run.group, run.exit_code) == ("hpweb", group, 0)
        entries[run.name] = Entry(
            run.config, dict(run.history("train/loss")), run.summary["state"], run.summary["objective"]
        )
    return entries
