"""Requests to the server: with the token, repeated where that is safe, and refusals as exceptions."""

import json
import random
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Final

import httpx

from hpweb.client.errors import Unreachable, error_of

VERSION: Final = "0.1.0"
TRIES: Final = 6
FIRST_PAUSE_S: Final = 0.5
LONGEST_PAUSE_S: Final = 30.0
LONGEST_WAIT_S: Final = 300.0
"""A Retry-After beyond it is told to the caller instead of waited for."""
TIMEOUT_S: Final = 60.0
SAFE: Final = frozenset({"GET", "HEAD", "PUT", "DELETE"})
"""Twice is the same as once."""
NOT_DONE: Final = frozenset({429, 503})
"""The server has not begun; so any request may be sent again."""
PERHAPS: Final = frozenset({500, 502, 504})
"""It may have been done."""

Json = dict[str, Any]


class Transport:
    """`request` gives JSON. One connection pool; close it, or use it in a `with`.

    `inner`: another httpx transport, for tests. `sleep`: how to wait, in seconds.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        tries: int = TRIES,
        timeout_s: float = TIMEOUT_S,
        inner: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.url = url.rstrip("/")
        self.tries = tries
        self._sleep = sleep
        self._http = httpx.Client(
            base_url=f"{self.url}/api/v1/",
            headers={"Authorization": f"Bearer {token}", "User-Agent": f"hpweb-client/{VERSION}"},
            timeout=timeout_s,
            transport=inner,
        )

    def close(self) -> None:
        self._http.close()

    def request(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        content: bytes | None = None,
        params: Mapping[str, Any] | None = None,
        makes: bool = False,
    ) -> Any:
        """The answer's JSON, None for an empty one. `makes`: sent with a key, so that a repetition makes nothing twice."""
        return _json(self.answer(method, path, body=body, content=content, params=params, makes=makes))

    def answer(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        content: bytes | None = None,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        makes: bool = False,
    ) -> httpx.Response:
        """The whole answer. Raises an `ApiError`, or `Unreachable`. 304 is an answer."""
        sent = dict(headers or {})
        if makes:
            sent["Idempotency-Key"] = uuid.uuid4().hex
        if content is not None:
            sent["Content-Type"] = "application/octet-stream"
        request = self._http.build_request(
            method, path, json=body, content=content, params=_asked(params), headers=sent
        )
        answer = self._repeated(request, again=makes or method in SAFE)
        _refuse(answer, self.url)
        return answer

    def pages(self, path: str, key: str, params: Mapping[str, Any] | None = None) -> Iterator[Json]:
        """Every row of a list, page by page."""
        asked = dict(params or {})
        while True:
            found = self.request("GET", path, params=asked)
            yield from found[key]
            after = found.get("next")
            if not after:
                return
            asked["after"] = after

    def download(self, path: str, to: Path, *, params: Mapping[str, Any] | None = None) -> Path:
        """Save an answer's bytes. Into a folder: under the server's name. What is half there is not left behind."""
        with self._streamed(path, params) as answer:
            goal = to / _filename(answer, path) if to.is_dir() else to
            goal.parent.mkdir(parents=True, exist_ok=True)
            part = goal.with_name(f".{goal.name}.{uuid.uuid4().hex[:8]}")
            try:
                with part.open("wb") as file:
                    for block in answer.iter_bytes():
                        file.write(block)
                part.replace(goal)
            except httpx.TransportError as error:
                raise Unreachable(f"The download from {self.url} broke off: {_why(error)}. Try again.") from error
            finally:
                part.unlink(missing_ok=True)
        return goal

    @contextmanager
    def _streamed(self, path: str, params: Mapping[str, Any] | None) -> Iterator[httpx.Response]:
        request = self._http.build_request("GET", path, params=_asked(params))
        answer = self._repeated(request, again=True, stream=True)
        try:
            if answer.status_code >= 300:
                answer.read()
            _refuse(answer, self.url)
            yield answer
        finally:
            answer.close()

    def _repeated(self, request: httpx.Request, *, again: bool, stream: bool = False) -> httpx.Response:
        for turn in range(self.tries):
            last = turn + 1 == self.tries
            pause = _pause(turn)
            try:
                answer = self._http.send(request, stream=stream)
            except httpx.TransportError as error:
                # Where no connection came about, nothing was done.
                never = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
                if last or not (again or never):
                    raise Unreachable(f"{self.url} does not answer: {_why(error)}.") from error
            else:
                repeat = answer.status_code in NOT_DONE or (again and answer.status_code in PERHAPS)
                asked = _retry_after(answer)
                if last or not repeat or (asked or 0) > LONGEST_WAIT_S:
                    return answer
                answer.close()
                pause = pause if asked is None else asked
            self._sleep(pause)
        raise AssertionError("unreachable: the last turn returns or raises")


def _pause(turn: int) -> float:
    """Longer each time, and not at the same moment as everybody else. Seconds."""
    return min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0**turn) * random.uniform(0.5, 1.0)  # noqa: S311  no secret


def _retry_after(answer: httpx.Response) -> float | None:
    """The header in seconds: a number, or a date."""
    text = answer.headers.get("Retry-After", "").strip()
    if text.isdigit():
        return float(text)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (until - datetime.now(UTC)).total_seconds())


def _refuse(answer: httpx.Response, url: str) -> None:
    code = answer.status_code
    if code < 300 or code == 304:
        return
    if code < 400:
        goal = answer.headers.get("Location", "")
        raise error_of(code, "elsewhere", f"{url} sends its callers to {goal}: give that server's address.")
    try:
        told = answer.json()
    except ValueError:
        told = None
    if not isinstance(told, dict) or "message" not in told:
        message = f"{url} answered {code} {answer.reason_phrase}, which is no answer of hpweb. Is the address right?"
        raise error_of(code, "error", message)
    raise error_of(code, str(told.get("code", "error")), str(told["message"]), _fields(told.get("fields")))


def _fields(told: object) -> dict[str, list[str]]:
    if not isinstance(told, dict):
        return {}
    return {
        str(name): [str(one) for one in said] if isinstance(said, list) else [str(said)] for name, said in told.items()
    }


def _json(answer: httpx.Response) -> Any:
    if answer.status_code == 204 or not answer.content:
        return None
    try:
        return answer.json()
    except json.JSONDecodeError as error:
        raise Unreachable(f"{answer.url} is no answer of hpweb. Is the address right?") from error


def _asked(params: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Without what is not said."""
    return {name: value for name, value in params.items() if value is not None} if params else None


def _filename(answer: httpx.Response, path: str) -> str:
    """The server's name for the file, as a bare name."""
    told = answer.headers.get("Content-Disposition", "").partition('filename="')[2].partition('"')[0]
    return Path(told).name or Path(path.strip("/")).name or "download"


def _why(error: Exception) -> str:
    return str(error).rstrip(".") or type(error).__name__
