"""The runner's HTTP client: each endpoint of the contract a method, each way to fail an exception."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar
from urllib.parse import urlsplit

import httpx
from pydantic import BaseModel, SecretStr, ValidationError

from runners.protocol.base import Message
from runners.protocol.job import BatchAnswer, Claim, Claimed, PermitRequest, Permits, Refusal
from runners.protocol.runner import (
    Heartbeat,
    HeartbeatAnswer,
    Hello,
    StoredFiles,
    UploadStart,
    UploadStatus,
    Welcome,
)

ROOT = "/api/runner/v1/"
Answer = TypeVar("Answer", bound=BaseModel)


class Unreachable(Exception):
    """No usable answer: no connection, a time-out, a 5xx, or something that is not the server. Worth trying again."""


class Refused(Exception):
    """The server understood and said no. Trying the same again gives the same."""

    def __init__(self, status: int, refusal: Refusal) -> None:
        super().__init__(f"{refusal.code}: {refusal.message}")
        self.status = status
        self.refusal = refusal

    @property
    def code(self) -> str:
        return self.refusal.code


class BadToken(Refused):
    """401: the token is wrong or was withdrawn."""


class ServerClient:
    """Talks to one server with one token. Close it with `aclose`."""

    def __init__(self, server: str, token: SecretStr) -> None:
        # A proxy for the world outside is of no use to reach this very machine.
        local = urlsplit(server).hostname in {"127.0.0.1", "localhost", "::1"}
        self._http = httpx.AsyncClient(
            base_url=server + ROOT,
            headers={"Authorization": f"Bearer {token.get_secret_value()}"},
            timeout=httpx.Timeout(15.0, connect=5.0),
            limits=httpx.Limits(max_connections=32, keepalive_expiry=30.0),
            trust_env=not local,
        )

    async def aclose(self) -> None:
        await self._http.aclose()

    async def hello(self, hello: Hello) -> Welcome:
        return await self._post("hello", hello, Welcome)

    async def heartbeat(self, heartbeat: Heartbeat) -> HeartbeatAnswer:
        return await self._post("heartbeat", heartbeat, HeartbeatAnswer)

    async def claim(self, job: str, claim: Claim) -> Claimed:
        return await self._post(f"jobs/{job}/claim", claim, Claimed)

    async def permits(self, job: str, request: PermitRequest) -> Permits:
        return await self._post(f"jobs/{job}/permits", request, Permits)

    async def events(self, job: str, batch: bytes) -> BatchAnswer:
        """`batch`: a `Batch` in JSON; its events are the journal's lines as they are."""
        return await self._send("POST", f"jobs/{job}/events", BatchAnswer, batch)

    async def start_upload(self, upload: UploadStart) -> UploadStatus:
        return await self._post("uploads", upload, UploadStatus)

    async def put_chunk(self, upload: str, offset: int, chunk: bytes) -> UploadStatus:
        return await self._send(
            "PUT", f"uploads/{upload}?offset={offset}", UploadStatus, chunk, "application/octet-stream"
        )

    async def tokenizer(self, key: str, job: str) -> StoredFiles | None:
        """The files of a trained tokenizer, None where nobody has stored it yet."""
        try:
            return await self._send("GET", f"tokenizers/{key}?job={job}", StoredFiles)
        except Refused as refused:
            if refused.status == 404:
                return None
            raise

    async def store_tokenizer(self, key: str, files: StoredFiles) -> StoredFiles:
        return await self._send("PUT", f"tokenizers/{key}", StoredFiles, files.model_dump_json().encode())

    @asynccontextmanager
    async def artifact(self, sha256: str, offset: int) -> AsyncIterator[tuple[int, AsyncIterator[bytes]]]:
        """The bytes of an artifact: where they begin (0 if the server does not resume), and the chunks."""
        headers = {"Range": f"bytes={offset}-"} if offset else {}
        try:
            async with self._http.stream("GET", f"artifacts/{sha256}", headers=headers) as response:
                if response.status_code not in {200, 206}:
                    await response.aread()
                    raise _refusal(response)
                yield (offset if response.status_code == 206 else 0), response.aiter_bytes(2**20)
        except httpx.HTTPError as error:
            raise Unreachable(str(error) or type(error).__name__) from error

    async def _post(self, path: str, message: Message, answer: type[Answer]) -> Answer:
        return await self._send("POST", path, answer, message.model_dump_json().encode())

    async def _send(
        self, method: str, path: str, answer: type[Answer], content: bytes | None = None, kind: str = "application/json"
    ) -> Answer:
        headers = {"Content-Type": kind} if content is not None else {}
        try:
            response = await self._http.request(method, path, content=content, headers=headers)
        except httpx.HTTPError as error:
            raise Unreachable(str(error) or type(error).__name__) from error
        if not response.is_success:
            raise _refusal(response)
        try:
            return answer.model_validate_json(response.content)
        except ValidationError as error:
            fault = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in fault["loc"])
            raise Unreachable(f"the answer to {path} is not understood: {where} {fault['msg']}") from None


def _refusal(response: httpx.Response) -> Exception:
    """What a response that is no success means."""
    status = response.status_code
    if status >= 500 or status in {408, 425, 429} or status < 400:
        return Unreachable(f"the server answers {status}")
    try:
        refusal = Refusal.model_validate_json(response.content)
    except ValidationError:
        refusal = Refusal(code=f"http_{status}", message=f"the server answers {status} {response.reason_phrase}")
    return BadToken(status, refusal) if status == 401 else Refused(status, refusal)
