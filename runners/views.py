"""Pages of the fleet."""

from typing import TYPE_CHECKING, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, prefetch_related_objects
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from runners.models import RunnerAct
from runners.quarantine import may_manage, release
from runners.queries import runners_for

if TYPE_CHECKING:
    from teams.middleware import TeamRequest

SHOWN_ACTS: Final = 10


@require_safe
def runner_list(request: "TeamRequest") -> HttpResponse:
    """The machines that may run this team's sweeps."""
    team = request.membership.team if request.membership else None
    runners = runners_for(team) if team else []
    managed = [runner for runner in runners if may_manage(request.user, runner)]
    acts = RunnerAct.objects.select_related("user").order_by("-at", "-pk")[:SHOWN_ACTS]
    prefetch_related_objects(managed, Prefetch("acts", queryset=acts, to_attr="history"))
    context = {"runners": runners, "managed": [runner.pk for runner in managed]}
    return render(request, "runners/runner_list.html", context)


@require_POST
def take_part_again(request: "TeamRequest", public_id: str) -> HttpResponse:
    """Let a quarantined runner take part again. For those who decide about it."""
    team = request.membership.team if request.membership else None
    runner = next((one for one in (runners_for(team) if team else []) if one.public_id == public_id), None)
    if runner is None:
        raise Http404("There is no such runner.")
    if not may_manage(request.user, runner):
        raise PermissionDenied("Only an owner or admin of the team may let a runner take part again.")
    if release(runner, half_open=True, user=request.user):
        messages.success(request, f"{runner.name} takes part again. One more failure takes it out.")
    else:
        messages.info(request, f"{runner.name} is not quarantined.")
    return HttpResponseRedirect(reverse("runners:list"))
