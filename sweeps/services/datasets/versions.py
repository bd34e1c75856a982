"""Versions of a data set, made and kept."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction

from runners.protocol.spec import ArtifactData, DataSource, FileRef
from sweeps.models import Artifact, Dataset, DatasetVersion
from sweeps.services.artifacts import store_file, upload_dir
from sweeps.services.datasets.canonical import CanonicalRows, Written, version_digest, write_rows
from sweeps.validation.naming import check_name
from sweeps.validation.problems import Invalid, Problem, refuse
from teams.models import Team, User


def create_dataset(*, team: Team, user: User | None, name: str, task: str, description: str = "") -> Dataset:
    """Make a data set without versions. Raises `Invalid` for a name that is no name or is taken."""
    refuse(check_name(Dataset, team, name))
    return _save(Dataset(team=team, created_by=user, task=task), name, description)


def rename_dataset(*, dataset: Dataset, name: str, description: str) -> Dataset:
    """Change what a data set is called. Raises `Invalid`. Versions and sweeps are not touched."""
    refuse(check_name(Dataset, dataset.team, name, dataset))
    return _save(dataset, name, description)


@dataclass(frozen=True)
class NewVersion:
    """What a version is, before it belongs to a data set."""

    digest: str
    spec: DataSource
    preview: list[dict[str, Any]]
    summary: dict[str, Any]
    artifacts: tuple[Artifact, ...] = ()


def write_version(*, team: Team, rows: CanonicalRows) -> NewVersion:
    """Write the rows as two artifacts. Slow for large data, so not in a transaction; raises what reading the rows raises."""
    with tempfile.TemporaryDirectory(prefix="version-", dir=upload_dir()) as folder:
        written = write_rows(rows, Path(folder))
        train = store_file(team=team, path=written.train, move=True)
        evaluation = store_file(team=team, path=written.eval, move=True)
    spec = ArtifactData(
        digest=version_digest(train=train.sha256, evaluation=evaluation.sha256, labels=rows.labels),
        train=_reference(train, written, "train"),
        eval=_reference(evaluation, written, "eval"),
        labels=rows.labels,
        columns=tuple(rows.schema.names),
    )
    return NewVersion(spec.digest, spec, written.preview, written.summary(rows.labels), (train, evaluation))


@transaction.atomic
def keep_version(
    *, dataset: Dataset, user: User | None, version: NewVersion, origin: Mapping[str, Any]
) -> DatasetVersion:
    """The data set's version with that digest: the one that is there, or a new one with the next number."""
    Dataset.objects.select_for_update().get(pk=dataset.pk)
    known = dataset.versions.filter(digest=version.digest).first()
    if known:
        return known
    last = dataset.versions.order_by("-number").values_list("number", flat=True).first()
    kept = DatasetVersion.objects.create(
        dataset=dataset,
        number=(last or 0) + 1,
        digest=version.digest,
        spec=version.spec.model_dump(mode="json"),
        origin=dict(origin),
        preview=version.preview,
        summary=version.summary,
        created_by=user,
    )
    kept.artifacts.set(version.artifacts)
    dataset.save(update_fields=["updated_at"])
    return kept


def _reference(artifact: Artifact, written: Written, split: str) -> FileRef:
    return FileRef(sha256=artifact.sha256, size=artifact.size, rows=written.rows[split])


def _save(dataset: Dataset, name: str, description: str) -> Dataset:
    dataset.name = name.strip()
    dataset.description = description.strip()
    try:
        with transaction.atomic():
            dataset.save()
    except IntegrityError:
        # Somebody of the team took the name between the check and this line.
        raise Invalid([Problem("name", f"The team has {dataset.name!r} already. Choose another name.")]) from None
    return dataset
