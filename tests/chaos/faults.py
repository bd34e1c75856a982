"""What may happen. Each fault ends with everything running again.

It returns how long it was held on purpose, in seconds; None when it found nothing to hit.
"""

import contextlib
import errno
import json
import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

import psutil

from tests.chaos.stage import LARGE, LARGE_LINES, LEASE_S, Stage
from tests.chaos.witness import BATCH_MB

Fault = Callable[[Stage, random.Random], float | None]
Found = TypeVar("Found")
OUTAGE_S: Final = 3.0
"""Less than half a lease: who was away so long still holds his job."""


def kill_child(stage: Stage, draw: random.Random) -> float | None:
    children = _soon(stage.training)
    if children:
        _kill(stage, draw.choice(children))
    return 0.0 if children else None


def kill_fork_server(stage: Stage, _: random.Random) -> float | None:
    server = _soon(stage.fork_server)
    if server:
        _kill(stage, server)
    return 0.0 if server else None


def kill_supervisor(stage: Stage, draw: random.Random) -> float:
    if stage.runner:
        stage.runner.kill()
        stage.runner.wait()
    stage.lost_now()
    return _after(draw, stage.start_runner)


def kill_runner(stage: Stage, draw: random.Random) -> float:
    stage.kill_all_of_runner()
    stage.lost_now()
    return _after(draw, stage.start_runner)


def kill_server(stage: Stage, draw: random.Random) -> float:
    stage.kill_server()
    stage.lost_now()
    return _after(draw, stage.start_server)


def kill_all(stage: Stage, draw: random.Random) -> float:
    """Everything that has a process, databases included, in any order; and back in any order."""
    deaths = [stage.kill_server, stage.kill_all_of_runner]
    draw.shuffle(deaths)
    for death in deaths:
        death()
    stage.lost_now()
    if stage.services:
        stage.services.restart_postgres(crash=True)
        stage.services.restart_redis()
    return _after(draw, stage.start_server) + _after(draw, stage.start_runner)


def empty_broker(stage: Stage, draw: random.Random) -> float:
    """The broker forgets all, again and again for a while."""
    stage.lost_now()
    return _repeat(draw, lambda: forget(stage))


def double_messages(stage: Stage, draw: random.Random) -> float:
    """Every wake-up comes several times, with wake-ups for jobs that are over and for none."""
    stage.lost_now()
    stage.run("tests.chaos.wake_again", str(draw.randint(2, 6)))
    return 0.0


def restart_postgres(stage: Stage, draw: random.Random) -> float:
    stage.lost_now()
    assert stage.services
    stage.services.restart_postgres(crash=draw.random() < 0.5)
    return 0.0


def restart_redis(stage: Stage, draw: random.Random) -> float:
    stage.lost_now()
    assert stage.services
    stage.services.restart_redis()
    return 0.0


def cut_network(stage: Stage, draw: random.Random) -> float:
    stage.lost_now()
    with stage.proxy.disturbed_by("cut"):
        return _hold(draw, OUTAGE_S)


def cut_network_long(stage: Stage, draw: random.Random) -> float:
    """Longer than a lease: the job is given to somebody else, and what was trained meanwhile is late news."""
    stage.lost_now()
    with stage.proxy.disturbed_by("gone"):
        begun = time.monotonic()
        time.sleep(draw.uniform(LEASE_S + 2, LEASE_S + 5))
        return time.monotonic() - begun


def slow_network(stage: Stage, draw: random.Random) -> float:
    stage.lost_now()
    with stage.proxy.disturbed_by("slow"):
        return _hold(draw, 2 * OUTAGE_S)


def answer_500(stage: Stage, draw: random.Random) -> float:
    stage.lost_now()
    with stage.proxy.disturbed_by("error"):
        return _hold(draw, OUTAGE_S)


def shout(stage: Stage, _: random.Random) -> float:
    """The training prints ten mebibytes at once."""
    stage.lost_now()
    (stage.witnessed / "shout").touch()
    return 0.0


def large_batch(stage: Stage, draw: random.Random) -> float | None:
    """The runner dies with ten mebibytes unshipped, and comes back as one that sends them all at once.

    The server must refuse the batch with 413, the runner split it, and each line arrive.
    """
    stage.kill_all_of_runner()
    stage.lost_now()
    jobs = [job for job in (stage.home / "jobs").iterdir() if (job / "spool").is_dir() and not _ended(job)]
    for job in jobs:
        event = {"type": "log", "t": 0.0, "stream": "logging", "level": "info"}
        lines = [json.dumps({**event, "text": f"{LARGE} {place} {'x' * 7900}"}) for place in range(LARGE_LINES)]
        (job / "spool" / "large.jsonl").write_text("\n".join(lines) + "\n")
        (stage.witnessed / f"{job.name}.large").touch()
    refused = stage.proxy.answers[413]
    stage.runner_env[BATCH_MB] = "32"
    try:
        stage.start_runner()
    finally:
        del stage.runner_env[BATCH_MB]
    if not jobs:
        return None
    stage.wait(lambda: stage.proxy.answers[413] > refused, 60, "no batch was too large")
    return 0.0


