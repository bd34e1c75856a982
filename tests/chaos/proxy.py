"""The network between runner and server: a proxy that may cut, slow down, or answer 500 instead of the server."""

import contextlib
import http.client
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

Mode = Literal["pass", "cut", "gone", "slow", "error"]
_DROPPED = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"})


class Proxy:
    """Listens on a free port of 127.0.0.1 and passes everything to the server's, except in another mode.

    `cut`: the connection ends without an answer; half of the requests reach the server all the same, so that only the
    answer is lost. `gone`: none of them does. `slow`: up to `delay_s` before the request goes on and before the answer comes back. `error`: 500,
    half of the time instead of an answer that the server did give.
    """

    def __init__(self, server_port: int, seed: int = 0) -> None:
        self.server_port = server_port
        self.mode: Mode = "pass"
        self.delay_s = 1.5
        self.random = random.Random(seed)
        self.disturbed = 0
        self.answers: Counter[int] = Counter()
        """How often the server has answered with each status."""
        proxy = self

        class Handler(_Handler):
            owner = proxy

        self._http = _Server(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._http.server_port}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.1,), daemon=True)
        self._thread.start()

    @contextmanager
    def disturbed_by(self, mode: Mode) -> Iterator[None]:
        """The mode holds inside."""
        self.mode = mode
        try:
            yield
        finally:
            self.mode = "pass"

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """A runner that was killed in mid-sentence is no news here."""


class _Handler(BaseHTTPRequestHandler):
    owner: Proxy
    protocol_version = "HTTP/1.1"

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        mode, owner = self.owner.mode, self.owner
        if mode != "pass":
            owner.disturbed += 1
        if mode == "slow":
            time.sleep(owner.random.uniform(0, owner.delay_s))
        elif mode == "gone" or (mode in {"cut", "error"} and owner.random.random() < 0.5):
            self._refuse(mode)
            return
        try:
            status, headers, content = self._forward(body)
        except (OSError, http.client.HTTPException):
            # The server itself is away: the runner sees what it would see without us.
            self._hang_up()
            return
        owner.answers[status] += 1
        if mode == "slow":
            time.sleep(owner.random.uniform(0, owner.delay_s))
        elif owner.mode in {"cut", "gone", "error"}:  # cut while the request was under way, too
            self._refuse(owner.mode)
            return
        self._answer(status, headers, content)

    do_GET = do_POST = do_PUT = _handle  # noqa: N815  the names that the library looks for

    def _forward(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.owner.server_port, timeout=60)
        try:
            headers = {name: value for name, value in self.headers.items() if name.lower() not in _DROPPED}
            connection.request(self.command, self.path, body=body or None, headers=headers)
            response = connection.getresponse()
            return response.status, response.getheaders(), response.read()
        finally:
            connection.close()

    def _answer(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
        try:
            self.send_response(status)
            for name, value in headers:
                if name.lower() not in _DROPPED:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        except OSError:
            self.close_connection = True  # the runner is gone

    def _refuse(self, mode: Mode) -> None:
        if mode == "error":
            self._answer(500, [("Content-Type", "text/html")], b"<h1>Something is wrong</h1>")
        else:
            self._hang_up()

    def _hang_up(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):  # it may have gone first
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_: Any) -> None:
        """Nothing: what happened is told by the database."""
