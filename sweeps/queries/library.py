"""What the pages of the library show: lists with how often a part is used, and parts in a few words."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, Q, QuerySet

from runners.protocol.catalogue import catalogue
from sweeps.models import Model, SearchSpace, Sweep
from teams.models import Team

FINISHED = ("complete", "fail", "cancelled")


def models_of(team: Team) -> QuerySet[Model]:
    """The team's models by name, each with `used`: how many sweeps name it."""
    return Model.objects.filter(team=team).annotate(used=Count("sweeps")).order_by("name")


def spaces_of(team: Team) -> QuerySet[SearchSpace]:
    """The team's search spaces by name, each with `used`: how many sweeps name it."""
    return SearchSpace.objects.filter(team=team).annotate(used=Count("sweeps")).order_by("name")


def sweeps_with(**part: Model | SearchSpace) -> QuerySet[Sweep]:
    """The last ten sweeps with that `model=` or `space=`."""
    return Sweep.objects.filter(Q(**part)).order_by("-created_at")[:10]


def source_words(source: Mapping[str, Any]) -> str:
    """Where the weights come from, in a few words."""
    match source.get("source"):
        case "hub":
            revision = f" at {source['revision']}" if source.get("revision") else ""
            return f"{source.get('id')}{revision}"
        case "folder":
            return str(source.get("path"))
        case _:
            name = str(source.get("model_type"))
            known = catalogue().model_type(name)
            return f"{known.label if known else name} from a config"


def processor_words(processor: Mapping[str, Any]) -> str:
    """The tokenizer or image processor, in a few words."""
    match processor.get("source"):
        case "model":
            return "the model's own"
        case "trained":
            letters = ", lower case" if processor.get("lowercase") else ""
            name = "WordPiece" if processor.get("algorithm") == "wordpiece" else "BPE"
            return f"{name} of {processor.get('vocab_size')} pieces, trained on the data set{letters}"
        case "new":
            return "new, made for the model"
        case _:
            return source_words(processor)


def processor_name(task: str) -> str:
    """What prepares the inputs of a task's models."""
    known = catalogue().task(task)
    names = {"image": "Image processor", "audio": "Feature extractor"}
    return names.get(known.modality, "Tokenizer") if known else "Tokenizer"


def space_words(space: Mapping[str, Any]) -> list[str]:
    """The names that a space searches, in its order."""
    return [str(row.get("name")) for row in space.get("parameters", [])]
