"""The library's things that a sweep's document names: by name, and by public id where the name is no more."""

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeVar

from sweeps.models import Dataset, DatasetVersion, Model, SearchSpace
from sweeps.models.library import LibraryObject
from sweeps.services.documents.yaml_text import Line
from sweeps.validation.problems import Invalid, Problem
from sweeps.validation.text import short
from teams.models import Team

Part = TypeVar("Part", Model, Dataset, SearchSpace)

WORDS: Final[dict[type[LibraryObject], str]] = {Model: "model", Dataset: "data set", SearchSpace: "search space"}
REFERENCE: Final = "Write its name, or {name: …, id: …}."
_VERSION: Final = re.compile(r"(?P<name>.+) v(?P<number>[1-9][0-9]{0,8})", re.DOTALL)


def named(part: Model | SearchSpace) -> Line:
    """How a document names a part."""
    return Line(name=part.name, id=part.public_id)


def named_version(version: DatasetVersion) -> Line:
    return Line(name=version.dataset.name, version=version.number, id=version.public_id)


def is_reference(value: object) -> bool:
    """Whether it names a part of the library, rather than holding rows."""
    if isinstance(value, Mapping):
        return bool(value) and set(value) <= {"name", "id"} and not any(isinstance(v, Mapping) for v in value.values())
    return isinstance(value, str)


def find_part(path: str, kind: type[Part], team: Team, wanted: object) -> Part | None:
    """The part, None where nothing is named. Raises `Invalid` at `path`."""
    if wanted is None:
        return None
    name, public_id = _read(path, wanted, {"name", "id"})
    found = _by_name(kind, team, name, public_id)
    if found is None:
        raise Invalid([Problem(path, _missing(kind, team, name or public_id))])
    return found


def find_version(team: Team, wanted: object) -> DatasetVersion | None:
    """The data set's version, the newest where none is said. `Reviews`, `Reviews v2` or `{name, version, id}`."""
    if wanted is None:
        return None
    name, public_id = _read("data", wanted, {"name", "version", "id"})
    number = wanted.get("version") if isinstance(wanted, Mapping) else None
    if number is not None and (isinstance(number, bool) or not isinstance(number, int)):
        raise Invalid([Problem("data.version", "A version is a whole number, such as 2.")])
    versions = DatasetVersion.objects.select_related("dataset").filter(dataset__team=team)
    dataset = Dataset.objects.filter(team=team, name=name).first() if name else None
    if dataset is None and isinstance(wanted, str) and (match := _VERSION.fullmatch(name)):
        dataset, number = Dataset.objects.filter(team=team, name=match["name"]).first(), int(match["number"])
    if dataset is None and public_id:
        exact = versions.filter(public_id=public_id).first()
        if exact is not None:
            return exact
        dataset = Dataset.objects.filter(team=team, public_id=public_id).first()
    if dataset is None:
        raise Invalid([Problem("data", _missing(Dataset, team, name or public_id))])
    own = versions.filter(dataset=dataset).order_by("-number")
    found = own.first() if number is None else own.filter(number=min(number, 2**31 - 1)).first()
    if found is None:
        there = short(", ".join(str(version.number) for version in own.reverse()))
        raise Invalid(
            [Problem("data.version", f"{dataset.name} has no version {number}: it has {there or 'none yet'}.")]
        )
    return found


def _read(path: str, wanted: object, keys: set[str]) -> tuple[str, str]:
    """Name and public id; a bare text may be either."""
    if isinstance(wanted, str) and wanted.strip():
        return wanted.strip(), wanted.strip()
    if not isinstance(wanted, Mapping):
        raise Invalid([Problem(path, REFERENCE)])
    unknown = sorted(str(key) for key in set(wanted) - keys)
    if unknown:
        raise Invalid([Problem(f"{path}.{key}", f"There is no field {key} here. {REFERENCE}") for key in unknown])
    for key in ("name", "id"):
        if key in wanted and not isinstance(wanted[key], str):
            raise Invalid([Problem(f"{path}.{key}", "Write a text here.")])
    name, public_id = str(wanted.get("name", "")).strip(), str(wanted.get("id", "")).strip()
    if not name and not public_id:
        raise Invalid([Problem(path, REFERENCE)])
    return name, public_id


def _by_name(kind: type[Part], team: Team, name: str, public_id: str) -> Part | None:
    things: Any = kind.objects.filter(team=team)
    found: Part | None = (things.filter(name=name).first() if name else None) or (
        things.filter(public_id=public_id).first() if public_id else None
    )
    return found


def _missing(kind: type[LibraryObject], team: Team, wanted: str) -> str:
    names: Iterable[str] = kind.objects.filter(team=team).values_list("name", flat=True)  # type: ignore[attr-defined]  # each of the three has a manager
    near = difflib.get_close_matches(wanted, names, 1)
    mend = f"is {near[0]} meant?" if near else "make it first, or name another one."
    return f"The team has no {WORDS[kind]} named {short(wanted)}: {mend}"
