"""Trained tokenizers, kept once for a team under the key of what they were trained on."""

from django.db import transaction

from runners.protocol.events import ModelFile
from sweeps.models import Job, StoredFolder
from sweeps.services.stored_files import check_files


def find_tokenizer(*, job: Job, key: str) -> tuple[ModelFile, ...] | None:
    """The files of the tokenizer under that key in the job's team, or None."""
    folder = StoredFolder.objects.filter(team_id=job.sweep.team_id, kind="tokenizer", key=key).first()
    return None if folder is None else _files(folder)


@transaction.atomic
def store_tokenizer(*, job: Job, key: str, files: tuple[ModelFile, ...]) -> tuple[ModelFile, ...]:
    """Keep the files under the key. The first writer wins: the answer holds the files that count.

    BadEvent when a file was not uploaded before.
    """
    check_files(team_id=job.sweep.team_id, files=files, path="files")
    folder, _ = StoredFolder.objects.get_or_create(
        team_id=job.sweep.team_id,
        kind="tokenizer",
        key=key,
        defaults={"files": [file.model_dump() for file in files]},
    )
    return _files(folder)


def _files(folder: StoredFolder) -> tuple[ModelFile, ...]:
    return tuple(ModelFile.model_validate(file) for file in folder.files)
