"""The socket of a sweep's page, against a real server in this process."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from django.test import Client
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from sweeps.broadcast import WINDOW_S, Outbox
from teams.models import Membership, Scope, User
from teams.tokens import make_token
from tests.factories import Cast, make_cast
from tests.sweeps.talk import Talk, running_job

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def server(transactional_db: None) -> Iterator[str]:
    """Where a real server of this very database listens: `127.0.0.1:<port>`."""
    from hpweb.asgi import application

    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        config = uvicorn.Config(application, log_level="warning", lifespan="on", ws="websockets-sansio")
        running = uvicorn.Server(config)
        thread = threading.Thread(target=running.run, kwargs={"sockets": [sock]})
        thread.start()
        try:
            while not running.started:
                assert thread.is_alive()
                time.sleep(0.01)
            yield f"127.0.0.1:{sock.getsockname()[1]}"
        finally:
            running.should_exit = True
            thread.join(10)
            assert not thread.is_alive()


class Reporter:
    """A runner that reports to the real server over HTTP."""

    def __init__(self, server: str, team: Any) -> None:
        self.talk = running_job(team)
        self.talk.permits()
        runner = self.talk.job.runner
        assert runner is not None
        token = runner.new_token()
        runner.save()
        self.path = f"/api/runner/v1/jobs/{self.talk.job.public_id}/events"
        self.http = httpx.Client(base_url=f"http://{server}", headers={"Authorization": f"Bearer {token}"})
        self.send(self.talk.started(0))

    def send(self, *events: dict[str, Any]) -> None:
        answer = self.http.post(self.path, content=self.talk.body(*events))
        assert answer.status_code == 200, answer.text


@pytest.fixture
def cast_here(server: str) -> Cast:
    return make_cast()


@pytest.fixture
def reporter(server: str, cast_here: Cast) -> Iterator[Reporter]:
    reporter = Reporter(server, cast_here.team)
    # What was said before a page opens is not what these tests are about.
    while Outbox.current is None or Outbox.current.busy:
        time.sleep(0.01)
    yield reporter
    reporter.http.close()


@contextmanager
def page(server: str, talk: Talk, user: User | None, **options: Any) -> Iterator[ClientConnection]:
    client = Client()
    headers = {}
    if user:
        client.force_login(user)
        headers["Cookie"] = f"sessionid={client.cookies['sessionid'].value}"
    url = f"ws://{server}/ws/sweeps/{talk.sweep.public_id}/"
    with connect(url, additional_headers=headers, proxy=None, **options) as connection:
        yield connection


def read(connection: ClientConnection) -> dict[str, Any]:
    return dict(json.loads(connection.recv(timeout=5)))


def test_what_is_reported_is_shown_at_once(server: str, cast_here: Cast, reporter: Reporter) -> None:
    talk = reporter.talk
    with page(server, talk, cast_here.vera) as connection:
        position = talk.sweep.position
        assert read(connection) == {"type": "hello", "position": position}
        begin = time.monotonic()
        reporter.send(talk.metrics(0, 1, loss=2.0), talk.event("log", stream="stdout", text="hi", number=0))
        message = read(connection)
        assert time.monotonic() - begin < 1
        assert (message["type"], message["from"], message["position"]) == ("changes", position, position + 1)
        assert message["points"] == [
            {"number": 0, "attempt": 1, "step": [1], "epoch": [0.1], "t": [1.0], "values": {"loss": [2.0]}}
        ]
        assert (message["trials"], [line["text"] for line in message["logs"]]) == ([], ["hi"])
        assert "sweep" not in message
        reporter.send(talk.finished(0, "nan"))
        message = read(connection)
        assert [(row["number"], row["state"], row["value"]) for row in message["trials"]] == [(0, "complete", "nan")]
        assert (message["sweep"]["counted"], message["sweep"]["position"]) == (1, position + 2)
        connection.send(json.dumps({"type": "ping", "position": position}))
        assert read(connection) == {"type": "pong", "position": position + 2}


def test_a_burst_comes_in_few_messages_without_a_gap(server: str, cast_here: Cast, reporter: Reporter) -> None:
    talk = reporter.talk
    with page(server, talk, cast_here.alice) as connection:
        position = read(connection)["position"]
        bodies = [talk.body(talk.metrics(0, step, loss=float(step))) for step in range(40)]
        begun = time.monotonic()
        for body in bodies:
            assert reporter.http.post(reporter.path, content=body).status_code == 200
        seconds = time.monotonic() - begun
        end, steps, messages = talk.sweep.position, [], 0
        while position < end:
            message = read(connection)
            assert message["from"] == position
            position = message["position"]
            steps += [step for points in message["points"] for step in points["step"]]
            messages += 1
    assert steps == list(range(40))
    # One a window, however fast this machine takes the batches.
    assert messages <= seconds / WINDOW_S + 2


def test_two_readers_get_the_same(server: str, cast_here: Cast, reporter: Reporter) -> None:
    with page(server, reporter.talk, cast_here.alice) as one, page(server, reporter.talk, cast_here.bob) as two:
        assert read(one) == read(two)
        reporter.send(reporter.talk.metrics(0, 1, loss=2.0))
        assert read(one) == read(two)


@pytest.mark.parametrize("said", ["", "{", "[]", "7", '{"type": "sing"}', "[" * 4000, "x" * 5000, b"\x00\x01"])
def test_nonsense_is_answered_and_does_no_harm(
    server: str, cast_here: Cast, reporter: Reporter, said: str | bytes
) -> None:
    with page(server, reporter.talk, cast_here.bob) as connection:
        read(connection)
        connection.send(said)
        assert read(connection)["type"] == "error"
        connection.send('{"type": "ping"}')
        assert read(connection)["type"] == "pong"


@pytest.mark.parametrize(("who", "code"), [(None, 4401), ("charlie", 4404)])
def test_who_may_not_look_is_told_by_the_code(
    server: str, cast_here: Cast, reporter: Reporter, who: str | None, code: int
) -> None:
    user = getattr(cast_here, who) if who else None
    with page(server, reporter.talk, user) as connection, pytest.raises(ConnectionClosed) as closed:
        connection.recv(timeout=5)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == code


def test_a_program_follows_with_its_token_until_it_is_revoked(server: str, cast_here: Cast, reporter: Reporter) -> None:
    token, text = make_token(user=cast_here.vera, team=cast_here.team, name="x", scope=Scope.READ)
    url = f"ws://{server}/ws/sweeps/{reporter.talk.sweep.public_id}/"
    with connect(url, additional_headers={"Authorization": f"Bearer {text}"}, proxy=None) as connection:
        assert read(connection)["type"] == "hello"
        browser = Client()
        browser.force_login(cast_here.vera)
        cookies = {"sessionid": browser.cookies["sessionid"].value, "csrftoken": "a" * 32}
        revoked = httpx.post(
            f"http://{server}/teams/tokens/{token.public_id}/revoke/",
            cookies=cookies,
            headers={"X-CSRFToken": "a" * 32},
        )
        assert revoked.status_code == 302
        with pytest.raises(ConnectionClosed) as closed:
            connection.recv(timeout=5)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4404
    with (
        connect(url, additional_headers={"Authorization": f"Bearer {text}"}, proxy=None) as connection,
        pytest.raises(ConnectionClosed) as closed,
    ):
        connection.recv(timeout=5)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401


def test_who_leaves_the_team_loses_the_socket(server: str, cast_here: Cast, reporter: Reporter) -> None:
    with page(server, reporter.talk, cast_here.bob) as connection:
        read(connection)
        cast_here.bob.memberships.all().delete()
        connection.send('{"type": "ping", "position": 0}')
        with pytest.raises(ConnectionClosed) as closed:
            connection.recv(timeout=5)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4404


@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1:1", "null"])
def test_a_page_of_another_site_gets_no_socket(server: str, cast_here: Cast, reporter: Reporter, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused, page(server, reporter.talk, cast_here.bob, origin=origin):
        pass
    assert refused.value.response.status_code == 403


def test_our_own_page_gets_one(server: str, cast_here: Cast, reporter: Reporter) -> None:
    with page(server, reporter.talk, cast_here.bob, origin=f"http://{server}") as connection:
        assert read(connection)["type"] == "hello"


@pytest.mark.parametrize("path", ["/", "/ws/", "/ws/sweeps/x/", "/ws/other/AAAAAAAAAAAA/"])
def test_an_unknown_address_is_refused(server: str, path: str) -> None:
    with pytest.raises(InvalidStatus) as refused, connect(f"ws://{server}{path}", proxy=None):
        pass
    assert refused.value.response.status_code == 403


def post(server: str, session: str, path: str) -> int:
    """A form sent to the server itself, whose channel layer its sockets listen to; the answer's code."""
    cookies = {"sessionid": session, "csrftoken": "a" * 32}
    return httpx.post(f"http://{server}{path}", cookies=cookies, headers={"X-CSRFToken": "a" * 32}).status_code


def code_of(connection: ClientConnection) -> int:
    """With which the socket is closed."""
    with pytest.raises(ConnectionClosed) as closed:
        connection.recv(timeout=5)
    assert closed.value.rcvd is not None
    return int(closed.value.rcvd.code)


def test_who_is_removed_or_logged_out_loses_the_socket_at_once(
    server: str, cast_here: Cast, reporter: Reporter
) -> None:
    talk, team = reporter.talk, cast_here.team
    with page(server, talk, cast_here.bob) as his, page(server, talk, cast_here.vera) as hers:
        for connection in (his, hers):
            assert read(connection)["type"] == "hello"
        admin = Client()
        admin.force_login(cast_here.alice)
        member = Membership.objects.get(user=cast_here.bob, team=team).pk
        path = f"/teams/{team.public_id}/members/{member}/remove/"
        assert post(server, admin.cookies["sessionid"].value, path) == 302
        assert code_of(his) == 4404
        assert hers.request is not None
        session = hers.request.headers["Cookie"].removeprefix("sessionid=")
        assert post(server, session, "/logout/") == 302
        assert code_of(hers) == 4401
