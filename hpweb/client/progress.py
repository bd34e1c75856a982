"""How far a sweep is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from hpweb.client.trials import Trial, number_of

FINISHED: Final = ("complete", "fail", "cancelled")


@dataclass(frozen=True)
class Best:
    """The best trial so far."""

    number: int
    value: float
    params: dict[str, Any]


@dataclass(frozen=True)
class Progress:
    """`counted` of `n_trials` have ended. `trials`: those that run or wait, the best and the newest, by number.

    `wanted`: what a person has asked for beside `state`, such as "stop". Times in seconds, None where not known.
    """

    state: str
    wanted: str
    counted: int
    n_trials: int
    counts: dict[str, int]
    best: Best | None
    trials: tuple[Trial, ...]
    elapsed_s: float | None
    remaining_s: float | None
    failure: str
    waiting: str
    position: int

    @property
    def over(self) -> bool:
        return self.state in FINISHED

    @classmethod
    def of(cls, state: Mapping[str, Any], trials: tuple[Trial, ...] = ()) -> "Progress":
        best = state.get("best")
        return cls(
            state=str(state["state"]),
            wanted=str(state.get("wanted", "run")),
            counted=int(state["counted"]),
            n_trials=int(state["n_trials"]),
            counts=dict(state.get("counts") or {}),
            best=Best(int(best["number"]), number_of(best["value"]), dict(best.get("params") or {})) if best else None,
            trials=trials,
            elapsed_s=state.get("elapsed_s"),
            remaining_s=state.get("remaining_s"),
            failure=str(state.get("failure_message") or state.get("failure_code") or ""),
            waiting=str(state.get("waiting_reason") or ""),
            position=int(state.get("position", 0)),
        )
