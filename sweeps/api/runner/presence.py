"""Hello and heartbeat."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from pydantic import BaseModel
from rest_framework.request import Request

from runners.heartbeat import say_hello, take_heartbeat, turn_away
from runners.protocol import PROTOCOL_VERSION
from runners.protocol.runner import Heartbeat, HeartbeatAnswer, Hello, Welcome
from runners.wake import broker_options, with_host
from sweeps.api.runner.base import RunnerView, body_of, message_of, reply, runner_of
from sweeps.services.offers import offers_for
from sweeps.services.refusals import Refused
from sweeps.services.schedule import schedule, schedule_soon


class _Version(BaseModel):
    """Only what must be known before the rest can be understood."""

    protocol_version: int


class ProtocolMismatch(Refused):
    code = "protocol_version"


class HelloView(RunnerView):
    """POST `hello` → `Welcome`."""

    takes = {"POST": Hello}

    def post(self, request: Request, **_: Any) -> HttpResponse:
        runner = runner_of(request)
        version = _Version.model_validate_json(body_of(request)).protocol_version
        if version != PROTOCOL_VERSION:
            older = "runner" if version < PROTOCOL_VERSION else "server"
            why = f"protocol_version: the runner speaks {version}, this server {PROTOCOL_VERSION}. Update the {older}."
            turn_away(runner=runner, why=why)
            raise ProtocolMismatch(why)
        say_hello(runner=runner, hello=message_of(request, Hello))
        schedule()
        welcome = Welcome(
            runner=runner.public_id,
            name=runner.name,
            broker_url=with_host(settings.RUNNER_BROKER_URL),
            broker_options=broker_options(settings.RUNNER_BROKER_URL),
            queue=runner.queue,
            heartbeat_s=settings.HEARTBEAT_S,
            lease_s=settings.LEASE_S,
            server_version=settings.VERSION,
        )
        return reply(welcome)


class HeartbeatView(RunnerView):
    """POST `heartbeat` → `HeartbeatAnswer` with what the runner may claim."""

    takes = {"POST": Heartbeat}

    def post(self, request: Request, **_: Any) -> HttpResponse:
        runner = runner_of(request)
        heartbeat = message_of(request, Heartbeat)
        if not take_heartbeat(runner=runner, heartbeat=heartbeat):
            return reply(HeartbeatAnswer(hello=True))
        if not heartbeat.stopping:
            schedule_soon()
        return reply(HeartbeatAnswer(offers=() if heartbeat.stopping else offers_for(runner)))
