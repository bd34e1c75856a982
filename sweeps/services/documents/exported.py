"""A sweep, a space or a model as a document: JSON's types, and as YAML text. `imported` makes the same of it again."""

from typing import Any, Final

from pydantic import BaseModel

from runners.protocol.backends import AnyBackend, NamedChoice
from runners.protocol.script import is_script
from runners.protocol.space import SearchSpace as Space
from sweeps.models import Model, SearchSpace, Sweep
from sweeps.services.clone import thawed
from sweeps.services.documents.parts import named, named_version
from sweeps.services.documents.rows import rows_of
from sweeps.services.documents.yaml_text import Line, dump
from sweeps.services.drafts import read_draft
from sweeps.validation.draft import Draft
from sweeps.validation.problems import Invalid, Problem
from sweeps.validation.sweep import PROCESSOR, SOURCE

DEFAULTS: Final = Draft()
PLAIN: Final = ("threads", "children", "max_children", "processes", "report_to", "keep_best")
"""Left out of a document where they have their default, as `lora`, `arguments`, `data_settings`, `checkpoints` and `requirements` are."""

SWEEP_HEAD: Final = "A sweep of hpweb. To make it again: hpweb sweep create FILE, or Sweeps, From YAML."
SPACE_HEAD: Final = (
    "A search space of hpweb. To make it again: hpweb space create FILE, or Search spaces, New, From YAML."
)
MODEL_HEAD: Final = "A model of hpweb. To make it again: hpweb model create FILE, or Models, New, From YAML."
COMMENTS: Final = {
    "model": "Parts of the team's library: found by name, and by id where no part has the name.",
    "space": "What is searched, in the order of drawing.",
    "budget": "timeout_s: seconds, after which no trial starts.",
    "arguments": "TrainingArguments that every trial has.",
    "seed": "seed is that of training, sampler_seed that of the draws.",
}


def sweep_document(sweep: Sweep) -> dict[str, Any]:
    """Raises `Invalid` for a script's sweep, which no form and no document can make."""
    if is_script(sweep.spec):
        raise Invalid([Problem("", "A script's sweep has no YAML: run the script again for another one.")])
    draft = read_draft(sweep) if sweep.spec is None else thawed(sweep)
    document: dict[str, Any] = {"kind": "sweep", "name": sweep.name}
    if sweep.description:
        document["description"] = sweep.description
    if sweep.model:
        document["model"] = named(sweep.model)
    if sweep.dataset_version:
        document["data"] = named_version(sweep.dataset_version)
    if draft.space is not None:
        document["space"] = rows_of(draft.space)
    elif sweep.space:
        document["space"] = named(sweep.space)
    return document | _settings(draft)


def space_document(space: SearchSpace) -> dict[str, Any]:
    return _part("space", space) | {"space": rows_of(Space.model_validate(space.space))}


def model_document(model: Model) -> dict[str, Any]:
    source = SOURCE.validate_python(model.source)
    processor = PROCESSOR.validate_python(model.processor)
    return _part("model", model) | {
        "source": {"source": source.source, **_changed(source, "source")},
        "processor": {"source": processor.source, **_changed(processor, "source")},
    }


def sweep_yaml(sweep: Sweep) -> str:
    """Raises `Invalid` as `sweep_document`."""
    return dump(sweep_document(sweep), head=SWEEP_HEAD, comments=COMMENTS)


def space_yaml(space: SearchSpace) -> str:
    return dump(space_document(space), head=SPACE_HEAD, comments={"space": COMMENTS["space"]})


def model_yaml(model: Model) -> str:
    comments = {"source": "Only the config's fields that differ from their defaults."} if _from_config(model) else {}
    return dump(model_document(model), head=MODEL_HEAD, comments=comments)


def _part(kind: str, part: Model | SearchSpace) -> dict[str, Any]:
    fields = {"kind": kind, "name": part.name, "description": part.description, "task": part.task}
    return {name: value for name, value in fields.items() if value}


def _settings(draft: Draft) -> dict[str, Any]:
    told: dict[str, Any] = {
        "objectives": [Line(metric=one.metric, direction=one.direction, **_changed(one)) for one in draft.objectives],
        "budget": draft.budget.model_dump(mode="json", exclude_none=True),
        "backend": _backend(draft.backend),
    }
    for name in ("arguments", "data_settings"):
        if getattr(draft, name):
            told[name] = getattr(draft, name)
    if draft.lora is not None:
        told["lora"] = draft.lora.model_dump(mode="json")
    told |= {"seed": draft.seed, "sampler_seed": draft.sampler_seed}
    told |= {name: getattr(draft, name) for name in PLAIN if getattr(draft, name) != getattr(DEFAULTS, name)}
    if draft.checkpoints != DEFAULTS.checkpoints:
        told["checkpoints"] = Line(draft.checkpoints.model_dump(mode="json", exclude_none=True))
    if draft.requirements != DEFAULTS.requirements:
        told["requirements"] = Line(draft.requirements.model_dump(mode="json", exclude_defaults=True))
    return told


def _backend(backend: AnyBackend) -> dict[str, Any]:
    """Its choices by name alone where they have no options; who proposes is always said."""
    told: dict[str, Any] = {"name": backend.name}
    for name in type(backend).model_fields:
        value = getattr(backend, name)
        if isinstance(value, NamedChoice):
            told[name] = {"name": value.name, "options": value.options} if value.options else value.name
        elif name != "name" and value not in (None, (), {}):
            told[name] = value
    return told


def _changed(thing: BaseModel, *leave: str) -> dict[str, Any]:
    """Its fields that differ from their defaults, but for those that a document always says."""
    return thing.model_dump(mode="json", exclude_defaults=True, exclude={*leave, "metric", "direction"})


def _from_config(model: Model) -> bool:
    return bool(model.source.get("source") == "config" and model.source.get("fields"))
