"""Low-rank adapters: a box, and fields where it is ticked."""

from collections.abc import Mapping
from typing import Any, Final

from django import forms

from runners.protocol.catalogue import catalogue
from runners.protocol.spec import Lora
from sweeps.forms.catalogue_fields import CatalogueField
from sweeps.forms.sections import UPDATES, Chosen, set_values
from sweeps.validation.text import shown

LORA: Final = "lora"
START: Final = "lora-"
MODULES: Final = "target_modules"
HELP: Final = "Low-rank adapters: far fewer weights to train. For pretrained models; needs peft on the runner."


def lora_fields(chosen: Chosen) -> dict[str, forms.Field]:
    """The box; the adapters' fields below it where it is ticked."""
    searched = [row.name for row in chosen.space.parameters if row.name.startswith("lora.")] if chosen.space else []
    hint = HELP
    if searched and not chosen.value(LORA):
        hint = f"The space searches {', '.join(searched)}, so adapters are trained in any case."
    fields: dict[str, forms.Field] = {
        LORA: forms.BooleanField(
            label="Train adapters (LoRA), not the whole model",
            required=False,
            help_text=hint,
            widget=forms.CheckboxInput(attrs=dict(UPDATES)),
        )
    }
    if chosen.value(LORA):
        for field in catalogue().lora:
            fields[f"{START}{field.name}"] = CatalogueField(field, label=f"lora.{field.name}")
        fields[f"{START}{MODULES}"] = forms.CharField(
            label=f"lora.{MODULES}",
            required=False,
            max_length=500,
            help_text="Names of linear modules, such as query, value. Empty: peft's choice; all-linear: all.",
            widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        )
    return fields


def read_lora(data: Mapping[str, Any]) -> dict[str, Any] | None:
    """As the contract has it; None where the box is empty."""
    if not data.get(LORA):
        return None
    values = set_values(START, data)
    modules = str(values.pop(MODULES, ""))
    return {**values, MODULES: [name.strip() for name in modules.split(",") if name.strip()]}


def shown_lora(lora: Lora | None) -> dict[str, str]:
    """What a form that was sent with this would hold."""
    if lora is None:
        return {}
    data = {f"{START}{name}": shown(getattr(lora, name)) for name in ("r", "alpha", "dropout")}
    return {LORA: "on", **data, f"{START}{MODULES}": ", ".join(lora.target_modules)}
