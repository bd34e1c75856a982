"""Making a sweep, a space or a model of a document, which `kind` tells apart."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from django.db import transaction
from pydantic import TypeAdapter, ValidationError

from sweeps.models import Model, SearchSpace, Sweep
from sweeps.services.documents.parts import find_part, find_version, is_reference
from sweeps.services.documents.rows import place, space_of
from sweeps.services.documents.sentences import problems_of
from sweeps.services.documents.yaml_text import check_storable
from sweeps.services.drafts import save_draft
from sweeps.services.library import save_model, save_space
from sweeps.validation.draft import Draft
from sweeps.validation.problems import Invalid, Problem
from sweeps.validation.sweep import PROCESSOR, SOURCE, TAGS
from teams.models import Team, User

Found = TypeVar("Found")

KINDS: Final = ("sweep", "space", "model")
OWN: Final = ("kind", "name", "description")


@dataclass(frozen=True)
class Imported:
    """What was made; of a sweep the draft."""

    kind: str
    thing: Sweep | SearchSpace | Model


@transaction.atomic
def import_document(*, team: Team, user: User, document: Mapping[str, Any], kind: str = "", name: str = "") -> Imported:
    """Make what the document says. `kind`: what it must be, where it need not say it; `name`: instead of its own.

    Raises `Invalid` with the document's own paths: `space.learning_rate.high`, `budget.n_trials`. A sweep may be as
    incomplete as any draft; a space or a model may not.
    """
    check_storable(document)
    told = str(document.get("kind") or kind or guessed(document))
    if told not in KINDS:
        raise Invalid([Problem("kind", f"Say what it is: kind: {', kind: '.join(KINDS)}.")])
    if kind and told != kind:
        raise Invalid([Problem("kind", f"This is a {told}, and a {kind} is wanted here.")])
    wrong = [Problem(key, "Write a text here.") for key in OWN if not isinstance(document.get(key, ""), str | None)]
    wanted = name or str(document.get("name") or "")
    if not wanted.strip():
        wrong.append(Problem("name", "Give it a name, such as name: My sweep."))
    if wrong:
        raise Invalid(wrong)
    about = {"team": team, "user": user, "name": wanted, "description": str(document.get("description") or "")}
    rest = {key: value for key, value in document.items() if key not in OWN}
    return Imported(told, _MAKERS[told](rest, about))


def guessed(document: Mapping[str, Any]) -> str:
    """The kind of a document that does not say it; empty where nothing tells."""
    if "source" in document:
        return "model"
    if "objectives" in document or "budget" in document:
        return "sweep"
    return ""


def _sweep(document: dict[str, Any], about: dict[str, Any]) -> Sweep:
    team: Team = about["team"]
    found = _Parts()
    model = found.get(lambda: find_part("model", Model, team, document.pop("model", None)))
    version = found.get(lambda: find_version(team, document.pop("data", None)))
    rows = document.pop("space", None)
    space = own = None
    if is_reference(rows):
        space = found.get(lambda: find_part("space", SearchSpace, team, rows))
    elif rows is not None:
        own = found.get(lambda: space_of(rows, task=model.task if model else ""))
    draft = found.get(lambda: _read_draft(document))
    found.refuse()
    assert draft is not None  # or it was refused
    draft = draft.model_copy(update={"space": own})
    return save_draft(**about, draft=draft, model=model, dataset_version=version, space=space)


def _space(document: dict[str, Any], about: dict[str, Any]) -> SearchSpace:
    task = _task(document)
    rows = document.pop("space", document.pop("parameters", None))
    found = _Parts()
    space = found.get(lambda: space_of(rows, task=task))
    found.none_left(document, "space")
    found.refuse()
    assert space is not None  # or it was refused
    try:
        return save_space(**about, task=task, parameters=space)
    except Invalid as refused:
        names = [{"name": row.name} for row in space.parameters]
        derived = [{"name": row.name} for row in space.derived]
        raise Invalid(
            place(problem, names, derived) if problem.path != "name" else problem for problem in refused.problems
        ) from None


def _model(document: dict[str, Any], about: dict[str, Any]) -> Model:
    task = _task(document)
    found = _Parts()
    source = found.get(lambda: _shape(SOURCE, "source", document.pop("source", None)))
    # Weights that exist have their processor beside them.
    processor = found.get(lambda: _shape(PROCESSOR, "processor", document.pop("processor", {"source": "model"})))
    found.none_left(document, "model")
    found.refuse()
    assert source is not None
    assert processor is not None
    return save_model(**about, task=task, source=source, processor=processor)


class _Parts:
    """Reads part by part, so that all that is wrong is said at once."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def get(self, read: Callable[[], Found]) -> Found | None:
        try:
            return read()
        except Invalid as error:
            self.problems += error.problems
            return None

    def none_left(self, document: Mapping[str, Any], kind: str) -> None:
        for key in document:
            self.problems.append(Problem(str(key), f"A {kind} has no field {key}: take it out."))

    def refuse(self) -> None:
        if self.problems:
            raise Invalid(self.problems)


def _task(document: dict[str, Any]) -> str:
    task = document.pop("task", None)
    if not isinstance(task, str | None):
        raise Invalid([Problem("task", "Write a task's name, such as text-classification.")])
    return task or ""


def _shape(adapter: TypeAdapter[Found], path: str, given: object) -> Found:
    if given is None:
        raise Invalid([Problem(path, f"{path} is missing: give it.")])
    try:
        return adapter.validate_python(given)
    except ValidationError as error:
        raise Invalid(problems_of(error, path, TAGS)) from None


def _read_draft(document: dict[str, Any]) -> Draft:
    try:
        return Draft.model_validate(
            {key: _LONG[key](value) if key in _LONG else value for key, value in document.items()}
        )
    except ValidationError as error:
        raise Invalid(problems_of(error, tags=TAGS)) from None


def _backend(value: object) -> object:
    """`tpe` for `{name: tpe}`, in every place where there is a choice by name."""
    if isinstance(value, str):
        return {"name": value}
    if not isinstance(value, Mapping):
        return value
    return {
        key: {"name": inner} if key in CHOICES and isinstance(inner, str) else inner for key, inner in value.items()
    }


def _list(value: object) -> object:
    return [value] if isinstance(value, Mapping | str) else value


CHOICES: Final = ("sampler", "pruner", "terminator", "search", "scheduler", "early_terminate")
_LONG: Final[Mapping[str, Callable[[object], object]]] = {"backend": _backend, "objectives": _list, "report_to": _list}
_MAKERS: Final[Mapping[str, Callable[[dict[str, Any], dict[str, Any]], Sweep | SearchSpace | Model]]] = {
    "sweep": _sweep,
    "space": _space,
    "model": _model,
}
