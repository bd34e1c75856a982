"""The shapes of the catalogue."""

from functools import cached_property
from typing import Literal

from runners.protocol.base import Message, Scalar
from runners.protocol.space import Parameter, Place, SearchSpace, field_of, place_of
from runners.protocol.spec import FieldValue

FieldType = Literal["float", "int", "bool", "str", "choice", "list", "json"]
Modality = Literal["text", "image", "audio"]


class Field(Message):
    """One thing that may be set: a training argument, a field of a model's config, or a setting of the data.

    `minimum` and `maximum` are what works at all, both included. `proposal` is a row to start from when the field is
    searched. `reason` says why it cannot be searched, where `searchable` is false. `reshapes` marks a config field
    that changes the shapes of the weights, which pretrained weights do not allow.
    """

    name: str
    type: FieldType
    nullable: bool = False
    default: FieldValue = None
    choices: tuple[str, ...] = ()
    help: str = ""
    group: str = ""
    minimum: float | None = None
    maximum: float | None = None
    searchable: bool = True
    reason: str = ""
    proposal: Parameter | None = None
    reshapes: bool = False


class ModelType(Message):
    """An architecture that can be built from its config with random weights.

    `auto_classes`: those of transformers that have a model of it.
    """

    name: str
    label: str
    modality: Modality
    fields: tuple[Field, ...]
    auto_classes: tuple[str, ...] = ()

    @cached_property
    def by_name(self) -> dict[str, Field]:
        return {field.name: field for field in self.fields}


class MetricInfo(Message):
    """A metric as the Trainer names it, and which direction is better."""

    name: str
    label: str
    direction: Literal["minimize", "maximize"]
    help: str


class Task(Message):
    name: str
    label: str
    modality: Modality
    auto_class: str
    metrics: tuple[MetricInfo, ...]
    settings: tuple[Field, ...]

    @cached_property
    def by_name(self) -> dict[str, Field]:
        """The data settings by name, without the place."""
        return {field.name: field for field in self.settings}

    def takes(self, model_type: ModelType) -> bool:
        """Whether a new model of this type can be trained for the task."""
        return self.modality == model_type.modality and self.auto_class in model_type.auto_classes


class Preset(Message):
    """A search space to start from."""

    name: str
    label: str
    help: str
    space: SearchSpace


class Catalogue(Message):
    """`managed`: training arguments that a sweep may not set, with the reason. `lora`: fields of the adapters."""

    versions: dict[str, str]
    arguments: tuple[Field, ...]
    managed: dict[str, str]
    model_types: tuple[ModelType, ...]
    tasks: tuple[Task, ...]
    presets: tuple[Preset, ...]
    lora: tuple[Field, ...] = ()

    @cached_property
    def arguments_by_name(self) -> dict[str, Field]:
        return {field.name: field for field in self.arguments}

    @cached_property
    def lora_by_name(self) -> dict[str, Field]:
        return {field.name: field for field in self.lora}

    def model_type(self, name: str) -> ModelType | None:
        return next((model_type for model_type in self.model_types if model_type.name == name), None)

    def task(self, name: str) -> Task | None:
        return next((task for task in self.tasks if task.name == name), None)

    def field(self, parameter: str, *, task: str, model_type: str | None) -> Field | None:
        """The field that a parameter's name means, or None when it acts nowhere.

        `model_type` is the architecture where it is known; without it every config field of the task's architectures
        is accepted.
        """
        name = field_of(parameter)
        match place_of(parameter):
            case Place.ARGUMENTS:
                return self.arguments_by_name.get(name)
            case Place.DATA:
                entry = self.task(task)
                return entry.by_name.get(name) if entry else None
            case Place.MODEL:
                return self._config_field(name, task, model_type)
            case Place.LORA:
                return self.lora_by_name.get(name)
            case Place.VARIABLE:
                return None

    def _config_field(self, name: str, task: str, model_type: str | None) -> Field | None:
        entry = self.task(task)
        if entry is None:
            return None
        for candidate in self.model_types:
            wanted = candidate.name == model_type if model_type else candidate.modality == entry.modality
            if wanted and name in candidate.by_name:
                return candidate.by_name[name]
        return None


def value_type(value: Scalar) -> str:
    """What a person calls the type of `value`."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true/false"
        case int():
            return "a whole number"
        case float():
            return "a number"
        case _:
            return "text"
