"""The Python of a sweep or a trial: the page, the file, and the file with its data."""

from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from runners.protocol.spec import SweepSpec
from sweeps.access import get_sweep
from sweeps.models import Sweep, Trial
from sweeps.queries.details import frozen_spec
from sweeps.queries.script.parts import NoScript
from sweeps.queries.scripts import script_of
from sweeps.services.script_archive import missing_tokenizer, script_archive
from sweeps.services.streaming import in_threads

if TYPE_CHECKING:
    from teams.middleware import TeamRequest


@require_safe
def script(request: "TeamRequest", public_id: str, number: int | None = None) -> HttpResponse:
    """The script to read and to copy."""
    sweep, spec, trial = _found(request, public_id, number)
    context: dict[str, object] = {"sweep": sweep, "trial": trial, "number": number}
    try:
        context["script"] = script_of(sweep, spec, trial)
    except NoScript as reason:
        context["reason"] = str(reason)
    context["no_tokenizer"] = missing_tokenizer(sweep, spec)
    return render(request, "sweeps/script.html", context)


@require_safe
def script_file(request: "TeamRequest", public_id: str, number: int | None = None) -> HttpResponseBase:
    """The `.py`, or with `?with=data` a zip with what it reads. Http404 where there is no script."""
    sweep, spec, trial = _found(request, public_id, number)
    try:
        text = script_of(sweep, spec, trial)
    except NoScript as reason:
        raise Http404(str(reason)) from None
    name = slugify(sweep.name) or "sweep"
    name = name if trial is None else f"{name}-trial-{trial.number}"
    if request.GET.get("with") != "data":
        response = HttpResponse(text, content_type="text/x-python; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{name}.py"'
        return response
    archive = script_archive(sweep, spec, text, name)
    zipped = StreamingHttpResponse(in_threads(archive.chunks), content_type="application/zip")
    zipped["Content-Length"] = str(archive.size)
    zipped["Content-Disposition"] = f'attachment; filename="{archive.filename}"'
    return zipped


def _found(request: "TeamRequest", public_id: str, number: int | None) -> tuple[Sweep, SweepSpec, Trial | None]:
    sweep = get_sweep(request.user, public_id)
    spec = frozen_spec(sweep)
    if spec is None:
        raise Http404("A draft has no script yet.")
    if number is None:
        return sweep, spec, None
    trial = get_object_or_404(Trial, sweep=sweep, number=number)
    if trial.params is None:
        raise Http404("This trial has no parameters yet.")
    return sweep, spec, trial
