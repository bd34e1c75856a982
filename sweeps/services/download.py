"""The best model as one file: what `from_pretrained` reads, and a model card."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.text import slugify
from zipstream import ZIP_STORED, ZipStream

from sweeps.models import Artifact, Sweep
from sweeps.services.artifacts import open_artifact
from sweeps.services.model_card import model_card
from sweeps.services.streaming import BLOCK

CARD = "README.md"


@dataclass(frozen=True)
class Archive:
    """A zip that is made while it is sent. `size` in bytes."""

    filename: str
    size: int
    chunks: Iterator[bytes]


def model_archive(sweep: Sweep) -> Archive | None:
    """The sweep's saved model as a zip, or None while there is none.

    Weights hardly compress, so the files are stored as they are; the size is known before the first byte.
    """
    folder, trial = sweep.model_folder, sweep.model_trial
    if folder is None or trial is None:
        return None
    name = f"{slugify(sweep.name) or 'sweep'}-trial-{trial.number}"
    artifacts = Artifact.objects.filter(team_id=sweep.team_id, sha256__in=[file["sha256"] for file in folder.files])
    by_hash = {artifact.sha256: artifact for artifact in artifacts}
    archive = ZipStream(compress_type=ZIP_STORED, sized=True)
    archive.add(model_card(sweep, trial), f"{name}/{CARD}")
    for file in folder.files:
        if file["path"] != CARD:
            artifact = by_hash[file["sha256"]]
            archive.add(_blocks(artifact), f"{name}/{file['path']}", size=artifact.size)
    return Archive(f"{name}.zip", len(archive), iter(archive))


def _blocks(artifact: Artifact) -> Iterator[bytes]:
    with open_artifact(artifact) as file:
        yield from file.chunks(BLOCK)
