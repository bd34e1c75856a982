"""Further verbs of a sweep's page: pause, resume, archive, restore, change, remove. Each works by a plain form."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from sweeps.access import get_sweep, get_sweeps
from sweeps.models import Sweep
from sweeps.services.archive import archive_sweep, delete_sweep, may_delete, restore_sweep
from sweeps.services.bulk import SWEEP_VERBS, Report, for_sweeps, tag_sweeps
from sweeps.services.control import NotNow
from sweeps.services.pausing import pause_sweep, resume_sweep
from sweeps.validation.problems import Invalid
from sweeps.views.typed_request import person

if TYPE_CHECKING:
    from teams.middleware import TeamRequest

TAG_VERBS: Final = ("tag", "untag")


@require_POST
def pause(request: "TeamRequest", public_id: str) -> HttpResponse:
    """No new trials. With `checkpoint`, those that run leave at one."""
    checkpoint = bool(request.POST.get("checkpoint"))
    return _do(request, public_id, lambda sweep: pause_sweep(sweep=sweep, user=person(request), checkpoint=checkpoint))


@require_POST
def resume(request: "TeamRequest", public_id: str) -> HttpResponse:
    """A paused sweep goes on."""
    return _do(request, public_id, lambda sweep: resume_sweep(sweep=sweep, user=person(request)))


@require_POST
def archive(request: "TeamRequest", public_id: str) -> HttpResponse:
    """Out of the list."""
    return _do(request, public_id, lambda sweep: archive_sweep(sweep=sweep, user=person(request)))


@require_POST
def restore(request: "TeamRequest", public_id: str) -> HttpResponse:
    """Back into the list."""
    return _do(request, public_id, lambda sweep: restore_sweep(sweep=sweep, user=person(request)))


@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: "TeamRequest", public_id: str) -> HttpResponse:
    """Before a sweep is deleted: its name must be typed."""
    sweep = get_sweep(request.user, public_id, write=True)
    if not may_delete(sweep, person(request)):
        raise PermissionDenied("Only who made the sweep, or an admin or owner of the team, can delete it.")
    error = ""
    if request.method == "POST":
        try:
            delete_sweep(sweep=sweep, user=person(request), name=request.POST.get("name", ""))
        except NotNow as refused:
            error = str(refused)
        except Invalid as refused:
            error = refused.errors()[0].message
        else:
            messages.success(request, f"The sweep {sweep.name} is deleted.")
            return redirect("sweeps:list")
    context = {"sweep": sweep, "error": error, "n_trials": sweep.trials.count()}
    return render(request, "sweeps/sweep_remove.html", context, status=422 if error else 200)


@require_POST
def bulk(request: "TeamRequest") -> HttpResponse:
    """One verb for the sweeps that were chosen in the list."""
    verb, back = request.POST.get("verb", ""), request.POST.get("back", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = reverse("sweeps:list")
    ids = request.POST.getlist("ids")[:500]
    if verb not in {*SWEEP_VERBS, *TAG_VERBS} or not ids:
        messages.warning(request, "Choose one or more sweeps first, then what is to be done with them.")
        return HttpResponseRedirect(back)
    sweeps = get_sweeps(request.user, ids, make=True)
    names = {sweep.public_id: sweep.name for sweep in sweeps}
    if verb in TAG_VERBS:
        tag, remove = request.POST.get("tag", ""), verb == "untag"
        report = tag_sweeps(tag=tag, remove=remove, sweeps=sweeps, user=person(request))
        tell(request, report, "tag removed" if remove else "tagged", "sweep", names)
    else:
        tell(request, for_sweeps(verb=verb, sweeps=sweeps, user=person(request)), verb, "sweep", names)
    return HttpResponseRedirect(back)


def tell(request: "TeamRequest", report: Report, verb: str, what: str, names: dict[str, str]) -> None:
    """What became of each, as messages."""
    if report.done:
        many = f"1 {what}" if len(report.done) == 1 else f"{len(report.done)} {what}s"
        messages.success(request, f"{verb.capitalize()}: {many}.")
    reasons: dict[str, list[str]] = {}
    for key, why in report.refused.items():
        reasons.setdefault(why, []).append(names.get(key, key))
    for why, refused in reasons.items():
        messages.warning(request, f"{', '.join(refused[:5])}{' …' if len(refused) > 5 else ''}: {why}")


def _do(request: "TeamRequest", public_id: str, verb: Callable[[Sweep], Sweep]) -> HttpResponse:
    sweep = get_sweep(request.user, public_id, write=True)
    try:
        verb(sweep)
    except NotNow as error:
        messages.warning(request, str(error))
    return redirect("sweeps:detail", public_id)
