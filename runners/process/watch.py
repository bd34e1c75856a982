"""A child does not outlive its supervisor, whatever it is doing."""

import os
import select
import socket
import sys
import threading
import time

_GRACE_S = 0.05


class Watch:
    """A thread that waits for the other end of `sock` to close, and then ends this process with `exit_code`.

    While `asking` is set the main thread reads the socket itself and learns of the end in order, last answer first.
    """

    def __init__(self, sock: socket.socket, exit_code: int) -> None:
        self._sock = sock
        self._exit_code = exit_code
        self.asking = False
        threading.Thread(target=self._wait, name="watch", daemon=True).start()

    def _wait(self) -> None:
        poll = select.poll()
        poll.register(self._sock.fileno(), select.POLLRDHUP)
        poll.poll()
        while self.asking:
            time.sleep(_GRACE_S)
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(self._exit_code)
