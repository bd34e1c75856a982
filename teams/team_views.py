"""Pages of teams: list, make, switch, rename, members and their roles."""

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from teams.access import Right, get_team, may
from teams.members import Refused, change_role, create_team, remove_member, rename_team
from teams.middleware import SESSION_KEY
from teams.models import Membership, Role
from teams.team_forms import InvitationForm, TeamForm, roles_to_give

if TYPE_CHECKING:
    from teams.middleware import TeamRequest


@require_safe
def team_list(request: "TeamRequest") -> HttpResponse:
    """The teams of the person."""
    memberships = Membership.objects.filter(user=request.user).select_related("team").order_by("team__name", "pk")
    return render(request, "teams/team_list.html", {"memberships": memberships})


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: "TeamRequest") -> HttpResponse:
    """A new team, which the person owns and is then in."""
    form = TeamForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            team = create_team(user=request.user, name=form.cleaned_data["name"])
        except Refused as refused:
            form.add_error("name", str(refused))
        else:
            request.session[SESSION_KEY] = team.public_id
            messages.success(request, f"The team {team} is made. Invite the others.")
            return redirect("teams:members", team.public_id)
    return render(request, "teams/team_new.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
def switch(request: "TeamRequest") -> HttpResponse:
    """Pages are about this team from now on: `team`, its public id. Back to the first page, or to `next`."""
    membership = get_team(request.user, request.POST.get("team", ""))
    request.session[SESSION_KEY] = membership.team.public_id
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = reverse("home")
    return HttpResponseRedirect(target)


@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: "TeamRequest", public_id: str) -> HttpResponse:
    """The team's name; for admins and owners."""
    membership = get_team(request.user, public_id, Right.MANAGE)
    team = membership.team
    form = TeamForm(request.POST if request.method == "POST" else None, initial={"name": team.name})
    if form.is_bound and form.is_valid():
        try:
            rename_team(team=team, by=request.user, name=form.cleaned_data["name"])
        except Refused as refused:
            form.add_error("name", str(refused))
        else:
            messages.success(request, "Saved.")
            return redirect("teams:settings", public_id)
    context = {"form": form, "shown": team, "may_delete": may(membership, Right.OWN)}
    return render(request, "teams/team_settings.html", context, status=422 if form.errors else 200)


@require_safe
def members(request: "TeamRequest", public_id: str) -> HttpResponse:
    """Who is in the team, and who is invited."""
    return members_page(request, get_team(request.user, public_id))


def members_page(
    request: "TeamRequest", membership: Membership, form: InvitationForm | None = None, made: str = "", code: int = 200
) -> HttpResponse:
    """The page of members. `made`: the link of an invitation that was just made, shown this once."""
    team, manages, owns = membership.team, may(membership, Right.MANAGE), may(membership, Right.OWN)
    found = Membership.objects.filter(team=team).select_related("user")
    by_rank = sorted(found, key=lambda one: (list(Role).index(Role(one.role)), str(one.user).lower()))
    context = {
        "shown": team,
        "mine": membership,
        "rows": [(one, (owns or (manages and one.role != Role.OWNER))) for one in by_rank],
        "roles": roles_to_give(membership),
        "manages": manages,
        "form": (form or InvitationForm(membership=membership)) if manages else None,
        "invitations": team.invitations.filter(revoked_at=None, accepted_at=None).select_related("created_by")
        if manages
        else [],
        "made": made,
    }
    answer = render(request, "teams/members.html", context, status=code)
    answer["Cache-Control"] = "no-store"
    return answer


@require_POST
def role(request: "TeamRequest", public_id: str, pk: int) -> HttpResponse:
    """Another role for a member: `role`."""
    get_team(request.user, public_id, Right.MANAGE)
    membership = _member(public_id, pk)
    chosen = request.POST.get("role", "")
    if chosen not in Role.values:
        return HttpResponseBadRequest("role: choose viewer, member, admin or owner.")
    try:
        change_role(membership=membership, by=request.user, role=chosen)
    except Refused as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, f"{membership.user} is {Role(chosen).label.lower()} now.")
    return redirect("teams:members", public_id)


@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: "TeamRequest", public_id: str, pk: int) -> HttpResponse:
    """Take a member out of the team, after a question."""
    mine = get_team(request.user, public_id, Right.MANAGE)
    membership = _member(public_id, pk)
    if request.method == "POST":
        return _remove(
            request, membership, f"{membership.user} is not in the team any more.", "teams:members", public_id
        )
    return render(request, "teams/member_remove.html", {"member": membership, "shown": mine.team, "leaving": False})


@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: "TeamRequest", public_id: str) -> HttpResponse:
    """Leave a team, after a question."""
    membership = get_team(request.user, public_id)
    if request.method == "POST":
        return _remove(request, membership, f"You have left {membership.team}.", "teams:list")
    return render(
        request, "teams/member_remove.html", {"member": membership, "shown": membership.team, "leaving": True}
    )


def _remove(request: "TeamRequest", membership: Membership, said: str, target: str, *args: str) -> HttpResponse:
    try:
        remove_member(membership=membership, by=request.user)
    except Refused as refused:
        messages.warning(request, str(refused))
        return redirect("teams:members", membership.team.public_id)
    messages.success(request, said)
    return redirect(target, *args)


def _member(public_id: str, pk: int) -> Membership:
    found = Membership.objects.select_related("team", "user").filter(pk=pk, team__public_id=public_id).first()
    if found is None:
        raise Http404("There is no such member.")
    return found