def fill_runner_disk(stage: Stage, draw: random.Random) -> float:
    return _fill(stage, stage.home, draw)


def fill_server_disk(stage: Stage, draw: random.Random) -> float:
    return _fill(stage, stage.data, draw)


def set_clock(stage: Stage, draw: random.Random) -> float:
    """The runner's clock is an hour fast or slow for a while."""
    stage.lost_now()
    stage.set_clock(draw.choice((3600, -3600)))
    _hold(draw, 2 * OUTAGE_S)
    stage.set_clock(0)
    return 0.0


def _ended(job: Path) -> bool:
    """Whether the end of the job in that folder is noted: nothing is read from its children any more."""
    return b'"job_finished"' in (job / "journal.jsonl").read_bytes()


def _kill(stage: Stage, process: psutil.Process) -> None:
    """SIGKILL, and wait until it and what dies with it are gone. It is not ours, so nobody here is told of its end."""
    with contextlib.suppress(psutil.NoSuchProcess):
        family = [process, *process.children(recursive=True)]
        process.kill()
        psutil.wait_procs(family, timeout=10)
    stage.lost_now()


def _soon(look: Callable[[], Found | None], seconds: float = 30.0) -> Found | None:
    """What is found at once or after a while: one that died is replaced."""
    deadline = time.monotonic() + seconds
    while not (found := look()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def _after(draw: random.Random, start: Callable[[], None]) -> float:
    """Start it again, half of the time at once, else after a while."""
    pause = 0.0 if draw.random() < 0.5 else draw.uniform(0, OUTAGE_S)
    time.sleep(pause)
    start()
    return pause


def _hold(draw: random.Random, most: float) -> float:
    begun = time.monotonic()
    time.sleep(draw.uniform(0.3, most))
    return time.monotonic() - begun


def _repeat(draw: random.Random, act: Callable[[], None]) -> float:
    for _ in range(draw.randint(1, 10)):
        act()
        time.sleep(draw.uniform(0, 0.2))
    return 0.0


def forget(stage: Stage) -> None:
    if stage.services:
        stage.services.flush_redis()
    else:
        shutil.rmtree(stage.data / "broker", ignore_errors=True)


def _fill(stage: Stage, folder: Path, draw: random.Random) -> float:
    """Leave no byte on the folder's disk for a while. It must be a small one of its own, see `disks`."""
    stage.lost_now()
    ballast = folder / "ballast"
    assert shutil.disk_usage(folder).total < 2**30, f"{folder} is no small disk"
    with ballast.open("wb", buffering=0) as file:
        size = 2**20
        while size >= 512:
            try:
                file.write(b"\0" * size)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
                size //= 2
    try:
        return _hold(draw, OUTAGE_S)
    finally:
        ballast.unlink()


KEEPING: Final[dict[str, Fault]] = {
    "child": kill_child,
    "fork server": kill_fork_server,
    "server": kill_server,
    "broker emptied": empty_broker,
    "messages doubled": double_messages,
    "network cut": cut_network,
    "network slow": slow_network,
    "answers 500": answer_500,
    "10 MB of output": shout,
}
"""The job is kept: parameters and values are those of an undisturbed run, trial by trial."""
LOSING: Final[dict[str, Fault]] = {
    "supervisor": kill_supervisor,
    "runner": kill_runner,
    "everything": kill_all,
    "network cut for long": cut_network_long,
    "batch of 10 MB": large_batch,
}
"""The job may be lost and another one goes on: the same points are visited, each with the same value."""
SERVICES: Final[dict[str, Fault]] = {"postgresql restarted": restart_postgres, "redis restarted": restart_redis}
"""Only where there are such. The job is kept."""
SPECIAL: Final[dict[str, Fault]] = {
    "server disk full": fill_server_disk,
    "runner disk full": fill_runner_disk,
    "clock off by an hour": set_clock,
}
"""Only on the special stage. The job is kept."""
TARGETS: Final = {**KEEPING, **LOSING, **SERVICES, **SPECIAL}
DEATHS: Final = frozenset({"child", "fork server", "server", "supervisor", "runner", "everything"})
"""Nobody holds them on purpose for long."""
