"""Pages of access tokens and connections."""

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from teams.access import Right, may, require
from teams.connections import CONNECTIONS, Connection, keep_secret
from teams.forms import ConnectionForm, TokenForm
from teams.models import AccessToken, Membership, Secret
from teams.tokens import make_token, revoke, scopes_for

if TYPE_CHECKING:
    from teams.middleware import TeamRequest


@require_http_methods(["GET", "POST"])
def tokens(request: "TeamRequest") -> HttpResponse:
    """The person's tokens for the current team; POST makes one, which is shown this once."""
    membership = _membership(request)
    scopes = scopes_for(membership.role)
    form = TokenForm(request.POST if request.method == "POST" else None, scopes=scopes)
    made = ""
    if request.method == "POST" and form.is_valid():
        _, made = make_token(
            user=request.user,
            team=membership.team,
            name=form.cleaned_data["name"],
            scope=form.cleaned_data["scope"],
            expires_at=form.expires_at(),
        )
        form = TokenForm(scopes=scopes)
    found = AccessToken.objects.filter(user=request.user, team=membership.team, revoked_at=None)
    context = {"form": form, "made": made, "tokens": found, "address": request.build_absolute_uri("/").rstrip("/")}
    answer = render(request, "teams/tokens.html", context)
    answer["Cache-Control"] = "no-store"
    return answer


@require_POST
def revoke_token(request: "TeamRequest", public_id: str) -> HttpResponse:
    """End one of the person's own tokens."""
    token = get_object_or_404(AccessToken, public_id=public_id, user=request.user)
    revoke(token)
    messages.success(request, f"The token {token.name} is revoked.")
    return HttpResponseRedirect(reverse("teams:tokens"))


@require_http_methods(["GET", "POST"])
def connections(request: "TeamRequest", name: str = "") -> HttpResponse:
    """What the team's jobs may talk to. Everyone of the team sees which there are; owners and admins write them."""
    membership = _membership(request)
    may_write = may(membership, Right.MANAGE)
    kept = {secret.name: secret for secret in Secret.objects.filter(team=membership.team)}
    if request.method == "POST":
        if not may_write:
            raise PermissionDenied("Only an owner or admin of the team may change its connections.")
        return _keep(request, membership, _connection(name), kept)
    cards = [_card(connection, kept, None, may_write=may_write) for connection in CONNECTIONS]
    return render(request, "teams/connections.html", {"cards": cards, "can_edit": may_write})


def _keep(
    request: "TeamRequest", membership: Membership, connection: Connection, kept: dict[str, Secret]
) -> HttpResponse:
    forget = "forget" in request.POST
    form = ConnectionForm(request.POST, connection=connection, kept=_shown(connection, kept))
    if form.is_valid():
        for setting in connection.settings:
            value = "" if forget else form.cleaned_data[setting.name]
            if setting.hidden and not value and not forget:
                continue
            try:
                keep_secret(team=membership.team, user=request.user, name=setting.name, value=value)
            except ValueError as error:
                form.add_error(setting.name, str(error).partition(": ")[2].capitalize() or str(error))
    if form.is_valid():
        messages.success(request, f"{connection.label}: {'forgotten' if forget else 'saved'}.")
        return HttpResponseRedirect(reverse("teams:connections"))
    cards = [_card(each, kept, form if each is connection else None, may_write=True) for each in CONNECTIONS]
    return render(request, "teams/connections.html", {"cards": cards, "can_edit": True}, status=400)


def _card(
    connection: Connection, kept: dict[str, Secret], form: ConnectionForm | None, *, may_write: bool
) -> dict[str, Any]:
    known = [kept[setting.name] for setting in connection.settings if setting.name in kept]
    if may_write and form is None:
        form = ConnectionForm(connection=connection, kept=_shown(connection, kept))
    return {"connection": connection, "form": form, "kept": known}


def _shown(connection: Connection, kept: dict[str, Secret]) -> dict[str, str]:
    """Setting → its value where that is no secret, else nothing."""
    return {
        setting.name: "" if setting.hidden else kept[setting.name].value()
        for setting in connection.settings
        if setting.name in kept
    }


def _connection(name: str) -> Connection:
    found = next((connection for connection in CONNECTIONS if connection.name == name), None)
    if found is None:
        raise Http404
    return found


def _membership(request: "TeamRequest") -> Membership:
    return require(request.membership, Right.LOOK)
