"""Models and search spaces of the library: made, changed, taken away."""

from django.db import IntegrityError, transaction

from runners.protocol.space import SearchSpace as Space
from runners.protocol.spec import ConfigModel, ModelSource, ProcessorSource
from sweeps.models import Model, SearchSpace, Sweep
from sweeps.models.library import LibraryObject
from sweeps.validation.model import check_model
from sweeps.validation.naming import MAX_NAME, check_name
from sweeps.validation.problems import Invalid, Problem, refuse
from sweeps.validation.space import check_space
from teams.models import Team, User


def save_model(
    *,
    team: Team,
    user: User | None,
    name: str,
    task: str,
    source: ModelSource,
    processor: ProcessorSource,
    description: str = "",
    model: Model | None = None,
) -> Model:
    """Make a model, or change `model`. Raises `Invalid`.

    Sweeps that have started keep their frozen spec; drafts follow the change.
    """
    refuse([*check_name(Model, team, name, model), *check_model(task, source, processor)])
    found = model or Model(team=team, created_by=user)
    found.name = name.strip()
    found.description = description.strip()
    found.task = task
    found.source = _source_json(source)
    found.processor = processor.model_dump(mode="json")
    _save(found)
    return found


def save_space(
    *,
    team: Team,
    user: User | None,
    name: str,
    parameters: Space,
    task: str = "",
    description: str = "",
    space: SearchSpace | None = None,
) -> SearchSpace:
    """Make a search space, or change `space`. Raises `Invalid`. An empty `task` is any task."""
    checked, problems = check_space(parameters, task=task)
    refuse([*check_name(SearchSpace, team, name, space), *problems])
    found = space or SearchSpace(team=team, created_by=user)
    found.name = name.strip()
    found.description = description.strip()
    found.task = task
    found.space = (checked or parameters).model_dump(mode="json")
    _save(found)
    return found


def copy_space(*, space: SearchSpace, user: User | None) -> SearchSpace:
    """The same space once more, under the first free name "… (copy)", "… (copy 2)" …"""
    taken = set(SearchSpace.objects.filter(team=space.team).values_list("name", flat=True))
    suffixes = (" (copy)" if count == 1 else f" (copy {count})" for count in range(1, len(taken) + 2))
    names = (f"{space.name[: MAX_NAME - len(suffix)]}{suffix}" for suffix in suffixes)
    copy = SearchSpace(
        team=space.team,
        created_by=user,
        name=next(name for name in names if name not in taken),
        description=space.description,
        task=space.task,
        space=space.space,
    )
    _save(copy)
    return copy


def delete_part(*, part: Model | SearchSpace) -> None:
    """Take a model or a search space away. Started sweeps keep what they were frozen with; drafts lose the choice."""
    part.delete()


def draft_users(part: Model | SearchSpace) -> int:
    """How many drafts use the part: they would lose it."""
    field = "model" if isinstance(part, Model) else "space"
    return Sweep.objects.filter(**{field: part, "state": "draft"}).count()


def _source_json(source: ModelSource) -> dict[str, object]:
    data: dict[str, object] = source.model_dump(mode="json")
    if isinstance(source, ConfigModel):
        data["fields"] = dict(sorted(source.fields.items()))
    return data


def _save(thing: LibraryObject) -> None:
    try:
        with transaction.atomic():
            thing.save()
    except IntegrityError:  # Somebody of the team took the name between the check and this line.
        raise Invalid([Problem("name", f"The team has {thing.name!r} already. Choose another name.")]) from None
