"""Recordings: a job's journal with its sweep's spec, as lines of JSON, to be played again without training.

The first line is a header, `{"name", "spec"}`; each other line is an event, as it stands in the journal.
"""

import json
import zlib
from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.utils import timezone
from pydantic import BaseModel, ValidationError

from runners.models import Runner
from runners.protocol.events import AnyEvent, ModelSaved, PermitReturned, TrialEvent, event_adapter
from runners.protocol.spec import SweepSpec
from runners.protocol.states import RunnerState, SweepState
from sweeps.models import Job, JournalBatch, Sweep
from sweeps.services.acts import note
from teams.models import Team, User

RUNNER_NAME = "replay"


class BadRecording(Exception):
    """The file is not a recording; the text names the line."""


class Header(BaseModel):
    name: str
    spec: SweepSpec


def record(job: Job) -> Iterator[str]:
    """The lines of a recording of the job, without line ends."""
    spec = SweepSpec.model_validate(job.sweep.spec)
    yield Header(name=job.sweep.name, spec=spec).model_dump_json()
    for payload in JournalBatch.objects.filter(job=job).order_by("first_seq").values_list("payload", flat=True):
        for event in json.loads(zlib.decompress(payload)):
            yield json.dumps(event, separators=(",", ":"))


def read(lines: Iterator[str]) -> tuple[Header, list[AnyEvent]]:
    """The header and the events, numbered from 1. A saved model is left out: its files are not in the recording."""
    found: list[AnyEvent] = []
    header: Header | None = None
    for number, line in enumerate(lines, start=1):
        try:
            if header is None:
                header = Header.model_validate_json(line)
            elif not isinstance(event := event_adapter.validate_json(line), ModelSaved):
                found.append(event.model_copy(update={"seq": len(found) + 1}))
        except ValidationError as error:
            fault = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in fault["loc"])
            raise BadRecording(f"line {number}: {where} {fault['msg']}") from None
    if header is None:
        raise BadRecording("the file is empty; its first line is the header.")
    return header, found


@transaction.atomic
def stage(*, header: Header, team: Team, user: User | None = None, name: str = "") -> tuple[Job, str]:
    """A queued sweep and a job that is offered to the replaying runner, and that runner's token.

    That runner is paused, so it is offered nothing else; the sweep has its job at once, so nobody else is offered it.
    """
    runner = Runner.objects.filter(name=RUNNER_NAME, removed_at=None).first() or Runner(name=RUNNER_NAME)
    token = runner.new_token()
    runner.state = RunnerState.PAUSED.value
    runner.save()
    spec = header.spec
    sweep = Sweep.objects.create(
        team=team,
        created_by=user,
        name=name or f"Replay of {header.name}"[:100],
        state=SweepState.QUEUED.value,
        spec=spec.model_dump(mode="json"),
        n_trials=spec.budget.n_trials,
        timeout_s=spec.budget.timeout_s,
        queued_at=timezone.now(),
    )
    note(sweep, "started", user=user, replay=True)
    return Job.objects.create(sweep=sweep, runner=runner), token


def needs_permit(event: AnyEvent) -> bool:
    """Whether the event is the first that can be about a permit: before it, the permit must be asked for."""
    return isinstance(event, TrialEvent) and (event.type == "trial_started" or isinstance(event, PermitReturned))


def steps(events: list[AnyEvent], window: float) -> Iterator[tuple[float, list[AnyEvent]]]:
    """(seconds on the job's clock, the events up to then): what a runner would send together."""
    group: list[AnyEvent] = []
    for event in events:
        if group and event.t - group[0].t > window:
            yield group[-1].t, group
            group = []
        group.append(event)
    if group:
        yield group[-1].t, group


def dumped(events: list[AnyEvent]) -> list[dict[str, Any]]:
    """Events as JSON."""
    return [event.model_dump(mode="json") for event in events]
