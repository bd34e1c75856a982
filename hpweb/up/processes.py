"""A child process that is kept alive: its lines are passed on, and when it dies it is started again."""

import asyncio
import contextlib
import ctypes
import os
import signal
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from hpweb.up.console import Console

FIRST_PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 30.0
LONG_LIFE_S: Final = 60.0
"""A process that lived this long begins again with the shortest pause."""
SHORT_LIVES: Final = 5
"""So many deaths one after another, none after a long life, and it is given up."""
MAX_LINE: Final = 64 * 1024
_PR_SET_PDEATHSIG: Final = 1


def _die_with_parent() -> Callable[[], None] | None:
    """What the child does before its program starts: ask Linux for SIGTERM when the parent dies, even by SIGKILL."""
    try:
        prctl = ctypes.CDLL(None).prctl
    except (OSError, AttributeError):
        return None  # not Linux
    return lambda: prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def describe_exit(code: int) -> str:
    """ "with code 3", or "by SIGKILL"."""
    if code >= 0:
        return f"with code {code}"
    try:
        return f"by {signal.Signals(-code).name}"
    except ValueError:
        return f"by signal {-code}"


class GivenUp(Exception):
    """The process can't be kept alive; the text is a sentence for people."""


class Process:
    """`name` stands before its lines. `grace_s`: how long it may take to end after SIGTERM."""

    def __init__(
        self, name: str, command: Sequence[str], *, env: Mapping[str, str], cwd: Path, console: Console, grace_s: float
    ) -> None:
        self.name = name
        self._command = command
        self._env = {**env, "PYTHONUNBUFFERED": "1"}
        self._cwd = cwd
        self._console = console
        self._grace_s = grace_s
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = asyncio.Event()
        self._last: deque[str] = deque(maxlen=5)

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        running = self._process is not None and self._process.returncode is None
        return self._process.pid if running and self._process else None

    async def keep_alive(self) -> None:
        """Run it until `stop`. GivenUp when it dies again and again."""
        pause, short_lives = FIRST_PAUSE_S, 0
        while not self._stopping.is_set():
            begin = time.monotonic()
            code = await self._run_once()
            if self._stopping.is_set():
                return
            if time.monotonic() - begin > LONG_LIFE_S:
                pause, short_lives = FIRST_PAUSE_S, 0
            short_lives += 1
            ended = f"The {self.name} ended {describe_exit(code)}"
            if short_lives >= SHORT_LIVES:
                raise GivenUp(
                    f"{ended}, {short_lives} times one after another. Its last line: {self._last[-1] if self._last else '-'}"
                )
            self._console.line("hpweb", f"{ended}; starting it again in {pause:.0f} s.")
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_S)

    async def stop(self) -> None:
        """End it: SIGTERM, and SIGKILL to all of its session when the grace is over."""
        self._stopping.set()
        process = self._process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), self._grace_s)
        except TimeoutError:
            self._console.line("hpweb", f"The {self.name} does not end by itself; killing it.")
            self.kill()
            await process.wait()

    def kill(self) -> None:
        """SIGKILL to the process and everything in its session's group."""
        if self.pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)

    async def _run_once(self) -> int:
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            cwd=self._cwd,
            env=self._env,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            # A session of its own: Ctrl-C reaches this process only, which then ends the others in the right order.
            start_new_session=True,
            preexec_fn=_die_with_parent(),
        )
        assert self._process.stdout is not None
        reading = asyncio.create_task(self._pass_on(self._process.stdout))
        code = await self._process.wait()
        # A grandchild may hold the pipe open; what it says later is not waited for.
        await asyncio.wait([reading], timeout=1)
        reading.cancel()
        return code

    async def _pass_on(self, stream: asyncio.StreamReader) -> None:
        rest = b""
        while data := await stream.read(MAX_LINE):
            *lines, rest = (rest + data).replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
            if len(rest) > MAX_LINE:
                lines, rest = [*lines, rest], b""
            for line in lines:
                self._say(line)
        if rest:
            self._say(rest)

    def _say(self, line: bytes) -> None:
        text = line.decode("utf-8", "replace")
        if text.strip():
            self._last.append(text)
            self._console.line(self.name, text)
