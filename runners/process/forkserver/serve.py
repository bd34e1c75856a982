"""The fork server's loop: orders in, forks and signals out, ends of children reported."""

import contextlib
import os
import select
import signal
import socket
from pathlib import Path

from runners.process.folder import JobFolder
from runners.process.forkserver.born import live
from runners.process.forkserver.messages import (
    MAX_MESSAGE,
    Exited,
    Fork,
    Forked,
    NotForked,
    Signal,
    order_adapter,
)
from runners.protocol.base import Message


class ForkServer:
    """Single-threaded, so that a fork copies nothing half done. `control`: the socket to the supervisor."""

    def __init__(self, control: socket.socket, entry: str) -> None:
        self._control = control
        self._entry = entry
        self._children: set[int] = set()
        self._wake_read, self._wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    def tell(self, notice: Message) -> None:
        self._control.sendall(notice.model_dump_json().encode())

    def serve(self) -> None:
        """Serve until the supervisor closes its end; then kill all children and return."""
        signal.set_wakeup_fd(self._wake_write)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # a handler must exist for the wake-up byte to be written
        poll = select.poll()
        poll.register(self._control, select.POLLIN)
        poll.register(self._wake_read, select.POLLIN)
        try:
            while True:
                ready = {descriptor for descriptor, _ in poll.poll()}
                if self._wake_read in ready:
                    with contextlib.suppress(BlockingIOError):
                        os.read(self._wake_read, 4096)
                    self._reap()
                if self._control.fileno() in ready and not self._obey():
                    return
        except (BrokenPipeError, ConnectionResetError):
            return
        finally:
            for pid in self._children:
                _signal_group(pid, signal.SIGKILL)

    def _obey(self) -> bool:
        """Take one order. False at the end of the connection."""
        data, descriptors, _, _ = socket.recv_fds(self._control, MAX_MESSAGE, 1)
        if not data:
            return False
        order = order_adapter.validate_json(data)
        if isinstance(order, Signal):
            if order.pid in self._children:
                _signal_group(order.pid, order.signal)
        else:
            self._fork(order, descriptors[0])
        return True

    def _fork(self, order: Fork, descriptor: int) -> None:
        try:
            pid = os.fork()
        except OSError as error:
            os.close(descriptor)
            self.tell(NotForked(request=order.request, message=str(error)))
            return
        if pid == 0:
            live(
                JobFolder(Path(order.folder)),
                order.child,
                socket.socket(fileno=descriptor),
                entry=self._entry,
                environment=order.environment,
                close=(self._control.fileno(), self._wake_read, self._wake_write),
            )
        os.close(descriptor)
        self._children.add(pid)
        self.tell(Forked(request=order.request, pid=pid))

    def _reap(self) -> None:
        while self._children:
            # First look, then kill what it left behind, then reap: until then its group's number is not given away.
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if ended is None:
                return
            _signal_group(ended.si_pid, signal.SIGKILL)
            _, wait_status = os.waitpid(ended.si_pid, 0)
            self._children.discard(ended.si_pid)
            self.tell(Exited(pid=ended.si_pid, code=os.waitstatus_to_exitcode(wait_status)))


def _signal_group(pid: int, number: int) -> None:
    """Signal a child's process group, or the child alone while it has not yet made its own."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if os.getpgid(pid) == pid:
            os.killpg(pid, number)
        else:
            os.kill(pid, number)
