"""Weights & Biases: a group per sweep, a run per trial under the id that every attempt shares."""

import os
from collections.abc import Mapping
from typing import Any, Final

from runners.process.mirror.service import End, Entry, Service, Sweep, Trial, numbers_of, slashed
from runners.protocol.base import Scalar

_STEP: Final = "train/global_step"
_SETTINGS: Final = {
    "WANDB_SILENT": "true",
    "WANDB_CONSOLE": "off",
    "WANDB__DISABLE_STATS": "true",
    "WANDB_X_DISABLE_MACHINE_INFO": "true",
    "WANDB_DISABLE_GIT": "true",
    "WANDB_DISABLE_CODE": "true",
    "WANDB_ERROR_REPORTING": "false",
    "WANDB__FILE_STREAM_TRANSMIT_INTERVAL": "5",
    # The client would repeat for days.
    "WANDB__FILE_STREAM_RETRY_MAX": "4",
    "WANDB__FILE_TRANSFER_RETRY_MAX": "1",
    "WANDB__GRAPHQL_RETRY_MAX": "4",
    "WANDB_INIT_TIMEOUT": "45",
    "WANDB_HTTP_TIMEOUT": "15",
}
_FOLDERS: Final = ("WANDB_DIR", "WANDB_CONFIG_DIR", "WANDB_CACHE_DIR", "WANDB_DATA_DIR", "WANDB_ARTIFACT_DIR")
PROJECT: Final = "hpweb"


class Wandb(Service):
    def __init__(self, sweep: Sweep) -> None:
        folder = sweep.folder / "wandb"
        folder.mkdir(parents=True, exist_ok=True)
        os.environ.update(_SETTINGS)
        os.environ.update(dict.fromkeys(_FOLDERS, str(folder)))
        import wandb

        self._wandb: Any = wandb

    def begin(self, trial: Trial) -> "Run":
        run = self._wandb.init(
            project=os.environ.get("WANDB_PROJECT", PROJECT),
            id=trial.id,
            resume="allow",
            reinit="create_new",
            name=trial.name,
            group=trial.sweep.group,
            job_type="trial",
            config={**trial.fixed, **trial.params, "attempt": trial.attempt},
        )
        # W&B's own step only grows; a later attempt begins at the Trainer's first step again.
        run.define_metric("*", step_metric=_STEP, step_sync=True)
        return Run(run)


class Run(Entry):
    def __init__(self, run: Any) -> None:
        self._run = run

    def log(self, step: int, epoch: float | None, values: Mapping[str, float]) -> None:
        self._run.log(slashed(values) | ({} if epoch is None else {"train/epoch": epoch}) | {_STEP: step})

    def changed(self, step: int, params: Mapping[str, Scalar]) -> None:
        self._run.log({**numbers_of(params), _STEP: step})

    def flush(self) -> None:
        """Its own process sends."""

    def finish(self, end: End) -> None:
        told: dict[str, object] = {**slashed(end.metrics), **end.values, "state": end.state}
        if end.message:
            told["failure"] = end.message
        self._run.summary.update(told)
        self._run.finish(exit_code=0 if end.state in {"complete", "pruned"} else 1)


def make(sweep: Sweep) -> Service:
    return Wandb(sweep)
