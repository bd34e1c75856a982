"""How much is searched, on how many processes, and where else trials are shown."""

from typing import Any, Final, get_args

from django import forms

from runners.protocol.spec import Reporting
from sweeps.forms.sections import Chosen
from sweeps.validation.spread import MAX_PROCESSES
from sweeps.validation.sweep import MAX_CHILDREN, MAX_THREADS
from sweeps.validation.team import report_label, report_place, report_reason

MAX_SEED: Final = 2**32 - 1
REPORT: Final = "report_to"
CHECKPOINT_STEPS: Final = 500
AUTO: Final = "auto"
BUDGET: Final = (
    "n_trials",
    "timeout_minutes",
    "max_failed_trials",
    "seed",
    "children",
    "max_children",
    "processes",
    "threads",
    "checkpoints",
    "checkpoint_steps",
    "keep_best",
)
"""In the order of the form; `sampler_seed` stands beside the sampler."""


def budget_fields(chosen: Chosen, backend: str) -> dict[str, forms.Field]:
    """Name → field. Several processes are for Optuna, a model to keep is for one objective."""
    fields: dict[str, forms.Field] = {
        "n_trials": forms.IntegerField(label="Trials", required=False, min_value=1, max_value=100_000),
        "timeout_minutes": forms.FloatField(
            label="Timeout in minutes",
            required=False,
            min_value=0.01,
            max_value=1e6,
            help_text="No trial starts later; those that run finish. Empty: no limit.",
        ),
        "max_failed_trials": forms.IntegerField(
            label="Failed trials allowed",
            required=False,
            min_value=1,
            max_value=100_000,
            help_text="More than so many end a hopeless sweep early. A quarter of the trials is a good measure. "
            "Failures of a runner itself do not count. Empty: no limit.",
        ),
        "seed": forms.IntegerField(
            help_text="Of training: weights, dropout, order of the rows.", min_value=0, max_value=MAX_SEED
        ),
        "sampler_seed": forms.IntegerField(
            label="Sampler's seed" if backend == "optuna" else "Seed of the draws",
            help_text="Of the draws." if backend == "optuna" else "",
            min_value=0,
            max_value=MAX_SEED,
        ),
        "children": Children(
            label="Trials at a time",
            help_text="On one GPU or CPU: auto, or a number. With auto the runner adds trials while they make the whole "
            "faster and fit into memory, and remembers what it found. With 1 the draws repeat exactly.",
        ),
        "max_children": forms.IntegerField(
            label="With auto, at most",
            required=False,
            min_value=1,
            max_value=MAX_CHILDREN,
            help_text="Empty: as many as cores and memory allow.",
        ),
        "threads": forms.IntegerField(
            label="Threads of a trial",
            min_value=1,
            max_value=MAX_THREADS,
            help_text="Times the trials at a time: no more than the runner's cores.",
        ),
        "checkpoints": forms.ChoiceField(
            label="Checkpoints of running trials",
            required=False,
            choices=[("off", "None"), ("evaluation", "At every evaluation"), ("steps", "Every N steps")],
            help_text="A trial that was lost or paused goes on from there on the same runner. Of each running trial the "
            "newest one is kept: with AdamW about three times the model's size.",
        ),
        "checkpoint_steps": forms.IntegerField(
            label="Steps between checkpoints",
            required=False,
            min_value=1,
            max_value=10_000_000,
            help_text=f"With every N steps only. Empty: {CHECKPOINT_STEPS}.",
        ),
    }
    if backend == "optuna":
        fields["processes"] = forms.IntegerField(
            label="Processes of a trial",
            required=False,
            min_value=1,
            max_value=MAX_PROCESSES,
            help_text="Distributed data parallel: each process has a batch of its own, so a step sees as many batches.",
        )
    if chosen.objectives == 1:
        fields["keep_best"] = forms.BooleanField(label="Keep the best trial's model", required=False)
    fields[REPORT] = forms.MultipleChoiceField(
        label="Services",
        required=False,
        choices=[(name, report_label(name)) for name in get_args(Reporting)],
        widget=Services(unfit={name for name in _reasons(chosen) if name not in chosen.values(REPORT)}),
    )
    return fields


class Children(forms.CharField):
    """`auto`, or how many trials train at a time."""

    widget = forms.TextInput(attrs={"autocomplete": "off"})

    def clean(self, value: Any) -> Any:
        text = str(super().clean(value)).strip().lower()
        if text == AUTO:
            return AUTO
        try:
            return forms.IntegerField(min_value=1, max_value=MAX_CHILDREN).clean(text)
        except forms.ValidationError as error:
            if error.error_list[0].code == "invalid":
                raise forms.ValidationError(f"Enter {AUTO} or a number from 1 to {MAX_CHILDREN}.") from None
            raise


def read_checkpoints(data: dict[str, Any]) -> dict[str, Any]:
    """The draft's `checkpoints` from a judged form."""
    every = data.get("checkpoints") or "off"
    steps = data.get("checkpoint_steps") or CHECKPOINT_STEPS
    return {"every": every, "steps": steps if every == "steps" else None}


def report_notes(chosen: Chosen) -> tuple[str, ...]:
    """Why some services can't be chosen, and where those keep what they keep that are no service elsewhere."""
    places = [report_place(name, chosen.team) for name in get_args(Reporting)]
    return (*_reasons(chosen).values(), *(place for place in places if place))


def _reasons(chosen: Chosen) -> dict[str, str]:
    reasons = {name: report_reason(name, chosen.team) for name in get_args(Reporting)}
    return {name: reason for name, reason in reasons.items() if reason}


class Services(forms.CheckboxSelectMultiple):
    """Boxes of which some can't be ticked."""

    def __init__(self, unfit: set[str]) -> None:
        super().__init__()
        self.unfit = unfit

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        if str(value) in self.unfit:
            option["attrs"]["disabled"] = True
        return option
