"""A small ASGI program that shows the pages with made-up contexts and plays a film over the live contract.

    python -m tests.look.server 8010      then open http://127.0.0.1:8010/sweep?theme=dark

It serves the templates and static files as they lie, under the content security policy of the settings, so pages can be
looked at while nothing else runs. `POST /film/<what>` drives it: `step` one frame, `play` frame after frame, `drop` closes
the sockets, `deaf` leaves a message out, `refuse` and `accept` new sockets.
"""

import asyncio
import json
import mimetypes
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import django

ROOT = Path(__file__).resolve().parents[2]
FRAME_S = 0.25

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


def configure() -> None:
    """The real settings and addresses, so that a page's links are the real ones; the database is never asked."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "hpweb.settings"
    from django.conf import settings

    # Files as they lie, not as collected.
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    engine: Any = settings.TEMPLATES[0]
    engine["DIRS"].append(ROOT / "tests/look/templates")
    engine["OPTIONS"]["debug"] = True
    django.setup()


POLICY = b"default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"


def read_static(file: Path) -> bytes | None:
    """A file below static/, or none."""
    inside = ROOT / "static" in file.resolve().parents
    return file.read_bytes() if inside and file.is_file() else None


class Look:
    """The ASGI application."""

    def __init__(self) -> None:
        from tests.look.film import Film

        self.film = Film()
        self.sockets: set[Send] = set()
        self.refusing = False
        self.asked: list[str] = []
        self.playing: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "websocket":
            await self._socket(receive, send)
        else:
            await self._http(scope, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return

    async def _socket(self, receive: Receive, send: Send) -> None:
        await receive()
        if self.refusing:
            await send({"type": "websocket.close", "code": 1013})
            return
        await send({"type": "websocket.accept"})
        self.sockets.add(send)
        await self._tell(send, {"type": "hello", "position": self.film.position})
        while True:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                self.sockets.discard(send)
                return
            if json.loads(message["text"])["type"] == "ping":
                await self._tell(send, {"type": "pong", "position": self.film.position})

    async def _tell(self, send: Send, message: dict[str, Any]) -> None:
        await send({"type": "websocket.send", "text": json.dumps(message)})

    async def _step(self, *, deaf: bool = False) -> None:
        message = self.film.advance()
        if not deaf:
            for send in list(self.sockets):
                await self._tell(send, message)

    async def _play(self) -> None:
        while self.film.frame < self.film.last_frame:
            await self._step()
            await asyncio.sleep(FRAME_S)

    async def _drive(self, what: str) -> None:
        if what == "drop":
            for send in list(self.sockets):
                self.sockets.discard(send)
                await send({"type": "websocket.close", "code": 1012})
        elif what == "play":
            self.playing = asyncio.create_task(self._play())
        elif what in {"refuse", "accept"}:
            self.refusing = what == "refuse"
        else:
            await self._step(deaf=what == "deaf")

    async def _http(self, scope: Scope, send: Send) -> None:
        from tests.look.pages import frame, page, snapshot

        name = scope["path"].strip("/") or "home"
        query = parse_qs(scope["query_string"].decode())
        if name.startswith("static/"):
            await self._file(ROOT / name, send)
        elif name.startswith("api/"):
            _, _, _, sweep, what, *_ = name.split("/")
            if what == "snapshot":
                self.asked.append(name)
                told = snapshot(self.film, sweep)
            else:
                told = frame(self.film, sweep) if what == "frame" else {"metric": "", "curves": {}}
            await self._answer(send, json.dumps(told).encode(), "application/json")
        elif scope["method"] == "POST" and not name.startswith("film/"):
            await self._answer(send, b"", "text/plain", 204)
        elif name.startswith("film/"):
            await self._drive(name.removeprefix("film/"))
            await self._answer(
                send, json.dumps({"frame": self.film.frame, "snapshots": len(self.asked)}).encode(), "application/json"
            )
        else:
            found = page(name, self.film, theme=query.get("theme", ["system"])[0])
            html, status = found or page("404", self.film, theme="system") or ("", 404)
            await self._answer(send, html.encode(), "text/html; charset=utf-8", status)

    async def _file(self, file: Path, send: Send) -> None:
        body = await asyncio.to_thread(read_static, file)
        known = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        kind = "text/javascript" if file.suffix == ".js" else known
        await self._answer(send, body or b"", kind, 404 if body is None else 200)

    async def _answer(self, send: Send, body: bytes, kind: str, status: int = 200) -> None:
        headers = [
            (b"content-type", kind.encode()),
            (b"content-security-policy", POLICY),
            (b"cache-control", b"no-store"),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def main() -> None:
    import uvicorn

    configure()
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8010
    uvicorn.run(Look(), host="127.0.0.1", port=port, log_level="warning", lifespan="on")


if __name__ == "__main__":
    os.chdir(ROOT)
    main()
