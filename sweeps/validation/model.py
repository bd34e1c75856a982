"""A model of the library: where its weights come from, and its tokenizer or image processor."""

import re
from typing import Final

from runners.protocol.catalogue import ModelType, Task, catalogue
from runners.protocol.spec import (
    ConfigModel,
    FieldValue,
    FolderModel,
    HubModel,
    ModelProcessor,
    ModelSource,
    NewImageProcessor,
    ProcessorSource,
    TrainedTokenizer,
)
from sweeps.validation.problems import Problem
from sweeps.validation.relations import broken, filled_config
from sweeps.validation.values import typed

HUB_ID: Final = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?")
REVISION: Final = re.compile(r"[A-Za-z0-9][\w./-]*")

PROCESSORS: Final = {
    "text": ("tokenizer", "train one on the data set"),
    "image": ("image processor", "make a new image processor"),
    "audio": ("feature extractor", "make a new feature extractor"),
}
"""What goes before the model, and how to get one for a new model, by modality."""
THINGS: Final = {"text": "Texts", "image": "Images", "audio": "Sounds"}


def check_model(task: str, source: ModelSource, processor: ProcessorSource) -> list[Problem]:
    """Problems at `task`, `source.<field>`, `source.fields.<name>` and `processor.<field>`."""
    known = catalogue().task(task)
    if known is None:
        names = ", ".join(entry.name for entry in catalogue().tasks)
        return [Problem("task", f"Choose a task: {names}.")]
    return [*check_source(known, source), *_processor(known, source, processor)]


def check_source(task: Task, source: ModelSource) -> list[Problem]:
    """Problems of the weights' source alone."""
    match source:
        case HubModel():
            return _hub("source", source)
        case FolderModel():
            return _folder("source", source)
        case ConfigModel():
            return _config(task, source)


def _hub(path: str, hub: HubModel) -> list[Problem]:
    problems = []
    if len(hub.id) > 96 or not HUB_ID.fullmatch(hub.id) or ".." in hub.id or "--" in hub.id:
        problems.append(
            Problem(
                f"{path}.id", "That is no Hub id. It looks like owner/name, such as google/bert_uncased_L-2_H-128_A-2."
            )
        )
    if hub.revision is not None and (len(hub.revision) > 200 or not REVISION.fullmatch(hub.revision)):
        problems.append(
            Problem(
                f"{path}.revision",
                "A revision is a branch, a tag or a commit, such as main. Leave it empty for the default.",
            )
        )
    return problems


def _folder(path: str, folder: FolderModel) -> list[Problem]:
    parts = folder.path.replace("\\", "/").split("/")
    if not folder.path.isprintable():
        return [Problem(f"{path}.path", "The path has characters that can't be shown; type it anew.")]
    if ".." in parts:
        return [
            Problem(f"{path}.path", "The path may not go upwards (..): name the folder from one of the runner's roots.")
        ]
    return []


def _config(task: Task, source: ConfigModel) -> list[Problem]:
    model_type = catalogue().model_type(source.model_type)
    if model_type is None or not task.takes(model_type):
        fitting = ", ".join(entry.name for entry in catalogue().model_types if task.takes(entry))
        return [Problem("source.model_type", f"Choose an architecture for {task.label.lower()}: {fitting}.")]
    problems = []
    good: dict[str, FieldValue] = {}
    for name, value in source.fields.items():
        field = model_type.by_name.get(name)
        if field is None:
            problems.append(
                Problem(f"source.fields.{name}", f"{model_type.label} has no config field {name}: take it out.")
            )
            continue
        try:
            good[name] = typed(field, value)
        except ValueError as error:
            problems.append(Problem(f"source.fields.{name}", str(error)))
    if not problems:
        problems = _relations(model_type, good)
    return problems


def _relations(model_type: ModelType, fields: dict[str, FieldValue]) -> list[Problem]:
    found = []
    for relation in broken(filled_config(model_type, fields)):
        # Beside the field that was changed, if only one of them was.
        at = next((name for name in relation.fields if name in fields), relation.fields[0])
        found.append(Problem(f"source.fields.{at}", relation.message))
    return found


def typed_source(source: ModelSource) -> ModelSource:
    """The source with its config fields typed by the catalogue and in the catalogue's order. It must be good."""
    model_type = catalogue().model_type(source.model_type) if isinstance(source, ConfigModel) else None
    if not isinstance(source, ConfigModel) or model_type is None:
        return source
    fields = {
        field.name: typed(field, source.fields[field.name])
        for field in model_type.fields
        if field.name in source.fields
    }
    return ConfigModel(model_type=source.model_type, fields=fields)


def _processor(task: Task, source: ModelSource, processor: ProcessorSource) -> list[Problem]:
    what, made = PROCESSORS[task.modality]
    match processor:
        case HubModel():
            return _hub("processor", processor)
        case FolderModel():
            return _folder("processor", processor)
        case ModelProcessor() if isinstance(source, ConfigModel):
            message = f"A model from a config has no {what} beside it: {made}, or name another model's."
            return [Problem("processor.source", message)]
        case TrainedTokenizer() if task.modality != "text":
            return [Problem("processor.source", f"{THINGS[task.modality]} have no tokenizer: {made}.")]
        case NewImageProcessor() if task.modality == "text":
            return [Problem("processor.source", "Texts have no image processor: train a tokenizer.")]
        case TrainedTokenizer() | NewImageProcessor() if not isinstance(source, ConfigModel):
            return [Problem("processor.source", f"Pretrained weights know only their own {what}: take the model's.")]
        case _:
            return []
