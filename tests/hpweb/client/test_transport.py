"""Which requests are sent again, how long is waited, and what a refusal becomes."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from hpweb.client import Busy, NotAllowed, NotFound, Refused, Unreachable
from hpweb.client.transport import Transport


class Server:
    """Gives these answers one after another, the last one again and again; notes requests and pauses."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.sent: list[httpx.Request] = []
        self.pauses: list[float] = []
        self.transport = Transport(
            "http://server/", "hpt_x", inner=httpx.MockTransport(self._answer), sleep=self.pauses.append
        )

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def refusal(code: int, **headers: str) -> httpx.Response:
    body = {"code": "some", "message": "A sentence.", "fields": {"a.b": ["Mend it."]}}
    return httpx.Response(code, json=body, headers=headers)


DONE = httpx.Response(200, json={"ok": True})


@pytest.mark.parametrize("first", [refusal(429), refusal(503), refusal(500), refusal(502), httpx.ReadError("gone")])
def test_a_look_and_a_creation_are_sent_again(first: httpx.Response | Exception) -> None:
    for method, makes in (("GET", False), ("POST", True)):
        server = Server(first, first, DONE)
        assert server.transport.request(method, "sweeps/", body={} if makes else None, makes=makes) == {"ok": True}
        assert len(server.sent) == 3
        keys = {request.headers.get("Idempotency-Key") for request in server.sent}
        assert len(keys) == 1
        assert (keys == {None}) == (not makes)
        assert 0.25 <= server.pauses[0] <= 0.5 <= server.pauses[1] <= 1.0


@pytest.mark.parametrize(("first", "again"), [(refusal(429), True), (refusal(503), True), (httpx.ConnectError("no"), True),
                                              (refusal(500), False), (httpx.ReadError("gone"), False)])  # fmt: skip
def test_a_verb_is_sent_again_only_where_it_was_not_done(first: httpx.Response | Exception, again: bool) -> None:
    server = Server(first, DONE)
    if again:
        assert server.transport.request("POST", "sweeps/x/stop/") == {"ok": True}
    else:
        with pytest.raises((Busy, Unreachable)):
            server.transport.request("POST", "sweeps/x/stop/")
    assert len(server.sent) == (2 if again else 1)


def test_retry_after_is_waited_for_in_seconds_or_until_a_date() -> None:
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    headers = [{"Retry-After": "7"}, {"Retry-After": until}, {"Retry-After": "soon"}]
    server = Server(*(refusal(429, **header) for header in headers), DONE)
    server.transport.request("GET", "x/")
    assert server.pauses[0] == 7
    assert 85 < server.pauses[1] <= 90
    assert server.pauses[2] <= 2
    server = Server(refusal(429, **{"Retry-After": "86400"}))
    with pytest.raises(Busy) as error:
        server.transport.request("GET", "x/")
    assert (server.pauses, error.value.http_code) == ([], 429)


def test_in_the_end_it_is_said() -> None:
    server = Server(refusal(503))
    with pytest.raises(Busy):
        server.transport.request("GET", "x/")
    assert (len(server.sent), len(server.pauses)) == (6, 5)
    server = Server(httpx.ConnectError("Connection refused"))
    with pytest.raises(Unreachable, match=r"^http://server does not answer: Connection refused\.$"):
        server.transport.request("GET", "x/")


@pytest.mark.parametrize(("code", "kind"), [(400, Refused), (401, NotAllowed), (403, NotAllowed), (404, NotFound),
                                            (409, Refused), (412, Refused), (422, Refused)])  # fmt: skip
def test_a_refusal_is_an_exception_with_code_message_and_fields(code: int, kind: type[Any]) -> None:
    server = Server(refusal(code))
    with pytest.raises(kind) as error:
        server.transport.request("GET", "x/")
    found = error.value
    assert (found.http_code, found.code, found.message, found.fields) == (
        code,
        "some",
        "A sentence.",
        {"a.b": ["Mend it."]},
    )
    assert len(server.sent) == 1


def test_what_is_not_hpweb_is_said() -> None:
    page = Server(httpx.Response(404, text="<html>"))
    with pytest.raises(NotFound, match="no answer of hpweb"):
        page.transport.request("GET", "x/")
    elsewhere = Server(httpx.Response(301, headers={"Location": "https://server/api/v1/x/"}))
    with pytest.raises(Refused, match="https://server/api/v1/x/: give that server's address"):
        elsewhere.transport.request("GET", "x/")
    assert len(elsewhere.sent) == 1, "a token is not sent after a redirect"
    with pytest.raises(Unreachable, match="no answer of hpweb"):
        Server(httpx.Response(200, text="<html>")).transport.request("GET", "x/")


def test_pages_go_on_to_the_end() -> None:
    answers = [{"rows": [1, 2], "next": "two"}, {"rows": [], "next": "three"}, {"rows": [3], "next": None}]
    server = Server(*(httpx.Response(200, json=answer) for answer in answers))
    found: list[Any] = list(server.transport.pages("rows/", "rows", {"state": "fail", "task": None}))
    assert found == [1, 2, 3]
    assert [str(request.url.query, "ascii") for request in server.sent] == [
        "state=fail",
        "state=fail&after=two",
        "state=fail&after=three",
    ]
    assert server.sent[0].headers["Authorization"] == "Bearer hpt_x"


def test_a_download_is_whole_or_not_there(tmp_path: Path) -> None:
    headers = {"Content-Disposition": 'attachment; filename="../../m.zip"'}
    server = Server(refusal(503), httpx.Response(200, content=b"abc", headers=headers))
    found = server.transport.download("sweeps/x/model/", tmp_path)
    assert (found, found.read_bytes()) == (tmp_path / "m.zip", b"abc")
    assert server.transport.download("sweeps/x/model/", tmp_path / "new" / "n.zip").read_bytes() == b"abc"

    def broken() -> Iterator[bytes]:
        yield b"half"
        raise httpx.ReadError("gone")

    server = Server(httpx.Response(200, content=broken()))
    with pytest.raises(Unreachable, match="broke off"):
        server.transport.download("sweeps/x/model/", tmp_path / "half.zip")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m.zip", "new"]
    with pytest.raises(NotFound):
        Server(refusal(404)).transport.download("sweeps/x/model/", tmp_path)


def test_a_body_is_json() -> None:
    server = Server(httpx.Response(204))
    assert server.transport.request("DELETE", "sweeps/x/", body={"name": "ä"}) is None
    assert json.loads(server.sent[0].content) == {"name": "ä"}
