"""A runner's conversation with the server beside its jobs: hello and heartbeat, below `/api/runner/v1/`.

Authentication everywhere: `Authorization: Bearer <runner token>`.

Other endpoints (bodies are bytes, not messages):

- `GET artifacts/<sha256>`: the file, `Range` honoured. Only what a job of this runner names.
- `POST uploads`: `UploadStart` → `UploadStatus`; `PUT uploads/<id>?offset=N`: raw bytes → `UploadStatus`. The upload
  is complete when `offset == size` and the hash is right; a wrong hash is refused with 400 and starts anew at 0.
- `GET tokenizers/<key>?job=<job>` → `StoredFiles`, or 404; `PUT tokenizers/<key>`: `StoredFiles` → `StoredFiles`. The first writer wins:
  the answer holds the files that count.
"""

from typing import Annotated, Literal

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt, StringConstraints

from runners.protocol.base import Message, PublicId, Scalar, Sha256
from runners.protocol.events import ModelFile


class Accelerator(Message):
    """One GPU. Memory in bytes, utilisation in percent, temperature in °C, power in watts; None where not readable."""

    index: NonNegativeInt
    name: str
    uuid: str = ""
    memory_total: NonNegativeInt = 0
    memory_used: NonNegativeInt | None = None
    utilisation: float | None = None
    temperature: float | None = None
    power: float | None = None


class Check(Message):
    """One thing that the runner has looked at itself. `says`: what it found, for people."""

    name: Annotated[str, StringConstraints(max_length=100)]
    passed: bool
    says: Annotated[str, StringConstraints(max_length=500)] = ""


class Hello(Message):
    """POST `hello`: sent at start and after the server asks for it. `instance` differs at every start of the process.

    `checks`: of itself; sent again, with another `hello`, when the slow ones are done.
    """

    protocol_version: int
    instance: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
    hostname: str
    pid: int
    slots: Annotated[int, Field(ge=1, le=1024)]
    cpu_count: int
    memory_total: NonNegativeInt
    accelerators: tuple[Accelerator, ...] = ()
    tasks: tuple[str, ...]
    versions: dict[str, str]
    checks: Annotated[tuple[Check, ...], Field(max_length=100)] = ()


class Welcome(Message):
    """The answer to `hello`: everything else a runner must know. The broker only carries wake-ups."""

    runner: PublicId
    name: str
    broker_url: str
    broker_options: dict[str, Scalar] = {}
    queue: str
    heartbeat_s: PositiveFloat
    lease_s: PositiveFloat
    server_version: str


class RunningJob(Message):
    """`slots`: how many of the runner's it holds."""

    job: PublicId
    slots: PositiveInt = 1
    children: NonNegativeInt
    trials: tuple[NonNegativeInt, ...] = ()
    description: str = ""


class HomeRoom(Message):
    """Bytes in the runner's home, and how many there may be."""

    used: NonNegativeInt
    limit: PositiveInt


class Heartbeat(Message):
    """POST `heartbeat`. Percentages 0 to 100, memory in bytes. `home`: where it has a limit."""

    instance: str
    cpu_percent: float
    memory_used: NonNegativeInt
    disk_free: NonNegativeInt
    accelerators: tuple[Accelerator, ...] = ()
    jobs: tuple[RunningJob, ...] = ()
    stopping: bool = False
    home: HomeRoom | None = None


class HeartbeatAnswer(Message):
    """`offers`: jobs to claim. `hello`: the server does not know this instance, say hello again."""

    offers: tuple[PublicId, ...] = ()
    hello: bool = False


class UploadStart(Message):
    """POST `uploads`. The same (job, sha256) again continues where it stopped."""

    job: PublicId
    sha256: Sha256
    size: NonNegativeInt
    kind: Literal["model", "tokenizer", "log"]


class UploadStatus(Message):
    id: PublicId
    offset: NonNegativeInt
    size: NonNegativeInt
    complete: bool
    chunk_size: NonNegativeInt = 4 * 2**20


class StoredFiles(Message):
    """A folder in the artifact store."""

    job: PublicId
    files: tuple[ModelFile, ...]


def queue_name(runner: str) -> str:
    """The runner's own queue at the broker."""
    return f"hpweb.runner.{runner}"


WAKE_TASK = "runners.process.wake"
"""The Celery task a runner answers to: `wake(job)`. It carries no more than the job's public id."""
