"""The endpoint that the real W&B client talks to, below `/wandb/`. Sweeps only: no files, no artifacts, no reports."""

import json
import re
from typing import Any, Final

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from sweeps.access import get_sweep
from sweeps.services.refusals import Refused
from sweeps.wandb.answers import Refusal, refused
from sweeps.wandb.callers import caller_of
from sweeps.wandb.names import read_permit
from sweeps.wandb.operations import OPERATIONS
from sweeps.wandb.stream import take_stream

MAX_BODY: Final = 12 * 2**20
"""The client sends up to 10 MB of history at once."""
_NAME: Final = re.compile(r"\b(?:query|mutation)\s+(\w+)")
NO_KEY: Final = "The API key is missing, wrong or revoked. Make an access token on hpweb's page Access tokens."


@csrf_exempt
@login_not_required
@require_POST
def graphql(request: HttpRequest) -> HttpResponse:
    """One operation by its name."""
    caller = caller_of(request)
    if caller is None:
        return refused(NO_KEY, 401)
    try:
        body = _body(request)
        name = body.get("operationName") or _named(body.get("query"))
        operation = OPERATIONS.get(name) if isinstance(name, str) else None
        if operation is None:
            return refused(f"unsupported operation {str(name)[:100]!r}")
        variables = body.get("variables")
        return operation(caller, variables if isinstance(variables, dict) else {})
    except Refusal as refusal:
        return refused(str(refusal), refusal.status)
    except Refused as refusal:
        return refused(refusal.message)


@csrf_exempt
@login_not_required
@require_POST
def file_stream(request: HttpRequest, run: str, **_: str) -> HttpResponse:
    """A run's metrics and its end."""
    caller = caller_of(request)
    if caller is None:
        return refused(NO_KEY, 401)
    try:
        take_stream(caller, run, _body(request))
    except Refusal as refusal:
        return refused(str(refusal), refusal.status)
    except Refused as refusal:
        return refused(refusal.message, 400)
    return JsonResponse({"stopped": False})


@csrf_exempt
@login_not_required
def nothing(_request: HttpRequest, **_: str) -> HttpResponse:
    """What the client can do without: its own telemetry. It stays quiet after 404."""
    return refused("hpweb does not take this.", 404)


@require_safe
def sweep_page(request: Any, name: str, **_: str) -> HttpResponse:
    """The links that the client prints, to the sweep's page."""
    permit = read_permit(name)
    sweep = get_sweep(request.user, permit.owner if permit else name)
    anchor = f"#trial-{permit.number}" if permit else ""
    return HttpResponseRedirect(reverse("sweeps:detail", args=[sweep.public_id]) + anchor)


@require_safe
def project_page(_request: HttpRequest, **_: str) -> HttpResponse:
    """hpweb has no projects: the list of sweeps."""
    return HttpResponseRedirect(reverse("sweeps:list"))


def _body(request: HttpRequest) -> dict[str, Any]:
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = 0
    if length > MAX_BODY:
        raise Refusal("The request is too large.", 413)
    try:
        # Read as a stream: Django's limit is for forms, and the client's history may be longer.
        found = json.loads(request.read(MAX_BODY + 1))
    except (ValueError, RecursionError):
        raise Refusal("A JSON object is expected.", 400) from None
    if not isinstance(found, dict):
        raise Refusal("A JSON object is expected.", 400)
    return found


def _named(query: object) -> str | None:
    found = _NAME.search(query[:1000]) if isinstance(query, str) else None
    return found[1] if found else None
