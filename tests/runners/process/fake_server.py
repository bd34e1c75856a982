"""The server's side of the contract in memory, on a real port: enough to hold a runner to its promises.

Its rules are the contract's: claims by compare-and-swap, permits counted, batches contiguous, unknown shapes refused.
"""

import hashlib
import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from pydantic import BaseModel, ValidationError

from runners.protocol import PROTOCOL_VERSION
from runners.protocol.base import Scalar
from runners.protocol.events import AnyEvent, JobFinished
from runners.protocol.job import Batch, BatchAnswer, Claim, Claimed, Order, Permit, PermitRequest, Permits, Refusal
from runners.protocol.runner import (
    Heartbeat,
    HeartbeatAnswer,
    Hello,
    StoredFiles,
    UploadStart,
    UploadStatus,
    Welcome,
    queue_name,
)
from runners.protocol.spec import SweepSpec
from runners.protocol.states import Wanted
from tests.runners.process.cases import wait_for

TOKEN = "runner-token-of-the-tests"


class Refuse(Exception):
    def __init__(self, status: int, code: str, message: str = "", expected_seq: int | None = None) -> None:
        self.status, self.refusal = status, Refusal(code=code, message=message or code, expected_seq=expected_seq)


@dataclass
class FakeJob:
    id: str
    spec: SweepSpec
    secrets: dict[str, str] = field(default_factory=dict)
    n_trials: int = 3
    name: str = "Night/owls"
    state: str = "offered"
    wanted: Wanted = Wanted.RUN
    claim_id: str = ""
    claims: list[str] = field(default_factory=list)
    events: list[AnyEvent] = field(default_factory=list)
    batches: list[tuple[float, int, int]] = field(default_factory=list)
    granted: dict[int, tuple[int, str]] = field(default_factory=dict)
    """number → (attempt, "granted" | "running" | "waiting" | finished state)"""
    lease_s: float = 3.0
    duplicates: int = 0
    end: JobFinished | None = None
    refuse_type: str = ""
    orders: tuple[Order, ...] = ()

    def of(self, *types: str) -> list[Any]:
        return [event for event in self.events if event.type in types]

    def finished(self) -> list[int]:
        return [event.number for event in self.of("trial_finished")]

    def grant(self, holding: tuple[int, ...], count: int) -> list[Permit]:
        numbers = [n for n, (_, s) in self.granted.items() if s == "granted" and n not in holding]
        numbers += [n for n, (_, s) in self.granted.items() if s == "waiting"]
        new = len(self.granted)
        while len(numbers) < count and new < self.n_trials:
            numbers.append(new)
            new += 1
        permits = []
        for number in numbers[:count]:
            attempt, state = self.granted.get(number, (0, "waiting"))
            params: dict[str, Scalar] | None = {"learning_rate": 0.25} if attempt else None
            if state == "granted":
                attempt -= 1
            self.granted[number] = (attempt + 1, "granted")
            permits.append(Permit(number=number, attempt=attempt + 1, params=params))
        return permits

    def apply(self, event: AnyEvent) -> None:
        self.events.append(event)
        match event.type:
            case "trial_started":
                assert self.granted[event.number] == (event.attempt, "granted"), (event, self.granted)
                self.granted[event.number] = (event.attempt, "running")
            case "trial_finished":
                assert self.granted[event.number] == (event.attempt, "running"), (event, self.granted)
                self.granted[event.number] = (event.attempt, event.state)
            case "permit_returned":
                self.granted[event.number] = (event.attempt, "waiting")
            case "attempt_left":
                assert self.granted[event.number] == (event.attempt, "running"), (event, self.granted)
                self.granted[event.number] = (event.attempt, "waiting")
                self.orders = ()
            case "attempt_backed_off":
                assert self.granted[event.number] == (event.attempt, "running"), (event, self.granted)
                self.granted[event.number] = (event.attempt, "waiting")
            case "child_lost":
                for number, attempt in event.running:
                    self.granted[number] = (attempt, "waiting")
            case "job_finished":
                self.state, self.end = event.state, event


