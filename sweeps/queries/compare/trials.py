"""The trials that are compared, with everything that is said about them. A handful of queries, however many."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Final

from runners.protocol.backends import OptunaBackend, RayBackend
from runners.protocol.base import Scalar
from runners.protocol.catalogue import catalogue
from runners.protocol.script import ScriptSpec
from runners.protocol.spec import ArtifactData, FieldValue, SweepSpec
from sweeps.models import Attempt, Sweep, Trial
from sweeps.queries.compare.address import Ref
from sweeps.queries.details import frozen_spec, script_spec

_GPUS: Final = re.compile(r"\(GPU ([0-9, ]+)\)$")
"""How a runner's name of a device ends, see `runners.process.slots`."""


def gpu_indices(device: str) -> list[int]:
    """The GPUs that a job's device names; none is the CPU."""
    found = _GPUS.search(device)
    return [int(index) for index in found[1].split(",")] if found else []


@dataclass(frozen=True)
class Compared:
    """One trial. `attempt`: its newest one that began, with `job.runner`. None where nothing is known."""

    trial: Trial
    sweep: Sweep
    spec: SweepSpec | None
    script: ScriptSpec | None
    attempt: Attempt | None

    @property
    def ref(self) -> Ref:
        return Ref(self.sweep.public_id, self.trial.number)

    @property
    def facts(self) -> dict[str, Any]:
        """What the job said of itself: versions, device, preparation."""
        return self.attempt.job.facts if self.attempt else {}

    @property
    def versions(self) -> dict[str, str]:
        return dict(self.facts.get("versions") or {})

    @property
    def params(self) -> dict[str, Scalar]:
        return self.trial.params or {}

    @property
    def objectives(self) -> list[tuple[str, str]]:
        """Metric and direction, in the order of the trial's values."""
        shown = self.spec or self.script
        return [(row.metric, row.direction) for row in shown.objectives] if shown else []

    @property
    def values(self) -> dict[str, Any]:
        """By metric."""
        return dict(zip([metric for metric, _ in self.objectives], self.trial.values, strict=False))

    def argument(self, name: str) -> FieldValue:
        """A training argument as the trial had it: searched, fixed, or transformers' default."""
        if name in self.params:
            return self.params[name]
        if self.spec and name in self.spec.arguments:
            return self.spec.arguments[name]
        field = catalogue().arguments_by_name.get(name)
        return field.default if field else None

    @property
    def seed(self) -> int | None:
        """Of the training."""
        return self.trial.seed if self.trial.seed is not None else self.spec.seed if self.spec else None

    @property
    def gpus(self) -> int | None:
        """On how many GPUs it trained; 0 is the CPU."""
        if self.spec and isinstance(self.spec.backend, RayBackend):
            return ceil(self.spec.backend.gpus)
        device = self.facts.get("device")
        if self.spec is None or not device:
            return None
        return len(gpu_indices(device))

    @property
    def effective_batch(self) -> int | None:
        """Rows to an optimizer step: rows on a device × batches accumulated × devices."""
        size, accumulated = (
            self.argument(name) for name in ("per_device_train_batch_size", "gradient_accumulation_steps")
        )
        if self.spec is None or not isinstance(size, int) or not isinstance(accumulated, int):
            return None
        # Where one process sees several GPUs, which only Ray lets it, the Trainer spreads the batch over them.
        spread = self.gpus or 1 if isinstance(self.spec.backend, RayBackend) else self.spec.processes
        return size * accumulated * max(spread, 1)

    @property
    def precision(self) -> str | None:
        """What the training computed in, and the evaluation where that differs."""
        if self.spec is None:
            return None
        said = "bf16" if self.argument("bf16") else "fp16" if self.argument("fp16") else "fp32"
        if self.argument("tf32"):
            said += " with TF32"
        for name in ("bf16", "fp16"):
            if self.argument(f"{name}_full_eval"):
                said += f", evaluated in {name}"
        return said

    @property
    def data(self) -> str | None:
        """Data set and version, in words that differ where the rows do."""
        if self.spec is None:
            return None
        data, version = self.spec.data, self.sweep.dataset_version
        if version:
            return f"{version.dataset.name}, version {version.number}"
        if isinstance(data, ArtifactData):
            return f"rows {data.digest[:12]}"
        return f"{data.id}{f' ({data.config})' if data.config else ''}, revision {data.revision or 'default'}"

    @property
    def evaluated_on(self) -> str | None:
        """The evaluation split, the same."""
        if self.spec is None:
            return None
        data = self.spec.data
        if isinstance(data, ArtifactData):
            rows = f"{data.eval.rows:,} rows, " if data.eval.rows is not None else ""
            return f"{rows}file {data.eval.sha256[:12]}"
        if data.eval_split:
            return f"split {data.eval_split}"
        return f"{data.eval_fraction:g} of {data.train_split}, split seed {data.split_seed}"

    @property
    def model(self) -> str | None:
        return self.sweep.model.name if self.sweep.model else None

    @property
    def sampler(self) -> str | None:
        """Who proposes within the backend."""
        shown = self.spec or self.script
        if shown is None:
            return None
        backend = shown.backend
        if isinstance(backend, OptunaBackend):
            return backend.sampler.name
        return backend.search.name if isinstance(backend, RayBackend) else backend.method

    @property
    def backend(self) -> str | None:
        shown = self.spec or self.script
        return shown.backend.name if shown else None

    @property
    def runner(self) -> str | None:
        return self.attempt.job.runner.name if self.attempt and self.attempt.job.runner else None


def compared(trials: Sequence[Trial]) -> list[Compared]:
    """In this order. `trials`: with their sweeps, one object for each sweep."""
    attempts = (
        Attempt.objects.filter(trial__in=[trial.pk for trial in trials])
        .select_related("job__runner")
        .only("trial_id", "index", "job__facts", "job__runner__name")
        .order_by("index")
    )
    newest = {attempt.trial_id: attempt for attempt in attempts}
    specs = {sweep.pk: (frozen_spec(sweep), script_spec(sweep)) for sweep in {trial.sweep for trial in trials}}
    return [Compared(trial, trial.sweep, *specs[trial.sweep_id], newest.get(trial.pk)) for trial in trials]
