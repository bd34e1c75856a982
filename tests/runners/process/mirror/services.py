"""Services on real ports: one that never answers, and as much of W&B as a plain run needs."""

import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@contextmanager
def silent() -> Iterator[str]:
    """The address of a server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        kept: list[socket.socket] = []

        def accept() -> None:
            while True:
                try:
                    kept.append(listening.accept()[0])
                except OSError:
                    return

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()
        for connection in kept:
            connection.close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        pass

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def _serving(handler: type[_Handler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def refusing() -> Iterator[str]:
    """The address of a server that refuses everything, and repeats the key that came."""

    class Handler(_Handler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.answer(403, f"This key may not write: {self.headers.get('Authorization')}".encode())

        do_POST = do_GET  # noqa: N815 - a name of the base class

    with _serving(Handler) as address:
        yield address


@dataclass
class Run:
    """What W&B was told of a run."""

    name: str = ""
    group: str = ""
    config: dict[str, Any] = field(default_factory=dict)
    lines: dict[int, dict[str, Any]] = field(default_factory=dict)
    summary: dict[str, Any] = field(default_factory=dict)
    exit_code: int | None = None

    def history(self, name: str) -> list[tuple[int, float]]:
        """(the Trainer's step, value) in order."""
        rows = [self.lines[offset] for offset in sorted(self.lines)]
        return [(row["train/global_step"], row[name]) for row in rows if name in row]


@dataclass
class FakeWandb:
    """Enough of W&B for plain runs. `runs` by project and id; `keys` that came."""

    url: str = ""
    runs: dict[tuple[str, str], Run] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)

    def answer(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        if match := re.fullmatch(r"/files/[^/]+/([^/]+)/([^/]+)/file_stream", path):
            self._stream(self.runs[match[1], match[2]], body)
            return {}
        query, told = str(body.get("query", "")), body.get("variables") or {}
        if "upsertBucket" in query:
            return {"data": {"upsertBucket": self._bucket(told)}}
        if "createRunFiles" in query:
            files = [{"name": name, "uploadUrl": None} for name in told.get("files", [])]
            return {"data": {"createRunFiles": {"runID": told["run"], "uploadHeaders": [], "files": files}}}
        if "viewer" in query:
            return {
                "data": {
                    "viewer": {"id": "1", "entity": "team", "username": "team", "flags": "{}", "teams": {"edges": []}}
                }
            }
        return {"data": {"model": None, "project": None}}

    def _bucket(self, told: dict[str, Any]) -> dict[str, Any]:
        project = {"id": "1", "name": told["project"], "entity": {"id": "1", "name": "team"}}
        known = (told["project"], told["name"]) in self.runs
        run = self.runs.setdefault((told["project"], told["name"]), Run())
        run.name, run.group = told.get("displayName") or run.name, told.get("groupName") or run.group
        run.config |= {name: one["value"] for name, one in json.loads(told.get("config") or "{}").items()}
        return {
            "inserted": not known,
            "bucket": {
                "id": told["name"], "name": told["name"], "displayName": run.name, "description": None, "config": "{}",
                "sweepName": None, "historyLineCount": len(run.lines), "project": project,
            },
        }  # fmt: skip

    def _stream(self, run: Run, body: dict[str, Any]) -> None:
        files = body.get("files", {})
        history = files.get("wandb-history.jsonl", {"offset": 0, "content": []})
        for place, line in enumerate(history["content"]):
            run.lines[history["offset"] + place] = json.loads(line)
        for line in files.get("wandb-summary.json", {"content": []})["content"]:
            run.summary = json.loads(line)
        if body.get("complete"):
            run.exit_code = body["exitcode"]

    @contextmanager
    def serving(self) -> Iterator["FakeWandb"]:
        outer = self

        class Handler(_Handler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.keys.add(self.headers.get("Authorization", ""))
                self.answer(200, json.dumps(outer.answer(self.path, body)).encode())

        with _serving(Handler) as self.url:
            yield self
