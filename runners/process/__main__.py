"""`python -m runners.process`: one runner, until it is told to stop."""

import asyncio
import logging
import sys

from runners.process.client import ServerClient
from runners.process.forkserver.handle import ForkServerHandle
from runners.process.home import Home, HomeTaken
from runners.process.logs import set_up_logging
from runners.process.settings import RunnerSettings, SettingsError, read_settings
from runners.process.supervisor import Fatal, Supervisor

logger = logging.getLogger(__name__)


def main(entry: str = "runners.process.child:main", *, bare: bool = False) -> int:
    """Exit code: 0 after a clean stop, 1 when the runner cannot go on, 2 when its settings are wrong.

    `entry`, `bare`: see `ForkServerHandle`.
    """
    set_up_logging("info")
    try:
        settings = read_settings()
        token = settings.token()
    except SettingsError as error:
        for line in str(error).splitlines():
            logger.error(line)
        return 2
    set_up_logging(settings.runner_log_level)
    home = Home(settings.runner_home.resolve())
    try:
        lock = home.lock()
    except HomeTaken as error:
        logger.error("%s", error)
        return 2
    except OSError as error:
        logger.error("HPWEB_RUNNER_HOME: %s cannot be used (%s). Name a folder that can be written.", home.path, error)
        return 2
    try:
        asyncio.run(_work(settings, home, ServerClient(settings.server, token), ForkServerHandle(entry, bare=bare)))
    except Fatal as error:
        logger.error("%s", error)
        return 1
    finally:
        lock.release()
    return 0


async def _work(settings: RunnerSettings, home: Home, client: ServerClient, forks: ForkServerHandle) -> None:
    try:
        await Supervisor(settings, home, client, forks).run()
    finally:
        await client.aclose()


if __name__ == "__main__":
    sys.exit(main())
