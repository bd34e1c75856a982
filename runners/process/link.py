"""The supervisor's end of a child's channel."""

import asyncio
import contextlib
import socket

from pydantic import ValidationError

from runners.process.channel import FromChild, from_child
from runners.protocol.base import Message

MAX_LINE = 2**20


class NotUnderstood(Exception):
    """The child said something that the contract does not know."""


class Link:
    """Messages of one child, in order. Open it with `Link.open`, close it with `close`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, sock: socket.socket) -> "Link":
        return cls(*await asyncio.open_unix_connection(sock=sock, limit=MAX_LINE))

    async def receive(self) -> FromChild | None:
        """The next message; None when the child has closed its end or died. Raises `NotUnderstood`."""
        try:
            line = await self._reader.readline()
        except ValueError as error:
            raise NotUnderstood(f"a line of more than {MAX_LINE} bytes") from error
        except OSError:
            return None
        if not line.endswith(b"\n"):
            return None
        try:
            return from_child.validate_json(line)
        except ValidationError as error:
            raise NotUnderstood(str(error.errors(include_url=False)[0]["msg"])) from error

    def send(self, message: Message) -> None:
        """Answer the child. A child that is gone is noticed by `receive`."""
        if not self._writer.is_closing():
            self._writer.write(message.model_dump_json().encode() + b"\n")

    async def close(self) -> None:
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()
