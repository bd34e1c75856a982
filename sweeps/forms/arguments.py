"""Fixed training arguments and data settings, as fields of the catalogue."""

from collections.abc import Callable
from typing import Final

from django import forms

from runners.protocol.catalogue import catalogue
from sweeps.forms.catalogue_fields import CatalogueField

ARGUMENT: Final = "arg-"
SETTING: Final = "data-"

COMMON: Final = (
    "num_train_epochs",
    "max_steps",
    "learning_rate",
    "per_device_train_batch_size",
    "per_device_eval_batch_size",
    "eval_strategy",
    "eval_steps",
    "logging_steps",
    "weight_decay",
    "warmup_steps",
    "lr_scheduler_type",
)
"""The arguments that stand open in the form; the others are below their group's heading."""

FIXABLE: Final = tuple(field for field in catalogue().arguments if field.name != "seed")
"""The sweep's own seed is `seed`, so it is no argument here."""

Group = tuple[str, int, bool, list[forms.BoundField]]


def argument_fields(task: str) -> dict[str, forms.Field]:
    """Name → field: every argument, and the settings of the task, or of all while none is decided."""
    fields: dict[str, forms.Field] = {f"{ARGUMENT}{known.name}": CatalogueField(known) for known in FIXABLE}
    for entry in catalogue().tasks:
        if task in ("", entry.name):
            for setting in entry.settings:
                fields.setdefault(f"{SETTING}{setting.name}", CatalogueField(setting))
    return fields


def further(bound: Callable[[str], forms.BoundField]) -> list[Group]:
    """(group, how many are set, has errors, fields) of the arguments that don't stand open, in the catalogue's order."""
    groups: dict[str, list[forms.BoundField]] = {}
    for argument in FIXABLE:
        if argument.name not in COMMON:
            groups.setdefault(argument.group, []).append(bound(f"{ARGUMENT}{argument.name}"))
    return [
        (
            group.capitalize(),
            sum(bool(field.value()) for field in fields),
            any(field.errors for field in fields),
            fields,
        )
        for group, fields in groups.items()
    ]
