"""Playing a recording into the real ingest, at its own pace or faster."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any, Protocol
from uuid import uuid4

from runners.protocol.events import AnyEvent, TrialEvent
from runners.protocol.job import PermitRequest, Permits
from sweeps.models import Job
from sweeps.services.claim import claim
from sweeps.services.ingest import ingest
from sweeps.services.permits import grant
from sweeps.services.recordings import BadRecording, dumped, needs_permit, steps

WINDOW_S = 0.1
LONGEST_PAUSE_S = 5.0


class Server(Protocol):
    """What a runner asks of the server for one job."""

    def claim(self, claim_id: str) -> None: ...

    def permits(self, request: PermitRequest) -> Permits: ...

    def events(self, body: bytes) -> None: ...


class ThisProcess:
    """The services themselves. Open pages hear of it only where the channel layer is shared between processes."""

    def __init__(self, job: Job) -> None:
        self._job = job

    def claim(self, claim_id: str) -> None:
        claim(job=self._job, claim_id=claim_id)

    def permits(self, request: PermitRequest) -> Permits:
        return grant(job=self._job, request=request)

    def events(self, body: bytes) -> None:
        ingest(job=self._job, body=body)


class OverHttp:
    """A running server, as a runner talks to it."""

    def __init__(self, server: str, token: str, job: Job) -> None:
        if not server.startswith(("http://", "https://")):
            raise BadRecording("--server: begin with http:// or https://.")
        self._root = f"{server.rstrip('/')}/api/runner/v1/jobs/{job.public_id}/"
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def claim(self, claim_id: str) -> None:
        self._post("claim", json.dumps({"claim_id": claim_id}).encode())

    def permits(self, request: PermitRequest) -> Permits:
        return Permits.model_validate_json(self._post("permits", request.model_dump_json().encode()))

    def events(self, body: bytes) -> None:
        self._post("events", body)

    def _post(self, path: str, body: bytes) -> bytes:
        request = urllib.request.Request(self._root + path, body, self._headers)  # noqa: S310  checked above
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  checked above
                found: bytes = answer.read()
        except urllib.error.HTTPError as error:
            raise BadRecording(f"the server refused {path}: {error.read().decode(errors='replace')}") from None
        except OSError as error:
            raise BadRecording(f"the server does not answer: {error}") from None
        return found


def play(
    server: Server,
    events: list[AnyEvent],
    *,
    speed: float,
    on_step: Callable[[int], None] = lambda _: None,
    sleep: Callable[[float], Any] = time.sleep,
) -> None:
    """Send the events, `speed` times as fast as they were recorded (0: as fast as possible).

    `on_step` gets the number of events sent so far. BadRecording when the server does not permit a recorded trial.
    """
    player = _Player(server)
    clock = 0.0
    sent = 0
    for t, group in steps(events, WINDOW_S):
        if speed > 0:
            sleep(min((t - clock) / speed, LONGEST_PAUSE_S))
        clock = t
        player.send(t, group)
        sent += len(group)
        on_step(sent)


class _Player:
    def __init__(self, server: Server) -> None:
        self._server = server
        self._claim_id = uuid4().hex
        self._held: set[tuple[int, int]] = set()
        server.claim(self._claim_id)

    def send(self, t: float, group: list[AnyEvent]) -> None:
        for event in group:
            if isinstance(event, TrialEvent) and needs_permit(event):
                self._ask_until(event.number, event.attempt)
        batch = {"claim_id": self._claim_id, "first_seq": group[0].seq, "sent_t": t, "events": dumped(group)}
        self._server.events(json.dumps(batch, separators=(",", ":")).encode())
        for event in group:
            if event.type in {"trial_finished", "permit_returned"} and isinstance(event, TrialEvent):
                self._held.discard((event.number, event.attempt))
            elif event.type == "child_lost":
                self._held.difference_update(event.running)

    def _ask_until(self, number: int, attempt: int) -> None:
        while (number, attempt) not in self._held:
            holding = tuple(sorted({held for held, _ in self._held}))
            answer = self._server.permits(PermitRequest(claim_id=self._claim_id, holding=holding))
            if not answer.permits:
                raise BadRecording(f"attempt {attempt} at trial {number} is not permitted: {answer.state}.")
            self._held.update((permit.number, permit.attempt) for permit in answer.permits)
