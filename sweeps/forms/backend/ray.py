"""Ray Tune: search, scheduler with its mutations, resources, cluster."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django import forms

from runners.optimizers.ray_choices import RAY_SCHEDULERS, RAY_SEARCHES, ray_unfit
from runners.protocol.backends import AnyBackend, NamedChoice, RayBackend
from sweeps.forms.backend.base import NUMBER, Bound
from sweeps.forms.sections import (
    Chosen,
    Section,
    kind_fields,
    option_name,
    place_kind,
    read_kind,
    reason_notes,
)
from sweeps.validation.backend.ray import CHECKPOINTED, MAX_CPUS, MAX_GPUS
from sweeps.validation.text import shown

PBT: Final = "pbt"
START: Final = "ray-"
EVALUATED: Final = "A scheduler compares evaluations, so eval_strategy must be epoch or steps."
SAVED: Final = "Its trials go on from checkpoints, so save_strategy is set to eval_strategy when the sweep starts."


class RayFields:
    name = "ray"
    label = "Ray Tune"
    help = "Ray's search algorithms and schedulers, among them population-based training. One objective, one process a trial."

    def fields(self, chosen: Chosen) -> dict[str, forms.Field]:
        fields = kind_fields("search", "Search", RAY_SEARCHES, chosen, reasons=_unfit(chosen))
        fields |= kind_fields("scheduler", "Scheduler", RAY_SCHEDULERS, chosen)
        if chosen.value("scheduler") == PBT:
            fields[f"{START}mutations"] = forms.MultipleChoiceField(
                label="May change while a trial trains",
                required=False,
                choices=[(name, name) for name in _changeable(chosen)],
                widget=forms.CheckboxSelectMultiple,
            )
        fields[f"{START}cpus"] = _amount("CPUs of a trial", 0.01, MAX_CPUS)
        fields[f"{START}gpus"] = _amount(
            "GPUs of a trial", 0, MAX_GPUS, "A part such as 0.5 lets two trials share one GPU."
        )
        fields[f"{START}cluster"] = forms.ChoiceField(
            label="Cluster",
            required=False,
            choices=_clusters(chosen),
            help_text=""
            if chosen.team.ray_address
            else "A team with a Ray cluster enters its address under Connections.",
        )
        return fields

    def sections(self, chosen: Chosen, bound: Bound) -> list[Section]:
        scheduler = chosen.value("scheduler")
        notes: tuple[str, ...] = (EVALUATED,) if scheduler not in ("", "none") else ()
        if scheduler in CHECKPOINTED:
            notes += (SAVED,)
        if scheduler == PBT and not _changeable(chosen):
            notes += ("Only training arguments can change while a trial trains: choose a search space that has some.",)
        return [
            Section(
                "search",
                "Search",
                [*bound("search"), *bound("sampler_seed")],
                [*bound("search-")],
                reasons=reason_notes(_unfit(chosen)),
            ),
            Section(
                "scheduler",
                "Scheduler",
                [*bound("scheduler"), *bound(f"{START}mutations")],
                [*bound("scheduler-")],
                notes,
            ),
            Section(
                "resources",
                "Resources",
                [field for name in ("cpus", "gpus", "cluster") for field in bound(f"{START}{name}")],
                notes=("As many trials run side by side as “Trials at a time” says.",),
            ),
        ]

    def read(self, data: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "name": self.name,
            "search": read_kind("search", data),
            "scheduler": read_kind("scheduler", data),
            "cpus": data[f"{START}cpus"],
            "gpus": data[f"{START}gpus"],
            "mutations": data.get(f"{START}mutations") or [],
            "address": data[f"{START}cluster"] or None,
        }

    def shown(self, backend: AnyBackend) -> dict[str, Any]:
        ray = backend if isinstance(backend, RayBackend) else RayBackend()
        data: dict[str, Any] = {
            f"{START}cpus": shown(ray.cpus),
            f"{START}gpus": shown(ray.gpus),
            f"{START}cluster": ray.address or "",
            f"{START}mutations": list(ray.mutations),
        }
        kinds: list[tuple[str, NamedChoice]] = [("search", ray.search), ("scheduler", ray.scheduler)]
        for role, choice in kinds:
            data[role] = choice.name
            data |= {option_name(role, choice.name, name): shown(value) for name, value in choice.options.items()}
        return data

    def place(self, path: str, chosen: Callable[[str], str]) -> str:
        role, _, rest = path.partition(".")
        if role in ("search", "scheduler"):
            return place_kind(role, rest, chosen)
        if role == "mutations" and chosen("scheduler") != PBT:
            return "scheduler"
        return f"{START}cluster" if role == "address" else f"{START}{role}"


def _amount(label: str, least: float, most: float, hint: str = "") -> forms.FloatField:
    return forms.FloatField(
        label=label, min_value=least, max_value=most, help_text=hint, widget=forms.TextInput(attrs=dict(NUMBER))
    )


def _changeable(chosen: Chosen) -> list[str]:
    """Training arguments among the rows; and what was chosen before, so that it can be taken out."""
    rows = [row.name for row in chosen.space.parameters if "." not in row.name] if chosen.space else []
    return [*rows, *(name for name in chosen.values(f"{START}mutations") if name and name not in rows)]


def _clusters(chosen: Chosen) -> list[tuple[str, str]]:
    choices = [("", "A local Ray, started for the job and stopped with it")]
    known, kept = chosen.team.ray_address, chosen.value(f"{START}cluster")
    if known:
        choices.append((known, f"The team's cluster, {known}"))
    if kept and kept != known:
        choices.append((kept, f"{kept[:100]}, no longer the team's"))
    return choices


def _unfit(chosen: Chosen) -> dict[str, str]:
    """Search → why it does not fit the chosen space, or can't be used at all."""
    found = {}
    for kind in RAY_SEARCHES.values():
        reason = None
        if chosen.space is not None:
            scheduler = NamedChoice(name=kind.scheduler or "none")
            reason = ray_unfit(RayBackend(search=NamedChoice(name=kind.name), scheduler=scheduler), chosen.space)
        if reason:
            found[kind.name] = reason
    return found
