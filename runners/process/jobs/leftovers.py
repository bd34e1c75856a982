"""All jobs that an earlier process left behind, one after another, until the server has been told of each."""

import asyncio
import logging
from collections.abc import Callable

from runners.process.client import BadToken, ServerClient
from runners.process.folder import JobFolder
from runners.process.home import Home
from runners.process.jobs.recovery import recover
from runners.process.logs import pairs

logger = logging.getLogger(__name__)

AGAIN_S = 30.0


class Leftovers:
    """What the server could not be told of a job, since it went away meanwhile, is told later."""

    def __init__(self, home: Home, client: ServerClient, on_bad_token: Callable[[BadToken], None]) -> None:
        self._home = home
        self._client = client
        self._on_bad_token = on_bad_token
        self._left: list[JobFolder] = []

    async def first(self) -> None:
        """Each has its turn; new jobs wait for that."""
        self._left = await self._recover(self._home.leftovers())

    async def rest(self) -> None:
        """Those that are worth another try, until none is."""
        while self._left:
            await asyncio.sleep(AGAIN_S)
            self._left = await self._recover(self._left)

    async def _recover(self, folders: list[JobFolder]) -> list[JobFolder]:
        left = []
        for folder in folders:
            try:
                await recover(self._home, self._client, folder, self._on_bad_token)
            except Exception:
                logger.exception("A job that was left behind cannot be recovered", extra=pairs(job=folder.path.name))
            else:
                if folder.path.exists():
                    left.append(folder)
        return left
