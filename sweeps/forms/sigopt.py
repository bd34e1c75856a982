"""A SigOpt definition to convert."""

from typing import Any

from django import forms

from runners.protocol.catalogue import catalogue
from sweeps.sigopt.convert import Converted, convert
from sweeps.sigopt.definition import MAX_CHARS, NotADefinition, read_definition


class SigOptForm(forms.Form):
    """Cleans to a `Converted` in `cleaned_data["converted"]`."""

    task = forms.ChoiceField(
        required=False, help_text="Where names such as max_length are looked for. It can be chosen later too."
    )
    definition = forms.CharField(
        max_length=MAX_CHARS,
        help_text="JSON, YAML, or the Python call of create_experiment. Python is read, never run.",
        widget=forms.Textarea(attrs={"rows": 18, "class": "form-control mono", "spellcheck": "false"}),
        error_messages={
            "required": "Paste a definition: JSON, YAML, or the dictionary given to create_experiment.",
            "max_length": "The definition is longer than %(limit_value)d characters.",
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tasks = [(task.name, task.label) for task in catalogue().tasks]
        self.fields["task"].choices = [("", "Any task"), *tasks]  # type: ignore[attr-defined]  # a ChoiceField

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if "definition" in data:
            try:
                converted: Converted = convert(read_definition(data["definition"]), data.get("task", ""))
            except NotADefinition as error:
                self.add_error("definition", str(error))
            else:
                data["converted"] = converted
        return data
