"""What the sweep's form is made of: sections, the choices made so far, and fields for a table's entries."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from django import forms

from runners.optimizers.options import Option
from runners.protocol.space import SearchSpace
from sweeps.forms.catalogue_fields import UNSET, CatalogueField, option_field
from sweeps.validation.team import TeamSettings

UPDATES: Final = {"data-update": True}
"""Of a control whose change asks for other fields (static/js/form-swap.js)."""


@dataclass(frozen=True)
class Chosen:
    """What is chosen now, before anything is judged. `value` and `values` read the form as it was sent or first shown."""

    value: Callable[[str], str]
    values: Callable[[str], list[str]]
    task: str
    space: SearchSpace | None
    objectives: int
    team: TeamSettings

    def number(self, name: str) -> int | None:
        """A whole number that was typed, or None."""
        text = self.value(name)[:12]
        return int(text) if text.isdecimal() and text.isascii() else None


@dataclass
class Section:
    """A card of the form. `options` stand below the fields, closed unless one is set; `notes` are sentences under them,
    `reasons` why some choices are out of reach.

    `proposal`: a sentence; `proposed`: the choice that its button takes, or nothing where it is taken already.
    """

    key: str
    heading: str
    fields: list[forms.BoundField]
    options: list[forms.BoundField] = field(default_factory=list)
    notes: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    proposal: str = ""
    proposed: str = ""

    @property
    def options_set(self) -> int:
        return sum(bool(option.value()) for option in self.options)

    @property
    def options_open(self) -> bool:
        return bool(self.options_set) or any(option.errors for option in self.options)


class Kind(Protocol):
    """An entry of a table in `runners.optimizers`."""

    @property
    def name(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def help(self) -> str: ...
    @property
    def options(self) -> tuple[Option, ...]: ...


class UnfitSelect(forms.Select):
    """A select whose choices may be out of reach: they are shown, and can't be chosen."""

    def __init__(self, unfit: Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.unfit = frozenset(unfit)

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        if str(value) in self.unfit:
            option["attrs"]["disabled"] = True
        return option


def option_name(role: str, kind: str, option: str) -> str:
    """The form's field for an option of a table's entry."""
    return f"{role}-{kind}-{option}"


def kind_fields(
    role: str,
    label: str,
    kinds: Mapping[str, Kind],
    chosen: Chosen,
    *,
    reasons: Mapping[str, str] | None = None,
    none: str = "",
) -> dict[str, forms.Field]:
    """A choice among the entries, and a field for each option of the chosen one.

    `reasons`: entries that don't fit, with why. The chosen one stays in reach, so that it is sent and refused with its
    reason. `none`: the label of an empty first choice.
    """
    reasons = reasons or {}
    name = chosen.value(role)
    choices = [("", none)] if none else []
    choices += [
        (kind.name, f"{kind.label} (does not fit)" if kind.name in reasons else kind.label) for kind in kinds.values()
    ]
    kind = kinds.get(name)
    fields: dict[str, forms.Field] = {
        role: forms.ChoiceField(
            label=label,
            required=not none,
            choices=choices,
            help_text=kind.help if kind else "",
            widget=UnfitSelect(unfit=set(reasons) - {name}, attrs=dict(UPDATES)),
        )
    }
    for option in kind.options if kind else ():
        fields[option_name(role, name, option.name)] = CatalogueField(option_field(option), label=option.name)
    return fields


def reason_notes(reasons: Mapping[str, str]) -> tuple[str, ...]:
    """Why some entries do not fit: each reason once."""
    return tuple(dict.fromkeys(reasons.values()))


def read_kind(role: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """The chosen entry with the options that were set, as `NamedChoice` has it."""
    name = data[role]
    return {"name": name, "options": set_values(f"{role}-{name}-", data)}


def set_values(start: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """Field → value of those that begin with `start` and were not left empty."""
    return {
        name.removeprefix(start): value for name, value in data.items() if name.startswith(start) and value is not UNSET
    }


def place_kind(role: str, rest: str, chosen: Callable[[str], str]) -> str:
    """`options.gamma` → the option's field; `name` or nothing → the choice's."""
    first, _, option = rest.partition(".")
    return option_name(role, chosen(role), option) if first == "options" and option else role
