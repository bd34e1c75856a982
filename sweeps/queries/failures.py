"""Failed trials by their cause: what those have in common, and what can be done about it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from runners.protocol.states import FailureCode, TrialState
from sweeps.models import Sweep, Trial
from sweeps.queries.details import frozen_spec
from sweeps.queries.failures_common import Common, in_common
from sweeps.queries.failures_excluded import Exclusion, exclusion

_SHOWN: Final = 12
_NUMBER: Final = re.compile(r"0x[0-9a-f]+|\d+(?:[.,]\d+)*(?:e[+-]?\d+)?", re.IGNORECASE)
_QUOTED_PATH: Final = re.compile(r"(?:/[\w.\-]+){2,}")
_EXCEPTION: Final = re.compile(
    r"^([A-Za-z_][\w.]*(?:Error|Exception|Warning|Interrupt|Exit|NotFinite|UnfitParameters))\b", re.MULTILINE
)
_BATCH: Final = ("per_device_train_batch_size", "effective_batch_size")


@dataclass(frozen=True)
class FailureGroup:
    """`numbers`: of its trials. `title`: the cause in a few words, `message`: what the newest of them said.

    `common`: what their parameters have in common. `advice`: what can be done, a sentence each. `trial`: the newest.
    `excludable`: what might be taken out of the space; None where nothing can.
    """

    code: str
    title: str
    message: str
    numbers: list[int]
    trial: int
    traceback: str
    common: list[Common] = field(default_factory=list)
    advice: list[str] = field(default_factory=list)
    excludable: Exclusion | None = None

    @property
    def count(self) -> int:
        return len(self.numbers)

    @property
    def shown(self) -> list[int]:
        """The first numbers; a thousand failures are no list."""
        return self.numbers[:_SHOWN]

    @property
    def more(self) -> int:
        return len(self.numbers) - len(self.shown)

    @property
    def out_of_memory(self) -> bool:
        return self.code == FailureCode.OOM.value


def failure_groups(sweep: Sweep) -> list[FailureGroup]:
    """The causes, the most frequent first. Two queries."""
    failed = list(
        Trial.objects.filter(sweep=sweep, state=TrialState.FAIL.value)
        .order_by("finished_order", "number")
        .only("number", "params", "failure_code", "failure_message", "traceback")
    )
    if not failed:
        return []
    fine = list(
        Trial.objects.filter(sweep=sweep, state__in=[TrialState.COMPLETE.value, TrialState.PRUNED.value]).values_list(
            "params", flat=True
        )
    )
    by_cause: dict[tuple[str, str], list[Trial]] = {}
    for trial in failed:
        by_cause.setdefault(cause_of(trial.failure_code, trial.failure_message, trial.traceback), []).append(trial)
    groups = [_group(sweep, trials, fine, len(failed)) for trials in by_cause.values()]
    return sorted(groups, key=lambda group: (-group.count, group.numbers[0]))


def known_failure_groups(sweep: Sweep) -> list[FailureGroup]:
    """The same for a page: found once for all who look at the sweep as it stands."""
    return _found(sweep.public_id, sweep.position)


@lru_cache(maxsize=64)
def _found(public_id: str, position: int) -> list[FailureGroup]:  # noqa: ARG001  the position is for the cache
    return failure_groups(Sweep.objects.get(public_id=public_id))


def cause_of(code: str, message: str, traceback: str) -> tuple[str, str]:
    """What two failures of one cause share: the code, the kind of exception, the words without numbers and paths."""
    kind = exception_of(traceback)
    shape = _NUMBER.sub("#", _QUOTED_PATH.sub("/…", _first_line(message)))
    return code, f"{kind}|{shape[:300]}"


def exception_of(traceback: str) -> str:
    """The name of the exception that a traceback ends with; empty when it has none."""
    found = _EXCEPTION.findall(traceback)
    return str(found[-1]).rpartition(".")[2] if found else ""


def why_all_failed(sweep: Sweep) -> str:
    """Why no trial of the sweep came to an end, in a sentence."""
    groups = failure_groups(sweep)
    count = sum(group.count for group in groups)
    if not groups:
        return "No trial came to an end."
    first = groups[0]
    whose = "The only trial failed" if count == 1 else f"All {count} trials failed"
    if first.count == 1:
        # Each for a reason of its own: the newest stands for them.
        newest = Trial.objects.filter(sweep=sweep, state=TrialState.FAIL.value).order_by("-finished_order").first()
        said = (newest.failure_message or newest.failure_code) if newest else ""
        return f"{whose}. The last one said: {_first_line(said)}"
    how_many = "" if len(groups) == 1 else f", {first.count} of them"
    return f"{whose}{how_many} with one cause: {first.title}. The last of them said: {_first_line(first.message) or first.code}"


def _first_line(text: str) -> str:
    return text.strip().split("\n")[0]


def _group(sweep: Sweep, trials: Sequence[Trial], fine: list[dict[str, Any] | None], failed: int) -> FailureGroup:
    newest = trials[-1]
    common = in_common([trial.params or {} for trial in trials], [params or {} for params in fine])
    return FailureGroup(
        code=newest.failure_code,
        title=_title(newest),
        message=newest.failure_message,
        numbers=sorted(trial.number for trial in trials),
        trial=newest.number,
        traceback=newest.traceback,
        common=common,
        advice=_advice(sweep, newest, len(trials), failed, common),
        excludable=exclusion(frozen_spec(sweep), common) if common else None,
    )


def _title(trial: Trial) -> str:
    match trial.failure_code:
        case FailureCode.OOM.value:
            return "CUDA out of memory" if "cuda" in trial.traceback.lower() else "out of memory"
        case FailureCode.NOT_FINITE.value:
            return "the objective is not a finite number"
        case FailureCode.CRASHED.value:
            return "the training process died"
        case FailureCode.RUNNER_LOST.value:
            return "the runner was lost"
        case _:
            kind = exception_of(trial.traceback) or exception_of(trial.failure_message)
            return kind or trial.failure_code.replace("_", " ") or "error"


def _advice(sweep: Sweep, trial: Trial, count: int, failed: int, common: list[Common]) -> list[str]:
    advice = []
    if trial.failure_code == FailureCode.OOM.value:
        batch = next((name for name in _BATCH if name in (trial.params or {})), _BATCH[0])
        advice.append(
            f"Retry with half the {batch} and twice the gradient_accumulation_steps: the effective batch stays."
        )
    elif trial.failure_code == FailureCode.NOT_FINITE.value:
        advice.append("A lower learning_rate, more warmup_steps or max_grad_norm often mends it.")
    if count > 1 and common:
        advice.append(f"Take what they have in common out of the space: {common[0].words}.")
    limit = ((sweep.spec or {}).get("budget") or {}).get("max_failed_trials")
    if limit and failed > limit:
        advice.append(f"The sweep allows {limit} failed trials. Mend the cause, or extend it and allow more.")
    return advice
