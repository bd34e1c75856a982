"""A job's conversation: claim, permits, events."""

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from runners.protocol.job import MAX_BATCH_BYTES, Batch, Claim, PermitRequest
from sweeps.access import get_job
from sweeps.api.runner.base import RunnerView, body_of, message_of, reply, runner_of
from sweeps.services.claim import claim
from sweeps.services.ingest import ingest
from sweeps.services.permits import grant


class ClaimView(RunnerView):
    """POST `Claim` → `Claimed`."""

    takes = {"POST": Claim}

    def post(self, request: Request, job: str) -> HttpResponse:
        found = get_job(runner_of(request), job)
        return reply(claim(job=found, claim_id=message_of(request, Claim).claim_id))


class PermitsView(RunnerView):
    """POST `PermitRequest` → `Permits`."""

    takes = {"POST": PermitRequest}

    def post(self, request: Request, job: str) -> HttpResponse:
        found = get_job(runner_of(request), job)
        return reply(grant(job=found, request=message_of(request, PermitRequest)))


class EventsView(RunnerView):
    """POST `Batch` → `BatchAnswer`."""

    takes = {"POST": Batch}

    def post(self, request: Request, job: str, **_: Any) -> HttpResponse:
        found = get_job(runner_of(request), job)
        return reply(ingest(job=found, body=body_of(request, MAX_BATCH_BYTES)))
