"""Forms of a person's tokens and a team's connections."""

from datetime import datetime, timedelta
from typing import Any, Final

from django import forms
from django.utils import timezone

from teams.connections import MAX_VALUE, Connection
from teams.models import Scope

SCOPES: Final = {
    Scope.READ: "Read",
    Scope.WRITE: "Write: sweeps and library",
    Scope.ADMIN: "Admin: the team too",
}
DAYS: Final = (("30", "30 days"), ("90", "90 days"), ("365", "A year"), ("", "Never"))


class TokenForm(forms.Form):
    """`scopes`: what a token of this person may be for."""

    name = forms.CharField(max_length=100, help_text="What uses it, such as “laptop”.")
    scope = forms.ChoiceField(label="May", help_text="The wandb and SigOpt clients need one that writes.")
    days = forms.ChoiceField(label="Ends after", choices=DAYS, required=False)

    def __init__(self, data: Any = None, *, scopes: list[Scope]) -> None:
        super().__init__(data, initial={"scope": Scope.WRITE if Scope.WRITE in scopes else Scope.READ, "days": "90"})
        scope = self.fields["scope"]
        assert isinstance(scope, forms.ChoiceField)
        scope.choices = [(each.value, SCOPES[each]) for each in scopes]

    def expires_at(self) -> datetime | None:
        """When the token ends; None for never; of a valid form."""
        days = self.cleaned_data["days"]
        return timezone.now() + timedelta(days=int(days)) if days else None


class ConnectionForm(forms.Form):
    """A field a setting. Values are written and never shown: an empty field leaves what is kept."""

    def __init__(self, data: Any = None, *, connection: Connection, kept: dict[str, str]) -> None:
        super().__init__(data, auto_id="id_%s")
        for setting in connection.settings:
            known = setting.name in kept
            shown = "" if setting.hidden else kept.get(setting.name, "")
            hint = f"{setting.help} Kept; leave empty to keep it." if known and setting.hidden else setting.help
            self.fields[setting.name] = forms.CharField(
                label=setting.label,
                required=False,
                max_length=MAX_VALUE,
                initial=shown,
                help_text=hint,
                widget=forms.PasswordInput(attrs={"autocomplete": "off"}) if setting.hidden else forms.TextInput(),
            )
