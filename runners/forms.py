"""Forms of the fleet's pages."""

from typing import Any

from django import forms

from runners.labels import BadLabel, read_labels
from runners.models import Runner
from runners.steering import MOST_SLOTS


class LabelsField(forms.CharField):
    """Words between commas or spaces; cleans to a list."""

    def clean(self, value: Any) -> list[str]:
        try:
            return read_labels(super().clean(value) or "")
        except BadLabel as error:
            raise forms.ValidationError(str(error)) from None


LABELS_HELP = "Words by which a sweep asks for this machine, between commas, such as a100, lab. Empty: none."


class NewRunnerForm(forms.Form):
    """`everybody`: only for administrators of the server, who decide which teams a runner serves."""

    name = forms.CharField(max_length=100, help_text="As people see it, such as gpu-1.")
    labels = LabelsField(required=False, max_length=1000, help_text=LABELS_HELP)
    everybody = forms.BooleanField(
        label="It serves all teams", required=False, help_text="Without, it serves this team alone."
    )

    def __init__(self, data: Any = None, *, staff: bool) -> None:
        super().__init__(data)
        if not staff:
            del self.fields["everybody"]


class EditForm(forms.Form):
    labels = LabelsField(required=False, max_length=1000, help_text=LABELS_HELP)
    slots_limit = forms.IntegerField(
        label="Slots that may be used",
        required=False,
        min_value=0,
        max_value=MOST_SLOTS,
        help_text="What runs already goes on. Empty: all.",
    )

    def __init__(self, data: Any = None, *, runner: Runner) -> None:
        super().__init__(data, initial={"labels": ", ".join(runner.labels), "slots_limit": runner.slots_limit})
