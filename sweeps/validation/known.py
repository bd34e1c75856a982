"""What a name means: the catalogue's field behind it, or the sentence that says why there is none."""

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from runners.protocol.catalogue import Field, catalogue
from runners.protocol.space import Place, field_of, place_of
from runners.protocol.spec import ConfigModel, ModelSource
from sweeps.validation.text import sentence

PLACES = {
    Place.ARGUMENTS: "Training arguments",
    Place.MODEL: "Model config",
    Place.DATA: "Data settings",
    Place.LORA: "Adapters (LoRA)",
}


@dataclass(frozen=True)
class Offer:
    """A name that a space may hold, or may not, with the reason."""

    name: str
    place: Place
    field: Field
    models: tuple[str, ...] = ()
    """For a config field: the architectures that have it."""

    @property
    def searchable(self) -> bool:
        return self.field.searchable


def model_type_of(source: ModelSource | None) -> str | None:
    """The architecture where the server knows it: for a model from a config."""
    return source.model_type if isinstance(source, ConfigModel) else None


def task_names(task: str) -> list[str]:
    """The task, or all of them when it is not decided."""
    return [task] if task else [entry.name for entry in catalogue().tasks]


def resolve(name: str, *, task: str = "", source: ModelSource | None = None) -> Field:
    """The searchable field that a parameter's name means.

    Without `task` a data setting or config field of any task is accepted, without `source` one of any architecture.
    Raises ValueError with a sentence that says why the name acts nowhere, or why it can't be searched. A variable acts
    nowhere by itself.
    """
    field = _find(name, task, source)
    if field is None:
        raise ValueError(_nowhere(name, task, source))
    if not field.searchable:
        raise ValueError(f"{name} can't be searched: {sentence(field.reason)}")
    if place_of(name) is Place.MODEL and field.reshapes and source is not None and not isinstance(source, ConfigModel):
        raise ValueError(
            f"{name} changes the shapes of the weights, and pretrained weights have theirs: take the row out, or choose "
            "a model from a config."
        )
    return field


def offers(*, task: str = "", source: ModelSource | None = None) -> list[Offer]:
    """Everything that exists, for the picker: arguments, data settings, adapters, config fields; in the catalogue's order."""
    found: dict[str, Offer] = {}
    for offer in _all(task, source):
        known = found.get(offer.name)
        if known is None:
            found[offer.name] = offer
        else:
            models = (*known.models, *offer.models)
            found[offer.name] = Offer(known.name, known.place, known.field, models)
    return list(found.values())


def argument(name: str) -> Field:
    """The training argument that a sweep may fix. Raises ValueError with the reason."""
    field = catalogue().arguments_by_name.get(name)
    if field is not None:
        return field
    reason = catalogue().managed.get(name)
    if reason:
        raise ValueError(f"{name} can't be set: {sentence(reason)}")
    raise ValueError(f"{name} is no training argument.{_hint(name, catalogue().arguments_by_name)}")


def _find(name: str, task: str, source: ModelSource | None) -> Field | None:
    for candidate in task_names(task):
        field = catalogue().field(name, task=candidate, model_type=model_type_of(source))
        if field is not None:
            return field
    return None


def _all(task: str, source: ModelSource | None) -> Iterator[Offer]:
    for field in catalogue().arguments:
        yield Offer(field.name, Place.ARGUMENTS, field)
    modalities = set()
    for name in task_names(task):
        entry = catalogue().task(name)
        if entry is not None:
            modalities.add(entry.modality)
            for field in entry.settings:
                yield Offer(f"data.{field.name}", Place.DATA, field)
    for field in catalogue().lora:
        yield Offer(f"lora.{field.name}", Place.LORA, field)
    only = model_type_of(source)
    for model_type in catalogue().model_types:
        if model_type.name == only if only else model_type.modality in modalities:
            for field in model_type.fields:
                yield Offer(f"model.{field.name}", Place.MODEL, field, (model_type.label,))


def _nowhere(name: str, task: str, source: ModelSource | None) -> str:
    place, field = place_of(name), field_of(name)
    if place is Place.ARGUMENTS and field in catalogue().managed:
        return f"{name} can't be searched: {sentence(catalogue().managed[field])}"
    names = [offer.name for offer in offers(task=task, source=source) if offer.searchable]
    what = {
        Place.ARGUMENTS: "there is no such training argument",
        Place.DATA: f"{_task_label(task)} has no such data setting",
        Place.MODEL: f"{_model_label(source)} has no such config field",
        Place.LORA: "adapters have no such field",
        Place.VARIABLE: "it is a variable, which derived values and conditions may read",
    }[place]
    same = [other for other in names if field_of(other) == field and other != name]
    hint = f" Did you mean {same[0]}?" if same else _hint(name, names)
    return f"{name} acts nowhere: {what}.{hint}"


def _hint(name: str, names: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(names), n=1)
    return f" Did you mean {near[0]}?" if near else " Choose a name from the list."


def _task_label(task: str) -> str:
    entry = catalogue().task(task)
    return entry.label.lower() if entry else "no task"


def _model_label(source: ModelSource | None) -> str:
    model_type = catalogue().model_type(model_type_of(source) or "")
    return model_type.label if model_type else "no model"
