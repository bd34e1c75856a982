"""An uploaded file becomes a data set version."""

from collections.abc import Mapping as Facts
from typing import Any

from django.db import transaction

from sweeps.models import Dataset, DatasetVersion, Upload
from sweeps.services.artifacts import local_file
from sweeps.services.datasets.mapping import Mapped, Mapping, apply_mapping
from sweeps.services.datasets.problems import BadData
from sweeps.services.datasets.readers import open_rows
from sweeps.services.datasets.table import Table, open_table, write_table
from sweeps.services.datasets.versions import create_dataset, keep_version, write_version
from sweeps.services.uploads import table_path
from sweeps.validation.naming import check_name
from sweeps.validation.problems import refuse
from teams.models import User


def load_table(*, upload: Upload) -> Table:
    """The rows of a finished upload; read from the file the first time, from the cache afterwards. Raises `BadData`."""
    if upload.artifact is None:
        raise BadData("The upload is not complete. Upload the file again.", field="file")
    path = table_path(upload)
    try:
        return open_table(path)
    except (FileNotFoundError, ValueError):
        with local_file(upload.artifact) as source:
            return write_table(open_rows(source, upload.filename), path)


def map_upload(*, upload: Upload, mapping: Mapping, eval_upload: Upload | None = None) -> Mapped:
    """What the mapping makes of the upload, not yet kept. Raises `BadData`."""
    table = load_table(upload=upload)
    if eval_upload is None or mapping.split.by != "file":
        return apply_mapping(table, mapping)
    try:
        evaluation = load_table(upload=eval_upload)
    except BadData as error:
        raise BadData(error.message, field="eval_file") from None
    return apply_mapping(table, mapping, evaluation)


def create_upload_version(
    *,
    user: User,
    upload: Upload,
    mapping: Mapping,
    eval_upload: Upload | None = None,
    dataset: Dataset | None = None,
    name: str = "",
    description: str = "",
) -> DatasetVersion:
    """Keep what the mapping makes of the upload: as the next version of `dataset`, or as a new data set's first.

    Raises `BadData` for the data and `Invalid` for the name. The upload stays, so that another mapping can be tried.
    """
    if dataset is None:
        # Before the work, not after it.
        refuse(check_name(Dataset, upload.team, name))
    mapped = map_upload(upload=upload, mapping=mapping, eval_upload=eval_upload)
    if dataset is not None and dataset.task != mapped.task:
        raise BadData(
            f"The data set is for {dataset.get_task_display().lower()}, and this file is for "
            f"{mapped.task.replace('-', ' ')}. Make a new data set of it.",
            field="file",
        )
    version = write_version(team=upload.team, rows=mapped.rows())
    with transaction.atomic():
        kept_in = dataset or create_dataset(
            team=upload.team, user=user, name=name, task=mapped.task, description=description
        )
        origin = _origin(upload, mapping, eval_upload, mapped)
        return keep_version(dataset=kept_in, user=user, version=version, origin=origin)


def _origin(upload: Upload, mapping: Mapping, eval_upload: Upload | None, mapped: Mapped) -> Facts[str, Any]:
    return {
        "source": "upload",
        "file": _file(upload),
        "layout": mapping.layout,
        "columns": mapping.chosen,
        "drop_incomplete": mapping.drop_incomplete,
        "dropped": mapped.dropped,
        "left_out": mapped.left_out,
        "split": mapping.split.facts()
        | ({"file": _file(eval_upload)} if eval_upload and mapping.split.by == "file" else {}),
    }


def _file(upload: Upload) -> dict[str, Any]:
    return {"name": upload.filename, "size": upload.size, "sha256": upload.artifact.sha256 if upload.artifact else ""}
