"""Pages that register a runner and steer it."""

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from runners import steering
from runners.drawn import lines_of
from runners.forms import EditForm, NewRunnerForm
from runners.models import Runner
from runners.protocol.states import JobState
from runners.quarantine import may_manage
from runners.queries import runners_for, told_jobs
from teams.access import Right, require
from teams.models.secret import open_sealed, seal

if TYPE_CHECKING:
    from teams.middleware import TeamRequest

MADE = "runner_made"
NOT_ALONE = "Only who manages every team that the runner serves, or an administrator of this server, may do this."
SAID = {
    "pause": "{} gets nothing new; what it runs goes on.",
    "drain": "{} drains: its trials finish, and its sweeps go elsewhere.",
    "drain-checkpoint": "{} drains: its trials leave at their next checkpoint.",
    "resume": "{} takes part again.",
    "release": "{} takes part again. One more failure takes it out.",
}


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: "TeamRequest") -> HttpResponse:
    """Register a runner; then its page tells what to paste on the machine."""
    team = require(request.membership, Right.MANAGE).team
    form = NewRunnerForm(request.POST if request.method == "POST" else None, staff=request.user.is_staff)
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        try:
            runner, token = steering.register(
                name=data["name"],
                teams=[] if data.get("everybody") else [team],
                user=request.user,
                labels=data["labels"],
            )
        except steering.ActRefused as error:
            form.add_error(error.field or None, str(error))
        else:
            return _told(request, runner, token)
    return render(request, "runners/runner_new.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
def detail(request: "TeamRequest", public_id: str) -> HttpResponse:
    """A runner: what it is, does and did, and what can be done with it."""
    return _page(request, _reach(request, public_id))


@require_POST
def act(request: "TeamRequest", public_id: str) -> HttpResponse:
    """`verb`: one of `steering.VERBS`, or token, revoke, remove."""
    verb = request.POST.get("verb", "")
    runner = _reach(request, public_id)
    alone = verb in {"token", "revoke", "remove"}
    _manages(request, runner, alone=alone)
    try:
        if verb == "token":
            return _told(request, runner, steering.rotate(runner=runner, user=request.user))
        if verb == "remove":
            steering.remove(runner=runner, user=request.user)
            messages.success(request, f"{runner.name} is removed.")
            return redirect("runners:list")
        if verb == "revoke":
            steering.revoke(runner=runner, user=request.user)
            messages.success(request, f"The token of {runner.name} works no more.")
        elif verb in steering.VERBS:
            steering.VERBS[verb](runner, request.user)
            messages.success(request, SAID[verb].format(runner.name))
        else:
            raise Http404
    except steering.ActRefused as error:
        messages.warning(request, str(error))
    return redirect("runners:detail", public_id)


@require_POST
def bulk(request: "TeamRequest") -> HttpResponse:
    """One act for the runners that were ticked."""
    verb = request.POST.get("verb", "")
    if verb not in steering.VERBS:
        raise Http404
    runners = [_reach(request, public_id) for public_id in request.POST.getlist("runner")]
    for runner in runners:
        _manages(request, runner)
    report = steering.for_runners(verb=verb, runners=runners, user=request.user)
    if not runners:
        messages.info(request, "Tick the runners first.")
    if report.done:
        names = ", ".join(runner.name for runner in runners if runner.public_id in report.done)
        messages.success(request, SAID[verb].format(names) if len(report.done) == 1 else f"Done for {names}.")
    for why in report.refused.values():
        messages.warning(request, why)
    return redirect("runners:list")


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: "TeamRequest", public_id: str) -> HttpResponse:
    """Labels, and how many slots may be used."""
    runner = _reach(request, public_id)
    _manages(request, runner, alone=True)
    form = EditForm(request.POST if request.method == "POST" else None, runner=runner)
    if form.is_bound and form.is_valid():
        try:
            steering.edit(runner=runner, user=request.user, **form.cleaned_data)
        except steering.ActRefused as error:
            form.add_error(error.field or None, str(error))
        else:
            messages.success(request, f"{runner.name} is changed.")
            return redirect("runners:detail", public_id)
    context = {"runner": runner, "form": form}
    return render(request, "runners/runner_edit.html", context, status=422 if form.errors else 200)


def _told(request: "TeamRequest", runner: Runner, token: str) -> HttpResponse:
    """To the runner's page, which shows the token this once. Until then the session has it, sealed."""
    request.session[MADE] = [runner.public_id, seal(token)]
    return redirect("runners:detail", runner.public_id)


def _made(request: "TeamRequest", runner: Runner) -> str:
    """The token that was just made, if any; it is forgotten with that."""
    public_id, sealed = request.session.get(MADE) or ("", "")
    if public_id != runner.public_id:
        return ""
    del request.session[MADE]
    return open_sealed(sealed)


def _page(request: "TeamRequest", runner: Runner) -> HttpResponse:
    token = _made(request, runner)
    team = request.membership.team if request.membership else None
    runner.load = {**runner.load, "jobs": told_jobs([runner], team)[runner.pk] if team else []}
    manages = may_manage(request.user, runner)
    offers = runner.jobs.filter(state=JobState.OFFERED.value, sweep__team=team).select_related("sweep")
    runner.history = list(runner.acts.select_related("user")[:20]) if manages else []  # type: ignore[attr-defined]  # as the card reads it
    context = {
        "runner": runner,
        "token": token,
        "server": request.build_absolute_uri("/").rstrip("/"),
        "managed": [runner.pk] if manages else [],
        "keeps": steering.may_keep(request.user, runner),
        "lines": lines_of(runner),
        "offers": list(offers),
        "failures": list(reversed(runner.failures)) if manages else [],
        "waits": runner.last_seen is None and runner.token_revoked_at is None,
    }
    answer = render(request, "runners/runner_detail.html", context)
    answer["Cache-Control"] = "no-store"
    return answer


def _reach(request: "TeamRequest", public_id: str) -> Runner:
    team = request.membership.team if request.membership else None
    runner = next((one for one in (runners_for(team) if team else []) if one.public_id == public_id), None)
    if runner is None:
        raise Http404("There is no such runner.")
    return runner


def _manages(request: "TeamRequest", runner: Runner, *, alone: bool = False) -> None:
    if not may_manage(request.user, runner):
        raise PermissionDenied("Only an owner or admin of a team that the runner serves may do this.")
    if alone and not steering.may_keep(request.user, runner):
        raise PermissionDenied(NOT_ALONE)
