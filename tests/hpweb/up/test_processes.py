"""Children are kept alive, and none is left behind. Real processes, real signals."""

import asyncio
import io
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from hpweb.up import processes
from hpweb.up.console import Console
from hpweb.up.processes import GivenUp, Process
from tests.processes import ROOT


def make(code: str, output: io.StringIO, grace_s: float = 5.0) -> Process:
    console = Console(output)
    return Process(
        "server", [sys.executable, "-c", code], env=dict(os.environ), cwd=ROOT, console=console, grace_s=grace_s
    )


async def wait_until(condition: object, seconds: float = 10) -> None:
    assert callable(condition)
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.02)


async def test_lines_carry_the_name_of_who_said_them() -> None:
    output = io.StringIO()
    process = make("import time; print('one\\ntwo'); print('half', end=''); time.sleep(60)", output)
    task = asyncio.create_task(process.keep_alive())
    await wait_until(lambda: "two" in output.getvalue())
    await process.stop()
    await task
    assert output.getvalue().splitlines() == ["server | one", "server | two", "server | half"]


async def test_a_killed_process_is_started_again_and_its_death_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "FIRST_PAUSE_S", 0.05)
    output = io.StringIO()
    process = make("import time; print('up'); time.sleep(60)", output)
    task = asyncio.create_task(process.keep_alive())
    await wait_until(lambda: "up" in output.getvalue())
    first = process.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await wait_until(lambda: output.getvalue().count("up") == 2)
    assert process.pid not in {None, first}
    await process.stop()
    await task
    assert "hpweb  | The server ended by SIGKILL; starting it again" in output.getvalue()


async def test_a_process_that_dies_again_and_again_is_given_up_with_its_last_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(processes, "FIRST_PAUSE_S", 0.01)
    process = make("import sys; sys.exit('HPWEB_X is wrong.')", io.StringIO())
    with pytest.raises(GivenUp, match=r"The server ended with code 1, 5 times .* HPWEB_X is wrong\."):
        await process.keep_alive()


async def test_what_ignores_sigterm_is_killed_with_its_children() -> None:
    output = io.StringIO()
    code = (
        "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "child = subprocess.Popen([sys.executable, '-c', 'import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)']);"
        "print('child', child.pid); time.sleep(60)"
    )
    process = make(code, output, grace_s=0.3)
    task = asyncio.create_task(process.keep_alive())
    await wait_until(lambda: "child" in output.getvalue())
    grandchild = int(output.getvalue().split()[-1])
    await process.stop()
    await task
    await wait_until(lambda: not psutil.pid_exists(grandchild) or psutil.Process(grandchild).status() == "zombie")


def test_children_end_when_their_parent_is_killed() -> None:
    code = (
        "import asyncio, io, os, sys; from pathlib import Path; from hpweb.up.console import Console; from hpweb.up.processes import Process\n"
        "p = Process('server', [sys.executable, '-c', 'import os, time; print(os.getpid()); time.sleep(60)'],"
        " env=dict(os.environ), cwd=Path('.'), console=Console(), grace_s=1)\n"
        "asyncio.run(p.keep_alive())"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline().split("|")[1]))
    parent.kill()
    parent.wait()
    parent.stdout.close()
    _, alive = psutil.wait_procs([child], timeout=5)
    assert alive == []
