"""Where a trial came from and what became of its time: data, model, machine, versions, seeds, timings, checkpoints."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from runners.protocol.spec import ArtifactData
from sweeps.models import Attempt, Trial
from sweeps.queries.compare.trials import Compared
from sweeps.queries.details import describe_model, describe_processor

PHASES: Final = {
    "waiting": "Waiting for a runner",
    "load": "Loading model and data",
    "train": "Training",
    "evaluate": "Evaluating",
    "save": "Saving",
}


@dataclass(frozen=True)
class Fact:
    """`kind`: what a page links it to, "model" or "dataset", by `id`; empty for plain words."""

    label: str
    words: str
    kind: str = ""
    id: str = ""


@dataclass(frozen=True)
class Phase:
    """`seconds` of an attempt; `share` of the phases' sum, 0 to 100."""

    label: str
    seconds: float
    share: float


def origin(side: Compared) -> list[Fact]:
    """What it was trained on and with. What is not known is left out."""
    sweep, spec, trial = side.sweep, side.spec, side.trial
    found: list[Fact] = []
    if side.data:
        version = sweep.dataset_version
        dataset = version.dataset.public_id if version else ""
        found.append(Fact("Data set", side.data, "dataset" if dataset else "", dataset))
        if spec and isinstance(spec.data, ArtifactData):
            found.append(Fact("Rows", f"content hash {spec.data.digest[:12]}"))
        found.append(Fact("Evaluated on", side.evaluated_on or ""))
    if spec:
        if sweep.model:
            found.append(Fact("Model", sweep.model.name, "model", sweep.model.public_id))
        found.append(Fact("Weights", describe_model(spec.model)))
        found.append(Fact("Processor", describe_processor(spec.processor)))
        found.append(Fact("Effective batch", "" if side.effective_batch is None else f"{side.effective_batch} rows"))
        found.append(Fact("Precision", side.precision or ""))
    found += [Fact("Training seed", "" if side.seed is None else str(side.seed)), *_sampler(side)]
    if trial.space_version > 1:
        found.append(Fact("Search space", f"version {trial.space_version}"))
    attempt = side.attempt
    if attempt:
        found += [
            Fact("Runner", side.runner or "no longer registered"),
            Fact("Slot", attempt.child and f"child {attempt.child}"),
            Fact("Device", str(side.facts.get("device") or "")),
            Fact("Job", attempt.job.public_id),
        ]
    versions = ", ".join(f"{name} {version}" for name, version in sorted(side.versions.items()))
    found.append(Fact("Library versions", versions))
    return [fact for fact in found if fact.words]


def _sampler(side: Compared) -> list[Fact]:
    shown = side.spec or side.script
    if shown is None:
        return []
    who = {"enqueued": "a person", "retry": "a person, who repeated a trial"}.get(side.trial.origin)
    return [Fact("Proposed by", who or f"{side.sampler} ({side.backend}), seed {shown.sampler_seed}")]


def phases(trial: Trial, attempts: Sequence[Attempt]) -> list[Phase]:
    """Of the trial's life, in their order; empty before its end. Waiting counts to the start of its first attempt."""
    seconds: dict[str, float] = {}
    began = next((attempt.started_at for attempt in attempts if attempt.started_at), None)
    if began:
        seconds["waiting"] = max(0.0, (began - trial.created_at).total_seconds())
    seconds.update({name: float(value) for name, value in trial.timings.items() if isinstance(value, int | float)})
    if not trial.timings:
        return []
    whole = sum(seconds.values())
    order = [*(name for name in PHASES if name in seconds), *(name for name in seconds if name not in PHASES)]
    return [
        Phase(PHASES.get(name, name), seconds[name], round(100 * seconds[name] / whole, 1) if whole else 0.0)
        for name in order
    ]


def checkpoints(trial: Trial, attempts: Sequence[Attempt]) -> list[tuple[Attempt, bool]]:
    """Attempts that wrote a checkpoint, and whether it is still there: with the trial's end it is deleted."""
    over = trial.finished_at is not None
    newest = max((attempt.index for attempt in attempts if attempt.checkpoint_step is not None), default=None)
    return [
        (attempt, not over and attempt.index == newest) for attempt in attempts if attempt.checkpoint_step is not None
    ]
