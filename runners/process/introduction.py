"""Saying hello to the server until it answers."""

import asyncio
import logging
import time
from typing import Final

from runners.process.backoff import Backoff
from runners.process.client import BadToken, Refused, ServerClient, Unreachable
from runners.process.logs import pairs
from runners.protocol import PROTOCOL_VERSION
from runners.protocol.runner import Hello, Welcome

logger = logging.getLogger(__name__)

QUIET_S: Final = 2.0
"""Both sides may just have been started together."""


class NotWelcome(Exception):
    """The server does not take this runner; the text says why and what to mend."""


async def introduce(client: ServerClient, hello: Hello, server: str) -> Welcome:
    """The server's answer; one line in the log while it is away. Raises `NotWelcome` and `BadToken`."""
    backoff, said, begun = Backoff(limit=2.0), False, time.monotonic()
    while True:
        try:
            return await client.hello(hello)
        except Unreachable as error:
            if not said and time.monotonic() - begun > QUIET_S:
                said = True
                logger.warning("The server cannot be reached; trying on", extra=pairs(server=server, reason=error))
            await asyncio.sleep(backoff.next())
        except BadToken:
            raise
        except Refused as refused:
            raise NotWelcome(_sentence(refused, server)) from refused


def _sentence(refused: Refused, server: str) -> str:
    if refused.status == 404:
        return f"HPWEB_SERVER: no hpweb server answers at {server}. Mend the address."
    return (
        f"The server does not take this runner: {refused.refusal.message} "
        f"This runner speaks version {PROTOCOL_VERSION} of the protocol; install the runner that belongs to the server."
    )
