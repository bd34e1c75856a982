"""W&B: server, method, early termination, and the names there."""

from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from django import forms
from django.urls import reverse
from django.utils.safestring import mark_safe

from runners.optimizers.capabilities_wandb import wandb_problems
from runners.optimizers.wandb_choices import NO_EARLY, WANDB_EARLY, WANDB_METHODS
from runners.protocol.backends import AnyBackend, WandbBackend
from sweeps.forms.backend.base import Bound
from sweeps.forms.sections import (
    UPDATES,
    Chosen,
    Section,
    UnfitSelect,
    kind_fields,
    option_name,
    place_kind,
    read_kind,
    reason_notes,
)
from sweeps.validation.backend.wandb import API_KEY
from sweeps.validation.text import shown

START: Final = "wandb-"
SERVERS: Final = [("hpweb", "hpweb's own endpoint, nothing to set up"), ("wandb", "W&B, by the team's key")]
NAMES: Final = {
    "project": ("Project", "Empty: hpweb."),
    "entity": ("Entity", "The team or user at W&B. Empty: the key's own."),
    "sweep_name": ("Name of the sweep", "Empty: W&B makes one up."),
    "sweep_id": ("Existing sweep", "Its id, to join it: then W&B's configuration decides, not the method above."),
}
OWN_BAYES: Final = (
    "On hpweb's own endpoint “Bayesian” is Optuna's TPE sampler, not W&B's algorithm: "
    "the trials differ from those that W&B would propose."
)


class WandbFields:
    name = "wandb"
    label = "Weights & Biases"
    help = "The W&B client asks for parameters: of hpweb's own endpoint, or of W&B. One objective, one process a trial."

    def fields(self, chosen: Chosen) -> dict[str, forms.Field]:
        own = chosen.value(f"{START}server") != "wandb"
        method = WANDB_METHODS.get(chosen.value(f"{START}method"))
        reasons = _unfit(chosen)
        fields: dict[str, forms.Field] = {
            f"{START}server": forms.ChoiceField(
                label="Server",
                choices=SERVERS,
                help_text=_server_help(chosen),
                widget=forms.Select(attrs=dict(UPDATES)),
            ),
            f"{START}method": forms.ChoiceField(
                label="Method",
                choices=[
                    (kind.name, f"{kind.label} (does not fit)" if kind.name in reasons else kind.label)
                    for kind in WANDB_METHODS.values()
                ],
                help_text=_method_help(method.name, method.help) if method else "",
                widget=UnfitSelect(unfit=set(reasons) - {chosen.value(f"{START}method")}, attrs=dict(UPDATES)),
            ),
        }
        fields |= kind_fields("early", "Early termination", WANDB_EARLY, chosen)
        for name, (label, hint) in NAMES.items():
            if own and name != "project" and not chosen.value(f"{START}{name}"):
                continue
            fields[f"{START}{name}"] = (
                _name(label, hint)
                if name != "sweep_name"
                else forms.CharField(label=label, required=False, max_length=128, help_text=hint)
            )
        return fields

    def sections(self, chosen: Chosen, bound: Bound) -> list[Section]:
        notes: tuple[str, ...] = ()
        if chosen.value(f"{START}server") != "wandb" and chosen.value(f"{START}method") == "bayes":
            notes += (OWN_BAYES,)
        early = chosen.value("early")
        return [
            Section(
                "search",
                "Search",
                [field for name in ("server", "method") for field in bound(f"{START}{name}")]
                + [*bound("sampler_seed")],
                notes=notes,
                reasons=reason_notes(_unfit(chosen)),
            ),
            Section(
                "early",
                "Early termination",
                [*bound("early")],
                [*bound("early-")],
                ("It compares evaluations, so eval_strategy must be epoch or steps.",)
                if early not in ("", NO_EARLY)
                else (),
            ),
            Section("names", "Names at W&B", [field for name in NAMES for field in bound(f"{START}{name}")]),
        ]

    def read(self, data: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "name": self.name,
            "server": data[f"{START}server"],
            "method": data[f"{START}method"],
            "early_terminate": read_kind("early", data),
            **{name: data.get(f"{START}{name}") or None for name in NAMES},
        }

    def shown(self, backend: AnyBackend) -> dict[str, Any]:
        wandb = backend if isinstance(backend, WandbBackend) else WandbBackend()
        early = wandb.early_terminate
        return {
            f"{START}server": wandb.server,
            f"{START}method": wandb.method,
            "early": early.name,
            **{option_name("early", early.name, name): shown(value) for name, value in early.options.items()},
            **{f"{START}{name}": getattr(wandb, name) or "" for name in NAMES},
        }

    def place(self, path: str, chosen: Callable[[str], str]) -> str:
        role, _, rest = path.partition(".")
        return place_kind("early", rest, chosen) if role == "early_terminate" else f"{START}{role}"


def _name(label: str, hint: str) -> forms.RegexField:
    return forms.RegexField(
        r"^[A-Za-z0-9_.-]+$",
        label=label,
        required=False,
        max_length=128,
        help_text=hint,
        error_messages={"invalid": f"{label}: letters, digits, dots, dashes and underscores only."},
    )


def _server_help(chosen: Chosen) -> str:
    if chosen.value(f"{START}server") != "wandb" or API_KEY in chosen.team.secrets:
        return ""
    address = reverse("teams:connections")
    # Nothing of this comes from a person.
    return mark_safe(f'The team has no {API_KEY} yet: <a href="{address}">enter it under Connections</a>.')  # noqa: S308


def _method_help(name: str, text: str) -> str:
    """Bayesian search has its own note, which says whose it is."""
    return text.partition(". ")[0] + "." if name == "bayes" else text


def _unfit(chosen: Chosen) -> dict[str, str]:
    """Method → why it does not fit the chosen space."""
    if chosen.space is None:
        return {}
    found = {}
    for name in WANDB_METHODS:
        method = cast("Any", name)
        problems = wandb_problems(chosen.space, WandbBackend(method=method))
        if problems:
            found[name] = problems[0]
    return found
