"""What supervisor and fork server say to each other, over a socket pair that keeps message borders (SOCK_SEQPACKET)."""

from typing import Annotated, Literal

from pydantic import Field, PositiveInt, TypeAdapter

from runners.protocol.base import Message

MAX_MESSAGE = 128 * 2**10


class Fork(Message):
    """Start a child; the socket that it speaks through travels with this message. → `Forked`.

    `environment` is set in the child only; it may hold secrets, so it is never logged.
    """

    type: Literal["fork"] = "fork"
    request: PositiveInt
    folder: str
    child: str
    environment: dict[str, str] = {}


class Signal(Message):
    """Send a signal to a child and everything it started. A child that is gone is nobody, not an error."""

    type: Literal["signal"] = "signal"
    pid: PositiveInt
    signal: PositiveInt


class Ready(Message):
    """Everything is imported. `seconds` it took, `memory` in bytes (resident), `threads` alive (1, or forks are unsafe)."""

    type: Literal["ready"] = "ready"
    seconds: float
    memory: int
    threads: int
    missing: tuple[str, ...] = ()


class Forked(Message):
    type: Literal["forked"] = "forked"
    request: PositiveInt
    pid: PositiveInt


class NotForked(Message):
    """The machine could not start a process."""

    type: Literal["not_forked"] = "not_forked"
    request: PositiveInt
    message: str


class Exited(Message):
    """A child has ended: its exit code, or minus the signal that killed it."""

    type: Literal["exited"] = "exited"
    pid: PositiveInt
    code: int


Order = Annotated[Fork | Signal, Field(discriminator="type")]
Notice = Annotated[Ready | Forked | NotForked | Exited, Field(discriminator="type")]

order_adapter: TypeAdapter[Order] = TypeAdapter(Order)
notice_adapter: TypeAdapter[Notice] = TypeAdapter(Notice)
