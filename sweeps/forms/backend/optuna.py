"""Optuna: sampler, fixed values, pruner, terminator."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from django import forms

from runners.optimizers.propose import propose_sampler
from runners.optimizers.pruners import NO_PRUNER, PRUNERS
from runners.optimizers.samplers import PARTIAL_FIXED, SAMPLERS, unfit
from runners.optimizers.terminators import TERMINATORS
from runners.protocol.backends import AnyBackend, NamedChoice, OptunaBackend
from runners.protocol.catalogue import Field
from runners.protocol.space import CategoricalParameter, FloatParameter, IntParameter
from sweeps.forms.backend.base import Bound
from sweeps.forms.catalogue_fields import UNSET, CatalogueField
from sweeps.forms.sections import Chosen, Section, kind_fields, option_name, place_kind, read_kind, reason_notes
from sweeps.validation.text import shown

FIXED: Final = "fixed-"
ONE_OBJECTIVE: Final = "With several objectives Optuna neither prunes trials nor ends a sweep early."


class FixedChoice(forms.ChoiceField):
    """One of a row's choices, typed; `UNSET` when the row stays open. The values are JSON, so that 8 and "8" differ."""

    def __init__(self, row: CategoricalParameter) -> None:
        choices = [("", "open"), *((json.dumps(choice), shown(choice)) for choice in row.choices)]
        super().__init__(choices=choices, required=False, label=row.name)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        return json.loads(text) if text else UNSET


class OptunaFields:
    name = "optuna"
    label = "Optuna"
    help = "Every sampler and pruner of Optuna, several objectives, and several processes for one trial."

    def fields(self, chosen: Chosen) -> dict[str, forms.Field]:
        fields = kind_fields("sampler", "Sampler", SAMPLERS, chosen, reasons=_unfit(chosen))
        if chosen.value("sampler") == PARTIAL_FIXED and chosen.space is not None:
            fields |= {f"{FIXED}{row.name}": _fixed(row) for row in chosen.space.parameters}
        if chosen.objectives == 1:
            fields |= kind_fields("pruner", "Pruner", PRUNERS, chosen)
            fields |= kind_fields("terminator", "Terminator", TERMINATORS, chosen, none="None")
        return fields

    def sections(self, chosen: Chosen, bound: Bound) -> list[Section]:
        notes: tuple[str, ...] = ()
        if chosen.value("sampler") == PARTIAL_FIXED:
            notes += ("Fix at least one parameter below; the others are drawn.",)
            if chosen.space is None:
                notes += ("Its parameters appear when a search space is chosen.",)
        proposal, proposed = _proposal(chosen)
        sampler = Section(
            "sampler",
            "Sampler",
            [*bound("sampler"), *bound("sampler_seed"), *bound(FIXED)],
            [*bound("sampler-")],
            notes,
            reason_notes(_unfit(chosen)),
            proposal,
            proposed,
        )
        if chosen.objectives > 1:
            return [sampler, Section("pruner", "Ending early", [], notes=(ONE_OBJECTIVE,))]
        pruner = Section("pruner", "Pruner", [*bound("pruner")], [*bound("pruner-")])
        terminator = Section(
            "terminator",
            "Terminator",
            [*bound("terminator")],
            [*bound("terminator-")],
            () if chosen.value("terminator") else ("Can end the whole sweep before its last trial.",),
        )
        return [sampler, pruner, terminator]

    def read(self, data: Mapping[str, Any]) -> dict[str, Any]:
        fixed = {
            name.removeprefix(FIXED): value
            for name, value in data.items()
            if name.startswith(FIXED) and value is not UNSET
        }
        return {
            "name": self.name,
            "sampler": read_kind("sampler", data),
            "pruner": read_kind("pruner", data) if "pruner" in data else {"name": NO_PRUNER},
            "terminator": read_kind("terminator", data) if data.get("terminator") else None,
            "fixed": fixed,
        }

    def shown(self, backend: AnyBackend) -> dict[str, Any]:
        if not isinstance(backend, OptunaBackend):
            return {"sampler": "tpe", "pruner": NO_PRUNER, "terminator": ""}
        data: dict[str, Any] = {"terminator": ""}
        kinds: list[tuple[str, NamedChoice]] = [("sampler", backend.sampler), ("pruner", backend.pruner)]
        if backend.terminator is not None:
            kinds.append(("terminator", backend.terminator))
        for role, choice in kinds:
            data[role] = choice.name
            data |= {option_name(role, choice.name, name): shown(value) for name, value in choice.options.items()}
        for name, value in backend.fixed.items():
            # A select holds JSON, a number is the same in both.
            data[f"{FIXED}{name}"] = json.dumps(value)
        return data

    def place(self, path: str, chosen: Callable[[str], str]) -> str:
        role, _, rest = path.partition(".")
        if role == "fixed":
            return f"{FIXED}{rest}" if rest else "sampler"
        return place_kind(role, rest, chosen)


def _fixed(row: FloatParameter | IntParameter | CategoricalParameter) -> forms.Field:
    if isinstance(row, CategoricalParameter):
        return FixedChoice(row)
    field = Field(name=row.name, type=row.type, minimum=row.low, maximum=row.high)
    return CatalogueField(field, default=f"open, {shown(row.low)} to {shown(row.high)}")


def _unfit(chosen: Chosen) -> dict[str, str]:
    """Sampler → why it does not fit the chosen space and objectives."""
    if chosen.space is None:
        return {}
    reasons = {name: unfit(name, chosen.space, chosen.objectives) for name in SAMPLERS}
    return {name: reason for name, reason in reasons.items() if reason}


def _proposal(chosen: Chosen) -> tuple[str, str]:
    """A sentence on the sampler for this budget, and its name where another one is chosen."""
    n_trials = chosen.number("n_trials")
    if chosen.space is None or not n_trials:
        return "", ""
    name, reason = propose_sampler(chosen.space, n_trials, chosen.objectives, chosen.number("children") or 1)
    taken = chosen.value("sampler") == name
    said = "fits your budget" if taken else "would fit your budget"
    return f"{SAMPLERS[name].label} {said}: {reason}", "" if taken else name
