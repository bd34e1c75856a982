"""allauth's forms in hpweb's words."""

from typing import Any

from allauth.account.forms import LoginForm as AllauthLogin
from allauth.account.forms import SignupForm as AllauthSignup
from django import forms

ADDRESS = "Email address"


class LoginForm(AllauthLogin):  # type: ignore[misc]  # allauth has no types
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = ADDRESS
        self.fields["login"].widget.attrs["autofocus"] = True
        # The way to a new password stands below the button, as a link.
        self.fields["password"].help_text = ""
        _plain(self)


class SignupForm(AllauthSignup):  # type: ignore[misc]  # allauth has no types
    name = forms.CharField(
        max_length=100,
        required=False,
        help_text="How others see you.",
        widget=forms.TextInput({"autocomplete": "name"}),
    )
    field_order = ["name", "email", "password1", "password2"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = ADDRESS
        _plain(self)


def _plain(form: forms.BaseForm) -> None:
    """A placeholder that repeats the label says nothing."""
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)
