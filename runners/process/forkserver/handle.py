"""The supervisor's side of the fork server: start it, ask it for children, hear of their ends, replace it."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from itertools import count

from runners.process.backoff import Backoff
from runners.process.folder import JobFolder
from runners.process.forkserver.messages import (
    MAX_MESSAGE,
    Exited,
    Fork,
    Forked,
    NotForked,
    Ready,
    Signal,
    notice_adapter,
)
from runners.process.logs import pairs
from runners.protocol.base import Message

logger = logging.getLogger(__name__)

# Thread pools that start at import time would not survive the fork; children set torch's own count themselves.
_SINGLE_THREADED = {
    **dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1"),
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}
_TRIES = 3


class NoForkServer(Exception):
    """The fork server does not start; the text says what is known."""


@dataclass(eq=False)
class Process:
    """A forked child. `sock`: our end of its channel. `exited`: its exit code, or minus the signal."""

    pid: int
    sock: socket.socket
    exited: asyncio.Future[int] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class ForkServerHandle:
    """Children come from here. Must live in the main thread: the fork server dies with the thread that started it.

    `entry`, `bare`: what children do, and whether to import that only; others than the defaults are for tests.
    """

    def __init__(self, entry: str = "runners.process.child:main", *, bare: bool = False) -> None:
        self._command = [sys.executable, "-m", "runners.process.forkserver", "--entry", entry]
        if bare:
            self._command.append("--bare")
        self._popen: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._ready: asyncio.Future[Ready] | None = None
        self._requests = count(1)
        self._forking: dict[int, tuple[asyncio.Future[Process], socket.socket]] = {}
        self._processes: dict[int, Process] = {}
        self._starting = asyncio.Lock()
        self._closed = False

    @property
    def pid(self) -> int | None:
        return self._popen.pid if self._popen else None

    async def ready(self) -> Ready:
        """Start the fork server if none runs and wait until it has imported everything. Raises `NoForkServer`."""
        async with self._starting:
            backoff = Backoff(first=0.5)
            for attempt in range(_TRIES):
                if self._closed:
                    break
                if self._ready is None:
                    self._start()
                assert self._ready is not None
                try:
                    return await asyncio.shield(self._ready)
                except NoForkServer as error:
                    logger.warning("The fork server ended while it was starting", extra=pairs(reason=error))
                    if attempt + 1 < _TRIES:
                        await asyncio.sleep(backoff.next())
        raise NoForkServer("The process that children are started from does not start; the runner's output says why.")

    async def fork(self, folder: JobFolder, child: str, environment: dict[str, str]) -> Process:
        """Start a child. Raises `NoForkServer`, or OSError when the machine has no process left to give."""
        await self.ready()
        if self._control is None:
            raise NoForkServer("The fork server has just died.")
        ours, theirs = socket.socketpair()
        request = next(self._requests)
        ours.setblocking(False)
        forked: asyncio.Future[Process] = asyncio.get_running_loop().create_future()
        self._forking[request] = forked, ours
        order = Fork(request=request, folder=str(folder.path.resolve()), child=child, environment=environment)
        try:
            with theirs:
                socket.send_fds(self._control, [order.model_dump_json().encode()], [theirs.fileno()])
            return await forked
        except BaseException:
            ours.close()
            raise
        finally:
            self._forking.pop(request, None)

    def signal(self, process: Process, number: int) -> None:
        """Signal a child and all it started. Nothing happens when it is gone already."""
        if not process.exited.done():
            self._tell(Signal(pid=process.pid, signal=number))

    async def aclose(self) -> None:
        """End the fork server; children that are left are killed."""
        self._closed = True
        popen = self._popen
        self._hang_up()
        self._bury()
        if popen is None:
            return
        try:
            await asyncio.to_thread(popen.wait, 2.0)
        except subprocess.TimeoutExpired:
            popen.kill()
            await asyncio.to_thread(popen.wait)

    def _start(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        environment = {**os.environ, **_SINGLE_THREADED}
        for secret in ("HPWEB_RUNNER_TOKEN", "HPWEB_RUNNER_TOKEN_FILE"):
            environment.pop(secret, None)
        with theirs:
            self._popen = subprocess.Popen(  # noqa: S603 - our own module
                [*self._command, "--control", str(theirs.fileno()), "--parent", str(os.getpid())],
                stdin=subprocess.DEVNULL,
                stdout=2,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
                env=environment,
            )
        ours.setblocking(False)
        self._control = ours
        loop = asyncio.get_running_loop()
        self._ready = loop.create_future()
        loop.add_reader(ours.fileno(), self._on_notice, ours)

    def _on_notice(self, control: socket.socket) -> None:
        try:
            data = control.recv(MAX_MESSAGE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._lost()
            return
        notice = notice_adapter.validate_json(data)
        if isinstance(notice, Ready):
            self._on_ready(notice)
        elif isinstance(notice, Exited):
            # A child can end before the task that asked for it goes on, or after that task gave up.
            process = self._processes.pop(notice.pid, None)
            if process and not process.exited.done():
                process.exited.set_result(notice.code)
        else:
            self._on_answer(notice)

    def _on_ready(self, ready: Ready) -> None:
        for name in ready.missing:
            logger.warning("The fork server could not import everything", extra=pairs(module=name))
        if ready.threads > 1:
            logger.warning("The fork server has threads; forks may be unsafe", extra=pairs(threads=ready.threads))
        logger.info(
            "Ready to start children",
            extra=pairs(seconds=round(ready.seconds, 1), memory_mb=ready.memory // 2**20),
        )
        if self._ready and not self._ready.done():
            self._ready.set_result(ready)

    def _on_answer(self, notice: Forked | NotForked) -> None:
        forked, sock = self._forking.get(notice.request, (None, None))
        waiting = forked is not None and not forked.done()
        if isinstance(notice, Forked):
            if forked and sock and waiting:
                # Known from now on, so that an end in the very next message finds it.
                process = self._processes[notice.pid] = Process(notice.pid, sock)
                forked.set_result(process)
            else:
                self._tell(Signal(pid=notice.pid, signal=signal.SIGKILL))
        elif forked and waiting:
            forked.set_exception(OSError(notice.message))

    def _lost(self) -> None:
        """The fork server is gone, and by the kernel's hand its children with it."""
        popen = self._popen
        self._hang_up()
        if popen is not None:
            # Its end of the socket is closed, so it is dead or about to be.
            popen.kill()
            popen.wait()
        if not self._closed:
            logger.warning("The fork server died; its children are lost", extra=pairs(children=len(self._processes)))
        error = NoForkServer("The fork server died.")
        if self._ready and not self._ready.done():
            self._ready.set_exception(error)
            self._ready.exception()  # seen, also when nobody waits
        self._ready = None
        for forked, _ in self._forking.values():
            if not forked.done():
                forked.set_exception(error)
        self._bury()

    def _bury(self) -> None:
        for process in self._processes.values():
            if not process.exited.done():
                process.exited.set_result(-signal.SIGKILL)
        self._processes.clear()

    def _hang_up(self) -> None:
        control, self._control, self._popen = self._control, None, None
        if control is not None:
            asyncio.get_running_loop().remove_reader(control.fileno())
            control.close()

    def _tell(self, order: Message) -> None:
        if self._control is not None:
            with contextlib.suppress(OSError):  # its death is heard of in `_lost`
                self._control.send(order.model_dump_json().encode())
