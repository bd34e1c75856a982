"""What a person decides about the own account, beside allauth's pages."""

from typing import TYPE_CHECKING
from zoneinfo import available_timezones

from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from teams.models import User
from teams.sockets import ask_again

if TYPE_CHECKING:
    from teams.middleware import TeamRequest

    Form = forms.ModelForm[User]
else:
    # Generic for the type checker only.
    Form = forms.ModelForm


class ProfileForm(Form):
    name = forms.CharField(
        max_length=100, required=False, help_text="How others see you. Empty: by your email address."
    )
    time_zone = forms.ChoiceField(
        choices=lambda: [(zone, zone.replace("_", " ")) for zone in sorted(available_timezones())],
        help_text="In which times are shown.",
    )

    class Meta:
        model = User
        fields = ("name", "time_zone")


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: "TeamRequest") -> HttpResponse:
    """Name and time zone."""
    form = ProfileForm(request.POST if request.method == "POST" else None, instance=request.user)
    if form.is_bound and form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return HttpResponseRedirect(reverse("teams:profile"))
    return render(request, "teams/profile.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
def end_session(request: "TeamRequest", pk: int) -> HttpResponse:
    """Log out one of the person's own sessions, on whichever machine it is."""
    session = get_object_or_404(UserSession, pk=pk, user=request.user)
    key = session.session_key
    session.end()
    ask_again(request.user.pk, ended=key)
    messages.success(request, "The session is ended.")
    return HttpResponseRedirect(reverse("usersessions_list"))