class FakeServer:
    def __init__(
        self,
        broker_url: str = "memory://",
        broker_options: dict[str, Scalar] | None = None,
        heartbeat_s: float = 0.3,
    ) -> None:
        self.welcome = Welcome(
            runner="Runner000001", name="fake", broker_url=broker_url, broker_options=broker_options or {},
            queue=queue_name("Runner000001"), heartbeat_s=heartbeat_s, lease_s=3.0, server_version="0",
        )  # fmt: skip
        self.jobs: dict[str, FakeJob] = {}
        self.artifacts: dict[str, bytes] = {}
        self.uploads: dict[str, dict[str, Any]] = {}
        self.tokenizers: dict[str, StoredFiles] = {}
        self.hellos: list[Hello] = []
        self.heartbeats: list[Heartbeat] = []
        self.requests: list[tuple[float, str, str]] = []
        self.protocol_version, self.down, self.token = PROTOCOL_VERSION, False, TOKEN
        self.lose: list[str] = []
        """Ends of paths: the next answer to each is lost, after the request was heeded."""
        self.known_instances: set[str] = set()
        self.break_after = 0
        """Bytes of an artifact after which the connection breaks, once each."""
        self.lock = threading.RLock()
        self.http: ThreadingHTTPServer | None = None

    def offer(self, spec: SweepSpec, **more: Any) -> FakeJob:
        job = FakeJob(f"Job{len(self.jobs):09d}", spec, **more)
        with self.lock:
            self.jobs[job.id] = job
        return job

    def store(self, data: bytes) -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        self.artifacts[sha256] = data
        return sha256

    @property
    def url(self) -> str:
        assert self.http is not None
        return f"http://127.0.0.1:{self.http.server_address[1]}"

    @contextmanager
    def serving(self) -> Iterator["FakeServer"]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 2**16
            disable_nagle_algorithm = True

            def log_message(self, *_: Any) -> None:
                pass

            def do_GET(self) -> None:
                outer.handle(self)

            do_POST = do_PUT = do_GET  # noqa: N815 - names of the base class

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False

            def handle_error(self, *_: Any) -> None:
                pass

        self.http = Server(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.http.shutdown()
            self.http.server_close()
            thread.join()

    def handle(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        path = request.path.removeprefix("/api/runner/v1/")
        self.requests.append((time.monotonic(), request.command, path))
        try:
            if self.down:
                raise Refuse(503, "down")
            if request.headers.get("Authorization") != f"Bearer {self.token}":
                raise Refuse(401, "bad_token", "Unknown token.")
            if request.command == "GET" and path.startswith("artifacts/"):
                self.send_artifact(request, path.split("/")[1])
                return
            with self.lock:
                answer = self.route(request.command, path, body)
                for end in self.lose:
                    if path.endswith(end):
                        self.lose.remove(end)
                        request.close_connection = True
                        return
            status, data = 200, answer.model_dump_json().encode()
        except Refuse as refuse:
            status, data = refuse.status, refuse.refusal.model_dump_json().encode()
        except ValidationError as error:
            status, data = 400, Refusal(code="invalid", message=str(error)).model_dump_json().encode()
        request.send_response(status)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(data)))
        request.end_headers()
        request.wfile.write(data)

    def route(self, method: str, path: str, body: bytes) -> BaseModel:
        if match := re.fullmatch(r"jobs/(\w+)/(claim|permits|events)", path):
            job = self.jobs.get(match[1])
            if job is None:
                raise Refuse(404, "not_found")
            answer: BaseModel = getattr(self, match[2])(job, body)
            return answer
        if match := re.fullmatch(r"uploads/(\w+)\?offset=(\d+)", path):
            return self.put(self.uploads[match[1]], int(match[2]), body)
        if match := re.fullmatch(r"tokenizers/(\w+)(\?job=\w+)?", path):
            if method == "PUT":
                return self.tokenizers.setdefault(match[1], StoredFiles.model_validate_json(body))
            if match[1] not in self.tokenizers:
                raise Refuse(404, "not_found")
            return self.tokenizers[match[1]]
        handlers = {"hello": self.hello, "heartbeat": self.heartbeat, "uploads": self.upload}
        if path not in handlers:
            raise Refuse(404, "not_found")
        return handlers[path](body)

    def hello(self, body: bytes) -> Welcome:
        hello = Hello.model_validate_json(body)
        if hello.protocol_version != self.protocol_version:
            raise Refuse(400, "invalid", f"Version {self.protocol_version} is spoken here.")
        self.hellos.append(hello)
        self.known_instances.add(hello.instance)
        return self.welcome

    def heartbeat(self, body: bytes) -> HeartbeatAnswer:
        heartbeat = Heartbeat.model_validate_json(body)
        self.heartbeats.append(heartbeat)
        offers = tuple(job.id for job in self.jobs.values() if job.state == "offered")
        return HeartbeatAnswer(offers=offers, hello=heartbeat.instance not in self.known_instances)

    def claim(self, job: FakeJob, body: bytes) -> Claimed:
        claim = Claim.model_validate_json(body)
        job.claims.append(claim.claim_id)
        if job.state == "offered":
            job.state, job.claim_id = "running", claim.claim_id
        elif job.claim_id != claim.claim_id or job.state != "running":
            raise Refuse(409, "not_offered")
        return Claimed(
            job=job.id, sweep="Sweep0000001", name=job.name, spec=job.spec, secrets=job.secrets, acked_seq=len(job.events),
            lease_s=job.lease_s, wanted=job.wanted,
        )  # fmt: skip

    def fence(self, job: FakeJob, claim_id: str) -> None:
        if job.claim_id != claim_id:
            raise Refuse(409, "fenced")

    def permits(self, job: FakeJob, body: bytes) -> Permits:
        request = PermitRequest.model_validate_json(body)
        self.fence(job, request.claim_id)
        if job.wanted is not Wanted.RUN:
            return Permits(state="finished", wanted=job.wanted)
        permits = job.grant(request.holding, request.count)
        if permits:
            return Permits(state="granted", permits=tuple(permits), wanted=job.wanted)
        open_ = any(state in {"granted", "running", "waiting"} for _, state in job.granted.values())
        return Permits(state="wait" if open_ else "finished", wanted=job.wanted)

    def events(self, job: FakeJob, body: bytes) -> BatchAnswer:
        batch = Batch.model_validate_json(body)
        self.fence(job, batch.claim_id)
        job.batches.append((time.monotonic(), batch.first_seq, len(batch.events)))
        known = len(job.events)
        if batch.events:
            if batch.first_seq > known + 1:
                raise Refuse(409, "gap", expected_seq=known + 1)
            assert [event.seq for event in batch.events] == list(
                range(batch.first_seq, batch.first_seq + len(batch.events))
            )
            for event in batch.events:
                if event.type == job.refuse_type:
                    raise Refuse(400, "invalid", f"events: {event.type} is not liked")
                number = getattr(event, "number", None)
                if number not in {None, *job.granted}:
                    raise Refuse(400, "bad_event", f"events: trial {number} was never permitted.")
            for event in batch.events:
                if event.seq <= known:
                    job.duplicates += 1
                else:
                    job.apply(event)
        return BatchAnswer(
            acked_seq=len(job.events),
            wanted=job.wanted,
            lease_s=job.lease_s,
            finished=job.state != "running",
            orders=job.orders,
        )

    def upload(self, body: bytes) -> UploadStatus:
        start = UploadStart.model_validate_json(body)
        id_ = f"Up{len(self.uploads):010d}"
        for known, upload in self.uploads.items():
            if (upload["start"].sha256, upload["start"].job) == (start.sha256, start.job):
                id_ = known
        upload = self.uploads.setdefault(id_, {"id": id_, "start": start, "data": b""})
        return self.upload_state(upload)

    def put(self, upload: dict[str, Any], offset: int, body: bytes) -> UploadStatus:
        if offset != len(upload["data"]):
            raise Refuse(409, "offset")
        upload["data"] += body
        if len(upload["data"]) == upload["start"].size:
            if hashlib.sha256(upload["data"]).hexdigest() != upload["start"].sha256:
                upload["data"] = b""
                raise Refuse(400, "invalid", "wrong hash")
            self.store(upload["data"])
        return self.upload_state(upload)

    def upload_state(self, upload: dict[str, Any]) -> UploadStatus:
        size, offset = upload["start"].size, len(upload["data"])
        return UploadStatus(id=upload["id"], offset=offset, size=size, complete=offset == size, chunk_size=4096)

    def send_artifact(self, request: BaseHTTPRequestHandler, sha256: str) -> None:
        data = self.artifacts.get(sha256)
        if data is None:
            raise Refuse(404, "not_found")
        begin = int((request.headers.get("Range") or "bytes=0-").removeprefix("bytes=").removesuffix("-"))
        if begin >= len(data) and begin:
            raise Refuse(416, "range")
        request.send_response(206 if begin else 200)
        request.send_header("Content-Length", str(len(data) - begin))
        request.end_headers()
        if self.break_after:
            request.wfile.write(data[begin : begin + self.break_after])
            request.wfile.flush()
            self.break_after = 0
            request.close_connection = True
            return
        request.wfile.write(data[begin:])


def dump(job: FakeJob) -> str:
    """A job's events in short, for messages of failing tests."""
    return json.dumps([event.model_dump(mode="json") for event in job.events], indent=0)[:8000]


def ended(job: FakeJob, seconds: float = 15.0) -> JobFinished:
    """The job's last event, once it is here; the journal has no gap then."""
    end = wait_for(lambda: job.end, seconds, what="the job's end")
    assert end is not None
    assert [event.seq for event in job.events] == list(range(1, len(job.events) + 1))
    return end
