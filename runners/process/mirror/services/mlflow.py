"""MLflow: an experiment per sweep, a run per trial, found again by its tag."""

import os
import time
from collections.abc import Mapping
from typing import Final

from mlflow.entities import Metric, Param, RunTag
from mlflow.tracking import MlflowClient

from runners.process.mirror.service import End, Entry, Service, Sweep, Trial, numbers_of
from runners.protocol.base import Scalar

TRIAL_TAG: Final = "hpweb.trial"
_STATES: Final = {
    "complete": "FINISHED",
    "pruned": "FINISHED",
    "fail": "FAILED",
    "lost": "KILLED",
    "cancelled": "KILLED",
}
_LONGEST: Final = 500
_BATCH: Final = 1000
_PARAMS: Final = 100
"""MLflow's own limits: of a value's characters, and of metrics and parameters in a request."""


class MLflow(Service):
    def __init__(self) -> None:
        # The client would wait two minutes for an answer, eight times over.
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "15")
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "5")
        self._client = MlflowClient()
        self._experiment = ""

    def begin(self, trial: Trial) -> "Run":
        self._experiment = self._experiment or self._experiment_of(trial.sweep)
        tagged = f"tags.`{TRIAL_TAG}` = '{trial.id}'"
        found = self._client.search_runs([self._experiment], filter_string=tagged, max_results=1)
        tags = {TRIAL_TAG: trial.id, "hpweb.sweep": trial.sweep.id, "hpweb.state": "running"}
        if found:
            run = str(found[0].info.run_id)
            self._client.update_run(run, status="RUNNING")
        else:
            run = str(self._client.create_run(self._experiment, run_name=trial.name, tags=tags).info.run_id)
        self._client.log_batch(run, tags=[RunTag(name, value) for name, value in tags.items()])
        known = found[0].data.params if found else {}
        shown = {**trial.fixed, **trial.params, "attempt": trial.attempt}
        # A parameter cannot be written twice at MLflow: an earlier attempt's stand.
        params = [Param(name, str(value)[:_LONGEST]) for name, value in shown.items() if name not in known]
        for first in range(0, len(params), _PARAMS):
            self._client.log_batch(run, params=params[first : first + _PARAMS])
        return Run(self._client, run)

    def _experiment_of(self, sweep: Sweep) -> str:
        """Another runner may make it at the same moment: whoever is second finds it."""
        known = self._client.get_experiment_by_name(sweep.group)
        if known is None:
            try:
                return str(self._client.create_experiment(sweep.group, tags={"hpweb.sweep": sweep.id}))
            except Exception:
                known = self._client.get_experiment_by_name(sweep.group)
                if known is None:
                    raise
        return str(known.experiment_id)


class Run(Entry):
    def __init__(self, client: MlflowClient, run: str) -> None:
        self._client = client
        self._run = run
        self._waiting: list[Metric] = []
        self._step = 0

    def log(self, step: int, epoch: float | None, values: Mapping[str, float]) -> None:
        self._add(step, {**values, **({} if epoch is None else {"epoch": epoch})})

    def changed(self, step: int, params: Mapping[str, Scalar]) -> None:
        self._add(step, numbers_of(params))

    def _add(self, step: int, values: Mapping[str, float]) -> None:
        self._step = step
        now = time.time_ns() // 10**6
        self._waiting += [Metric(name, value, now, step) for name, value in values.items()]
        if len(self._waiting) >= _BATCH:
            self.flush()

    def flush(self) -> None:
        while self._waiting:
            self._client.log_batch(self._run, metrics=self._waiting[:_BATCH])
            del self._waiting[:_BATCH]

    def finish(self, end: End) -> None:
        self._add(self._step, {**end.metrics, **end.values})
        self.flush()
        self._client.set_tag(self._run, "hpweb.state", end.state)
        if end.message:
            self._client.set_tag(self._run, "hpweb.failure", end.message)
        self._client.set_terminated(self._run, _STATES[end.state])


def make(_: Sweep) -> Service:
    return MLflow()
