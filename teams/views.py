"""What a person chooses for itself."""

from typing import TYPE_CHECKING

from django.http import HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from teams.models import Theme

if TYPE_CHECKING:
    from teams.middleware import TeamRequest


@require_POST
def theme(request: "TeamRequest") -> HttpResponse:
    """Keep the person's theme: `theme` is light, dark or system. Back to `next`, or 204 for a script."""
    chosen = request.POST.get("theme", "")
    if chosen not in Theme.values:
        return HttpResponseBadRequest("theme: choose light, dark or system.")
    request.user.theme = chosen
    request.user.save(update_fields=["theme"])
    if "text/html" not in request.headers.get("Accept", "text/html"):
        return HttpResponse(status=204)
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = reverse("home")
    return HttpResponseRedirect(target)
