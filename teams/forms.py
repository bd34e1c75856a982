"""Forms of a person's tokens and a team's connections."""

from typing import Any

from django import forms

from teams.connections import MAX_VALUE, Connection


class TokenForm(forms.Form):
    name = forms.CharField(max_length=100, help_text="What uses it, such as “laptop”.")


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
