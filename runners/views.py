"""Pages of the fleet."""

from typing import TYPE_CHECKING, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, prefetch_related_objects
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from runners.models import Runner, RunnerAct
from runners.quarantine import may_manage, release
from runners.queries import runners_for, told_jobs
from runners.serving import ServingForm, serve, served
from teams.access import Right, may

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
    jobs = told_jobs(runners, team) if team else {}
    for runner in runners:
        # What the template reads; the runner's own words name the sweeps of all teams.
        runner.load = {**runner.load, "jobs": jobs[runner.pk]}
    context = {
        "runners": runners,
        "managed": [runner.pk for runner in managed],
        "may_register": may(request.membership, Right.MANAGE),
    }
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


@require_http_methods(["GET", "HEAD", "POST"])
def serving(request: "TeamRequest", public_id: str) -> HttpResponse:
    """Which teams a runner serves. For those who keep the server: it takes the machine from some and gives it to others."""
    if not request.user.is_staff:
        team = request.membership.team if request.membership else None
        if not any(one.public_id == public_id for one in (runners_for(team) if team else [])):
            raise Http404("There is no such runner.")
        raise PermissionDenied("Only an administrator of this server decides which teams a runner serves.")
    runner = get_object_or_404(Runner, public_id=public_id)
    form = ServingForm(request.POST if request.method == "POST" else None, runner=runner)
    if form.is_bound and form.is_valid():
        serve(runner=runner, teams=form.chosen(), user=request.user)
        messages.success(request, f"{runner.name} serves {served(runner)}.")
        return HttpResponseRedirect(reverse("runners:list"))
    return render(
        request, "runners/runner_serving.html", {"runner": runner, "form": form}, status=422 if form.errors else 200
    )
