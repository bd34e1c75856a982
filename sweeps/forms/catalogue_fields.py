"""A form field for one field of the catalogue: typed by it, empty for its default."""

from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import escape

from runners.optimizers.options import Option
from runners.protocol.catalogue import Field
from sweeps.validation.text import shown
from sweeps.validation.values import parsed


class Unset:
    """Left empty: the default holds, and nothing is stored."""

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset()


class CatalogueField(forms.CharField):
    """Cleans to the typed value, or to `UNSET` when it was left empty.

    `none` is typed for a field that may be empty but is not so by default.
    """

    def __init__(self, field: Field, *, label: str = "", default: str = "") -> None:
        self.known = field
        default = default or _default_text(field)
        super().__init__(
            required=False, label=label or field.name, help_text=escape(field.help), widget=_widget(field, default)
        )

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if text in self.empty_values:
            return UNSET
        try:
            return parsed(self.known, str(text))
        except ValueError as error:
            raise ValidationError(str(error)) from None

    def validate(self, value: Any) -> None:
        """Nothing more: `to_python` has it all."""

    def prepare_value(self, value: Any) -> Any:
        """What stands in the control: a stored value as text, what was typed as it was typed."""
        if value is None or value is UNSET or value == "":
            return ""
        return value if isinstance(value, str) else shown(value)


def option_field(option: Option) -> Field:
    """An option of a sampler or pruner as a field, so that both are read and shown alike."""
    return Field(
        name=option.name,
        type=option.type,
        nullable=option.default is None,
        default=option.default,
        help=option.help,
        minimum=option.minimum,
        maximum=option.maximum,
    )


def _default_text(field: Field) -> str:
    return "none" if field.default is None else shown(field.default)


def _widget(field: Field, default: str) -> forms.Widget:
    choices = field.choices if field.type == "choice" else ()
    if field.type == "bool":
        choices = ("true", "false")
    if choices:
        empty = f"{default} (default)" if default != "none" else "default"
        extra = [("none", "none")] if field.nullable and field.default is not None else []
        return forms.Select(choices=[("", empty), *((choice, choice) for choice in choices), *extra])
    attrs = {"placeholder": default, "autocomplete": "off", "spellcheck": "false"}
    if field.type in ("int", "float"):
        attrs["inputmode"] = "numeric" if field.type == "int" else "decimal"
    return forms.TextInput(attrs=attrs)
