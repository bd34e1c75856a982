"""The supervisor's side of mirrors: a process per job and service, started, heard, and let go."""

import asyncio
import contextlib
import logging
import os
import shutil
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path
from typing import Final

from runners.process.jobs.record import JobRecord
from runners.process.logs import pairs
from runners.process.mirror.registry import unset, where
from runners.protocol.job import MIRROR_PREFIX
from runners.protocol.mirrors import MIRROR_LABELS
from runners.protocol.spec import Reporting

logger = logging.getLogger(__name__)

LINGER_S: Final = 60.0
"""For what a mirror has still to tell when its job is over; the job does not wait for it."""
KEPT_SWEEPS: Final = 50
KEPT_S: Final = 30 * 86400.0
KEPT_BYTES: Final = 2**30
_OURS: Final = ("HPWEB_", "WANDB_", "MLFLOW_", "TRACKIO_", "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")


def training_secrets(secrets: dict[str, str]) -> dict[str, str]:
    """What a child may know: mirrors keep their keys to themselves."""
    return {name: value for name, value in secrets.items() if not name.startswith(MIRROR_PREFIX)}


class Mirrors:
    """All mirrors of a runner. `root`: where local services keep their files, a folder per sweep.

    Call everything in the event loop.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, record: JobRecord) -> "JobMirrors":
        """Start those that the job's sweep asks for. What cannot be started is said in the sweep's log."""
        mirrors = JobMirrors(record)
        if not record.claimed.spec.report_to:
            return mirrors
        await asyncio.to_thread(forget_old, self._root)
        for name in record.claimed.spec.report_to:
            task = asyncio.create_task(self._mirror(name, mirrors))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return mirrors

    async def _mirror(self, name: Reporting, mirrors: "JobMirrors") -> None:
        folder = self._root / mirrors.record.claimed.sweep
        try:
            await mirrors.attend(name, folder)
        except OSError as error:
            mirrors.say(f"No trial is mirrored to {MIRROR_LABELS[name]}: {error}.")

    async def aclose(self, patience_s: float) -> None:
        """End those that are still at work, after a while."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=patience_s)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


class JobMirrors:
    """The mirrors of one job."""

    def __init__(self, record: JobRecord) -> None:
        self.record = record
        self._over = asyncio.Event()
        # Opened at once: the folder moves when the job is over.
        self._journals: dict[Reporting, int] = {
            name: os.open(record.folder.journal, os.O_RDONLY) for name in record.claimed.spec.report_to
        }

    def let_go(self) -> None:
        """The journal is at its end. They tell what is still to be told, and end by themselves."""
        self._over.set()

    def say(self, sentence: str) -> None:
        """In the sweep's log; in the runner's when that is closed."""
        if self._over.is_set():
            text = self.record.redact(sentence.encode()).decode(errors="replace")
            logger.warning("A mirror of an ended job", extra=pairs(job=self.record.job, said=text))
            return
        with contextlib.suppress(OSError):
            self.record.say(sentence)

    async def attend(self, name: Reporting, folder: Path) -> None:
        """One mirror, from its start to its end. Raises OSError where no process can be started."""
        descriptor = self._journals.pop(name)
        label = MIRROR_LABELS[name]
        given = _settings(self.record.claimed.secrets)
        missing = unset(name, given)
        try:
            if missing:
                self.say(f"No trial is mirrored to {label}: {missing}")
                return
            shown = where(name, folder, given)
            if shown:
                self.say(shown)
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "runners.process.mirror",
                name,
                str(descriptor),
                str(folder),
                stdin=PIPE,
                stdout=PIPE,
                stderr=DEVNULL,
                pass_fds=(descriptor,),
                env={**_environment(), **given},
                start_new_session=True,
            )
        finally:
            os.close(descriptor)
        try:
            await self._serve(process, label)
        finally:
            await _end(process)

    async def _serve(self, process: Process, label: str) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        bare = self.record.claimed.model_copy(update={"secrets": {}, "history": ()})
        process.stdin.write(bare.model_dump_json().encode() + b"\n")
        heard = asyncio.create_task(self._listen(process.stdout))
        over = asyncio.create_task(self._over.wait())
        try:
            await asyncio.wait([heard, over], return_when=asyncio.FIRST_COMPLETED)
            process.stdin.close()
            await asyncio.wait([heard], timeout=LINGER_S)
            if not heard.done():
                self.say(f"{label} does not take what is told: its entries stay as they are.")
                return
            failed = heard.result()
            code = await process.wait()
            if code and not failed:
                self.say(f"Trials are not all mirrored to {label}: the process that does it ended with {code}.")
        finally:
            for task in (heard, over):
                task.cancel()
            await asyncio.gather(heard, over, return_exceptions=True)

    async def _listen(self, stream: asyncio.StreamReader) -> bool:
        """Until the process has ended. True when it told of a failure."""
        told = False
        while line := await stream.readline():
            told = True
            self.say(line.decode(errors="replace").strip())
        return told


async def _end(process: Process) -> None:
    """It and all that it started are gone when this returns."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, 9)
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.wait()


def _settings(secrets: dict[str, str]) -> dict[str, str]:
    return {
        name.removeprefix(MIRROR_PREFIX): value for name, value in secrets.items() if name.startswith(MIRROR_PREFIX)
    }


def _environment() -> dict[str, str]:
    """The runner's, without its own keys and what would send a team's trials elsewhere."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}


def forget_old(root: Path) -> None:
    """Keep the files of the latest sweeps only: `KEPT_SWEEPS`, `KEPT_BYTES`, and none older than `KEPT_S` seconds."""
    if not root.is_dir():
        return
    total = 0
    for place, (changed, size, folder) in enumerate(sorted((_measured(path) for path in root.iterdir()), reverse=True)):
        total += size
        if place >= KEPT_SWEEPS or total > KEPT_BYTES or time.time() - changed > KEPT_S:
            shutil.rmtree(folder, ignore_errors=True)


def _measured(folder: Path) -> tuple[float, int, Path]:
    """(the latest change, bytes, the folder)."""
    found = [path.stat() for path in folder.rglob("*") if path.is_file()]
    return max([folder.stat().st_mtime, *(one.st_mtime for one in found)]), sum(one.st_size for one in found), folder
