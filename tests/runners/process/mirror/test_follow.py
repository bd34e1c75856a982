"""What a service is told of a journal: one entry a trial, and no failure beyond its own trial."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from runners.process.mirror.follow import Follower, GivenUp
from runners.process.mirror.service import End, Entry, Service, Sweep, Trial, numbers_of, slashed
from runners.protocol.base import Scalar
from runners.protocol.events import AnyEvent, event_adapter
from runners.protocol.spec import SweepSpec
from tests.runners.process.cases import spec


@dataclass
class Told(Entry):
    trial: Trial
    broken: bool = False
    logged: list[tuple[int, float | None, dict[str, float]]] = field(default_factory=list)
    changes: list[tuple[int, dict[str, Scalar]]] = field(default_factory=list)
    end: End | None = None

    def log(self, step: int, epoch: float | None, values: Mapping[str, float]) -> None:
        if self.broken:
            raise ConnectionError("gone")
        self.logged.append((step, epoch, dict(values)))

    def changed(self, step: int, params: Mapping[str, Scalar]) -> None:
        self.changes.append((step, dict(params)))

    def flush(self) -> None:
        pass

    def finish(self, end: End) -> None:
        assert self.end is None
        self.end = end


@dataclass
class Recorder(Service):
    """`broken`: numbers of trials whose metrics it refuses."""

    broken: tuple[int, ...] = ()
    entries: list[Told] = field(default_factory=list)

    def begin(self, trial: Trial) -> Told:
        self.entries.append(Told(trial, trial.number in self.broken))
        return self.entries[-1]


def events(*told: dict[str, Any]) -> list[AnyEvent]:
    return [event_adapter.validate_python({"seq": seq, "t": 0.0, **one}) for seq, one in enumerate(told, 1)]


def started(number: int, attempt: int = 1, **params: Scalar) -> dict[str, Any]:
    params = params or {"learning_rate": 0.5}
    return {"type": "trial_started", "number": number, "attempt": attempt, "child": "c1", "params": params, "seed": 7}


def metrics(number: int, step: int, **values: float) -> dict[str, Any]:
    return {"type": "metrics", "number": number, "attempt": 1, "step": step, "epoch": step / 2, "values": values}


def finished(number: int, state: str = "complete", **more: Any) -> dict[str, Any]:
    more = {"values": [0.5], **more}
    return {"type": "trial_finished", "number": number, "attempt": 1, "state": state, "duration_s": 1.0, **more}


def follow(service: Recorder, *told: dict[str, Any], of: SweepSpec | None = None) -> list[Exception]:
    complaints: list[Exception] = []
    Follower(service, Sweep("Abc123", "Owls", Path()), of or spec(), complaints.append).take(events(*told))
    return complaints


def test_trials_side_by_side_keep_apart() -> None:
    service = Recorder()
    complaints = follow(
        service,
        started(0), started(1, learning_rate=0.25), metrics(1, 1, loss=2.0), metrics(0, 1, loss=1.0),
        {"type": "params_changed", "number": 1, "attempt": 1, "step": 2, "params": {"learning_rate": 0.125}, "copied": 0},
        finished(1, "pruned", metrics={"eval_loss": 3.0}), metrics(0, 2, loss=0.5),
        finished(0, "fail", values=[], failure_code="oom", failure_message="No memory."),
    )  # fmt: skip
    first, second = service.entries
    assert (first.trial.name, first.trial.id, first.trial.params) == ("Owls #0", "Abc123-0", {"learning_rate": 0.5})
    assert first.logged == [(1, 0.5, {"loss": 1.0}), (2, 1.0, {"loss": 0.5})]
    assert first.end == End("fail", message="No memory.")
    assert second.logged == [(1, 0.5, {"loss": 2.0})]
    assert second.changes == [(2, {"learning_rate": 0.125})]
    assert second.end == End("pruned", {"objective": 0.5}, {"eval_loss": 3.0})
    assert second.trial.fixed["seed"] == 7
    assert "learning_rate" not in second.trial.fixed
    assert complaints == []


def test_what_follows_from_the_drawn_values_is_a_parameter_too() -> None:
    service, base = Recorder(), spec()
    derived = {"name": "warmup_steps", "formula": "learning_rate * 10"}
    space = {**base.space.model_dump(mode="json"), "derived": [{"type": "formula", **derived}]}
    of = SweepSpec.model_validate({**base.model_dump(mode="json"), "space": space})
    follow(service, started(0), of=of)
    assert service.entries[0].trial.params == {"learning_rate": 0.5, "warmup_steps": 5.0}


def test_a_lost_attempt_ends_and_the_next_one_has_the_same_id() -> None:
    service = Recorder()
    lost = {"type": "child_lost", "child": "c1", "exit_code": -9, "running": [[0, 1]], "message": "Killed."}
    follow(service, started(0), lost, started(0, attempt=2), started(1), {"type": "job_finished", "state": "released"})
    assert [entry.trial.id for entry in service.entries] == ["Abc123-0", "Abc123-0", "Abc123-1"]
    assert [entry.trial.attempt for entry in service.entries] == [1, 2, 1]
    assert [entry.end for entry in service.entries] == [
        End("lost", message="Killed."),
        End("cancelled"),
        End("cancelled"),
    ]


def test_a_failure_costs_its_trial_and_three_in_a_row_are_the_end() -> None:
    service = Recorder(broken=(0, 2, 3, 4))
    trials = [(started(number), metrics(number, 1, loss=1.0), finished(number)) for number in range(6)]
    complaints: list[Exception] = []
    follower = Follower(service, Sweep("Abc123", "Owls", Path()), spec(), complaints.append)
    for trial in trials[:4]:
        follower.take(events(*trial))
    assert [entry.end is not None for entry in service.entries] == [False, True, False, False]
    with pytest.raises(GivenUp, match="3 trials in a row"):
        follower.take(events(*trials[4]))
    assert [str(error) for error in complaints] == ["gone"] * 4


def test_several_objectives_are_named() -> None:
    service = Recorder()
    both = [{"metric": "eval_loss", "direction": "minimize"}, {"metric": "eval_f1", "direction": "maximize"}]
    of = SweepSpec.model_validate({**spec().model_dump(mode="json"), "objectives": both})
    follow(service, started(0), finished(0, values=[0.25, 0.75]), of=of)
    assert service.entries[0].end == End("complete", {"objective/eval_loss": 0.25, "objective/eval_f1": 0.75})


def test_names_are_those_of_transformers() -> None:
    assert slashed({"loss": 1.0, "eval_f1": 0.5}) == {"train/loss": 1.0, "eval/f1": 0.5}
    assert numbers_of({"a": 1, "b": 0.5, "c": True, "d": "x", "e": None}) == {"params/a": 1.0, "params/b": 0.5}
