"""Inviting people, and what opens when they follow the link."""

import logging
from smtplib import SMTPException
from typing import TYPE_CHECKING

from allauth.account.adapter import get_adapter
from allauth.decorators import rate_limit
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from teams.access import Right, get_team
from teams.invitations import INVITATION, accept, find_invitation, invite, renew, revoke_invitation, send_invitation
from teams.members import Refused
from teams.middleware import SESSION_KEY
from teams.models import Invitation, Membership, Team
from teams.team_forms import InvitationForm
from teams.team_views import members_page

if TYPE_CHECKING:
    from teams.middleware import TeamRequest

_log = logging.getLogger(__name__)


@rate_limit(action="invite")  # type: ignore[untyped-decorator]  # allauth has no types
@require_POST
def create(request: "TeamRequest", public_id: str) -> HttpResponse:
    """Invite somebody: by email, or by a link that is shown this once."""
    membership = get_team(request.user, public_id, Right.MANAGE)
    form = InvitationForm(request.POST, membership=membership)
    if not form.is_valid():
        return members_page(request, membership, form, code=422)
    said = form.cleaned_data
    try:
        invitation, token = invite(
            team=membership.team, by=request.user, role=said["role"], email=said["email"], days=said["days"]
        )
    except Refused as refused:
        form.add_error("email", str(refused))
        return members_page(request, membership, form, code=422)
    return _hand_over(request, membership, invitation, token)


@rate_limit(action="invite")  # type: ignore[untyped-decorator]  # allauth has no types
@require_POST
def resend(request: "TeamRequest", public_id: str, invitation_id: str) -> HttpResponse:
    """A new link; the one that was sent before ends."""
    membership = get_team(request.user, public_id, Right.MANAGE)
    invitation = _invitation(membership.team, invitation_id)
    try:
        token = renew(invitation=invitation, by=request.user)
    except Refused as refused:
        messages.warning(request, str(refused))
        return redirect("teams:members", public_id)
    return _hand_over(request, membership, invitation, token)


@require_POST
def revoke(request: "TeamRequest", public_id: str, invitation_id: str) -> HttpResponse:
    """Take an invitation back."""
    membership = get_team(request.user, public_id, Right.MANAGE)
    revoke_invitation(invitation=_invitation(membership.team, invitation_id), by=request.user)
    messages.success(request, "The invitation is taken back.")
    return redirect("teams:members", public_id)


@login_not_required
@rate_limit(action="join")  # type: ignore[untyped-decorator]  # allauth has no types
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """What an invitation's link opens: for a person who is logged in the question, else the ways to an account."""
    invitation = find_invitation(token)
    if invitation is None:
        request.session.pop(INVITATION, None)
        return _no_store(render(request, "teams/join_ended.html", status=404))
    if not request.user.is_authenticated:
        request.session[INVITATION] = token
        if invitation.email and invitation.sent_at:
            # Who has the link has read the mail, so the address is that person's.
            get_adapter().stash_verified_email(request, invitation.email)
        return _no_store(render(request, "teams/join_stranger.html", {"invitation": invitation, "here": request.path}))
    user = request.user
    refusal = ""
    if request.method == "POST":
        try:
            membership = accept(invitation=invitation, user=user)
        except Refused as refused:
            refusal = str(refused)
        else:
            request.session.pop(INVITATION, None)
            request.session[SESSION_KEY] = membership.team.public_id
            messages.success(request, f"Welcome to {membership.team}.")
            return redirect("home")
    there = Membership.objects.filter(team=invitation.team, user=user).first()
    context = {"invitation": invitation, "refusal": refusal, "there": there, "here": request.path}
    return _no_store(render(request, "teams/join.html", context, status=422 if refusal else 200))


def _hand_over(request: "TeamRequest", membership: Membership, invitation: Invitation, token: str) -> HttpResponse:
    link = request.build_absolute_uri(reverse("join", args=[token]))
    if not invitation.email:
        return members_page(request, membership, made=link)
    try:
        send_invitation(invitation, link)
    except (OSError, SMTPException) as error:
        _log.warning("An invitation could not be sent: %s", error)
        messages.error(request, f"The mail server did not take the email to {invitation.email}. Send it again later.")
    else:
        messages.success(request, f"An invitation is on its way to {invitation.email}.")
    return redirect("teams:members", membership.team.public_id)


def _invitation(team: Team, public_id: str) -> Invitation:
    return get_object_or_404(Invitation, team=team, public_id=public_id)


def _no_store(answer: HttpResponse) -> HttpResponse:
    """The address is a key: no copy of the page, no address in other sites' logs."""
    answer["Cache-Control"] = "no-store"
    answer["Referrer-Policy"] = "no-referrer"
    return answer
