"""A group from the real fork server."""

import asyncio
from pathlib import Path

import psutil
import pytest

from runners.process.channel import AskPermit, PermitGiven, StoreTokenizer
from runners.process.forkserver.handle import ForkServerHandle
from runners.process.link import Link
from runners.protocol.job import Permit
from tests.runners.process.material import IMAGES, sweep
from tests.runners.process.small_supervisor import SmallSupervisor


@pytest.mark.full
def test_a_group_trains_under_the_fork_server_and_leaves_nothing(tmp_path: Path) -> None:
    spec, files = sweep(IMAGES, 60, arguments={**IMAGES["arguments"], "num_train_epochs": 1}, processes=2)
    supervisor = SmallSupervisor(tmp_path / "job", spec, files)
    permits = [Permit(number=0, attempt=1), Permit(number=1, attempt=1), None]

    async def train() -> int:
        forks = ForkServerHandle()
        try:
            process = await forks.fork(supervisor.folder, "c1", {})
            link = await Link.open(process.sock)
            while (message := await link.receive()) is not None:
                assert not isinstance(message, StoreTokenizer)
                if isinstance(message, AskPermit):
                    link.send(PermitGiven(permit=permits.pop(0)))
            code = await process.exited
            await link.close()
            server = psutil.Process(forks.pid)
            assert not server.children(recursive=True)
            return code
        finally:
            await forks.aclose()

    assert asyncio.run(train()) == 0, supervisor.output
    assert [end["state"] for end in supervisor.of_type("trial_finished")] == ["complete", "complete"]
    assert not psutil.Process().children(recursive=True)
