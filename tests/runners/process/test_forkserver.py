"""The fork server: quick forks of a clean process, and nobody left behind."""

import asyncio
import json
import os
import signal
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from runners.process.folder import JobFolder
from runners.process.forkserver.handle import ForkServerHandle, NoForkServer

HERE = "tests.runners.process.test_forkserver"


def tell(folder: JobFolder, child: str, sock: socket.socket) -> int:
    """A child that says how it found the world, then does what it is told."""
    facts = {
        "at": time.monotonic(),
        "pid": os.getpid(),
        "session": os.getsid(0),
        "descriptors": sorted(int(path.name) for path in Path("/proc/self/fd").iterdir()),
        "secret": os.environ.get("HF_TOKEN"),
        "threads": os.environ["OMP_NUM_THREADS"],
        "token": os.environ.get("HPWEB_RUNNER_TOKEN"),
        "socket": sock.fileno(),
    }
    print(f"hello from {child} of {folder.path.name}")
    sock.sendall(json.dumps(facts).encode())
    order = sock.recv(100).decode()
    if order == "raise":
        raise RuntimeError("told to")
    if order == "exit":
        raise SystemExit(7)
    if order == "grandchild":
        grandchild = os.fork()
        if grandchild == 0:
            time.sleep(60)
        sock.sendall(str(grandchild).encode())
    if order == "sleep":
        time.sleep(60)
    return 5


@pytest.fixture
async def forks(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ForkServerHandle]:
    monkeypatch.setenv("HPWEB_RUNNER_TOKEN", "not for children")
    handle = ForkServerHandle(f"{HERE}:tell", bare=True)
    yield handle
    await handle.aclose()


@pytest.fixture
def folder(tmp_path: Path) -> JobFolder:
    return JobFolder(tmp_path / "Job000000001")


async def receive(sock: socket.socket) -> bytes:
    return await asyncio.wait_for(asyncio.get_running_loop().sock_recv(sock, 10_000), 10)


async def test_a_child_starts_clean(forks: ForkServerHandle, folder: JobFolder) -> None:
    await forks.ready()
    begun = time.monotonic()
    process = await forks.fork(folder, "c1", {"HF_TOKEN": "hf_secret"})
    with process.sock:
        facts = json.loads(await receive(process.sock))
        assert facts["pid"] == facts["session"] == process.pid
        assert (facts["secret"], facts["threads"], facts["token"]) == ("hf_secret", "1", None)
        # Standard streams, its channel, and the one that lists the folder.
        assert len(facts["descriptors"]) == 5
        assert set(facts["descriptors"]) >= {0, 1, 2, facts["socket"]}
        assert facts["at"] - begun < 0.5
        process.sock.send(b"end")
        assert await process.exited == 5
    assert (folder.spool / "c1.out").read_text() == "hello from c1 of Job000000001\n"


@pytest.mark.parametrize(("order", "code"), [(b"raise", 1), (b"exit", 7)])
async def test_exit_codes_are_told(forks: ForkServerHandle, folder: JobFolder, order: bytes, code: int) -> None:
    process = await forks.fork(folder, "c1", {})
    with process.sock:
        await receive(process.sock)
        process.sock.send(order)
        assert await process.exited == code
    assert ("RuntimeError: told to" in (folder.spool / "c1.err").read_text()) == (order == b"raise")


async def test_a_signal_reaches_the_child_and_all_it_started(forks: ForkServerHandle, folder: JobFolder) -> None:
    process = await forks.fork(folder, "c1", {})
    with process.sock:
        await receive(process.sock)
        process.sock.send(b"sleep")
        forks.signal(process, signal.SIGTERM)
        assert await process.exited == -signal.SIGTERM
    forks.signal(process, signal.SIGTERM)  # gone already: nobody is hit


async def test_what_a_child_leaves_behind_is_killed(forks: ForkServerHandle, folder: JobFolder) -> None:
    process = await forks.fork(folder, "c1", {})
    with process.sock:
        await receive(process.sock)
        process.sock.send(b"grandchild")
        grandchild = int(await receive(process.sock))
        assert await process.exited == 5
    await _gone(grandchild)


async def test_children_die_with_the_fork_server_and_a_new_one_comes(
    forks: ForkServerHandle, folder: JobFolder
) -> None:
    processes = [await forks.fork(folder, name, {}) for name in ("c1", "c2")]
    for process in processes:
        await receive(process.sock)
    first = forks.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    for process in processes:
        assert await process.exited == -signal.SIGKILL
        await _gone(process.pid)
        process.sock.close()
    again = await forks.fork(folder, "c3", {})
    with again.sock:
        assert forks.pid != first
        await receive(again.sock)
        again.sock.send(b"end")
        assert await again.exited == 5


async def test_closing_ends_all(forks: ForkServerHandle, folder: JobFolder) -> None:
    process = await forks.fork(folder, "c1", {})
    with process.sock:
        await receive(process.sock)
        server = forks.pid
        assert server is not None
        await forks.aclose()
        await _gone(process.pid)
        await _gone(server)
    with pytest.raises(NoForkServer):
        await forks.fork(folder, "c2", {})


async def test_a_fork_server_that_cannot_start_is_given_up(monkeypatch: pytest.MonkeyPatch, folder: JobFolder) -> None:
    handle = ForkServerHandle(f"{HERE}:tell", bare=True)
    handle._command[1:3] = ["-c", "raise SystemExit(1)"]
    with pytest.raises(NoForkServer, match="does not start"):
        await handle.fork(folder, "c1", {})
    await handle.aclose()


@pytest.mark.full
async def test_a_warm_fork_server_has_everything_one_thread_and_forks_quickly(folder: JobFolder) -> None:
    forks = ForkServerHandle(f"{HERE}:tell")
    try:
        ready = await asyncio.wait_for(forks.ready(), 120)
        assert (ready.missing, ready.threads) == ((), 1)
        took = []
        for number in range(5):
            begun = time.monotonic()
            process = await forks.fork(folder, f"c{number}", {})
            with process.sock:
                took.append(json.loads(await receive(process.sock))["at"] - begun)
                process.sock.send(b"end")
                assert await process.exited == 5
        assert min(took) < 0.5  # 10 ms on a quiet machine
    finally:
        await forks.aclose()


async def _gone(pid: int) -> None:
    deadline = time.monotonic() + 5
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline, f"process {pid} is still there"
        await asyncio.sleep(0.01)
