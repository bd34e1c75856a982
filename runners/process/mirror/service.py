"""What a mirror's service is to the mirror: entries, one per trial."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, Protocol

from runners.protocol.base import Scalar

State = Literal["complete", "pruned", "fail", "lost", "cancelled"]
"""`lost`: its process died, and the trial is trained again, under the same entry. `cancelled`: people ended it."""

EVALUATION: Final = "eval_"


@dataclass(frozen=True)
class Sweep:
    """`id` is the sweep's public id, `name` what people call it. `folder`: where a local service keeps its files."""

    id: str
    name: str
    folder: Path

    @property
    def group(self) -> str:
        """Names repeat, so the id stands beside it."""
        return f"{self.name} ({self.id})"


@dataclass(frozen=True)
class Trial:
    """`params`: what was searched, with what follows from it. `fixed`: the other hyper-parameters."""

    sweep: Sweep
    number: int
    attempt: int
    params: Mapping[str, Scalar]
    fixed: Mapping[str, object] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.sweep.name} #{self.number}"

    @property
    def id(self) -> str:
        """The same for each attempt, so that a later one goes on with the entry of the one before."""
        return f"{self.sweep.id}-{self.number}"


@dataclass(frozen=True)
class End:
    """`values`: objective → value; `metrics`: of the last evaluation; `message`: why it failed."""

    state: State
    values: Mapping[str, float] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    message: str = ""


class Entry(Protocol):
    """A trial at the service. Any method may raise or take long: training does not wait for it."""

    def log(self, step: int, epoch: float | None, values: Mapping[str, float]) -> None:
        """What the Trainer logged at a step, under the Trainer's names."""

    def changed(self, step: int, params: Mapping[str, Scalar]) -> None:
        """Population-based training changed the trial's parameters."""

    def flush(self) -> None:
        """Nothing more is there to be told for now."""

    def finish(self, end: End) -> None:
        """The end of the attempt."""


class Service(Protocol):
    """Made once in a mirror's process."""

    def begin(self, trial: Trial) -> Entry:
        """The trial's entry, a new one or that of an earlier attempt."""


def slashed(values: Mapping[str, float]) -> dict[str, float]:
    """The names that transformers gives them at W&B, TensorBoard and Trackio: `train/loss`, `eval/loss`."""
    return {
        f"eval/{name.removeprefix(EVALUATION)}" if name.startswith(EVALUATION) else f"train/{name}": value
        for name, value in values.items()
    }


def numbers_of(params: Mapping[str, Scalar]) -> dict[str, float]:
    """Those parameters that a chart can show, as `params/<name>`."""
    return {
        f"params/{name}": float(value)
        for name, value in params.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
