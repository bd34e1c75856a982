"""The best model, once its files are in the artifact store."""

from runners.protocol.events import ModelFile
from sweeps.models import Artifact, Attempt, Job, StoredFolder
from sweeps.services.refusals import BadEvent


def save_model(*, job: Job, attempt: Attempt, files: tuple[ModelFile, ...], path: str) -> StoredFolder:
    """Make the files the sweep's model. BadEvent at `path` when one of them was not uploaded, or has another size."""
    sweep = job.sweep
    sizes = dict(
        Artifact.objects.filter(team_id=sweep.team_id, sha256__in=[file.sha256 for file in files]).values_list(
            "sha256", "size"
        )
    )
    names: set[str] = set()
    for index, file in enumerate(files):
        where = f"{path}.files.{index}"
        if sizes.get(file.sha256) != file.size:
            raise BadEvent(where, f"{file.path} is not in the artifact store with {file.size} bytes. Upload it first.")
        if file.path in names:
            raise BadEvent(f"{where}.path", f"{file.path} is listed twice.")
        names.add(file.path)
    if not files:
        raise BadEvent(f"{path}.files", "a model has at least one file.")
    folder, _ = StoredFolder.objects.update_or_create(
        team_id=sweep.team_id,
        kind="model",
        key=f"{sweep.public_id}-{attempt.trial.number}-{attempt.index}",
        defaults={"files": [file.model_dump() for file in files]},
    )
    sweep.model_folder = folder
    sweep.model_trial = attempt.trial
    sweep.save(update_fields=["model_folder", "model_trial"])
    return folder
