"""Telling open pages of a sweep what has changed: at most once, encoded once for all readers.

A message may be lost: it names the position before and after it, and a page that misses one fetches a snapshot.

In a server process the messages go through its event loop (`Outbox`), which puts together what comes in a short time.
Elsewhere (a worker, a command) they are sent at once.
"""

import asyncio
import json
import logging
from typing import Any, Final, TypedDict

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

from sweeps.models import Sweep

logger = logging.getLogger(__name__)

WINDOW_S: Final = 0.05
"""The first message after a silence goes out at once; what follows within this time goes out together."""


class Message(TypedDict, total=False):
    """A message of the live page. `first` is its `from`. `trials`, `points`, `logs`: JSON as the page wants it."""

    first: int
    position: int
    sweep: Any
    trials: list[Any]
    points: list[Any]
    logs: list[Any]


def group_name(public_id: str) -> str:
    """The channel group of a sweep's pages."""
    return f"sweep.{public_id}"


def changes(
    sweep: Sweep,
    *,
    before: int,
    state: Any = None,
    trials: list[Any] | None = None,
    points: list[Any] | None = None,
    logs: list[Any] | None = None,
) -> None:
    """Tell the sweep's pages what happened between the positions `before` and `sweep.position`. Call after the commit.

    `state`: SweepState or None when it is as it was; `trials`, `points`, `logs`: see `sweeps.queries.shapes`.
    """
    message: Message = {
        "first": before,
        "position": sweep.position,
        "trials": trials or [],
        "points": points or [],
        "logs": logs or [],
    }
    if state is not None:
        message["sweep"] = state
    outbox = Outbox.current
    if outbox is not None:
        outbox.put(sweep.public_id, message)
        return
    try:
        async_to_sync(_send)(sweep.public_id, message)
    except Exception:
        logger.exception("A message about sweep %s was not sent", sweep.public_id)


class Outbox:
    """The messages of one server process, on its event loop. `open` in the loop, `put` from any thread."""

    current: "Outbox | None" = None

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._waiting: dict[str, list[Message]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    @classmethod
    def open(cls) -> "Outbox":
        """Send this process's messages through the running loop from now on."""
        cls.current = cls()
        return cls.current

    async def close(self) -> None:
        """Send what waits, and no more."""
        if Outbox.current is self:
            Outbox.current = None
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    @property
    def busy(self) -> bool:
        """Whether something was sent within the last moment or still waits."""
        return bool(self._tasks)

    def put(self, public_id: str, message: Message) -> None:
        self._loop.call_soon_threadsafe(self._take, public_id, message)

    def _take(self, public_id: str, message: Message) -> None:
        self._waiting.setdefault(public_id, []).append(message)
        if public_id not in self._tasks:
            self._tasks[public_id] = self._loop.create_task(self._flush(public_id))

    async def _flush(self, public_id: str) -> None:
        """Send at once what is there, then what came within the window, until there is nothing for a whole window."""
        try:
            while messages := self._waiting.pop(public_id, []):
                for message in joined(messages):
                    await _send(public_id, message)
                await asyncio.sleep(WINDOW_S)
        except Exception:
            # The layer is away (Redis): pages notice the gap and fetch a snapshot.
            logger.exception("A message about sweep %s was not sent", public_id)
        finally:
            del self._tasks[public_id]


def joined(messages: list[Message]) -> list[Message]:
    """Messages that follow one another as one: the last state, the last row of a trial, all points and lines in order."""
    found: list[Message] = []
    for message in sorted(messages, key=lambda message: message["first"]):
        if not found or found[-1]["position"] != message["first"]:
            found.append({**message, "trials": list(message["trials"])})
            continue
        whole = found[-1]
        whole["position"] = message["position"]
        if "sweep" in message:
            whole["sweep"] = message["sweep"]
        rows = {row["number"]: row for row in [*whole["trials"], *message["trials"]]}
        whole["trials"] = list(rows.values())
        whole["points"] = [*whole["points"], *message["points"]]
        whole["logs"] = [*whole["logs"], *message["logs"]]
    return found


async def _send(public_id: str, message: Message) -> None:
    rest = {key: value for key, value in message.items() if key not in {"first", "position"}}
    body = {"type": "changes", "from": message["first"], "position": message["position"], **rest}
    text = json.dumps(body, separators=(",", ":"), allow_nan=False)
    layer = get_channel_layer()
    await layer.group_send(group_name(public_id), {"type": "page.message", "text": text, "position": body["position"]})
