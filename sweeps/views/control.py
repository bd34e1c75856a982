"""The verbs of a sweep, as buttons: each a POST that leads back to its page."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from sweeps.access import get_sweep
from sweeps.models import Sweep
from sweeps.services.clone import clone_sweep
from sweeps.services.control import NotNow, cancel_sweep, start_sweep, stop_sweep
from sweeps.services.download import model_archive
from sweeps.services.streaming import in_threads
from sweeps.validation.problems import Invalid

if TYPE_CHECKING:
    from teams.middleware import TeamRequest


@require_POST
def start(request: "TeamRequest", public_id: str) -> HttpResponse:
    """Start a draft. What keeps it from starting is shown in its form."""
    sweep = get_sweep(request.user, public_id, write=True)
    try:
        start_sweep(sweep=sweep, user=request.user)
    except NotNow as error:
        messages.warning(request, str(error))
    except Invalid as error:
        for problem in error.errors():
            messages.error(request, f"{problem.path}: {problem.message}" if problem.path else problem.message)
        return HttpResponseRedirect(reverse("sweeps:edit", args=[public_id]))
    return _back(public_id)


@require_POST
def stop(request: "TeamRequest", public_id: str) -> HttpResponse:
    """No new trials; the current ones finish."""
    return _do(request, public_id, lambda sweep: stop_sweep(sweep=sweep, user=request.user))


@require_POST
def cancel(request: "TeamRequest", public_id: str) -> HttpResponse:
    """End the sweep now."""
    return _do(request, public_id, lambda sweep: cancel_sweep(sweep=sweep, user=request.user))


@require_POST
def clone(request: "TeamRequest", public_id: str) -> HttpResponse:
    """A draft with everything of this sweep, open in the form."""
    sweep = get_sweep(request.user, public_id, make=True)
    try:
        copy = clone_sweep(sweep=sweep, user=request.user)
    except Invalid as error:
        messages.warning(request, error.errors()[0].message)
        return _back(public_id)
    return HttpResponseRedirect(reverse("sweeps:edit", args=[copy.public_id]))


@require_safe
def model_download(request: "TeamRequest", public_id: str) -> HttpResponseBase:
    """The best model as a zip. Http404 while there is none."""
    sweep = get_sweep(request.user, public_id)
    archive = model_archive(sweep)
    if archive is None:
        raise Http404("This sweep has no saved model.")
    response = StreamingHttpResponse(in_threads(archive.chunks), content_type="application/zip")
    response["Content-Length"] = str(archive.size)
    # The name is made of letters, digits and hyphens only.
    response["Content-Disposition"] = f'attachment; filename="{archive.filename}"'
    return response


def _do(request: "TeamRequest", public_id: str, verb: Callable[[Sweep], Sweep]) -> HttpResponse:
    sweep = get_sweep(request.user, public_id, write=True)
    try:
        verb(sweep)
    except NotNow as error:
        messages.warning(request, str(error))
    return _back(public_id)


def _back(public_id: str) -> HttpResponse:
    return HttpResponseRedirect(reverse("sweeps:detail", args=[public_id]))
