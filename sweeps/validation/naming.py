"""Names of things of a team."""

from sweeps.models import Dataset, Model, SearchSpace
from sweeps.models.library import LibraryObject
from sweeps.validation.problems import Problem
from teams.models import Team

MAX_NAME = 100


def check_name(
    kind: type[Model] | type[Dataset] | type[SearchSpace], team: Team, name: str, own: LibraryObject | None = None
) -> list[Problem]:
    """A library object's name: not empty, not too long, once a team. `own` is the object that may keep its name."""
    problems = check_label(name)
    if not problems:
        others = kind.objects.filter(team=team, name=name.strip())
        if own is not None:
            others = others.exclude(pk=own.pk)
        if others.exists():
            problems.append(Problem("name", f"The team has {name.strip()!r} already. Choose another name."))
    return problems


def check_label(name: str) -> list[Problem]:
    """A name as such: not empty, on one line, without control characters."""
    text = name.strip()
    if not text:
        return [Problem("name", "Give it a name.")]
    if len(text) > MAX_NAME:
        return [Problem("name", f"The name has {len(text)} characters; shorten it to {MAX_NAME}.")]
    if not text.isprintable():
        return [Problem("name", "The name has characters that can't be shown; type it anew.")]
    return []
