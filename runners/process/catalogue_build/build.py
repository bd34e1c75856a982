"""Joins the library's types and defaults with our words."""

import dataclasses
import json
import types
import typing
from enum import Enum
from importlib.metadata import version
from typing import Any

from runners.process.catalogue_build.arguments import ARGUMENTS, MANAGED
from runners.process.catalogue_build.lora import LORA
from runners.process.catalogue_build.models import MODEL_TYPES
from runners.process.catalogue_build.models.fields import FIELDS
from runners.process.catalogue_build.presets import PRESETS
from runners.process.catalogue_build.tasks import TASKS
from runners.process.catalogue_build.words import Words, proposal
from runners.protocol.catalogue.shapes import Catalogue, Field, FieldType, ModelType


def build() -> Catalogue:
    """The catalogue of the installed transformers. Raises ValueError when a training argument has no words."""
    return Catalogue(
        versions={name: version(name) for name in ("transformers", "optuna")},
        arguments=_arguments(),
        managed=MANAGED,
        model_types=tuple(_model_type(name) for name in MODEL_TYPES),
        tasks=TASKS,
        presets=PRESETS,
        lora=LORA,
    )


def to_json(catalogue: Catalogue) -> str:
    """Stable text, so that a change shows as a small difference."""
    return json.dumps(catalogue.model_dump(mode="json"), indent=1, sort_keys=True) + "\n"


def _arguments() -> tuple[Field, ...]:
    from transformers import TrainingArguments

    hints = typing.get_type_hints(TrainingArguments)
    fields = {field.name: field for field in dataclasses.fields(TrainingArguments) if field.init}
    strange = set(fields) ^ (set(ARGUMENTS) | set(MANAGED))
    if strange:
        raise ValueError(f"TrainingArguments and our words differ in: {', '.join(sorted(strange))}.")
    return tuple(_field(name, hints[name], fields[name].default, words) for name, words in ARGUMENTS.items())


def _model_type(name: str) -> ModelType:
    from transformers import AutoConfig

    architecture = MODEL_TYPES[name]
    config = AutoConfig.for_model(name)
    # Not typing.get_type_hints: some annotations of the base class name things that are imported for checkers only.
    hints = {
        key: hint
        for base in reversed(type(config).__mro__)
        for key, hint in vars(base).get("__annotations__", {}).items()
    }
    fields = tuple(
        _field(field, hints[field], getattr(config, field), FIELDS[field], prefix="model.")
        for field in architecture.fields
    )
    return ModelType(
        name=name,
        label=architecture.label,
        modality=architecture.modality,
        fields=fields,
        auto_classes=_auto_classes(type(config)),
    )


def _auto_classes(config: type) -> tuple[str, ...]:
    """The auto classes of our tasks that have a model for this config."""
    import transformers

    names = sorted({task.auto_class for task in TASKS})
    return tuple(name for name in names if config in getattr(transformers, name)._model_mapping)  # noqa: SLF001 - nothing public says it


def _field(name: str, hint: Any, default: Any, words: Words, prefix: str = "") -> Field:
    kind, nullable, choices = _type(hint)
    if words.choices:
        kind, choices = "choice", words.choices
    elif choices:
        kind = "choice"
    if isinstance(default, Enum):
        default = default.value
    if isinstance(default, tuple):
        default = list(default)
    if kind == "float" and isinstance(default, int):
        default = float(default)
    row = proposal(prefix + name, kind, words)
    return Field(
        name=name,
        type=kind,
        nullable=nullable,
        default=default,
        choices=choices,
        help=words.help,
        group=words.group,
        minimum=words.minimum,
        maximum=words.maximum,
        searchable=not words.reason,
        reason=words.reason,
        proposal=row,
        reshapes=words.reshapes,
    )


def _type(hint: Any) -> tuple[FieldType, bool, tuple[str, ...]]:
    """(type, nullable, choices) of an annotation; of a union the simplest member that a form can show."""
    members = typing.get_args(hint) if typing.get_origin(hint) in {typing.Union, types.UnionType} else (hint,)
    nullable = type(None) in members
    for member in members:
        if isinstance(member, type) and issubclass(member, Enum):
            return "choice", nullable, tuple(item.value for item in member)
    if dict in members:
        return "json", nullable, ()
    simple: tuple[tuple[type, FieldType], ...] = ((float, "float"), (bool, "bool"), (int, "int"), (str, "str"))
    for python_type, kind in simple:
        if python_type in members:
            return kind, nullable, ()
    if any(typing.get_origin(member) in {list, tuple} for member in members):
        return "list", nullable, ()
    raise ValueError(f"no field type for {hint!r}.")
