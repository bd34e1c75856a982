"""The page of the first start, and what leads everybody there until somebody is here."""

from collections.abc import Callable
from typing import Any, Final

from allauth.account.utils import perform_login
from allauth.decorators import rate_limit
from django import forms
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from teams.members import MAX_NAME, Refused
from teams.models import User
from teams.setup import is_needed, is_right, needs_code, set_up, setup_code

OTHERS: Final = ("/setup/", "/static/", "/healthz", "/api/", "/wandb/", "/sigopt/")
"""Not pages: programs get the answers that they know."""


class SetupForm(forms.Form):
    """`coded`: also ask for the code of the console."""

    code = forms.CharField(
        label="Code",
        max_length=40,
        help_text="Where hpweb was started, its output shows it. It also lies in setup-code in the data folder.",
    )
    name = forms.CharField(
        label="Your name", max_length=100, required=False, widget=forms.TextInput({"autocomplete": "name"})
    )
    email = forms.EmailField(label="Email address", widget=forms.EmailInput({"autocomplete": "username"}))
    password = forms.CharField(
        widget=forms.PasswordInput({"autocomplete": "new-password"}), help_text="At least 8 characters, no common word."
    )
    again = forms.CharField(label="Password again", widget=forms.PasswordInput({"autocomplete": "new-password"}))
    team = forms.CharField(label="Name of the team", max_length=MAX_NAME)

    def __init__(self, data: Any = None, *, coded: bool) -> None:
        super().__init__(data)
        if coded:
            setup_code()
        else:
            del self.fields["code"]

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"])
        if not is_right(code):
            raise ValidationError("This is not the code.")
        return code

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        password = said.get("password")
        if password:
            try:
                validate_password(password, User(email=said.get("email", ""), name=said.get("name", "")))
            except ValidationError as error:
                self.add_error("password", error)
            if "again" in said and said["again"] != password:
                self.add_error("again", "The two passwords differ.")
        return said


@login_not_required
@rate_limit(action="setup")  # type: ignore[untyped-decorator]  # allauth has no types
@require_http_methods(["GET", "HEAD", "POST"])
def setup(request: HttpRequest) -> HttpResponse:
    """The first account and the first team; only while there is nobody."""
    if not is_needed():
        return redirect("login")
    form = SetupForm(request.POST if request.method == "POST" else None, coded=needs_code(request))
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        try:
            user, _ = set_up(email=said["email"], name=said["name"], password=said["password"], team=said["team"])
        except Refused as refused:
            form.add_error("team", str(refused))
        else:
            answer: HttpResponse = perform_login(request, user, redirect_url=reverse("home"))
            return answer
    return render(request, "teams/setup.html", {"form": form}, status=422 if form.errors else 200)


class FirstStart:
    """While there is nobody, every page leads to the first one. Who is logged in shows that there is somebody."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(OTHERS) and not request.user.is_authenticated and is_needed():
            return HttpResponseRedirect(reverse("setup"))
        return self.get_response(request)
