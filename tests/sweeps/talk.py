"""A runner's side of the conversation, for tests of the server: says over HTTP, or to the services, what a runner says."""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from django.utils import timezone

from runners.models import Runner
from runners.protocol import PROTOCOL_VERSION
from runners.protocol.job import BatchAnswer, Claimed, PermitRequest, Permits
from sweeps.models import Job, Sweep
from sweeps.services.claim import claim
from sweeps.services.ingest import ingest
from sweeps.services.permits import grant
from sweeps.services.schedule import schedule
from teams.models import Team
from tests.factories import make_runner, make_sweep

TASK = "text-classification"


def spec(n_trials: int = 4, **changes: Any) -> dict[str, Any]:
    """A frozen spec of a small text sweep."""
    return {
        "version": 1,
        "task": TASK,
        "model": {"source": "config", "model_type": "bert", "fields": {"hidden_size": 32}},
        "processor": {"source": "trained"},
        "data": {
            "source": "artifact",
            "digest": "d" * 64,
            "train": {"sha256": "a" * 64, "size": 10, "rows": 8},
            "eval": {"sha256": "b" * 64, "size": 5, "rows": 4},
            "labels": ["no", "yes"],
        },
        "space": {"parameters": [{"type": "float", "name": "learning_rate", "low": 1e-5, "high": 1e-2, "log": True}]},
        "objectives": [{"metric": "eval_accuracy", "direction": "maximize"}],
        "budget": {"n_trials": n_trials},
        **changes,
    }


def queued_sweep(team: Team, n_trials: int = 4, **changes: Any) -> Sweep:
    """A sweep that was just started."""
    frozen = spec(n_trials, **changes)
    timeout = frozen["budget"].get("timeout_s")
    return make_sweep(team, state="queued", spec=frozen, n_trials=n_trials, timeout_s=timeout, queued_at=timezone.now())


def online_runner(**fields: Any) -> tuple[Runner, str]:
    """A runner that has said hello just now, and its token."""
    facts = {"tasks": [TASK], "hostname": "box", "cpu_count": 2, "memory_total": 2**30}
    return make_runner(
        **{"state": "online", "facts": facts, "last_seen": timezone.now(), "instance": uuid4().hex, **fields}
    )


def hello(**changes: Any) -> dict[str, Any]:
    """A `Hello` as JSON."""
    return {
        "protocol_version": PROTOCOL_VERSION,
        "instance": uuid4().hex,
        "hostname": "box",
        "pid": 7,
        "slots": 1,
        "cpu_count": 2,
        "memory_total": 2**30,
        "tasks": [TASK],
        "versions": {"torch": "2.13.0"},
        **changes,
    }


@dataclass
class Talk:
    """One job's conversation. Events get their `seq` and `t` here."""

    job: Job
    claim_id: str = field(default_factory=lambda: uuid4().hex)
    seq: int = 0
    t: float = 0.0

    def claim(self) -> Claimed:
        return claim(job=self.job, claim_id=self.claim_id)

    def permits(self, *holding: int, count: int = 1) -> Permits:
        return grant(job=self.job, request=PermitRequest(claim_id=self.claim_id, holding=holding, count=count))

    def event(self, kind: str, **values: Any) -> dict[str, Any]:
        """The next event."""
        self.seq += 1
        self.t += 0.5
        return {"seq": self.seq, "t": self.t, "type": kind, **values}

    def send(self, *events: dict[str, Any], first_seq: int | None = None) -> BatchAnswer:
        return ingest(job=self.job, body=self.body(*events, first_seq=first_seq))

    def body(self, *events: dict[str, Any], first_seq: int | None = None) -> bytes:
        import json

        first = first_seq or (events[0]["seq"] if events else self.seq + 1)
        batch = {"claim_id": self.claim_id, "first_seq": first, "sent_t": self.t, "events": list(events)}
        return json.dumps(batch, separators=(",", ":")).encode()

    def started(self, number: int, attempt: int = 1, lr: float = 0.001, **more: Any) -> dict[str, Any]:
        values = {"child": "0", "params": {"learning_rate": lr}, "optuna_number": number, "seed": 42, **more}
        return self.event("trial_started", number=number, attempt=attempt, **values)

    def metrics(self, number: int, step: int, attempt: int = 1, **values: Any) -> dict[str, Any]:
        return self.event("metrics", number=number, attempt=attempt, step=step, epoch=step / 10, values=values)

    def finished(
        self, number: int, value: Any = 0.5, attempt: int = 1, state: str = "complete", **more: Any
    ) -> dict[str, Any]:
        values = [] if value is None else [value]
        return self.event(
            "trial_finished", number=number, attempt=attempt, state=state, values=values, duration_s=2.0, **more
        )

    def failed(self, number: int, attempt: int = 1, code: str = "error", message: str = "It broke.") -> dict[str, Any]:
        return self.finished(number, None, attempt, "fail", failure_code=code, failure_message=message, traceback="…")

    def ended(self, state: str = "done", **more: Any) -> dict[str, Any]:
        return self.event("job_finished", state=state, **more)

    def whole_trial(self, number: int, value: Any = 0.5, attempt: int = 1) -> list[dict[str, Any]]:
        """A trial from its start to its end, with two logged steps and one report."""
        return [
            self.started(number, attempt, lr=0.001 * (number + 1)),
            self.metrics(number, 1, attempt, loss=1.0, learning_rate=0.1),
            self.metrics(number, 2, attempt, loss=0.5, eval_accuracy=value),
            self.event("reported", number=number, attempt=attempt, step=2, epoch=1.0, value=value),
            self.finished(number, value, attempt, metrics={"eval_accuracy": value}),
        ]

    def fresh(self) -> Job:
        return Job.objects.select_related("sweep").get(pk=self.job.pk)

    @property
    def sweep(self) -> Sweep:
        return self.fresh().sweep


def running_job(team: Team, n_trials: int = 4, **changes: Any) -> Talk:
    """A sweep whose job a runner has just claimed."""
    sweep = queued_sweep(team, n_trials, **changes)
    online_runner()
    # A real server's timer may have been quicker.
    schedule()
    talk = Talk(Job.objects.select_related("runner").get(sweep=sweep))
    talk.claim()
    return talk
