"""What a sweep needs of the runner that does it."""

from collections.abc import Mapping
from typing import Any, Final

from django import forms

from runners.forms import LabelsField
from sweeps.validation.requirements import MAX_GPU_MEMORY_GB, MAX_GPUS, Requirements
from sweeps.validation.team import TeamSettings

START: Final = "requirements-"


def placement_fields(team: TeamSettings, chosen: str = "") -> dict[str, forms.Field]:
    """Name → field. `chosen`: the runner that is named now; it stays in the list where it serves the team no more."""
    runners = list(team.runners)
    if chosen and chosen not in dict(runners):
        runners.append((chosen, "A runner that serves this team no more"))
    return {
        f"{START}gpus": forms.IntegerField(
            label="GPUs of the runner, at least",
            required=False,
            min_value=0,
            max_value=MAX_GPUS,
            help_text="Empty: a runner without GPUs will do, too.",
        ),
        f"{START}gpu_memory_gb": forms.FloatField(
            label="Memory of each GPU in GB, at least",
            required=False,
            min_value=0.1,
            max_value=MAX_GPU_MEMORY_GB,
            help_text="As on its box: 24, 40, 80. Empty: any.",
        ),
        f"{START}labels": LabelsField(
            label="Labels of the runner",
            required=False,
            max_length=1000,
            help_text="All of these, between commas. Admins give labels to runners on the runners page.",
        ),
        f"{START}runner": forms.ChoiceField(
            label="One runner only",
            required=False,
            choices=[("", "Any that fits"), *runners],
            help_text="The sweep then waits for this one, whatever else is free.",
        ),
    }


def read_placement(data: Mapping[str, Any]) -> dict[str, Any]:
    """The draft's `requirements` from a judged form."""
    return {
        "gpus": data.get(f"{START}gpus") or 0,
        "gpu_memory_gb": data.get(f"{START}gpu_memory_gb"),
        "labels": data.get(f"{START}labels") or [],
        "runner": data.get(f"{START}runner") or "",
    }


def shown_placement(wanted: Requirements) -> dict[str, str]:
    """What a form that was sent with these would hold."""
    memory = wanted.gpu_memory_gb
    return {
        f"{START}gpus": str(wanted.gpus or ""),
        f"{START}gpu_memory_gb": "" if memory is None else f"{memory:g}",
        f"{START}labels": ", ".join(wanted.labels),
        f"{START}runner": wanted.runner,
    }
