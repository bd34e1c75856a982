"""Objects of the library as JSON. Times are ISO 8601 in UTC."""

from typing import Any

from typing_extensions import TypedDict

from sweeps.models import Dataset, DatasetVersion, Model, SearchSpace
from sweeps.models.library import LibraryObject
from sweeps.queries.rows import iso


class ShownObject(TypedDict):
    """What all have. `owner`: the email address of who made it. `team`: its public id."""

    id: str
    name: str
    description: str
    task: str
    team: str
    owner: str | None
    created_at: str | None
    updated_at: str | None


class ShownModel(ShownObject):
    """`source`, `processor`: as they were given."""

    source: dict[str, Any]
    processor: dict[str, Any]


class ShownSpace(ShownObject):
    """An empty `task` is any. `space`: `{"parameters", "derived", …}`."""

    space: dict[str, Any]


class ShownVersion(TypedDict):
    """An immutable version of a data set. `summary`: rows and labels of both splits, empty where a runner loads the data.

    `spec` is what a sweep's frozen spec has, `origin` how it was made.
    """

    id: str
    dataset: str
    number: int
    digest: str
    spec: dict[str, Any]
    origin: dict[str, Any]
    summary: dict[str, Any]
    created_at: str | None


class ShownPreview(ShownVersion):
    """With the first rows of each split."""

    preview: list[dict[str, Any]]


class ShownDataset(ShownObject):
    """`versions`: the newest first."""

    versions: list[ShownVersion]


class ModelPage(TypedDict):
    """`next`: what `after` takes for the next page; null at the end."""

    models: list[ShownModel]
    next: str | None


class SpacePage(TypedDict):
    """`next`: what `after` takes for the next page; null at the end."""

    spaces: list[ShownSpace]
    next: str | None


class DatasetPage(TypedDict):
    """`next`: what `after` takes for the next page; null at the end."""

    datasets: list[ShownDataset]
    next: str | None


def shown_model(model: Model) -> ShownModel:
    return {**_shown(model, model.task), "source": model.source, "processor": model.processor}


def shown_space(space: SearchSpace) -> ShownSpace:
    return {**_shown(space, space.task), "space": space.space}


def shown_dataset(dataset: Dataset) -> ShownDataset:
    """With `versions` prefetched, no further query."""
    versions = [shown_version(version) for version in dataset.versions.all()]
    return {**_shown(dataset, dataset.task), "versions": versions}


def shown_version(version: DatasetVersion) -> ShownVersion:
    return {
        "id": version.public_id,
        "dataset": version.dataset.public_id,
        "number": version.number,
        "digest": version.digest,
        "spec": version.spec,
        "origin": version.origin,
        "summary": version.summary,
        "created_at": iso(version.created_at),
    }


def _shown(thing: LibraryObject, task: str) -> ShownObject:
    return {
        "id": thing.public_id,
        "name": thing.name,
        "description": thing.description,
        "task": task,
        "team": thing.team.public_id,
        "owner": thing.created_by.email if thing.created_by else None,
        "created_at": iso(thing.created_at),
        "updated_at": iso(thing.updated_at),
    }
