"""Lines of JSON between a child and its supervisor, over a socket pair.

A child asks, one question at a time, and blocks until the answer comes; it also pokes, without an answer, after it has
written events to its spool file, so that they are shipped at once. When the other side is gone, `ChannelClosed`.
"""

import socket
import threading
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from runners.protocol.base import Message
from runners.protocol.job import Permit


class ChannelClosed(Exception):
    """The other side has closed its end or died."""


class Poke(Message):
    """The spool file has grown."""

    type: Literal["poke"] = "poke"


class AskPermit(Message):
    """→ `PermitGiven`. Asked once the child could start a trial at once, and after each trial."""

    type: Literal["ask_permit"] = "ask_permit"


class StoreTokenizer(Message):
    """→ `TokenizerStored`. A tokenizer was trained into `folder`; the first one stored under its key counts."""

    type: Literal["store_tokenizer"] = "store_tokenizer"
    key: str
    folder: str


class Failed(Message):
    """The job cannot go on (`invalid_spec`, or the search itself broke). The child ends after this."""

    type: Literal["failed"] = "failed"
    code: str
    message: str
    field: str = ""


class EndSearch(Message):
    """The search wants no more trials. No permit is given out after this; the child may still ask."""

    type: Literal["end_search"] = "end_search"
    reason: str


FromChild = Annotated[Poke | AskPermit | StoreTokenizer | EndSearch | Failed, Field(discriminator="type")]


class PermitGiven(Message):
    """`permit` is None when there is nothing left to do: the child ends with exit code 0."""

    type: Literal["permit_given"] = "permit_given"
    permit: Permit | None = None


class TokenizerStored(Message):
    """The folder of the tokenizer that counts."""

    type: Literal["tokenizer_stored"] = "tokenizer_stored"
    folder: str


ToChild = Annotated[PermitGiven | TokenizerStored, Field(discriminator="type")]

from_child: TypeAdapter[FromChild] = TypeAdapter(FromChild)
to_child: TypeAdapter[ToChild] = TypeAdapter(ToChild)


_POKE = Poke().model_dump_json().encode() + b"\n"


class Channel:
    """The child's end: blocking."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._buffer = b""
        # One thread asks while another one pokes.
        self._sending = threading.Lock()

    def send(self, message: Message) -> None:
        try:
            with self._sending:
                self._sock.sendall(message.model_dump_json().encode() + b"\n")
        except OSError as error:
            raise ChannelClosed from error

    def poke(self) -> None:
        """Send a `Poke` if that can be done at once. A lost one costs a moment: the spool file is also read by a timer."""
        line = _POKE
        try:
            with self._sending:
                sent = self._sock.send(line, socket.MSG_DONTWAIT)
                if sent < len(line):
                    self._sock.sendall(line[sent:])
        except OSError:
            # Full: the supervisor has pokes enough. Gone: the next question says so.
            return

    def ask(self, message: Message) -> ToChild:
        """Send a question and wait for its answer."""
        self.send(message)
        while b"\n" not in self._buffer:
            try:
                data = self._sock.recv(65536)
            except OSError as error:
                raise ChannelClosed from error
            if not data:
                raise ChannelClosed
            self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\n")
        return to_child.validate_json(line)
